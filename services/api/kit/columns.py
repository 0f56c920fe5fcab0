"""Columns that mean the same on both databases: their types, how they are compared and what they are sorted by."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, DateTime, Dialect, String, TypeDecorator, and_, false, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Json = JSON(none_as_null=True)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always in UTC: SQLite forgets the zone, so it is set again on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        moment: datetime | None = value
        return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


class bytewise(FunctionElement[str]):
    """Orders text by its bytes, whatever language the database sorts by."""

    inherit_cache = True
    type = String()


@compiles(bytewise)
def _as_it_is(element: Any, compiler: Any, **more: Any) -> str:
    return str(compiler.process(element.clauses, **more))


@compiles(bytewise, "postgresql")
def _collated(element: Any, compiler: Any, **more: Any) -> str:
    return f'{compiler.process(element.clauses, **more)} COLLATE "C"'


def holds(column: Any, part: str) -> ColumnElement[bool]:
    """Tell whether a text has a part, in any case and on both databases."""
    return func.lower(column).contains(part.lower(), autoescape=True)


def same(column: Any, value: Any | None) -> ColumnElement[bool]:
    """Tell whether a column holds a value: none is like nothing, not even like another none.

    It is never unknown: turned round, it holds for rows without a value.
    """
    return false() if value is None else and_(column.is_not(None), column == value)
