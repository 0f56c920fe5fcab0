"""Query parameters that a route does not declare are refused: a misspelt filter must never pass for no filter."""

from collections.abc import Iterator
from typing import Any

from fastapi import Request

from services.web.problems import Fault, Invalid, showable

_MOST_SHOWN = 20


def any_parameters() -> None:
    """Mark a route, as a dependency, that others send people to: with parameters of their own, which are ignored."""


async def declared_only(request: Request) -> None:
    """Raise `Invalid` for query parameters that the route does not declare; a dependency of a whole app."""
    if not request.scope["query_string"]:
        return
    dependant = request.scope["route"].dependant
    if any(dependency.call is any_parameters for dependency in dependant.dependencies):
        return
    declared = set(_names(dependant))
    unknown = [name for name in dict.fromkeys(request.query_params) if name not in declared]
    if unknown:
        raise Invalid([_fault(name, sorted(declared)) for name in unknown[:_MOST_SHOWN]])


def _names(dependant: Any) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for dependency in dependant.dependencies:
        yield from _names(dependency)


def _fault(name: str, declared: list[str]) -> Fault:
    message = "unknown: there is no such parameter here"
    return Fault(location="query", field=showable(name, 300), message=message, allowed=declared)
