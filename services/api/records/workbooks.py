"""HTTP of filled forms: a record as an Excel workbook; the empty ones are with the questionnaires."""

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Query, Request, Response

from services.api.access.callers import Anybody, Somebody
from services.api.forms.catalogue import Extent
from services.api.forms.types import RecordType
from services.api.forms.workbook import write
from services.api.kit.preconditions import set_version
from services.api.kit.schema import Language
from services.api.kit.sessions import ReadSession, database_of
from services.api.records import service
from services.api.records.endpoints import MOVED, PREFIX, moved, parameter, record_id
from services.api.records.repository import View
from services.api.vocabularies.terms import spoken
from services.web.problems import responses

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_AT_ONCE = CapacityLimiter(2)
"""Forms filled for anybody at once: each takes a tenth of a second of computing. Others wait, and hold no thread."""

Lang = Annotated[Language | None, Query(description="Language of the form; English where there is none")]
FormQuery = Annotated[Extent, Query(alias="form", description="The form whose questions are wanted")]


class WorkbookAnswer(Response):
    """An Excel workbook."""

    media_type = MEDIA_TYPE


def router(type: RecordType) -> APIRouter:
    """Return the addresses of a type's filled forms."""
    routes = APIRouter(prefix=f"{PREFIX}/{type.plural}", tags=[type.plural])
    one, name = f"/{{{parameter(type)}}}", parameter(type)
    if TYPE_CHECKING:
        Id: TypeAlias = str
    else:
        Id = record_id(type)

    @routes.get(
        f"{one}/workbook.xlsx",
        name=f"download_{name}_workbook",
        response_class=WorkbookAnswer,
        responses=responses(401, 404, 422) | MOVED,
    )
    async def download(
        request: Request, record: Id, caller: Anybody, lang: Lang = None, form: FormQuery = "full"
    ) -> Response:
        """A record as the filled form: its public revision."""
        return await to_thread.run_sync(partial(_public, request, type, record, lang, form), limiter=_AT_ONCE)

    @routes.get(
        f"{one}/latest/workbook.xlsx",
        name=f"download_latest_{name}_workbook",
        response_class=WorkbookAnswer,
        responses=responses(401, 403, 404, 422),
    )
    def download_latest(
        record: Id, session: ReadSession, caller: Somebody, lang: Lang = None, form: FormQuery = "full"
    ) -> Response:
        """The latest revision as the filled form, for the secretariat and the officers whose own it is."""
        found = service.edited(session, type, record, caller)
        seen = View(found, True, found.latest_revision)
        file = _filled(type, seen, service.shown(session, seen, seen.number), lang, form)
        set_version(file, found.version)
        return file

    return routes


def _public(request: Request, type: RecordType, name: str, lang: str | None, extent: Extent) -> Response:
    with database_of(request).transaction(write=False) as session:
        seen = service.view(session, type, name, None)
        if (elsewhere := moved(request, type, name, seen.record, "/workbook.xlsx")) is not None:
            return elsewhere
        shown = service.shown(session, seen, seen.number)
    return _filled(type, seen, shown, lang, extent)


def _filled(type: RecordType, seen: View, shown: dict[str, Any], lang: str | None, extent: Extent) -> WorkbookAnswer:
    form = write(
        type.form,
        shown["content"],
        spoken(lang or "en"),
        translations=shown["translations"],
        external_id=seen.record.external_id if seen.drafts else None,
        extent=extent,
    )
    return answer(form, f"praxis-{seen.record.slug or seen.record.id}.xlsx")


def answer(workbook: bytes, name: str) -> WorkbookAnswer:
    """Return a workbook as a file to be saved; its name must be plain ASCII without quotes."""
    return WorkbookAnswer(workbook, headers={"Content-Disposition": f'attachment; filename="{name}"'})
