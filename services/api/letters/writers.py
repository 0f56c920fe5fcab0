"""How a room words its letters: a writer for each kind, called when the letter is about to be sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from services.api.letters.models import Letter


@dataclass(frozen=True)
class Link:
    """A link to a page of the portal, by its path from the root, such as `/contribute/cases/ID`."""

    label: str
    path: str


@dataclass(frozen=True)
class Quote:
    """What somebody wrote, as it stands."""

    text: str


Block = str | Link | Quote
"""A part of a letter: a paragraph, a link on a line of its own, a quotation. Text is plain: it is escaped for HTML."""


@dataclass(frozen=True)
class Stop:
    """What the reader of a letter may stop by one click: the room that stops it, and what that room needs to know."""

    room: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    """A letter in words; addresses, both forms of the text, and the way to stop it are added by this room."""

    subject: str
    blocks: Sequence[Block]
    stop: Stop | None = None
    """None where nobody can stop it: what was asked for, such as a token to set a password."""


@dataclass(frozen=True)
class Later:
    """A letter that is not to go out before a moment."""

    due: datetime


Writer = Callable[[Session, Letter], Written | Later | None]
"""Words a letter when it is about to be sent, in a transaction of its own, or finds that there is nothing to send any
more. It may set the letter's `to`, `language` and `kind` anew. It runs again when sending failed."""
