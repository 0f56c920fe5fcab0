"""The outbox: a letter is posted in the transaction of what it tells, so that it exists exactly if that happened."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from services.api.kit.moments import now
from services.api.letters import repository
from services.api.letters.models import Letter

POSTED = "letters posted"
"""Stands in the session's `info` once a letter was posted in it, so that the worker is woken after the commit."""


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
