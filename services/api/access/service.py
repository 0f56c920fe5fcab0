"""Callers: keys that are shown once and stored hashed, who may do what, and the trail of what they did."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast, get_args
from uuid import UUID, uuid4

from sqlmodel import Session

from services.api.access import repository
from services.api.access.models import ApiKey, AuditEvent
from services.api.kit.db import now

Role = Literal["officer", "reviewer", "secretariat", "admin"]
"""Officers hand in their authority's cases, reviewers judge cases of peers, the secretariat decides and publishes, and
admins, who may do all that too, say who is who."""
ROLES: tuple[Role, ...] = get_args(Role)
_PREFIX = "praxis"


@dataclass(frozen=True)
class Caller:
    """Who sends a request, in which role, for which authority."""

    id: str
    name: str
    role: Role
    authority_id: UUID | None

    @property
    def is_secretariat(self) -> bool:
        """Whether the caller runs the base: it sees and may change every record."""
        return self.role in ("secretariat", "admin")

    @property
    def is_admin(self) -> bool:
        """Whether the caller says who may call, in which role."""
        return self.role == "admin"


OPERATOR = Caller(id="operator", name="command line", role="admin", authority_id=None)
"""Whoever works at the command line of the machine that holds the database."""


class KeyRefused(Exception):
    """A key that is malformed, unknown, wrong, expired or revoked; the message says nothing about which."""


def create_key(
    session: Session, name: str, role: Role, authority_id: UUID | None, lifetime: timedelta
) -> tuple[ApiKey, str]:
    """Create a key; return it with its token, which cannot be shown again."""
    if role == "officer" and authority_id is None:
        raise ValueError("an officer's key belongs to an authority")
    secret = secrets.token_urlsafe(32)
    moment = now()
    key = ApiKey(
        id=secrets.token_hex(6),
        name=name,
        role=role,
        authority_id=authority_id,
        secret_hash=_hash(secret),
        created_at=moment,
        expires_at=moment + lifetime,
    )
    repository.add(session, key)
    audit(session, OPERATOR, "key.create", "api_key", key.id, {"name": name, "role": role})
    return key, f"{_PREFIX}_{key.id}_{secret}"


def revoke_key(session: Session, id: str) -> None:
    """Make a key useless from now on; raise `KeyError` when there is none."""
    key = repository.key(session, id)
    if key is None:
        raise KeyError(id)
    key.revoked_at = key.revoked_at or now()
    session.add(key)
    audit(session, OPERATOR, "key.revoke", "api_key", id)


def keys(session: Session) -> Sequence[ApiKey]:
    """Return all keys, the newest first."""
    return repository.keys(session)


def authenticate(session: Session, token: str) -> Caller:
    """Return the caller whose token this is; raise `KeyRefused` otherwise. Takes the same time for any wrong token."""
    prefix, _, rest = token.partition("_")
    id, _, secret = rest.partition("_")
    key = repository.key(session, id) if prefix == _PREFIX and len(id) <= 16 else None
    matches = hmac.compare_digest(_hash(secret), key.secret_hash if key else _hash(_PREFIX))
    if key is None or not matches or key.revoked_at is not None or key.expires_at <= now():
        raise KeyRefused("The key is unknown, expired or revoked")
    return Caller(key.id, key.name, cast(Role, key.role), key.authority_id)


def audit(
    session: Session,
    caller: Caller,
    action: str,
    target_type: str,
    target_id: str,
    detail: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> None:
    """Add a row to the trail; every write leaves one."""
    event = AuditEvent(
        at=at or now(),
        caller=caller.id,
        action=action,
        target_type=target_type,
        target_id=target_id,
        detail=detail or {},
    )
    repository.add(session, event)


def audit_all(
    session: Session, caller: Caller, action: str, target_type: str, details: Mapping[str, dict[str, Any]], at: datetime
) -> None:
    """Add a row to the trail for each of many targets, by id, that one write is about."""
    common = {"at": at, "caller": caller.id, "action": action, "target_type": target_type}
    rows = [{"id": uuid4(), "target_id": id, "detail": detail, **common} for id, detail in details.items()]
    repository.add_events(session, rows)


def _hash(secret: str) -> str:
    """Hash a secret of 256 random bits: a slow hash would add nothing."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
