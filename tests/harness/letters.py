"""An api that sends letters to a server of the tests, and what its outbox holds."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from services.api.kit.db import Database
from services.api.letters.models import Letter
from services.api.settings import Settings
from tests.harness.people import shift
from tests.harness.smtp import Inbox, html_of, text_of
from tests.harness.support import Api, Template
from tests.harness.waiting import until

PUBLIC = "https://praxis.example.org"
SENDER = "Praxis <praxis@example.org>"


def with_mail(template: Template, folder: Path, server: str, **more: Any) -> Settings:
    """Return settings for an api on a copy of the database that sends letters through a server at once."""
    options = {"smtp_url": f"smtp://{server}", "mail_from": SENDER, "smtp_timeout": 5, "public_url": PUBLIC}
    return template.copy(folder).model_copy(update=options | {"letter_grace_seconds": 0} | more)


def sends_mail(server: str) -> Mapping[str, str]:
    """Return what a process must be told that sends letters through a server at once."""
    return {
        "PRAXIS_API_SMTP_URL": f"smtp://{server}",
        "PRAXIS_API_MAIL_FROM": SENDER,
        "PRAXIS_API_PUBLIC_URL": PUBLIC,
        "PRAXIS_API_LETTER_GRACE_SECONDS": "0",
    }


def outbox(database: Database) -> Sequence[Letter]:
    """Return all letters, the oldest first."""
    with database.transaction(write=False) as session:
        return session.scalars(select(Letter).order_by(col(Letter.created_at))).all()


def pass_by(api: Api, seconds: float) -> None:
    """Let some seconds have passed for the outbox, and its worker look."""
    shift(api, Letter, seconds, "created_at", "due_at", "next_at")
    api.portal.call(api.app.state.letters.wake)


def all_handled(database: Database) -> None:
    """Wait until no letter waits, whatever became of each."""
    until(lambda: all(one.state != "waiting" for one in outbox(database)))


@dataclass
class Post:
    """What a process sends to a server of the tests, step by step."""

    inbox: Inbox
    database: Database
    read: int = 0
    """How many of the letters were looked at."""

    def new(self) -> list[EmailMessage]:
        """Wait until no letter waits, and return those that were not looked at."""
        all_handled(self.database)
        found = self.inbox.letters[self.read :]
        self.read += len(found)
        return found


def paths_in(letter: EmailMessage) -> list[str]:
    """Return where a letter leads, within the portal, in the order of its text; its HTML leads to the same pages."""
    paths = re.findall(rf"{PUBLIC}(/\S*)", text_of(letter))
    assert re.findall(rf'href="{PUBLIC}(/[^"]*)"', html_of(letter)) == paths
    return paths
