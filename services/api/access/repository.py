"""Every query about callers."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, or_, select, tuple_, update
from sqlmodel import Session, SQLModel, col

from services.api.access.models import (
    Account,
    AccountIdentity,
    AccountSession,
    ApiKey,
    AuditEvent,
    GivenAnswer,
    OneTimeToken,
    SignInBegun,
    SignInFailures,
)
from services.api.kit.columns import holds
from services.api.kit.paging import Position

_UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_BLIND: dict[str, Any] = {"synchronize_session": False}


def add(session: Session, row: SQLModel) -> None:
    """Add a row."""
    session.add(row)


def key(session: Session, id: str, *, fresh: bool = False) -> ApiKey | None:
    """Return a key by its public id; a fresh one is read again though it was read before."""
    return session.get(ApiKey, id, populate_existing=fresh)


def keys(
    session: Session, after: Position[tuple[datetime, str]] | None = None, limit: int | None = None
) -> Sequence[ApiKey]:
    """Return keys, the newest first: all, or some after a position."""
    statement = select(ApiKey).order_by(col(ApiKey.created_at).desc(), col(ApiKey.id)).limit(limit)
    if after:
        at, id = after.key
        same = (col(ApiKey.created_at) == at) & (col(ApiKey.id) > id)
        statement = statement.where(or_(col(ApiKey.created_at) < at, same))
    return session.scalars(statement).all()


def account(session: Session, id: UUID, *, fresh: bool = False) -> Account | None:
    """Return an account; a fresh one is read again though it was read before."""
    return session.get(Account, id, populate_existing=fresh)


def account_of(session: Session, email: str) -> Account | None:
    """Return the account of an e-mail."""
    return session.scalars(select(Account).where(col(Account.email) == email)).one_or_none()


def active_accounts(session: Session, ids: Collection[UUID]) -> Sequence[Account]:
    """Return those of some accounts that are not deactivated, by e-mail."""
    some = select(Account).where(col(Account.id).in_(ids), col(Account.deactivated_at).is_(None))
    return session.scalars(some.order_by(col(Account.email))).all()


def account_ids(session: Session, role: str, authority_id: UUID | None = None) -> set[UUID]:
    """Return the accounts of a role, and of an authority if one is named, that are not deactivated."""
    found = select(col(Account.id)).where(col(Account.role) == role, col(Account.deactivated_at).is_(None))
    if authority_id is not None:
        found = found.where(col(Account.authority_id) == authority_id)
    return set(session.scalars(found))


def accounts(
    session: Session,
    role: str | None,
    authority_id: UUID | None,
    active: bool | None,
    part: str | None,
    after: Position[str] | None,
    limit: int,
) -> Sequence[Account]:
    """Return up to `limit + 1` accounts by e-mail, after a position; `part` of their name or e-mail in any case."""
    statement = select(Account).order_by(col(Account.email)).limit(limit + 1)
    if role is not None:
        statement = statement.where(col(Account.role) == role)
    if authority_id is not None:
        statement = statement.where(col(Account.authority_id) == authority_id)
    if active is not None:
        gone = col(Account.deactivated_at)
        statement = statement.where(gone.is_(None) if active else gone.is_not(None))
    if part is not None:
        statement = statement.where(or_(holds(Account.name, part), holds(Account.email, part)))
    if after:
        statement = statement.where(col(Account.email) > after.key)
    return session.scalars(statement).all()


def claim_account(session: Session, id: UUID, version: int, **values: Any) -> bool:
    """Advance an account's version and set values, if it is still the given one, in one statement."""
    statement = (
        update(Account)
        .where(col(Account.id) == id, col(Account.version) == version)
        .values(version=version + 1, **values)
        .returning(col(Account.id))
    )
    return session.execute(statement).scalar_one_or_none() is not None


def other_admins(session: Session, id: UUID) -> int:
    """Return how many active admins there are besides an account."""
    statement = (
        select(func.count())
        .select_from(Account)
        .where(col(Account.role) == "admin", col(Account.deactivated_at).is_(None), col(Account.id) != id)
    )
    return int(session.execute(statement).scalar_one())


def renew_hash(session: Session, id: UUID, before: str, after: str) -> None:
    """Store the same password hashed anew, unless it has been changed meanwhile."""
    statement = update(Account).where(col(Account.id) == id, col(Account.password_hash) == before)
    session.execute(statement.values(password_hash=after), execution_options=_BLIND)


def identity(session: Session, issuer: str, subject: str) -> AccountIdentity | None:
    """Return whose identity at an issuer this is."""
    return session.get(AccountIdentity, (issuer, subject))


def identity_of(session: Session, account_id: UUID, issuer: str) -> AccountIdentity | None:
    """Return who an account is at an issuer."""
    mine = col(AccountIdentity.account_id) == account_id, col(AccountIdentity.issuer) == issuer
    return session.scalars(select(AccountIdentity).where(*mine)).one_or_none()


def forget_identities(session: Session, account_id: UUID) -> None:
    """Drop who an account is at any issuer."""
    mine = col(AccountIdentity.account_id) == account_id
    session.execute(delete(AccountIdentity).where(mine), execution_options=_BLIND)


def session_by_id(session: Session, id: UUID, *, fresh: bool = False) -> AccountSession | None:
    """Return a person's session; a fresh one is read again though it was read before."""
    return session.get(AccountSession, id, populate_existing=fresh)


def session_by_secret(session: Session, secret_hash: str) -> AccountSession | None:
    """Return the session whose secret has this hash."""
    return session.scalars(select(AccountSession).where(col(AccountSession.secret_hash) == secret_hash)).one_or_none()


def sessions(session: Session, account_id: UUID) -> Sequence[AccountSession]:
    """Return an account's sessions, the newest first."""
    mine = col(AccountSession.account_id) == account_id
    newest = col(AccountSession.created_at).desc(), col(AccountSession.id)
    return session.scalars(select(AccountSession).where(mine).order_by(*newest)).all()


def touch_session(session: Session, id: UUID, idle_until: datetime) -> None:
    """Let a session stand idle until a later moment."""
    statement = update(AccountSession).where(col(AccountSession.id) == id, col(AccountSession.idle_until) < idle_until)
    session.execute(statement.values(idle_until=idle_until), execution_options=_BLIND)


def drop_session(session: Session, account_id: UUID, id: UUID) -> bool:
    """Drop an account's session, and tell whether there was one."""
    mine = col(AccountSession.id) == id, col(AccountSession.account_id) == account_id
    statement = delete(AccountSession).where(*mine).returning(col(AccountSession.id))
    return session.execute(statement, execution_options=_BLIND).scalar_one_or_none() is not None


def drop_sessions(session: Session, account_id: UUID) -> None:
    """Drop all sessions of an account."""
    mine = col(AccountSession.account_id) == account_id
    session.execute(delete(AccountSession).where(mine), execution_options=_BLIND)


def forget_expired(session: Session, moment: datetime, failures_before: datetime) -> None:
    """Drop sessions, tokens and beginnings that are over, and old failures, but those that others are at."""
    for table, over, id in (
        (AccountSession, col(AccountSession.expires_at) <= moment, col(AccountSession.id)),
        (AccountSession, col(AccountSession.idle_until) <= moment, col(AccountSession.id)),
        (OneTimeToken, col(OneTimeToken.expires_at) <= moment, col(OneTimeToken.secret_hash)),
        (SignInBegun, col(SignInBegun.expires_at) <= moment, col(SignInBegun.state_hash)),
        (SignInFailures, col(SignInFailures.last_at) <= failures_before, col(SignInFailures.email_hash)),
    ):
        old = select(id).where(over).with_for_update(skip_locked=True)
        session.execute(delete(table).where(id.in_(old)), execution_options=_BLIND)


def token(session: Session, secret_hash: str) -> OneTimeToken | None:
    """Return the one-time token whose secret has this hash."""
    return session.get(OneTimeToken, secret_hash)


def take_token(session: Session, secret_hash: str) -> bool:
    """Drop a one-time token, and tell whether it was still there: of two who take it, one gets it."""
    mine = col(OneTimeToken.secret_hash) == secret_hash
    statement = delete(OneTimeToken).where(mine).returning(col(OneTimeToken.secret_hash))
    return session.execute(statement, execution_options=_BLIND).scalar_one_or_none() is not None


def count_tokens(session: Session, account_id: UUID, purpose: str, moment: datetime) -> int:
    """Return how many tokens of a purpose an account has that have not expired."""
    mine = col(OneTimeToken.account_id) == account_id, col(OneTimeToken.purpose) == purpose
    statement = select(func.count()).select_from(OneTimeToken).where(*mine, col(OneTimeToken.expires_at) > moment)
    return int(session.execute(statement).scalar_one())


def drop_tokens(session: Session, account_id: UUID) -> None:
    """Drop all one-time tokens of an account."""
    session.execute(delete(OneTimeToken).where(col(OneTimeToken.account_id) == account_id), execution_options=_BLIND)


def failures(session: Session, email_hash: str) -> SignInFailures | None:
    """Return the wrong passwords for an e-mail."""
    return session.get(SignInFailures, email_hash, populate_existing=True)


def drop_failures(session: Session, email_hash: str) -> None:
    """Forget the wrong passwords for an e-mail."""
    mine = col(SignInFailures.email_hash) == email_hash
    session.execute(delete(SignInFailures).where(mine), execution_options=_BLIND)


def take_begun(session: Session, state_hash: str, browser_hash: str) -> SignInBegun | None:
    """Drop the sign-in that a browser has begun, and return it: of two who take it, one gets it."""
    mine = col(SignInBegun.state_hash) == state_hash, col(SignInBegun.browser_hash) == browser_hash
    statement = delete(SignInBegun).where(*mine).returning(SignInBegun)
    return session.execute(statement, execution_options=_BLIND).scalar_one_or_none()


def names(session: Session, ids: Collection[str]) -> dict[str, str]:
    """Return the names of those accounts and keys that are there."""
    people = [UUID(id) for id in ids if _UUID.match(id)]
    accounts = session.execute(select(col(Account.id), col(Account.name)).where(col(Account.id).in_(people)))
    keys = session.execute(select(col(ApiKey.id), col(ApiKey.name)).where(col(ApiKey.id).in_(ids)))
    return {str(id): name for rows in (accounts, keys) for id, name in rows}


def given_answer(session: Session, caller: str, key: str) -> GivenAnswer | None:
    """Return what a caller's request with this Idempotency-Key was answered."""
    return session.get(GivenAnswer, (caller, key))


def forget_answer(session: Session, caller: str, key: str) -> None:
    """Drop what a caller's request with this Idempotency-Key was answered, whoever else is dropping it."""
    session.execute(delete(GivenAnswer).where(col(GivenAnswer.caller) == caller, col(GivenAnswer.key) == key))


def forget_answers(session: Session, before: datetime) -> None:
    """Drop answers given before a moment, but those that another transaction is dropping."""
    key = col(GivenAnswer.caller), col(GivenAnswer.key)
    old = select(*key).where(col(GivenAnswer.at) < before).with_for_update(skip_locked=True)
    session.execute(delete(GivenAnswer).where(tuple_(*key).in_(old)), execution_options=_BLIND)


def add_events(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Add rows of the trail, many at once."""
    session.execute(insert(AuditEvent), rows)
