"""What people are told of, and how often unless they say otherwise."""

from datetime import datetime, time, timedelta
from typing import Literal, get_args

Kind = Literal["waits-for-me", "decided", "commented", "invited", "claimed", "granted"]
"""A case waits for the reader; a case of theirs was decided on; somebody commented; they are asked to review a case;
somebody asks for a case; what they asked for was granted or refused."""
Often = Literal["at-once", "daily", "weekly", "never"]

OFTEN: tuple[Often, ...] = get_args(Often)
KINDS: tuple[Kind, ...] = get_args(Kind)
DEFAULTS: dict[Kind, Often] = {
    "waits-for-me": "at-once",
    "decided": "at-once",
    "commented": "daily",
    "invited": "at-once",
    "claimed": "at-once",
    "granted": "at-once",
}
"""The closed list of kinds, each with how often it is told of by default."""

MORNING = time(6)
"""When digests go out, UTC."""


def due(often: Often, moment: datetime) -> datetime:
    """Return when something that happened at a moment is told of: now, or in the next digest."""
    if often == "at-once":
        return moment
    morning = moment.replace(hour=MORNING.hour, minute=0, second=0, microsecond=0)
    if morning <= moment:
        morning += timedelta(days=1)
    return morning + timedelta(days=-morning.weekday() % 7) if often == "weekly" else morning
