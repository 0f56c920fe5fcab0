"""Answers as cells show them, and what people write in cells as answers."""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from babel import Locale

from services.api.forms.inputs import Input, Kind
from services.api.forms.workbook import terms
from services.api.forms.workbook.grid import Cell
from services.api.forms.workbook.words import folded, word
from services.api.kit.schema import first_day
from services.api.vocabularies.terms import LANGUAGES

SEPARATOR = "; "
MOST_ALLOWED = 40
"""Labels named when something else was written."""

_DATES = ["2008", "2008-06", "2008-06-11"]
_TAG = re.compile(r"^([a-z]{2,3})(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")
_SPACES = re.compile(r"[\s']+")
_GROUPED = re.compile(r"^[+-]?[1-9][0-9]{0,2}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*$")
_PLAIN = re.compile(r"^[+-]?[0-9]*\.?[0-9]+(?:e-[0-9]{1,3})?$")
_LARGEST = 10**15
_MOST_CODES = 50
_LONGEST_VALUE = 60
_TRUE, _FALSE = ("true", "vrai", "verdadero", "vero", "x", "1"), ("false", "faux", "falso", "0")


class Unreadable(Exception):
    """What a cell holds is no answer to its question; says what is allowed."""

    def __init__(self, message: str, allowed: list[str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.allowed = allowed


def shown(asked: Input, value: Any, lang: str) -> str | int | float | None:
    """Return what a cell shows for an answer; whatever does not fit its question is shown as it is."""
    if value is None or value == [] or value == {}:
        return None
    kind = asked.kind
    if kind == "yes-no" and isinstance(value, bool):
        return word("yes" if value else "no", lang)
    if kind in ("integer", "number") and isinstance(value, int | float) and _kept(value):
        return value
    if kind in ("codes", "texts") and isinstance(value, list):
        return SEPARATOR.join(str(_named(asked, one, lang)) for one in value)
    return _named(asked, value, lang)


def _kept(number: float) -> bool:
    """Whether a number survives in a cell of numbers, of which programs keep 15 digits."""
    return abs(number) < _LARGEST and float(f"{number:.15g}") == number


def _named(asked: Input, value: Any, lang: str) -> str:
    found = terms.label(vocabulary, value, lang) if (vocabulary := vocabulary_of(asked)) else None
    return found or (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def vocabulary_of(asked: Input) -> str | None:
    """Return the list that a cell offers to choose from."""
    return terms.OF_LANGUAGES if asked.kind == "language" else asked.vocabulary


def answer(asked: Input, cell: Cell, lang: str) -> Any:
    """Return the answer that a cell holds, none for an empty text; raise `Unreadable`."""
    if cell.kind == "error":
        raise Unreadable(f"shows an error ({cell.value})")
    read = _READERS.get(asked.kind, _text)
    return read(asked, cell, lang)


def raw(cell: Cell) -> str:
    """Return what a cell holds as a text."""
    if isinstance(cell.value, bool):
        return "true" if cell.value else "false"
    if isinstance(cell.value, float) and cell.value.is_integer() and abs(cell.value) < _LARGEST:
        return str(int(cell.value))
    return str(cell.value).replace("\r\n", "\n").replace("\r", "\n").strip()


def _text(asked: Input, cell: Cell, lang: str) -> str:
    return raw(cell)


def _code(asked: Input, cell: Cell, lang: str) -> str:
    text = raw(cell)
    if (code := terms.code_of(asked.vocabulary or "", text, lang)) is None:
        raise Unreadable("not one of the allowed values", _allowed(asked, lang))
    return code


def _allowed(asked: Input, lang: str) -> list[str]:
    known = terms.labels(asked.vocabulary or "", lang)
    more = [f"… and {len(known) - MOST_ALLOWED} more"] if len(known) > MOST_ALLOWED else []
    return [*known[:MOST_ALLOWED], *more]


def _codes(asked: Input, cell: Cell, lang: str) -> list[str]:
    text = raw(cell)
    if (whole := terms.code_of(asked.vocabulary or "", text, lang)) is not None:
        return [whole]
    for separators in ("[;\n]", "[;,\n]"):
        written = [part.strip() for part in re.split(separators, text) if part.strip()]
        if len(written) > _MOST_CODES:
            break
        found = [terms.code_of(asked.vocabulary or "", part, lang) for part in written]
        if (known := [code for code in found if code is not None]) and len(known) == len(found):
            return known
    raise Unreadable("some of it is not among the allowed values; separate several with ';'", _allowed(asked, lang))


def _language(asked: Input, cell: Cell, lang: str) -> str:
    text = raw(cell)
    if _TAG.match(text) or (code := terms.code_of(terms.OF_LANGUAGES, text, lang)) is None:
        return text  # a tag, or something that the questionnaire will refuse
    return code


def _yes_no(asked: Input, cell: Cell, lang: str) -> bool:
    if isinstance(cell.value, bool):
        return cell.value
    text = folded(raw(cell))
    if (said := _yes_and_no().get(text)) is not None:
        return said
    raise Unreadable("neither yes nor no", [word("yes", lang), word("no", lang)])


@cache
def _yes_and_no() -> dict[str, bool]:
    words = {folded(word(key, lang)): key == "yes" for key in ("yes", "no") for lang in LANGUAGES}
    return words | dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False)


def _number(asked: Input, cell: Cell, lang: str) -> int | float:
    number = _figure(asked, cell)
    whole = number == int(number)
    if asked.kind == "integer" and not whole:
        raise Unreadable("not a whole number", ["1200"])
    return int(number) if whole and abs(number) < _LARGEST else number


def _figure(asked: Input, cell: Cell) -> float:
    if cell.kind in ("number", "boolean") and not isinstance(cell.value, bool):
        return float(cell.value)
    text = _SPACES.sub("", _short(cell)).removesuffix("%")
    grouped = _GROUPED.match(text)
    if grouped and asked.kind == "number" and text.count(grouped[1]) == 1:
        raise Unreadable(
            f"'{text}' may be read in two ways", [text.replace(grouped[1], ""), text.replace(grouped[1], ".")]
        )
    if grouped:
        text = text.replace(grouped[1], "")
    elif "," in text and "." in text:
        decimal = max(",", ".", key=text.rindex)
        head, _, tail = text.rpartition(decimal)
        text = f"{head.replace(',' if decimal == '.' else '.', '')}.{tail}" if _grouped(head) else text
    else:
        text = text.replace(",", ".")
    if not _PLAIN.match(text):
        raise Unreadable("not a number", ["1200", "0.5"])
    return float(text)


def _short(cell: Cell) -> str:
    """Return what may be a date or a number; a long text is neither, whatever it begins with."""
    text = raw(cell)
    return text if len(text) <= _LONGEST_VALUE else ""


def _grouped(head: str) -> bool:
    return _GROUPED.match(head) is not None


def _date(asked: Input, cell: Cell, lang: str) -> str:
    text = _SPACES.sub(" ", _short(cell)).strip()
    if cell.kind == "number" and not re.match(r"^[0-9]{4}$", text):
        raise Unreadable("a number, not a date", _DATES)
    for form, read in _DATE_FORMS:
        if found := form.match(folded(text)):
            found_date = read(found)
            if found_date is None:
                continue
            try:
                first_day(found_date)
            except ValueError:
                raise Unreadable(f"'{found_date}' is not a date of the calendar", _DATES) from None
            return found_date
    if re.match(r"^[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}$", text):
        raise Unreadable("day and month may be read in two ways", _DATES)
    raise Unreadable("not a date", _DATES)


def _numeric(found: re.Match[str]) -> str | None:
    """Read day, month and year where only one order makes sense."""
    one, two = int(found[1]), int(found[2])
    if one > 12 >= two or one == two:
        return f"{found[3]}-{two:02d}-{one:02d}"
    return f"{found[3]}-{one:02d}-{two:02d}" if two > 12 >= one else None


def _named_month(found: re.Match[str]) -> str | None:
    month = _months().get(found[2].rstrip("."))
    day = f"-{int(found[1]):02d}" if found[1] else ""
    return f"{found[3]}-{month:02d}{day}" if month else None


@cache
def _months() -> dict[str, int]:
    return {
        folded(name).rstrip("."): number
        for lang in LANGUAGES
        for width in ("wide", "abbreviated")
        for number, name in Locale(lang).months["format"][width].items()
    }


def _iso(found: re.Match[str]) -> str:
    return "-".join(part if len(part) > 1 else f"0{part}" for part in found.groups() if part)


_DATE_FORMS: list[tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]] = [
    (re.compile(r"^([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?)?$"), _iso),
    (re.compile(r"^([0-9]{1,2})[/.-]([0-9]{4})$"), lambda found: f"{found[2]}-{int(found[1]):02d}"),
    (re.compile(r"^([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})$"), _numeric),
    (
        re.compile(r"^(?:([0-9]{1,2})(?:st|nd|rd|th|er|º|°|\.)?(?: de| of)? )?([a-z.]{3,12})(?: de|,)? ([0-9]{4})$"),
        _named_month,
    ),
]

_READERS: Mapping[Kind, Callable[[Input, Cell, str], Any]] = {
    "code": _code,
    "codes": _codes,
    "language": _language,
    "yes-no": _yes_no,
    "integer": _number,
    "number": _number,
    "date": _date,
}
