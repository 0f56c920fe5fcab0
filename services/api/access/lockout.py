"""Guesses at passwords: after some wrong ones an e-mail is locked, for longer each time, whether it is known or not."""

from datetime import datetime, timedelta

from sqlmodel import Session

from services.api.access import repository
from services.api.access.models import SignInFailures
from services.api.access.rules import Rules
from services.api.access.service import hashed
from services.api.kit.db import lock

FORGOTTEN = timedelta(days=1)
"""Wrong passwords count no more when none has come for so long."""


def attempt(session: Session, email: str, rules: Rules, moment: datetime) -> tuple[timedelta, bool]:
    """Count an attempt before its password is looked at, so that many at once are no more than one after another.

    Return how long the e-mail is still locked, nothing when the attempt may go on, and whether it is the one that
    locks the e-mail unless its password is right.
    """
    email_hash = hashed(email)
    lock(session, f"sign-in {email_hash}")
    found = repository.failures(session, email_hash)
    if found is None:
        found = SignInFailures(email_hash=email_hash, count=0, last_at=moment)
        repository.add(session, found)
    if found.locked_until is not None and found.locked_until > moment:
        return found.locked_until - moment, False
    if found.last_at <= moment - FORGOTTEN:
        found.count = 0
    found.count += 1
    found.last_at = moment
    locks = found.count >= rules.wrong_passwords
    found.locked_until = moment + lock_of(found.count, rules) if locks else None
    return timedelta(), locks


def lock_of(count: int, rules: Rules) -> timedelta:
    """Return how long an e-mail is locked by so many wrong passwords."""
    doublings = min(count - rules.wrong_passwords, 40)
    if doublings < 0:
        return timedelta()
    return timedelta(seconds=min(rules.first_lock.total_seconds() * 2.0**doublings, rules.longest_lock.total_seconds()))


def forget(session: Session, email: str) -> None:
    """Begin to count anew: the password was right, or has been set anew."""
    repository.drop_failures(session, hashed(email))
