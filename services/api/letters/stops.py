"""How letters are stopped by whoever holds a token from one, without signing in."""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from services.api.kit.moments import now
from services.api.letters import repository
from services.api.letters.models import LetterStop
from services.api.letters.writers import Stop
from services.web.problems import NotFound

Json = dict[str, Any]


@dataclass(frozen=True)
class Stopper:
    """What a room does when its letters are stopped."""

    kinds: Callable[[Json], Sequence[str]]
    """Names the kinds of letters that a stop is about, as codes that tell nothing of anybody."""
    stop: Callable[[Session, Json, bool], None]
    """Stops them, or everything that the room sends to the same reader; doing so twice changes nothing."""


Stoppers = Mapping[str, Stopper]
"""By room."""


def issue(session: Session, stop: Stop) -> str:
    """Make a token that stops letters; it is shown in one letter and kept as its hash."""
    token = secrets.token_urlsafe(32)
    row = LetterStop(secret_hash=_hashed(token), room=stop.room, data=dict(stop.data), made_at=now())
    repository.add(session, row)
    return token


def find(session: Session, stoppers: Stoppers, token: str) -> Json:
    """Return what a token stops (`StopRead`); raise `NotFound` for one that is wrong or very old."""
    row, stopper = _found(session, stoppers, token)
    return {"room": row.room, "kinds": list(stopper.kinds(row.data))}


def stop(session: Session, stoppers: Stoppers, token: str, *, everything: bool) -> Json:
    """Stop what a token stops, or all that its room sends to the same reader; raise `NotFound` for a wrong one."""
    row, stopper = _found(session, stoppers, token)
    stopper.stop(session, row.data, everything)
    return {"room": row.room, "kinds": list(stopper.kinds(row.data))}


def _found(session: Session, stoppers: Stoppers, token: str) -> tuple[LetterStop, Stopper]:
    row = repository.stop(session, _hashed(token))
    if row is None or row.room not in stoppers:
        raise NotFound("This address stops no letters: it is wrong, or of a letter that is very old")
    return row, stoppers[row.room]


def _hashed(token: str) -> str:
    """Hash a secret of 256 random bits: a slow hash would add nothing."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
