"""What stands in one cell of a table: how values are written there and read back, the same in CSV and in XLSX.

Spreadsheets take a text for a formula, a number or a date when it looks like one. In CSV such a text gets an apostrophe
in front, as people type it; in XLSX cells have types of their own.
"""

import re
from datetime import date, datetime, time
from typing import Any

from services.api.forms.shape import Group, Many, Node, Scalar

Cell = Any
"""A text, a number, a truth value, a moment, or nothing."""

EMPTY_GROUP = "{}"
"""What stands for a group that is there and has nothing in it."""

_BETWEEN = "; "
_BETWEEN_CODES = re.compile(r"\s*[;,|\n]\s*")
_FORMULA = tuple("=+-@\t\r\n")
_NUMBERLIKE = re.compile(r"[\d.,:/%\s+\-eE]+")
_TRUE = frozenset(("true", "vrai", "verdadero", "vero", "yes", "oui", "sí", "si", "sì", "1"))
_FALSE = frozenset(("false", "faux", "falso", "no", "non", "0"))
_ERRORS = frozenset(("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"))
_WHOLE = re.compile(r"[+-]?\d{1,30}(\.0{1,15})?")
_NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,3})?")
_OPEN = re.compile(r"[+-]?[1-9]\d{0,2}\.\d\d0")
"""May be thousands: no program writes a zero after two decimals."""
_COMMA = re.compile(r"([+-]?\d{1,30}),(\d{1,30})")


class NotAValue(ValueError):
    """A cell that holds nothing that can be a value; the message says why."""


def written(node: Node, value: Any) -> Cell:
    """Return what a cell holds for a value of a form."""
    if isinstance(node, Group):
        return EMPTY_GROUP
    return _BETWEEN.join(value) if isinstance(node, Many) else value


def read(node: Node, cell: Cell, *, decimal_comma: bool = False) -> Any:
    """Return the JSON value that a filled cell stands for; what is none of its type is left for the model to refuse.

    Raise `NotAValue` for an error of the spreadsheet, and for what stands in place of a group.
    """
    if isinstance(cell, str) and cell in _ERRORS:
        raise NotAValue(f"the cell holds the spreadsheet's error {cell}")
    if isinstance(node, Many):
        assert isinstance(node.item, Scalar)  # noqa: S101 - other lists have columns of their own
        return [_text(node.item, part) for part in _BETWEEN_CODES.split(as_text(cell).strip()) if part]
    if isinstance(node, Group):
        if cell != EMPTY_GROUP:
            raise NotAValue(f"only {EMPTY_GROUP} may stand here, for what has nothing in it; its parts have columns")
        return {}
    if node.type is str:
        return _text(node, cell)
    if node.type is bool:
        return _truth(cell)
    return _number(node, cell, decimal_comma)


def guarded(text: str) -> str:
    """Return a text as CSV holds it: with an apostrophe in front when a spreadsheet would take it for another thing."""
    return f"'{text}" if _needs_guard(text) else text


def typed(text: str) -> str:
    """Return a text as XLSX holds it in a cell of texts, so that `unguarded` gives it back."""
    return guarded(text) if text.startswith("'") or text in _ERRORS else text


def unguarded(text: str) -> str:
    """Take away the apostrophe that `guarded` puts in front."""
    return text[1:] if text.startswith("'") and _needs_guard(text) else text


def _needs_guard(text: str) -> bool:
    bare = text.lstrip("'")
    if bare.startswith(_FORMULA):
        return True
    if bare.lower() in _TRUE | _FALSE or bare in _ERRORS or bare == EMPTY_GROUP:
        return True
    return any(letter.isdigit() for letter in bare[:40]) and _NUMBERLIKE.fullmatch(bare) is not None


def as_text(cell: Cell) -> str:
    """Return a cell as people see it."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _text(scalar: Scalar, cell: Cell) -> str:
    text = as_text(cell)
    if scalar.codes and text not in scalar.codes and text.isdecimal():
        return next((code for code in scalar.codes if code.isdecimal() and int(code) == int(text[:10])), text)
    return unguarded(text)


def _truth(cell: Cell) -> Any:
    text = as_text(cell).strip().lower()
    return True if text in _TRUE else False if text in _FALSE else cell


def _number(scalar: Scalar, cell: Cell, decimal_comma: bool) -> Any:
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        return cell
    if not isinstance(cell, str):
        return int(cell) if scalar.type is int and isinstance(cell, float) and cell.is_integer() else cell
    text = cell.strip()
    if decimal_comma and (parts := _COMMA.fullmatch(text)):
        text = f"{parts[1]}.{parts[2]}"
    if _OPEN.fullmatch(text):
        return cell
    if _WHOLE.fullmatch(text):
        return int(text.split(".")[0])
    return float(text) if scalar.type is not int and _NUMBER.fullmatch(text) else cell
