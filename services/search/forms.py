"""Which strings of a record are text: told by the published form of its type, and guessed where none has come. Pure.

A form becomes a tree once, of the names that lead to its free texts; a record is read along the tree, and what the tree
does not name, codes, dates, addresses and names of other records, is passed over.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from services.search.engines.base import Part

FORM = "form"
"""Type of the records that tell."""

Tree = dict[str, Any]
"""Names in a content that lead to free text, each with what leads on from it, or with `TEXT`."""

TEXT = True
_MOST_FIELDS = 1_000
_CODED = re.compile(r"[a-z0-9]+([-._/#][A-Za-z0-9]+)*|[A-Z]{2,3}|[0-9-]+|[a-z]+://\S+|[a-z]{2,3}(-[A-Za-z0-9]+)+")


class _Guess:
    """Stands for a tree that nobody told: any string is text that does not look like a code, a date or an address."""

    def get(self, name: str) -> "_Guess":
        return self


GUESS = _Guess()


def trees(form: Mapping[str, Any]) -> dict[str, Tree]:
    """Return the trees of a form's public record by type: its own, and those of the rows that are records of their own.

    Raise `KeyError`, `TypeError` or `AttributeError` for one that is not of the published shape.
    """
    tree: Tree = {}
    for section in form["sections"]:
        for question in section["questions"]:
            for asked in question["columns"] or ({**question, "path": ""},):
                if asked["free"]:
                    _put(tree, [*question["path"].split("."), *filter(None, asked["path"].split("."))])
    rows = {one["type"]: _at(tree, one["path"]) for one in form["derived"]}
    return {str(form["id"]): tree, **rows}


@dataclass(frozen=True, slots=True)
class Field:
    """What a field of a section, or of a record without sections, holds: text of a weight and what leads on to it."""

    part: Part
    place: str
    on: Any


class Plan:
    """Where the texts of a type's records stand: a tree with the weights that the type gives to places.

    Without a tree it is guessed. What stands in `silent` places is passed over.
    """

    def __init__(self, tree: Tree | None, parts: Mapping[str, Part], silent: Iterable[str]) -> None:
        self._told = GUESS if tree is None else tree
        self._parts = parts
        self._silent = frozenset(silent)
        self._fields: dict[tuple[str, str], Field | None] = {}

    def field(self, section: str, name: str = "") -> Field | None:
        """Return what a field holds, none when it holds no text; without a name, what stands beside the sections."""
        try:
            return self._fields[section, name]
        except KeyError:
            if len(self._fields) >= _MOST_FIELDS:
                self._fields.clear()
            found = self._fields[section, name] = self._field(section, name)
            return found

    def searches(self, names: str) -> bool:
        """Tell whether what some names lead to, such as `plan.actions.text`, is searched where it is text."""
        return names not in self._silent

    def _field(self, section: str, name: str) -> Field | None:
        place = f"{section}.{name}" if name else section
        if section in self._silent or place in self._silent:
            return None
        if place in self._parts:
            return Field(self._parts[place], place, TEXT)
        on: Any = self._told.get(section)
        if name and on is not TEXT:
            on = on and on.get(name)
        inner = [one[len(place) + 1 :] for one in self._silent if one.startswith(f"{place}.")]
        if isinstance(on, dict):
            on = {key: held for key, held in on.items() if key not in inner}
        return Field("body", place, on) if on else None


def strings(value: Any, on: Any) -> list[str]:
    """Return the texts below a place, in their order; `on` is what leads on from there."""
    if on is TEXT:
        # Most are lists of texts or a text; raising for what is neither is left to who joins them.
        return [value] if isinstance(value, str) else list(value)
    found: list[str] = []
    _gather(value, on, found)
    return found


def _gather(value: Any, on: Any, found: list[str]) -> None:
    if isinstance(value, list):
        for held in value:
            _gather(held, on, found)
    elif isinstance(value, dict):
        for name, further in on.items() if on is not GUESS else ((name, GUESS) for name in value):
            held = value.get(name)
            if held:
                if further is TEXT and isinstance(held, str):
                    found.append(held)
                else:
                    _gather(held, further, found)
    elif isinstance(value, str) and (on is TEXT or (on is GUESS and not _CODED.fullmatch(value))):
        found.append(value)


def _put(tree: Tree, names: list[str]) -> None:
    *above, last = names
    reduce(lambda held, name: held.setdefault(name, {}), above, tree)[last] = TEXT


def _at(tree: Tree, path: str) -> Tree:
    return reduce(lambda held, name: held.get(name) or {}, path.split("."), tree)
