"""Sessions of people: opened by a proof of who they are, used as a bearer token, ended by themselves or by time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from services.api.access import lockout, repository, service
from services.api.access.models import Account, AccountSession
from services.api.access.rules import Rules
from services.api.access.service import Caller
from services.api.kit.db import lock
from services.api.kit.moments import now
from services.web.problems import NotFound, Unauthorized

MOST = 20
"""Sessions that one account may have at once; the oldest one gives way."""
_FRESH = 0.95
"""Part of the idle time that must be left, or it is renewed: a session is written to now and then, not each time."""


@dataclass(frozen=True)
class Seen:
    """Where a request comes from, to be shown to the person whose session it opens."""

    address: str
    agent: str


def open_session(
    session: Session, account: Account, rules: Rules, seen: Seen, proof: str
) -> tuple[AccountSession, str]:
    """Open a session for a person who has given a proof; return it with its token, which cannot be shown again.

    Raise `Unauthorized` when the account has been deactivated meanwhile.
    """
    hold(session, account)
    if account.deactivated_at is not None:
        raise Unauthorized("The account is deactivated")
    moment = now()
    repository.forget_expired(session, moment, moment - lockout.FORGOTTEN)
    for surplus in repository.sessions(session, account.id)[MOST - 1 :]:
        repository.drop_session(session, account.id, surplus.id)
    token, secret_hash = service.new_session_token()
    opened = AccountSession(
        account_id=account.id,
        secret_hash=secret_hash,
        address=seen.address,
        agent=seen.agent,
        created_at=moment,
        expires_at=moment + rules.session,
        idle_until=moment + min(rules.idle, rules.session),
    )
    repository.add(session, opened)
    detail = {"by": proof, "address": seen.address, "session": str(opened.id)}
    service.audit(session, service.caller_of(account), "session.open", "account", str(account.id), detail, moment)
    return opened, token


def due(session: Session, caller: Caller, rules: Rules) -> bool:
    """Tell whether a caller's session must be told that it is in use."""
    if caller.session_id is None:
        return False
    opened = repository.session_by_id(session, caller.session_id)
    return opened is not None and opened.idle_until < min(now() + rules.idle * _FRESH, opened.expires_at)


def touch(session: Session, caller: Caller, rules: Rules) -> None:
    """Tell a caller's session that it is in use."""
    opened = repository.session_by_id(session, caller.session_id) if caller.session_id else None
    if opened is not None:
        repository.touch_session(session, opened.id, min(now() + rules.idle, opened.expires_at))


def own(session: Session, caller: Caller) -> Sequence[AccountSession]:
    """Return a person's sessions that have not ended, the newest first."""
    moment: datetime = now()
    return [one for one in repository.sessions(session, UUID(caller.id)) if service.lives(one, moment)]


def end(session: Session, caller: Caller, id: UUID) -> None:
    """End one of a person's own sessions; raise `NotFound` when there is none such."""
    if not repository.drop_session(session, UUID(caller.id), id):
        raise NotFound(f"You have no session {id}")
    service.audit(session, caller, "session.end", "account", caller.id, {"session": str(id)})


def end_all(session: Session, account: Account) -> None:
    """End all sessions of an account, those that others are just opening too; the act that does so leaves the trace."""
    _lock(session, account)
    repository.drop_sessions(session, account.id)


def hold(session: Session, account: Account) -> None:
    """Let nobody else end or open sessions of an account, and see what was said of it last.

    Without it a session could be opened by a password that is being changed, and stay.
    """
    _lock(session, account)
    session.refresh(account)


def _lock(session: Session, account: Account) -> None:
    lock(session, f"sessions {account.id}")
