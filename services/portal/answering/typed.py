"""Numbers as people type them, in the languages of the interface. Pure."""

import re
from decimal import Decimal

LARGEST = 2**53
"""Beyond it readers of JSON differ on whole numbers."""

_SPACES = re.compile(r"[\s\u00a0\u202f']")
_PLAIN = re.compile(r"[+-]?\d{1,400}(\.\d{1,400})?")
_GROUPS = re.compile(r"[+-]?\d{1,3}([.,])\d{3}(\1\d{3})*")
_BOTH = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+|[+-]?\d{1,3}(?:\.\d{3})+,\d+")
_OPEN = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3}|\.\d\d0)")
_COMMA = re.compile(r"[+-]?\d{1,400},\d{1,400}")


def number(text: str, whole: bool) -> int | float | None:
    """Read a number, or return none for what is none or may mean two.

    Spaces may stand between thousands, points and commas too where they can mean nothing else: `1.495` is 1495 as a
    count (`whole`) and 1.495 as a measure, while a measure of `1,495` or `1.500` may be either and is not taken.
    """
    bare = _SPACES.sub("", text)
    if not whole and is_open(text):
        return None
    groups = _GROUPS.fullmatch(bare)
    if groups and (whole or bare.count(groups[1]) > 1):
        bare = bare.replace(groups[1], "")
    elif _BOTH.fullmatch(bare):
        thousands = "," if bare.rindex(".") > bare.rindex(",") else "."
        bare = bare.replace(thousands, "").replace(",", ".")
    elif _COMMA.fullmatch(bare):
        bare = bare.replace(",", ".")
    if not _PLAIN.fullmatch(bare):
        return None
    value = Decimal(bare)
    return int(value) if value == value.to_integral_value() and abs(value) <= LARGEST else float(value)


def is_open(text: str) -> bool:
    """Tell whether a measure may be read in two ways: a zero after two decimals more likely ends a thousand."""
    return _OPEN.fullmatch(_SPACES.sub("", text)) is not None


def text(value: int | float) -> str:
    """Return a number as `number` reads it back."""
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    return str(value)
