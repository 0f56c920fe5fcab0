"""A record as people read it: what each question is answered, in the questionnaire's order, with labels. Pure."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from services.portal.reference import Terms
from services.portal.upstream import Json

Names = Mapping[tuple[str, str], str]
"""What is named elsewhere in the base is called, by its type and the name that a record gives it."""


@dataclass(frozen=True)
class Cell:
    """A value of a row, with its heading, and its place in the content."""

    column: Json
    value: Any
    shown: str
    place: str


@dataclass(frozen=True)
class Answer:
    """What is answered to a question: `lines` of text, each at one of `places` in the content, or `rows` of cells."""

    question: Json
    value: Any
    lines: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    path: str = ""
    """The address of the one thing of this site that it names."""

    @property
    def text(self) -> str:
        """All of it as plain text, to compare and to export."""
        rows = ("; ".join(f"{cell.column['label']}: {cell.shown}" for cell in row) for row in self.rows)
        return "\n".join((*self.lines, *rows))


@dataclass(frozen=True)
class Reading:
    """A record in a visitor's language: the public record, its form in words, labels of codes, messages."""

    shown: Json
    questionnaire: Json
    labels: Terms
    lang: str
    gettext: Callable[[str], str]
    """Translates a message of the interface."""

    @property
    def content(self) -> Json:
        """What is answered."""
        found: Json = self.shown["content"]
        return found

    def rows(self, path: str) -> list[tuple[str, Json]]:
        """Return the rows of a list with the path of each."""
        return [(row_path(path, number, row), row) for number, row in enumerate(at(self.content, path) or ())]

    def question(self, path: str) -> str:
        """Return what is asked at a path; that of a cell, `plan.actions.due`, is the heading of its column."""
        return heading(self.questionnaire, path).rpartition(": ")[2]


def row_path(path: str, number: int, row: Json) -> str:
    """Return the path of a row: by its key, where it has one, else by its number from 0."""
    return f"{path}[key={row['key']}]" if row.get("key") else f"{path}[{number}]"


def at(content: Json, path: str) -> Any:
    """Return what stands at a path such as `how.results` or `amount.currency`, none where nothing does."""
    found: Any = content
    for step in path.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def empty(value: Any) -> bool:
    """Whether nothing is said."""
    if isinstance(value, dict):
        return all(empty(one) for one in value.values())
    return value is None or value == "" or value == []


def answers(
    section: Json, content: Json, terms: Terms, yes_no: tuple[str, str], names: Names = MappingProxyType({})
) -> Iterable[Answer]:
    """Return what a section's questions are answered with, the unanswered ones left out."""
    for question in section["questions"]:
        value = at(content, question["path"])
        if empty(value):
            continue
        if question["kind"] == "rows" and isinstance(value, list) and all(isinstance(row, dict) for row in value):
            rows = tuple(
                tuple(_cells(question, row, row_path(question["path"], number, row), terms, yes_no, names))
                for number, row in enumerate(value)
            )
            yield Answer(question, value, rows=tuple(row for row in rows if row))
        else:
            values = value if isinstance(value, list) else [value]
            items = tuple(f"{question['path']}[{number}]" for number, _ in enumerate(values))
            yield Answer(
                question,
                value,
                lines=tuple(shown(question, one, terms, yes_no, names) for one in values),
                places=items if isinstance(value, list) else (question["path"],),
            )


def _cells(
    question: Json, row: Json, place: str, terms: Terms, yes_no: tuple[str, str], names: Names
) -> Iterable[Cell]:
    for column in question["columns"]:
        value = at(row, column["path"])
        if empty(value) or value is False:
            continue
        values = value if isinstance(value, list) else [value]
        said = ", ".join(shown(column, one, terms, yes_no, names) for one in values)
        yield Cell(column, value, said, f"{place}.{column['path']}")


def shown(asked: Json, value: Any, terms: Terms, yes_no: tuple[str, str], names: Names = MappingProxyType({})) -> str:
    """Return one value as text."""
    if isinstance(value, bool):
        return yes_no[0] if value else yes_no[1]
    if isinstance(value, dict | list):
        return plain(value)  # a draft may hold anything
    if asked["vocabulary"]:
        return terms(asked["vocabulary"], str(value))
    if named := asked.get("names"):
        return names.get((named, str(value)), str(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def names(shown: Json, lang: str) -> Names:
    """Return what authorities are called that a record names, by its type and by what it may be named by."""
    return {
        (one["type"], name): one["names"].get(lang, one["name"])
        for one in shown["authorities"]
        for name in (one["slug"], one["id"])
    }


def title(shown: Json) -> tuple[str, str]:
    """Return the title of a public record and its language (BCP 47), in that which it was asked for if it can be."""
    return _told(shown, "title")


def summary(shown: Json) -> tuple[str, str]:
    """Return the summary of a public record and its language; both are empty where it has none."""
    return _told(shown, "summary")


def _told(shown: Json, what: str) -> tuple[str, str]:
    texts: Mapping[str, str] = shown[what]
    language = (shown.get("localized") or {}).get("language", "")
    language = language if language in texts else next(iter(texts), "")
    return texts.get(language, ""), language


def language_of(shown: Json, field: str) -> str:
    """Return the language (BCP 47) that a field, or a text at a path in it, is shown in."""
    localized = shown.get("localized") or {}
    found: str = localized["language"] if field in localized.get("fields", ()) else shown["content"]["language"]
    return found


def called(questionnaire: Json, place: str) -> str | None:
    """Return the question that a place of the form, such as `why.obstacles`, answers; none for any other."""
    return found if (found := heading(questionnaire, place)) != place else None


_INDEX = re.compile(r"\[(?:(\d+)|key=([^\]]*))\]")
_LANGUAGE = re.compile(r"translations\.[^.]+")
_TRANSLATED = re.compile(r"translations\.([^.]+)\.(.+)$")


def heading(questionnaire: Json, path: str) -> str:
    """Return what the field at a path such as `how.results[3]` is called: its question, and which item of a list.

    The path may begin with `content`, or be that of a text in `translations`.
    """
    if translated := _TRANSLATED.match(path):
        language, place = translated.groups()
        part = place.rpartition(".")
        if part[2] in ("text", "status") and not _is_column(questionnaire, place):
            place = part[0]  # of the translation, not a column that is called so
        return f"{heading(questionnaire, place)} ({language})"
    path = path.removeprefix("content.")
    plain = _INDEX.sub("", path)
    for section in questionnaire["sections"]:
        if plain == section["name"]:
            return str(section["title"])
        for question in section["questions"]:
            if plain == question["path"] or plain.startswith(question["path"] + "."):
                rest = plain[len(question["path"]) + 1 :]
                column = next((one["label"] for one in question["columns"] if one["path"] == rest), rest)
                place = _INDEX.search(path)
                item = f" {int(place[1]) + 1 if place[1] else place[2]}" if place else ""
                return f"{question['label']}{item}" + (f": {column}" if column else "")
    return path


def _is_column(questionnaire: Json, path: str) -> bool:
    """Tell whether a path leads to a value in a row."""
    plain = _INDEX.sub("", path)
    questions = (question for section in questionnaire["sections"] for question in section["questions"])
    return any(f"{one['path']}.{column['path']}" == plain for one in questions for column in one["columns"])


def plain(value: Any) -> str:
    """Return any value as text to be compared by eye."""
    if empty(value):
        return ""
    if isinstance(value, list):
        return "\n".join(plain(one) for one in value)
    if isinstance(value, dict):
        return "; ".join(plain(one) for one in value.values() if not empty(one))
    return value if isinstance(value, str) else json.dumps(value)


def differences(questionnaire: Json, found: Iterable[Json]) -> list[Json]:
    """Return differences as the api tells them, with a heading and both sides as text."""
    return [
        {
            **one,
            "heading": heading(questionnaire, one["path"]),
            "before": plain(one["before"]),
            "after": plain(one["after"]),
        }
        for whole in found
        for one in _text_by_text(whole)
    ]


def _text_by_text(found: Json) -> Iterable[Json]:
    """Yield a difference; one for each text where a record is translated into a language, or no longer is."""
    if not _LANGUAGE.fullmatch(found["path"]):
        yield found
        return
    before, after = (found[side] or {} for side in ("before", "after"))
    for place in {**before, **after}:
        yield {
            **found,
            "path": f"{found['path']}.{place}",
            "before": before.get(place),
            "after": after.get(place),
        }
