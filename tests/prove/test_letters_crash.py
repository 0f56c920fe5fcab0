"""A worker that is killed at any step loses no letter, and sends one twice only where nobody can know, as the same."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest

from services.api.access import letters as access
from services.api.app import open_database
from services.api.letters.models import Letter
from services.api.settings import Settings
from tests.harness.letters import PUBLIC, SENDER, outbox
from tests.harness.people import ANA, make_person
from tests.harness.processes import Process
from tests.harness.smtp import Inbox, serving_mail
from tests.harness.support import Template
from tests.harness.waiting import SOON, until

pytestmark = pytest.mark.each_database


def worker(settings: Settings, inbox: Inbox) -> Process:
    environment = {
        "PRAXIS_API_DATABASE_URL": settings.database_url,
        "PRAXIS_API_SMTP_URL": f"smtp://127.0.0.1:{inbox.port}",
        "PRAXIS_API_MAIL_FROM": SENDER,
        "PRAXIS_API_PUBLIC_URL": PUBLIC,
    }
    return Process("letters", ["-m", "services.api.cli", "letters"], environment)


@pytest.mark.parametrize("step", ["recipient", "letter"])
def test_a_killed_worker_loses_nothing(
    template: Template, tmp_path: Path, step: Literal["recipient", "letter"]
) -> None:
    inbox = Inbox(holds=step)
    settings = template.copy(tmp_path)
    with closing(open_database(settings)) as database, serving_mail(inbox):
        make_person(database, ANA, "reviewer")
        with database.transaction() as session:
            access.post(session, ANA)
        with closing(worker(settings, inbox)) as process:
            process.start()
            assert inbox.held.wait(2 * SOON), process.log
            process.kill()
        (kept,) = outbox(database)
        assert (kept.state, kept.attempts) == ("waiting", 1)
        inbox.holds = None
        inbox.go.set()
        with database.transaction() as session:  # the time that it had taken for itself runs out
            session.get_one(Letter, kept.id).next_at -= timedelta(hours=1)
        with closing(worker(settings, inbox)) as process:
            process.start()
            until(lambda: outbox(database)[0].state == "sent")
        assert outbox(database)[0].attempts == 2
    assert len(inbox.letters) == (2 if step == "letter" else 1)
    assert {letter["message-id"] for letter in inbox.letters} == {f"<{kept.id}@example.org>"}
