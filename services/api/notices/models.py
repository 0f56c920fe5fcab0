"""Tables of notices: what a person is to be told, and how often each person wants to hear of what."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column, Index
from sqlmodel import Field, SQLModel

from services.api.kit.columns import Json, UtcDateTime

_OFTEN = "often IN ('at-once', 'daily', 'weekly', 'never')"


class Notice(SQLModel, table=True):
    """Something that happened, for one person."""

    __tablename__ = "notice"
    __table_args__ = (Index(None, "account_id", "letter_id", "due_at"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id")
    kind: str = Field(max_length=40)
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
    due_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    """When a letter is to tell of it."""
    data: dict[str, Any] = Field(default={}, sa_column=Column(Json, nullable=False))
    letter_id: UUID | None = None
    """The letter that told of it, none while none has."""


class NoticeSetting(SQLModel, table=True):
    """How often a person wants to be told of a kind, where that is not the default."""

    __tablename__ = "notice_setting"
    __table_args__ = (CheckConstraint(_OFTEN, name="often"),)

    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    kind: str = Field(primary_key=True, max_length=40)
    often: str = Field(max_length=10)
