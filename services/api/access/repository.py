"""Every query about callers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, tuple_
from sqlmodel import Session, col

from services.api.access.models import ApiKey, AuditEvent, GivenAnswer


def key(session: Session, id: str) -> ApiKey | None:
    """Return a key by its public id."""
    return session.get(ApiKey, id)


def keys(session: Session) -> Sequence[ApiKey]:
    """Return all keys, the newest first."""
    return session.scalars(select(ApiKey).order_by(col(ApiKey.created_at).desc(), col(ApiKey.id))).all()


def given_answer(session: Session, caller: str, key: str) -> GivenAnswer | None:
    """Return what a caller's request with this Idempotency-Key was answered."""
    return session.get(GivenAnswer, (caller, key))


def forget_answer(session: Session, caller: str, key: str) -> None:
    """Drop what a caller's request with this Idempotency-Key was answered, whoever else is dropping it."""
    session.execute(delete(GivenAnswer).where(col(GivenAnswer.caller) == caller, col(GivenAnswer.key) == key))


def forget_answers(session: Session, before: datetime) -> None:
    """Drop answers given before a moment, but those that another transaction is dropping."""
    key = col(GivenAnswer.caller), col(GivenAnswer.key)
    old = select(*key).where(col(GivenAnswer.at) < before).with_for_update(skip_locked=True)
    session.execute(delete(GivenAnswer).where(tuple_(*key).in_(old)), execution_options={"synchronize_session": False})


def add_events(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Add rows of the trail, many at once."""
    session.execute(insert(AuditEvent), rows)


def add(session: Session, row: ApiKey | AuditEvent | GivenAnswer) -> None:
    """Add a row."""
    session.add(row)
