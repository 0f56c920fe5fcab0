"""Every query about the records of an authority; all of them are public."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlmodel import Session, col

from services.api.kit.paging import Position
from services.api.records.models import Record, RecordMention
from services.api.records.names import AUTHORITY
from services.api.records.repository import has_part


def page(
    session: Session, authority_id: UUID, after: Position[datetime] | None, limit: int
) -> Sequence[tuple[Record, bool]]:
    """Return up to `limit + 1` public records that are an authority's or name it, the newest first, and if they are."""
    owned = has_part(authority_id)
    named = exists().where(
        col(RecordMention.record_id) == col(Record.id),
        col(RecordMention.to_type) == AUTHORITY,
        col(RecordMention.to_id) == authority_id,
    )
    at = col(Record.created_at)
    statement = select(Record, owned).where(col(Record.published_revision).is_not(None), or_(owned, named))
    if after:
        later = and_(at == after.key, col(Record.id) > after.id)
        statement = statement.where(or_(at < after.key, later))
    found = session.execute(statement.order_by(at.desc(), col(Record.id)).limit(limit + 1))
    return [(row[0], bool(row[1])) for row in found]


def mentions(session: Session, authority_id: UUID, ids: Collection[UUID]) -> Sequence[RecordMention]:
    """Return where some records name an authority, by path."""
    statement = select(RecordMention).where(
        col(RecordMention.record_id).in_(ids),
        col(RecordMention.to_type) == AUTHORITY,
        col(RecordMention.to_id) == authority_id,
    )
    return session.scalars(statement.order_by(col(RecordMention.record_id), col(RecordMention.path))).all()
