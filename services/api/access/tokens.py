"""One-time tokens: they let a person set a password (an invitation, or a reset) or hand a session over, once."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlmodel import Session

from services.api.access import accounts, lockout, repository, service, sessions
from services.api.access.models import Account, OneTimeToken
from services.api.access.rules import Rules
from services.api.access.service import Caller
from services.api.kit.moments import now
from services.web.problems import Conflict, Fault, Invalid

Purpose = Literal["password", "session"]
MOST_ASKED_FOR = 3
"""Tokens that a person may have been sent and not used yet: more letters would only be a nuisance."""
HANDED_OVER = timedelta(minutes=1)
"""How long a code lasts that is exchanged for a session."""
_MARK: dict[Purpose, str] = {"password": "r", "session": "c"}


@dataclass(frozen=True)
class Issued:
    """A token, to be shown once, and when it expires."""

    token: str
    expires_at: datetime


def issue_for_password(session: Session, caller: Caller, account: Account, rules: Rules) -> Issued:
    """Make the one token by which a person sets a password; raise `Forbidden` beyond the caller's rights.

    Tokens made before are void; the present password stays good until the token is used.
    """
    accounts.require_managed(session, caller, account)
    if account.deactivated_at is not None:
        raise Conflict("The account is deactivated")
    repository.drop_tokens(session, account.id)
    issued = _issue(session, account, "password", _lifetime(account, rules))
    service.audit(session, caller, "password.token", "account", str(account.id))
    return issued


def issue_on_request(session: Session, account: Account, rules: Rules, *, again: bool = False) -> Issued | None:
    """Make a token for whoever asks by e-mail; none for who may not call or was sent enough of them.

    `again` for a letter that could not be sent before, whose own tokens do not count.
    """
    if account.deactivated_at is not None:
        return None
    if not again and repository.count_tokens(session, account.id, "password", now()) >= MOST_ASKED_FOR:
        return None
    service.audit(session, service.caller_of(account), "password.request", "account", str(account.id))
    return _issue(session, account, "password", _lifetime(account, rules))


def for_password(session: Session, token: str) -> Account:
    """Return the active account whose password a token sets; raise `Invalid` for one that is not good."""
    found = _find(session, token, "password")
    account = repository.account(session, found.account_id) if found else None
    if account is None or account.deactivated_at is not None:
        raise _no_good("token")
    return account


def redeem(session: Session, token: str, password_hash: str) -> Account:
    """Set a password by a token, which is good no more; all sessions of the account end.

    Raise `Invalid` when somebody else was faster.
    """
    account = for_password(session, token)
    sessions.hold(session, account)
    if account.deactivated_at is not None or not repository.take_token(session, service.hashed(token)):
        raise _no_good("token")
    set_password(session, account, password_hash, "password.reset")
    lockout.forget(session, account.email)
    return account


def set_password(session: Session, account: Account, password_hash: str, action: str) -> None:
    """Keep another password; all sessions of the account end, and tokens that would set a password are void."""
    account.password_hash = password_hash
    session.flush()
    repository.drop_tokens(session, account.id)
    sessions.end_all(session, account)
    service.audit(session, service.caller_of(account), action, "account", str(account.id))


def issue_for_session(session: Session, account: Account, challenge: str | None) -> Issued:
    """Make a code that is exchanged for a session, by whoever knows what the challenge was made of if there is one."""
    return _issue(session, account, "session", HANDED_OVER, challenge)


def for_session(session: Session, code: str, verifier: str | None) -> Account:
    """Return the active account that a code opens a session for, and void the code; raise `Invalid` for a wrong one."""
    found = _find(session, code, "session")
    if found is None or not repository.take_token(session, found.secret_hash):
        raise _no_good("code")
    if found.challenge is not None and not hmac.compare_digest(service.hashed(verifier or ""), found.challenge):
        raise Invalid([Fault(location="body", field="verifier", message="does not fit the challenge")])
    account = repository.account(session, found.account_id)
    if account is None or account.deactivated_at is not None:
        raise _no_good("code")
    return account


def _issue(
    session: Session, account: Account, purpose: Purpose, lifetime: timedelta, challenge: str | None = None
) -> Issued:
    token = f"praxis_{_MARK[purpose]}_{secrets.token_urlsafe(32)}"
    moment = now()
    row = OneTimeToken(
        secret_hash=service.hashed(token),
        purpose=purpose,
        account_id=account.id,
        challenge=challenge,
        created_at=moment,
        expires_at=moment + lifetime,
    )
    repository.add(session, row)
    return Issued(token, row.expires_at)


def _find(session: Session, token: str, purpose: Purpose) -> OneTimeToken | None:
    found = repository.token(session, service.hashed(token))
    return found if found and found.purpose == purpose and now() < found.expires_at else None


def _lifetime(account: Account, rules: Rules) -> timedelta:
    return rules.reset if account.password_hash else rules.invitation


def _no_good(field: str) -> Invalid:
    return Invalid([Fault(location="body", field=field, message="unknown, used or expired: ask for another one")])
