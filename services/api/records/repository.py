"""Every query about records; what a caller may not see is left out here."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select, and_, case, delete, exists, false, func, insert, or_, select, true, update
from sqlmodel import Session, col

from services.api.access.service import Caller
from services.api.forms.types import OWNER, RecordType
from services.api.kit.columns import bytewise
from services.api.kit.paging import Position
from services.api.records.models import (
    Listed,
    Record,
    RecordMention,
    RecordParty,
    RecordPublication,
    RecordRevision,
    RecordSlug,
    RecordStep,
    RecordWithdrawal,
)

Row = Record | RecordRevision | RecordPublication | RecordSlug | RecordStep | RecordWithdrawal
Published = tuple[Record, RecordRevision, RecordPublication]
Held = tuple[Record, RecordRevision, RecordPublication | None, UUID | None]
"""A record with a revision of it, that revision's publication if it had one, and the record's owner."""

_PUBLISHED, _ARCHIVED = col(Record.published_revision).is_not(None), col(Record.archived_at).is_not(None)
_STATUS = {"published": _PUBLISHED & ~_ARCHIVED, "archived": _PUBLISHED & _ARCHIVED, "unpublished": ~_PUBLISHED}


@dataclass(frozen=True)
class View:
    """A record that a caller sees."""

    record: Record
    drafts: bool
    """Whether the caller sees its revisions that were never public, too."""
    number: int
    """The revision that the caller is shown: the latest one with drafts, else the public one."""


def drafts(type: RecordType, caller: Caller | None) -> ColumnElement[bool]:
    """Tell whose drafts a caller sees: the secretariat everybody's, an officer those that the own authority has a part
    in that reads, others nobody's."""
    if caller is None:
        return false()
    if caller.is_secretariat:
        return true()
    return has_part(caller.office, type.readers)


def has_part(authority_id: UUID | None, parts: Collection[str] = (OWNER,)) -> ColumnElement[bool]:
    """Tell whether an authority has one of some parts in a record."""
    if authority_id is None:
        return false()
    found = exists().where(
        col(RecordParty.record_id) == col(Record.id),
        col(RecordParty.authority_id) == authority_id,
        col(RecordParty.part).in_(parts),
    )
    return found.correlate(Record)  # where it stands in the condition of a join, it is not found by itself


def shown(type: RecordType, caller: Caller | None) -> ColumnElement[Any]:
    """Return the number of the revision that a caller is shown; who is shown none does not see the record."""
    if caller is None:
        return cast("ColumnElement[Any]", col(Record.published_revision))
    return case((drafts(type, caller), col(Record.latest_revision)), else_=col(Record.published_revision))


def add(session: Session, row: Row) -> None:
    """Add a row, and let the database check it."""
    session.add(row)
    session.flush()


def get(session: Session, id: UUID) -> Record | None:
    """Return a record by id, whoever asks."""
    return session.get(Record, id)


def several(session: Session, ids: Collection[UUID]) -> Sequence[Record]:
    """Return the records of these ids, whoever asks."""
    return session.scalars(select(Record).where(col(Record.id).in_(ids))).all() if ids else ()


def view(session: Session, type: RecordType, id: UUID, caller: Caller | None) -> View | None:
    """Return a record by id if the caller sees it."""
    return _one(session, _everybodys(type)[0] if caller is None else _views(type, caller).where(_ID), sought=id)


def view_by_slug(session: Session, type: RecordType, slug: str, caller: Caller | None) -> View | None:
    """Return the record that a slug leads to, the present one or an earlier one, if the caller sees it."""
    return _one(session, _everybodys(type)[1] if caller is None else _views(type, caller).join(*_LED), sought=slug)


_ID = col(Record.id) == sa.bindparam("sought")
_LED_HERE = and_(col(RecordSlug.record_id) == col(Record.id), col(RecordSlug.type) == col(Record.type))
_LED = (RecordSlug, and_(_LED_HERE, col(RecordSlug.slug) == sa.bindparam("sought")))


@cache
def _everybodys(type: RecordType) -> "tuple[Select[Record, bool, Any], Select[Record, bool, Any]]":
    """Return what is asked most of all, by id and by slug: to make it anew takes longer than to find the answer."""
    return _views(type, None).where(_ID), _views(type, None).join(*_LED)


def _views(type: RecordType, caller: Caller | None) -> "Select[Record, bool, Any]":
    number = shown(type, caller)
    statement = select(Record, drafts(type, caller), number).select_from(Record)
    return statement.where(col(Record.type) == type.name, number.is_not(None))


def _one(session: Session, statement: "Select[Record, bool, Any]", sought: UUID | str) -> View | None:
    row = session.execute(statement, {"sought": sought}).one_or_none()
    return View(row[0], bool(row[1]), row[2]) if row else None


def id_of_slug(session: Session, type: str, slug: str) -> UUID | None:
    """Return the record of a type that a slug leads to, the present one or an earlier one."""
    statement = select(col(RecordSlug.record_id)).where(col(RecordSlug.type) == type, col(RecordSlug.slug) == slug)
    found: UUID | None = session.execute(statement).scalar_one_or_none()
    return found


def by_names(
    session: Session, type: str, ids: Collection[UUID], names: Collection[str]
) -> Iterator[tuple[str, Record]]:
    """Yield the records of a type by those of some ids, slugs and external ids that lead to them."""
    own = select(Record).where(
        col(Record.type) == type, or_(col(Record.id).in_(ids), col(Record.external_id).in_(names))
    )
    for record in session.scalars(own):
        yield from ((name, record) for name in (str(record.id), record.external_id) if name is not None)
    led = and_(col(RecordSlug.record_id) == col(Record.id), col(RecordSlug.type) == type)
    slugs = select(col(RecordSlug.slug), Record).join(Record, led).where(col(RecordSlug.slug).in_(names))
    yield from ((row[0], row[1]) for row in session.execute(slugs))


def by_external_id(session: Session, type: str, external_id: str) -> Record | None:
    """Return the record of a type that is known elsewhere under a name."""
    statement = select(Record).where(col(Record.type) == type, col(Record.external_id) == external_id)
    return session.scalars(statement).one_or_none()


def published(session: Session, ids: Collection[UUID]) -> Sequence[Published]:
    """Return those of some records that are public, each with its public revision and publication."""
    return [(row[0], row[1], row[2]) for row in session.execute(_public().where(col(Record.id).in_(ids)))]


def rendered_otherwise(session: Session, type: RecordType, limit: int) -> Sequence[Published]:
    """Return up to `limit` public records of a type whose public record was made by another rendering."""
    made = col(Record.rendering)
    statement = _public().where(col(Record.type) == type.name, or_(made.is_(None), made != type.rendering))
    return [(row[0], row[1], row[2]) for row in session.execute(statement.order_by(col(Record.id)).limit(limit))]


def _public() -> "Select[Record, RecordRevision, RecordPublication]":
    return _with_revision(col(Record.published_revision)).where(col(RecordPublication.record_id).is_not(None))


def by_external_ids(
    session: Session, type: str, external_ids: Collection[str], ids: Collection[UUID]
) -> Sequence[Held]:
    """Return the records of a type of some external ids, and those without one of some ids, as `snapshot` does all."""
    wanted = col(Record.external_id).in_(external_ids)
    unnamed = and_(col(Record.id).in_(ids), col(Record.external_id).is_(None))
    statement = _with_owner(col(Record.latest_revision)).where(col(Record.type) == type, or_(wanted, unnamed))
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(statement)]


def snapshot(session: Session, type: str, *, published: bool) -> Iterator[Held]:
    """Yield every record of a type by external id, those without one last, with its published or its latest revision.

    Each comes with that revision's publication, if it had one; a row is forgotten when the next one is asked for.
    """
    shown = col(Record.published_revision) if published else col(Record.latest_revision)
    external_id = col(Record.external_id)
    statement = _with_owner(shown).where(col(Record.type) == type)
    statement = statement.order_by(external_id.is_(None), bytewise(external_id), col(Record.id))
    with session.execute(statement.execution_options(yield_per=100)) as rows:
        for row in rows:
            yield row[0], row[1], row[2], row[3]
            for one in row[:3]:
                if one is not None:
                    session.expunge(one)


def _with_owner(number: Any) -> "Select[Record, RecordRevision, RecordPublication, UUID]":
    owned = and_(col(RecordParty.record_id) == col(Record.id), col(RecordParty.part) == OWNER)
    statement = _with_revision(number).join(RecordParty, owned, isouter=True)
    return statement.add_columns(col(RecordParty.authority_id))


def _with_revision(number: Any) -> "Select[Record, RecordRevision, RecordPublication]":
    revision = and_(col(RecordRevision.record_id) == col(Record.id), col(RecordRevision.number) == number)
    publication = and_(
        col(RecordPublication.record_id) == col(RecordRevision.record_id),
        col(RecordPublication.number) == col(RecordRevision.number),
    )
    return (
        select(Record, RecordRevision, RecordPublication)
        .join(RecordRevision, revision)
        .join(RecordPublication, publication, isouter=True)
    )


def taken_slugs(session: Session, type: str, slugs: Collection[str]) -> set[str]:
    """Return which of some slugs lead to a record of a type."""
    statement = select(col(RecordSlug.slug)).where(col(RecordSlug.type) == type, col(RecordSlug.slug).in_(slugs))
    return set(session.scalars(statement))


def numbered_slugs(session: Session, type: str, slug: str) -> set[str]:
    """Return the slugs that lead to a record of a type and begin with another slug and a hyphen."""
    begun = col(RecordSlug.slug).startswith(f"{slug}-")
    return set(session.scalars(select(col(RecordSlug.slug)).where(col(RecordSlug.type) == type, begun)))


def add_all(session: Session, *tables: Iterable[Record | RecordRevision | RecordPublication]) -> None:
    """Add rows of several tables, one table after the other."""
    for rows in tables:
        session.add_all(rows)
        session.flush()


def add_slugs(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Add slugs, many at once."""
    if rows:
        session.execute(insert(RecordSlug), rows)


def page(
    session: Session,
    type: RecordType,
    caller: Caller | None,
    status: Listed | None,
    owner_id: UUID | None,
    after: Position[datetime] | None,
    limit: int,
) -> Sequence[tuple[Record, RecordRevision, str | None]]:
    """Return up to `limit + 1` records the caller sees, newest first, with revision to show and public one's tier."""
    latest = and_(col(RecordRevision.record_id) == col(Record.id), col(RecordRevision.number) == shown(type, caller))
    public = and_(
        col(RecordPublication.record_id) == col(Record.id),
        col(RecordPublication.number) == col(Record.published_revision),
    )
    statement = (
        select(Record, RecordRevision, col(RecordPublication.tier))
        .select_from(Record)
        .join(RecordRevision, latest)
        .join(RecordPublication, public, isouter=True)
        .where(col(Record.type) == type.name)
        .order_by(col(Record.created_at).desc(), col(Record.id).desc())
        .limit(limit + 1)
    )
    if status is not None:
        statement = statement.where(_STATUS[status])
    if owner_id is not None:
        statement = statement.where(has_part(owner_id))
    if after:
        created = col(Record.created_at)
        statement = statement.where(or_(created < after.key, and_(created == after.key, col(Record.id) < after.id)))
    return [(row[0], row[1], row[2]) for row in session.execute(statement)]


def revision(session: Session, id: UUID, number: int) -> RecordRevision | None:
    """Return one revision of a record."""
    return session.get(RecordRevision, (id, number))


def revisions(
    session: Session, id: UUID, *, only_public: bool
) -> Sequence[tuple[RecordRevision, RecordPublication | None]]:
    """Return a record's revisions, the newest first, each with its publication if it had one."""
    joined = and_(
        col(RecordPublication.record_id) == col(RecordRevision.record_id),
        col(RecordPublication.number) == col(RecordRevision.number),
    )
    statement = (
        select(RecordRevision, RecordPublication)
        .join(RecordPublication, joined, isouter=not only_public)
        .where(col(RecordRevision.record_id) == id)
        .order_by(col(RecordRevision.number).desc())
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def publication(session: Session, id: UUID, number: int) -> RecordPublication | None:
    """Return when a revision was first made public, if ever."""
    return session.get(RecordPublication, (id, number))


def publications(session: Session, id: UUID) -> Sequence[int]:
    """Return the numbers of a record's revisions that were public."""
    return session.scalars(select(col(RecordPublication.number)).where(col(RecordPublication.record_id) == id)).all()


def claim(session: Session, id: UUID, version: int, **values: Any) -> bool:
    """Advance a record's version and set values if it is still the given one, in one statement."""
    statement = (
        update(Record)
        .where(col(Record.id) == id, col(Record.version) == version)
        .values(version=version + 1, **values)
        .returning(col(Record.id))
    )
    return session.execute(statement).scalar_one_or_none() is not None


def parties(session: Session, ids: Collection[UUID]) -> Sequence[RecordParty]:
    """Return who has a part in some records."""
    statement = select(RecordParty).where(col(RecordParty.record_id).in_(ids))
    return session.scalars(statement.order_by(col(RecordParty.part), col(RecordParty.place))).all() if ids else ()


def set_parties(session: Session, ids: Collection[UUID], rows: Sequence[dict[str, Any]]) -> None:
    """Replace who has a part in some records, beside their owners."""
    others = and_(col(RecordParty.record_id).in_(ids), col(RecordParty.part) != OWNER)
    session.execute(delete(RecordParty).where(others), execution_options={"synchronize_session": "fetch"})
    add_parties(session, rows)


def add_parties(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Add who has a part in records, many at once."""
    if rows:
        session.execute(insert(RecordParty), [{"name": None, "unit": None, "place": 0} | row for row in rows])


def mentions(session: Session, ids: Collection[UUID]) -> Sequence[RecordMention]:
    """Return what the public records of some ids name."""
    return session.scalars(select(RecordMention).where(col(RecordMention.record_id).in_(ids))).all() if ids else ()


def set_mentions(session: Session, ids: Collection[UUID], rows: Sequence[dict[str, Any]]) -> None:
    """Replace what the public records of some ids name."""
    if ids:
        gone = delete(RecordMention).where(col(RecordMention.record_id).in_(ids))
        session.execute(gone, execution_options={"synchronize_session": False})
    if rows:
        session.execute(insert(RecordMention), rows)


def incoming(session: Session, ids: Collection[UUID], most: int) -> Iterator[tuple[Record, RecordMention]]:
    """Yield the mentions of some records by public ones, with those: up to `most` of each, in an order that stays."""
    place = func.row_number().over(
        partition_by=col(RecordMention.to_id), order_by=(col(RecordMention.record_id), col(RecordMention.path))
    )
    ranked = (
        select(col(RecordMention.record_id), col(RecordMention.path), place.label("place"))
        .join(Record, col(Record.id) == col(RecordMention.record_id))
        .where(col(RecordMention.to_id).in_(ids), col(Record.published_revision).is_not(None))
        .subquery()
    )
    mention = and_(col(RecordMention.record_id) == ranked.c.record_id, col(RecordMention.path) == ranked.c.path)
    statement = (
        select(Record, RecordMention)
        .join(RecordMention, col(RecordMention.record_id) == col(Record.id))
        .join(ranked, mention)
        .where(ranked.c.place <= most)
        .order_by(col(Record.type), col(Record.id), col(RecordMention.path))
    )
    yield from ((row[0], row[1]) for row in session.execute(statement))


def naming(session: Session, ids: Collection[UUID]) -> Sequence[UUID]:
    """Return the public records that name one of some authorities or records."""
    statement = (
        select(col(Record.id))
        .join(RecordMention, col(RecordMention.record_id) == col(Record.id))
        .where(col(RecordMention.to_id).in_(ids), col(Record.published_revision).is_not(None))
        .distinct()
    )
    return session.scalars(statement).all()


def steps(session: Session, ids: Collection[UUID]) -> Sequence[RecordStep]:
    """Return what happened to some records, the first first."""
    statement = select(RecordStep).where(col(RecordStep.record_id).in_(ids))
    return session.scalars(statement.order_by(col(RecordStep.record_id), col(RecordStep.number))).all()


def withdrawals(session: Session, ids: Collection[UUID]) -> Sequence[RecordWithdrawal]:
    """Return which revisions of some records were withdrawn, and which fields redacted."""
    statement = select(RecordWithdrawal).where(col(RecordWithdrawal.record_id).in_(ids))
    return session.scalars(statement.order_by(col(RecordWithdrawal.record_id), col(RecordWithdrawal.number))).all()


def all_withdrawals(session: Session) -> Sequence[Any]:
    """Return the rows of all that was withdrawn or redacted, those of a record together, the first first."""
    order = (col(RecordWithdrawal.record_id), col(RecordWithdrawal.at))
    # SQLModel does not tell mypy of the table that it makes.
    return session.execute(select(*RecordWithdrawal.__table__.columns).order_by(*order)).all()  # type: ignore[attr-defined]
