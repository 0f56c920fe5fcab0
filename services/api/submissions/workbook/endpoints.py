"""HTTP of the empty form; filled ones come in with the submissions."""

from functools import cache
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.api.kit.schema import Language
from services.api.questionnaire.catalogue import Tier
from services.api.questionnaire.wording import spoken
from services.api.submissions.workbook.writing import write
from services.web.problems import responses

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

router = APIRouter(prefix="/api/v1", tags=["questionnaire"])


class WorkbookAnswer(Response):
    """An Excel workbook."""

    media_type = MEDIA_TYPE


@router.get("/questionnaire.xlsx", response_class=WorkbookAnswer, responses=responses(422))
def download_questionnaire(
    lang: Annotated[Language | None, Query(description="Language of the form; English where there is none")] = None,
    tier: Annotated[Tier, Query(description="The form whose questions are wanted")] = "full",
) -> Response:
    """The questionnaire as an Excel workbook, to be filled in and handed in."""
    language = spoken(lang or "en")
    return answer(_empty(language, tier), f"praxis-{tier}-{language}.xlsx")


@cache
def _empty(lang: str, tier: Tier) -> bytes:
    return write(None, lang, tier=tier)


def answer(workbook: bytes, name: str) -> WorkbookAnswer:
    """Return a workbook as a file to be saved; its name must be plain ASCII without quotes."""
    return WorkbookAnswer(workbook, headers={"Content-Disposition": f'attachment; filename="{name}"'})
