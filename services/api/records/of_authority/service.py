"""The public records of an authority, each with how it is the authority's and with what it is linked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlmodel import Session

from services.api.authorities.models import Authority
from services.api.changes import service as changes
from services.api.kit.paging import Position
from services.api.records.models import Record
from services.api.records.of_authority import repository

Json = dict[str, Any]

SHOWN = ("type", "id", "slug", "title", "published_at", "tier", "state", "links", "incoming")
"""What is told of a record, as its own address tells it."""


def page(
    session: Session, authority: Authority, after: Position[datetime] | None, limit: int
) -> Sequence[tuple[Record, bool]]:
    """Return up to `limit + 1` public records that belong to an authority or name it, and whether they belong to it."""
    return repository.page(session, authority.id, after, limit)


def shown(session: Session, authority: Authority, rows: Sequence[tuple[Record, bool]]) -> list[Json]:
    """Return records as the list of an authority shows them (`RecordOfAuthority`)."""
    keys = {record.id: (record.type, str(record.id)) for record, _ in rows}
    bodies = changes.bodies_of(session, keys.values())
    named: dict[Any, list[Json]] = {}
    for one in repository.mentions(session, authority.id, keys):
        named.setdefault(one.record_id, []).append({"path": one.path, "relation": one.relation})
    found = []
    for record, owned in rows:
        if (body := bodies.get(keys[record.id])) is None:
            continue  # it was withdrawn between the two statements
        public = orjson.loads(body)
        told = {name: public[name] for name in SHOWN}
        found.append(told | {"owned": owned, "mentions": named.get(record.id, [])})
    return found
