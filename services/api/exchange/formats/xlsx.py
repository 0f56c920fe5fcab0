"""XLSX: one row a record, on the sheet of their type or else the first one, names of the columns in the first row."""

import re
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.writer.excel import ExcelWriter

from services.api.exchange.cells import Cell, typed
from services.api.exchange.entries import Entry, Json, Unreadable, Unwritable
from services.api.exchange.table import Column, Header, header_of, row
from services.api.forms.types import RecordType
from services.api.kit.zipped import Limits, Zipped
from services.web.problems import Invalid, TooLarge

MOST_COLUMNS, MOST_ROWS, LONGEST_CELL = 16_384, 1_048_576, 32_767
"""What Excel takes; more would be cut off by it."""
LIMITS = Limits(members=1_000, unpacked=4 * 2**30, densest=200)
"""What whoever runs an installation may take in: far more than what is sent over HTTP."""

_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)
_ESCAPED = re.compile(r"_x(000D|005F|FFFE|FFFF)_")
_TO_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\r\ufffe\uffff]")


def read(path: Path, type: RecordType) -> Iterator[Entry]:
    """Yield the records of a workbook; raise `Unreadable` for what is none, is damaged or unpacks to too much.

    A formula counts by the value that was saved with it.
    """
    size(path)
    after = ""
    try:
        with closing(load_workbook(path, read_only=True, data_only=True, keep_links=False)) as book:
            sheets = {sheet.title: sheet for sheet in book.worksheets}
            if not sheets:
                raise Unreadable(f"{path} has no sheet of cells")
            title = type.plural if type.plural in sheets else next(iter(sheets))
            sheet: Any = sheets[title]
            sheet.reset_dimensions()  # what a file says of its size need not be so
            for entry in _entries(sheet.iter_rows(values_only=True), type, path, title):
                after = f" after {entry.place}"
                yield entry
    except (*_DAMAGE, ParseError, InvalidFileException, LookupError, ArithmeticError, ValueError, TypeError) as error:
        raise Unreadable(f"{path} is damaged{after}, or no workbook of Excel (.xlsx): {_one_line(error)}") from None


def _entries(rows: Iterator[tuple[Cell, ...]], type: RecordType, path: Path, title: str) -> Iterator[Entry]:
    header = None
    for number, given in enumerate(rows, 1):
        if number > MOST_ROWS:  # missing ones are made up, to whatever number a row gives itself
            raise Unreadable(f"{path}: the sheet '{title}' has rows beyond {MOST_ROWS}")
        cells = [_unescaped(cell) for cell in given[: _filled(given)]]
        if header is None:
            header = Header.read(type.form, cells, f"sheet '{title}', row {number}")
        elif cells:
            yield header.entry(cells, f"row {number}", number)
    if header is None:
        raise Unreadable(f"{path}: the sheet '{title}' is empty; its first row names the columns")


def size(path: Path, most_unpacked: int = LIMITS.unpacked) -> int:
    """Return the number of rows; raise `Unreadable` when the file is no workbook that can be read without harm."""
    try:
        with path.open("rb") as file:
            book = Zipped(file, replace(LIMITS, unpacked=most_unpacked))
            return sum(_rows(book, name) for name in book.names() if not _is_picture(name))
    except FileNotFoundError:
        raise Unreadable(f"{path} is not there") from None
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from None
    except Invalid as refused:
        (fault,) = refused.errors
        part = "" if fault.field == "workbook" else f", {fault.field}"
        raise Unreadable(f"{path}{part}: {fault.message}") from None
    except TooLarge as refused:
        raise Unreadable(f"{path}: {refused.detail}") from None


def _is_picture(name: str) -> bool:
    """Tell whether a part may hold a document type: no reader of cells is led there."""
    return name.casefold().startswith("xl/media/") and not name.casefold().endswith((".xml", ".rels"))


def _rows(book: Zipped, name: str) -> int:
    """Read a part once, and return how many rows it has."""
    found = sum(chunk.count(b"<row") for chunk in book.plain(name))
    return found if name.startswith("xl/worksheets/") else 0


def _filled(cells: tuple[Cell, ...]) -> int:
    """Return the number of cells up to the last that holds something."""
    number = len(cells)
    while number and cells[number - 1] in (None, ""):
        number -= 1
    return number


def _unescaped(cell: Cell) -> Cell:
    if isinstance(cell, str) and "_x" in cell:
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), cell)
    return cell


def _one_line(error: Exception) -> str:
    said = str(error).partition("; use sys.")[0]  # what Python advises to programmers helps nobody here
    return " ".join(said.split())[:200] or type(error).__name__


def write(
    file: BinaryIO, records: Callable[[], Iterable[Json]], type: RecordType, template: Header | None = None
) -> None:
    """Write records; raise `Unwritable` for what Excel would cut off. `records` is asked for them twice.

    Columns are those that they need, or those of a template, with notes on what is asked.
    """
    header = template or header_of(type.form, records())
    if len(header.columns) > MOST_COLUMNS:
        raise Unwritable(f"the records need {len(header.columns)} columns; a sheet has {MOST_COLUMNS}: {_OTHER}")
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(type.plural)
    sheet.freeze_panes = "B2"
    try:
        sheet.append(
            [
                _heading(sheet, column.name, note)
                for column, note in zip_longest(header.columns, header.notes, fillvalue="")
                if isinstance(column, Column)
            ]
        )
        for number, record in enumerate(records(), 2):
            if number > MOST_ROWS:
                raise Unwritable(f"a sheet has {MOST_ROWS} rows, fewer than there are records: {_OTHER}")
            cells = zip(header.columns, row(header, record), strict=True)
            sheet.append([_checked(sheet, column, value, record) for column, value in cells])
        book.properties.created = book.properties.modified = datetime(*_MOMENT)
        ExcelWriter(book, _Timeless(file, "w", zipfile.ZIP_DEFLATED)).save()
    except BaseException:
        sheet.close()
        sheet._writer.cleanup()
        raise


_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The first that an archive can tell."""


class _Timeless(zipfile.ZipFile):
    """An archive that tells no time, so that the same records are the same bytes."""

    def write(self, filename: Any, arcname: Any = None, *args: Any, **more: Any) -> None:
        part = zipfile.ZipInfo(str(arcname), _MOMENT)
        part.compress_type, part.file_size = zipfile.ZIP_DEFLATED, Path(filename).stat().st_size
        with open(filename, "rb") as file, self.open(part, "w") as packed:
            shutil.copyfileobj(file, packed)

    def writestr(self, zinfo_or_arcname: Any, data: Any, *args: Any, **more: Any) -> None:
        super().writestr(zipfile.ZipInfo(zinfo_or_arcname, _MOMENT), data, zipfile.ZIP_DEFLATED)


_OTHER = "export to CSV, JSON Lines or YAML"


def _checked(sheet: Any, column: Column, value: Cell, record: Json) -> Any:
    if isinstance(value, float) and float(f"{value:.15g}") != value:
        return _cell(sheet, repr(value))  # a number would be rounded to fifteen digits
    if not isinstance(value, str):
        return value
    if len(value) > LONGEST_CELL // 2 and (units := len(value.encode("utf-16-le")) // 2) > LONGEST_CELL:
        about = f"{record['external_id']}: {column.name} has {units} characters"
        raise Unwritable(f"{about}; a cell of Excel holds {LONGEST_CELL}: {_OTHER}")
    return _cell(sheet, typed(value) if column.free else value)


def _heading(sheet: Any, name: str, note: str) -> Any:
    cell = _cell(sheet, name)
    cell.font = Font(bold=True)
    if note:
        cell.comment = Comment(note, "Praxis", height=120, width=320)
    return cell


def _cell(sheet: Any, text: str) -> Any:
    """Return a cell that holds a text whatever it looks like."""
    cell: Any = WriteOnlyCell(sheet)
    cell._value = _TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)  # set as a value, it might be a formula
    cell.data_type = "s"
    if text.startswith(("=", "+", "-", "@")):
        cell.quotePrefix = True
    return cell
