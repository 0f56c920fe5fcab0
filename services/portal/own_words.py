"""What authorities tell of a record in their own words: where it stands beside what others wrote, and how it begins."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.portal import reading, record
from services.portal.answering.forms import put
from services.portal.page import Page
from services.portal.reading import Sections
from services.portal.record import Answer
from services.portal.reference import Terms
from services.portal.types import TYPES, RecordType
from services.portal.types.declaration import OwnWords
from services.portal.upstream import Json, Refused

MOST = 4
"""Authorities whose words are shown with one record."""


@dataclass(frozen=True)
class Side:
    """What one side answers to a question, and in which language that is written."""

    answers: tuple[Answer, ...]
    language: str


@dataclass(frozen=True)
class Difference:
    """A question that both sides answer, or one of them, and not with the same words."""

    question: Json
    theirs: Side
    """What the record says that is told of."""
    own: Side


@dataclass(frozen=True)
class Told:
    """What an authority tells of a record."""

    title: str
    title_language: str
    language: str
    """In which it was written (BCP 47)."""
    path: str
    by: str
    authority: str
    at: str
    text: str
    text_language: str
    differences: tuple[Difference, ...]
    agreed: tuple[Json, ...]
    """Questions that both sides answer with the same words."""
    features: Mapping[str, tuple[tuple[str, str], ...]]
    """What it says of a feature, and in which language, by its code: evidence of the `kind`."""
    kind: str


def telling(type: RecordType) -> list[tuple[RecordType, OwnWords]]:
    """Return the types whose records tell of those of a type."""
    return [(one, one.own_words) for one in TYPES.values() if one.own_words and one.own_words.of == type.name]


def invited(page: Page, type: RecordType, shown: Json, own: bool) -> list[RecordType]:
    """Return the types in which the visitor may tell of a record: as an officer whom it belongs to, or who is named."""
    me = page.me
    if me is None or not (me["authority"] and me["rights"]["submit"]):
        return []
    named = any(one["slug"] == me["authority"]["slug"] for one in shown["authorities"])
    return [one for one, _ in telling(type)] if named or own else []


def is_of(words: OwnWords, content: Json, shown: Json) -> bool:
    """Tell whether a content, or a draft, tells of a record."""
    return record.at(content, words.record) in (shown["slug"], shown["id"])


def first(words: OwnWords, shown: Json, authority: str, lang: str) -> Json:
    """Return what a draft begins with in which an authority tells of a record, written in a language. Pure."""
    content: Json = {"language": lang}
    put(content, words.record, shown["slug"])
    put(content, words.authority, authority)
    for own, theirs in words.begins.items():
        if len(found := list(_values(shown["content"], theirs.split(".")))) == 1:
            put(content, own, found[0])
    return content


def _values(value: Any, path: Sequence[str]) -> Iterable[Any]:
    """Yield what stands at a path, in each row of the lists on its way."""
    if isinstance(value, list):
        for row in value:
            yield from _values(row, path)
    elif path and isinstance(value, dict):
        yield from _values(value.get(path[0]), path[1:])
    elif not path and not record.empty(value):
        yield value


async def _public(page: Page, type: RecordType, words: OwnWords, shown: Json) -> list[Json]:
    """Return the first public records that tell of one, in the visitor's language."""
    naming = (one["from"].partition("/") for one in shown.get("incoming", ()) if one["relation"] == words.relation)
    ids = [id for name, _, id in dict.fromkeys(naming) if name == type.name][:MOST]
    return list(await asyncio.gather(*(reading.present(page, type, id) for id in ids)))


async def public(page: Page, type: RecordType, shown: Json, authority: str) -> Json | None:
    """Return the public record in which an authority tells of another; raise `Refused`."""
    assert type.own_words is not None  # noqa: S101 - who asks for it knows
    found = await _public(page, type, type.own_words, shown)
    return next((one for one in found if _by(type.own_words, one)["slug"] == authority), None)


def _by(words: OwnWords, told: Json) -> Json:
    """Return the authority that tells something."""
    name = record.at(told["content"], words.authority)
    named = (one for one in told["authorities"] if name in (one["slug"], one["id"]))
    found: Json = next(named, {"slug": name, "name": name, "names": {}})  # by a slug that it had
    return found


async def read(page: Page, type: RecordType, shown: Json, sections: Sections) -> list[Told]:
    """Return what authorities tell of a record, `sections` of which are answered; nothing while it is not to be had."""
    try:
        return [one for of, words in telling(type) for one in await _read(page, of, words, shown, sections)]
    except Refused:
        return []  # the record itself can be read


async def _read(page: Page, type: RecordType, words: OwnWords, shown: Json, sections: Sections) -> list[Told]:
    if not any(one["relation"] == words.relation for one in shown.get("incoming", ())):
        return []
    found, form, labels = await asyncio.gather(
        _public(page, type, words, shown), reading.form(page, type), page.reference.terms(page.upstream)
    )
    theirs = {one.question["path"]: one for _, answers in sections for one in answers}
    return [_told(page, type, words, form, labels, one, shown, theirs) for one in found]


def _told(
    page: Page,
    type: RecordType,
    words: OwnWords,
    form: Json,
    labels: Terms,
    told: Json,
    shown: Json,
    theirs: Mapping[str, Answer],
) -> Told:
    own = {one.question["path"]: one for _, answers in reading.answered(page, form, labels, told) for one in answers}
    asked = {one["path"]: one for section in form["sections"] for one in section["questions"]}
    both = [
        Difference(asked[path], _side(shown, found), _side(told, [own[path]] if path in own else []))
        for path, places in words.beside.items()
        if (found := [one for place in places for one in _at(theirs, place)]) or path in own
    ]
    title, text = record.title(told), record.summary(told)
    by = _by(words, told)
    return Told(
        title=title[0],
        title_language=title[1],
        language=told["content"]["language"],
        path=type.page(told["slug"]),
        by=by["names"].get(page.lang, by["name"]),
        authority=by["slug"],
        at=told["updated_at"],
        text=text[0],
        text_language=text[1],
        differences=tuple(one for one in both if not _same(one)),
        agreed=tuple(one.question for one in both if _same(one)),
        features=_features(words, told),
        kind=words.kind,
    )


def _features(words: OwnWords, told: Json) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return what is said of each feature, with its language."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for number, one in enumerate(record.at(told["content"], words.evidence) or ()):
        language = record.language_of(told, f"{words.evidence}[{number}].statement")
        found[one["feature"]] = (*found.get(one["feature"], ()), (one["statement"], language))
    return found


def _at(answers: Mapping[str, Answer], place: str) -> Iterable[Answer]:
    """Yield the answers at a place: of a question, of a whole section, or of one column of a list."""
    if place.endswith(".*"):
        yield from (one for path, one in answers.items() if path.startswith(place[:-1]))
    elif place in answers:
        yield answers[place]
    elif (found := answers.get(place.rpartition(".")[0])) and found.rows:
        column = place.rpartition(".")[2]
        cells = [cell for row in found.rows for cell in row if cell.column["path"] == column]
        if cells:
            question = {**found.question, "vocabulary": cells[0].column["vocabulary"]}
            yield replace(found, question=question, rows=(), lines=tuple(cell.shown for cell in cells))


def _side(shown: Json, answers: Sequence[Answer]) -> Side:
    """Return one side; what is chosen from a list reads in the visitor's language, and has none of its own."""
    written = next((one.question["path"] for one in answers if not one.question["vocabulary"]), None)
    return Side(tuple(answers), record.language_of(shown, written) if written else "")


def _same(one: Difference) -> bool:
    return _text(one.theirs) == _text(one.own)


def _text(side: Side) -> str:
    return " ".join(" ".join(one.text for one in side.answers).split()).casefold()
