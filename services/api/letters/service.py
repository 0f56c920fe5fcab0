"""The outbox: a letter is posted in the transaction of what it tells, so that it exists exactly if that happened."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from services.api.kit.moments import now
from services.api.letters import repository
from services.api.letters.models import Letter, RefusedAddress

POSTED = "letters posted"
"""Stands in the session's `info` once a letter was posted in it, so that the worker is woken after the commit."""
_DAY = timedelta(days=1)


def post(
    session: Session,
    kind: str,
    to: str,
    language: str,
    data: Mapping[str, Any],
    *,
    due: datetime | None = None,
    reply_to: str | None = None,
) -> Letter:
    """Put a letter into the outbox, to be worded and sent at once or when it is due.

    `to` is an address in its normal form, `language` one of the interface's, and `data` what the writer of this kind
    needs (JSON, no secrets). The caller's transaction decides whether the letter exists.
    """
    moment = now()
    letter = Letter(
        kind=kind,
        to=to,
        language=language,
        reply_to=reply_to,
        data=dict(data),
        created_at=moment,
        due_at=due or moment,
        next_at=due or moment,
    )
    repository.add(session, letter)
    session.info[POSTED] = True
    return letter


def sent_today(session: Session, kind: str, to: str) -> int:
    """Return how many letters of a kind went to an address in the last 24 hours."""
    return repository.count_sent(session, kind, to, now() - _DAY)


def refused(session: Session, addresses: Iterable[str]) -> dict[str, RefusedAddress]:
    """Return those of some addresses to which nothing is sent, since their server refused them for good."""
    return repository.refused(session, list(addresses))


def confirm(session: Session, address: str) -> None:
    """Let letters go to an address again, which somebody has found to be good."""
    repository.confirm(session, address)


def drop_waiting(session: Session) -> None:
    """Have no letter wait any more: those of a backup were sent meanwhile, or are not meant to be sent from here."""
    repository.drop_waiting(session, now())
