"""Every query of the change feed."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Integer, bindparam, insert, select, tuple_, update
from sqlmodel import Session, col

from services.api.changes.models import FeedState, PublicRecord
from services.api.kit.columns import bytewise

# Composed once: what every reader asks for all the time would take longer to compose than to execute.
_STATE = select(col(FeedState.epoch), col(FeedState.head))
_AFTER = (
    select(
        col(PublicRecord.seq),
        col(PublicRecord.op),
        col(PublicRecord.type),
        col(PublicRecord.id),
        col(PublicRecord.body),
    )
    .where(col(PublicRecord.seq) > bindparam("after"))
    .order_by(col(PublicRecord.seq))
    .limit(bindparam("limit", type_=Integer))
)
_BODY = select(col(PublicRecord.body)).where(
    col(PublicRecord.type) == bindparam("type"),
    col(PublicRecord.id) == bindparam("id"),
    col(PublicRecord.op) == "upsert",
)

_AT_ONCE = 500
"""Records that one statement asks for."""


def state(session: Session) -> tuple[str, int]:
    """Return epoch and head as this transaction sees them."""
    row = session.execute(_STATE).one()
    return row[0], row[1]


def lock_numbers(session: Session) -> None:
    """Take the counter row's lock; other writers who ask for it or for numbers wait until this one has ended."""
    session.execute(select(col(FeedState.id)).where(col(FeedState.id) == 1).with_for_update())


def take_numbers(session: Session, count: int) -> tuple[str, int]:
    """Advance the counter by `count`; return the epoch and the new head. Other writers wait until this one commits."""
    statement = (
        update(FeedState)
        .where(col(FeedState.id) == 1)
        .values(head=col(FeedState.head) + count)
        .returning(col(FeedState.epoch), col(FeedState.head))
    )
    row = session.execute(statement).one()
    return row[0], row[1]


def rows(session: Session, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], PublicRecord]:
    """Return the rows of some records by type and id; those that never were public have none."""
    found: dict[tuple[str, str], PublicRecord] = {}
    left = iter(keys)
    while some := list(islice(left, _AT_ONCE)):
        statement = select(PublicRecord).where(tuple_(col(PublicRecord.type), col(PublicRecord.id)).in_(some))
        found |= {(row.type, row.id): row for row in session.scalars(statement)}
    return found


def add_rows(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Add rows of records that were never public, many at once."""
    session.execute(insert(PublicRecord), rows)


def start_epoch(session: Session, epoch: str) -> None:
    """Name a new epoch; numbers go on."""
    session.execute(update(FeedState).where(col(FeedState.id) == 1).values(epoch=epoch))


def after(session: Session, seq: int, limit: int) -> Iterator[tuple[int, str, str, str, bytes | None]]:
    """Return the next changes after a number, in order."""
    for row in session.execute(_AFTER, {"after": seq, "limit": limit}):
        yield row[0], row[1], row[2], row[3], row[4]


def live(session: Session) -> Iterator[tuple[str, str, int]]:
    """Yield type, id and number of every record that is public now, by type and id."""
    statement = (
        select(col(PublicRecord.type), col(PublicRecord.id), col(PublicRecord.seq))
        .where(col(PublicRecord.op) == "upsert")
        .order_by(bytewise(col(PublicRecord.type)), bytewise(col(PublicRecord.id)))
    )
    for row in session.execute(statement).yield_per(1000):
        yield row[0], row[1], row[2]


def bodies_within(session: Session, type: str, start: str) -> Sequence[tuple[str, bytes]]:
    """Return id and public JSON of a type's public records whose ids begin in a way."""
    statement = select(col(PublicRecord.id), col(PublicRecord.body)).where(
        col(PublicRecord.type) == type,
        col(PublicRecord.op) == "upsert",
        col(PublicRecord.id).startswith(start, autoescape=True),
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def body(session: Session, type: str, id: str) -> bytes | None:
    """Return the public JSON of one record, if it is public."""
    found: bytes | None = session.execute(_BODY, {"type": type, "id": id}).scalar_one_or_none()
    return found


def bodies(session: Session, type: str) -> Sequence[tuple[str, bytes]]:
    """Return id and public JSON of every public record of a type, by id."""
    statement = (
        select(col(PublicRecord.id), col(PublicRecord.body))
        .where(col(PublicRecord.type) == type, col(PublicRecord.op) == "upsert")
        .order_by(col(PublicRecord.id))
    )
    return [(row[0], row[1]) for row in session.execute(statement)]
