"""Every query about authorities; all of them are public."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlmodel import Session, col

from services.api.authorities.models import Authority
from services.api.kit.columns import bytewise
from services.api.kit.paging import Position


def get(session: Session, id: UUID) -> Authority | None:
    """Return an authority by id."""
    return session.get(Authority, id)


def several(session: Session, ids: Collection[UUID]) -> Sequence[Authority]:
    """Return the authorities of these ids."""
    return session.scalars(select(Authority).where(col(Authority.id).in_(ids))).all() if ids else ()


def by_slug(session: Session, slug: str) -> Authority | None:
    """Return an authority by slug."""
    return session.scalars(select(Authority).where(col(Authority.slug) == slug)).one_or_none()


def by_names(session: Session, ids: Collection[UUID], slugs: Collection[str]) -> Sequence[Authority]:
    """Return the authorities of some ids and of some slugs."""
    wanted = or_(col(Authority.id).in_(ids), col(Authority.slug).in_(slugs))
    return session.scalars(select(Authority).where(wanted)).all()


def every(session: Session) -> Sequence[Authority]:
    """Return all authorities by slug."""
    return session.scalars(select(Authority).order_by(bytewise(col(Authority.slug)))).all()


def page(
    session: Session, country: str | None, level: str | None, after: Position[str] | None, limit: int
) -> Sequence[Authority]:
    """Return up to `limit + 1` authorities by slug, after a position."""
    statement = select(Authority).order_by(col(Authority.slug)).limit(limit + 1)
    if country:
        statement = statement.where(col(Authority.country) == country)
    if level:
        statement = statement.where(col(Authority.level) == level)
    if after:
        statement = statement.where(col(Authority.slug) > after.key)
    return session.scalars(statement).all()


def children(session: Session, id: UUID) -> Sequence[Authority]:
    """Return the authorities that belong to one."""
    return session.scalars(select(Authority).where(col(Authority.parent_id) == id)).all()


def add(session: Session, authority: Authority) -> None:
    """Add an authority, and let the database check it."""
    session.add(authority)
    session.flush()


def claim(session: Session, id: UUID, version: int) -> bool:
    """Advance an authority's version if it is still the given one: the check and the change are one statement."""
    statement = (
        update(Authority)
        .where(col(Authority.id) == id, col(Authority.version) == version)
        .values(version=version + 1)
        .returning(col(Authority.id))
    )
    return session.execute(statement).scalar_one_or_none() is not None
