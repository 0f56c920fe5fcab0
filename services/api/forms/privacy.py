"""What of a content is no part of anything public, and the content without it."""

from collections.abc import Collection, Iterable, Mapping
from itertools import accumulate
from typing import Any

from services.api.forms.catalogue import Question
from services.api.forms.paths import names, without

REFERENCES = "references"
"""The question whose rows say in `field` which place of the content they are about."""


def private_places(questions: Iterable[Question]) -> tuple[str, ...]:
    """Return the paths of what is private, each that of the largest whole in which nothing is public."""
    places: dict[bool, list[str]] = {True: [], False: []}
    for asked in questions:
        for one in asked.columns:
            places[asked.private or one.private].append(f"{asked.path}.{one.path}")
        if not asked.columns:
            places[asked.private].append(asked.path)
    shown = {whole for path in places[False] for whole in _wholes(path)}
    return tuple(dict.fromkeys(next(one for one in _wholes(path) if one not in shown) for path in places[True]))


def _wholes(path: str) -> Iterable[str]:
    """Return the paths of what a path leads through, the outermost first."""
    return accumulate(path.split("."), "{}.{}".format)


def lies_in(path: str, places: Collection[str]) -> bool:
    """Tell whether a path leads to, or into, one of some places."""
    within = f"{'.'.join(names(path))}."
    return any(within.startswith(f"{one}.") for one in places)


def shown(content: Mapping[str, Any], private: Collection[str]) -> dict[str, Any]:
    """Return a JSON without what stands at private paths, and without references to it."""
    left = without(content, private)
    if isinstance(references := left.get(REFERENCES), list):
        left[REFERENCES] = [row for row in references if not _tells(row, private)]
    return left


def _tells(reference: Any, private: Collection[str]) -> bool:
    return isinstance(reference, Mapping) and lies_in(str(reference.get("field", "")), private)
