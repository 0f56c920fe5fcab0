"""Tables of callers, of what they did, and of answers that a repeated request gets again."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from services.api.kit.columns import Json, UtcDateTime

_ROLE = "role IN ('officer', 'reviewer', 'secretariat', 'admin')"
_HOME = "(authority_id IS NULL) <> (organisation IS NULL)"
_OFFICER = "role <> 'officer' OR authority_id IS NOT NULL"


def _who_calls() -> tuple[CheckConstraint, ...]:
    return (
        CheckConstraint(_ROLE, name="role"),
        CheckConstraint(_HOME, name="home"),
        CheckConstraint(_OFFICER, name="officer"),
    )


class Account(SQLModel, table=True):
    """A person who may call: known by e-mail, in a role, for an authority or an organisation; never deleted."""

    __tablename__ = "account"
    __table_args__ = _who_calls()

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    version: int = 1
    email: str = Field(max_length=254, unique=True)
    name: str = Field(max_length=300)
    role: str = Field(max_length=20)
    authority_id: UUID | None = Field(default=None, foreign_key="authority.id", index=True)
    organisation: str | None = Field(default=None, max_length=300)
    language: str = Field(default="en", max_length=2, sa_column_kwargs={"server_default": "en"})
    """In which letters are written."""
    password_hash: str | None = Field(default=None, max_length=200)
    created_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
    updated_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    updated_by: str = Field(max_length=40)
    deactivated_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))


class AccountIdentity(SQLModel, table=True):
    """Who an account is at an issuer of OpenID Connect."""

    __tablename__ = "account_identity"
    __table_args__ = (UniqueConstraint("account_id", "issuer"),)

    issuer: str = Field(primary_key=True, max_length=500)
    subject: str = Field(primary_key=True, max_length=255)
    account_id: UUID = Field(foreign_key="account.id")
    created_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))


class AccountSession(SQLModel, table=True):
    """A person's session, until it ends; only the SHA-256 of its secret is kept."""

    __tablename__ = "account_session"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    secret_hash: str = Field(max_length=64, unique=True)
    address: str = Field(max_length=60)
    agent: str = Field(max_length=200)
    created_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    expires_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
    idle_until: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))


class OneTimeToken(SQLModel, table=True):
    """A token that lets a person set a password or open a session, once; only the SHA-256 of its secret is kept."""

    __tablename__ = "one_time_token"
    __table_args__ = (CheckConstraint("purpose IN ('password', 'session')", name="purpose"),)

    secret_hash: str = Field(primary_key=True, max_length=64)
    purpose: str = Field(max_length=20)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    challenge: str | None = Field(default=None, max_length=64)
    created_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    expires_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))


class SignInFailures(SQLModel, table=True):
    """Wrong passwords for an e-mail, of which only the SHA-256 is kept: there may be no account of it."""

    __tablename__ = "sign_in_failures"

    email_hash: str = Field(primary_key=True, max_length=64)
    count: int
    last_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
    locked_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))


class SignInBegun(SQLModel, table=True):
    """A sign-in that a browser has begun at an issuer; what it must come back with is kept as SHA-256."""

    __tablename__ = "sign_in_begun"

    state_hash: str = Field(primary_key=True, max_length=64)
    browser_hash: str = Field(max_length=64)
    return_to: str | None = Field(default=None, max_length=500)
    challenge: str | None = Field(default=None, max_length=64)
    expires_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))


class ApiKey(SQLModel, table=True):
    """A machine's key; only the SHA-256 of its secret is kept."""

    __tablename__ = "api_key"
    __table_args__ = _who_calls()

    id: str = Field(primary_key=True, max_length=16)
    name: str = Field(max_length=300)
    role: str = Field(max_length=20)
    authority_id: UUID | None = Field(default=None, foreign_key="authority.id", index=True)
    organisation: str | None = Field(default=None, max_length=300)
    secret_hash: str = Field(max_length=64)
    created_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    expires_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))


class AuditEvent(SQLModel, table=True):
    """Who did what to which record, when: rows are only ever added."""

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "target_type", "target_id"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
    caller: str = Field(max_length=40)
    action: str = Field(max_length=60)
    target_type: str = Field(max_length=40)
    target_id: str = Field(max_length=80)
    detail: dict[str, Any] = Field(default={}, sa_column=Column(Json, nullable=False))


class GivenAnswer(SQLModel, table=True):
    """The answer to a request with an Idempotency-Key, given again when the same request is repeated."""

    __tablename__ = "given_answer"

    caller: str = Field(primary_key=True, max_length=40)
    key: str = Field(primary_key=True, max_length=200)
    fingerprint: str = Field(max_length=64)
    status: int
    headers: dict[str, str] = Field(sa_column=Column(Json, nullable=False))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
