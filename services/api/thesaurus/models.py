"""Table of the thesaurus."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from services.api.kit.columns import Json, UtcDateTime


class ThesaurusConcept(SQLModel, table=True):
    """One concept; `content` is none when it was deleted, which seeding again must not undo."""

    __tablename__ = "thesaurus_concept"

    code: str = Field(primary_key=True, max_length=80)
    version: int = 1
    content: dict[str, Any] | None = Field(default=None, sa_column=Column(Json))
    created_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    updated_by: str = Field(max_length=40)
    updated_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
