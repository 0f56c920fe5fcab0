"""Paths to places in a content, such as `how.results[0]`, as people write them and as programs walk them.

A row is named by its position, `actions[0].text`, or by its key, which stays when it moves: `actions[key=3.1].text`.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

from pydantic import BaseModel

KEY = "key"
"""The field of a row that holds its key."""
LONGEST_KEY = 40

KEYED = rf"\[key=[A-Za-z0-9._-]{{1,{LONGEST_KEY}}}\]"
"""The step to a row that has a key, as a pattern."""
PLACE = rf"^[a-z_]+(\.[a-z_]+)?(\[[0-9]+\]|{KEYED}(\.[a-z_]+){{0,3}})?$"
"""What references may speak of: a field, an item of a list, what stands in a row that has a key."""
TEXT_PLACE = rf"^[a-z_]+\.[a-z_]+(\[[0-9]+\]|{KEYED}(\.[a-z_]+){{1,3}})?$"
"""What translations may speak of: a text, one of a list of texts, one in a row that has a key."""
ANYWHERE = rf"^[a-z_]+(\[[0-9]{{1,3}}\]|{KEYED})?(\.[a-z_]+(\[[0-9]{{1,3}}\]|{KEYED})?){{0,4}}$"
"""What comments may speak of: any place."""

_ROW = re.compile(rf"\[[0-9]+\]|{KEYED}")
_STEPS = re.compile(rf"\[key=([A-Za-z0-9._-]{{1,{LONGEST_KEY}}})\]|\[([0-9]{{1,9}})\]|([^.\[\]]+)")


class Key(str):
    """The step to the row of a list that has a key."""

    __slots__ = ()


Step = str | int
"""The name of a field, the number of an item from 0, the key of a row."""


def steps(path: str) -> list[Step]:
    """Return the names, numbers and keys that a path is made of; whatever else stands in it is passed over."""
    return list(_steps(path))


@lru_cache(maxsize=4096)
def _steps(path: str) -> tuple[Step, ...]:
    return tuple(Key(key) if key else int(number) if number else name for key, number, name in _STEPS.findall(path))


def written(way: Iterable[Step]) -> str:
    """Return the path that is made of some steps."""
    return "".join(
        f"[key={step}]" if isinstance(step, Key) else f"[{step}]" if isinstance(step, int) else f".{step}"
        for step in way
    ).removeprefix(".")


def unnumbered(path: str) -> str:
    """Return a path without the numbers and keys of rows: `actions.text` for `actions[key=3.1].text`."""
    return _ROW.sub("", path)


def names(path: str) -> list[str]:
    """Return the names of the fields that a path leads through."""
    return [step for step in steps(path) if isinstance(step, str) and not isinstance(step, Key)]


def value_at(content: BaseModel | Mapping[str, Any], path: str) -> Any:
    """Return what stands at a path in a content or its JSON; none when it is empty or no field of the questionnaire."""
    value: Any = content
    for step in _steps(path):
        value = _inside(value, step)
    return None if value == [] else value


def text_at(content: BaseModel | Mapping[str, Any], path: str) -> str | None:
    """Return the text at a path such as `how.objectives[0]`, none when there is none."""
    value = value_at(content, path)
    return value if isinstance(value, str) else None


def positions(content: BaseModel | Mapping[str, Any], way: Iterable[Step]) -> list[Step]:
    """Return steps that name rows by where they stand; the key that no row has stays."""
    found: list[Step] = []
    for step in way:
        place = _position(value_at(content, written(found)), step) if isinstance(step, Key) else None
        found.append(step if place is None else place)
    return found


def put(content: dict[str, Any], path: str, value: Any) -> None:
    """Set what stands at a path, making the objects on the way; one past the end of a list appends.

    Raises `KeyError` for a row that there is none of, and where something else stands in the way.
    """
    way = steps(path)
    here: Any = content
    for step, following in pairwise(way):
        inner = _inside(here, step)
        if inner is None:
            inner = {} if _is_name(following) else []
            _set(here, step, inner, path)
        here = inner
    _set(here, way[-1], value, path)


def take_out(content: dict[str, Any], path: str) -> Any:
    """Remove what stands at a path and return it, none when nothing did; rows behind a removed one move up."""
    *way, last = steps(path)
    here: Any = content
    for step in way:
        here = _inside(here, step)
    if _is_name(last):
        return here.pop(last, None) if isinstance(here, dict) else None
    position = _position(here, last)
    return None if position is None else here.pop(position)


def without(content: Mapping[str, Any], paths: Collection[str]) -> dict[str, Any]:
    """Return a JSON without what stands at some paths, in each row where one leads through a list.

    The paths name no rows: `actions.note`. An object that is left empty goes too, but no row does.
    """
    branches: _Branches = {}
    for path in paths:
        here = branches
        for name in path.split("."):
            here = here.setdefault(name, {})
    left = _pruned(content, branches)
    return {} if left is _GONE else left


_Branches = dict[str, "_Branches"]
_GONE: Any = object()


def _pruned(value: Any, branches: _Branches) -> Any:
    if isinstance(value, list):
        return [{} if (left := _pruned(item, branches)) is _GONE else left for item in value]
    if not isinstance(value, Mapping):
        return value
    kept = {}
    for name, inner in value.items():
        branch = branches.get(name)
        if branch is None:
            kept[name] = inner
        elif branch and (left := _pruned(inner, branch)) is not _GONE:
            kept[name] = left
    return _GONE if value and not kept else kept


def _is_name(step: Step) -> bool:
    return type(step) is str  # a key is of a class of its own


def _inside(value: Any, step: Step) -> Any:
    if _is_name(step):
        return _field(value, str(step))
    position = _position(value, step)
    return None if position is None else value[position]


def _field(value: Any, name: str) -> Any:
    if isinstance(value, dict):  # nearly all are: whether something is a mapping is a slow question
        return value.get(name)
    if isinstance(value, BaseModel):
        return getattr(value, name) if name in type(value).model_fields else None
    return value.get(name) if isinstance(value, Mapping) else None


def _position(value: Any, step: Step) -> int | None:
    """Return where in a list the row is that a step leads to, none where there is none."""
    if not isinstance(value, list):
        return None
    if isinstance(step, Key):
        return next((number for number, row in enumerate(value) if key_of(row) == str(step)), None)
    return step if isinstance(step, int) and step < len(value) else None


def is_key(text: str) -> bool:
    """Tell whether a text can be the key of a row in a path."""
    return _ROW.fullmatch(f"[key={text}]") is not None


def key_of(row: Any) -> Any:
    """Return what stands in a row as its key, none where there is nothing."""
    return _field(row, KEY)


def _set(here: Any, step: Step, value: Any, path: str) -> None:
    if isinstance(here, dict) and _is_name(step):
        here[step] = value
    elif (position := _position(here, step)) is not None:
        here[position] = value
    elif isinstance(here, list) and step == len(here):
        here.append(value)
    else:
        raise KeyError(path)
