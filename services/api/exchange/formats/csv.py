"""CSV (RFC 4180): one row a record, in UTF-8, with the names of the columns in the first row."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from services.api.exchange.cells import as_text, guarded
from services.api.exchange.entries import LONGEST, Entry, Json, Unreadable, broken
from services.api.exchange.lines import Line, lines
from services.api.exchange.table import Header, header_of, row, with_decimal_comma
from services.api.forms.types import RecordType

_DELIMITERS = ",;\t"
_LONGEST_CELL = 200_000
"""Characters; the longest text of a form has a tenth of them."""


def read(path: Path, type: RecordType) -> Iterator[Entry]:
    """Yield the records of a file that is divided by commas, semicolons or tabs; raise `Unreadable` for a bad header.

    What cannot be divided into cells ends the reading: where the next record begins is not known.
    """
    source = _Source(path)
    delimiter = _delimiter(source.first())
    csv.field_size_limit(_LONGEST_CELL)
    rows = csv.reader(source.texts(), delimiter=delimiter, strict=True)
    header: Header | None = None
    try:
        for cells in rows:
            place = f"line {source.began}"
            source.began = source.number + 1
            if not any(cells):
                continue
            if header is None:
                header = Header.read(type.form, [_unpadded(cell) for cell in cells], place)
                header = with_decimal_comma(header) if delimiter == ";" else header
            elif (wrong := next((number for number, cell in enumerate(cells) if _undecoded(cell)), -1)) >= 0:
                column = header.columns[wrong].name if wrong < len(header.columns) else "record"
                yield broken(place, source.position, "not UTF-8; save the file as 'CSV UTF-8'", column)
            elif len(cells) < len(header.columns) and not source.ended:
                message = f"{len(cells)} cells for {len(header.columns)} columns and no line end"
                yield broken(place, source.position, f"{message}: the file may have been cut off here")
            else:
                yield header.entry(cells, place, source.position)
    except csv.Error as error:
        if header is None:
            raise Unreadable(f"{path}, line 1: not readable as CSV: {error}") from None
        message = f"not readable as CSV: {error}; nothing was read from here on"
        yield broken(f"line {source.began}", source.position, message)
    if header is None:
        raise Unreadable(f"{path} is empty: the first line names the columns")


class _Source:
    """The lines of a file as texts, and how far they have been read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.number = self.position = 0
        self.began = 1
        self.ended = True
        """Whether the last line that was read has its end."""

    def first(self) -> str:
        """Return the first line."""
        return next((_decoded(line) for line in lines(self._path)), "")

    def texts(self) -> Iterator[str]:
        for line in lines(self._path):
            if line.too_long:
                raise csv.Error(f"line {line.number} is longer than {LONGEST} bytes")
            self.number, self.position, self.ended = line.number, line.position, line.text.endswith((b"\n", b"\r"))
            yield _decoded(line)


def _decoded(line: Line) -> str:
    return line.text.decode("utf-8", "surrogateescape")


def _undecoded(cell: str) -> bool:
    return not cell.isascii() and any("\udc80" <= letter <= "\udcff" for letter in cell)


def _unpadded(cell: str) -> str:
    return cell.encode("utf-8", "replace").decode().strip()


def _delimiter(line: str) -> str:
    """Return what divides the cells of the first line, whose names hold none of the three themselves."""
    return max(_DELIMITERS, key=line.count)


def write(
    file: BinaryIO, records: Callable[[], Iterable[Json]], type: RecordType, template: Header | None = None
) -> None:
    """Write records, with a byte-order mark, by which spreadsheets know UTF-8; `records` is asked for them twice.

    Columns are those that they need, or those of a template.
    """
    header = template or header_of(type.form, records())
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    rows = csv.writer(text)
    rows.writerow([column.name for column in header.columns])
    for record in records():
        rows.writerow(
            guarded(cell) if isinstance(cell, str) and column.free else "" if cell is None else as_text(cell)
            for column, cell in zip(header.columns, row(header, record), strict=True)
        )
    text.detach()
