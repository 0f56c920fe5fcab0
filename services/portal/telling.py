"""What may be told of a public record later on: by whom, of which of its rows, and how that is put. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.portal import record
from services.portal.upstream import Json

LONGEST = 80
"""Characters of a row's text by which it is told from others."""


def tellable(form: Json, content: Json, me: Json, owner: str | None) -> list[Json]:
    """Return which steps of a form a person may tell of a record.

    `owner` is the slug of the authority that the record belongs to, none to who sees no drafts of it.
    """
    own = {me["authority"]["slug"], me["authority"]["id"]} if me["authority"] else set()
    parts = {"secretariat"} if me["rights"]["decide"] else set()
    if owner in own:
        parts.add("office")
    if any(record.at(content, one["path"]) in own for one in form["parties"]):
        parts.add("partner")
    return [one for one in form["steps"] if parts.intersection(one["who"])]


def kinds(steps: Iterable[Json], words: Mapping[str, str]) -> dict[str, str]:
    """Return what may be said in words, by `kind`, or `kind:value` where the kind has values."""
    found: dict[str, str] = {}
    for one in steps:
        label = words.get(one["kind"], one["kind"])
        found |= {f"{one['kind']}:{value}": f"{label} · {words.get(value, value)}" for value in one["values"]}
        if not one["values"]:
            found[one["kind"]] = label
    return found


def rows(steps: Iterable[Json], questionnaire: Json, content: Json) -> dict[str, str]:
    """Return the rows of a record that something may be told of, by path: what each is called, and its first text."""
    found: dict[str, str] = {}
    for block in dict.fromkeys(one["block"] for one in steps if one["block"]):
        for number, row in enumerate(record.at(content, block) or ()):
            path = f"{block}[{number}]" if not row.get("key") else f"{block}[key={row['key']}]"
            text = _text(questionnaire, block, row)
            found[path] = (
                f"{record.heading(questionnaire, path)}: {text}" if text else record.heading(questionnaire, path)
            )
    return found


def _text(questionnaire: Json, block: str, row: Json) -> str:
    asked = next(one for part in questionnaire["sections"] for one in part["questions"] if one["path"] == block)
    texts: list[Any] = [record.at(row, one["path"]) for one in asked["columns"] if one["kind"] in ("text", "long-text")]
    first = next((text for text in texts if isinstance(text, str) and text), "")
    return first if len(first) <= LONGEST else f"{first[: LONGEST - 1].rstrip()}…"


def whole(steps: Iterable[Json]) -> bool:
    """Whether anything may be told of the whole record, in none of its rows."""
    return any(one["block"] is None for one in steps)
