"""The file as it was sent: refused unless it is a plain workbook of bounded size, before anything in it is believed."""

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from services.web.problems import Fault, Invalid, TooLarge, showable

MOST_MEMBERS = 500
MOST_UNPACKED = 40_000_000
"""Bytes of all members together."""
LARGE = 4_000_000
"""Bytes from which on a member must not be packed more than `DENSEST` times."""
DENSEST = 100

_CHUNK = 65_536
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)
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
_DANGEROUS = {
    "vbaproject": "macros",
    "/macrosheets/": "macros",
    "/dialogsheets/": "macros",
    "/externallinks/": "links to other files",
    "/embeddings/": "embedded objects",
    "/activex/": "embedded objects",
    "oleobject": "embedded objects",
    "/connections.xml": "links to data elsewhere",
    "/querytables/": "links to data elsewhere",
    "/webextensions/": "add-ins",
}


def refusal(place: str, message: str, allowed: list[str] | None = None) -> Invalid:
    """Return the refusal of a whole file: where in it, and why."""
    return Invalid([Fault(location="body", field=showable(place, 200), message=message, allowed=allowed)])


class Package:
    """The members of a workbook file; raises `Invalid` or `TooLarge` unless they are those of a plain workbook."""

    def __init__(self, data: bytes) -> None:
        if not data.startswith(b"PK\x03\x04"):
            raise refusal("workbook", f"{_kind(data)}, not an Excel workbook: {_SAVE_AS}", [".xlsx"])
        try:
            self._archive = zipfile.ZipFile(BytesIO(data))
        except _DAMAGED as error:
            raise refusal("workbook", "damaged: it is no whole zip archive") from error
        members = self._archive.infolist()
        if len(members) > MOST_MEMBERS:
            raise TooLarge(f"The workbook has {len(members)} parts; {MOST_MEMBERS} are allowed")
        self._members = {member.filename: member for member in members}
        self._check_names(members)
        for member in members:
            _check_member(member)
        unpacked = sum(member.file_size for member in members)
        if unpacked > MOST_UNPACKED:
            raise TooLarge(f"The workbook unpacks to {unpacked} bytes; {MOST_UNPACKED} are allowed")
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


def _check_member(member: zipfile.ZipInfo) -> None:
    lowered = f"/{member.filename.casefold()}"
    for part, danger in _DANGEROUS.items():
        if part in lowered:
            raise refusal(member.filename, f"refused: a workbook with {danger} is not taken; remove them")
    if member.flag_bits & 0x1:
        raise refusal(member.filename, "refused: this part is encrypted; save the workbook without a password")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refusal(member.filename, "refused: packed in a way that Excel does not use")
    if member.file_size > LARGE and member.file_size > DENSEST * member.compress_size:
        raise TooLarge(f"{showable(member.filename, 200)} is packed more than {DENSEST} times")


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


def target_of(source: str, target: str) -> str:
    """Return the name of the member that a relation of another one leads to."""
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
