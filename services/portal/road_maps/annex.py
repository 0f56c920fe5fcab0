"""What a council is given of a road map: how closely it is printed, and the same as a workbook (XLSX). Pure."""

import re
from bisect import bisect
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from services.portal import cells
from services.portal.cells import Value
from services.portal.dates import first
from services.portal.record import Reading
from services.portal.road_maps import view as page
from services.portal.road_maps.money import money
from services.portal.road_maps.plan import activities

SHOWN = ("text", "expected_result", "outputs")
"""Texts of an activity that a council reads."""
Sheet = tuple[str, Sequence[str], Sequence[Sequence[Value]]]
"""Name, headings and rows of a sheet."""
_TITLE = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
"""What a sheet cannot be called by."""
CLOSER = (2000, 3000, 5500)
"""Characters of a printed page from which it is set more and more closely."""


def view(read: Reading) -> dict[str, Any]:
    """Return what the annex shows: what the page of the road map does, and how closely each of its pages is printed."""
    found = page.view(read)
    content = read.content
    decided = [*content["about"]["objectives"]]
    decided += [one.row[name] or "" for one in found["activities"] for name in (*SHOWN, "unit")]
    decided += [row["name"] for path in ("people.leads", "people.working_group") for _, row in read.rows(path)]
    beside = [row[name] or "" for _, row in read.rows("outcome.adoption") for name in ("what", "by", "note")]
    beside += [row["name"] for _, row in read.rows("plan.stakeholders")]
    beside += [row["note"] or "" for _, row in read.rows("budget.lines")]
    beside += [*content["outcome"]["next_steps"], content["budget"]["note"] or ""]
    return {**found, "first_density": density(decided), "second_density": density(beside)}


def density(texts: Sequence[str]) -> int:
    """Return how closely a page is to be printed that holds these texts: 0 for widely, 3 for as closely as can be."""
    characters = sum(len(text) + 40 for text in texts)  # a line that is not full takes its place too
    return bisect(CLOSER, characters)


def sheets(read: Reading) -> list[Sheet]:
    """Return what the sheets of a workbook say, with real numbers, and dates where they are known to a day."""
    return [_activities(read), _stakeholders(read), _budget(read), _adoption(read)]


def workbook(*made: Sheet) -> bytes:
    """Return a workbook of sheets."""
    book = Workbook()
    cells.add_styles(book)
    for number, (name, headings, rows) in enumerate(made):
        sheet = book.active if number == 0 else book.create_sheet()
        assert sheet is not None  # noqa: S101 - a new workbook has one
        sheet.title = _TITLE.sub(" ", name)[:31]
        for place, row in enumerate((headings, *rows), 1):
            for column, value in enumerate(row, 1):
                cells.put(sheet.cell(place, column), value, cells.BOLD if place == 1 else cells.PLAIN)
        for column in range(1, len(headings) + 1):
            longest = max(len(str(row[column - 1] or "")) for row in (headings, *rows))
            sheet.column_dimensions[get_column_letter(column)].width = min(max(longest + 2, 10), 60)
        sheet.freeze_panes = "A2"
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def _day(value: str | None) -> Value:
    """Return a day as a date; what is less precise stays as it is known, a year as a number."""
    if not value:
        return None
    return first(value) if len(value) == 10 else int(value) if len(value) == 4 else value


def _headings(read: Reading, path: str, names: Sequence[str]) -> list[str]:
    return [read.question(f"{path}.{name}") for name in names]


def _activities(read: Reading) -> Sheet:
    texts = ("text", "expected_result", "outputs", "unit")
    rows = [
        [
            one.number,
            read.labels("road-map-areas", one.row["area"]),
            *(one.row[name] for name in texts),
            _day(one.row["start"]),
            _day(one.row["end"]),
            one.label,
            _day(one.state_date),
        ]
        for one in activities(read)
    ]
    path = "plan.activities"
    asked = _headings(read, path, ("area", *texts, "start", "end"))
    return read.question(path), ["", *asked, read.gettext("State now"), read.gettext("Since")], rows


def _stakeholders(read: Reading) -> Sheet:
    path = "plan.stakeholders"
    rows = [
        [
            row["name"],
            read.labels("partner-kinds", row["kind"]),
            read.labels("road-map-areas", row["area"]) if row["area"] else None,
            row["role"],
        ]
        for _, row in read.rows(path)
    ]
    return read.question(path), _headings(read, path, ("name", "kind", "area", "role")), rows


def _budget(read: Reading) -> Sheet:
    path, found = "budget.lines", money(read)
    rows: list[list[Value]] = [
        [
            one.label,
            one.row["name"],
            read.gettext("N.A.") if one.row["not_available"] else one.row["amount"],
            one.amount["currency"] if one.amount else None,
            one.row["share"],
            one.share,
            one.row["note"],
        ]
        for one in found.lines
    ]
    if found.total:
        rows.append([read.question("budget.total"), None, found.total["amount"], found.total["currency"], None, None])
        rows.append([read.gettext("Lines overlap: they are parts of the total, and are never added up.")])
    kind, name, amount, note = _headings(read, path, ("kind", "name", "amount", "note"))
    shares = [f"{read.gettext('Share, printed')} (%)", f"{read.gettext('Share, computed')} (%)"]
    rows = [[*row, *[None] * (7 - len(row))] for row in rows]
    return read.question("budget"), [kind, name, amount, read.question("budget.currency"), *shares, note], rows


def _adoption(read: Reading) -> Sheet:
    path = "outcome.adoption"
    rows = [
        [row["what"], read.labels("adoption-states", row["state"]), row["by"], _day(row["date"]), row["note"]]
        for _, row in read.rows(path)
    ]
    return read.question(path), _headings(read, path, ("what", "state", "by", "date", "note")), rows
