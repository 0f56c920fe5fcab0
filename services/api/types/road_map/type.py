"""The road map: what makes it a record type."""

from pathlib import Path

from services.api.forms.catalogue import RECORD
from services.api.forms.form import Form
from services.api.forms.types import RecordType, StepKind
from services.api.types.road_map.content import RoadMapContent
from services.api.types.road_map.rules import RULES
from services.api.types.unreviewed import OFFICE, WORKFLOW

FORM = Form(
    model=RoadMapContent,
    sections={"about": "1", "people": "2", "plan": "3", "budget": "4", "outcome": "5", RECORD: "R"},
    short=("1.1", "1.2", "1.3", "1.4", "1.7", "2.1", "3.1", "3.2", "4.1"),
    rules=RULES,
    folder=Path(__file__).parent / "wording",
)

TYPE = RecordType(
    name="road-map",
    plural="road-maps",
    form=FORM,
    title="about.title",
    summary="about.summary",
    workflow=WORKFLOW,
    rendering=1,
    tiers=("network",),
    steps=(
        StepKind("begun", OFFICE, "plan.activities"),
        StepKind("done", OFFICE, "plan.activities"),
        StepKind("dropped", OFFICE, "plan.activities"),
    ),
)
