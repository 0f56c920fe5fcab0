"""Tables of practices: an identity, its immutable revisions, and every slug that ever led to it."""

from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column
from sqlmodel import Field, SQLModel

from services.api.kit.columns import Json, UtcDateTime

Tier = Literal["network", "peer-reviewed"]
"""How far a revision was judged before it became public: by the network's secretariat, or by peers too."""
TIERS: tuple[Tier, ...] = get_args(Tier)
"""The tiers, from the lowest to the highest."""

Listed = Literal["published", "archived", "unpublished"]
"""What a list of practices can be narrowed to: public and kept up, public and archived, not public."""


class Practice(SQLModel, table=True):
    """A practice's identity; any change of it or of its revisions advances `version`."""

    __tablename__ = "practice"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    slug: str | None = Field(default=None, max_length=120, unique=True)
    external_id: str | None = Field(default=None, max_length=200, unique=True)
    """Name under which it is known where it came from; that of a printed case is `seed:` and its file's name."""
    version: int = 1
    owner_id: UUID | None = Field(default=None, foreign_key="authority.id", index=True)
    latest_revision: int = 1
    published_revision: int | None = None
    first_published_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    archived_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    """Since when it is public but no longer kept up."""
    archived_because: str | None = Field(default=None, max_length=2000)
    rendering: str | None = Field(default=None, max_length=16)
    """By which rendering its public record was made (`records.rendering`); none when that is not known."""
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
    """That a revision was made public, when first, and in which tier: the revisions that everybody may read."""

    __tablename__ = "practice_publication"
    __table_args__ = (CheckConstraint(f"tier IN {TIERS}", name="tier"),)

    practice_id: UUID = Field(primary_key=True, foreign_key="practice.id")
    number: int = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    tier: str = Field(default="network", max_length=20)
    """The highest of those in which it was published (`Tier`)."""


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
