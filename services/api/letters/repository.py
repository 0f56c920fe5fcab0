"""Every query about letters."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, SQLModel, col

from services.api.letters.models import Letter, LetterStop, RefusedAddress

_BLIND: dict[str, Any] = {"synchronize_session": False}
_WAITS = col(Letter.state) == "waiting"


def add(session: Session, row: SQLModel) -> None:
    """Add a row."""
    session.add(row)


def letter(session: Session, id: UUID, attempt: int) -> Letter | None:
    """Return a letter, if it still waits and nobody has taken it up since the given attempt."""
    found = select(Letter).where(col(Letter.id) == id, col(Letter.attempts) == attempt, _WAITS)
    return session.scalars(found.with_for_update()).one_or_none()


def is_due(session: Session, moment: datetime) -> bool:
    """Tell whether a letter is to be sent now."""
    due = select(col(Letter.id)).where(_WAITS, col(Letter.next_at) <= moment).limit(1)
    return session.scalars(due).first() is not None


def take(session: Session, moment: datetime, until: datetime) -> tuple[UUID, int] | None:
    """Take up the letter that was due first, until a moment, in one statement; return it and which attempt it is.

    Of several processes one gets it: the others pass on to the next.
    """
    due = select(col(Letter.id)).where(_WAITS, col(Letter.next_at) <= moment).order_by(col(Letter.next_at)).limit(1)
    statement = (
        update(Letter)
        .where(col(Letter.id).in_(due.with_for_update(skip_locked=True).scalar_subquery()))
        .values(next_at=until, attempts=col(Letter.attempts) + 1)
        .returning(col(Letter.id), col(Letter.attempts))
    )
    found = session.execute(statement, execution_options=_BLIND).one_or_none()
    return (found[0], found[1]) if found else None


def counts(session: Session) -> dict[str, int]:
    """Return how many letters are kept, by state."""
    found = session.execute(select(col(Letter.state), func.count()).group_by(col(Letter.state)))
    return {str(state): int(count) for state, count in found}


def count_sent(session: Session, kind: str, to: str, since: datetime) -> int:
    """Return how many letters of a kind went to an address since a moment."""
    sent = col(Letter.kind) == kind, col(Letter.to) == to, col(Letter.state) == "sent", col(Letter.next_at) >= since
    return int(session.execute(select(func.count()).select_from(Letter).where(*sent)).scalar_one())


def forget(session: Session, letters_before: datetime, stops_before: datetime) -> None:
    """Drop letters that were due, and tokens that stop letters which were made, before some moments."""
    session.execute(delete(Letter).where(col(Letter.due_at) < letters_before), execution_options=_BLIND)
    session.execute(delete(LetterStop).where(col(LetterStop.made_at) < stops_before), execution_options=_BLIND)


def drop_waiting(session: Session, moment: datetime) -> None:
    """Have no letter wait any more."""
    off: dict[str, Any] = {"state": "dropped", "next_at": moment, "data": {}}
    session.execute(update(Letter).where(_WAITS).values(**off), execution_options=_BLIND)


def refused(session: Session, addresses: list[str]) -> dict[str, RefusedAddress]:
    """Return those of some addresses that were refused for good."""
    found = select(RefusedAddress).where(col(RefusedAddress.address).in_(addresses))
    return {one.address: one for one in session.scalars(found)}


def confirm(session: Session, address: str) -> None:
    """Forget that an address was refused."""
    session.execute(delete(RefusedAddress).where(col(RefusedAddress.address) == address), execution_options=_BLIND)


def stop(session: Session, secret_hash: str) -> LetterStop | None:
    """Return what a token stops, by its hash."""
    return session.get(LetterStop, secret_hash)
