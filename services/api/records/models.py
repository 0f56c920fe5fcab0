"""Tables of records of every type: identity, immutable revisions, what was public, parties, links, what came after."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from services.api.kit.columns import Json, UtcDateTime

Listed = Literal["published", "archived", "unpublished"]
"""What a list of records can be narrowed to: public and kept up, public and archived, not public."""


class Record(SQLModel, table=True):
    """A record's identity; any change of it or of its revisions advances `version`."""

    __tablename__ = "record"
    __table_args__ = (UniqueConstraint("type", "slug"), UniqueConstraint("type", "external_id"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    type: str = Field(max_length=40)
    slug: str | None = Field(default=None, max_length=120)
    external_id: str | None = Field(default=None, max_length=200)
    """Name under which it is known where it came from; that of a printed case is `seed:` and its file's name."""
    version: int = 1
    latest_revision: int = 1
    published_revision: int | None = None
    first_published_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    archived_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    """Since when it is public but no longer kept up."""
    archived_because: str | None = Field(default=None, max_length=2000)
    rendering: int | None = None
    """By which rendering of its type its public record was made; none when that is not known."""
    created_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    updated_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))


class RecordRevision(SQLModel, table=True):
    """One state of a record's form and translations; never changed once written, but for what is redacted."""

    __tablename__ = "record_revision"

    record_id: UUID = Field(primary_key=True, foreign_key="record.id")
    number: int = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    translations: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    created_by: str = Field(max_length=40)


class RecordPublication(SQLModel, table=True):
    """That a revision was made public, when first, and in which tier: the revisions that everybody may read."""

    __tablename__ = "record_publication"

    record_id: UUID = Field(primary_key=True, foreign_key="record.id")
    number: int = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    tier: str = Field(default="network", max_length=20)
    """The highest of those in which it was published (`Tier`)."""
    statements: list[dict[str, str]] = Field(default=[], sa_column=Column(Json, nullable=False))
    """What a peer stated of each feature that was judged, for a revision that peers judged."""


class RecordSlug(SQLModel, table=True):
    """A slug that leads to a record of a type, the present one or an earlier one."""

    __tablename__ = "record_slug"

    type: str = Field(primary_key=True, max_length=40)
    slug: str = Field(primary_key=True, max_length=120)
    record_id: UUID = Field(foreign_key="record.id", index=True)


class RecordParty(SQLModel, table=True):
    """Whom a record belongs to, and who else has a part in it: an authority, or an organisation by name."""

    __tablename__ = "record_party"

    record_id: UUID = Field(primary_key=True, foreign_key="record.id")
    part: str = Field(primary_key=True, max_length=40)
    """`owner`, or another part that its type declares."""
    place: int = Field(default=0, primary_key=True)
    """Tells those of one part from each other."""
    authority_id: UUID | None = Field(default=None, foreign_key="authority.id", index=True)
    name: str | None = Field(default=None, max_length=300)
    unit: str | None = Field(default=None, max_length=300)


class RecordMention(SQLModel, table=True):
    """That a public record names an authority or another record, which show each other: both are rendered together."""

    __tablename__ = "record_mention"
    __table_args__ = (Index(None, "to_id", "to_type"),)

    record_id: UUID = Field(primary_key=True, foreign_key="record.id")
    path: str = Field(primary_key=True, max_length=120)
    relation: str = Field(max_length=40)
    to_type: str = Field(max_length=40)
    to_id: UUID
    to_path: str | None = Field(default=None, max_length=120)


class RecordStep(SQLModel, table=True):
    """Something that happened to a public record, or to a row of it; rows are only ever added."""

    __tablename__ = "record_step"

    record_id: UUID = Field(primary_key=True, foreign_key="record.id")
    number: int = Field(primary_key=True)
    path: str | None = Field(default=None, max_length=120)
    """The row that it happened to, such as `actions[key=3.1]`; none speaks of the whole."""
    kind: str = Field(max_length=40)
    value: str | None = Field(default=None, max_length=40)
    note: str | None = Field(default=None, max_length=2000)
    date: str | None = Field(default=None, max_length=10)
    """When it happened, as precisely as that is known (`PartialDate`); none says that it was on the day of `at`."""
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    caller: str = Field(max_length=40)


class RecordWithdrawal(SQLModel, table=True):
    """That a revision was taken out of public view, or a field of it redacted; a restore does it again."""

    __tablename__ = "record_withdrawal"

    record_id: UUID = Field(primary_key=True, foreign_key="record.id")
    number: int = Field(primary_key=True)
    path: str = Field(default="", primary_key=True, max_length=120)
    """The field that was redacted; empty for the whole revision."""
    reason: str = Field(max_length=2000)
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    caller: str = Field(max_length=40)
