"""Tables of practices: an identity, its immutable revisions, and every slug that ever led to it."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from services.api.kit.db import Json, UtcDateTime


class Practice(SQLModel, table=True):
    """A practice's identity; any change of it or of its revisions advances `version`."""

    __tablename__ = "practice"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    slug: str | None = Field(default=None, max_length=120, unique=True)
    seed: str | None = Field(default=None, max_length=120, unique=True)
    """Name of the seed file that it came from."""
    version: int = 1
    owner_id: UUID | None = Field(default=None, foreign_key="authority.id", index=True)
    latest_revision: int = 1
    published_revision: int | None = None
    first_published_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    created_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    updated_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))


class PracticeRevision(SQLModel, table=True):
    """One state of a practice's questionnaire and translations; never changed once written."""

    __tablename__ = "practice_revision"

    practice_id: UUID = Field(primary_key=True, foreign_key="practice.id")
    number: int = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    translations: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    created_by: str = Field(max_length=40)


class PracticePublication(SQLModel, table=True):
    """That a revision was made public, and when: the revisions that everybody may read."""

    __tablename__ = "practice_publication"

    practice_id: UUID = Field(primary_key=True, foreign_key="practice.id")
    number: int = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))


class PracticeSlug(SQLModel, table=True):
    """A slug that leads to a practice, the present one or an earlier one."""

    __tablename__ = "practice_slug"

    slug: str = Field(primary_key=True, max_length=120)
    practice_id: UUID = Field(foreign_key="practice.id", index=True)


class PracticeAuthority(SQLModel, table=True):
    """That a practice's public record shows an authority, which therefore renders it anew when it changes."""

    __tablename__ = "practice_authority"

    practice_id: UUID = Field(primary_key=True, foreign_key="practice.id")
    authority_id: UUID = Field(primary_key=True, foreign_key="authority.id", index=True)
