"""What every workbook asks beside its form's questions: what it needs to know of itself, and translations."""

from dataclasses import dataclass

from services.api.forms.catalogue import Question
from services.api.forms.inputs import Column, Kind

COVER = "cover"
TRANSLATIONS = "translations"
LISTS = "lists"
MARK = "praxis:"
"""Begins the hidden cell that says which sheet of the form this is."""

LANGUAGE, EXTENT, VERSION, ID, EXTERNAL_ID = (
    f"form.{name}" for name in ("language", "tier", "version", "id", "external_id")
)
"""Hidden names on the cover; those of forms that people have at home are never changed."""


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
        extent="short",
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
    _about(EXTENT),
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
    extent="full",
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
