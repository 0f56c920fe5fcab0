"""Whether something is an answer at all."""

from collections.abc import Iterable
from typing import Any

_DEEPEST = 8


def answered(value: Any, depth: int = 0) -> bool:
    """Tell whether a JSON value says anything: blank texts, nulls, and rows and lists of nothing else do not.

    In a row an unticked box says nothing by itself. What is nested deeper than any answer is taken for one.
    """
    if isinstance(value, str):
        return value != "" and not value.isspace()
    inside: Iterable[Any]
    if isinstance(value, dict):
        inside = value.values()
    elif isinstance(value, list):
        inside = value
    else:
        return value is not None and (value is not False or depth == 0)
    if depth > _DEEPEST:
        return True
    for inner in inside:  # noqa: SIM110 - a generator would take most of the time of a rebuild
        if answered(inner, depth + 1):
            return True
    return False
