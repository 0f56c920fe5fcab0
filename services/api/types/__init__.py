"""The record types: one folder a type, which declares its form, rules, words and workflow."""

from services.api.forms.types import RecordType
from services.api.types.practice.type import TYPE as PRACTICE

TYPES: dict[str, RecordType] = {type.name: type for type in (PRACTICE,)}
"""Every type by its name; the first one is meant where a request names none."""


def default() -> RecordType:
    """Return the type that is meant where none is named."""
    return next(iter(TYPES.values()))
