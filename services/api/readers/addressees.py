"""Whom a message may be about, and who gets it: the office behind a public record, or an authority's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session

from services.api.access import accounts
from services.api.access.models import Account
from services.api.access.service import Role
from services.api.authorities import service as authorities
from services.api.forms.paths import text_at
from services.api.readers.rules import MOST_RECIPIENTS
from services.api.records import parties
from services.api.records import service as records
from services.api.records.names import AUTHORITY
from services.api.types import TYPES
from services.web.problems import NotFound


@dataclass(frozen=True)
class About:
    """What a message is about."""

    type: str
    id: UUID
    title: str
    path: str
    """Path of its page."""
    authority_id: UUID | None
    """Whose office it is for; none where it is nobody's."""

    def shown(self) -> dict[str, Any]:
        """Return it as answers show it (`AboutRead`)."""
        return {"type": self.type, "id": str(self.id), "title": self.title, "path": self.path}


@dataclass(frozen=True)
class Office:
    """Who gets a message: an office, or the secretariat in its place, when `instead` says why."""

    people: Sequence[Account]
    instead: str | None = None
    """`no-owner` or `no-officer`; none for an office's own people."""


def find(session: Session, type: str, id_or_slug: str) -> About:
    """Return a public record or an authority; raise `NotFound`."""
    if type == AUTHORITY:
        found = authorities.find(session, id_or_slug)
        return About(AUTHORITY, found.id, found.name, f"/authorities/{found.slug}", found.id)
    if type not in TYPES:
        raise NotFound(f"There is no type '{type}'; there are {', '.join((AUTHORITY, *TYPES))}")
    of = TYPES[type]
    record = records.find(session, of, id_or_slug, None)
    title = text_at(records.public_content(session, record), of.title) or ""
    owner = parties.owners(session, [record.id]).get(record.id)
    return About(type, record.id, title, f"/{of.plural}/{record.slug}", owner)


def office(session: Session, authority_id: UUID | None) -> Office:
    """Return who gets what is written to an authority's office."""
    if authority_id is None:
        return Office(_secretariat(session), "no-owner")
    if people := _active(session, "officer", authority_id):
        return Office(people)
    return Office(_secretariat(session), "no-officer")


def _secretariat(session: Session) -> Sequence[Account]:
    return _active(session, "secretariat") or _active(session, "admin")


def _active(session: Session, role: Role, authority_id: UUID | None = None) -> Sequence[Account]:
    return accounts.page(session, role, authority_id, True, None, None, MOST_RECIPIENTS)[:MOST_RECIPIENTS]
