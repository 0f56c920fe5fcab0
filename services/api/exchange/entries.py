"""What readers of files hand over: one record after the other, each with its place, or why it could not be read."""

from dataclasses import dataclass
from typing import Any

from services.web.problems import Fault

Json = dict[str, Any]

LONGEST = 4_000_000
"""Bytes of the longest record that is read, whatever the format: twice what the api takes as a body."""


class Unreadable(Exception):
    """A source that no record can be taken from; the message names the place, the fault and what is expected."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as a file gives it, still unchecked, or the faults for which it could not be read."""

    place: str
    """Where it stands, for people: `line 12`, `row 7`, `authorities/cartaya.yaml`."""
    position: int
    """How much of the source is read with it, in the unit of the source's size."""
    data: Any = None
    """What the file says: of a table a `Row`, of other formats the record itself."""
    faults: tuple[Fault, ...] = ()
    kind: str = ""
    """Of which kind it is: plural of a record type, `authorities` or `thesaurus`. Readers of files leave it open."""


def broken(place: str, position: int, message: str, field: str = "record") -> Entry:
    """Return an entry that could not be read."""
    return Entry(place, position, faults=(Fault(location=place, field=field, message=message),))


class Unwritable(Exception):
    """Records that a format cannot hold whole; the message names the place and what to use instead."""
