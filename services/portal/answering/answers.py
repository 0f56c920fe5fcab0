"""A draft as its form shows it: how far sections have come, what is said of fields, what two people changed. Pure."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.portal.answering import forms, typed
from services.portal.answering.forms import ABSENT, Entry, Labels
from services.portal.upstream import Json

_INDEX = re.compile(r"\[\d+\]")
_LAST = re.compile(r"(\[\d+\]|\.?[^.\[\]]+)$")
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")
RECORD = "record"
WHOLE = "whole"
"""Where a questionnaire holds the names of all sections, also of those that its form does not ask."""

Say = Callable[..., str]
"""Puts a message into the visitor's language."""


@dataclass(frozen=True)
class Progress:
    """How far a section has come: printed questions asked and answered, and what is still to be done in it."""

    section: Json
    asked: int
    answered: int
    missing: int
    wrong: int


def progress(questionnaire: Json, content: Json, findings: Sequence[Json]) -> list[Progress]:
    """Return how far each section has come; comments do not count."""
    found = []
    for section in questionnaire["sections"]:
        asked = [one for one in section["questions"] if not one["path"].endswith(".comment")]
        counted = [one for one in asked if one["counted"]] or asked
        numbers = {one["number"] if one["counted"] else one["path"] for one in counted}
        answered = {
            one["number"] if one["counted"] else one["path"] for one in counted if said(forms.at(content, one["path"]))
        }
        here = [one for one in findings if section_of(questionnaire, one["path"]) is section]
        missing = sum(one["kind"] == "missing" for one in here)
        found.append(Progress(section, len(numbers), len(answered), missing, len(here) - missing))
    return found


def said(value: Any, depth: int = 0) -> bool:
    """Whether a value says anything: blanks do not, nor does an unticked box in a row by itself."""
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return any(said(one, depth + 1) for one in inner)
    return value is not ABSENT and value is not None and (value is not False or not depth)


def question_at(questionnaire: Json, path: str) -> Json | None:
    """Return the question that a path lies in, none where it lies in none."""
    plain = _INDEX.sub("", path)
    for section in questionnaire["sections"]:
        for question in section["questions"]:
            if plain == question["path"] or plain.startswith(question["path"] + "."):
                found: Json = question
                return found
    return None


def section_of(questionnaire: Json, path: str) -> Json | None:
    """Return the section that a path lies in; what lies in none is about the record, where the form asks about it."""
    head = re.split(r"[.\[]", path)[0]
    sections = {one["name"]: one for one in questionnaire["sections"]}
    found: Json | None = sections.get(head) or sections.get(RECORD)
    asked = question_at(questionnaire, path)
    whole = head in sections and asked is None
    return found if asked or whole or head not in questionnaire[WHOLE] else None


@dataclass(frozen=True)
class Told:
    """What is said of a place in the draft: `at` is the id to go to; a `plain` message is in the api's English."""

    path: str
    at: str
    kind: str
    message: str
    plain: bool = False
    allowed: tuple[str, ...] = ()
    label: str = ""
    number: str = ""


def tell(
    finding: Json,
    entries: Iterable[Entry],
    content: Json,
    gettext: Say,
    labels: Labels,
    needed_by: Mapping[str, str],
    rules: Iterable[Json],
) -> Told:
    """Return a finding at the field that it is about, in words."""
    asked, at, label = _place(finding["path"], entries)
    value = _value(content, finding["path"])
    message = (
        _wrong(asked, value, gettext) if finding["kind"] == "wrong" else lacking(finding, gettext, needed_by, rules)
    )
    allowed = finding.get("allowed") or []
    if asked and asked["vocabulary"] and allowed:
        allowed = [labels(asked["vocabulary"]).get(code, code) for code in allowed]
    return Told(
        path=finding["path"],
        at=at,
        kind=finding["kind"],
        message=message or finding["message"],
        plain=message is None,
        allowed=tuple(allowed) if len(allowed) <= MOST_ALLOWED else (),
        label=label,
        number=finding["question"] or "",
    )


MOST_ALLOWED = 24


def _place(path: str, entries: Iterable[Entry]) -> tuple[Json | None, str, str]:
    """Return what asks for a path or for what it lies in, the id to go to, and what it is called."""
    places: dict[str, tuple[Json, str, str]] = {}
    for entry in entries:
        label = entry.question["label"]
        places[entry.path] = (entry.question, entry.box.id if entry.box else entry.id, label)
        for number, item in enumerate(entry.items, 1):
            first = item.boxes[0].id if entry.question["kind"] == "texts" else item.id
            places[item.path] = (entry.question, first, f"{label} {number}")
            for box in item.boxes if entry.question["kind"] == "rows" else ():
                places[box.path] = (box.asked, box.id, f"{label} {number}: {box.asked['label']}")
    while path:
        if path in places:
            return places[path]
        path = _LAST.sub("", path)
    return None, "questions", ""


def _value(content: Json, path: str) -> Any:
    found: Any = content
    for step in re.findall(r"[^.\[\]]+", path):
        if isinstance(found, list) and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        elif isinstance(found, dict) and step in found:
            found = found[step]
        else:
            return ABSENT
    return found


def lacking(finding: Json, gettext: Say, needed_by: Mapping[str, str], rules: Iterable[Json]) -> str | None:
    """Return what is missing, or there unasked, in the visitor's language; none for a finding of another kind.

    `needed_by` names the rule by the path of a question that is needed in no other way.
    """
    kind = finding.get("kind")
    if kind == "missing" and finding["path"] in needed_by:
        return next((str(one["text"]) for one in rules if one["name"] == needed_by[finding["path"]]), None)
    if kind == "missing" and "[" in finding["path"]:
        return gettext("Empty: what stands beside it needs it.")
    if kind == "missing":
        return gettext("Not answered yet. A case needs it before it can be handed in.")
    if kind == "unknown":
        return gettext("The questionnaire does not ask for this. Take it out before the case is handed in.")
    return None


def _wrong(asked: Json | None, value: Any, gettext: Say) -> str | None:
    """Return what is wrong in the visitor's language where it is plain from the question; none for the api's words."""
    if asked is None or not isinstance(value, str):
        return None
    if asked["kind"] == "number" and typed.is_open(value):
        return gettext("“%(text)s” may be read in two ways: put nothing between thousands.", text=value[:80])
    if asked["kind"] in ("integer", "number"):
        return gettext("“%(text)s” is not understood as a number.", text=value[:80])
    if asked["longest"] and len(value.strip()) > asked["longest"]:
        return gettext(
            "%(count)s characters long: at most %(most)s are taken.", count=len(value.strip()), most=asked["longest"]
        )
    if asked["lines"] and value.count("\n") >= asked["lines"]:
        return gettext(
            "%(count)s lines long: at most %(most)s are taken.", count=value.count("\n") + 1, most=asked["lines"]
        )
    if asked["kind"] == "date" and _is_date(value):
        return gettext("The end lies before the start.")
    return {
        "date": gettext("“%(text)s” is not a date such as 2008, 2008-06 or 2008-06-11.", text=value[:80]),
        "url": gettext("A web address begins with https:// or http:// and has no spaces."),
        "language": gettext("A language is given by its code, such as en, es, fr or pt-BR."),
        "code": gettext("“%(text)s” is not in the list.", text=value[:80]),
        "yes-no": gettext("Choose yes or no, or leave it open."),
    }.get(asked["kind"])


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    year, month, day = (int(part) for part in (text.split("-") + ["1", "1"])[:3])
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def threads(entry_path: str, comments: Iterable[Json]) -> list[Json]:
    """Return the comments on a question or on anything in it."""
    return [one for one in comments if one["path"] and (_INDEX.sub("", one["path"]) + ".").startswith(entry_path + ".")]


@dataclass(frozen=True)
class Clash:
    """A question that somebody else answered meanwhile: what both say, and whether I changed it too."""

    question: Json
    mine: Any
    theirs: Any
    both: bool


def clashes(questions: Iterable[Json], base: Json | None, mine: Json, theirs: Json) -> list[Clash]:
    """Return the questions that somebody else answered otherwise than I do; without a base all may be by both."""
    found = []
    for question in questions:
        was, my, their = (ABSENT if one is None else forms.at(one, question["path"]) for one in (base, mine, theirs))
        if forms.same(my, their) or (base is not None and forms.same(was, their)):
            continue
        found.append(Clash(question, my, their, base is None or not forms.same(was, my)))
    return found


def take_out(content: Any, path: str) -> None:
    """Take out of a content whatever stands at a path such as `initiative.partners[2].unknown`."""
    steps: list[str] = re.findall(r"[^.\[\]]+", path)
    holder = _value(content, _LAST.sub("", path)) if len(steps) > 1 else content
    if isinstance(holder, dict):
        holder.pop(steps[-1], None)
    elif isinstance(holder, list) and steps[-1].isdigit() and int(steps[-1]) < len(holder):
        del holder[int(steps[-1])]


def renamed(path: str, names: Mapping[str, str]) -> str:
    """Return a path with the item that it begins with named otherwise."""
    for old, new in names.items():
        if path == old or path.startswith((old + ".", old + "[")):
            return new + path[len(old) :]
    return path


def neighbours(sections: Sequence[Json], name: str) -> tuple[Json | None, Json | None]:
    """Return the sections before and after one."""
    place = next(number for number, one in enumerate(sections) if one["name"] == name)
    return (sections[place - 1] if place else None, sections[place + 1] if place + 1 < len(sections) else None)


def without(given: forms.Pairs, paths: Collection[str]) -> list[tuple[str, str]]:
    """Return a form that does not ask for some questions, so that they stay as they are."""
    return [pair for pair in given if not (pair[0] == forms.ASKED and pair[1] in paths)]


def template_globals(translate: Callable[[str], str]) -> dict[str, Any]:
    """Return what templates call places of the form."""
    return {"anchor": forms.id_of}
