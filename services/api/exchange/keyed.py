"""Which rows of a list with keys a table means: those of its keys, wherever they stand, not those of its positions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.api.exchange.entries import Json
from services.api.exchange.table import Row
from services.api.forms.flat import Way
from services.api.forms.paths import KEY, Key, Step, key_of, value_at, written
from services.web.problems import Fault


@dataclass(frozen=True)
class Places:
    """Where the rows of one list go: those that are here, by position, and those of a table, by number or key."""

    here: dict[int, int]
    given: dict[Step, int]
    said_by: dict[int, Step]
    """What in the table is said of a row that is here, by its position."""
    faults: list[Fault]


def places(row: Row, way: Way, here: Json | None) -> Places | None:
    """Return where the rows of a list go, none where the table gives no key for this record: positions count then.

    Rows that the table does not name stay where they are, and new ones follow; when it names all of them, in columns
    that have an order, its order counts.
    """
    named = dict(_named(row, way))
    if not any(key for key, _ in named.values()):
        return None
    rows: Sequence[Any] = (value_at(here, written(way)) if here else None) or ()
    at = {key_of(one): number for number, one in enumerate(rows)}
    said_by: dict[int, Step] = {}
    new: dict[str, Step] = {}
    faults = []
    for step, (key, says) in named.items():
        place = written((*way[1:], step))
        if key is None:
            if says:
                message = "empty, though other rows have a key here: a new row needs one of its own"
                faults.append(Fault(location=row.place, field=f"{place}.{KEY}", message=message))
        elif key in new or at.get(key) in said_by:
            message = "the row of this key is spoken of twice"
            faults.append(Fault(location=row.place, field=place, message=message, value=key))
        elif key in at:
            said_by[at[key]] = step
        elif says or (here is None and not isinstance(step, Key)):
            new[key] = step
    final: list[tuple[int | None, Step | None]]
    if all(isinstance(said_by.get(number), int) for number in range(len(rows))):
        known = {step: number for number, step in said_by.items()}
        final = [(known.get(step), step) for step in named if step in known or step in new.values()]
    else:
        final = [(number, said_by.get(number)) for number in range(len(rows))]
        final += [(None, step) for step in new.values()]
    return Places(
        here={number: place for place, (number, _) in enumerate(final) if number is not None},
        given={step: place for place, (_, step) in enumerate(final) if step is not None},
        said_by=said_by,
        faults=faults,
    )


def _named(row: Row, way: Way) -> Iterator[tuple[Step, tuple[str | None, bool]]]:
    """Yield the rows that a table has columns for, each with its key and whether anything else is said of it."""
    for step, columns in row.header.keyed[way].items():
        key = step if isinstance(step, Key) else row.get(*way, step, KEY)
        says = any(row.get(*column.way) is not None for column in columns if column.way[-1] != KEY)
        yield step, (str(key).strip() or None if key is not None else None, says)
