"""Records as rows of a flat table: one column for each value, named by its path in the form.

`initiative.title`, `who.authorities[0].name`, `how.results[1]`; of rows with keys also `plan.actions[key=3.1].state`.
A list of codes stands in one cell, between semicolons; a translation in `translations.es.initiative.title.text` and
`….status`, in rows with keys in `translations.es.plan.actions[0].text.text`. All are read off the form.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache, cached_property
from typing import Any

from services.api.exchange.cells import Cell, NotAValue, read, written
from services.api.exchange.entries import Entry, Json, Unreadable
from services.api.forms.flat import Place, Way, answers, keyed_lists, node_at, ways
from services.api.forms.form import Form
from services.api.forms.paths import KEY, KEYED, Key, Step, positions, steps
from services.api.forms.paths import written as written_path
from services.api.forms.shape import Group, Node, Scalar, shape_of
from services.api.records.schemas import Translation
from services.web.problems import Fault

HEAD = ("external_id", "owner", "tier", "localized")
"""Columns of the record itself, before those of the form."""
LAST = 9_999
"""The highest number of an item that has a column."""
TEXT = Scalar(str)
TRANSLATION = shape_of(Translation)

_TRANSLATED = re.compile(
    rf"translations\.([^.]+)\.([a-z_]+\.[a-z_]+(?:(?:\[[0-9]{{1,4}}\]|{KEYED})(?:\.[a-z_]+){{0,3}})?)\.(text|status)"
)


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
    notes: tuple[str, ...] = ()
    """What is asked in each column, in a header that people fill in below."""

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
    def keyed(self) -> dict[Way, dict[Step, list[Column]]]:
        """The columns of each list whose rows have keys, by the number or key of the row."""
        found: dict[Way, dict[Step, list[Column]]] = {}
        for tail in keyed_lists(self.form.shape):
            way: Way = ("content", *tail)
            rows: dict[Step, list[Column]] = {}
            for column in self.columns:
                if column.way[: len(way)] == way:
                    rows.setdefault(column.way[len(way)], []).append(column)
            if rows:
                numbers = sorted(step for step in rows if isinstance(step, int))
                found[way] = {step: rows[step] for step in (*numbers, *(step for step in rows if step not in numbers))}
        return found

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


def header_of(form: Form, records: Iterable[Json]) -> Header:
    """Return all columns that some records need, in the order of their form."""
    found: dict[str, Place] = {"external_id": (0, 0)}
    for record in records:
        for key, name, _ in flat(form, record):
            found.setdefault(name, key)
    return Header(form, tuple(_column(form, name, "") for name in sorted(found, key=found.__getitem__)))


def template_of(form: Form, lang: str, *, private: bool) -> Header:
    """Return all columns that people may fill in, of lists those of the first item, with what is asked in them."""
    known = [name for name in names(form) if name != "localized" and (private or not form.is_private(name))]
    columns = tuple(_column(form, name, "") for name in known)
    return Header(form, columns, notes=tuple(_asked(form, column, lang) for column in columns))


def _asked(form: Form, column: Column, lang: str) -> str:
    return f"{form.label(column.name, lang)}: {form.help(column.name, lang)}" if column.name not in HEAD else ""


def row(header: Header, record: Json) -> list[Cell]:
    """Return a record's cells."""
    cells = {name: cell for _, name, cell in flat(header.form, record)}
    return [cells.get(column.name) for column in header.columns]


def flat(form: Form, record: Json) -> Iterator[tuple[Place, str, Cell]]:
    """Yield a record's values with the names of their columns, and by what those are sorted."""
    for number, name in enumerate(HEAD):
        if record.get(name) is not None:
            yield (0, number), name, record[name]
    for place, way, node, value in answers(form.shape, record["content"]):
        yield (1, *place), written_path(way), written(node, value)
    for language, fields in sorted(record.get("translations", {}).items()):
        for path, one in fields.items():
            name = written_path(positions(record["content"], steps(path))) if "[key=" in path else path
            for number, part in enumerate(("text", "status")):
                yield (2, language, *_place(form, name), number), f"translations.{language}.{name}.{part}", one[part]


@cache
def _place(form: Form, path: str) -> Place:
    """Return where a translated text stands in a form."""
    outer, _, inner = path.partition("[")
    section, field = outer.split(".")
    index, _, column = inner.partition("]")
    sections = list(form.shape.fields)
    group = form.shape.fields.get(section)
    fields = list(group.fields) if isinstance(group, Group) else []
    columns = [f".{one.path}" for one in form.question(path).columns] if field in fields else []
    at = (_position(sections, section), _position(fields, field))
    return (*at, int(index) if index.isdigit() else -1, _position(columns, column))


def _position(names: list[str], name: str) -> int:
    return names.index(name) if name in names else 99


def _column(form: Form, name: str, place: str) -> Column:
    if name in HEAD:
        return Column(name, (name,), TEXT)
    if translated := _TRANSLATED.fullmatch(name):
        language, path, part = translated.groups()
        if not _may_be_translated(form, path):
            raise _unknown(form, name, place)
        return Column(name, ("translations", language, path, part), TRANSLATION.fields[part])
    way = steps(name)
    node = node_at(form.shape, way) if written_path(way) == name else None
    too_far = any(isinstance(step, int) and step > LAST for step in way)
    renames = way[-1:] == [KEY] and any(isinstance(step, Key) for step in way)
    if node is None or too_far or renames:
        raise _unknown(form, name, place)
    return Column(name, ("content", *way), node)


def _may_be_translated(form: Form, path: str) -> bool:
    """Tell whether a path leads to no row, or to a text in one that has a key."""
    outer, _, inner = path.partition("]")
    if outer.partition("[")[0] not in form.keyed_lists:
        return not inner
    return node_at(form.shape, steps(path)) is not None and form.may_be_translated(path)


def _unknown(form: Form, name: str, place: str) -> Unreadable:
    index = (re.findall(r"\[([0-9]{1,4})\]", name) or ["0"])[0]
    known = [one.replace("[0]", f"[{index}]", 1) for one in names(form)]
    near = get_close_matches(name[:200], known, 1, 0.5)
    hint = f"; the nearest is '{near[0]}'" if near else ""
    return Unreadable(f"{place}: there is no column '{name[:100]}'{hint}")


@cache
def names(form: Form) -> tuple[str, ...]:
    """Return the names of all columns of a form, of lists those of the first item."""
    return (*HEAD, *map(written_path, ways(form.shape)))


def with_decimal_comma(header: Header) -> Header:
    """Return the header of a table whose numbers may have a decimal comma."""
    return replace(header, decimal_comma=True)
