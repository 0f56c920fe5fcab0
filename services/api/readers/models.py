"""Tables of readers: what was asked and waits for a confirmation, messages to offices, followed searches, blocks.

A reader is nobody but an address on a row that is open: when the last such row goes, the address is gone.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column
from sqlalchemy import Text as LongColumn
from sqlmodel import Field, SQLModel

from services.api.kit.columns import Json, UtcDateTime

Kind = Literal["message", "search", "overview"]
"""What a reader asks for: that a message be handed on, that a search be followed, a list of what is followed."""
Every = Literal["weekly", "monthly"]
Purpose = Literal["request", "report"]
"""What a link in a letter is about: a request of its reader, or the report of a message by whoever got it."""


class ReaderRequest(SQLModel, table=True):
    """What somebody asked in the name of an address; nothing comes of it before whoever reads its letters says so."""

    __tablename__ = "reader_request"
    __table_args__ = (CheckConstraint("kind IN ('message', 'search', 'overview')", name="kind"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    kind: str = Field(max_length=10)
    email: str = Field(max_length=254, index=True)
    language: str = Field(max_length=2)
    data: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    """The message or the search, as it was checked."""
    created_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))


class ReaderMessage(SQLModel, table=True):
    """A message that was handed on to an office, as long as its text is kept."""

    __tablename__ = "reader_message"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    email: str = Field(max_length=254, index=True)
    name: str = Field(max_length=300)
    language: str = Field(max_length=2)
    to_type: str = Field(max_length=40)
    to_id: UUID
    authority_id: UUID | None = Field(default=None, foreign_key="authority.id", index=True)
    """Whose office it went to; none for the secretariat."""
    text: str = Field(sa_column=Column(LongColumn(), nullable=False))
    sent_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
    reported_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), index=True))
    """When whoever got it reported it to the secretariat."""


class FollowedSearch(SQLModel, table=True):
    """A search that an address follows by letters."""

    __tablename__ = "followed_search"
    __table_args__ = (CheckConstraint("every IN ('weekly', 'monthly')", name="every"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    email: str = Field(max_length=254, index=True)
    language: str = Field(max_length=2)
    question: str = Field(max_length=2000)
    """The query string of the search."""
    every: str = Field(max_length=10)
    created_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    told_until: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    """What was published before this moment, a whole second, has been told or was there already."""
    due_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
    """When the search is asked next."""
    attempts: int = 0
    """How often in a row it could not be asked."""


class ReaderLink(SQLModel, table=True):
    """A link that stands in a letter; only the SHA-256 of its token is kept, as long as what it is about."""

    __tablename__ = "reader_link"
    __table_args__ = (CheckConstraint("purpose IN ('request', 'report')", name="purpose"),)

    secret_hash: str = Field(primary_key=True, max_length=64)
    purpose: str = Field(max_length=10)
    target_id: UUID = Field(index=True)


class BlockedReader(SQLModel, table=True):
    """An address in whose name nothing is sent any more; only its SHA-256 is kept."""

    __tablename__ = "blocked_reader"

    email_hash: str = Field(primary_key=True, max_length=64)
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    caller: str = Field(max_length=40)
