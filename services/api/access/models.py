"""Tables of callers, of what they did, and of answers that a repeated request gets again."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from services.api.kit.db import Json, UtcDateTime


class ApiKey(SQLModel, table=True):
    """A caller's key; only the SHA-256 of its secret is kept."""

    __tablename__ = "api_key"
    __table_args__ = (CheckConstraint("role IN ('officer', 'reviewer', 'secretariat', 'admin')", name="role"),)

    id: str = Field(primary_key=True, max_length=16)
    name: str = Field(max_length=300)
    role: str = Field(max_length=20)
    authority_id: UUID | None = Field(default=None, foreign_key="authority.id", index=True)
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
