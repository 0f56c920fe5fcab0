"""HTTP of submissions as Excel workbooks: a filled form becomes a draft, a draft is handed out as a form."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter, ValidationError

from services.api.access.callers import Somebody
from services.api.forms.types import RecordType
from services.api.forms.workbook import read, write
from services.api.forms.workbook.answers import CellFault, Reading
from services.api.kit.preconditions import IfMatch, expected_version
from services.api.kit.schema import Language, Slug
from services.api.kit.sessions import ReadSession, WriteSession
from services.api.records.questionnaires import TypeQuery
from services.api.records.schemas import Translations
from services.api.records.workbooks import MEDIA_TYPE, FormQuery, WorkbookAnswer, answer
from services.api.submissions import service, workflow
from services.api.submissions.endpoints import SubmissionId, shown
from services.api.submissions.schemas import SubmissionCreate, SubmissionRead, SubmissionWrite
from services.api.types import TYPES
from services.api.vocabularies.terms import spoken
from services.web.problems import Conflict, Fault, Invalid, NotFound, responses

router = APIRouter(prefix="/api/v1/submissions", tags=["submissions"])

TAKEN = (MEDIA_TYPE, "application/octet-stream")
_TRANSLATIONS = TypeAdapter[Any](Translations)
_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
}


async def _workbook(request: Request) -> bytes:
    sent = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if sent not in TAKEN:
        message = "not an Excel workbook: send the file itself as the body"
        raise Invalid([Fault(location="header", field="Content-Type", message=message, value=sent, allowed=[*TAKEN])])
    return await request.body()


@router.post(
    "/import",
    status_code=201,
    response_model=SubmissionRead,
    responses=responses(400, 401, 403, 404, 408, 409, 412, 413, 422, 428)
    | {200: {"model": SubmissionRead, "description": "The answers are saved in the submission that was named"}},
    openapi_extra=_BODY,
)
def import_submission_workbook(
    session: WriteSession,
    caller: Somebody,
    workbook: Annotated[bytes, Depends(_workbook)],
    type: TypeQuery,
    submission: Annotated[UUID | None, Query(description="Draft to save the answers in; else a new one begins")] = None,
    owner: Annotated[Slug | None, Query(description="Authority whose case a new draft is, by slug or id")] = None,
    if_match: IfMatch = None,
) -> Response:
    """Begin or save a draft from a filled form; when something cannot be taken up, all of it is listed by cell."""
    found = service.find(session, submission, caller) if submission else None
    version = expected_version(if_match) if found else 0
    reading = read((TYPES[found.type] if found else type).form, workbook)
    if reading.faults:
        raise Invalid([_fault(one) for one in reading.faults])
    if found is not None:
        body = SubmissionWrite(content=reading.content, translations=reading.translations)
        saved = service.save(session, caller, found, body, version)
        return shown(session, caller, saved)
    _refuse_double(session, caller, reading)
    begun = SubmissionCreate(type=type.name, content=reading.content, translations=reading.translations, owner=owner)
    return shown(session, caller, workflow.begin(session, caller, begun), created=True)


@router.get("/{submission:uuid}/workbook.xlsx", response_class=WorkbookAnswer, responses=responses(401, 404, 409, 422))
def download_submission_workbook(
    submission: SubmissionId,
    session: ReadSession,
    caller: Somebody,
    lang: Annotated[Language | None, Query(description="Language of the form; English where there is none")] = None,
    form: FormQuery = "full",
) -> Response:
    """A submission's answers in the form, to go on with them in Excel."""
    found = service.find(session, submission, caller)
    type, who = TYPES[found.type], service.parts(caller, found)
    content, given = service.answers(type, who, service.seen(session, who, found))
    translations = _fit_for_cells(type, content, given)
    workbook = write(type.form, content, spoken(lang or "en"), translations=translations, id=str(found.id), extent=form)
    file = answer(workbook, f"praxis-{found.id}.xlsx")
    file.headers["Cache-Control"] = "no-store"
    return file


def _refuse_double(session: WriteSession, caller: Somebody, reading: Reading) -> None:
    """Refuse to begin a second draft from the form of one that there is: somebody forgot to name it."""
    try:
        known = service.find(session, UUID(reading.id or ""), caller)
    except (ValueError, NotFound):
        return
    raise Conflict(
        f"This is the form of the submission {known.id}: hand it in with submission={known.id} and If-Match, or clear "
        "the id on its first sheet to begin another case"
    )


def _fit_for_cells(type: RecordType, content: dict[str, Any], translations: dict[str, Any]) -> Any:
    """Return translations as the form takes them; raise `Conflict` for answers of kinds that no cell can hold."""
    findings = [one for one in type.form.examine(content).findings if one.kind != "missing"]
    faults = [Fault(location="questionnaire", field=one.path, message=one.message) for one in findings]
    try:
        _TRANSLATIONS.validate_python(translations)
    except ValidationError:
        faults.append(Fault(location="questionnaire", field="translations", message="not in their shape"))
    if faults:
        raise Conflict("Correct these answers first: the form has no place for them as they are", errors=faults)
    return translations


def _fault(one: CellFault) -> Fault:
    place = f"{one.sheet}!{one.cell}" if one.cell else one.sheet
    message = f"question {one.question}: {one.message}" if one.question else one.message
    return Fault(location="workbook", field=place, message=message, allowed=one.allowed)
