"""A draft as people read it: what is missing, what differs between saved states, what readers would see. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from services.portal import record
from services.portal.answering.answers import Say, lacking
from services.portal.answering.forms import id_of
from services.portal.casework import cases
from services.portal.record import Answer
from services.portal.reference import Terms
from services.portal.types import RecordType
from services.portal.upstream import Json


@dataclass(frozen=True)
class Asked:
    """A question with its answer, none where it is open, and the threads of comments on it."""

    question: Json
    answer: Answer | None
    threads: tuple[Json, ...]

    @property
    def places(self) -> list[tuple[str, int]]:
        """The items of its answer that one may comment on: path, and number as people count."""
        value = self.answer.value if self.answer else None
        count = len(value) if isinstance(value, list) else 0
        return [(f"{self.question['path']}[{place}]", place + 1) for place in range(count)] if count > 1 else []


def findings(type: RecordType, questionnaire: Json, found: Iterable[Json], gettext: Say) -> list[Json]:
    """Return findings with the heading of their place, where to go, and what is lacking in the visitor's language."""
    return [
        {
            **one,
            "heading": record.heading(questionnaire, one["path"]),
            "section": cases.section_of(questionnaire, one["path"]),
            "anchor": id_of(one["path"]),
            "told": lacking(one, gettext, type.needed_by, questionnaire["rules"]),
        }
        for one in found
    ]


def placed(questionnaire: Json, comment: Json) -> Json:
    """Return a comment with the heading of what it is about."""
    return {**comment, "heading": record.heading(questionnaire, comment["path"]) if comment["path"] else None}


def compared(questionnaire: Json, before: Json, after: Json, labels: Terms, yes_no: tuple[str, str]) -> list[Json]:
    """Return what differs between two saved states, question by question, then translated texts."""
    found = []
    for section in questionnaire["sections"]:
        texts = [
            {one.question["path"]: one.text for one in record.answers(section, side["content"], labels, yes_no)}
            for side in (before, after)
        ]
        for question in section["questions"]:
            old, new = (side.get(question["path"], "") for side in texts)
            if old != new:
                found.append({"heading": question["label"], "before": old, "after": new})
    sides = [_translated(side["translations"]) for side in (before, after)]
    for language, path in sorted(sides[0].keys() | sides[1].keys()):
        old, new = (record.plain(side.get((language, path))) for side in sides)
        if old != new:
            found.append(
                {"heading": f"{record.heading(questionnaire, path)} ({language})", "before": old, "after": new}
            )
    return found


def _translated(translations: Json) -> dict[tuple[str, str], Any]:
    return {
        (language, path): text.get("text") if isinstance(text, dict) else text
        for language, texts in translations.items()
        if isinstance(texts, dict)
        for path, text in texts.items()
    }


def readable(questionnaire: Json, content: Json, found: Iterable[Json]) -> tuple[Json, list[Json]]:
    """Return what a draft would show, with blanks where nothing is said, and the questions whose answers are left out.

    Left out is each answer in which something is still wrong or missing: it could not be published as it is.
    """
    shown: Json = {**content}
    paths = [one["path"] for one in found]
    left_out = []
    for section in questionnaire["sections"]:
        for question in section["questions"]:
            path = question["path"]
            value = record.at(content, path)
            if not record.empty(value) and any(cases.belongs(one, path) for one in paths):
                left_out.append(question)
                value = None
            _put(shown, path, [] if value is None and question["kind"] in LISTS else value)
    return shown | {"language": shown["language"] or "en"}, left_out


LISTS = frozenset(("codes", "texts", "rows"))
"""Kinds that are answered with a list."""


def _put(content: Json, path: str, value: Any) -> None:
    *heads, last = path.split(".")
    for head in heads:
        inner = content.get(head)
        content[head] = {**inner} if isinstance(inner, dict) else {}
        content = content[head]
    content[last] = value
