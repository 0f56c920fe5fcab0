"""The facets of all types that are declared, each once."""

from collections.abc import Mapping
from functools import cache

from services.search.declaring import Facet, SearchType
from services.search.types import TYPES


def facets() -> Mapping[str, Facet]:
    """Return every facet by its name, in the order in which types declare them, as the first one declares it."""
    return _facets(tuple(TYPES.values()))


def any_of() -> frozenset[str]:
    """Return the facets whose values are alternatives."""
    return frozenset(name for name, facet in facets().items() if not facet.all_of)


def visible() -> tuple[str, ...]:
    """Return the types that are found where none is named."""
    return tuple(name for name, type in TYPES.items() if not type.derived)


def abreast() -> frozenset[str]:
    """Return the types whose records stand together by relevance."""
    return frozenset(name for name, type in TYPES.items() if not (type.derived or type.apart))


@cache
def _facets(types: tuple[SearchType, ...]) -> Mapping[str, Facet]:
    found: dict[str, Facet] = {}
    for type in types:
        for facet in type.facets:
            found.setdefault(facet.name, facet)
    return found
