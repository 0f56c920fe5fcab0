"""A second type, beside the practice: the smallest that has all that a type may have."""

from pathlib import Path

from services.api.forms.catalogue import RECORD
from services.api.forms.form import Form
from services.api.forms.rules import Rule, filled_fields
from services.api.forms.types import OWNER, Derived, PartyPart, RecordType, StepKind
from tests.harness.types.pledge.content import Pledge
from tests.harness.types.pledge.workflow import OFFICE, WORKFLOW

FORM = Form(
    model=Pledge,
    sections={"promise": "1", "plan": "2", RECORD: "R"},
    short=("1.1", "2.1"),
    rules=(Rule("filled-fields", ("R.3",), "References name fields that are filled.", filled_fields),),
    folder=Path(__file__).parent / "wording",
)

TYPE = RecordType(
    name="pledge",
    plural="pledges",
    form=FORM,
    title="promise.title",
    summary="promise.summary",
    workflow=WORKFLOW,
    rendering=2,
    tiers=("network",),
    parties=(PartyPart("partner", "promise.partner"),),
    readers=frozenset((OWNER, "partner")),
    steps=(
        StepKind("done", OFFICE | {"partner"}, "plan.actions", ("in-time", "late")),
        StepKind("kept", OFFICE),
    ),
    derived=(Derived("action", "plan.actions"),),
)
