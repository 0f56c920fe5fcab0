"""Drafts: what may be saved, which is nearly anything, and what is missing or wrong before one can be submitted."""

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from services.api.forms.catalogue import Catalogue, Completeness, Name
from services.api.forms.paths import Step, steps
from services.api.forms.rules import breaches
from services.api.forms.tidying import Tidied
from services.api.kit.schema import control_character
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
# A rule that asks for an answer breaks with an error of the type `unanswered`.
_KINDS: dict[str, FindingKind] = {"missing": "missing", "unanswered": "missing", "extra_forbidden": "unknown"}
_UNANSWERED = "not answered: a case needs it before it can be submitted"
_EMPTY_CELL = "empty: what stands beside it needs it"
_UNKNOWN_FIELD = "unknown: the questionnaire has no such field"

Known = Callable[[Collection[Name]], Collection[Name]]
"""Tells which of some names there are in the base."""


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
    content: BaseModel | None

    @property
    def ready(self) -> bool:
        """Whether the draft can be submitted."""
        return self.content is not None


@dataclass(frozen=True)
class _Fault:
    """An entry of pydantic's `errors()`, at a place in the tidied draft."""

    place: tuple[Step, ...]
    entry: Mapping[str, Any]


def examine(form: Catalogue, content: Mapping[str, Any], known: Known | None = None) -> Report:
    """Tell what is missing or wrong in a draft, all at once, in the order of the form.

    Takes any JSON whatever and raises nothing. Blanks count as unanswered, and paths are those of the draft as given.
    `known` tells which of the things that it names there are; without it, that is left open.
    """
    if not isinstance(content, Mapping):
        wrong = Finding(question=None, path="", kind="wrong", message="not a JSON object")
        return Report(form.completeness({}), (wrong, *examine(form, {}).findings), None)
    draft = Tidied(form, content)
    fields = form.model.model_fields
    faults = [_Fault((name,), _UNKNOWN) for name in draft.content if name not in fields]
    answers = {name: value for name, value in draft.content.items() if name in fields}
    for name in form.wholes:
        if not isinstance(answers.setdefault(name, {}), dict):
            faults.append(_Fault((name,), _NO_OBJECT))
            answers[name] = {}
    valid: BaseModel | None = None
    try:
        valid = form.validated(answers)
    except ValidationError as error:
        faults += [_fault(entry) for entry in error.errors(include_url=False)]
        faults += _broken_rules(form, answers, faults)
    if known is not None:
        faults += _unknown_names(form, answers, known)
    faults.sort(key=lambda fault: _order(form, fault.place))
    findings = tuple(_finding(form, fault, draft) for fault in faults[:MOST_FINDINGS])
    return Report(form.completeness(draft.content), findings, None if findings else valid)


_UNKNOWN = {"type": "extra_forbidden", "msg": ""}
_NO_OBJECT = {"type": "model_type", "msg": ""}


def _fault(entry: Any) -> _Fault:
    """Return a fault where it is, which a check of a whole part names as `at`."""
    context = dict(entry.get("ctx", {}))
    within = steps(str(context.pop("at", "")))
    return _Fault((*entry["loc"], *within), {**entry, "ctx": context})


def _broken_rules(form: Catalogue, answers: dict[str, Any], faults: list[_Fault]) -> list[_Fault]:
    """Return the breaches that the model did not come to tell of, because it found answers that are faulty already."""
    told = {fault.place for fault in faults}
    missing = {".".join(map(str, fault.place)) for fault in faults if fault.entry["type"] == "missing"}
    found = []
    for breach in breaches(form.checks, answers):
        place, error = tuple(steps(breach.path)), breach.error
        because_missing = (error.context or {}).get("field") in missing
        if place not in told and not because_missing:
            found.append(_Fault(place, {"type": error.type, "msg": error.message(), "ctx": error.context or {}}))
    return found


def _unknown_names(form: Catalogue, answers: dict[str, Any], known: Known) -> list[_Fault]:
    named = list(form.named(answers))
    here = known({one.name for one in named}) if named else ()
    return [
        _Fault(tuple(steps(one.path)), {"type": "unknown_name", "msg": no_such(one.name), "input": one.name[1]})
        for one in named
        if one.name not in here
    ]


def no_such(name: Name) -> str:
    """Say that something is not in the base."""
    type, id = name
    return f"there is no {type.replace('-', ' ')} '{id[:120]}' in this base"


def _asked(form: Catalogue, place: tuple[Step, ...]) -> int | None:
    """Return which of the questions a place lies in."""
    return form.places.get(tuple(str(step) for step in place[: 2 if place[0] in form.wholes else 1]))


def _order(form: Catalogue, place: tuple[Step, ...]) -> int:
    asked = _asked(form, place)
    if asked is not None:
        return asked
    return next((number for path, number in form.places.items() if path[0] == place[0]), len(form.questions))


def _number(form: Catalogue, place: tuple[Step, ...]) -> str | None:
    """Return the printed number of what is asked at a place, or of the section when the place is all of it."""
    asked = _asked(form, place)
    if asked is not None:
        return form.questions[asked].number
    whole = len(place) == 1 and place[0] in form.wholes
    return form.sections.get(str(place[0]), form.record_section) if whole else None


def _finding(form: Catalogue, fault: _Fault, draft: Tidied) -> Finding:
    said = fault_of({"input": None, **fault.entry, "loc": ("body", *draft.original(fault.place))})
    message, allowed = said.message, said.allowed
    if fault.entry["type"] == "missing":
        message = _UNANSWERED if fault.place in form.places else _EMPTY_CELL
    elif fault.entry["type"] == "extra_forbidden":
        message, allowed = (
            _UNKNOWN_FIELD,
            _fields(form, tuple(step for step in fault.place[:-1] if isinstance(step, str))),
        )
    return Finding(
        question=_number(form, fault.place),
        path=said.field,
        kind=_KINDS.get(fault.entry["type"], "wrong"),
        message=message,
        allowed=allowed,
    )


@lru_cache(maxsize=1024)
def _fields(form: Catalogue, outer: tuple[Step, ...]) -> list[str]:
    """Return the names of the fields that there are below a place, given without the numbers of rows."""
    here = len(outer)
    paths = (
        (*place, *inner)
        for place, number in form.places.items()
        for inner in ((), *(tuple(column.path.split(".")) for column in form.questions[number].columns))
    )
    return list(dict.fromkeys(str(path[here]) for path in paths if path[:here] == outer and len(path) > here))


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
