"""The api, writers held between taking numbers and committing: `python -m tests.harness.delayed_api counter`.

With `sequence` it numbers as one does without much thought: by `nextval` of a sequence, for which nobody waits, and
without the counter row's lock. All else is as in service, so that what is missed is missed for that alone.
"""

import random
import sys
import time

from sqlalchemy import func, select
from sqlmodel import Session, col

from services.api import __main__ as api
from services.api.changes import repository
from services.api.changes.models import FeedState, PublicRecord

HELD = 0.2
"""Share of the writes that are held."""
SHORTEST, LONGEST = 0.2, 0.4
"""Seconds that one is held: long enough for others to commit and for readers to pass."""

SEQUENCE = "plain_numbers"

_by_counter = repository.take_numbers


def _hold() -> None:
    if random.random() < HELD:
        time.sleep(random.uniform(SHORTEST, LONGEST))


def _delayed_by_counter(session: Session, count: int) -> tuple[str, int]:
    taken = _by_counter(session, count)
    _hold()
    return taken


def _delayed_by_sequence(session: Session, count: int) -> tuple[str, int]:
    assert count == 1, "writes of several records need numbers that follow on; leave them out"
    taken = session.execute(select(func.nextval(SEQUENCE))).scalar_one()
    _hold()
    return _epoch(session), taken


def _newest_row(session: Session) -> tuple[str, int]:
    """Return as head the newest number that has a row: page and head then agree, as readers may expect."""
    return _epoch(session), session.execute(select(func.max(col(PublicRecord.seq)))).scalar_one()


def _epoch(session: Session) -> str:
    return str(session.execute(select(col(FeedState.epoch))).scalar_one())


def _no_lock(session: Session) -> None:
    pass


if __name__ == "__main__":
    if sys.argv[1] == "sequence":
        repository.take_numbers = _delayed_by_sequence
        repository.lock_numbers = _no_lock
        repository.state = _newest_row
    else:
        repository.take_numbers = _delayed_by_counter
    api.main()
