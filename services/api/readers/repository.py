"""Every query about readers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlmodel import Session, SQLModel, col

from services.api.kit.paging import Position
from services.api.readers.models import (
    BlockedReader,
    FollowedSearch,
    Purpose,
    ReaderLink,
    ReaderMessage,
    ReaderRequest,
)


def add(session: Session, row: SQLModel) -> None:
    """Add a row."""
    session.add(row)
    session.flush()


def request(session: Session, id: UUID) -> ReaderRequest | None:
    """Return a request by id."""
    return session.get(ReaderRequest, id)


def message(session: Session, id: UUID) -> ReaderMessage | None:
    """Return a message by id."""
    return session.get(ReaderMessage, id)


def search(session: Session, id: UUID) -> FollowedSearch | None:
    """Return a followed search by id."""
    return session.get(FollowedSearch, id)


def searches(session: Session, email: str) -> Sequence[FollowedSearch]:
    """Return what an address follows, the oldest first."""
    order = col(FollowedSearch.created_at), col(FollowedSearch.id)
    return session.scalars(select(FollowedSearch).where(col(FollowedSearch.email) == email).order_by(*order)).all()


def take_request(session: Session, id: UUID) -> bool:
    """Delete a request with its links; tell whether it was there: of two who take it at once one alone has it."""
    taken = session.execute(delete(ReaderRequest).where(col(ReaderRequest.id) == id).returning(col(ReaderRequest.id)))
    drop_links(session, id)
    return taken.scalar_one_or_none() is not None


def asked_before(session: Session, request: ReaderRequest, since: datetime) -> int:
    """Count what was asked in the name of a request's address since a moment and before it, and what came of it."""
    email, at = request.email, request.created_at
    earlier = col(ReaderRequest.created_at) < at
    tie = (col(ReaderRequest.created_at) == at) & (col(ReaderRequest.id) < request.id)
    counted = [
        select(func.count())
        .select_from(ReaderRequest)
        .where(col(ReaderRequest.email) == email, col(ReaderRequest.created_at) >= since, or_(earlier, tie))
    ]
    for moment, address in (
        (col(ReaderMessage.sent_at), col(ReaderMessage.email)),
        (col(FollowedSearch.created_at), col(FollowedSearch.email)),
    ):
        counted.append(select(func.count(moment)).where(address == email, moment >= since, moment < at))
    return sum(int(session.execute(statement).scalar_one()) for statement in counted)


def messages_to(session: Session, authority_id: UUID | None, since: datetime) -> int:
    """Count the messages that an office, or the secretariat, has got since a moment."""
    to = col(ReaderMessage.authority_id).is_not_distinct_from(authority_id)
    statement = select(func.count()).select_from(ReaderMessage).where(to, col(ReaderMessage.sent_at) >= since)
    count: int = session.execute(statement).scalar_one()
    return count


def report(session: Session, id: UUID, moment: datetime) -> None:
    """Mark a message as reported, unless it is already."""
    wanted = col(ReaderMessage.id) == id, col(ReaderMessage.reported_at).is_(None)
    session.execute(update(ReaderMessage).where(*wanted).values(reported_at=moment))


def reported(session: Session, after: Position[datetime] | None, limit: int) -> Sequence[ReaderMessage]:
    """Return up to `limit + 1` reported messages, the oldest report first, after a position."""
    at, id = col(ReaderMessage.reported_at), col(ReaderMessage.id)
    statement = select(ReaderMessage).where(at.is_not(None)).order_by(at, id).limit(limit + 1)
    if after:
        statement = statement.where(or_(at > after.key, (at == after.key) & (id > after.id)))
    return session.scalars(statement).all()


def drop_message(session: Session, id: UUID) -> bool:
    """Delete a reported message with its links; tell whether it was there."""
    wanted = col(ReaderMessage.id) == id, col(ReaderMessage.reported_at).is_not(None)
    dropped = session.execute(delete(ReaderMessage).where(*wanted).returning(col(ReaderMessage.id)))
    drop_links(session, id)
    return dropped.scalar_one_or_none() is not None


def drop_search(session: Session, id: UUID) -> bool:
    """Delete a followed search; tell whether it was there."""
    dropped = session.execute(
        delete(FollowedSearch).where(col(FollowedSearch.id) == id).returning(col(FollowedSearch.id))
    )
    return dropped.scalar_one_or_none() is not None


def drop_all(session: Session, email: str) -> None:
    """Delete whatever is there of an address."""
    for id, address in (
        (col(ReaderRequest.id), col(ReaderRequest.email)),
        (col(ReaderMessage.id), col(ReaderMessage.email)),
        (col(FollowedSearch.id), col(FollowedSearch.email)),
    ):
        _drop(session, id, address == email)


def _drop(session: Session, id: Any, which: ColumnElement[bool]) -> None:
    """Delete rows of one table, by its column of ids, with the links that lead to them."""
    ids = select(id).where(which)
    session.execute(delete(ReaderLink).where(col(ReaderLink.target_id).in_(ids)))
    session.execute(delete(id.class_).where(which))


def link(session: Session, secret_hash: str, purpose: Purpose) -> ReaderLink | None:
    """Return a link of a purpose by the hash of its token."""
    found = session.get(ReaderLink, secret_hash)
    return found if found and found.purpose == purpose else None


def drop_links(session: Session, target_id: UUID) -> None:
    """Delete the links that lead to something."""
    session.execute(delete(ReaderLink).where(col(ReaderLink.target_id) == target_id))


def forget(session: Session, requests_before: datetime, messages_before: datetime) -> None:
    """Delete requests that nobody confirmed and messages that were kept long enough, with their links."""
    kept_from = func.coalesce(col(ReaderMessage.reported_at), col(ReaderMessage.sent_at))
    _drop(session, col(ReaderRequest.id), col(ReaderRequest.created_at) < requests_before)
    _drop(session, col(ReaderMessage.id), kept_from < messages_before)


def due(session: Session, moment: datetime, limit: int) -> Sequence[FollowedSearch]:
    """Return followed searches that are due, but those that another transaction holds, and hold them."""
    at = col(FollowedSearch.due_at)
    statement = select(FollowedSearch).where(at <= moment).order_by(at).limit(limit)
    return session.scalars(statement.with_for_update(skip_locked=True)).all()


def is_blocked(session: Session, email_hash: str) -> bool:
    """Tell whether an address is blocked."""
    return session.get(BlockedReader, email_hash) is not None


def hold_search(session: Session, id: UUID) -> FollowedSearch | None:
    """Return a followed search as it is now, and let nobody else change it to the end."""
    return session.get(FollowedSearch, id, with_for_update=True, populate_existing=True)
