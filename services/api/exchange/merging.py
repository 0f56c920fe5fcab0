"""What a row of a table makes of a record: its columns say what is, all else stays as it is here."""

from collections.abc import Mapping
from typing import Any

from services.api.exchange.entries import Json
from services.api.exchange.keyed import Places, places
from services.api.exchange.table import Row
from services.api.exchange.translating import translated
from services.api.forms.flat import Way, answers
from services.api.forms.paths import KEY, Key, value_at, written
from services.api.forms.shape import Group, Scalar
from services.web.problems import Fault

Lists = Mapping[Way, Places]


def merged(row: Row, here: Json | None) -> tuple[Json, list[Fault]]:
    """Return the record that a row makes of the one that is here, or of none, and why it is none.

    What has no column is as it is here; an empty cell erases. A list that would have gaps is a fault. Rows with keys
    are those of the same key.
    """
    lists = {way: found for way in row.header.keyed if (found := places(row, way, here)) is not None}
    faults = [fault for found in lists.values() for fault in found.faults]
    shape = row.header.form.shape
    made: Json = {"content": {name: {} for name, node in shape.fields.items() if isinstance(node, Group)}}
    for _, tail, node, value in answers(shape, here["content"]) if here is not None else ():
        asked, target = _of_here(("content", *tail), lists)
        if not (asked and _says(row, asked)) and not (isinstance(node, Scalar) and value == node.default):
            _put(made, target, value)
    for column, value in zip(row.header.columns, row.values, strict=False):
        spoken = value is not None and column.way[0] != "translations"
        if spoken and (way := _of_table(column.way, lists)) is not None:
            _put(made, way, value)
    for way, found in lists.items():
        for step, number in found.given.items():
            if isinstance(step, Key):
                _put(made, (*way, number, KEY), str(step))
    for way in row.header.keyed:
        _leave_out_emptied(made, way, lists.get(way), here)
    record: Json = _with_lists(made, "", faults, row.place)
    if row.header.translates:
        record["content"] = row.header.form.keyed(record["content"], here["content"] if here else None)
        record["translations"], wrong = translated(row, lists, here, record["content"])
        faults += wrong
    return record, faults


def _list_of(way: Way) -> Way:
    """Return the way to the first list that a way leads through."""
    return way[: next((number for number, step in enumerate(way) if isinstance(step, int | Key)), len(way))]


def _of_here(way: Way, lists: Lists) -> tuple[Way | None, Way]:
    """Return what a value that is here would be called in the table, if its row is named there, and where it goes."""
    found = lists.get(outer := _list_of(way)) if lists else None
    if found is None:
        return way, way
    number, *rest = way[len(outer) :]
    step = found.said_by.get(int(number))
    return (*outer, step, *rest) if step is not None else None, (*outer, found.here[int(number)], *rest)


def _of_table(way: Way, lists: Lists) -> Way | None:
    """Return where the value of a column goes, none for a row that is not there and of which nothing is said."""
    found = lists.get(outer := _list_of(way)) if lists else None
    if found is None:
        return way
    step, *rest = way[len(outer) :]
    return (*outer, found.given[step], *rest) if step in found.given else None


def _says(row: Row, way: Way) -> bool:
    """Tell whether a table speaks of a value; an empty cell takes no row's key away."""
    is_key = way[-1] == KEY and _list_of(way) in row.header.keyed
    return row.speaks_of(*way) and not (is_key and row.get(*way) is None)


def _leave_out_emptied(made: Json, way: Way, found: Places | None, here: Json | None) -> None:
    """Leave out rows of which nothing is left but the key, and where keys count close the gaps."""
    *outer, name = way
    holder = value_at(made, written(outer))
    rows = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(rows, dict):
        return
    for number, one in enumerate(value_at(here, written(way)) or () if here else ()):
        place = found.here[number] if found else number
        if rows.get(place, {}).keys() == {KEY} and len(one) > 1:
            del rows[place]
    if found:
        holder[name] = dict(enumerate(rows[place] for place in sorted(rows)))
    if not rows:
        del holder[name]


def _put(record: Json, way: Way, value: Any) -> None:
    here: Any = record
    for step in way[:-1]:
        here = here.setdefault(step, {})
    if value == {}:  # a group that is filled is there in any case
        here.setdefault(way[-1], {})
    else:
        here[way[-1]] = value


def _with_lists(value: Any, path: str, faults: list[Fault], place: str) -> Any:
    """Return a value with lists in place of what is numbered; a number that is missing is a fault."""
    if not isinstance(value, dict):
        return value
    if value and all(isinstance(step, int) for step in value):
        items = [_with_lists(value[number], f"{path}[{number}]", faults, place) for number in sorted(value)]
        if len(items) != (last := max(value)) + 1:
            missing = next(number for number in range(last) if number not in value)
            name = path.removeprefix("content.")
            message = f"empty, though {name}[{last}] is filled: a list has no gaps"
            faults.append(Fault(location=place, field=f"{name}[{missing}]", message=message))
        return items
    return {step: _with_lists(one, f"{path}.{step}".lstrip("."), faults, place) for step, one in value.items()}
