"""Table of claims: offices that ask for records that they say are theirs."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column, Index, text
from sqlmodel import Field, SQLModel

from services.api.kit.columns import UtcDateTime

_OPEN = text("state = 'asked'")


class RecordClaim(SQLModel, table=True):
    """That an authority asks for a record, and what became of it; one at most stands open of each authority."""

    __tablename__ = "record_claim"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'granted', 'refused', 'withdrawn')", name="state"),
        Index(
            "ix_record_claim_open",
            "record_id",
            "authority_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(None, "state", "asked_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    version: int = 1
    record_id: UUID = Field(foreign_key="record.id", index=True)
    authority_id: UUID = Field(foreign_key="authority.id", index=True)
    state: str = Field(default="asked", max_length=20)
    statement: str = Field(max_length=2000)
    """Why the record is theirs."""
    asked_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    asked_by: str = Field(max_length=40)
    decided_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    decided_by: str | None = Field(default=None, max_length=40)
    """Who granted, refused or withdrew it."""
    reason: str | None = Field(default=None, max_length=2000)
    """Why it was refused, or closed together with others."""
