"""Records in files: every format gives back what it was given, whatever the texts, also past a spreadsheet program."""

import csv as plain_csv
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from services.api.exchange.entries import Unreadable, Unwritable
from services.api.exchange.formats import csv, jsonl, xlsx, yaml
from services.api.exchange.merging import merged
from services.api.exchange.schemas import ImportedRecord, imported
from services.api.exchange.table import Row, header_of, names
from services.api.forms.shape import canonical
from services.api.kit.schema import Text
from services.api.types.practice.type import TYPE
from tests.harness.depth import examples
from tests.harness.paths import SEEDS
from tests.harness.programs import require
from tests.harness.support import practice_body
from tools.seeds import Seeds

Json = dict[str, Any]
FORMATS = {"jsonl": jsonl, "yaml": yaml, "csv": csv, "xlsx": xlsx}
AWKWARD = (
    "=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "'", "''", "'quoted'", "'=1", "'2008", "'t Hart", "007", "1/2",
    "12:30", "1E5", "3,5", "50 %", "TRUE", "falso", "#REF!", "{}", "[]", "null", "~", "yes", "2008-06-11", "1.0",
    "a;b|c,d", 'a "quoted" text', "line\none", "carriage\rreturn", "both\r\nends", "tab\tin", "_x000D_",
    "_x0041_x005F_", "x005F_", "_x005F_x000D_", "---\n...", "- a: b", "& anchor *alias", "%", "#", "! tag",
    "\u2028\u0085\ufeff", "😀" * 40, "\ufffe\uffff", "العربية", "é" * 300, "a  b",
    "0" * 60, "1" * 400, "<b>&amp;</b>", "\\n", "it''s",
)  # fmt: skip


def canonical_record(record: ImportedRecord) -> Json:
    """Return a checked record as exports write it."""
    written = record.model_dump(mode="json")
    return {
        **{name: written[name] for name in ("external_id", "owner", "tier") if written[name] is not None},
        "content": canonical(written["content"], TYPE.form.shape),
        "translations": written["translations"] or {},
    }


def record_of(name: str, body: Json) -> Json:
    return canonical_record(imported(TYPE).model_validate({"external_id": name, **body}))


@pytest.fixture(scope="module")
def seeds() -> list[Json]:
    return [canonical_record(record) for record in Seeds.read(SEEDS).practices.values()]


def written(form: Any, path: Path, records: list[Json]) -> Path:
    with path.open("wb") as file:
        form.write(file, lambda: iter(records), TYPE)
    return path


def read(form: Any, path: Path) -> list[Json]:
    found = []
    for entry in form.read(path, TYPE):
        assert not entry.faults, entry
        record = merged(entry.data, None)[0] if isinstance(entry.data, Row) else entry.data
        found.append(canonical_record(imported(TYPE).model_validate(record)))
    return found


@pytest.mark.parametrize("name", FORMATS)
def test_all_seeds_survive(name: str, seeds: list[Json], tmp_path: Path) -> None:
    path = written(FORMATS[name], tmp_path / f"seeds.{name}", seeds)
    assert read(FORMATS[name], path) == seeds


def test_csv_is_read_with_other_delimiters_ends_and_marks(seeds: list[Json], tmp_path: Path) -> None:
    text = written(csv, tmp_path / "seeds.csv", seeds).read_bytes().decode("utf-8-sig")
    rows = list(plain_csv.reader(text.splitlines(keepends=True)))
    for delimiter in ",;\t":
        for end in ("\n", "\r\n"):
            for mark in ("", "\ufeff"):
                path = tmp_path / "other.csv"
                with path.open("w", encoding="utf-8", newline="") as file:
                    file.write(mark)
                    plain_csv.writer(file, delimiter=delimiter, lineterminator=end).writerows(rows)
                assert read(csv, path) == seeds, (delimiter, end, mark)


def soffice(source: Path, to: str, folder: Path) -> Path:
    """Open a file in LibreOffice and save it anew, as somebody does who looks at it."""
    require("libreoffice")
    options = [f"-env:UserInstallation=file://{folder}/profile", "--headless"]
    options += ["--infilter=CSV:44,34,76,1"] if source.suffix == ".csv" else []
    target = "csv:Text - txt - csv (StarCalc):44,34,76" if to == "csv" else to
    saved = folder / f"{source.suffix[1:]}-{to}"
    done = subprocess.run(
        ["soffice", *options, "--convert-to", target, "--outdir", str(saved), str(source)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    path = saved / f"{source.stem}.{to}"
    assert path.exists(), done.stdout + done.stderr
    return path


def test_tables_survive_libreoffice(seeds: list[Json], tmp_path: Path) -> None:
    awkward = [text for text in AWKWARD if not set(text) & set("\r\ufffe\uffff\u2028\u0085\ufeff\t")]
    body = practice_body(results=[text for text in awkward if "_x" not in text and "x005F" not in text])
    records = [*seeds, record_of("007", body)]
    for source in ("xlsx", "csv"):
        path = written(FORMATS[source], tmp_path / f"records.{source}", records)
        for to in ("xlsx", "csv"):
            assert read(FORMATS[to], soffice(path, to, tmp_path)) == records, (source, to)


TEXTS = st.sampled_from(AWKWARD) | st.text(min_size=1, max_size=60)


def acceptable(text: str) -> bool:
    try:
        Text(2_000)._checked(text)
    except ValueError:
        return False
    return bool(text.strip()) and text.strip() == text


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(TEXTS.filter(acceptable), min_size=1, max_size=12), number=st.integers(0, 9), share=st.floats(0, 9)
)
def test_any_text_and_number_survives(tmp_path: Path, texts: list[str], number: int, share: float) -> None:
    body = practice_body(results=texts, description=texts[0])
    inside = body["content"]
    inside["initiative"]["budget_sources"] = [{"kind": "other", "share": share, "note": texts[-1]}]
    inside["initiative"]["budget"] = [
        {"amount": number / 4, "currency": "EUR", "scope": "total", "about": True, "period": {}, "note": texts[0]}
    ]
    inside["what"] |= {"sdgs": ["1", "17"], "gcm_objectives": [str(number + 1)]}
    inside["when"] = {"start": "2008", "end": "2008-06-11"}
    body["translations"] = {"es": {"how.results[0]": {"text": texts[-1], "status": "human"}}}
    records = [record_of("'007", body), record_of("=x", practice_body())]
    for name, form in FORMATS.items():
        assert read(form, written(form, tmp_path / f"any.{name}", records)) == records, name


def test_every_awkward_text_survives(tmp_path: Path) -> None:
    texts = [text for text in AWKWARD if acceptable(text)]
    records = [record_of("one", practice_body(results=texts[:50], outputs=texts[50:]))]
    for name, form in FORMATS.items():
        assert read(form, written(form, tmp_path / f"any.{name}", records)) == records, name


def test_no_spreadsheet_takes_a_text_for_a_formula(tmp_path: Path) -> None:
    formulas = [text for text in AWKWARD if text[0] in "=+-@" and "\n" not in text]
    records = [record_of(text, practice_body(text, results=formulas)) for text in formulas]
    with written(csv, tmp_path / "f.csv", records).open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in plain_csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@\t\r"))]
    book = load_workbook(written(xlsx, tmp_path / "f.xlsx", records))
    held = [cell for row in book["practices"].iter_rows() for cell in row if cell.value in formulas]
    assert len(held) >= len(formulas) ** 2
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in held)


def test_columns_are_those_of_the_questionnaire() -> None:
    assert {"initiative.title", "who.authorities[0].name", "what.sdgs", "how.results[0]", "when.start"} <= set(
        names(TYPE.form)
    )
    budget = [name for name in names(TYPE.form) if name.startswith("initiative.budget[0].")]
    assert "initiative.budget[0].period.start" in budget
    header = header_of(TYPE.form, [record_of("one", practice_body(results=["a", "b"]))])
    assert [column.name for column in header.columns if "results" in column.name] == [
        "how.results[0]",
        "how.results[1]",
    ]


def test_excel_cuts_nothing_off_in_silence(tmp_path: Path) -> None:
    fits, longer = record_of("fits", practice_body(description="😀" * 16_383)), "😀" * 16_384
    assert read(xlsx, written(xlsx, tmp_path / "fits.xlsx", [fits])) == [fits]
    record = record_of("long", practice_body(description=longer))
    with pytest.raises(Unwritable, match=r"long: how\.description has 32768 characters.*32767"):
        written(xlsx, tmp_path / "long.xlsx", [record])
    assert read(csv, written(csv, tmp_path / "long.csv", [record])) == [record]
    languages = [f"{letter}{other}-{region:03}" for letter in "e" for other in "nst" for region in range(1, 1000)]
    many = {language: {"how.summary": {"text": "x", "status": "human"}} for language in languages}
    wide = [
        record_of(f"{start}", practice_body(translations=dict(list(many.items())[start : start + 50])))
        for start in range(0, len(many), 50)
    ]
    assert len(header_of(TYPE.form, wide).columns) < xlsx.MOST_COLUMNS
    assert read(xlsx, written(xlsx, tmp_path / "wide.xlsx", wide)) == wide


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("what.sdgs", "1; 3 ;17", ["1", "3", "17"]),
        ("what.sdgs", "1|3", ["1", "3"]),
        ("what.sdgs", "5.0", ["5.0"]),
        ("initiative.countries[0].region", "19", "019"),
        ("when.start", "'2008", "2008"),
        ("when.ongoing", "VERO", True),
        ("when.ongoing", "falso", False),
        ("when.ongoing", "perhaps", "perhaps"),
        ("who.target_groups[0].count", "12.0", 12),
        ("who.target_groups[0].count", "12.5", "12.5"),
        ("who.target_groups[0].count", "1,234", "1,234"),
        ("where.places[0].point.latitude", "-2.9", -2.9),
        ("where.places[0].point.latitude", "-2,9", "-2,9"),
        ("initiative.title", "=x", "=x"),
    ],
)
def test_cells_that_people_typed(tmp_path: Path, column: str, cell: str, value: Any) -> None:
    path = tmp_path / "typed.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        plain_csv.writer(file).writerows([["external_id", column], ["one", cell]])
    (entry,) = csv.read(path, TYPE)
    found: Any = merged(entry.data, None)[0]["content"]
    for step in column.replace("[0]", ".0").split("."):
        found = found[int(step)] if step.isdigit() else found[step]
    assert found == value


def test_a_decimal_comma_is_one_where_semicolons_divide(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("external_id;where.places[0].point.latitude\none;-2,9\n")
    (entry,) = csv.read(tmp_path / "a.csv", TYPE)
    assert entry.data.get("content", "where", "places", 0, "point", "latitude") == -2.9


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize(("text", "read"), [("12.500", "12.500"), ("-1.000", "-1.000"), ("2.0", 2), ("0.500", 0.5)])
def test_what_may_be_thousands_is_not_taken_for_a_fraction(
    tmp_path: Path, delimiter: str, text: str, read: object
) -> None:
    (tmp_path / "a.csv").write_text(f"external_id{delimiter}where.places[0].point.latitude\none{delimiter}{text}\n")
    (entry,) = csv.read(tmp_path / "a.csv", TYPE)
    assert entry.data.get("content", "where", "places", 0, "point", "latitude") == read


def test_empty_columns_at_the_end_are_none(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("external_id;language;;\none;en;;\ntwo;en;;more\n")
    one, two = csv.read(tmp_path / "a.csv", TYPE)
    assert one.faults == ()
    assert "more than there are columns (2)" in two.faults[0].message
    (tmp_path / "b.csv").write_text("external_id;;language\none;;en\n")
    with pytest.raises(Unreadable, match="column 2 has no name"):
        list(csv.read(tmp_path / "b.csv", TYPE))
