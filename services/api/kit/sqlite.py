"""How SQLite is connected to: one file with a write-ahead log, foreign keys checked, writes queued from their start."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, event


def prepare(engine: Engine) -> None:
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


@contextmanager
def without_foreign_keys(connection: Connection) -> Iterator[None]:
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


def arguments(address: URL, *, busy_timeout: float) -> dict[str, Any]:
    """Return what the driver is told; make the file when there is none, for its owner alone.

    Raise `ValueError` when the address names no file.
    """
    if not address.database or address.database == ":memory:":
        raise ValueError("The database must be a file: name one in PRAXIS_API_DATABASE_URL")
    file = Path(address.database)
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        file.touch(mode=0o600)  # it will hold hashes of passwords and keys
    return {"timeout": busy_timeout, "check_same_thread": False}


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
