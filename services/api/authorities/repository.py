"""Every query about authorities; all of them are public."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlmodel import Session, col

from services.api.authorities.models import Authority
from services.api.kit.columns import bytewise
from services.api.kit.folding import folded
from services.api.kit.paging import Position


@dataclass(frozen=True)
class Asked:
    """Which authorities are asked for: those of which all that is given is true."""

    part: str | None = None
    """A part of one of its names, in any case and with or without accents."""
    country: str | None = None
    level: str | None = None
    network: str | None = None
    parent_id: UUID | None = None
    successor_id: UUID | None = None


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


def page(session: Session, asked: Asked, after: Position[str] | None, limit: int) -> Sequence[Authority]:
    """Return up to `limit + 1` authorities by slug, after a position."""
    statement = select(Authority).where(*_conditions(asked)).order_by(col(Authority.slug)).limit(limit + 1)
    if after:
        statement = statement.where(col(Authority.slug) > after.key)
    return session.scalars(statement).all()


def places(session: Session, asked: Asked, limit: int) -> Sequence[Any]:
    """Return up to `limit + 1` rows of what a map tells of authorities, by slug."""
    columns = ("id", "slug", "name", "names", "level", "country", "networks", "ended", "latitude", "longitude")
    statement = select(*(col(getattr(Authority, name)) for name in columns)).where(*_conditions(asked))
    return session.execute(statement.order_by(bytewise(col(Authority.slug))).limit(limit + 1)).all()


def _conditions(asked: Asked) -> list[Any]:
    equal = {
        Authority.country: asked.country,
        Authority.level: asked.level,
        Authority.parent_id: asked.parent_id,
        Authority.successor_id: asked.successor_id,
    }
    found: list[Any] = [col(column) == value for column, value in equal.items() if value is not None]
    if asked.part is not None:
        found.append(col(Authority.folded_names).contains(folded(asked.part), autoescape=True))
    if asked.network is not None:
        found.append(col(Authority.folded_networks).contains(f"\n{folded(asked.network)}\n", autoescape=True))
    return found


def children(session: Session, id: UUID) -> Sequence[Authority]:
    """Return the authorities that belong to one."""
    return session.scalars(select(Authority).where(col(Authority.parent_id) == id)).all()


def predecessors(session: Session, id: UUID) -> Sequence[Authority]:
    """Return the authorities that one took over from."""
    return session.scalars(select(Authority).where(col(Authority.successor_id) == id)).all()


def rendered_otherwise(session: Session, rendering: int, limit: int) -> Sequence[Authority]:
    """Return up to `limit` authorities whose public record was made by another rendering."""
    made = col(Authority.rendering)
    statement = select(Authority).where(or_(made.is_(None), made != rendering)).order_by(col(Authority.id))
    return session.scalars(statement.limit(limit)).all()


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
