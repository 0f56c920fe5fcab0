"""What the workbook asks: the questionnaire's questions sheet by sheet, and what it needs to know of itself."""

import hashlib
from dataclasses import dataclass

from services.api.forms.form import QUESTIONS, SECTIONS, Question, Tier
from services.api.forms.inputs import Column, Kind

COVER = "cover"
TRANSLATIONS = "translations"
LISTS = "lists"
MARK = "praxis:"
"""Begins the hidden cell that says which sheet of the form this is."""

LANGUAGE, TIER, VERSION, ID, EXTERNAL_ID = (
    f"form.{name}" for name in ("language", "tier", "version", "id", "external_id")
)


def _about(path: str, kind: Kind = "text") -> Question:
    return Question(
        path=path,
        kind=kind,
        required=False,
        label="",
        help="",
        section=COVER,
        number="",
        also=None,
        tier="snapshot",
        counted=False,
        most=200,
        longest=200,
        lines=1,
        keys=(path,),
    )


def _column(name: str, kind: Kind, vocabulary: str | None = None, longest: int = 0) -> Column:
    return Column(
        path=name,
        kind=kind,
        required=True,
        label="",
        help="",
        vocabulary=vocabulary,
        most=longest,
        longest=longest,
        keys=(f"{TRANSLATIONS}.{name}",),
    )


ABOUT = (
    _about(EXTERNAL_ID),
    _about(ID),
    _about(LANGUAGE, "language"),
    _about(TIER),
    _about(VERSION),
)
"""What the cover says of the workbook, filled in by whoever makes it; `external_id` is also for who fills it in."""

TRANSLATED = Question(
    path=TRANSLATIONS,
    kind="rows",
    required=False,
    label="",
    help="",
    section=TRANSLATIONS,
    number="T",
    also=None,
    tier="full",
    counted=False,
    columns=(
        _column("language", "language", longest=12),
        _column("field", "text", longest=80),
        _column("text", "long-text", longest=20_000),
        _column("status", "code", "translation-statuses"),
    ),
    keys=(TRANSLATIONS,),
)


@dataclass(frozen=True)
class Part:
    """A sheet of the form and the questions on it."""

    name: str
    number: str
    questions: tuple[Question, ...]


PARTS = (
    Part(COVER, "", ABOUT),
    *(
        Part(section, number, tuple(asked for asked in QUESTIONS if asked.section == section))
        for section, number in SECTIONS.items()
    ),
    Part(TRANSLATIONS, "T", (TRANSLATED,)),
)
"""The sheets in their order."""

ASKED = {asked.path: asked for part in PARTS for asked in part.questions}


def _version() -> str:
    shape = [(asked.path, asked.kind, [(one.path, one.kind) for one in asked.columns]) for asked in ASKED.values()]
    return hashlib.sha256(repr(shape).encode()).hexdigest()[:12]


FORM_VERSION = _version()
"""Changes when a question, a column or the kind of one does."""


def in_form(asked: Question, tier: Tier) -> bool:
    """Tell whether a form asks a question."""
    return tier == "full" or asked.tier == "snapshot"
