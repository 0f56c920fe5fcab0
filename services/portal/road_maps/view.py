"""What the page of a road map shows, and what it dates. Pure."""

from collections.abc import Iterable
from typing import Any

from services.portal.dates import Dated, last
from services.portal.record import Reading
from services.portal.road_maps.money import money
from services.portal.road_maps.plan import activities, by_area, progress
from services.portal.road_maps.timeline import timeline
from services.portal.upstream import Json

COLUMNS = ("expected_result", "outputs", "unit")
"""Of the table of activities, those that are left out where nothing stands in them."""
Rows = list[tuple[str, Json]]


def view(read: Reading) -> dict[str, Any]:
    """Return what the template of a road map shows besides what any record does."""
    found = activities(read)
    return {
        "read": read,
        "activities": found,
        "filled": [name for name in COLUMNS if any(one.row[name] for one in found)],
        "parts": by_area(read, found),
        "progress": progress(read, found),
        "timeline": timeline(read, found),
        "money": money(read),
        "stakeholders": _by_kind(read),
        "adoption": _in_order(read.rows("outcome.adoption")),
    }


def _by_kind(read: Reading) -> list[tuple[str, Rows]]:
    """Return stakeholders by the label of their kind, as kinds come first."""
    found: dict[str, Rows] = {}
    for path, row in read.rows("plan.stakeholders"):
        found.setdefault(read.labels("partner-kinds", row["kind"]), []).append((path, row))
    return [*found.items()]


def _in_order(rows: Rows) -> Rows:
    """Return decisions in order of their dates, those without one at the end."""
    return sorted(
        rows, key=lambda one: (not one[1]["date"], last(one[1]["date"]).isoformat() if one[1]["date"] else "")
    )


def dates(read: Reading) -> Iterable[Dated]:
    """Yield what a road map dates: its periods, activities, endorsements, decisions, and what was told since."""
    about = read.content["about"]
    for key, said, start, end in (
        ("elaboration", read.gettext("Drawn up"), about["elaboration_start"], about["elaboration_end"]),
        ("period", read.gettext("Carried out"), about["start"], about["end"]),
    ):
        yield Dated(key, f"{said}: {about['title']}", start, end)
    found = activities(read)
    for one in found:
        yield Dated(one.path, one.row["text"], one.row["start"], one.row["end"], one.row["unit"] or "")
    for path, row in read.rows("people.endorsements"):
        kind = read.labels("endorsement-kinds", row["kind"])
        yield Dated(path, f"{kind}: {row['by']}", row["date"], None, row["note"] or "")
    for path, row in read.rows("outcome.adoption"):
        state = read.labels("adoption-states", row["state"])
        yield Dated(path, f"{row['what']}: {state}", row["date"], None, row["note"] or "")
    for one in found:
        for step in one.steps:
            key = f"{one.path}/{step.kind}/{step.told_at}"
            yield Dated(key, f"{step.label}: {one.row['text']}", step.date, None, step.note, step.told_at)
