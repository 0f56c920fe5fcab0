"""Drafts: what may be saved, which is nearly anything, and what is missing or wrong before one can be submitted."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from services.api.kit.schema import control_character
from services.api.questionnaire.catalogue import QUESTIONS, RECORD, SECTIONS, Completeness, completeness
from services.api.questionnaire.content import PracticeContent
from services.api.questionnaire.paths import steps
from services.api.questionnaire.rules import breaches
from services.api.questionnaire.tidying import WHOLES, Step, Tidied
from services.web.problems import Fault, Invalid, dotted, fault_of, showable

MOST_BYTES = 1_000_000
MOST_VALUES = 20_000
MOST_CHARACTERS = 50_000
"""Of one text: more than any answer may have, so that a text that is too long can be saved and shortened."""
DEEPEST = 12
LONGEST_NAME = 100
MOST_FINDINGS = 500

_SHOWN = 100  # faults of one refusal
_LARGEST = 2**53  # beyond it readers of JSON differ
_SURROGATE = re.compile(r"[\ud800-\udfff]")


FindingKind = Literal["missing", "wrong", "unknown"]
_KINDS: dict[str, FindingKind] = {"missing": "missing", "no_authority": "missing", "extra_forbidden": "unknown"}
_UNANSWERED = "not answered: a case needs it before it can be submitted"
_EMPTY_CELL = "empty: what stands beside it needs it"
_UNKNOWN_FIELD = "unknown: the questionnaire has no such field"


class Finding(BaseModel):
    """Something that keeps a draft from being submitted: at which question, where in the draft, what, what is allowed.

    `question` is the number in the printed questionnaire, of a section where all of it is meant, none where there is no
    such question. `missing` is to be answered, `wrong` to be corrected, `unknown` to be removed.
    """

    model_config = ConfigDict(frozen=True)

    question: str | None
    path: str
    kind: FindingKind
    message: str
    allowed: list[str] | None = None


@dataclass(frozen=True)
class Report:
    """How far a draft has come, and what is still to be done; `content` is none until that is nothing."""

    completeness: Completeness
    findings: tuple[Finding, ...]
    content: PracticeContent | None

    @property
    def ready(self) -> bool:
        """Whether the draft can be submitted."""
        return self.content is not None


@dataclass(frozen=True)
class _Fault:
    """An entry of pydantic's `errors()`, at a place in the tidied draft."""

    place: tuple[Step, ...]
    entry: Mapping[str, Any]


def examine(content: Mapping[str, Any]) -> Report:
    """Tell what is missing or wrong in a draft, all at once, in the order of the questionnaire.

    Takes any JSON whatever and raises nothing. Blanks count as unanswered, and paths are those of the draft as given.
    """
    if not isinstance(content, Mapping):
        wrong = Finding(question=None, path="", kind="wrong", message="not a JSON object")
        return Report(completeness({}), (wrong, *examine({}).findings), None)
    draft = Tidied(content)
    faults = [_Fault((name,), _UNKNOWN) for name in draft.content if name not in PracticeContent.model_fields]
    answers = {name: value for name, value in draft.content.items() if name in PracticeContent.model_fields}
    for name in WHOLES:
        if not isinstance(answers.setdefault(name, {}), dict):
            faults.append(_Fault((name,), _NO_OBJECT))
            answers[name] = {}
    valid: PracticeContent | None = None
    try:
        valid = PracticeContent.model_validate(answers)
    except ValidationError as error:
        faults += [_fault(entry) for entry in error.errors(include_url=False)]
        faults += _broken_rules(answers, faults)
    faults.sort(key=lambda fault: _order(fault.place))
    findings = tuple(_finding(fault, draft) for fault in faults[:MOST_FINDINGS])
    return Report(completeness(draft.content), findings, None if findings else valid)


_UNKNOWN = {"type": "extra_forbidden", "msg": ""}
_NO_OBJECT = {"type": "model_type", "msg": ""}


def _fault(entry: Any) -> _Fault:
    """Return a fault where it is, which a check of a whole part names as `at`."""
    context = dict(entry.get("ctx", {}))
    within = steps(str(context.pop("at", "")))
    return _Fault((*entry["loc"], *within), {**entry, "ctx": context})


def _broken_rules(answers: dict[str, Any], faults: list[_Fault]) -> list[_Fault]:
    """Return the breaches that the model did not come to tell of, because it found answers that are faulty already."""
    told = {fault.place for fault in faults}
    missing = {".".join(map(str, fault.place)) for fault in faults if fault.entry["type"] == "missing"}
    found = []
    for breach in breaches(answers):
        place, error = tuple(steps(breach.path)), breach.error
        because_missing = (error.context or {}).get("field") in missing
        if place not in told and not because_missing:
            found.append(_Fault(place, {"type": error.type, "msg": error.message(), "ctx": error.context or {}}))
    return found


_PLACES: dict[tuple[Step, ...], int] = {tuple(asked.path.split(".")): number for number, asked in enumerate(QUESTIONS)}
_FIRST = {place[0]: number for place, number in reversed(_PLACES.items())}


def _asked(place: tuple[Step, ...]) -> int | None:
    """Return which of the questions a place lies in."""
    return _PLACES.get(tuple(str(step) for step in place[: 2 if place[0] in WHOLES else 1]))


def _order(place: tuple[Step, ...]) -> int:
    asked = _asked(place)
    return _FIRST.get(str(place[0]), len(QUESTIONS)) if asked is None else asked


def _number(place: tuple[Step, ...]) -> str | None:
    """Return the printed number of what is asked at a place, or of the section when the place is all of it."""
    asked = _asked(place)
    if asked is not None:
        return QUESTIONS[asked].number
    whole = len(place) == 1 and place[0] in WHOLES
    return SECTIONS.get(str(place[0]), SECTIONS[RECORD]) if whole else None


def _finding(fault: _Fault, draft: Tidied) -> Finding:
    said = fault_of({"input": None, **fault.entry, "loc": ("body", *draft.original(fault.place))})
    message, allowed = said.message, said.allowed
    if fault.entry["type"] == "missing":
        message = _UNANSWERED if fault.place in _PLACES else _EMPTY_CELL
    elif fault.entry["type"] == "extra_forbidden":
        message, allowed = _UNKNOWN_FIELD, _known(tuple(step for step in fault.place[:-1] if isinstance(step, str)))
    return Finding(
        question=_number(fault.place),
        path=said.field,
        kind=_KINDS.get(fault.entry["type"], "wrong"),
        message=message,
        allowed=allowed,
    )


_ALL_PATHS: tuple[tuple[Step, ...], ...] = tuple(
    (*place, *inner)
    for place, number in _PLACES.items()
    for inner in ((), *(tuple(column.path.split(".")) for column in QUESTIONS[number].columns))
)


@lru_cache(maxsize=256)
def _known(outer: tuple[Step, ...]) -> list[str]:
    """Return the names of the fields that there are below a place, given without the numbers of rows."""
    here = len(outer)
    return list(dict.fromkeys(str(path[here]) for path in _ALL_PATHS if path[:here] == outer and len(path) > here))


def check_draft(content: Any, at: str = "content") -> dict[str, Any]:
    """Return a draft that can be saved: a JSON object within bounds, of texts that can be stored and shown.

    What is missing, of a wrong type or unknown is kept, and told by `examine`. Raises `Invalid` with the places of what
    cannot be kept, in a field named `at`.
    """
    if not isinstance(content, dict):
        raise Invalid([Fault(location="body", field=at, message="not a JSON object")])
    faults = [
        Fault(location="body", field=showable(dotted([at, *place]), 300), message=message)
        for place, message in islice(_unkeepable(content), _SHOWN)
    ]
    if not faults and (size := len(orjson.dumps(content))) > MOST_BYTES:
        faults.append(Fault(location="body", field=at, message=f"{size} bytes long: at most {MOST_BYTES} are kept"))
    if faults:
        raise Invalid(faults)
    return content


def _unkeepable(content: dict[str, Any]) -> Iterator[tuple[list[str], str]]:
    """Yield what cannot be stored, sent or shown, with its place."""
    values = 0
    waiting: list[tuple[list[str], Any]] = [([], content)]
    while waiting:
        place, value = waiting.pop()
        values += len(value) if isinstance(value, dict | list) else 0
        if values > MOST_VALUES:
            yield [], f"more than {MOST_VALUES} values: this is no answer to the questionnaire"
            return
        if isinstance(value, dict | list) and len(place) >= DEEPEST:
            yield place, f"nested too deeply: at most {DEEPEST} levels are kept"
        elif isinstance(value, dict):
            for name in value:
                if fault := _unkeepable_text(name, LONGEST_NAME):
                    yield place, f"the name of a field is {fault}"
            waiting += [([*place, name], inner) for name, inner in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [([*place, str(number)], inner) for number, inner in reversed(list(enumerate(value)))]
        elif isinstance(value, str):
            if fault := _unkeepable_text(value, MOST_CHARACTERS):
                yield place, fault
        elif isinstance(value, int) and abs(value) > _LARGEST:
            yield place, "a whole number that is too large to be kept"
        elif isinstance(value, float) and not math.isfinite(value):
            yield place, "not a finite number"


def _unkeepable_text(text: str, longest: int) -> str | None:
    if len(text) > longest:
        return f"{len(text)} characters long: at most {longest} are kept"
    if _SURROGATE.search(text):
        return "not valid Unicode: a surrogate stands alone"
    if code := control_character(text):
        return f"not printable: it holds the control character {code}; tab and line ends are allowed"
    return None
