"""Whose records are, when it changes: all that a record keeps of its owner goes to another authority, or to none."""

from uuid import UUID

from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import Caller
from services.api.authorities import service as authorities
from services.api.forms.types import OWNER
from services.api.kit.moments import now
from services.api.records import parties, repository, service
from services.api.records.models import Record


def hand_over(
    session: Session, caller: Caller, record: Record, to: UUID | None, reason: str, version: int | None = None
) -> None:
    """Let a record belong to another authority, or to none; without a version it is the present one.

    Raise 412 when the version is stale. What everybody reads of a record does not tell whose it is: the feed stands.
    """
    if version is None:
        session.refresh(record, with_for_update=True)
        version = record.version
    service.claim(session, record, version, updated_at=now())
    owners = [one for one in repository.parties(session, [record.id]) if one.part == OWNER]
    former = owners[0].authority_id if owners else None
    for one in owners:
        session.delete(one)
    session.flush()
    repository.add_parties(session, parties.owner_rows(record.id, to))
    detail = {"from": authorities.slug(session, former), "to": authorities.slug(session, to), "reason": reason}
    access.audit(session, caller, f"{record.type}.hand-over", record.type, str(record.id), detail)
