"""Paths to places in a content, such as `how.results[0]`, as people write them and as programs walk them."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

STEP = re.compile(r"\[[0-9]+\]")
"""The number of an item in a path."""

_NAMES = re.compile(r"[a-z_]+|[0-9]{1,9}")


def steps(path: str) -> list[str | int]:
    """Return the names and numbers that a path is made of."""
    return [int(step) if step.isdigit() else step for step in _NAMES.findall(path)]


def value_at(content: BaseModel | Mapping[str, Any], path: str) -> Any:
    """Return what stands at a path in a content or its JSON; none when it is empty or no field of the questionnaire."""
    value: Any = content
    for step in steps(path):
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
        elif isinstance(value, BaseModel):
            value = getattr(value, step) if step in type(value).model_fields else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return None if value == [] else value


def text_at(content: Mapping[str, Any], path: str) -> str | None:
    """Return the text at a path such as `how.objectives[0]`, none when there is none."""
    value = value_at(content, path)
    return value if isinstance(value, str) else None


def put(content: dict[str, Any], path: str, value: Any) -> None:
    """Set what stands at a path, which leads to something already."""
    *way, last = steps(path)
    here: Any = content
    for step in way:
        here = here[step]
    here[last] = value
