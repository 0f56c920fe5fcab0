"""HTTP of the questionnaire: everybody reads it, whoever has a key may have a draft examined."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.api.access.callers import Somebody
from services.api.forms import service
from services.api.forms.form import Tier
from services.api.forms.schemas import DraftCheck, QuestionnaireRead, ReportRead
from services.api.kit.schema import Language
from services.web.problems import responses

router = APIRouter(prefix="/api/v1/questionnaire", tags=["questionnaire"])


@router.get("", response_model=QuestionnaireRead, responses=responses(422))
def read_questionnaire(
    lang: Annotated[
        Language | None, Query(description="Language of labels and help; English where there is none")
    ] = None,
    tier: Annotated[Tier, Query(description="The form whose questions are wanted")] = "full",
) -> Response:
    """The questionnaire: its questions with what a form needs to ask them, its rules, and its JSON Schema."""
    return Response(service.shown(lang, tier), media_type="application/json")


@router.post("/check", response_model=ReportRead, responses=responses(400, 401, 408, 413, 422))
def check_draft(caller: Somebody, body: DraftCheck) -> dict[str, object]:
    """Tell what a draft still needs before it can be submitted; nothing is kept of it."""
    report = service.checked(body.content)
    return {"ready": report.ready, "completeness": vars(report.completeness), "findings": report.findings}
