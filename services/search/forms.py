"""Which strings of a record are text: told by the published form of its type, and guessed where none has come. Pure.

A form becomes a tree once, of the names that lead to its free texts; a record is read along the tree, and what the tree
does not name, codes, dates, addresses and names of other records, is passed over.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from typing import Any

FORM = "form"
"""Type of the records that tell."""

Tree = dict[str, Any]
"""Names in a content that lead to free text, each with what leads on from it, or with `TEXT`."""

TEXT = True
_CODED = re.compile(r"[a-z0-9]+([-._/#][A-Za-z0-9]+)*|[A-Z]{2,3}|[0-9-]+|[a-z]+://\S+|[a-z]{2,3}(-[A-Za-z0-9]+)+")


class _Guess:
    """Stands for a tree that nobody told: any string is text that does not look like a code, a date or an address."""

    def get(self, name: str) -> "_Guess":
        return self


GUESS = _Guess()
Plan = Tree | _Guess


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


def kept(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an index keeps of a form beside its titles."""
    return {"trees": trees(form)}


def without(tree: Tree, places: Iterable[str]) -> Tree:
    """Return a tree without what stands in some places."""
    return {
        name: without(held, [place[len(name) + 1 :] for place in places if place.startswith(f"{name}.")])
        if isinstance(held, dict)
        else held
        for name, held in tree.items()
        if name not in places
    }


def strings(value: Any, plan: Any) -> Iterator[str]:
    """Yield the texts below a place, in their order; `plan` is what leads on from there."""
    if isinstance(value, str):
        if plan is TEXT or (plan is GUESS and not _CODED.fullmatch(value)):
            yield value
    elif isinstance(value, dict):
        for name, held in value.items():
            if held and (on := plan.get(name)):
                yield from strings(held, on)
    elif isinstance(value, list):
        for held in value:
            yield from strings(held, plan)


def _put(tree: Tree, names: list[str]) -> None:
    *above, last = names
    reduce(lambda held, name: held.setdefault(name, {}), above, tree)[last] = TEXT


def _at(tree: Tree, path: str) -> Tree:
    return reduce(lambda held, name: held.get(name) or {}, path.split("."), tree)
