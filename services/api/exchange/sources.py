"""Where records are read from and written to: a file, whose name tells its format, or a folder of YAML files."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from services.api.exchange.entries import Entry, Unreadable, broken
from services.api.exchange.formats import csv, jsonl, xlsx, yaml
from services.api.forms.types import RecordType
from services.api.types import TYPES, default

FORMATS: dict[str, Any] = {".jsonl": jsonl, ".ndjson": jsonl, ".csv": csv, ".xlsx": xlsx, ".yaml": yaml, ".yml": yaml}
"""Modules by the ends of names: each has `read(path, type)` and `write(file, records, type)`.

Which columns a table has depends on the type; what documents and lines say of a record is the same for any.
"""

TABLES = (csv, xlsx)
"""Those whose records are rows below headings."""

AUTHORITIES, THESAURUS = "authorities", "thesaurus"
"""Folders within a folder, beside those of the record types. A file of the last holds many concepts."""

SEED_PREFIX = "seed:"
"""Begins the external ids of printed cases: a file's name may be another source's too."""


def by_plural() -> dict[str, RecordType]:
    """Return the record types by the names of their folders."""
    return {type.plural: type for type in TYPES.values()}


def kinds() -> tuple[str, ...]:
    """Return what a folder may hold, in the order in which it is taken in: records name authorities."""
    return AUTHORITIES, *by_plural(), THESAURUS


@dataclass(frozen=True)
class Source:
    """Records to be read, and how much there is of them."""

    entries: Iterator[Entry]
    size: int


def open_source(path: Path, type: RecordType | None = None, prefix: str = "") -> Source:
    """Return what is to be read from a file or a folder; raise `Unreadable` when it is neither of a known kind.

    A file holds records of one type, and so does a folder without a folder of any kind in it; by default that is the
    first type of all. Records of a folder that give no external id are known by the prefix and the name of their file.
    """
    kind = type or default()
    if path.is_dir():
        return _folder(path, kind, prefix)
    if not path.is_file():
        raise Unreadable(f"{path} is not there")
    form = format_of(path)
    size = xlsx.size(path) if form is xlsx else path.stat().st_size
    return Source((replace(entry, kind=kind.plural) for entry in form.read(path, kind)), size)


def format_of(path: Path) -> Any:
    """Return the module of a file's format; raise `Unreadable` for another one."""
    if (form := FORMATS.get(path.suffix.lower())) is None:
        raise Unreadable(f"{path}: the name must end in one of {', '.join(FORMATS)}, or be that of a folder")
    return form


def _folder(path: Path, type: RecordType, prefix: str) -> Source:
    try:
        parts = {kind: _files(path / kind) for kind in kinds() if (path / kind).is_dir()}
        parts = parts or {type.plural: _files(path)}
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from None
    if not any(parts.values()):
        *most, last = (f"{kind}/*.yaml" for kind in kinds())
        raise Unreadable(f"{path}: holds no {', '.join(most)} or {last}")
    return Source(_entries(path, parts, prefix), sum(file.stat().st_size for files in parts.values() for file in files))


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.suffix.lower() in (".yaml", ".yml") and file.is_file())


def _entries(path: Path, parts: dict[str, list[Path]], prefix: str) -> Iterator[Entry]:
    position = 0
    for kind, files in parts.items():
        for file in files:
            shown, number, size = file.relative_to(path).as_posix(), 0, file.stat().st_size
            try:
                for number, entry in enumerate(yaml.read(file), 1):
                    if kind == THESAURUS and not entry.faults:
                        yield from _concepts(replace(entry, place=shown, position=position + min(entry.position, size)))
                        continue
                    place = shown if number == 1 else f"{shown}, {entry.place}"
                    at = position + min(entry.position, size)
                    yield _named(replace(entry, place=place, position=at), kind, file.stem, prefix, first=number == 1)
            except Unreadable as error:
                number = 1
                yield replace(broken(shown, position + size, str(error)), kind=kind)
            position += size
            if not number and kind != THESAURUS:
                yield replace(broken(shown, position, "not valid YAML: the file holds no record"), kind=kind)


def _concepts(entry: Entry) -> Iterator[Entry]:
    """Yield the concepts of a document, which names each by its code; there may be none yet."""
    if not isinstance(entry.data, dict):
        yield replace(broken(entry.place, entry.position, "not concepts by their codes"), kind=THESAURUS)
        return
    for code, concept in entry.data.items():
        data = {"code": code} | concept if isinstance(concept, dict) else concept
        yield replace(entry, place=f"{entry.place}, {code[:80]}", data=data, kind=THESAURUS)


def _named(entry: Entry, kind: str, name: str, prefix: str, *, first: bool) -> Entry:
    """Return an entry with the name that its file gives it."""
    data = entry.data
    if isinstance(data, dict) and first:
        named = {"slug": name} if kind == AUTHORITIES else {"external_id": f"{prefix}{name}"}
        data = named | data
    return replace(entry, data=data, kind=kind)
