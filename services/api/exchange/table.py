"""Records as rows of a flat table: one column for each value, named by its path in the questionnaire.

`initiative.title`, `who.authorities[0].name`, `how.results[1]`; a list of codes stands in one cell, between semicolons;
a translation in `translations.es.initiative.title.text` and `….status`. All are read off the model.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from typing import Any

from services.api.exchange.cells import Cell, NotAValue, read, written
from services.api.exchange.entries import Entry, Json, Unreadable
from services.api.exchange.shape import Group, Many, Node, Scalar, content, translation
from services.web.problems import Fault

HEAD = ("external_id", "owner", "tier", "localized")
"""Columns of the record itself, before those of the questionnaire."""
TEXT = Scalar(str)

_TRANSLATED = re.compile(r"translations\.([^.]+)\.([a-z_]+\.[a-z_]+(?:\[[0-9]{1,4}\])?)\.(text|status)")
_STEP = re.compile(r"([a-z_]+)((?:\[[0-9]{1,4}\])?)")

Step = str | int
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Column:
    """One column: its name, the way to its value in a record, and what stands in it."""

    name: str
    way: tuple[Step, ...]
    node: Node

    @property
    def free(self) -> bool:
        """Whether any text may stand in it: no code, no date."""
        node = self.node
        return isinstance(node, Scalar) and node.type is str and not node.codes and not node.is_date


@dataclass(frozen=True)
class Header:
    """The columns of a table, in order."""

    columns: tuple[Column, ...]
    decimal_comma: bool = False

    @classmethod
    def read(cls, names: Sequence[Cell], place: str) -> "Header":
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
            columns.append(_column(name, place))
        if "external_id" not in seen:
            raise Unreadable(f"{place}: there is no column 'external_id', by which records are known")
        return cls(tuple(columns))

    def entry(self, cells: Sequence[Cell], place: str, position: int) -> Entry:
        """Return the record of a row."""
        data: Json = {}
        faults = []
        if any(column.way[0] == "translations" for column in self.columns):
            data["translations"] = {}
        data["content"] = {name: {} for name, node in content().fields.items() if isinstance(node, Group)}
        for column, cell in zip(self.columns, cells, strict=False):
            if cell is None or cell == "":
                continue
            try:
                value = read(column.node, cell, decimal_comma=self.decimal_comma)
            except NotAValue as error:
                faults.append(Fault(location=place, field=column.name, message=str(error)))
                continue
            here: Any = data
            for step in column.way[:-1]:
                here = here.setdefault(step, {})
            here[column.way[-1]] = value
        record = _with_lists(data, "", faults, place)
        extra = [cell for cell in cells[len(self.columns) :] if cell not in (None, "")]
        if extra:
            message = f"the row has {len(cells)} cells, more than there are columns ({len(self.columns)})"
            faults.append(Fault(location=place, field="record", message=message))
        return Entry(place, position, record, tuple(faults))


def header_of(records: Iterable[Json]) -> Header:
    """Return all columns that some records need, in the order of the questionnaire."""
    found: dict[str, Key] = {"external_id": (0, 0)}
    for record in records:
        for key, name, _ in flat(record):
            found.setdefault(name, key)
    return Header(tuple(_column(name, "") for name in sorted(found, key=found.__getitem__)))


def row(header: Header, record: Json) -> list[Cell]:
    """Return a record's cells."""
    cells = {name: cell for _, name, cell in flat(record)}
    return [cells.get(column.name) for column in header.columns]


def flat(record: Json) -> Iterator[tuple[Key, str, Cell]]:
    """Yield a record's values with the names of their columns, and by what those are sorted."""
    for number, name in enumerate(HEAD):
        if record.get(name) is not None:
            yield (0, number), name, record[name]
    yield from _flat_group(content(), record["content"], (1,), "")
    for language, fields in sorted(record.get("translations", {}).items()):
        for path, one in fields.items():
            for number, part in enumerate(("text", "status")):
                yield (2, language, *_place(path), number), f"translations.{language}.{path}.{part}", one[part]


def _flat_group(group: Group, value: Json, key: Key, prefix: str) -> Iterator[tuple[Key, str, Cell]]:
    for number, (name, node) in enumerate(group.fields.items()):
        if (found := value.get(name)) is not None:
            yield from _flat(node, found, (*key, number), f"{prefix}{name}")


def _flat(node: Node, value: Any, key: Key, name: str) -> Iterator[tuple[Key, str, Cell]]:
    if isinstance(node, Many) and not _in_one_cell(node):
        for number, one in enumerate(value):
            yield from _flat(node.item, one, (*key, number), f"{name}[{number}]")
    elif isinstance(node, Group) and value:
        yield from _flat_group(node, value, key, f"{name}.")
    elif not isinstance(node, Group) or node.optional:
        yield (*key, -1), name, written(node, value)


@cache
def _place(path: str) -> Key:
    """Return where a translated text stands in the questionnaire."""
    section, field, *index = re.findall(r"[a-z_]+|\d+", path)
    sections = list(content().fields)
    group = content().fields.get(section)
    fields = list(group.fields) if isinstance(group, Group) else []
    at = (sections.index(section) if section in sections else 99, fields.index(field) if field in fields else 99)
    return (*at, int(index[0]) if index else -1)


def _in_one_cell(node: Node) -> bool:
    return isinstance(node, Many) and isinstance(node.item, Scalar) and bool(node.item.codes)


def _column(name: str, place: str) -> Column:
    if name in HEAD:
        return Column(name, (name,), TEXT)
    if translated := _TRANSLATED.fullmatch(name):
        language, path, part = translated.groups()
        return Column(name, ("translations", language, path, part), translation().fields[part])
    way: list[Step] = ["content"]
    node: Node = content()
    for part in name.split("."):
        step = _STEP.fullmatch(part)
        inner = node.fields.get(step[1]) if step and isinstance(node, Group) else None
        if step is None or inner is None:
            raise _unknown(name, place)
        way.append(step[1])
        if step[2]:
            if not isinstance(inner, Many) or _in_one_cell(inner):
                raise _unknown(name, place)
            way.append(int(step[2][1:-1]))
            inner = inner.item
        node = inner
    held = node.optional if isinstance(node, Group) else isinstance(node, Scalar) or _in_one_cell(node)
    if not held:
        raise _unknown(name, place)
    return Column(name, tuple(way), node)


def _unknown(name: str, place: str) -> Unreadable:
    index = (re.findall(r"\[([0-9]{1,4})\]", name) or ["0"])[0]
    known = [one.replace("[0]", f"[{index}]", 1) for one in names()]
    near = get_close_matches(name[:200], known, 1, 0.5)
    hint = f"; the nearest is '{near[0]}'" if near else ""
    return Unreadable(f"{place}: there is no column '{name[:100]}'{hint}")


@cache
def names() -> tuple[str, ...]:
    """Return the names of all columns of the questionnaire, of lists those of the first item."""
    return (*HEAD, *_names(content(), ""))


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
