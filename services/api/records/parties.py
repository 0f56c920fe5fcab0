"""Who has a part in records: whose they are, and who else a content names as party to them."""

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from sqlmodel import Session

from services.api.forms.paths import value_at
from services.api.forms.types import OWNER, RecordType
from services.api.records import repository
from services.api.records.models import Record, RecordRevision
from services.api.records.names import AUTHORITY, Names
from services.api.records.policy import Parties

Json = dict[str, Any]


def owner_rows(record_id: UUID, owner_id: UUID | None) -> list[Json]:
    """Return the row that says whose a record is, none where it is nobody's."""
    return [{"record_id": record_id, "part": OWNER, "authority_id": owner_id}] if owner_id else []


def party_rows(session: Session, type: RecordType, revision: RecordRevision) -> Iterator[Json]:
    """Yield the rows that say who has a part in a record beside its owner, as a content says."""
    known = Names(session)
    for one in type.parties:
        name = value_at(revision.content, one.path)
        authority = known.target((AUTHORITY, name)) if isinstance(name, str) else None
        if authority is not None:
            unit = value_at(revision.content, one.unit) if one.unit else None
            yield {"record_id": revision.record_id, "part": one.part, "authority_id": authority.id, "unit": unit}


def owners(session: Session, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return the authorities that some records belong to, by record; those that are nobody's are left out."""
    found = repository.parties(session, ids)
    return {one.record_id: one.authority_id for one in found if one.part == OWNER and one.authority_id}


def of(session: Session, record: Record) -> Parties:
    """Return the authorities that have a part in a record."""
    return [
        (one.part, authority) for one in repository.parties(session, [record.id]) if (authority := one.authority_id)
    ]
