"""A road map in time, as it is drawn: rows of bars and marks on an axis. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date as Date

from babel.dates import format_skeleton

from services.portal.dates import DAY, span
from services.portal.record import Reading
from services.portal.road_maps.plan import Activity

LEFT, RIGHT, TOP, ROW = 10.0, 710.0, 34, 44
"""Where the axis begins and ends, where the first row does, and how high each is."""
MOST_TICKS, LONGEST = 9, 92
"""Ticks of the axis, and characters of a row's name as it is drawn."""
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 600)

Days = tuple[Date, Date]


@dataclass(frozen=True)
class Bar:
    """A time on the axis; `kind` is that of a period, of an activity's own dates, or of what is taken for them."""

    x: float
    width: float
    kind: str


@dataclass(frozen=True)
class Mark:
    """A step, in the middle of what its date stands for."""

    x: float
    kind: str
    label: str


@dataclass(frozen=True)
class Row:
    """A line of the drawing: at `y` its name, its bars and marks below; `path` is that of an activity."""

    y: int
    name: str
    full: str
    path: str
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Timeline:
    """A drawing `height` high: its rows, and ticks of the axis by place and name."""

    height: int
    rows: tuple[Row, ...]
    ticks: tuple[tuple[float, str], ...]
    undated: tuple[int, ...]
    """Numbers of activities that have no dates of their own."""


@dataclass(frozen=True)
class _Drawn:
    name: str
    path: str
    bars: Sequence[tuple[Days, str]]
    marks: Sequence[tuple[Days, str, str]] = ()


def timeline(read: Reading, activities: Iterable[Activity]) -> Timeline | None:
    """Return a road map in time, none where it has no date at all."""
    about, found = read.content["about"], [*activities]
    elaboration = span(about["elaboration_start"], about["elaboration_end"])
    period = span(about["start"], about["end"])
    drawn = [
        _Drawn(name, "", [(days, "period")])
        for name, days in ((read.gettext("Drawn up"), elaboration), (read.gettext("Carried out"), period))
        if days
    ]
    drawn += [_activity(one, period) for one in found]
    days = [one[0] for row in drawn for one in row.bars] + [one[0] for row in drawn for one in row.marks]
    if not days:
        return None
    scale = _Scale(min(one[0] for one in days), max(one[1] for one in days))
    rows = tuple(
        Row(
            TOP + place * ROW,
            row.name if len(row.name) <= LONGEST else row.name[: LONGEST - 1].rstrip() + "…",
            row.name,
            row.path,
            tuple(Bar(scale.x(one[0]), scale.width(one), kind) for one, kind in row.bars),
            tuple(Mark(scale.middle(one), kind, label) for one, kind, label in row.marks),
        )
        for place, row in enumerate(drawn)
    )
    undated = tuple(one.number for one in found if not (one.row["start"] or one.row["end"]))
    return Timeline(TOP + len(rows) * ROW, rows, tuple(_ticks(scale, read.lang)), undated)


def _activity(one: Activity, period: Days | None) -> _Drawn:
    """Return how an activity is drawn: what it does not date itself lasts as long as the road map."""
    own = span(one.row["start"], one.row["end"])
    bars: list[tuple[Days, str]] = []
    if own is None:
        bars = [(period, "taken")] if period else []
    else:
        bars = [(own, "own")]
        if period and not one.row["end"] and period[1] > own[1]:
            bars.append(((own[1] + DAY, period[1]), "taken"))
        if period and not one.row["start"] and period[0] < own[0]:
            bars.append(((period[0], own[0] - DAY), "taken"))
    marks = [(days, step.kind, step.label) for step in one.steps if (days := span(step.date, None))]
    return _Drawn(f"{one.number}. {one.row['text']}", one.path, bars, marks)


@dataclass(frozen=True)
class _Scale:
    first: Date
    last: Date

    def x(self, day: Date, after: bool = False) -> float:
        """Return where a day begins, or ends."""
        days = (self.last - self.first).days + 1
        return round(LEFT + (RIGHT - LEFT) * ((day - self.first).days + after) / days, 1)

    def width(self, days: Days) -> float:
        """Return how wide a time is, never too narrow to be seen."""
        return max(round(self.x(days[1], True) - self.x(days[0]), 1), 3.0)

    def middle(self, days: Days) -> float:
        """Return the middle of a time."""
        return round((self.x(days[0]) + self.x(days[1], True)) / 2, 1)


def _ticks(scale: _Scale, lang: str) -> Iterable[tuple[float, str]]:
    first, last = scale.first, scale.last
    begin, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    step = next((one for one in _MONTHS if (end - begin) / one < MOST_TICKS), _MONTHS[-1])
    for month in range(-(-begin // step) * step, end + 1, step):
        day = Date(month // 12, month % 12 + 1, 1)
        if day < first:
            continue
        yield scale.x(day), str(day.year) if step >= 12 else format_skeleton("yMMM", day, locale=lang)
