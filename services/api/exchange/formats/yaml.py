"""YAML: one record a document; a file may hold many, a folder many files.

Documents are built from the parser's events: what is nested too deeply overruns the stack of the parser's own builder,
and aliases that stand for each other many times over fill the memory of whatever reads the record.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import yaml
from yaml.constructor import SafeConstructor
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.nodes import ScalarNode
from yaml.resolver import Resolver

from services.api.exchange.entries import LONGEST, Entry, Json, broken
from services.api.exchange.lines import lines, not_utf8
from services.api.forms.types import RecordType

DEEPEST = 50
MOST_VALUES = 200_000
"""Values of one record; those that an alias stands for count again."""
LONGEST_NUMBER = 100
"""Characters; how long it takes to read a number grows with the square of them."""

_RESOLVER: Any = Resolver()
_CONSTRUCTOR = SafeConstructor()
_TAG = "tag:yaml.org,2002:"
_CONSTRUCTORS: dict[str, Callable[[ScalarNode], Any]] = {
    f"{_TAG}int": _CONSTRUCTOR.construct_yaml_int,
    f"{_TAG}float": _CONSTRUCTOR.construct_yaml_float,
    f"{_TAG}bool": _CONSTRUCTOR.construct_yaml_bool,
    f"{_TAG}null": _CONSTRUCTOR.construct_yaml_null,
}
_NUMBERS = frozenset((f"{_TAG}int", f"{_TAG}float"))
_AS_IT_IS = frozenset(f"{_TAG}{name}" for name in ("str", "timestamp", "merge", "value"))
_COLLECTIONS = (f"{_TAG}map", f"{_TAG}seq", None, "!")


def read(path: Path, type: RecordType | None = None) -> Iterator[Entry]:
    """Yield the records of a file, one a document; what is wrong with one does not stop the others."""
    for number, (first, position, text) in enumerate(_documents(path), 1):
        place = f"document {number} (line {first})"
        try:
            yield Entry(place, position, parsed(text, first))
        except ValueError as error:
            yield broken(place, position, str(error))


def parsed(text: bytes, first: int = 1) -> Any:
    """Return the value of a document that begins at a line; raise `ValueError` with place and reason."""
    if len(text) > LONGEST:
        raise ValueError(f"longer than {LONGEST} bytes")
    try:
        return _Builder(text.decode(), first).value()
    except UnicodeDecodeError as error:
        raise ValueError(not_utf8(error)) from None
    except yaml.YAMLError as error:
        raise ValueError(_said(error, first)) from None


def _documents(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """Yield number of the first line, position, and text of each document; too long a one is not held whole."""
    held: list[bytes] = []
    first, size, position, filled = 1, 0, 0, False
    for line in lines(path):
        marker, after = line.text[:3], line.text[3:4]
        if marker in (b"---", b"...") and not after.strip():
            if filled:
                yield first, position, b"".join(held)
            held, first, size, filled = [], line.number, 0, False
        position, size = line.position, size + len(line.text)
        filled = filled or _says_something(line.text)
        if marker != b"..." and size - len(line.text) <= LONGEST:
            held.append(line.text)
    if filled:
        yield first, position, b"".join(held)


def _says_something(line: bytes) -> bool:
    bare = line.strip().removeprefix(b"---").removeprefix(b"...").strip()
    return bool(bare) and not bare.startswith((b"#", b"%"))


class _Builder:
    """Builds the value of one document from its events."""

    def __init__(self, text: str, first: int) -> None:
        self._events = yaml.parse(text, Loader=yaml.CSafeLoader)
        self._first = first
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._values = 0

    def value(self) -> Any:
        """Return the value; raise `ValueError` or `yaml.YAMLError`."""
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                found = self._node(next(self._events), 1)
                for _ in self._events:  # what follows may be no YAML
                    pass
                return found
        raise ValueError("holds nothing")

    def _node(self, event: Event, depth: int) -> Any:
        before = self._values
        self._count(event, 1)
        if isinstance(event, AliasEvent):
            if event.anchor not in self._anchors:
                raise self._fault(event, f"the alias *{event.anchor} stands for nothing that is complete before it")
            value, size = self._anchors[event.anchor]
            self._count(event, size)
            return value
        if depth > DEEPEST:
            raise self._fault(event, f"nested more than {DEEPEST} deep")
        if isinstance(event, ScalarEvent):
            value = self._scalar(event)
        elif not isinstance(event, CollectionStartEvent) or event.tag not in _COLLECTIONS:
            raise self._fault(event, f"the tag {str(getattr(event, 'tag', ''))[:80]} is not read")
        elif isinstance(event, SequenceStartEvent):
            value = []
            while not isinstance(inner := next(self._events), SequenceEndEvent):
                value.append(self._node(inner, depth + 1))
        else:
            value = self._mapping(depth)
        if event.anchor:
            self._anchors[event.anchor] = (value, self._values - before)
        return value

    def _mapping(self, depth: int) -> Json:
        value: Json = {}
        while not isinstance(inner := next(self._events), MappingEndEvent):
            key = self._node(inner, depth + 1)
            if not isinstance(key, str):
                raise self._fault(inner, "a name that is no text: put it in quotes")
            if key in value:
                raise self._fault(inner, f"'{key[:80]}' stands here twice")
            value[key] = self._node(next(self._events), depth + 1)
        return value

    def _scalar(self, event: ScalarEvent) -> Any:
        plain, quoted = event.implicit
        tag = _RESOLVER.resolve(ScalarNode, event.value, (True, False)) if plain else event.tag
        if quoted or tag == "!" or tag in _AS_IT_IS:
            return event.value
        if tag not in _CONSTRUCTORS:
            raise self._fault(event, f"the tag {str(tag)[:80]} is not read")
        if tag in _NUMBERS and len(event.value) > LONGEST_NUMBER:
            raise self._fault(
                event, f"a number of more than {LONGEST_NUMBER} characters; put it in quotes if it is text"
            )
        try:
            return _CONSTRUCTORS[tag](ScalarNode(tag, event.value))
        except (ValueError, LookupError, OverflowError):  # nothing that its tag says: the model refuses the text
            return event.value

    def _count(self, event: Event, values: int) -> None:
        self._values += values
        if self._values > MOST_VALUES:
            raise self._fault(event, f"more than {MOST_VALUES} values, those that aliases stand for among them")

    def _fault(self, event: Event, message: str) -> ValueError:
        mark = event.start_mark
        return ValueError(f"{message}, at line {self._first + (mark.line if mark else 0)}")


def _said(error: yaml.YAMLError, first: int) -> str:
    problem = getattr(error, "problem", None) or " ".join(str(error).split())
    mark = getattr(error, "problem_mark", None)
    place = f", at line {first + mark.line}, column {mark.column + 1}" if mark else ""
    return f"not valid YAML: {problem}{place}"


def write(file: BinaryIO, records: Callable[[], Iterable[Json]], type: RecordType | None = None) -> None:
    """Write records, one a document."""
    for record in records():
        file.write(document(record, explicit_start=True))


def document(record: Json, *, explicit_start: bool = False) -> bytes:
    """Return a record as YAML, for people to read."""
    text = yaml.dump(
        record,
        Dumper=yaml.CSafeDumper,
        sort_keys=False,
        allow_unicode=True,
        width=120,
        explicit_start=explicit_start,
        encoding="utf-8",
    )
    return bytes(text)
