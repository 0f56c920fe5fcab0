"""Keys of rows: what others refer to by its key keeps it wherever it moves, and no key is given twice."""

import copy
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import PydanticCustomError

from services.api.forms.answers import answered
from services.api.forms.paths import KEY, key_of
from services.api.forms.rules import Breach, Check, Content, items

_SIGNS = "abcdefghijkmnpqrstuvwxyz23456789"
"""Without those that are taken for one another."""
_LENGTH = 6


def keys_once(lists: Sequence[str]) -> Check:
    """Return the check that no two rows of one list have the same key."""

    def check(content: Content) -> Iterator[Breach]:
        for path in lists:
            seen: set[str] = set()
            for number, key in enumerate(map(key_of, items(content, path))):
                if isinstance(key, str) and key in seen:
                    message = "'{key}' is the key of a row above already"
                    yield Breach(f"{path}[{number}].{KEY}", PydanticCustomError("key_twice", message, {"key": key}))
                elif isinstance(key, str):
                    seen.add(key)

    return check


def keyed(lists: Sequence[str], content: dict[str, Any], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a JSON whose rows in some lists all have keys; the same object where they have already.

    Keys that are made are none that `content` has, nor `before`. Blank rows, and what is no row, are left alone.
    """
    if not any(_lacks(row) for path in lists for row in items(content, path)):
        return content
    taken = {str(key_of(row)) for one in (content, before or {}) for path in lists for row in items(one, path)}
    made = copy.deepcopy(content)
    for row in (row for path in lists for row in items(made, path) if _lacks(row)):
        row[KEY] = _new(taken)
    return made


def _lacks(row: Any) -> bool:
    return isinstance(row, dict) and not answered(row.get(KEY)) and answered(row)


def _new(taken: set[str]) -> str:
    """Make a key that is not taken, and take it."""
    while (key := "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))) in taken:
        pass
    taken.add(key)
    return key
