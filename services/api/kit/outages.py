"""Words for a database that does not do its part: for those who asked, and for the log."""

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError

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
