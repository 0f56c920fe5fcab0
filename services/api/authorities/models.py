"""Table of authorities."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column, Text
from sqlmodel import Field, SQLModel

from services.api.kit.columns import Json, UtcDateTime


class Authority(SQLModel, table=True):
    """A local, regional or national authority."""

    __tablename__ = "authority"
    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        CheckConstraint("population_count >= 0", name="population"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    slug: str = Field(max_length=120, unique=True)
    version: int = 1
    name: str = Field(max_length=300, index=True)
    names: dict[str, str] = Field(sa_column=Column(Json, nullable=False))
    level: str = Field(max_length=40, index=True)
    country: str = Field(max_length=2, index=True)
    parent_id: UUID | None = Field(default=None, foreign_key="authority.id", index=True)
    latitude: float | None = None
    longitude: float | None = None
    population_count: int | None = None
    population_year: int | None = None
    population_source: str | None = Field(default=None, max_length=500)
    migration_roles: list[str] = Field(sa_column=Column(Json, nullable=False))
    website: str | None = Field(default=None, max_length=500)
    networks: list[str] = Field(sa_column=Column(Json, nullable=False))
    ended: str | None = Field(default=None, max_length=10)
    """When it was abolished, as precise as it is known."""
    successor_id: UUID | None = Field(default=None, foreign_key="authority.id", index=True)
    contact_office: dict[str, Any] | None = Field(default=None, sa_column=Column(Json))
    folded_names: str | None = Field(default=None, sa_column=Column(Text))
    """All its names, one a line, as they are compared; `folded_networks` likewise, with an end to every line."""
    folded_networks: str | None = Field(default=None, sa_column=Column(Text))
    rendering: int | None = None
    """By which rendering its public record was made; none when that is not known."""
    created_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    updated_by: str = Field(max_length=40)
    updated_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
