"""Every query about notices."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlmodel import Session, SQLModel, col

from services.api.notices.models import Notice, NoticeSetting

_BLIND: dict[str, Any] = {"synchronize_session": False}


def add(session: Session, row: SQLModel) -> None:
    """Add a row."""
    session.add(row)


def settings(session: Session, accounts: Collection[UUID]) -> Sequence[NoticeSetting]:
    """Return what some people said of how often they want to be told."""
    return session.scalars(select(NoticeSetting).where(col(NoticeSetting.account_id).in_(accounts))).all()


def forget_settings(session: Session, account: UUID) -> None:
    """Forget what a person said of how often to be told."""
    session.execute(delete(NoticeSetting).where(col(NoticeSetting.account_id) == account), execution_options=_BLIND)


def to_tell(session: Session, account: UUID, letter: UUID, moment: datetime) -> Sequence[Notice]:
    """Return what a letter tells a person, the oldest first, and keep other letters from telling it as well."""
    due = col(Notice.letter_id).is_(None) & (col(Notice.due_at) <= moment)
    found = select(Notice).where(col(Notice.account_id) == account, or_(due, col(Notice.letter_id) == letter))
    return session.scalars(found.order_by(col(Notice.at), col(Notice.id)).with_for_update()).all()


def forget(session: Session, account: UUID, before: datetime) -> None:
    """Drop a person's notices from before a moment."""
    old = col(Notice.account_id) == account, col(Notice.at) < before
    session.execute(delete(Notice).where(*old), execution_options=_BLIND)


def forget_untold(session: Session, account: UUID, kinds: Collection[str]) -> None:
    """Drop what a person was not told yet of some kinds."""
    untold = col(Notice.account_id) == account, col(Notice.letter_id).is_(None), col(Notice.kind).in_(kinds)
    session.execute(delete(Notice).where(*untold), execution_options=_BLIND)


def drop(session: Session, notice: Notice) -> None:
    """Drop a notice."""
    session.delete(notice)


def forget_all_untold(session: Session) -> None:
    """Drop whatever nobody was told yet."""
    session.execute(delete(Notice).where(col(Notice.letter_id).is_(None)), execution_options=_BLIND)
