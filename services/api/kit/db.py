"""The database: engine, sessions and the only committer. All that differs between dialects lives here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import JSON, Connection, DateTime, Dialect, Engine, TypeDecorator, create_engine, event, make_url
from sqlmodel import Session, SQLModel

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
    """Read a moment that carries its zone; raise `ValueError` for anything else."""
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return read


Hook = Callable[[Session], None]


class Database:
    """One database with its pool of connections; sessions come from `transaction` alone."""

    def __init__(self, url: str, *, pool_size: int = 10, busy_timeout: float = 10) -> None:
        address = make_url(url)
        options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 40, "pool_timeout": busy_timeout}
        if address.get_backend_name() == "sqlite":
            if not address.database or address.database == ":memory:":
                raise ValueError("The database must be a file: name one in PRAXIS_API_DATABASE_URL")
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            options["connect_args"] = {"timeout": busy_timeout, "check_same_thread": False}
        self.engine: Engine = create_engine(address, **options)
        if self.engine.dialect.name == "sqlite":
            _prepare_sqlite(self.engine)
            self._reader = self.engine
        else:
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._writer = self.engine.execution_options(praxis_write=True)
        self.before_commit: list[Hook] = []
        self.after_commit: list[Hook] = []

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[Session]:
        """Open a session on one snapshot; commit at the end of a write, roll back a read or a failure."""
        with Session(self._writer if write else self._reader, expire_on_commit=False) as session:
            yield session
            if write:
                session.flush()
                for hook in self.before_commit:
                    hook(session)
                session.commit()
                for hook in self.after_commit:
                    hook(session)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _prepare_sqlite(engine: Engine) -> None:
    """Keep a write-ahead log, check foreign keys, and take the write lock at the start of a write."""

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None
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
