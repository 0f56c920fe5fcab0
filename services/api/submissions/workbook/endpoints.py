"""HTTP of the form, empty and filled with a practice; filled ones come in with the submissions."""

from functools import cache, partial
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Query, Request, Response

from services.api.access.callers import Anybody
from services.api.access.service import Caller
from services.api.kit.preconditions import set_version
from services.api.kit.schema import Language
from services.api.kit.sessions import database_of
from services.api.practices import service as practices
from services.api.practices.endpoints import MOVED, PracticeId, moved
from services.api.questionnaire.catalogue import Tier
from services.api.questionnaire.wording import spoken
from services.api.submissions.workbook.writing import write
from services.web.problems import responses

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

router = APIRouter(prefix="/api/v1")

_AT_ONCE = CapacityLimiter(2)
"""Forms filled for anybody at once: each takes a tenth of a second of computing. Others wait, and hold no thread."""

Lang = Annotated[Language | None, Query(description="Language of the form; English where there is none")]
Asked = Annotated[Tier, Query(description="The form whose questions are wanted")]


class WorkbookAnswer(Response):
    """An Excel workbook."""

    media_type = MEDIA_TYPE


@router.get("/questionnaire.xlsx", tags=["questionnaire"], response_class=WorkbookAnswer, responses=responses(422))
def download_questionnaire(lang: Lang = None, tier: Asked = "full") -> Response:
    """The questionnaire as an Excel workbook, to be filled in and handed in."""
    language = spoken(lang or "en")
    return answer(_empty(language, tier), f"praxis-{tier}-{language}.xlsx")


@cache
def _empty(lang: str, tier: Tier) -> bytes:
    return write(None, lang, tier=tier)


@router.get(
    "/practices/{practice}/workbook.xlsx",
    tags=["practices"],
    response_class=WorkbookAnswer,
    responses=responses(401, 404, 422) | MOVED,
)
async def download_practice(
    request: Request, practice: PracticeId, caller: Anybody, lang: Lang = None, tier: Asked = "full"
) -> Response:
    """A practice as the filled form: its public revision, or the latest one for those who see drafts."""
    return await to_thread.run_sync(partial(_filled, request, practice, caller, lang, tier), limiter=_AT_ONCE)


def _filled(request: Request, practice: str, caller: Caller | None, lang: str | None, tier: Tier) -> Response:
    with database_of(request).transaction(write=False) as session:
        seen = practices.view(session, practice, caller)
        found = seen.practice
        if (elsewhere := moved(request, practice, found, "/workbook.xlsx")) is not None:
            return elsewhere
        shown, _ = practices.revision(session, seen, seen.number)
    form = write(
        shown.content,
        spoken(lang or "en"),
        translations=shown.translations,
        external_id=found.external_id if seen.drafts else None,
        tier=tier,
    )
    file = answer(form, f"praxis-{found.slug or found.id}.xlsx")
    if seen.drafts:
        set_version(file, found.version)
    return file


def answer(workbook: bytes, name: str) -> WorkbookAnswer:
    """Return a workbook as a file to be saved; its name must be plain ASCII without quotes."""
    return WorkbookAnswer(workbook, headers={"Content-Disposition": f'attachment; filename="{name}"'})
