"""The types of record that this site shows: one file a type, which declares its words and how its records appear."""

from collections.abc import Callable
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from services.portal.types.declaration import RecordType, Words
from services.portal.types.own_account import TYPE as OWN_ACCOUNT
from services.portal.types.practice import TYPE as PRACTICE
from services.portal.types.programme import TYPE as PROGRAMME
from services.portal.types.road_map import TYPE as ROAD_MAP
from services.portal.upstream import Refused

__all__ = ["TYPES", "RecordType", "Words", "default", "find", "template_globals"]

TYPES: dict[str, RecordType] = {type.name: type for type in (PRACTICE, ROAD_MAP, PROGRAMME, OWN_ACCOUNT)}
"""Every type by its name; the first one is what the front page, the map and the matrix are about."""


def default() -> RecordType:
    """Return the type that is meant where none is named."""
    return next(iter(TYPES.values()))


def find(name: str) -> RecordType:
    """Return a type by its name; raise `Refused` for one that this site does not show."""
    if name not in TYPES:
        raise Refused(404, f"Records of the type '{name}' are not shown here")
    return TYPES[name]


def template_globals(translate: Callable[[str], str]) -> dict[str, Any]:
    """Return what templates call types: `type` is the one that a page is about, the one in front if no other."""
    return {
        "type": default(),
        "front": default(),
        "types": TYPES.values(),
        "type_of": TYPES.get,
        "words": _words,
        "counted": _counted,
        "heading": _heading,
        "is_facet": _is_facet,
    }


@pass_context
def _words(context: Context) -> Words:
    type: RecordType = context["type"]
    return type.words(context["lang"])


@pass_context
def _counted(context: Context, forms: tuple[str, str], num: int) -> str:
    type: RecordType = context["type"]
    return type.counted(forms, num, context["lang"])


@pass_context
def _heading(context: Context, name: str) -> str:
    return _words(context).facets.get(name, name)


@pass_context
def _is_facet(context: Context, name: str) -> bool:
    type: RecordType = context["type"]
    return name in type.groups
