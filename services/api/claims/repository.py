"""Every query about claims; what a caller may not see is left out here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, true, update
from sqlmodel import Session, col

from services.api.access.service import Caller
from services.api.claims.models import RecordClaim
from services.api.kit.columns import same
from services.api.kit.paging import Position


def add(session: Session, row: RecordClaim) -> None:
    """Add a row, and let the database check it."""
    session.add(row)
    session.flush()


def _visible(caller: Caller) -> ColumnElement[bool]:
    """Tell which claims a caller sees: the secretariat all, an officer those of the own authority, others none."""
    return true() if caller.is_secretariat else same(col(RecordClaim.authority_id), caller.office)


def visible(session: Session, id: UUID, caller: Caller) -> RecordClaim | None:
    """Return a claim if the caller sees it."""
    statement = select(RecordClaim).where(col(RecordClaim.id) == id, _visible(caller))
    return session.scalars(statement).one_or_none()


def page(
    session: Session,
    caller: Caller,
    state: str | None,
    record_id: UUID | None,
    after: Position[datetime] | None,
    limit: int,
) -> Sequence[RecordClaim]:
    """Return up to `limit + 1` claims that the caller sees, the newest first."""
    at, id = col(RecordClaim.asked_at), col(RecordClaim.id)
    statement = select(RecordClaim).where(_visible(caller)).order_by(at.desc(), id.desc()).limit(limit + 1)
    if state is not None:
        statement = statement.where(col(RecordClaim.state) == state)
    if record_id is not None:
        statement = statement.where(col(RecordClaim.record_id) == record_id)
    if after is not None:
        statement = statement.where(or_(at < after.key, and_(at == after.key, id < after.id)))
    return session.scalars(statement).all()


def open_of(
    session: Session, *, record_id: UUID | None = None, authority_id: UUID | None = None
) -> Sequence[RecordClaim]:
    """Return the open claims to a record, of an authority, or both, the first first."""
    statement = select(RecordClaim).where(col(RecordClaim.state) == "asked")
    if record_id is not None:
        statement = statement.where(col(RecordClaim.record_id) == record_id)
    if authority_id is not None:
        statement = statement.where(col(RecordClaim.authority_id) == authority_id)
    return session.scalars(statement.order_by(col(RecordClaim.asked_at), col(RecordClaim.id))).all()


def claim(session: Session, id: UUID, version: int, **values: Any) -> bool:
    """Advance a claim's version and set values if it is still the given one and open, in one statement."""
    statement = (
        update(RecordClaim)
        .where(col(RecordClaim.id) == id, col(RecordClaim.version) == version, col(RecordClaim.state) == "asked")
        .values(version=version + 1, **values)
        .returning(col(RecordClaim.id))
    )
    return session.execute(statement).scalar_one_or_none() is not None
