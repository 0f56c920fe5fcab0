"""Whole tables at once, out of the database and back in; knows tables by their names and columns only."""

from collections.abc import Generator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator, UserDefinedType
from sqlmodel import Session

from services.api.kit.archive import Archive, Column, Kind, Shape, Table
from services.api.kit.columns import UtcDateTime

_AT_ONCE = 100
"""Rows that are fetched at once; one may have megabytes."""


class _JsonText(UserDefinedType[str]):
    """JSON as the text that is stored: taken apart and put together again, it might come back changed."""

    cache_ok = True

    def get_col_spec(self, **more: Any) -> str:
        return "JSON"

    def column_expression(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
        return sa.cast(column, sa.Text)


_TYPES: dict[Kind, Any] = {
    "text": sa.String(),
    "integer": sa.BigInteger(),
    "real": sa.Double(),
    "boolean": sa.Boolean(),
    "moment": UtcDateTime(),
    "uuid": sa.Uuid(),
    "bytes": sa.LargeBinary(),
    "json": _JsonText(),
}
_KINDS: tuple[tuple[type, Kind], ...] = (
    (sa.JSON, "json"),
    (sa.Uuid, "uuid"),
    (sa.DateTime, "moment"),
    (sa.LargeBinary, "bytes"),
    (sa.Boolean, "boolean"),
    (sa.Integer, "integer"),
    (sa.Float, "real"),
    (sa.String, "text"),
)


def shapes(schema: sa.MetaData) -> list[Shape]:
    """Return the shape of every table, those that others refer to first; raise `TypeError` for an unknown type."""
    return [
        Shape(name=table.name, columns=tuple(Column(name=one.name, kind=_kind(one.type)) for one in table.columns))
        for table in schema.sorted_tables
    ]


def rows(session: Session, shape: Shape) -> Generator[Sequence[Any], None, None]:
    """Yield all rows of a table, in no order, few at a time; to be closed by who does not want them all."""
    statement = sa.select(*_bare(shape).columns).execution_options(yield_per=_AT_ONCE)
    with session.execute(statement) as found:
        yield from found


def count(session: Session, table: str) -> int:
    """Return a table's number of rows."""
    found: int = session.execute(sa.select(sa.func.count()).select_from(sa.table(table))).scalar_one()
    return found


def present(session: Session) -> sa.MetaData:
    """Return the tables as the database describes them."""
    found = sa.MetaData()
    found.reflect(session.connection())
    return found


def replace(session: Session, archive: Archive, schema: sa.MetaData) -> None:
    """Put an archive's rows in the place of all there are, in tables that the archive has and in no others."""
    shaped = {table.name: table for table in archive.manifest.tables}
    tables = [table for table in schema.sorted_tables if table.name in shaped]
    for table in reversed(tables):
        session.execute(sa.delete(_bare(shaped[table.name])))
    for table in tables:
        _insert(session, archive, shaped[table.name], table)


def _insert(session: Session, archive: Archive, shape: Table, table: sa.Table) -> None:
    """Insert a table's rows; where rows refer to others of their own table, once those are there."""
    own = {key.parent.name for key in table.foreign_keys if key.column.table is table}
    bare, names = _bare(shape), [column.name for column in shape.columns]
    for batch in archive.batches(shape):
        session.execute(sa.insert(bare), [dict(zip(names, row, strict=True)) | dict.fromkeys(own) for row in batch])
    if not own:
        return
    keys = [column.name for column in table.primary_key]
    statement = (
        sa.update(bare)
        .where(*(bare.columns[name] == sa.bindparam(f"key_{name}") for name in keys))
        .values({name: sa.bindparam(f"new_{name}") for name in own})
    )
    for batch in archive.batches(shape):
        found = [dict(zip(names, row, strict=True)) for row in batch]
        late = [row for row in found if any(row[name] is not None for name in own)]
        values = [{f"key_{n}": row[n] for n in keys} | {f"new_{n}": row[n] for n in own} for row in late]
        if values:
            session.connection().execute(statement, values)


def _bare(shape: Shape) -> sa.TableClause:
    return sa.table(shape.name, *(sa.column(column.name, _TYPES[column.kind]) for column in shape.columns))


def _kind(type: sa.types.TypeEngine[Any]) -> Kind:
    plain = type.impl_instance if isinstance(type, TypeDecorator) else type
    for known, kind in _KINDS:
        if isinstance(plain, known):
            return kind
    raise TypeError(f"there is no portable form of {type!r}")
