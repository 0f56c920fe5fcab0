"""A table, a shape and a report know of a record what its type's form says, and nothing else."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from services.api.exchange.entries import Unreadable
from services.api.exchange.faults import rejected
from services.api.exchange.formats import csv, xlsx
from services.api.exchange.merging import merged
from services.api.exchange.sources import open_source
from services.api.exchange.table import names
from services.api.forms.catalogue import RECORD, Section
from services.api.forms.form import Form
from services.api.forms.parts import Period, ask, listed
from services.api.forms.shape import Group, Many, Scalar, canonical
from services.api.forms.types import RecordType
from services.api.kit.schema import Language, Line, Name, PartialDate, Schema
from services.api.types import default
from services.web.problems import Fault


class Ask(Section):
    """What is needed."""

    statement: Name = ask("1.1", "Statement", "What is needed")
    days: list[PartialDate] = listed("1.2", "Days", "When")
    tried: list[Line] = listed("1.3", "Tried", "What was tried")
    period: Period | None = ask("1.4", "Period", "How long", default=None)


class Need(Schema):
    """A need."""

    ask: Ask
    language: Language = ask("R.1", "Language", "Language of the record")


FORM = Form(model=Need, sections={"ask": "1", RECORD: "R"}, short=("1.1",), folder=Path("nowhere"))
NEED = RecordType(
    name="need",
    plural="needs",
    form=FORM,
    title="ask.statement",
    summary="ask.statement",
    workflow=default().workflow,
    rendering=1,
    tiers=("network",),
)
ONE: dict[str, Any] = {
    "external_id": "one",
    "content": {
        "ask": {"statement": "Room", "days": ["2008", "2009-01"], "tried": ["=1"], "period": {}},
        "language": "en",
    },
    "translations": {"es": {"ask.statement": {"text": "Sitio", "status": "human"}}},
}
FORMATS = {"csv": csv, "xlsx": xlsx}


def test_a_shape_tells_dates_in_lists_and_parts_that_may_be_empty() -> None:
    part = FORM.shape.fields["ask"]
    assert isinstance(part, Group)
    assert part.required
    assert part.fields["days"] == Many(Scalar(str, is_date=True))
    assert part.fields["tried"] == Many(Scalar(str))
    period = part.fields["period"]
    assert isinstance(period, Group)
    assert (period.required, period.optional) == (False, True)
    said = {"language": "en", "ask": {"period": {}, "tried": [], "statement": "Room", "days": None}}
    assert list(canonical(said, FORM.shape)["ask"].items()) == [("statement", "Room"), ("period", {})]


@pytest.mark.parametrize("format", FORMATS)
def test_a_table_has_the_columns_of_its_type(tmp_path: Path, format: str) -> None:
    path = tmp_path / f"needs.{format}"
    with path.open("wb") as file:
        FORMATS[format].write(file, lambda: iter([ONE]), NEED)
    (entry,) = open_source(path, NEED).entries
    assert (entry.kind, entry.faults) == ("needs", ())
    assert merged(entry.data, None) == (ONE, [])
    with pytest.raises(Unreadable, match="there is no column 'ask"):
        list(open_source(path).entries)
    assert names(FORM)[4:] == (
        "ask.statement", "ask.days[0]", "ask.tried[0]", "ask.period.start", "ask.period.end", "language",
    )  # fmt: skip


def test_a_workbook_has_a_sheet_for_a_type(tmp_path: Path) -> None:
    file = BytesIO()
    xlsx.write(file, lambda: iter([ONE]), NEED)
    assert load_workbook(file).sheetnames == ["needs"]
    book = Workbook()
    book.create_sheet("other").append(["x"])
    book.create_sheet("needs").append(["external_id", "ask.statement"])
    book["needs"].append(["two", "Time"])
    book.save(tmp_path / "many.xlsx")
    (entry,) = xlsx.read(tmp_path / "many.xlsx", NEED)
    assert entry.data.get("content", "ask", "statement") == "Time"


def test_a_report_names_the_questions_of_its_form() -> None:
    faults = [Fault(location="record", field=field, message="") for field in ("content.ask.days[0]", "owner")]
    told = rejected("line 1", "one", faults, FORM)
    assert [(fault.field, fault.question) for fault in told.faults] == [("ask.days[0]", "1.2"), ("owner", None)]
    assert [fault.question for fault in rejected("line 1", "one", faults).faults] == [None, None]
