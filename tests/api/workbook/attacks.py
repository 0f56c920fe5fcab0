"""Files that are no forms, or want to do harm: made by hand, each for one trick."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterator

from openpyxl import Workbook

from services.api.forms.workbook import write
from services.api.types.practice.type import FORM
from tests.api.workbook.support import CARTAYA, saved

FILLED = write(FORM, CARTAYA["content"], "en")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet2.xml"
_RELS = "xl/_rels/workbook.xml.rels"
_TYPES = "[Content_Types].xml"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def members(data: bytes) -> dict[str, bytes]:
    """Return the parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return parts as a file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()


def with_part(name: str, part: bytes) -> bytes:
    return packed(members(FILLED) | {name: part})


def replaced(name: str, old: bytes, new: bytes) -> bytes:
    """Return the form with something in a part written otherwise, once."""
    part = members(FILLED)[name]
    assert old in part, (name, old)
    return with_part(name, part.replace(old, new, 1))


def in_sheet(rows: bytes) -> bytes:
    """Return the form with a sheet that holds these rows alone."""
    return with_part(SHEET, b'<worksheet xmlns="%b"><sheetData>%b</sheetData></worksheet>' % (_MAIN.encode(), rows))


def _relation(kind: str, target: str, more: str = "") -> bytes:
    type = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"
    one = f'<Relationship Id="rId99" Type="{type}" Target="{target}"{more}/></Relationships>'
    return replaced(_RELS, b"</Relationships>", one.encode())


def _bomb() -> bytes:
    rows = b'<row r="2"><c r="D2" t="inlineStr"><is><t>' + b" " * 30_000_000 + b"</t></is></c></row>"
    return in_sheet(rows)


def _lying_bomb() -> bytes:
    """A part that says it is small, in both places that say so."""
    data = bytearray(_bomb())
    size = struct.pack("<I", len(members(bytes(data))[SHEET]))
    while (at := data.find(size)) >= 0:
        data[at : at + 4] = struct.pack("<I", 1_000)
    return bytes(data)


def _overlapping() -> bytes:
    """A directory whose entries all lead to one part (as in Fifield's bombs)."""
    one = packed({"a": b"\0" * 1_000_000})
    end = one.rfind(b"PK\x05\x06")
    start = one.rfind(b"PK\x01\x02")
    entry = one[start:end]
    entries = b"".join(entry[:46] + b"%c" % (97 + number % 26) for number in range(400))
    return one[:start] + entries + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 400, 400, len(entries), start, 0)


def _twice() -> bytes:
    file = io.BytesIO(FILLED)
    parts = members(FILLED)
    with zipfile.ZipFile(file, "a") as archive:
        archive.filelist = [one for one in archive.filelist if one.filename != SHEET]
        del archive.NameToInfo[SHEET]
        archive.writestr(SHEET, parts[SHEET])
        archive.writestr(SHEET.upper(), parts[SHEET])
    return file.getvalue()


def _encrypted_part() -> bytes:
    data = bytearray(FILLED)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(mark) + at] |= 1
    return bytes(data)


def _entities(doctype: bytes) -> bytes:
    return with_part(SHEET, b'<?xml version="1.0"?>' + doctype + members(FILLED)[SHEET])


def _laughs() -> bytes:
    levels = b"".join(b'<!ENTITY l%d "%b">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    return _entities(b'<!DOCTYPE worksheet [<!ENTITY l0 "lol">' + levels + b"]>")


def _named(name: str) -> bytes:
    info = zipfile.ZipInfo("x" * len(name))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for part, text in members(FILLED).items():
            archive.writestr(part, text)
        archive.writestr(info, b"x")
    return file.getvalue().replace(b"x" * len(name), name.encode())


def _ods() -> bytes:
    return packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"})


ATTACKS: dict[str, tuple[Callable[[], bytes], int, str]] = {
    "nothing": (lambda: b"", 422, "an empty file"),
    "blanks": (lambda: b" " * 1_000_000, 422, "an empty file"),
    "csv": (lambda: b"No.;Question;Answer\n1.1;Title;x\n", 422, "perhaps CSV"),
    "csv of Excel": (lambda: b"\xef\xbb\xbfNo.,Question\n1.1,Title\n", 422, "perhaps CSV"),
    "json": (lambda: b'{"content": {}}', 422, "JSON"),
    "html": (lambda: b"<!DOCTYPE html><html></html>", 422, "a web page"),
    "xml": (lambda: b"<?xml version='1.0'?><Workbook/>", 422, "an XML file"),
    "pdf": (lambda: b"%PDF-1.7", 422, "a PDF document"),
    "xls": (lambda: _COMPOUND + "Workbook".encode("utf-16-le"), 422, "an old Excel"),
    "password": (lambda: _COMPOUND + "EncryptedPackage".encode("utf-16-le"), 422, "with a password"),
    "doc": (lambda: _COMPOUND + b"\0" * 100, 422, "an old Office document"),
    "ods": (_ods, 422, "OpenDocument spreadsheet"),
    "odt": (lambda: packed({"mimetype": b"application/vnd.oasis.opendocument.text"}), 422, "opendocument.text"),
    "docx": (lambda: packed({_TYPES: b"<x/>", "word/document.xml": b"<x/>"}), 422, "(.docx)"),
    "xlsb": (lambda: packed({_TYPES: b"<x/>", "xl/workbook.bin": b""}), 422, "(.xlsb)"),
    "any zip": (lambda: packed({"notes.txt": b"hello"}), 422, "a zip archive"),
    "another workbook": (lambda: saved(_plain_book()), 422, "headings"),
    "truncated": (lambda: FILLED[: len(FILLED) // 2], 422, "damaged"),
    "start alone": (lambda: b"PK\x03\x04", 422, "damaged"),
    "macros": (lambda: with_part("xl/vbaProject.bin", b"x"), 422, "macros"),
    "macro sheet": (lambda: with_part("xl/macrosheets/sheet1.xml", b"<x/>"), 422, "macros"),
    "xlsm": (
        lambda: replaced(
            _TYPES, b"openxmlformats-officedocument.spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main"
        ),
        422,
        "macros",
    ),
    "links": (lambda: with_part("xl/externalLinks/externalLink1.xml", b"<x/>"), 422, "links to other files"),
    "external relation": (
        lambda: _relation("externalLinkPath", "file://server/share", ' TargetMode="External"'),
        422,
        "links to other files",
    ),
    "remote template": (
        lambda: _relation("attachedTemplate", "https://example.org/x", ' TargetMode="External"'),
        422,
        "links to other files",
    ),
    "object": (lambda: with_part("xl/embeddings/oleObject1.bin", _COMPOUND), 422, "embedded objects"),
    "control": (lambda: with_part("xl/activeX/activeX1.xml", b"<x/>"), 422, "embedded objects"),
    "connection": (lambda: with_part("xl/connections.xml", b"<x/>"), 422, "data elsewhere"),
    "encrypted part": (_encrypted_part, 422, "password"),
    "bomb": (_bomb, 413, "packed more than"),
    "lying bomb": (_lying_bomb, 422, "cannot be unpacked"),
    "overlapping parts": (_overlapping, 422, ""),
    "many small bombs": (
        lambda: packed(members(FILLED) | {f"xl/media/{n}.xml": b"\0" * 3_900_000 for n in range(20)}),
        413,
        "unpacks to",
    ),
    "nested": (lambda: with_part("xl/embeddings/more.xlsx", FILLED), 422, "embedded objects"),
    "many parts": (lambda: packed(members(FILLED) | {f"xl/{n}.xml": b"" for n in range(600)}), 413, "500 are allowed"),
    "parts twice": (_twice, 422, "twice"),
    "bzip2": (lambda: packed(members(FILLED), zipfile.ZIP_BZIP2), 422, "packed in a way"),
    "lzma": (lambda: packed(members(FILLED), zipfile.ZIP_LZMA), 422, "packed in a way"),
    "way out": (lambda: _named("../../etc/cron.d/x"), 422, "leads out"),
    "absolute": (lambda: _named("/etc/passwd"), 422, "leads out"),
    "backslashes": (lambda: _named("..\\..\\windows\\x"), 422, "leads out"),
    "drive": (lambda: _named("C:/windows/x"), 422, "leads out"),
    "zero": (lambda: _named("xl/a\0b.xml"), 422, "leads out"),
    "external entity": (lambda: _entities(b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'), 422, "entities"),
    "external dtd": (lambda: _entities(b'<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">'), 422, "entities"),
    "parameter entity": (
        lambda: _entities(b'<!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1/">%e;]>'),
        422,
        "entities",
    ),
    "billion laughs": (_laughs, 422, "entities"),
    "quadratic": (lambda: _entities(b'<!DOCTYPE x [<!ENTITY e "' + b"x" * 100_000 + b'">]>'), 422, "entities"),
    "not xml": (lambda: with_part(SHEET, b"\0\1\2"), 422, "well-formed"),
    "unknown encoding": (lambda: with_part(SHEET, b'<?xml version="1.0" encoding="klingon"?><x/>'), 422, "well-formed"),
    "deep": (lambda: in_sheet(b"<row>" * 200_000), 413, "deep"),
    "last cell": (lambda: in_sheet(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), 413, "1048576"),
    "last column": (lambda: in_sheet(b'<row r="3"><c r="XFD3"><v>1</v></c></row>'), 413, "XFD3"),
    "far row": (lambda: in_sheet(b'<row r="99999999"/>'), 413, "99999999"),
    "no row": (lambda: in_sheet(b'<row r="0"/>'), 422, "proper number"),
    "row of words": (lambda: in_sheet(b'<row r="one"/>'), 422, "proper number"),
    "no place": (lambda: in_sheet(b'<row r="3"><c r="3D"><v>1</v></c></row>'), 422, "proper place"),
    "cell twice": (lambda: in_sheet(b'<row r="3">' + b'<c r="D3"><v>1</v></c>' * 2 + b"</row>"), 422, "twice"),
    "many cells": (lambda: in_sheet((b"<row>" + b"<c/>" * 1_000 + b"</row>") * 70), 413, "cells"),
    "many elements": (lambda: in_sheet(b"<x/>" * 400_000), 413, "elements"),
    "many styles": (lambda: with_part("xl/styles.xml", _xfs(30_000)), 413, "styles"),
    "many strings": (lambda: _with_strings(b"<si><t>x</t></si>" * 200_000, b""), 413, "elements"),
    "one string often": (
        lambda: _with_strings(
            b"<si><t>" + b"y" * 32_000 + b"</t></si>",
            (b"<row>" + b'<c t="s"><v>0</v></c>' * 100 + b"</row>") * 10,
        ),
        413,
        "all cells together",
    ),
    "long cell": (
        lambda: in_sheet(b'<row><c t="inlineStr"><is><t>' + b"y" * 40_000 + b"</t></is></c></row>"),
        413,
        "32767",
    ),
    "many sheets": (
        lambda: replaced("xl/workbook.xml", b"</sheets>", b'<sheet name="x"/>' * 200 + b"</sheets>"),
        413,
        "sheets",
    ),
    "one part for many sheets": (lambda: _same_part(), 422, "refers to this part twice"),
    "sheet of no part": (
        lambda: replaced("xl/workbook.xml", b"</sheets>", b'<sheet name="lost"/></sheets>'),
        422,
        "this sheet is missing",
    ),
    "strict": (
        lambda: with_part("xl/workbook.xml", b'<workbook xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"/>'),
        422,
        "Strict",
    ),
    "no sheets": (lambda: with_part("xl/workbook.xml", b'<workbook xmlns="%b"/>' % _MAIN.encode()), 422, "no sheets"),
    "part that is not there": (
        lambda: packed({k: v for k, v in members(FILLED).items() if k != SHEET}),
        422,
        "missing",
    ),
    "itself": (lambda: replaced("_rels/.rels", b"xl/workbook.xml", b"_rels/.rels"), 422, "not an Excel workbook"),
}
"""By name: the file, the status it is refused with, and what is said."""


def _plain_book() -> Workbook:
    book = Workbook()
    book.worksheets[0]["A1"] = "Shopping"
    return book


def _xfs(count: int) -> bytes:
    return b'<styleSheet xmlns="%b"><cellXfs>%b</cellXfs></styleSheet>' % (_MAIN.encode(), b"<xf/>" * count)


def _with_strings(strings: bytes, rows: bytes) -> bytes:
    parts = members(in_sheet(rows))
    parts["xl/sharedStrings.xml"] = b'<sst xmlns="%b">%b</sst>' % (_MAIN.encode(), strings)
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    one = b'<Relationship Id="rId99" Type="%b" Target="sharedStrings.xml"/></Relationships>' % kind
    parts[_RELS] = parts[_RELS].replace(b"</Relationships>", one)
    return packed(parts)


def _same_part() -> bytes:
    parts = members(FILLED)
    noise = b"<!--" + bytes(range(48, 58)) * 350_000 + b"-->"
    parts[SHEET] = parts[SHEET].replace(b"<sheetData>", noise + b"<sheetData>")
    sheets = b"".join(b'<sheet name="s%d" r:id="rId2"/>' % number for number in range(60))
    start, end = (parts["xl/workbook.xml"].index(tag) for tag in (b"<sheets>", b"</sheets>"))
    head, tail = parts["xl/workbook.xml"][: start + 8], parts["xl/workbook.xml"][end:]
    relation = b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id='
    parts["xl/workbook.xml"] = head + sheets.replace(b"r:id=", relation) + tail
    return packed(parts)


def attacks() -> Iterator[tuple[str, bytes]]:
    """Yield every file with its name."""
    for name, (make, _, _) in ATTACKS.items():
        yield name, make()
