"""Moments: the present one, and how they are written and read."""

from datetime import UTC, datetime


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
