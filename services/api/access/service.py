"""Callers: people with a session and machines with a key, who may do what, and the trail of what they did."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast, get_args
from uuid import UUID, uuid4

from sqlmodel import Session

from services.api.access import repository
from services.api.access.models import Account, AccountSession, ApiKey, AuditEvent
from services.api.kit.db import lock
from services.api.kit.moments import now
from services.api.kit.paging import Position
from services.web.problems import Fault, Invalid, Unauthorized

Role = Literal["officer", "reviewer", "secretariat", "admin"]
"""Officers hand in their authority's cases, reviewers judge cases of peers, the secretariat decides and publishes, and
admins, who may do all that too, say who is who."""
ROLES: tuple[Role, ...] = get_args(Role)
Spoken = Literal["en", "es", "fr", "it"]
"""Languages in which letters are written."""
MANAGES: dict[Role, tuple[Role, ...]] = {
    "officer": (),
    "reviewer": (),
    "secretariat": ("officer", "reviewer"),
    "admin": ROLES,
}
"""Whose accounts a role looks after: nobody gives more than this."""
_PREFIX = "praxis"
_SESSION = "s"
"""Stands in a session's token where a key's has its id; no key's id is so short."""


@dataclass(frozen=True)
class Caller:
    """Who sends a request, in which role, for which authority or organisation."""

    id: str
    name: str
    role: Role
    authority_id: UUID | None
    organisation: str | None = None
    email: str | None = None
    """A person's; machines have none."""
    session_id: UUID | None = None
    """The session that a person calls in."""

    @property
    def is_person(self) -> bool:
        """Whether the caller is a person in a session, not a machine with a key."""
        return self.session_id is not None

    @property
    def is_secretariat(self) -> bool:
        """Whether the caller runs the base: it sees and may change every record."""
        return self.role in ("secretariat", "admin")

    @property
    def is_admin(self) -> bool:
        """Whether the caller says who may call, in which role."""
        return self.role == "admin"

    @property
    def office(self) -> UUID | None:
        """The authority whose cases the caller hands in and whose drafts it sees: an officer's, and nobody else's."""
        return self.authority_id if self.role == "officer" else None

    def belongs_to(self, authority_id: UUID | None) -> bool:
        """Tell whether this is the caller's authority; what has none is nobody's, and no caller without one owns it."""
        return authority_id is not None and self.authority_id == authority_id

    def manages(self, role: str) -> bool:
        """Tell whether the caller looks after accounts in a role."""
        return role in MANAGES[self.role]


OPERATOR = Caller(id="operator", name="command line", role="admin", authority_id=None, organisation="command line")
"""Whoever works at the command line of the machine that holds the database."""


NOBODY = "nobody"
"""Stands in the trail for somebody who could not show who they are."""


on_change: list[Callable[[Session, Caller, str], None]] = []
"""Rooms that keep what somebody has in hand register here: called, with who did it, for the id of somebody who may do
other things from now on, or nothing any more."""


def changed(session: Session, by: Caller, id: str) -> None:
    """Tell the rooms above that a person or a machine may do other things from now on, or nothing any more."""
    session.flush()
    for look_after in on_change:
        look_after(session, by, id)


class KeyRefused(Exception):
    """A token that is malformed, unknown, wrong, expired or ended; the message says nothing about which."""


def create_key(
    session: Session,
    name: str,
    role: Role,
    authority_id: UUID | None,
    lifetime: timedelta,
    organisation: str | None = None,
    by: Caller = OPERATOR,
) -> tuple[ApiKey, str]:
    """Create a key; return it with its token, which cannot be shown again.

    A key of neither an authority nor an organisation belongs to whom its name names; an officer's needs an authority.
    """
    if authority_id is None and organisation is None and role != "officer":
        organisation = name
    check_home(role, authority_id, organisation)
    secret = secrets.token_urlsafe(32)
    moment = now()
    key = ApiKey(
        id=secrets.token_hex(6),
        name=name,
        role=role,
        authority_id=authority_id,
        organisation=organisation,
        secret_hash=hashed(secret),
        created_at=moment,
        expires_at=moment + lifetime,
    )
    repository.add(session, key)
    audit(session, by, "key.create", "api_key", key.id, {"name": name, "role": role})
    return key, f"{_PREFIX}_{key.id}_{secret}"


def revoke_key(session: Session, id: str, by: Caller = OPERATOR) -> None:
    """Make a key useless from now on; raise `KeyError` when there is none."""
    key = repository.key(session, id)
    if key is None:
        raise KeyError(id)
    if key.revoked_at is None:
        key.revoked_at = now()
        session.add(key)
        audit(session, by, "key.revoke", "api_key", id)
        changed(session, by, id)


def keys(session: Session) -> Sequence[ApiKey]:
    """Return all keys, the newest first."""
    return repository.keys(session)


def page_of_keys(session: Session, after: Position[tuple[datetime, str]] | None, limit: int) -> Sequence[ApiKey]:
    """Return up to `limit + 1` keys, the newest first, after a position of moment and id."""
    return repository.keys(session, after, limit + 1)


def check_home(role: Role, authority_id: UUID | None, organisation: str | None) -> None:
    """Raise `Invalid` unless somebody belongs to an authority or an organisation, an officer to an authority."""
    if role == "officer" and authority_id is None:
        raise Invalid([Fault(location="body", field="authority", message="an officer belongs to an authority")])
    if (authority_id is None) == (organisation is None):
        message = "give an authority of the base or an organisation, and not both"
        raise Invalid([Fault(location="body", field="authority", message=message)])


def new_session_token() -> tuple[str, str]:
    """Return a session's token, to be shown once, and the hash to keep of it."""
    secret = secrets.token_urlsafe(32)
    return f"{_PREFIX}_{_SESSION}_{secret}", hashed(secret)


def authenticate(session: Session, token: str) -> Caller:
    """Return the caller whose token this is; raise `KeyRefused` otherwise. Takes the same time for any wrong token."""
    prefix, _, rest = token.partition("_")
    id, _, secret = rest.partition("_")
    if prefix == _PREFIX and id == _SESSION:
        return _in_session(session, hashed(secret))
    key = repository.key(session, id) if prefix == _PREFIX and len(id) <= 16 else None
    matches = hmac.compare_digest(hashed(secret), key.secret_hash if key else hashed(_PREFIX))
    if key is None or not matches or key.revoked_at is not None or key.expires_at <= now():
        raise KeyRefused("The key is unknown, expired or revoked")
    return Caller(key.id, key.name, cast(Role, key.role), key.authority_id, key.organisation)


def _in_session(session: Session, secret_hash: str) -> Caller:
    found = repository.session_by_secret(session, secret_hash)
    account = repository.account(session, found.account_id) if found else None
    if found is None or account is None or not lives(found, now()) or account.deactivated_at is not None:
        raise KeyRefused("The session is unknown or has ended: sign in again")
    return caller_of(account, found)


def lives(opened: AccountSession, moment: datetime) -> bool:
    """Tell whether a session has neither expired nor stood idle for too long."""
    return moment < min(opened.expires_at, opened.idle_until)


def caller_of(account: Account, opened: AccountSession | None = None) -> Caller:
    """Return a person as a caller."""
    return Caller(
        id=str(account.id),
        name=account.name,
        role=cast(Role, account.role),
        authority_id=account.authority_id,
        organisation=account.organisation,
        email=account.email,
        session_id=opened.id if opened else None,
    )


def require_still(session: Session, caller: Caller) -> None:
    """Raise `Unauthorized` unless the caller is at this moment who it was when its request came in.

    For acts that say who may do what: they queue here, and the caller's own rights may have been taken meanwhile.
    """
    lock(session, "accounts")
    if caller is OPERATOR:
        return
    found: Account | ApiKey | None
    if caller.session_id is not None:
        found = repository.account(session, UUID(caller.id), fresh=True)
        gone = found is None or found.deactivated_at is not None
        gone = gone or repository.session_by_id(session, caller.session_id, fresh=True) is None
    else:
        found = repository.key(session, caller.id, fresh=True)
        gone = found is None or found.revoked_at is not None
    if gone or found is None or (found.role, found.authority_id) != (caller.role, caller.authority_id):
        raise Unauthorized("Your rights have changed meanwhile: sign in again")


def find_caller(session: Session, id: str) -> Caller | None:
    """Return the person or machine of an id, if it may call now."""
    key = repository.key(session, id) if len(id) <= 16 else None
    if key is not None:
        live = key.revoked_at is None and key.expires_at > now()
        return Caller(key.id, key.name, cast(Role, key.role), key.authority_id, key.organisation) if live else None
    try:
        account = repository.account(session, UUID(id))
    except ValueError:
        return None
    return caller_of(account) if account is not None and account.deactivated_at is None else None


def names(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Return the name to show of each caller, by id; one that the base does not know is shown by its id."""
    wanted = set(ids)
    known = repository.names(session, wanted) | {OPERATOR.id: OPERATOR.name, NOBODY: "somebody unknown"}
    return {id: known.get(id, id) for id in wanted}


def audit(
    session: Session,
    caller: Caller | None,
    action: str,
    target_type: str,
    target_id: str,
    detail: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> None:
    """Add a row to the trail; every write leaves one. No caller means somebody who could not show who they are."""
    event = AuditEvent(
        at=at or now(),
        caller=caller.id if caller else NOBODY,
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


def hashed(secret: str) -> str:
    """Hash a secret of 256 random bits: a slow hash would add nothing."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
