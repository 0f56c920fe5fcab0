"""Single records as callers see them: by id, or by any slug that ever led to them."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, select
from sqlmodel import Session, col

from services.api.access.service import Caller
from services.api.forms.types import RecordType
from services.api.records import repository
from services.api.records.models import Record, RecordSlug


@dataclass(frozen=True)
class View:
    """A record that a caller sees."""

    record: Record
    drafts: bool
    """Whether the caller sees its revisions that were never public, too."""
    number: int
    """The revision that the caller is shown: the latest one with drafts, else the public one."""


def view(session: Session, type: RecordType, id: UUID, caller: Caller | None) -> View | None:
    """Return a record by id if the caller sees it."""
    return _one(session, _by_id(type) if caller is None else _views(type, caller).where(_ID), sought=id)


def view_by_slug(session: Session, type: RecordType, slug: str, caller: Caller | None) -> View | None:
    """Return the record that a slug leads to, the present one or an earlier one, if the caller sees it."""
    return _one(session, _by_slug(type) if caller is None else _views(type, caller).join(*_LED), sought=slug)


_ID = col(Record.id) == bindparam("sought")
_LED = (
    RecordSlug,
    and_(
        col(RecordSlug.record_id) == col(Record.id),
        col(RecordSlug.type) == col(Record.type),
        col(RecordSlug.slug) == bindparam("sought"),
    ),
)


@cache
def _by_id(type: RecordType) -> "Select[Record, bool, Any]":
    """Return what everybody asks most of all: to make it anew each time takes longer than to find the answer."""
    return _views(type, None).where(_ID)


@cache
def _by_slug(type: RecordType) -> "Select[Record, bool, Any]":
    return _views(type, None).join(*_LED)


def _views(type: RecordType, caller: Caller | None) -> "Select[Record, bool, Any]":
    shown = repository.shown(type, caller)
    statement = select(Record, repository.drafts(type, caller), shown).select_from(Record)
    return statement.where(col(Record.type) == type.name, shown.is_not(None))


def _one(session: Session, statement: "Select[Record, bool, Any]", sought: UUID | str) -> View | None:
    row = session.execute(statement, {"sought": sought}).one_or_none()
    return View(row[0], bool(row[1]), row[2]) if row else None
