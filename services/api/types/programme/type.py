"""The programme: what makes it a record type."""

from pathlib import Path

from services.api.forms.catalogue import RECORD
from services.api.forms.form import Form
from services.api.forms.types import RecordType
from services.api.types.programme.content import ProgrammeContent
from services.api.types.programme.rules import RULES
from services.api.types.unreviewed import WORKFLOW

FORM = Form(
    model=ProgrammeContent,
    sections={"about": "1", "people": "2", "money": "3", "course": "4", RECORD: "R"},
    short=("1.1", "1.2", "1.3", "1.6", "2.1", "2.2", "2.4"),
    rules=RULES,
    folder=Path(__file__).parent / "wording",
)

TYPE = RecordType(
    name="programme",
    plural="programmes",
    form=FORM,
    title="about.title",
    summary="about.summary",
    workflow=WORKFLOW,
    rendering=1,
    tiers=("network",),
)
