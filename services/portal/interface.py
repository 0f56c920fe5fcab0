"""The interface documents (OpenAPI) of the services, as people read them. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.portal.upstream import Json

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Parameter:
    """What may be given with a request: its place (`query`, `path`, `header`) and what is allowed, in words."""

    name: str
    place: str
    required: bool
    description: str
    allowed: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked for."""

    method: str
    path: str
    anchor: str
    summary: str
    description: tuple[str, ...]
    key: str
    """Whether a key is needed: `none`, `optional` or `required`."""
    parameters: tuple[Parameter, ...]
    bodies: tuple[tuple[str, str], ...]
    """Media type and schema of what may be sent."""
    answers: tuple[tuple[str, str], ...]
    """Status code and what it means."""


def groups(document: Json) -> list[tuple[str, list[Operation]]]:
    """Return the operations of an OpenAPI document by tag, in its own order."""
    found: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method in METHODS:
            if one := methods.get(method):
                found.setdefault((one.get("tags") or [""])[0], []).append(_operation(path, method, one))
    return list(found.items())


def _operation(path: str, method: str, one: Json) -> Operation:
    paragraphs = (one.get("description") or "").split("\n\n")
    security = one.get("security")
    bodies = (one.get("requestBody") or {}).get("content", {})
    return Operation(
        method=method.upper(),
        path=path,
        anchor=anchor(method, path),
        summary=one.get("summary") or "",
        description=tuple(" ".join(text.split()) for text in paragraphs if text.strip()),
        key="none" if not security else "optional" if {} in security else "required",
        parameters=tuple(_parameter(parameter) for parameter in one.get("parameters", ())),
        bodies=tuple((kind, _schema_name(body.get("schema") or {})) for kind, body in bodies.items()),
        answers=tuple((code, answer["description"]) for code, answer in sorted(one["responses"].items())),
    )


def anchor(method: str, path: str) -> str:
    """Return the name of the place on a page where an operation is told."""
    return f"{method}-{re.sub('[^a-z0-9]+', '-', path.lower()).strip('-')}"


def _parameter(one: Json) -> Parameter:
    schema = one.get("schema") or {}
    return Parameter(
        name=one["name"],
        place=one["in"],
        required=bool(one.get("required")),
        description=one.get("description") or schema.get("description") or "",
        allowed=tuple(_allowed(schema)),
        values=tuple(str(value) for value in _values(schema)),
    )


def _options(schema: Json) -> Iterable[Json]:
    """Yield the schemas that a value may follow, but for that of nothing at all."""
    for option in schema.get("anyOf") or [schema]:
        if option.get("type") == "array":
            yield from _options(option.get("items") or {})
        elif option.get("type") != "null":
            yield option


def _values(schema: Json) -> Iterable[Any]:
    if "anyOf" in schema:
        yield from schema.get("enum") or ()
    for option in _options(schema):
        yield from option.get("enum") or ([option["const"]] if "const" in option else [])


_BOUNDS: Mapping[str, str] = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "pattern": "pattern {}",
}


def _allowed(schema: Json) -> Iterable[str]:
    for option in _options(schema):
        if kind := option.get("format") or option.get("type"):
            yield str(kind)
        yield from (words.format(option[name]) for name, words in _BOUNDS.items() if name in option)
    if schema.get("default") is not None:
        yield f"default {schema['default']}"


def _schema_name(schema: Json) -> str:
    return str(schema.get("$ref", "")).rsplit("/", 1)[-1] or str(schema.get("type") or "")


MOST_ITEMS, LONGEST, DEEPEST = 2, 120, 5


def abridged(value: Any, depth: int = 0) -> Any:
    """Return an answer short enough to read: the first items of lists, the beginnings of texts."""
    if isinstance(value, dict):
        if depth >= DEEPEST:
            return "…"
        return {key: abridged(one, depth + 1) for key, one in value.items()}
    if isinstance(value, list):
        if depth >= DEEPEST and value:
            return "…"
        more = [f"… {len(value) - MOST_ITEMS} more"] if len(value) > MOST_ITEMS else []
        return [*(abridged(one, depth + 1) for one in value[:MOST_ITEMS]), *more]
    if isinstance(value, str) and len(value) > LONGEST:
        return value[:LONGEST].rstrip() + " …"
    return value
