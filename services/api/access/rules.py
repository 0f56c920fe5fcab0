"""What an installation may set about accounts: how long things last, and how many attempts are borne."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Rules:
    """Lifetimes and limits of sessions, passwords and tokens."""

    session: timedelta = timedelta(hours=12)
    """How long a session lasts at most."""
    idle: timedelta = timedelta(hours=2)
    """How long it lasts without a request."""
    wrong_passwords: int = 5
    """Wrong passwords after which an e-mail is locked."""
    first_lock: timedelta = timedelta(minutes=1)
    """How long the first lock lasts; each further wrong password doubles it."""
    longest_lock: timedelta = timedelta(hours=1)
    reset: timedelta = timedelta(hours=1)
    """How long a token lasts that lets a person who has a password set another."""
    invitation: timedelta = timedelta(days=7)
    """How long one lasts for a person who has none yet."""
