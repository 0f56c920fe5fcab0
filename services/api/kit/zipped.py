"""A workbook as it was sent: refused unless it is a zip archive of bounded size that holds what Excel writes.

All of that is known from the archive's directory, before anything in it is unpacked or believed.
"""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from services.web.problems import Fault, Invalid, TooLarge, showable

LARGE = 4_000_000
"""Bytes from which on a member must not be packed more than `Limits.densest` times."""

_CHUNK = 65_536
_LOOKED_AT = 64 * 2**20
"""Bytes of a file that is no zip archive in which its kind is looked for."""
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError)
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE_AS = "save it as an Excel workbook (.xlsx) and send that"
_LETTERS_OF = {
    b"%PDF": "a PDF document",
    b"\x1f\x8b": "a file packed with gzip",
    b"7z\xbc\xaf": "a file packed with 7-Zip",
    b"Rar!": "a file packed with RAR",
    b"{\\rtf": "a document in RTF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
_OTHER_KINDS = {
    "xl/workbook.bin": "a binary workbook (.xlsb)",
    "word/document.xml": "a text document (.docx)",
    "ppt/presentation.xml": "a presentation (.pptx)",
}
_OF_ITS_OWN = (b"<!DOCTYPE", b"<!ENTITY")
_OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


@dataclass(frozen=True)
class Limits:
    """What is taken of a workbook."""

    members: int
    unpacked: int
    """Bytes of all members together."""
    densest: int
    """How many times a large member may be packed."""


def refusal(place: str, message: str, allowed: list[str] | None = None) -> Invalid:
    """Return the refusal of a whole file: where in it, and why."""
    return Invalid([Fault(location="body", field=showable(place, 200), message=message, allowed=allowed)])


class Zipped:
    """The members of a workbook file, which must stay open; raises `Invalid` or `TooLarge` unless it is bounded."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        start = file.read(4)
        if start != b"PK\x03\x04":
            kind = _kind(start + file.read(_LOOKED_AT))
            raise refusal("workbook", f"{kind}, not an Excel workbook: {_SAVE_AS}", [".xlsx"])
        try:
            self._archive = zipfile.ZipFile(file)
        except _DAMAGED as error:
            raise refusal("workbook", "damaged: it is no whole zip archive") from error
        members = self._archive.infolist()
        if len(members) > limits.members:
            raise TooLarge(f"The workbook has {len(members)} parts; {limits.members} are allowed")
        self._members = {member.filename: member for member in members}
        self._check_names(members)
        for member in members:
            _check_member(member, limits)
        unpacked = sum(member.file_size for member in members)
        if unpacked > limits.unpacked:
            raise TooLarge(f"The workbook unpacks to {unpacked} bytes; {limits.unpacked} are allowed")
        self._refuse_other_kinds()

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def names(self) -> list[str]:
        """Return the names of all members."""
        return list(self._members)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a member's bytes in pieces; raise `Invalid` when it is missing, or not what the directory says."""
        if name not in self._members:
            raise refusal(name, "damaged: this part of the workbook is missing")
        try:
            with self._archive.open(self._members[name]) as member:
                while chunk := member.read(_CHUNK):
                    yield chunk
        except _DAMAGED as error:
            raise refusal(name, "damaged: this part of the workbook cannot be unpacked") from error

    def plain(self, name: str) -> Iterator[bytes]:
        """Yield a member's bytes for a reader of XML that guards itself against nothing.

        Raise `Invalid` for a document type and entities, and for an encoding in which they would not be seen.
        """
        before = b""
        for chunk in self.chunks(name):
            text = before + chunk
            if any(mark in text for mark in _OF_ITS_OWN) or (not before and text.startswith(_OTHER_ENCODINGS)):
                raise refusal(name, "refused: XML with a document type or entities is not taken, nor any but in UTF-8")
            yield chunk
            before = text[-9:]

    def _check_names(self, members: list[zipfile.ZipInfo]) -> None:
        seen: set[str] = set()
        for member in members:
            name = member.orig_filename
            steps = name.rstrip("/").split("/")
            if name != member.filename or "\\" in name or ":" in name or not {"", ".", ".."}.isdisjoint(steps):
                raise refusal(name, "refused: the name of this part leads out of the workbook")
            if name.casefold() in seen:
                raise refusal(name, "refused: the workbook holds this part twice")
            seen.add(name.casefold())

    def _refuse_other_kinds(self) -> None:
        if "mimetype" in self._members:
            kind = b"".join(self.chunks("mimetype"))[:100].decode("ascii", "replace")
            spreadsheet = kind.startswith("application/vnd.oasis.opendocument.spreadsheet")
            found = "an OpenDocument spreadsheet (.ods)" if spreadsheet else f"a file of type {kind}"
            raise refusal("workbook", f"{found}, not an Excel workbook: {_SAVE_AS}", [".xlsx"])
        for name, kind in _OTHER_KINDS.items():
            if name in self._members:
                raise refusal("workbook", f"{kind}, not an Excel workbook: {_SAVE_AS}", [".xlsx"])
        if "[Content_Types].xml" not in self._members:
            raise refusal("workbook", f"a zip archive, not an Excel workbook: {_SAVE_AS}", [".xlsx"])


def _check_member(member: zipfile.ZipInfo, limits: Limits) -> None:
    if member.flag_bits & 0x1:
        raise refusal(member.filename, "refused: this part is encrypted; save the workbook without a password")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refusal(member.filename, "refused: packed in a way that Excel does not use")
    if member.file_size > LARGE and member.file_size > limits.densest * member.compress_size:
        raise TooLarge(f"{showable(member.filename, 200)} is packed more than {limits.densest} times")


def _kind(data: bytes) -> str:
    """Say what a file is that is no zip archive."""
    if data.startswith(_COMPOUND):
        if "EncryptedPackage".encode("utf-16-le") in data:
            return "a workbook with a password"
        if any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
            return "a workbook of an old Excel (.xls)"
        return "an old Office document"
    for letters, kind in _LETTERS_OF.items():
        if data.startswith(letters):
            return kind
    start = data[:4_000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if not start:
        return "an empty file"
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    if start.startswith(b"<"):
        return "an XML file"
    if start.startswith((b"{", b"[")):
        return "JSON"
    if b"\0" not in start and any(mark in start for mark in (b";", b",", b"\t")):
        return "a text file, perhaps CSV"
    return "an unknown kind of file"
