"""How PostgreSQL is connected to: every wait has an end, at the server and, when the server hangs, here."""

import math
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine, event

_GRACE = 5
"""Seconds that the server has to end a statement itself before it counts as hanging."""


class Bounded(psycopg.Connection[Any]):
    """A connection that is given up when the server says nothing for longer than it may work on a statement."""

    patience: float = 60

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for one answer of the server; raise `OperationalError` and close when it does not come."""
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except psycopg.OperationalError:
            if timeout is None and self.pgconn.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
                self.pgconn.finish()  # what would still arrive belongs to a statement that nobody waits for
            raise


def prepare(engine: Engine, statement_timeout: float) -> None:
    """Let an engine's connections give up a server that hangs."""

    @event.listens_for(engine, "do_connect")
    def on_connect(dialect: Any, record: Any, positional: Any, named: Any) -> Bounded:
        connection = Bounded.connect(*positional, **named)
        connection.patience = statement_timeout + _GRACE
        return connection


def allow(connection: Connection, statement_timeout: float) -> None:
    """Let each statement take so many seconds, to the end of this transaction."""
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds(statement_timeout)}")
    driver = connection.connection.dbapi_connection
    if isinstance(driver, Bounded):
        driver.patience = statement_timeout + _GRACE


def arguments(
    address: URL, *, connect_timeout: float, busy_timeout: float, statement_timeout: float, idle_timeout: float
) -> dict[str, Any]:
    """Return what the driver is told: limits for the server to keep, and how a server that is gone is noticed.

    What the address says itself goes first.
    """
    options = {
        "timezone": "UTC",
        "lock_timeout": milliseconds(busy_timeout),
        "statement_timeout": milliseconds(statement_timeout),
        "idle_in_transaction_session_timeout": milliseconds(idle_timeout),
    }
    given = address.query.get("options", "")
    told = {
        "application_name": "praxis-api",
        "connect_timeout": max(2, math.ceil(connect_timeout)),  # the driver's least
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
    }
    all_options = " ".join([*(f"-c {name}={value}" for name, value in options.items()), str(given)]).strip()
    return {name: value for name, value in told.items() if name not in address.query} | {"options": all_options}


def milliseconds(seconds: float) -> int:
    """Return the server's unit of time; none would mean no limit there."""
    return max(1, round(seconds * 1000))
