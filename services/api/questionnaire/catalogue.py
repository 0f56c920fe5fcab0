"""The catalogue of questions: `PracticeContent` walked once, for whatever asks, prints, checks or counts them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic.fields import FieldInfo

from services.api.questionnaire.content import PracticeContent, Section
from services.api.questionnaire.inputs import Column, Input, columns, described, field_type

Tier = Literal["snapshot", "full"]
TIERS: tuple[Tier, ...] = get_args(Tier)

RECORD = "record"
"""The section of what is about the record itself: its language, sources, provenance and terms of use.

Its keywords have a number of this section, and stand where they are best asked for: beside the policy areas.
"""

SNAPSHOT = frozenset(("1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "2.1", "3.1", "4.1", "5.3", "6.1", "7.1"))
"""The questions of the snapshot: sections 1 to 4, 5.3, 6.1 and 7 as Annex II of the JMDI report prints them."""

_SNAPSHOT_SECTIONS = frozenset(("initiative", "what", "when", "where", "why"))  # wholly, so with their comments
_COMMENTS = "Comments"


@dataclass(frozen=True, kw_only=True)
class Question(Input):
    """A field of the questionnaire; several share a number where one printed question is asked in several fields.

    `required` means: to be answered before a case can be submitted.
    """

    section: str
    number: str
    """In the printed questionnaire: `6.5`, `V Departments`, `7 Comments`; `R.1` where it is printed nowhere."""
    also: str | None
    """Number of a second question that it answers."""
    tier: Tier
    """The first form that asks it: whatever the snapshot asks, the full form asks too."""
    counted: bool
    """Whether it counts for completeness."""
    columns: tuple[Column, ...] = ()
    """The values of a row, for a question of kind `rows`."""


def _walked() -> Iterator[Question]:
    about: list[Question] = []
    for name, field in PracticeContent.model_fields.items():
        part = field_type(field).part if not field_type(field).many else None
        if part is None:
            about.append(_question(RECORD, name, name, field))
        elif issubclass(part, Section):
            for inner, asked in part.model_fields.items():
                if inner != "comment":
                    yield _question(name, f"{name}.{inner}", f"{name}.{inner}", asked)
            yield _question(name, f"{name}.comment", "comment", part.model_fields["comment"])
        else:
            about += [
                _question(RECORD, f"{name}.{inner}", f"{name}.{inner}", asked)
                for inner, asked in part.model_fields.items()
            ]
    yield from about


def _question(section: str, path: str, key: str, field: FieldInfo) -> Question:
    number, also = _numbers(section, field)
    found = described(field)
    comment = number.endswith(_COMMENTS)
    early = section in _SNAPSHOT_SECTIONS if comment else number in SNAPSHOT
    part = field_type(field).part
    return Question(
        path=path,
        section=section,
        number=number,
        also=also,
        tier="snapshot" if early or found["required"] else "full",
        counted=not comment and section != "acronyms" and not number.startswith(f"{SECTIONS[RECORD]}."),
        columns=columns(part) if part else (),
        keys=(key,),
        **found,
    )


def _numbers(section: str, field: FieldInfo) -> tuple[str, str | None]:
    more: Any = field.json_schema_extra
    number: str = more["question"]
    return f"{SECTIONS[section]} {number}" if number == _COMMENTS else number, more.get("also")


SECTIONS: dict[str, str] = {
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
}
"""The sections in their order, with their printed numbers."""

QUESTIONS: tuple[Question, ...] = tuple(_walked())
"""Every question in the order of the questionnaire; comments stand last in their sections, the record at the end."""

_BY_PATH = {question.path: question for question in QUESTIONS}
_STEP = re.compile(r"\[[0-9]+\]")


def question(path: str) -> Question:
    """Return the question that a path such as `how.results[0]` or `initiative.partners[2].country` lies in.

    Raises `KeyError` for a path that lies in none.
    """
    steps = _STEP.sub("", path).split(".")
    found = _BY_PATH.get(".".join(steps[:2])) or _BY_PATH.get(steps[0])
    if found is None:
        raise KeyError(path)
    return found


def column(path: str) -> Column:
    """Return the column that a path such as `initiative.budget[0].period.start` leads to; raise `KeyError`."""
    asked = question(path)
    inner = _STEP.sub("", path).removeprefix(asked.path).lstrip(".")
    for found in asked.columns:
        if found.path == inner:
            return found
    raise KeyError(path)


@dataclass(frozen=True)
class Completeness:
    """How much of each form is answered, in percent from 0 to 100; 100 only when all of it is."""

    snapshot: int
    full: int


def completeness(content: Mapping[str, Any]) -> Completeness:
    """Count what is answered, in any JSON whatever.

    Counted are printed questions: one that is asked in several fields (3.1 has start, end, ongoing and phases, of which
    start and end may be all that there is) is answered by any of them. Comments, the glossary of acronyms and what is
    about the record itself (language, sources, references, provenance, rights, keywords) belong to the form and do not
    count: a good record may have none of them, and they tell nothing of the practice. Filling a field never lowers it.
    """
    found = 0
    for section, bits in _BITS.items() if isinstance(content, Mapping) else ():
        answers = content.get(section)
        if isinstance(answers, dict):
            for name, value in answers.items():
                if (bit := bits.get(name)) and not found & bit and answered(value):
                    found |= bit
    early, late = (found & _EARLY).bit_count(), found.bit_count()
    return Completeness(early * 100 // _EARLY.bit_count(), late * 100 // _ALL.bit_count())


_DEEPEST = 8


def answered(value: Any, depth: int = 0) -> bool:
    """Tell whether a JSON value says anything: blank texts, nulls, and rows and lists of nothing else do not.

    In a row an unticked box says nothing by itself. What is nested deeper than any answer is taken for one.
    """
    if isinstance(value, str):
        return value != "" and not value.isspace()
    inside: Iterable[Any]
    if isinstance(value, dict):
        inside = value.values()
    elif isinstance(value, list):
        inside = value
    else:
        return value is not None and (value is not False or depth == 0)
    if depth > _DEEPEST:
        return True
    for inner in inside:  # noqa: SIM110 - a generator would take most of the time of a rebuild
        if answered(inner, depth + 1):
            return True
    return False


def _counted() -> tuple[dict[str, dict[str, int]], int]:
    """Give each printed question that counts a bit: return them by section and field, and those of the snapshot."""
    numbered: dict[tuple[str, str], int] = {}
    bits: dict[str, dict[str, int]] = {}
    early = 0
    for asked in QUESTIONS:
        if asked.counted:
            bit = numbered.setdefault((asked.section, asked.number), 1 << len(numbered))
            bits.setdefault(asked.section, {})[asked.path.split(".")[1]] = bit
            early |= bit if asked.tier == "snapshot" else 0
    return bits, early


_BITS, _EARLY = _counted()
_ALL = sum({bit for bits in _BITS.values() for bit in bits.values()})


def counted_questions(tier: Tier) -> int:
    """Return how many printed questions a form has that count for completeness."""
    return (_EARLY if tier == "snapshot" else _ALL).bit_count()
