"""Bodies of the claims room."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.api.kit.schema import Line, Schema, Slug

ClaimState = Literal["asked", "granted", "refused", "withdrawn"]
"""Waits for the secretariat, or became of it."""
ClaimAction = Literal["grant", "refuse", "withdraw"]


class ClaimCreate(Schema):
    """That the caller's office asks for a record."""

    statement: Line = Field(description="Why the record is yours")


class ClaimRefusal(Schema):
    """Why a claim is refused."""

    reason: Line


class HandOver(Schema):
    """To whom a record is handed over, and why."""

    authority: Slug | None = Field(description="Authority that it belongs to from now on, by slug or id; none: nobody")
    reason: Line


class HandOverAll(Schema):
    """To whom all records of an office that ends are handed over, and why."""

    to: Slug = Field(description="Authority that they belong to from now on, by slug or id")
    reason: Line


class HandedOver(BaseModel):
    """How many records and cases on their way were handed over."""

    authority: str = Field(description="Slug of the authority that they belong to now")
    records: int
    cases: int = Field(description="Cases that were never published")


class ClaimedRecord(BaseModel):
    """The record that is asked for."""

    type: str
    id: UUID
    slug: str | None
    title: dict[str, str] = Field(
        description="Its public title by language, its own first; empty when it is not public"
    )
    owner: str | None = Field(description="Slug of the authority that it belongs to now")


class ClaimingAuthority(BaseModel):
    """The authority that asks."""

    id: UUID
    slug: str
    name: str


class ClaimPerson(BaseModel):
    """Who asked or decided."""

    id: str
    name: str


class ClaimRead(BaseModel):
    """A claim; `actions` are what the caller may do with it now."""

    type: Literal["claim"] = "claim"
    id: UUID
    version: int
    record: ClaimedRecord
    authority: ClaimingAuthority
    state: ClaimState
    statement: str
    asked_at: str
    asked_by: ClaimPerson
    decided_at: str | None
    decided_by: ClaimPerson | None
    reason: str | None
    actions: list[ClaimAction]
