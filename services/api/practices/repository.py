"""Every query about practices; what a caller may not see is left out here."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, delete, false, insert, or_, select, true, update
from sqlmodel import Session, col

from services.api.access.service import Caller
from services.api.kit.columns import bytewise, same
from services.api.kit.paging import Position
from services.api.practices.models import (
    Listed,
    Practice,
    PracticeAuthority,
    PracticePublication,
    PracticeRevision,
    PracticeSlug,
)

Row = Practice | PracticeRevision | PracticePublication | PracticeSlug


_PUBLISHED, _ARCHIVED = col(Practice.published_revision).is_not(None), col(Practice.archived_at).is_not(None)
_STATUS = {"published": _PUBLISHED & ~_ARCHIVED, "archived": _PUBLISHED & _ARCHIVED, "unpublished": ~_PUBLISHED}


@dataclass(frozen=True)
class View:
    """A practice that a caller sees."""

    practice: Practice
    drafts: bool
    """Whether the caller sees its revisions that were never public, too."""
    number: int
    """The revision that the caller is shown: the latest one with drafts, else the public one."""


def _drafts(caller: Caller | None) -> ColumnElement[bool]:
    """Tell whose drafts a caller sees: the secretariat everybody's, an officer the own authority's, others nobody's."""
    if caller is None:
        return false()
    return true() if caller.is_secretariat else same(col(Practice.owner_id), caller.office)


def _shown(caller: Caller | None) -> ColumnElement[Any]:
    """Return the number of the revision that a caller is shown; who is shown none does not see the practice."""
    return case((_drafts(caller), col(Practice.latest_revision)), else_=col(Practice.published_revision))


def add(session: Session, row: Row) -> None:
    """Add a row, and let the database check it."""
    session.add(row)
    session.flush()


def get(session: Session, id: UUID) -> Practice | None:
    """Return a practice by id, whoever asks."""
    return session.get(Practice, id)


def several(session: Session, ids: Collection[UUID]) -> Sequence[Practice]:
    """Return the practices of these ids, whoever asks."""
    return session.scalars(select(Practice).where(col(Practice.id).in_(ids))).all() if ids else ()


def view(session: Session, id: UUID, caller: Caller | None) -> View | None:
    """Return a practice by id if the caller sees it."""
    return _one(session, _views(caller).where(col(Practice.id) == id))


def view_by_slug(session: Session, slug: str, caller: Caller | None) -> View | None:
    """Return the practice that a slug leads to, the present one or an earlier one, if the caller sees it."""
    led = col(PracticeSlug.practice_id) == col(Practice.id)
    return _one(session, _views(caller).join(PracticeSlug, led).where(col(PracticeSlug.slug) == slug))


def _views(caller: Caller | None) -> "Select[Practice, bool, Any]":
    shown = _shown(caller)
    return select(Practice, _drafts(caller), shown).where(shown.is_not(None))


def _one(session: Session, statement: "Select[Practice, bool, Any]") -> View | None:
    row = session.execute(statement).one_or_none()
    return View(row[0], bool(row[1]), row[2]) if row else None


def id_of_slug(session: Session, slug: str) -> UUID | None:
    """Return the practice that a slug leads to, the present one or an earlier one."""
    statement = select(col(PracticeSlug.practice_id)).where(col(PracticeSlug.slug) == slug)
    found: UUID | None = session.execute(statement).scalar_one_or_none()
    return found


def by_external_id(session: Session, external_id: str) -> Practice | None:
    """Return the practice that is known elsewhere under a name."""
    return session.scalars(select(Practice).where(col(Practice.external_id) == external_id)).one_or_none()


def rendered_otherwise(
    session: Session, rendering: str, limit: int
) -> Sequence[tuple[Practice, PracticeRevision, PracticePublication]]:
    """Return up to `limit` public practices whose public record was made by another rendering, with what is shown."""
    shown = and_(
        col(PracticeRevision.practice_id) == col(Practice.id),
        col(PracticeRevision.number) == col(Practice.published_revision),
    )
    public = and_(
        col(PracticePublication.practice_id) == col(Practice.id),
        col(PracticePublication.number) == col(Practice.published_revision),
    )
    made = col(Practice.rendering)
    statement = (
        select(Practice, PracticeRevision, PracticePublication)
        .join(PracticeRevision, shown)
        .join(PracticePublication, public)
        .where(or_(made.is_(None), made != rendering))
        .order_by(col(Practice.id))
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(statement)]


def by_external_ids(
    session: Session, external_ids: Collection[str], ids: Collection[UUID]
) -> Sequence[tuple[Practice, PracticeRevision, PracticePublication | None]]:
    """Return the practices of some external ids, and those without one of some ids, as `snapshot` does all."""
    wanted = col(Practice.external_id).in_(external_ids)
    unnamed = and_(col(Practice.id).in_(ids), col(Practice.external_id).is_(None))
    statement = _with_revision(col(Practice.latest_revision)).where(or_(wanted, unnamed))
    return [(row[0], row[1], row[2]) for row in session.execute(statement)]


def snapshot(
    session: Session, *, published: bool
) -> Iterator[tuple[Practice, PracticeRevision, PracticePublication | None]]:
    """Yield every practice by external id, those without one last, with its published or else its latest revision.

    Each comes with that revision's publication, if it had one; a row is forgotten when the next one is asked for.
    """
    shown = col(Practice.published_revision) if published else col(Practice.latest_revision)
    external_id = col(Practice.external_id)
    statement = _with_revision(shown).order_by(external_id.is_(None), bytewise(external_id), col(Practice.id))
    with session.execute(statement.execution_options(yield_per=100)) as rows:
        for row in rows:
            yield row[0], row[1], row[2]
            for one in row:
                if one is not None:
                    session.expunge(one)


def _with_revision(number: Any) -> "Select[Practice, PracticeRevision, PracticePublication]":
    revision = and_(
        col(PracticeRevision.practice_id) == col(Practice.id),
        col(PracticeRevision.number) == number,
    )
    publication = and_(
        col(PracticePublication.practice_id) == col(PracticeRevision.practice_id),
        col(PracticePublication.number) == col(PracticeRevision.number),
    )
    return (
        select(Practice, PracticeRevision, PracticePublication)
        .join(PracticeRevision, revision)
        .join(PracticePublication, publication, isouter=True)
    )


def taken_slugs(session: Session, slugs: Collection[str]) -> set[str]:
    """Return which of some slugs lead to a practice."""
    statement = select(col(PracticeSlug.slug)).where(col(PracticeSlug.slug).in_(slugs))
    return set(session.scalars(statement))


def numbered_slugs(session: Session, slug: str) -> set[str]:
    """Return the slugs that lead to a practice and begin with another slug and a hyphen."""
    return set(session.scalars(select(col(PracticeSlug.slug)).where(col(PracticeSlug.slug).startswith(f"{slug}-"))))


def add_all(session: Session, practices: Iterable[Practice], revisions: Iterable[PracticeRevision]) -> None:
    """Add practices with their revisions, many at once."""
    for rows in (practices, revisions):
        session.add_all(rows)
        session.flush()


def add_public(
    session: Session,
    slugs: Sequence[dict[str, Any]],
    publications: Sequence[dict[str, Any]],
    authorities: Sequence[dict[str, Any]],
) -> None:
    """Add what goes with practices that become public, many at once: rows of three tables."""
    tables = {PracticeSlug: slugs, PracticePublication: publications, PracticeAuthority: authorities}
    for table, rows in tables.items():
        if rows:
            session.execute(insert(table), rows)


def page(
    session: Session,
    caller: Caller | None,
    status: Listed | None,
    owner_id: UUID | None,
    after: Position[datetime] | None,
    limit: int,
) -> Sequence[tuple[Practice, PracticeRevision, str | None]]:
    """Return up to `limit + 1` practices the caller sees, newest first, with revision to show and public one's tier."""
    shown = and_(
        col(PracticeRevision.practice_id) == col(Practice.id),
        col(PracticeRevision.number) == _shown(caller),
    )
    public = and_(
        col(PracticePublication.practice_id) == col(Practice.id),
        col(PracticePublication.number) == col(Practice.published_revision),
    )
    statement = (
        select(Practice, PracticeRevision, col(PracticePublication.tier))
        .join(PracticeRevision, shown)
        .join(PracticePublication, public, isouter=True)
        .order_by(col(Practice.created_at).desc(), col(Practice.id).desc())
        .limit(limit + 1)
    )
    if status is not None:
        statement = statement.where(_STATUS[status])
    if owner_id is not None:
        statement = statement.where(col(Practice.owner_id) == owner_id)
    if after:
        created = col(Practice.created_at)
        statement = statement.where(or_(created < after.key, and_(created == after.key, col(Practice.id) < after.id)))
    return [(row[0], row[1], row[2]) for row in session.execute(statement)]


def revision(session: Session, id: UUID, number: int) -> PracticeRevision | None:
    """Return one revision of a practice."""
    return session.get(PracticeRevision, (id, number))


def revisions(
    session: Session, id: UUID, *, only_public: bool
) -> Sequence[tuple[PracticeRevision, PracticePublication | None]]:
    """Return a practice's revisions, the newest first, each with its publication if it had one."""
    joined = and_(
        col(PracticePublication.practice_id) == col(PracticeRevision.practice_id),
        col(PracticePublication.number) == col(PracticeRevision.number),
    )
    statement = (
        select(PracticeRevision, PracticePublication)
        .join(PracticePublication, joined, isouter=not only_public)
        .where(col(PracticeRevision.practice_id) == id)
        .order_by(col(PracticeRevision.number).desc())
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def publication(session: Session, id: UUID, number: int) -> PracticePublication | None:
    """Return when a revision was first made public, if ever."""
    return session.get(PracticePublication, (id, number))


def claim(session: Session, id: UUID, version: int, **values: Any) -> bool:
    """Advance a practice's version and set values if it is still the given one, in one statement."""
    statement = (
        update(Practice)
        .where(col(Practice.id) == id, col(Practice.version) == version)
        .values(version=version + 1, **values)
        .returning(col(Practice.id))
    )
    return session.execute(statement).scalar_one_or_none() is not None


def show_authorities(session: Session, id: UUID, authorities: set[UUID]) -> None:
    """Keep which authorities a practice's public record shows."""
    session.execute(delete(PracticeAuthority).where(col(PracticeAuthority.practice_id) == id))
    session.add_all(PracticeAuthority(practice_id=id, authority_id=authority) for authority in authorities)
    session.flush()


def showing(session: Session, authority_id: UUID) -> Sequence[Practice]:
    """Return the published practices whose public record shows an authority."""
    statement = (
        select(Practice)
        .join(PracticeAuthority, col(PracticeAuthority.practice_id) == col(Practice.id))
        .where(col(PracticeAuthority.authority_id) == authority_id, col(Practice.published_revision).is_not(None))
    )
    return session.scalars(statement).all()
