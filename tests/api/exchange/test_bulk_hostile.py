"""Files that are broken or mean harm: each is named with its place, in bounded time and memory."""

import codecs
import json
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from services.api.exchange.entries import LONGEST, Entry, Unreadable
from services.api.exchange.formats import xlsx
from services.api.exchange.merging import merged
from services.api.exchange.sources import open_source
from services.api.types.practice.type import TYPE
from tests.harness.depth import examples
from tests.harness.support import practice_body

GOOD = orjson.dumps({"external_id": "good", **practice_body()}) + b"\n"
HEADER = "external_id,initiative.title\n"


def entries(path: Path, data: bytes) -> list[Entry]:
    path.write_bytes(data)
    return list(open_source(path).entries)


def faults(found: list[Entry]) -> dict[str, str]:
    return {entry.place: entry.faults[0].message for entry in found if entry.faults}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "not valid JSON"),
        (b'{"external_id": "caf\xe9"}', "not UTF-8 at byte 21 (0xE9)"),
        (b'{"a": "\x00"}', "not valid JSON"),
        (b'{"a": NaN}', "not valid JSON"),
        (b'{"a": "\\ud800"}', "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b'{"a":' * 100_000, "not valid JSON"),
        (b'"' + b"x" * (LONGEST + 10) + b'"', "longer than"),
        (b"\x00" * 100, "not valid JSON"),
    ],
    ids=lambda value: str(value[:20]),
)
def test_bad_lines_of_json(tmp_path: Path, line: bytes, said: str) -> None:
    found = entries(tmp_path / "a.jsonl", GOOD + line + b"\r\n" + GOOD)
    assert [entry.place for entry in found] == ["line 1", "line 2", "line 3"]
    assert said in faults(found)["line 2"]
    assert len(faults(found)) == 1


def test_a_line_that_was_cut_off(tmp_path: Path) -> None:
    found = entries(tmp_path / "a.jsonl", codecs.BOM_UTF8 + GOOD + GOOD[:100])
    assert "cut off" in faults(found)["line 2"]
    assert len(faults(found)) == 1


@pytest.mark.parametrize("end", ["jsonl", "csv", "yaml"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_other_encodings_are_named(tmp_path: Path, end: str, encoding: str) -> None:
    with pytest.raises(Unreadable, match=f"{encoding.upper()}; save it as UTF-8"):
        entries(tmp_path / f"a.{end}", GOOD.decode().encode(encoding))


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGED = "a: &a {x: 1}\n" + "".join(
    f"{new}: &{new} {{<<: [{','.join([f'*{old}'] * 10)}]}}\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB, "more than 200000 values"),
        (MERGED, "more than 200000 values"),
        ("- " * 100_000 + "x", "nested more than 50 deep, at line 3"),
        ("[1," * 100_000, "nested more than 50 deep"),
        ("{a: " * 100_000, "nested more than 50 deep"),
        ("a: &a [*a]", "stands for nothing"),
        ("a: *b", "stands for nothing"),
        ("a: 1\na: 2", "'a' stands here twice, at line 4"),
        ("1: x", "no text"),
        ("? [a]\n: x", "no text"),
        (
            "a: !!python/object/apply:os.system [ls]",
            "the tag tag:yaml.org,2002:python/object/apply:os.system is not read",
        ),
        ("a: !mine x", "the tag !mine is not read"),
        ("a: [", "not valid YAML"),
        ("a: \x00", "not valid YAML"),
        ("\t- x", "not valid YAML"),
        ("a: 'x", "not valid YAML"),
        ("a: x\n b: y", "not valid YAML"),
        ("x" * (LONGEST + 10), "longer than"),
        (("x" * 79 + "\n") * (LONGEST // 80 + 10), "longer than"),
    ],
    ids=lambda value: value[:20],
)
def test_bad_documents_of_yaml(tmp_path: Path, text: str, said: str) -> None:
    began = time.process_time()
    found = entries(tmp_path / "a.yaml", f"---\na: 1\n--- \n{text}\n---\n# nothing\n---\nb: 2\n".encode()[4:])
    assert said in "".join(faults(found).values())
    assert (found[0].data, found[-1].data, len(found)) == ({"a": 1}, {"b": 2}, 3)
    assert time.process_time() - began < 20


def test_plain_yaml_is_read_as_it_is_meant(tmp_path: Path) -> None:
    text = (
        "%YAML 1.1\n---\na: &x {b: [1, 2.5, true, ~, '1', 2008-06-11, !!str 5]}\nc: *x\nd: |\n  --- in\n   ...\n...\n"
    )
    (entry,) = entries(tmp_path / "a.yaml", text.encode())
    inside = {"b": [1, 2.5, True, None, "1", "2008-06-11", "5"]}
    assert entry.data == {"a": inside, "c": inside, "d": "--- in\n ...\n"}


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (
            "external_id,initiative.titel",
            "line 1: there is no column 'initiative.titel'; the nearest is 'initiative.title'",
        ),
        ("external_id,who.authorities[3].nmae", "the nearest is 'who.authorities[3].name'"),
        ("external_id,initiative", "there is no column 'initiative'"),
        ("external_id,how.results", "the nearest is 'how.results[0]'"),
        ("external_id,what.sdgs[0]", "the nearest is 'what.sdgs'"),
        ("external_id,how.results[99999]", "there is no column"),
        ("external_id,how.results[-1]", "there is no column"),
        ("external_id,initiative.title,initiative.title", "columns 2 and 3 have the same name"),
        ("external_id,,initiative.title", "column 2 has no name"),
        ("initiative.title,language", "there is no column 'external_id'"),
        ("name,title", "there is no column 'name'"),
        ("translations.es.initiative.title,external_id", "there is no column"),
        ('external_id,"initiative', "line 1: not readable as CSV"),
        ("", "is empty"),
    ],
)
def test_bad_headers(tmp_path: Path, header: str, said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        entries(tmp_path / "a.csv", header.encode())
    assert said in str(refused.value)
    if '"' in header or not header:
        return
    book = Workbook()
    book.active.append(header.split(","))  # type: ignore[union-attr]
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(Unreadable, match="row 1"):
        list(xlsx.read(tmp_path / "a.xlsx", TYPE))


def test_bad_rows_of_csv(tmp_path: Path) -> None:
    rows = [
        b"one,Good",
        b"two,Caf\xe9",
        b"three,Good,more",
        b"four",
        b"",
        b'five,"two\nlines"',
        b"six,#REF!",
        b"seven,\x00",
    ]
    found = entries(tmp_path / "a.csv", HEADER.encode() + b"\r\n".join(rows))
    said = faults(found)
    assert [entry.place for entry in found] == [f"line {line}" for line in (2, 3, 4, 5, 7, 9, 10)]
    assert set(said) == {"line 3", "line 4", "line 9"}
    assert "not UTF-8" in said["line 3"]
    assert "more than there are columns" in said["line 4"]
    assert "#REF!" in said["line 9"]


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        (b'two,"never closed\n' + b"x,y\n" * 10, "unexpected end of data"),
        (b'two,"closed" and more\n', "expected after"),
        (b"two," + b"x" * 300_000 + b"\n", "field larger than field limit"),
        (b'two,"' + b"x\n" * 300_000, "field larger than field limit"),
        (b"two," + b"x" * (LONGEST + 10) + b"\n", "longer than"),
    ],
    ids=["open", "after", "long", "open long", "line"],
)
def test_csv_that_cannot_be_divided_ends_there(tmp_path: Path, rest: bytes, said: str) -> None:
    found = entries(tmp_path / "a.csv", HEADER.encode() + b"one,Good\n" + rest + b"three,Good\n")
    assert [entry.place for entry in found] == ["line 2", "line 3"]
    assert said in faults(found)["line 3"]
    assert "nothing was read from here on" in faults(found)["line 3"]


def test_a_list_has_no_gaps(tmp_path: Path) -> None:
    (entry,) = entries(tmp_path / "a.csv", b"external_id,how.results[0],how.results[1],how.results[2]\none,a,,c\n")
    _, (fault,) = merged(entry.data, None)
    assert (fault.field, "how.results[2] is filled" in fault.message) == ("how.results[1]", True)


def workbook(path: Path, rows: list[list[Any]]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(path)
    return path


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


SHEET = "xl/worksheets/sheet1.xml"


def test_workbooks_that_mean_harm(tmp_path: Path) -> None:
    good = workbook(tmp_path / "good.xlsx", [["external_id", "initiative.title"], ["one", "Good"]])
    assert [entry.data.get("external_id") for entry in xlsx.read(good, TYPE)] == ["one"]
    whole, bad = parts(good), tmp_path / "bad.xlsx"
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">]>' + whole[SHEET].split(b"?>", 1)[-1]
    attempts: list[tuple[bytes | dict[str, bytes], str]] = [
        (b"", "an empty file, not an Excel workbook"),
        (good.read_bytes()[:-200], "damaged"),
        (b"external_id;initiative.title\n", "perhaps CSV, not an Excel workbook"),
        ({"word/document.xml": b"<x/>"}, "a text document .* not an Excel workbook"),
        ({**whole, "../x": b""}, "leads out"),
        ({**whole, SHEET.upper(): b""}, "holds this part twice"),
        ({**whole, "xl/other": laughs}, "xl/other: refused: XML with a document type"),
        ({**whole, SHEET: laughs}, "document type"),
        ({**whole, SHEET: laughs.decode().encode("utf-16")}, "document type"),
        ({**whole, SHEET: whole[SHEET][:-40]}, "damaged"),
        ({**whole, SHEET: b" " * 300_000_000}, "packed more than 200 times"),
        ({**whole, **{f"x{number}": b"" for number in range(2_000)}}, "1000 are allowed"),
        ({name: data for name, data in whole.items() if name != "xl/workbook.xml"}, "damaged"),
        ({**whole, "xl/workbook.xml": b"<workbook/>"}, "no sheet"),
    ]
    for data, said in attempts:
        if isinstance(data, bytes):
            bad.write_bytes(data)
        else:
            packed(bad, data)
        with pytest.raises(Unreadable, match=said):
            list(open_source(bad).entries)


def test_a_workbook_that_claims_to_be_endless(tmp_path: Path) -> None:
    good = workbook(tmp_path / "good.xlsx", [["external_id", "initiative.title"], ["one", "Good"]])
    whole = parts(good)
    far = b'<row r="1000000"><c r="XFD1000000" t="inlineStr"><is><t>far</t></is></c></row></sheetData>'
    sheet = whole[SHEET].replace(b"A1:B2", b"A1:XFD1048576").replace(b"</sheetData>", far)
    began = time.process_time()
    found = list(xlsx.read(packed(tmp_path / "far.xlsx", {**whole, SHEET: sheet}), TYPE))
    assert time.process_time() - began < 30
    assert [entry.place for entry in found] == ["row 2", "row 1000000"]
    assert "more than there are columns" in found[1].faults[0].message


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.binary(max_size=300) | st.text(alphabet='a,;"\n\r[]{}:&*-#!\x00\ufeff', max_size=200).map(str.encode))
def test_no_bytes_break_a_reader(tmp_path: Path, data: bytes) -> None:
    for end in ("jsonl", "csv", "yaml", "xlsx"):
        path = tmp_path / f"any.{end}"
        for start in (b"", HEADER.encode()):
            path.write_bytes(start + data)
            with suppress(Unreadable):
                for entry in open_source(path).entries:
                    json.dumps([fault.model_dump() for fault in entry.faults])
                    assert entry.position <= len(start + data)


def test_what_is_no_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "empty").mkdir()
    for path, said in (
        ("a.txt", "must end in"),
        ("none.csv", "is not there"),
        ("empty", "holds no"),
        ("none", "not there"),
    ):
        with pytest.raises(Unreadable, match=said):
            open_source(tmp_path / path)


def test_files_of_a_folder_fail_one_by_one(tmp_path: Path) -> None:
    texts = {
        "a.yaml": b"- x: [",
        "b.yaml": b"",
        "c.yaml": b"x: 1",
        "d.yml": "x".encode("utf-16"),
        "e.yaml": b"---\nx: 1\n---\ny: 2",
    }
    for name, text in texts.items():
        (tmp_path / name).write_bytes(text)
    found = list(open_source(tmp_path, prefix="p:").entries)
    assert [entry.place for entry in found] == [
        "a.yaml",
        "b.yaml",
        "c.yaml",
        "d.yml",
        "e.yaml",
        "e.yaml, document 2 (line 3)",
    ]
    assert set(faults(found)) == {"a.yaml", "b.yaml", "d.yml"}
    assert found[2].data == {"external_id": "p:c", "x": 1}
    assert found[-1].data == {"y": 2}
