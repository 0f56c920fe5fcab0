"""Every query of the thesaurus; all of it is public."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlmodel import Session, col

from services.api.kit.columns import bytewise
from services.api.thesaurus.models import ThesaurusConcept


def every(session: Session) -> Sequence[ThesaurusConcept]:
    """Return all concepts by code, those that were deleted too."""
    return session.scalars(select(ThesaurusConcept).order_by(bytewise(col(ThesaurusConcept.code)))).all()


def count(session: Session) -> int:
    """Return how many concepts there are."""
    statement = select(func.count()).select_from(ThesaurusConcept).where(col(ThesaurusConcept.content).is_not(None))
    return int(session.execute(statement).scalar_one())


def get(session: Session, code: str) -> ThesaurusConcept | None:
    """Return a concept, perhaps one that was deleted."""
    return session.get(ThesaurusConcept, code)


def add(session: Session, concepts: Sequence[ThesaurusConcept]) -> None:
    """Add concepts, and let the database check them."""
    session.add_all(concepts)
    session.flush()
