"""The database: engine, sessions and the only committer. What differs between dialects is here and in `postgresql`."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import (
    JSON,
    URL,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    String,
    TypeDecorator,
    and_,
    create_engine,
    event,
    false,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session, SQLModel

from services.api.kit import postgresql

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


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def rfc3339(moment: datetime) -> str:
    """Write a moment as RFC 3339 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    """Read a moment that carries its zone, in UTC; raise `ValueError` for anything else."""
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError("a moment needs its zone")
    try:
        return read.astimezone(UTC)
    except OverflowError:  # a moment of year 1 or 9999 that UTC has in the year before or after
        raise ValueError("a moment beyond the years of the calendar") from None


Hook = Callable[[Session], None]


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


@dataclass(frozen=True)
class Limits:
    """How many connections are opened, and for how many seconds anything is waited for."""

    pool_size: int = 10
    pool_overflow: int = 20
    pool_timeout: float = 10
    connect_timeout: float = 5
    busy_timeout: float = 10
    statement_timeout: float = 30
    idle_timeout: float = 60


class Database:
    """One database with its pool of connections; sessions come from `transaction` alone."""

    def __init__(self, url: str, limits: Limits = Limits()) -> None:
        address = make_url(url)
        if address.drivername in ("postgresql", "postgres"):
            address = address.set(drivername="postgresql+psycopg")
        sqlite = address.get_backend_name() == "sqlite"
        self.engine: Engine = create_engine(
            address,
            pool_size=limits.pool_size,
            max_overflow=limits.pool_overflow,
            pool_timeout=limits.pool_timeout,
            pool_pre_ping=not sqlite,
            hide_parameters=True,
            connect_args=_sqlite_arguments(address, limits)
            if sqlite
            else postgresql.arguments(
                address,
                connect_timeout=limits.connect_timeout,
                busy_timeout=limits.busy_timeout,
                statement_timeout=limits.statement_timeout,
                idle_timeout=limits.idle_timeout,
            ),
        )
        self._reader = self.engine
        if sqlite:
            _prepare_sqlite(self.engine)
        else:
            postgresql.prepare(self.engine, limits.statement_timeout)
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._writer = self.engine.execution_options(praxis_write=True)
        self.before_commit: list[Hook] = []
        self.after_commit: list[Hook] = []

    @property
    def shared(self) -> bool:
        """Tell whether several processes are meant to serve from this database at once."""
        return self.engine.dialect.name != "sqlite"

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[Session]:
        """Open a session; commit at the end of a write, roll back a read or a failure.

        A read sees one snapshot. A write on SQLite is alone from its start; on PostgreSQL each of its statements sees
        what was committed before it, and whoever needs more takes a lock first.
        """
        with Session(self._writer if write else self._reader, expire_on_commit=False) as session:
            yield session
            if write:
                session.flush()
                for hook in self.before_commit:
                    hook(session)
                session.commit()
                for hook in self.after_commit:
                    hook(session)

    @contextmanager
    def migration(self, statement_timeout: float) -> Iterator[Connection]:
        """Open the one transaction of a migration, alone among migrations, and commit it at the end.

        One statement may take `statement_timeout` seconds (PostgreSQL); locks are waited for as long as others wait.
        Raise `OperationalError` when another migration holds the database longer than that.
        """
        with self._writer.connect() as connection:
            if self.engine.dialect.name == "sqlite":
                with _without_foreign_keys(connection):
                    yield connection
            else:
                postgresql.allow(connection, statement_timeout)
                connection.execute(select(func.pg_advisory_xact_lock(_number("praxis migration"))))
                yield connection
                connection.commit()

    def close(self) -> None:
        """Close every connection; those in use are closed as they are given back."""
        event.listen(self.engine.pool, "checkin", _close)
        self.engine.dispose()


def _close(connection: Any, record: ConnectionPoolEntry) -> None:
    record.invalidate()


def lock(session: Session, name: str) -> None:
    """Wait until no other transaction holds a name, and hold it to the end; on SQLite writes queue anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_number(name))))


def take_over(session: Session, tables: Iterable[str], wait: float, statement_timeout: float) -> None:
    """Let nobody else write to some tables until this transaction has ended; readers go on with what they see.

    The tables are taken in their order, which is best that of most writes. Waits up to `wait` seconds for writers at
    work, then raises `OperationalError`. Each statement that follows may take `statement_timeout` seconds (PostgreSQL).
    On SQLite every write is alone from its start.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    quote = session.get_bind().dialect.identifier_preparer.quote
    statement = text(f"LOCK TABLE {', '.join(quote(table) for table in tables)} IN EXCLUSIVE MODE")
    postgresql.allow(session.connection(), statement_timeout)
    until = time.monotonic() + wait
    while True:
        try:
            with session.begin_nested():  # who holds one table may wait for another: let go of all, and try again
                session.execute(text("SET LOCAL lock_timeout = 500"))
                session.execute(statement)
                return
        except OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def _number(name: str) -> int:
    """Return the 64 bits by which PostgreSQL knows a lock."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)


_AWAY = "The database does not answer"
_LOCKED = "The database is locked or busy for too long"
_BETWEEN = "Another write came in between; send the request again"
_FULL = "The database has no connections, memory or disk left"
_NOT_MIGRATED = "The database lacks tables of this version: run `praxis migrate`"
_READ_ONLY = "The database takes no writes at present"
_STATES = {
    "25006": _READ_ONLY,
    "25P03": _LOCKED,
    "40001": _BETWEEN,
    "40P01": _BETWEEN,
    "42703": _NOT_MIGRATED,
    "42P01": _NOT_MIGRATED,
    "53000": _FULL,
    "53100": _FULL,
    "53200": _FULL,
    "53300": _FULL,
    "55P03": _LOCKED,
    "57014": _LOCKED,
}


def unavailable(error: SQLAlchemyError) -> str | None:
    """Tell in words for anybody why the database could not do its part for now; none when the fault is our own."""
    if isinstance(error, PoolTimeout):
        return "All connections to the database are busy"
    if isinstance(error, (ObjectDeletedError, StaleDataError)):
        return _BETWEEN
    if not isinstance(error, DBAPIError):
        return None
    if reason := _STATES.get(getattr(error.orig, "sqlstate", None) or ""):
        return reason
    message = str(error.orig)
    if "no such table" in message or "no such column" in message:
        return _NOT_MIGRATED
    if "database is locked" in message:
        return _LOCKED
    return _AWAY if isinstance(error, OperationalError) or error.connection_invalidated else None


def said(error: SQLAlchemyError) -> str:
    """Return what the database said of an error, for a log: one short line without any value of a statement."""
    lines = str(getattr(error, "orig", None) or error).splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:200]}"


def holds(column: Any, part: str) -> ColumnElement[bool]:
    """Tell whether a text has a part, in any case and on both databases."""
    return func.lower(column).contains(part.lower(), autoescape=True)


def same(column: Any, value: Any | None) -> ColumnElement[bool]:
    """Tell whether a column holds a value: none is like nothing, not even like another none.

    It is never unknown: turned round, it holds for rows without a value.
    """
    return false() if value is None else and_(column.is_not(None), column == value)


def schema_version(session: Session) -> str:
    """Return the number of the last migration that was run on this database, `none` when all were undone."""
    return str(session.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none() or "none")


def _sqlite_arguments(address: URL, limits: Limits) -> dict[str, Any]:
    if not address.database or address.database == ":memory:":
        raise ValueError("The database must be a file: name one in PRAXIS_API_DATABASE_URL")
    file = Path(address.database)
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        file.touch(mode=0o600)  # it will hold hashes of passwords and keys
    return {"timeout": limits.busy_timeout, "check_same_thread": False}


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Begin a transaction in which tables may be rebuilt; commit it when every row finds what it refers to."""
    driver = connection.connection.cursor()  # a transaction that has begun ignores the pragma
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        with connection.begin():
            yield
            if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                raise RuntimeError(f"Migrations left rows without what they refer to: {broken[:5]}")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")
        driver.close()


def _prepare_sqlite(engine: Engine) -> None:
    """Keep a write-ahead log, check foreign keys, and take the write lock at the start of a write."""

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        connection.create_function("lower", 1, _lower, deterministic=True)  # SQLite's own knows ASCII alone
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("praxis_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def database_of(request: Request) -> Database:
    """Return the database of the app that serves a request."""
    database: Database = request.app.state.database
    return database


def _read_session(request: Request) -> Iterator[Session]:
    with database_of(request).transaction(write=False) as session:
        yield session


def _write_session(request: Request) -> Iterator[Session]:
    with database_of(request).transaction() as session:
        yield session
    request.scope["late_headers"] = session.info.get("headers", [])


ReadSession = Annotated[Session, Depends(_read_session, scope="function")]
WriteSession = Annotated[Session, Depends(_write_session, scope="function")]
"""A request's own transaction: committed before the response is sent."""
