"""Values that cannot be built, shown or stored: each is one rejected record with its place, and the others go on."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
import pytest

from services.api.exchange.entries import Unreadable
from services.api.exchange.formats import csv, xlsx, yaml
from services.api.exchange.sources import open_source
from services.api.types.practice.type import TYPE
from services.web.problems import fault_of
from tests.harness.support import Api, Json, Template, practice_body

HERE = "0.4242"
"""Stands in a file where a strange value is put instead."""
PLACES: dict[str, Callable[[Json], None]] = {
    "where.places[0].point.latitude": lambda content: content.update(
        where={"places": [{"name": "Alba", "point": {"latitude": 0.4242, "longitude": 1.0}}]}
    ),
    "initiative.budget_sources[0].share": lambda content: content["initiative"].update(
        budget_sources=[{"kind": "other", "share": 0.4242}]
    ),
    "who.target_groups[0].count": lambda content: content["who"].update(
        target_groups=[{"who": "Many", "count": 0.4242}]
    ),
    "initiative.budget[0].amount": lambda content: content["initiative"].update(
        budget=[{"amount": 0.4242, "currency": "EUR", "scope": "total"}]
    ),
}
LONG = "9" * 5_000
YAML = [
    "0x" + "f" * 5_000, "-0x" + "f" * 90, LONG, "9" * 400, "0b" + "1" * 20_000, "0" + "7" * 9_000, "1" + "_1" * 5_000,
    "1:" + ":".join(["59"] * 5_000), "1:" + ":".join(["59"] * 5_000) + ".5", "1." + LONG, "1.0e+999", "-1.0e+999",
    ".inf", "-.inf", ".nan", "2024-13-45", "2024-01-01 00:00:00 +99:99", "2024-01-01T25:61:61Z",
    '!!int ""', '!!int "-"', "!!int _", "!!int x", "!!int 0x", "!!int 0b2", '!!int "1:x"', '!!float ""', "!!float _",
    "!!float x", '!!float "1:x"', '!!bool ""', "!!bool x", "!!binary x", '!!binary "*"', "!!timestamp x",
    "!!timestamp 2024-13-45", "!!omap []", "!!set {a}", "!!int [1]", "!!map x", "{? 0x" + "f" * 5_000 + " : 1}",
]  # fmt: skip
JSON = [
    LONG, "-" + LONG, "9" * 400, "1e999", "-1e999", "NaN", "Infinity", "-Infinity", "0xff", "01", '"1e5"', '"NaN"',
    "18446744073709551616", "1e308",
]  # fmt: skip
CELLS = [
    LONG, "9" * 400, "9" * 31, "1e999", "-1e999", "nan", "inf", "-Infinity", "0x" + "f" * 5_000, "1:2:3", "²",
    "2024-13-45", "1e308",
]  # fmt: skip
NUMBERS = ["9" * 400, "9" * 4_300, "1e999", "-1e999", "1E5000", "9" * 30, "1e308"]


def record(name: str, place: str | None = None) -> Json:
    body: Json = {"external_id": name, **practice_body(name.title())}
    if place is not None:
        PLACES[place](body["content"])
    return body


def send(api: Api, key: str, file: bytes, format: str) -> Any:
    answer = api.post(f"/imports?format={format}", key, content=file)
    assert answer.status_code == 200, answer.text[:500]
    return answer.json()


def check(report: Any, rejected: int) -> None:
    """Check that the first and the last of a file's records came in, and all others were rejected by themselves."""
    assert {what: count for what, count in report["outcomes"].items() if count} == {"added": 2, "rejected": rejected}
    for line in report["rejected"]:
        assert line["faults"], line
        assert len(orjson.dumps(line)) < 3_000, "a report holds no value without end"


@pytest.mark.parametrize("place", PLACES)
def test_scalars_of_yaml_that_are_no_values(api: Api, template: Template, place: str) -> None:
    documents = [yaml.document(record("first")).decode()]
    for number, scalar in enumerate(YAML):
        documents.append(yaml.document(record(f"bad {number}", place)).decode().replace(HERE, scalar))
    documents.append(yaml.document(record("last")).decode())
    check(send(api, template.secretariat, "\n---\n".join(documents).encode(), "yaml"), len(YAML))


@pytest.mark.parametrize("place", PLACES)
def test_numbers_of_json_that_are_no_values(api: Api, template: Template, place: str) -> None:
    lines = [orjson.dumps(record("first"))]
    for number, text in enumerate(JSON):
        lines.append(orjson.dumps(record(f"bad {number}", place)).replace(HERE.encode(), text.encode()))
    lines.append(orjson.dumps(record("last")))
    check(send(api, template.secretariat, b"\n".join(lines), "jsonl"), len(JSON))


@pytest.mark.parametrize("place", PLACES)
def test_cells_of_csv_that_are_no_values(api: Api, template: Template, place: str) -> None:
    records = [record("first"), *(record(f"bad {number}", place) for number in range(len(CELLS))), record("last")]
    file = BytesIO()
    csv.write(file, lambda: iter(records), TYPE)
    parts = file.getvalue().decode("utf-8-sig").split(HERE)
    text = "".join(f"{part}{cell}" for part, cell in zip(parts, [*CELLS, ""], strict=True))
    check(send(api, template.secretariat, text.encode(), "csv"), len(CELLS))


@pytest.mark.parametrize("place", PLACES)
def test_cells_of_workbooks_that_are_no_values(api: Api, template: Template, place: str) -> None:
    records = [record("first"), *(record(f"bad {number}", place) for number in range(len(NUMBERS))), record("last")]
    check(send(api, template.secretariat, workbook(records, NUMBERS), "xlsx"), len(NUMBERS))


def workbook(records: list[Json], numbers: list[str]) -> bytes:
    """Return a workbook of records, with numbers as texts of its XML where theirs stood."""
    file, changed = BytesIO(), BytesIO()
    xlsx.write(file, lambda: iter(records), TYPE)
    with ZipFile(file) as packed, ZipFile(changed, "w", ZIP_DEFLATED) as other:
        for name in packed.namelist():
            parts = packed.read(name).split(HERE.encode())
            put = numbers if len(parts) > 1 else []
            other.writestr(name, b"".join(p + n.encode() for p, n in zip(parts, [*put, ""], strict=True)))
    return changed.getvalue()


@pytest.mark.parametrize("cell", [LONG, "NaN", "abc", "1e", "--1"])
def test_a_workbook_whose_numbers_are_none_is_named(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook([record("one"), record("two", "initiative.budget[0].amount")], [cell]))
    with pytest.raises(Unreadable, match="damaged after row 2") as refused:
        list(open_source(path).entries)
    assert str(path) in str(refused.value)
    assert "set_int_max_str_digits" not in str(refused.value)


def test_a_long_number_of_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n---\nb: 1\nyear: 1:" + ":".join(["59"] * 500_000) + "\n---\nc: 1\n")
    found = list(open_source(path).entries)
    (fault,) = found[1].faults
    assert (len(found), fault.location) == (3, "document 2 (line 2)")
    assert "line 4" in fault.message


@pytest.mark.parametrize("type", ["int_type", "string_type", "literal_error"])
def test_a_fault_tells_of_any_number(type: str) -> None:
    entry = {"type": type, "loc": ("body", "x"), "msg": "wrong", "input": 10**5_000, "ctx": {"expected": "'a'"}}
    assert fault_of(entry).value is None
    assert fault_of({**entry, "input": -(10**30)}).value == f"-1{'0' * 30}"
