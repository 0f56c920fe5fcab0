"""The file of a backup: a zip with a member of JSON lines for each table, and a manifest of what each must hold.

Values are written in one portable form, whatever database they come from. A file is not trusted: nothing of it is ever
written to disk under a name it gives, no more is read of a member than the manifest says, and every line is bounded.
"""

import base64
import hashlib
import io
import math
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from services.api.kit.files import written_beside
from services.api.kit.moments import moment

VERSION = 1
"""Version of the file's format."""

Kind = Literal["text", "integer", "real", "boolean", "moment", "uuid", "bytes", "json"]
Row = Sequence[Any]

_MANIFEST = "manifest.json"
_LONGEST_LINE = 64 * 2**20
_LONGEST_MANIFEST = 2**20
_BATCH_ROWS, _BATCH_BYTES = 500, 2**22
_MOST_DEFLATED = 1100
"""No deflated data grows by more than this."""
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, OSError, TypeError, ValueError)

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Count = Annotated[int, Field(ge=0, le=2**62)]


class BackupRefused(Exception):
    """A backup that cannot be made, read or restored; the message tells the operator why, and nothing was changed."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Part):
    """A column and how its values are written."""

    name: Identifier
    kind: Kind


class Shape(_Part):
    """A table's name and columns."""

    name: Identifier
    columns: Annotated[tuple[Column, ...], Field(min_length=1, max_length=1000)]


class Table(Shape):
    """A table's member: how many rows and bytes it has, and the SHA-256 of the bytes."""

    rows: Count
    bytes: Count
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    @property
    def shape(self) -> Shape:
        """The table without what is in it."""
        return Shape(name=self.name, columns=self.columns)

    @property
    def member(self) -> str:
        """Name of the member in the archive."""
        return _member(self.name)


class State(_Part):
    """Of what state of which kind of database a backup was taken: all of one moment."""

    revision: Annotated[str, Field(pattern=r"^[0-9A-Za-z_]{1,40}$")]
    """Revision of the database's schema."""
    epoch: Annotated[str, Field(max_length=32)]
    head: Count
    """Last number of the change feed."""
    moment: AwareDatetime
    database: Annotated[str, Field(max_length=40)]


class Manifest(State):
    """What the file must hold; the file is sound when it holds exactly this."""

    format: Literal["praxis-backup"] = "praxis-backup"
    version: Literal[1] = 1
    tables: Annotated[tuple[Table, ...], Field(max_length=1000)]


def _text_of_bytes(value: bytes) -> str:
    """Write bytes as the text that they most often are, which is a third shorter and shrinks better than base64."""
    try:
        return "=" + value.decode()
    except UnicodeDecodeError:
        return "~" + base64.b64encode(value).decode()


def _bytes_of_text(value: str) -> bytes:
    mark, text = value[:1], value[1:]
    if mark == "=":
        return text.encode()
    if mark == "~":
        return base64.b64decode(text, validate=True)
    raise ValueError("bytes are marked by = or ~")


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise BackupRefused(f"the number {value} has no place in JSON")
    return value


def _exactly(*types: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if type(value) not in types:
            raise TypeError(f"not {types[0].__name__}: {value!r:.40}")
        return value

    return check


_WRITE: dict[Kind, Callable[[Any], Any]] = {"bytes": _text_of_bytes, "real": _finite}
"""Values of other kinds are written by `orjson` as they are: identities and moments as text."""
_READ: dict[Kind, Callable[[Any], Any]] = {
    "text": _exactly(str),
    "integer": _exactly(int),
    "real": _exactly(float, int),
    "boolean": _exactly(bool),
    "moment": moment,
    "uuid": UUID,
    "bytes": _bytes_of_text,
    "json": _exactly(str),
}


class Writer:
    """Writes a backup, one table after the other, then the manifest."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._zip = packed
        self._tables: list[Table] = []

    def add(self, shape: Shape, rows: Iterable[Row]) -> None:
        """Add a table; rows are written as they come."""
        write = [_WRITE.get(column.kind) for column in shape.columns]
        plain = not any(write)
        digest, count, size = hashlib.sha256(), 0, 0
        with self._zip.open(_member(shape.name), "w", force_zip64=True) as member:
            for row in rows:
                values = tuple(row) if plain else _written(write, row)
                line = orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE)
                if len(line) > _LONGEST_LINE:
                    raise BackupRefused(f"a row of {shape.name} has {len(line)} bytes; {_LONGEST_LINE} are the most")
                digest.update(line)
                count, size = count + 1, size + len(line)
                member.write(line)
        self._tables.append(Table(**shape.model_dump(), rows=count, bytes=size, sha256=digest.hexdigest()))

    def finish(self, state: State) -> Manifest:
        """Write the manifest, which makes the file a backup."""
        manifest = Manifest(**state.model_dump(), tables=tuple(self._tables))
        self._zip.writestr(_MANIFEST, manifest.model_dump_json(indent=1))
        return manifest


@contextmanager
def writing(path: Path, *, overwrite: bool = False) -> Iterator[Writer]:
    """Write a backup beside `path`, readable by its owner alone, and give it its name once it is whole and on disk.

    Raise `BackupRefused` when there is a file of that name already, unless told to overwrite it.
    """

    try:
        with (
            written_beside(path, overwrite=overwrite) as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as packed,
        ):
            yield Writer(packed)
    except FileExistsError:
        raise BackupRefused(f"{path} is there already") from None
    except OSError as error:
        raise BackupRefused(f"cannot write {path}: {error.strerror}") from error


class Archive:
    """A backup to be read; its manifest has been checked, its rows are as they are read."""

    def __init__(self, path: Path, file: zipfile.ZipFile) -> None:
        self.path = path
        self._zip = file
        self.manifest = self._read_manifest()
        self._check_members()

    @classmethod
    @contextmanager
    def reading(cls, path: Path) -> Iterator["Archive"]:
        """Open a backup; raise `BackupRefused` when it is none or is damaged."""
        try:
            file = path.open("rb")
        except OSError as error:
            raise BackupRefused(f"cannot read {path}: {error.strerror}") from None
        with file:
            try:
                opened = zipfile.ZipFile(file)
            except _DAMAGE:
                raise BackupRefused(f"{path} is no backup of Praxis, or was cut off") from None
            with opened:
                yield cls(path, opened)

    def batches(self, table: Table) -> Iterator[list[list[Any]]]:
        """Yield a table's rows, some at a time, as the database takes them.

        Raise `BackupRefused` at the first that is not as it was written, at the latest after the last.
        """
        read = [_READ[column.kind] for column in table.columns]
        batch: list[list[Any]] = []
        held = 0
        for number, line in enumerate(self._lines(table), 1):
            try:
                values = orjson.loads(line)
                row = [None if value is None else to(value) for to, value in zip(read, values, strict=True)]
            except (TypeError, ValueError, AttributeError) as error:
                raise self._damaged(f"row {number} of {table.name} cannot be read: {error}") from None
            batch.append(row)
            held += len(line)
            if len(batch) >= _BATCH_ROWS or held >= _BATCH_BYTES:
                yield batch
                batch, held = [], 0
        if batch:
            yield batch

    def check(self) -> None:
        """Read everything once; raise `BackupRefused` unless all is as the manifest says."""
        for table in self.manifest.tables:
            for _ in self.batches(table):
                pass

    def _lines(self, table: Table) -> Iterator[bytes]:
        digest, count, size = hashlib.sha256(), 0, 0
        try:
            member: Any = self._zip.open(table.member)
            with io.BufferedReader(member, 2**20) as reader:
                while line := reader.readline(_LONGEST_LINE + 1):
                    count, size = count + 1, size + len(line)
                    if len(line) > _LONGEST_LINE or size > table.bytes or count > table.rows:
                        break
                    digest.update(line)
                    yield line
        except _DAMAGE as error:
            raise self._damaged(f"{table.member} cannot be read: {error}") from None
        if (count, size) != (table.rows, table.bytes):
            raise self._damaged(f"{table.member} does not hold {table.rows} rows of {table.bytes} bytes in all")
        if digest.hexdigest() != table.sha256:
            raise self._damaged(f"{table.member} has another SHA-256 than the manifest says")

    def _read_manifest(self) -> Manifest:
        try:
            with self._zip.open(_MANIFEST) as member:
                text = member.read(_LONGEST_MANIFEST + 1)
        except KeyError:
            raise BackupRefused(f"{self.path} is no backup of Praxis: it has no {_MANIFEST}") from None
        except (*_DAMAGE, RuntimeError) as error:
            raise self._damaged(f"{_MANIFEST} cannot be read: {error}") from None
        if len(text) > _LONGEST_MANIFEST:
            raise self._damaged(f"{_MANIFEST} is longer than any can be")
        try:
            said = orjson.loads(text)
        except ValueError as error:
            raise self._damaged(f"{_MANIFEST} is not JSON: {error}") from None
        if not isinstance(said, dict) or said.get("format") != "praxis-backup":
            raise BackupRefused(f"{self.path} is no backup of Praxis")
        if isinstance(version := said.get("version"), int) and version > VERSION:
            raise BackupRefused(f"{self.path} has format {version}, this version of Praxis reads up to {VERSION}")
        try:
            return Manifest.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise self._damaged(f"{_MANIFEST} at {place}: {first['msg']}") from None

    def _check_members(self) -> None:
        tables = {table.member: table for table in self.manifest.tables}
        names = sorted(member.filename for member in self._zip.infolist())
        if names != sorted([*(table.member for table in self.manifest.tables), _MANIFEST]):
            odd = sorted({*tables, _MANIFEST} ^ set(names)) or ["one is there twice"]
            shown = ", ".join(name[:80] for name in odd[:5])
            raise self._damaged(f"its members are not those of the manifest: {shown}")
        for member in self._zip.infolist():
            sealed = member.flag_bits & 0x1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
            said = tables[member.filename].bytes if member.filename in tables else member.file_size
            if sealed or member.file_size != said or member.file_size > _MOST_DEFLATED * (member.compress_size + 1):
                raise self._damaged(f"{member.filename} is not packed as this program does")

    def _damaged(self, reason: str) -> BackupRefused:
        shown = "".join(letter if letter.isprintable() else "?" for letter in reason[:500])
        return BackupRefused(f"{self.path} is damaged: {shown}")


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


def _written(write: Sequence[Callable[[Any], Any] | None], row: Row) -> list[Any]:
    return [value if to is None or value is None else to(value) for to, value in zip(write, row, strict=True)]
