"""Every query about notices."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from services.api.notices.models import NoticeSetting


def add(session: Session, row: SQLModel) -> None:
    """Add a row."""
    session.add(row)


def often(session: Session, accounts: Collection[UUID], kind: str) -> dict[UUID, str]:
    """Return how often those accounts want to hear of a kind that said so."""
    said = select(col(NoticeSetting.account_id), col(NoticeSetting.often))
    found = said.where(col(NoticeSetting.account_id).in_(accounts), col(NoticeSetting.kind) == kind)
    return {id: kept for id, kept in session.execute(found) if kept}
