"""Tables of letters: those that wait, what became of others, addresses that refuse them, and how they are stopped."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column, Index
from sqlmodel import Field, SQLModel

from services.api.kit.columns import Json, UtcDateTime

STATES = ("waiting", "sent", "bounced", "failed", "dropped")
"""Of letters: those that wait; that a server took; that it refused for good; that none took in days; that were not to
be sent when their time had come."""
_STATE = f"state IN ({', '.join(map(repr, STATES))})"


class Letter(SQLModel, table=True):
    """A letter to one address, worded when it is sent; its id is part of its Message-ID."""

    __tablename__ = "letter"
    __table_args__ = (CheckConstraint(_STATE, name="state"), Index(None, "state", "next_at"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    kind: str = Field(max_length=40)
    """What it is about: who words it is looked up by this."""
    to: str = Field(max_length=254)
    language: str = Field(max_length=2)
    reply_to: str | None = Field(default=None, max_length=254)
    data: dict[str, Any] = Field(default={}, sa_column=Column(Json, nullable=False))
    """What its wording needs, never a secret; emptied once it is off."""
    state: str = Field(default="waiting", max_length=10)
    created_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
    due_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    attempts: int = 0
    """Times that it was taken up to be sent, also by a process that ended meanwhile."""
    next_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    """When it is tried next: who takes it up puts this off until it must be done. Once it is off, when that was."""
    last_code: str | None = Field(default=None, max_length=60)
    """What the last attempt came to: the server's answer, such as `550`, or the kind of fault."""


class RefusedAddress(SQLModel, table=True):
    """An address that its server refused for good: nothing more is sent to it until somebody confirms it."""

    __tablename__ = "letter_refused_address"

    address: str = Field(primary_key=True, max_length=254)
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    code: str = Field(max_length=60)


class LetterStop(SQLModel, table=True):
    """What somebody who holds a token may stop, without signing in; only the SHA-256 of the token is kept."""

    __tablename__ = "letter_stop"

    secret_hash: str = Field(primary_key=True, max_length=64)
    room: str = Field(max_length=40)
    """Who knows how to stop it."""
    data: dict[str, Any] = Field(default={}, sa_column=Column(Json, nullable=False))
    made_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
