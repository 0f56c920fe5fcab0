"""Dates of records: what a partial date stands for, and a calendar (RFC 5545) of what a record dates. Pure."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, timedelta

from icalendar import Calendar, Event

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Dated:
    """Something that a record dates, from the first day of `start` to the last of `end`, as precisely as is known."""

    key: str
    """Stays the same as long as it is the same thing of its record."""
    summary: str
    start: str | None
    end: str | None
    note: str = ""
    told_at: str = ""
    """When it was told (RFC 3339), where that is not when its record was."""


def first(value: str) -> Date:
    """Return the first day of `2005`, `2005-12` or `2005-12-11`; raise `ValueError` for anything else."""
    year, month, day = (*map(int, value.split("-")), 1, 1)[:3]
    return Date(year, month, day)


def last(value: str) -> Date:
    """Return the last day of `2005`, `2005-12` or `2005-12-11`; raise `ValueError` for anything else."""
    match [int(part) for part in value.split("-")]:
        case [year]:
            return Date(year, 12, 31)
        case [year, month]:
            return Date(year, month, monthrange(year, month)[1])
        case [year, month, day]:
            return Date(year, month, day)
    raise ValueError(value)


def span(start: str | None, end: str | None) -> tuple[Date, Date] | None:
    """Return the days that two partial dates stand for, the one that is not known being like the other."""
    beginning, ending = start or end, end or start
    return (first(beginning), last(ending)) if beginning and ending else None


def calendar(name: str, record: str, address: str, told_at: str, found: Iterable[Dated]) -> bytes:
    """Return a calendar of whole days, one event for each thing that is dated; `record` is its id as `type/id`."""
    made = Calendar()
    made.add("prodid", "-//Praxis//Praxis//EN")
    made.add("version", "2.0")
    made.add("name", name)
    made.add("x-wr-calname", name)
    for one in found:
        if (days := span(one.start, one.end)) is None:
            continue
        event = Event()
        event.add("uid", f"{record}/{one.key}@praxis")
        event.add("dtstamp", datetime.fromisoformat(one.told_at or told_at))
        event.add("dtstart", days[0])
        if days[1] < Date.max:  # the day after the last one ends it, and without one it lasts the day it begins
            event.add("dtend", days[1] + DAY)
        event.add("summary", one.summary)
        if one.note:
            event.add("description", one.note)
        event.add("url", address)
        event.add("transp", "TRANSPARENT")
        made.add_component(event)
    kept: bytes = made.to_ical()
    return kept
