"""An api that sends letters to a server of the tests, and what its outbox holds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from services.api.kit.db import Database
from services.api.letters.models import Letter
from services.api.settings import Settings
from tests.harness.people import shift
from tests.harness.support import Api, Template
from tests.harness.waiting import until

PUBLIC = "https://praxis.example.org"
SENDER = "Praxis <praxis@example.org>"


def with_mail(template: Template, folder: Path, server: str, **more: Any) -> Settings:
    """Return settings for an api on a copy of the database that sends letters through a server at once."""
    options = {"smtp_url": f"smtp://{server}", "mail_from": SENDER, "smtp_timeout": 5, "public_url": PUBLIC}
    return template.copy(folder).model_copy(update=options | {"letter_grace_seconds": 0} | more)


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
