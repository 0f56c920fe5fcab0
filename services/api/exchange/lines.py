"""Lines of a file, one at a time: however long the file is, no more than one bounded line is held."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.api.exchange.entries import LONGEST, Unreadable

_BYTE_ORDER = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its end, its number from 1, and how many bytes of the file are read with it."""

    number: int
    position: int
    text: bytes
    too_long: bool = False
    """It is longer than any record may be; `text` holds its beginning alone."""


def lines(path: Path) -> Iterator[Line]:
    """Yield a file's lines without a byte-order mark; raise `Unreadable` for a file in UTF-16 or none at all."""
    try:
        with path.open("rb") as file:
            number = position = 0
            while text := file.readline(LONGEST + 1):
                number, position = number + 1, position + len(text)
                if number == 1:
                    text = _without_mark(text, path)
                if len(text) <= LONGEST or text.endswith(b"\n"):
                    yield Line(number, position, text)
                    continue
                while (rest := file.readline(LONGEST)) and not rest.endswith(b"\n"):
                    position += len(rest)
                position += len(rest)
                yield Line(number, position, text, too_long=True)
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from None


def _without_mark(text: bytes, path: Path) -> bytes:
    for mark, name in _BYTE_ORDER.items():
        if text.startswith(mark):
            raise Unreadable(f"{path} is in {name}; save it as UTF-8")
    return text.removeprefix(codecs.BOM_UTF8)


def not_utf8(error: UnicodeDecodeError) -> str:
    """Say what is wrong with bytes that are not UTF-8, and what to do."""
    return f"not UTF-8 at byte {error.start + 1} (0x{error.object[error.start]:02X}); save the file as UTF-8"
