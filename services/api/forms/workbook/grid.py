"""A workbook as plain cells: what stands where on each sheet, as a person sees it, and nothing else of the file."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from services.api.forms.workbook.markup import Attributes, Budget, Handler
from services.api.forms.workbook.package import Package, refusal
from services.api.forms.workbook.shared import Formats, Strings, unescaped
from services.api.forms.workbook.structure import Structure
from services.web.problems import TooLarge

MOST_ROWS = 20_000
MOST_COLUMNS = 1_024
MOST_CELLS = 40_000
LONGEST_CELL = 32_767
"""Characters; Excel takes no more."""
MOST_CELL_CHARACTERS = 5_000_000
"""Of all cells together: many may show one shared text."""

_REFERENCE = re.compile(r"^([A-Z]{1,3})([1-9][0-9]{0,6})$")
_WHOLE = re.compile(r"^[+-]?[0-9]{1,15}$")

Kind = Literal["text", "number", "boolean", "date", "error", "formula"]


class Cell(NamedTuple):
    """What a cell holds: a text, a number, true or false; a date is a text as precise as the cell shows it."""

    kind: Kind
    value: str | float | bool


@dataclass
class Sheet:
    """The filled cells of a sheet, by row and column from 1."""

    name: str
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[int, dict[int, Cell]]]:
        """Yield the rows that hold anything, from the top."""
        by_row: dict[int, dict[int, Cell]] = {}
        for (row, column), cell in sorted(self.cells.items()):
            by_row.setdefault(row, {})[column] = cell
        yield from by_row.items()


def address(row: int, column: int) -> str:
    """Return the name of a cell as people write it: `D5`."""
    return f"{get_column_letter(column)}{row}"


def read_sheets(data: bytes) -> tuple[list[Sheet], list[str]]:
    """Return a workbook's sheets, and what else it holds that people may have written into; raise a `Problem`."""
    package = Package(data)
    budget = Budget()
    structure = Structure(package, budget)
    strings, formats, room = Strings(), Formats(), _Room()
    for part in structure.strings:
        strings.read(package, part, budget)
    for part in structure.styles:
        formats.read(package, part, budget)
    sheets = []
    for name, part in structure.sheets:
        reader = _Cells(Sheet(name), strings.found, formats, structure.first_day_1904, room)
        reader.read(package, part, budget)
        sheets.append(reader.sheet)
    return sheets, _beside(package)


class _Room:
    """What the cells of all sheets together may still take."""

    def __init__(self) -> None:
        self.cells = MOST_CELLS
        self.characters = MOST_CELL_CHARACTERS


class _Cells(Handler):
    """The cells of one sheet."""

    def __init__(self, sheet: Sheet, strings: list[str], formats: Formats, mac: bool, room: _Room) -> None:
        super().__init__()
        self.sheet = sheet
        self._strings = strings
        self._formats = formats
        self._epoch = CALENDAR_MAC_1904 if mac else CALENDAR_WINDOWS_1900
        self._room = room
        self._row = self._column = 0
        self._attributes: Attributes = {}
        self._value = ""
        self._parts: list[str] = []
        self._formula = self._aside = False

    def opened(self, name: str, attributes: Attributes) -> None:
        self.keep_text = name in ("v", "t") and not self._aside
        if name == "row":
            self._row = self._number(attributes.get("r"), self._row + 1)
            self._column = 0
            self._bound()
        elif name == "c":
            self._place(attributes.get("r"))
            self._attributes = attributes
            self._value = ""
            self._parts.clear()
            self._formula = False
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._aside = True

    def closed(self, name: str, text: str) -> None:
        self.keep_text = False
        if name == "v":
            self._value = text
        elif name == "t" and not self._aside:
            self._parts.append(text)
        elif name == "rPh":
            self._aside = False
        elif name == "c":
            self._keep()

    def _number(self, given: str | None, following: int) -> int:
        if given is None:
            return following
        if not _WHOLE.match(given) or int(given) < 1:
            raise refusal(self.sheet.name, "damaged: a row has no proper number")
        return int(given)

    def _place(self, reference: str | None) -> None:
        if reference is None:
            self._column += 1
        elif found := _REFERENCE.match(reference):
            self._row, self._column = int(found[2]), column_index_from_string(found[1])
        else:
            raise refusal(self.sheet.name, "damaged: a cell has no proper place")
        self._bound()

    def _bound(self) -> None:
        if self._row > MOST_ROWS or self._column > MOST_COLUMNS:
            place = address(self._row, max(self._column, 1)) if self._row <= 1_048_576 else f"row {self._row}"
            raise TooLarge(
                f"Sheet '{self.sheet.name[:40]}' reaches to {place}; "
                f"{MOST_ROWS} rows and {MOST_COLUMNS} columns are allowed: delete the empty ones"
            )

    def _keep(self) -> None:
        self._room.cells -= 1
        if self._room.cells < 0:
            raise TooLarge(f"The workbook has more than {MOST_CELLS} cells")
        cell = Cell("formula", "") if self._formula else self._read()
        if cell is None:
            return
        place = (self._row, self._column)
        if place in self.sheet.cells:
            raise refusal(f"{self.sheet.name}!{address(*place)}", "damaged: this cell stands in the file twice")
        if isinstance(cell.value, str):
            self._room.characters -= len(cell.value)
            if len(cell.value) > LONGEST_CELL or self._room.characters < 0:
                raise TooLarge(
                    f"Sheet '{self.sheet.name[:40]}', cell {address(*place)}: a cell may hold {LONGEST_CELL} "
                    f"characters, all cells together {MOST_CELL_CHARACTERS}"
                )
        self.sheet.cells[place] = cell

    def _read(self) -> Cell | None:
        kind = self._attributes.get("t", "n")
        if kind == "inlineStr":
            return _text(unescaped("".join(self._parts)))
        value = self._value.strip() if kind != "str" else self._value
        if not value:
            return None
        if kind == "s":
            known = value.isdecimal() and len(value) < 8 and int(value) < len(self._strings)
            return _text(self._strings[int(value)]) if known else Cell("error", value)
        if kind == "str":
            return _text(unescaped(value))
        if kind == "b":
            return Cell("boolean", value in ("1", "true")) if value in ("0", "1", "true", "false") else _broken(value)
        if kind == "d":
            return Cell("date", value[:10])
        return self._shown(value) if kind == "n" else _broken(value)

    def _shown(self, value: str) -> Cell:
        try:
            number: float = int(value) if _WHOLE.match(value) else float(value)
        except ValueError:
            return _broken(value)
        if not math.isfinite(number):
            return _broken(value)
        shown = self._formats.of(self._attributes.get("s", ""))
        if shown == "percent":
            return Cell("number", round(number * 100, 10))
        if not shown or number < 1:
            return Cell("number", number)
        try:
            moment = from_excel(number, self._epoch)
        except (OverflowError, ValueError):
            return Cell("number", number)
        if not isinstance(moment, datetime):
            return Cell("number", number)
        day = moment.date().isoformat()
        return Cell("date", {"day": day, "month": day[:7], "year": day[:4]}[shown])


def _text(text: str) -> Cell | None:
    return Cell("text", text) if text and not text.isspace() else None


def _broken(value: str) -> Cell:
    return Cell("error", value[:40])


_BESIDE: Mapping[str, str] = {
    "comments": "notes on cells",
    "threadedcomments": "comments on cells",
    "media": "pictures",
    "diagrams": "drawings",
    "charts": "charts",
}


def _beside(package: Package) -> list[str]:
    """Return what a workbook holds besides its cells."""
    steps = {step for name in package.names() for step in re.split(r"[/0-9.]+", name.casefold())}
    return [said for step, said in _BESIDE.items() if step in steps]
