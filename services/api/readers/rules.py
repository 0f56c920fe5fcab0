"""What is offered to readers, how long things last, and how much is borne a day."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from services.api.readers.models import Every

Language = Literal["en", "es", "fr", "it"]
"""Languages that letters are worded in."""

LASTS = timedelta(hours=48)
"""How long a reader has to confirm."""
DAY = timedelta(days=1)
ASKS_A_DAY = 5
"""What may be asked a day in the name of one address: nobody's mailbox is filled with letters to confirm."""
MESSAGES_A_DAY = 20
"""Messages that one office gets a day."""
LONGEST_MESSAGE = 4_000
LONGEST_QUESTION = 2_000
MOST_PARAMETERS = 50
MOST_FOLLOWED = 20
"""Searches that one address follows."""
MOST_RECIPIENTS = 20
"""People of an office that a message goes to."""
PERIOD: dict[Every, timedelta] = {"weekly": timedelta(days=7), "monthly": timedelta(days=30)}


@dataclass(frozen=True)
class Rules:
    """What an installation sets of readers."""

    letters: bool
    """Whether letters are sent at all, and their links lead somewhere."""
    searches: bool
    """Whether there is a search service to ask."""
    kept: timedelta
    """How long the text of a message is kept."""
