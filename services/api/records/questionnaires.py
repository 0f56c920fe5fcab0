"""HTTP of questionnaires: everybody reads what is asked of each type, whoever has a key may have a draft examined."""

from functools import cache
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from services.api.access.callers import Somebody
from services.api.forms import service
from services.api.forms.catalogue import Extent
from services.api.forms.schemas import DraftCheck, FormName, FormRead, QuestionnaireRead, ReportRead
from services.api.forms.types import RecordType
from services.api.forms.workbook import write
from services.api.kit.schema import Language
from services.api.kit.sessions import ReadSession
from services.api.records import forms, names
from services.api.records.workbooks import FormQuery, Lang, WorkbookAnswer, answer
from services.api.types import TYPES, default
from services.api.vocabularies.terms import spoken
from services.web.problems import Fault, Invalid, responses

router = APIRouter(prefix="/api/v1", tags=["questionnaire"])


def chosen(
    type: Annotated[str | None, Query(max_length=40, description="Type of record; by default practices")] = None,
) -> RecordType:
    """Return a type by its name, the first one without a name; raise `Invalid` for one that there is not."""
    if type is None:
        return default()
    if type not in TYPES:
        fault = Fault(location="query", field="type", message="there is no such type", value=type, allowed=[*TYPES])
        raise Invalid([fault])
    return TYPES[type]


TypeQuery = Annotated[RecordType, Depends(chosen)]
"""The type of record that a request names, the first one where it names none."""


@router.get("/questionnaire", response_model=QuestionnaireRead, responses=responses(422))
def read_questionnaire(
    type: TypeQuery,
    lang: Annotated[
        Language | None, Query(description="Language of labels and help; English where there is none")
    ] = None,
    form: FormQuery = "full",
) -> Response:
    """The questionnaire: its questions with what a form needs to ask them, its rules, and its JSON Schema."""
    return Response(service.shown(type.form, lang, form), media_type="application/json")


@router.get("/forms", response_model=list[FormName], responses=responses())
def list_forms() -> list[dict[str, object]]:
    """The forms, one for each type of record."""
    return forms.names()


@router.get("/forms/{name}", response_model=FormRead, responses=responses(404, 422))
def read_form(name: Annotated[str, Path(max_length=80, description="Type of record")]) -> Response:
    """What is asked in records of a type, in all languages, as the change feed holds it too."""
    return Response(forms.read(name), media_type="application/json")


@router.post("/questionnaire/check", response_model=ReportRead, responses=responses(400, 401, 408, 413, 422))
def check_draft(type: TypeQuery, caller: Somebody, session: ReadSession, body: DraftCheck) -> dict[str, object]:
    """Tell what a draft still needs before it can be submitted; nothing is kept of it."""
    report = service.checked(type.form, body.content, names.known(session))
    return {"ready": report.ready, "completeness": report.completeness.shown(), "findings": report.findings}


@router.get("/questionnaire.xlsx", response_class=WorkbookAnswer, responses=responses(422))
def download_questionnaire(type: TypeQuery, lang: Lang = None, form: FormQuery = "full") -> Response:
    """The questionnaire as an Excel workbook, to be filled in and handed in."""
    language = spoken(lang or "en")
    return answer(_empty(type, language, form), f"praxis-{form}-{language}.xlsx")


@cache
def _empty(type: RecordType, lang: str, extent: Extent) -> bytes:
    return write(type.form, None, lang, extent=extent)
