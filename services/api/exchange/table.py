"""Records as rows of a flat table: one column for each value, named by its path in the form.

`initiative.title`, `who.authorities[0].name`, `how.results[1]`; a list of codes stands in one cell, between semicolons;
a translation in `translations.es.initiative.title.text` and `….status`. All are read off the form.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache, cached_property
from typing import Any

from services.api.exchange.cells import Cell, NotAValue, read, written
from services.api.exchange.entries import Entry, Json, Unreadable
from services.api.forms.form import Form
from services.api.forms.paths import value_at
from services.api.forms.shape import Group, Many, Node, Scalar, shape_of
from services.api.records.schemas import Translation
from services.web.problems import Fault

HEAD = ("external_id", "owner", "tier", "localized")
"""Columns of the record itself, before those of the form."""
TEXT = Scalar(str)
TRANSLATION = shape_of(Translation)

_TRANSLATED = re.compile(r"translations\.([^.]+)\.([a-z_]+\.[a-z_]+(?:\[[0-9]{1,4}\])?)\.(text|status)")
_STEP = re.compile(r"([a-z_]+)((?:\[[0-9]{1,4}\])?)")

Step = str | int
Way = tuple[Step, ...]
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Column:
    """One column: its name, the way to its value in a record, and what stands in it."""

    name: str
    way: Way
    node: Node

    @property
    def free(self) -> bool:
        """Whether any text may stand in it: no code, no date."""
        node = self.node
        return isinstance(node, Scalar) and node.type is str and not node.codes and not node.is_date


@dataclass(frozen=True)
class Header:
    """The columns of a table of records of a form, in order."""

    form: Form
    columns: tuple[Column, ...]
    decimal_comma: bool = False

    @classmethod
    def read(cls, form: Form, names: Sequence[Cell], place: str) -> "Header":
        """Return the columns of some names; raise `Unreadable` for one that is unknown, missing or there twice."""
        columns = []
        seen: dict[str, int] = {}
        texts = [str(given).strip() if given is not None else "" for given in names]
        while texts and not texts[-1]:  # spreadsheets write empty columns at the end
            texts.pop()
        for number, name in enumerate(texts, 1):
            if not name:
                raise Unreadable(f"{place}: column {number} has no name")
            if name in seen:
                raise Unreadable(f"{place}: columns {seen[name]} and {number} have the same name, '{name[:100]}'")
            seen[name] = number
            columns.append(_column(form, name, place))
        if "external_id" not in seen:
            raise Unreadable(f"{place}: there is no column 'external_id', by which records are known")
        return cls(form, tuple(columns))

    @cached_property
    def numbers(self) -> dict[Way, int]:
        """The number of each column, by the way to its value."""
        return {column.way: number for number, column in enumerate(self.columns)}

    @cached_property
    def translates(self) -> bool:
        """Whether there are columns of translations."""
        return any(column.way[0] == "translations" for column in self.columns)

    def entry(self, cells: Sequence[Cell], place: str, position: int) -> Entry:
        """Return the row that some cells are."""
        values: list[Any] = []
        faults = []
        for column, cell in zip(self.columns, cells, strict=False):
            value = None
            if cell is not None and cell != "":
                try:
                    value = read(column.node, cell, decimal_comma=self.decimal_comma)
                except NotAValue as error:
                    faults.append(Fault(location=place, field=column.name, message=str(error)))
            values.append(value)
        extra = [cell for cell in cells[len(self.columns) :] if cell not in (None, "")]
        if extra:
            message = f"the row has {len(cells)} cells, more than there are columns ({len(self.columns)})"
            faults.append(Fault(location=place, field="record", message=message))
        return Entry(place, position, Row(self, tuple(values), place), tuple(faults))


@dataclass(frozen=True, slots=True)
class Row:
    """What a row says: the values of its cells, none for those that are empty."""

    header: Header
    values: tuple[Any, ...]
    place: str

    def speaks_of(self, *way: Step) -> bool:
        """Tell whether there is a column of a value."""
        return way in self.header.numbers

    def get(self, *way: Step) -> Any:
        """Return what stands in the column of a value, none where it is empty or there is no such column."""
        number = self.header.numbers.get(way, len(self.values))
        return self.values[number] if number < len(self.values) else None

    def onto(self, here: Json | None) -> tuple[Json, list[Fault]]:
        """Return the record that a row makes of the one that is here, or of none, and why it is none.

        What has no column is as it is here; an empty cell erases. A list that would have gaps is a fault.
        """
        faults: list[Fault] = []
        shape = self.header.form.shape
        made: Json = {"content": {name: {} for name, node in shape.fields.items() if isinstance(node, Group)}}
        if here is not None:
            for _, way, node, value in _answers(shape, here["content"]):
                if not self.speaks_of(*way) and not (isinstance(node, Scalar) and value == node.default):
                    _put(made, way, value)
        for column, value in zip(self.header.columns, self.values, strict=False):
            if value is not None:
                _put(made, column.way, value)
        record: Json = _with_lists(made, "", faults, self.place)
        if self.header.translates:
            translations = record.setdefault("translations", {})
            for way, value in self._translations(here, record["content"]) if here is not None else ():
                _put({"translations": translations}, way, value)
        return record, faults

    def _translations(self, here: Json, changed: Json) -> Iterator[tuple[Way, Any]]:
        """Yield what stays of the translations that are here; one goes with its text, and with what it translates."""
        for language, fields in here["translations"].items():
            for path, one in fields.items():
                way = ("translations", language, path)
                if self.speaks_of(*way, "text"):
                    stays = self.get(*way, "text") is not None
                else:
                    stays = language != changed.get("language") and isinstance(value_at(changed, path), str)
                for part, value in one.items() if stays else ():
                    if not self.speaks_of(*way, part):
                        yield (*way, part), value


def header_of(form: Form, records: Iterable[Json]) -> Header:
    """Return all columns that some records need, in the order of their form."""
    found: dict[str, Key] = {"external_id": (0, 0)}
    for record in records:
        for key, name, _ in flat(form, record):
            found.setdefault(name, key)
    return Header(form, tuple(_column(form, name, "") for name in sorted(found, key=found.__getitem__)))


def row(header: Header, record: Json) -> list[Cell]:
    """Return a record's cells."""
    cells = {name: cell for _, name, cell in flat(header.form, record)}
    return [cells.get(column.name) for column in header.columns]


def flat(form: Form, record: Json) -> Iterator[tuple[Key, str, Cell]]:
    """Yield a record's values with the names of their columns, and by what those are sorted."""
    for number, name in enumerate(HEAD):
        if record.get(name) is not None:
            yield (0, number), name, record[name]
    for key, way, node, value in _answers(form.shape, record["content"]):
        yield key, _name(way), written(node, value)
    for language, fields in sorted(record.get("translations", {}).items()):
        for path, one in fields.items():
            for number, part in enumerate(("text", "status")):
                yield (2, language, *_place(form, path), number), f"translations.{language}.{path}.{part}", one[part]


Answer = tuple[Key, Way, Node, Any]


def _answers(shape: Group, canonical: Json) -> Iterator[Answer]:
    """Yield the values of a content that have columns of their own: their place in the order, and the way to them."""
    yield from _of_group(shape, canonical, (1,), ("content",))


def _of_group(group: Group, value: Json, key: Key, way: Way) -> Iterator[Answer]:
    for number, (name, node) in enumerate(group.fields.items()):
        if (found := value.get(name)) is not None:
            yield from _of_node(node, found, (*key, number), (*way, name))


def _of_node(node: Node, value: Any, key: Key, way: Way) -> Iterator[Answer]:
    if isinstance(node, Many) and not _in_one_cell(node):
        for number, one in enumerate(value):
            yield from _of_node(node.item, one, (*key, number), (*way, number))
    elif isinstance(node, Group) and value:
        yield from _of_group(node, value, key, way)
    elif not isinstance(node, Group) or node.optional:
        yield (*key, -1), way, node, value


@cache
def _name(way: Way) -> str:
    """Return the name of the column of an answer."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in way[1:])[1:]


def _put(record: Json, way: Way, value: Any) -> None:
    here: Any = record
    for step in way[:-1]:
        here = here.setdefault(step, {})
    if value == {}:  # a group that is filled is there in any case
        here.setdefault(way[-1], {})
    else:
        here[way[-1]] = value


@cache
def _place(form: Form, path: str) -> Key:
    """Return where a translated text stands in a form."""
    section, field, *index = re.findall(r"[a-z_]+|\d+", path)
    sections = list(form.shape.fields)
    group = form.shape.fields.get(section)
    fields = list(group.fields) if isinstance(group, Group) else []
    at = (sections.index(section) if section in sections else 99, fields.index(field) if field in fields else 99)
    return (*at, int(index[0]) if index else -1)


def _in_one_cell(node: Node) -> bool:
    return isinstance(node, Many) and isinstance(node.item, Scalar) and bool(node.item.codes)


def _column(form: Form, name: str, place: str) -> Column:
    if name in HEAD:
        return Column(name, (name,), TEXT)
    if translated := _TRANSLATED.fullmatch(name):
        language, path, part = translated.groups()
        return Column(name, ("translations", language, path, part), TRANSLATION.fields[part])
    way: list[Step] = ["content"]
    node: Node = form.shape
    for part in name.split("."):
        step = _STEP.fullmatch(part)
        inner = node.fields.get(step[1]) if step and isinstance(node, Group) else None
        if step is None or inner is None:
            raise _unknown(form, name, place)
        way.append(step[1])
        if step[2]:
            if not isinstance(inner, Many) or _in_one_cell(inner):
                raise _unknown(form, name, place)
            way.append(int(step[2][1:-1]))
            inner = inner.item
        node = inner
    held = node.optional if isinstance(node, Group) else isinstance(node, Scalar) or _in_one_cell(node)
    if not held:
        raise _unknown(form, name, place)
    return Column(name, tuple(way), node)


def _unknown(form: Form, name: str, place: str) -> Unreadable:
    index = (re.findall(r"\[([0-9]{1,4})\]", name) or ["0"])[0]
    known = [one.replace("[0]", f"[{index}]", 1) for one in names(form)]
    near = get_close_matches(name[:200], known, 1, 0.5)
    hint = f"; the nearest is '{near[0]}'" if near else ""
    return Unreadable(f"{place}: there is no column '{name[:100]}'{hint}")


@cache
def names(form: Form) -> tuple[str, ...]:
    """Return the names of all columns of a form, of lists those of the first item."""
    return (*HEAD, *_names(form.shape, ""))


def _names(group: Group, prefix: str) -> Iterator[str]:
    for name, node in group.fields.items():
        path, inner = f"{prefix}{name}", node
        if isinstance(node, Many) and not _in_one_cell(node):
            path, inner = f"{path}[0]", node.item
        if isinstance(inner, Group):
            yield from _names(inner, f"{path}.")
        else:
            yield path


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


def with_decimal_comma(header: Header) -> Header:
    """Return the header of a table whose numbers may have a decimal comma."""
    return replace(header, decimal_comma=True)
