"""Readers in tests: what they send, and the letters that come of it over a real SMTP server."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from services.api.readers import letters
from tests.harness.letters import all_handled, with_mail
from tests.harness.smtp import Inbox, serving_mail, text_of
from tests.harness.support import Api, Json, Template, practice_body, running

LEA = "lea.reader@example.org"
OFFICER = "olga@alba.example.org"
TEXT = "Which forms did you use?\nSee https://town.example.org <b>now</b>"
QUOTED = "> Which forms did you use?\n> See https://town.example.org <b>now</b>"
TOKEN = re.compile(r"token=(praxis_[a-z]_[A-Za-z0-9_-]+)")
TAKEN = {"confirm_by": "e-mail"}
"""What is answered to whatever is asked in the name of an address."""
SEARCH = "http://127.0.0.1:9"
"""Where a search service would be: what tests of the api need of it, they bring along."""


class Correspondence(Api):
    """The api with a mailbox in which all its letters arrive."""

    def __init__(self, api: Api, inbox: Inbox) -> None:
        super().__init__(api.app, api.portal)
        self.inbox = inbox

    def posted(self) -> list[EmailMessage]:
        """Return the letters that have gone out since this was asked last."""
        self.portal.call(self.app.state.letters.send_due)
        all_handled(self.database)
        found, self.inbox.letters = self.inbox.letters, []
        return found

    def asked(self, path: str, body: Json) -> str:
        """Ask for something and return the token of the letter that comes."""
        answer = self.post(path, json=body)
        assert (answer.status_code, answer.json()) == (202, TAKEN), answer.text
        (letter,) = self.posted()
        assert letter["to"] == body["email"]
        return token_in(letter)

    def confirm(self, token: str) -> int:
        """Confirm, and return the status."""
        return self.post("/reader-requests/confirm", json={"token": token}).status_code


@contextmanager
def corresponding(template: Template, folder: Path, **more: Any) -> Iterator[Correspondence]:
    """Run an api that sends letters, with further settings."""
    inbox = Inbox()
    with serving_mail(inbox) as server, running(with_mail(template, folder, server, **more)) as api:
        assert letters.WRITERS.keys() <= api.app.state.letters.writers.keys()
        yield Correspondence(api, inbox)


def published(api: Api, key: str, owner: str | None = "alba", title: str = "A desk for nurses") -> Json:
    """Publish a practice and return it as everybody sees it."""
    made = api.post("/practices", key, json=practice_body(title) | {"owner": owner}).json()
    answer = api.post(f"/practices/{made['id']}/publish", key, version=1)
    answer.raise_for_status()
    shown: Json = answer.json()
    return shown


def message(to: str, *, email: str = LEA, text: str = TEXT, type: str = "practice") -> Json:
    """Return a valid `MessageCreate`."""
    return {"to": {"type": type, "id": to}, "name": "Lea", "email": email, "language": "it", "text": text}


def follow(question: str = "q=nurses", *, email: str = LEA, every: str = "weekly", language: str = "fr") -> Json:
    """Return a valid `FollowCreate`."""
    return {"email": email, "language": language, "question": question, "every": every}


def token_in(letter: EmailMessage) -> str:
    """Return the one token of a letter."""
    (found,) = TOKEN.findall(text_of(letter))
    return str(found)
