"""The practice: what makes it a record type."""

from pathlib import Path
from typing import Any

from services.api.forms.catalogue import RECORD
from services.api.forms.form import Form
from services.api.forms.types import RecordType, StepKind
from services.api.types.practice.content import PracticeContent
from services.api.types.practice.rules import RULES
from services.api.types.practice.workflow import WORKFLOW

FORM = Form(
    model=PracticeContent,
    sections={
        "initiative": "1",
        "what": "2",
        "when": "3",
        "where": "4",
        "who": "5",
        "how": "6",
        "why": "7",
        "context": "V",
        "lessons": "8",
        "replication": "9",
        "acronyms": "10",
        RECORD: "R",
    },
    # Sections 1 to 4, 5.3, 6.1 and 7 as Annex II of the JMDI report prints them.
    short=frozenset(
        ("1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "2.1", "3.1", "4.1", "5.3", "6.1", "7.1")
        + ("initiative", "what", "when", "where", "why")
    ),
    uncounted=("acronyms",),
    rules=RULES,
    folder=Path(__file__).parent / "wording",
)


def priorities(content: dict[str, Any]) -> list[str]:
    """Return the codes of a practice's priorities."""
    return [tag["priority"] for tag in content["what"]["priorities"]]


TYPE = RecordType(
    name="practice",
    plural="practices",
    form=FORM,
    title="initiative.title",
    summary="how.summary",
    workflow=WORKFLOW,
    rendering=2,
    judged="why.features",
    steps=(StepKind("still-true", frozenset(("office", "secretariat"))),),
    listed={"priorities": priorities},
    id_prefix="praxis:",
)
