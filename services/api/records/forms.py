"""Forms as everybody sees them, in answers and in the change feed: what is asked in records of each type.

Who reads records needs no list of fields kept by hand: the form tells which strings are text and which are codes, what
they are called, and what names other records. Of what is private nothing is said.
"""

from functools import cache
from typing import Any

from sqlmodel import Session

from services.api.changes import service as changes
from services.api.forms.catalogue import Question
from services.api.forms.inputs import ANY, Column, Input
from services.api.forms.types import RecordType
from services.api.types import TYPES
from services.api.vocabularies.terms import LANGUAGES
from services.web.problems import NotFound

Json = dict[str, Any]

FORM = "form"


def names() -> list[Json]:
    """Return which forms there are (`FormName`)."""
    return [{"name": type.name, "plural": type.plural, "titles": _titles(type)} for type in TYPES.values()]


def read(name: str) -> bytes:
    """Return the public JSON of the form of a type; raise `NotFound`."""
    if name not in TYPES:
        raise NotFound(f"There is no form '{name[:80]}'; there are: {', '.join(TYPES)}")
    return rendered(TYPES[name])


@cache
def rendered(type: RecordType) -> bytes:
    """Render the form of a type: the same bytes as long as nothing is declared otherwise."""
    return changes.render(public(type))


def public(type: RecordType) -> Json:
    """Return the form of a type as everybody sees it (`FormRead`)."""
    form = type.form
    asked = [one for one in form.questions if not form.is_private(one.path)]
    sections = [
        {
            "name": name,
            "number": number,
            "titles": {lang: form.words.section(name, lang) for lang in LANGUAGES},
            "questions": questions,
        }
        for name, number in form.sections.items()
        if (questions := [_question(type, one) for one in asked if one.section == name])
    ]
    numbers = {number for one in asked for number in (one.number, one.also)}
    return {
        "type": FORM,
        "id": type.name,
        "plural": type.plural,
        "languages": LANGUAGES,
        "titles": _titles(type),
        "title": type.title,
        "summary": type.summary,
        "tiers": type.tiers,
        "judged": _shown(type, type.judged),
        "sections": sections,
        "rules": [
            {
                "name": rule.name,
                "questions": rule.questions,
                "texts": {lang: form.words.rule(rule.name, lang) for lang in LANGUAGES},
            }
            for rule in form.rules
            if numbers.issuperset(rule.questions)
        ],
        "links": [one.path for one in asked if any(column.names == ANY for column in _columns(type, one))],
        "parties": [{"part": one.part, "path": one.path} for one in type.parties if _shown(type, one.path)],
        "steps": [
            {"kind": one.kind, "who": sorted(one.who), "block": one.block, "values": one.values}
            for one in type.steps
            if one.block is None or _shown(type, one.block)
        ],
        "derived": [{"type": one.type, "path": one.path} for one in type.derived if _shown(type, one.path)],
    }


def _titles(type: RecordType) -> dict[str, str]:
    return type.form.words.form.get("title", {})


def _shown(type: RecordType, path: str | None) -> str | None:
    return None if path is None or type.form.is_private(path) else path


def _question(type: RecordType, asked: Question) -> Json:
    return _input(type, asked) | {
        "number": asked.number,
        "also": asked.also,
        "extent": asked.extent,
        "counted": asked.counted,
        "columns": [_input(type, one) | {"required_in": one.required_in} for one in _columns(type, asked)],
    }


def _columns(type: RecordType, asked: Question) -> list[Column]:
    return [one for one in asked.columns if not type.form.is_private(f"{asked.path}.{one.path}")]


def _input(type: RecordType, one: Input) -> Json:
    words = type.form.words
    return {
        "path": one.path,
        "labels": {lang: words.label(one, lang) for lang in LANGUAGES},
        "helps": {lang: words.help(one, lang) for lang in LANGUAGES},
        "kind": one.kind,
        "free": one.free,
        "required": one.required,
        "vocabulary": one.vocabulary,
        "names": one.names,
        "most": one.most,
        "longest": one.longest,
        "lines": one.lines,
        "minimum": one.minimum,
        "maximum": one.maximum,
        "default": one.default,
        "example": one.example,
    }


def stale(session: Session) -> dict[str, bytes | None]:
    """Return what the feed must take up to show this version's forms: bodies by id, none for dropped ones."""
    return changes.stale(session, FORM, {type.name: rendered(type) for type in TYPES.values()})


def publish(session: Session) -> None:
    """Bring the feed in line with the forms of this version."""
    changes.hold(session)
    changes.renew(session, FORM, stale(session))
