"""The record types: one folder a type, which declares its form, rules, words and workflow."""

from services.api.forms.types import RecordType
from services.api.types.own_account.type import TYPE as OWN_ACCOUNT
from services.api.types.practice.type import TYPE as PRACTICE
from services.api.types.programme.type import TYPE as PROGRAMME
from services.api.types.road_map.type import TYPE as ROAD_MAP

TYPES: dict[str, RecordType] = {type.name: type for type in (PRACTICE, PROGRAMME, ROAD_MAP, OWN_ACCOUNT)}
"""Every type by its name; the first one is meant where a request names none.

A folder is taken in in this order: a type comes after those that its printed cases link to.
"""


def default() -> RecordType:
    """Return the type that is meant where none is named."""
    return next(iter(TYPES.values()))
