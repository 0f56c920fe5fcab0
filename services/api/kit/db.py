"""The database: its engine and locks, and the only committer. What one dialect needs: `postgresql` and `sqlite`."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from sqlmodel import Session

from services.api.kit import postgresql, sqlite

Hook = Callable[[Session], None]

_GIVING_BACK = 0.5
"""Seconds that closing waits at most for connections that are being given back."""


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
        is_sqlite = address.get_backend_name() == "sqlite"
        self.engine: Engine = create_engine(
            address,
            pool_size=limits.pool_size,
            max_overflow=limits.pool_overflow,
            pool_timeout=limits.pool_timeout,
            pool_pre_ping=not is_sqlite,
            hide_parameters=True,
            connect_args=sqlite.arguments(address, busy_timeout=limits.busy_timeout)
            if is_sqlite
            else postgresql.arguments(
                address,
                connect_timeout=limits.connect_timeout,
                busy_timeout=limits.busy_timeout,
                statement_timeout=limits.statement_timeout,
                idle_timeout=limits.idle_timeout,
            ),
        )
        self._reader = self.engine
        if is_sqlite:
            sqlite.prepare(self.engine)
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
                with sqlite.without_foreign_keys(connection):
                    yield connection
            else:
                postgresql.allow(connection, statement_timeout)
                connection.execute(select(func.pg_advisory_xact_lock(_number("praxis migration"))))
                yield connection
                connection.commit()

    def close(self) -> None:
        """Close every connection; those in use are closed as they are given back."""
        pool = self.engine.pool
        event.listen(pool, "checkin", _close)
        self.engine.dispose()
        until = time.monotonic() + _GIVING_BACK
        while isinstance(pool, QueuePool) and pool.checkedout() and time.monotonic() < until:
            time.sleep(0.005)
        pool.dispose()  # of one that was being given back just then: too early to be told, too late to be seen


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


def schema_version(session: Session) -> str:
    """Return the number of the last migration that was run on this database, `none` when all were undone."""
    return str(session.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none() or "none")
