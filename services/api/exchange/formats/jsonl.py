"""JSON Lines: one record a line."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import orjson

from services.api.exchange.entries import LONGEST, Entry, Json, broken
from services.api.exchange.lines import lines, not_utf8
from services.api.forms.types import RecordType


def read(path: Path, type: RecordType | None = None) -> Iterator[Entry]:
    """Yield the records of a file; empty lines are passed over."""
    for line in lines(path):
        place = f"line {line.number}"
        if line.too_long:
            yield broken(place, line.position, f"longer than {LONGEST} bytes")
        elif line.text.strip():
            try:
                yield Entry(place, line.position, _parsed(line.text))
            except ValueError as error:
                yield broken(place, line.position, str(error))


def _parsed(text: bytes) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        try:
            text.decode()
        except UnicodeDecodeError as wrong:
            raise ValueError(not_utf8(wrong)) from None
        ended = " (the file may have been cut off here)" if not text.endswith(b"\n") else ""
        raise ValueError(f"not valid JSON: {error.msg} at character {error.pos + 1}{ended}") from None


def write(file: BinaryIO, records: Callable[[], Iterable[Json]], type: RecordType | None = None) -> None:
    """Write records, one a line."""
    for record in records():
        file.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
