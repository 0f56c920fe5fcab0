"""Readers in tests: what they send, and the letters that come of it."""

import re
from pathlib import Path
from typing import Any

from sqlalchemy import select

from services.api.letters.models import Letter
from services.api.letters.writers import Block, Link, Quote
from services.api.readers.letters import WRITERS
from services.api.settings import Settings
from tests.harness.support import Api, Json, Template, practice_body

LEA = "lea.reader@example.org"
OFFICER = "olga@alba.example.org"
TEXT = "Which forms did you use?\nSee https://town.example.org <b>now</b>"
TOKEN = re.compile(r"praxis_[a-z]_[A-Za-z0-9_-]+")


def offering(template: Template, folder: Path, **more: Any) -> Settings:
    """Return settings of an installation that sends letters."""
    options = {"smtp_url": "smtp://127.0.0.1:9", "mail_from": "Praxis <praxis@example.org>"}
    options |= {"public_url": "https://praxis.example.org"}
    return template.copy(folder).model_copy(update=options | more)


def published(api: Api, key: str, owner: str | None = "alba", title: str = "A desk for nurses") -> Json:
    """Publish a practice and return it as everybody sees it."""
    made = api.post("/practices", key, json=practice_body(title) | {"owner": owner}).json()
    answer = api.post(f"/practices/{made['id']}/publish", key, version=1)
    answer.raise_for_status()
    shown: Json = answer.json()
    return shown


def message(to: str, *, email: str = LEA, text: str = TEXT, type: str = "practice", **more: Any) -> Json:
    """Return a valid `MessageCreate`."""
    return {"to": {"type": type, "id": to}, "name": "Lea", "email": email, "language": "it", "text": text} | more


def follow(question: str = "q=nurses", *, email: str = LEA, every: str = "weekly", language: str = "fr") -> Json:
    """Return a valid `FollowCreate`."""
    return {"email": email, "language": language, "question": question, "every": every}


def posted(api: Api) -> list[Letter]:
    """Return the letters that have gone out since this was asked last, each with its text in `data`."""
    gone = []
    with api.database.transaction() as session:
        for letter in session.scalars(select(Letter).order_by(Letter.created_at)).all():
            written = WRITERS[letter.kind](session, letter)
            if written:
                said = "\n".join(map(_plain, written.blocks))
                gone.append(letter)
                letter.data = {"subject": written.subject, "text": said}
            session.delete(letter)
            session.flush()
        session.expunge_all()
    return gone


def _plain(block: Block) -> str:
    if isinstance(block, Link):
        return f"{block.label}: {block.path}"
    return block.text if isinstance(block, Quote) else block


def token_in(letter: Letter) -> str:
    """Return the one token of a letter."""
    (found,) = TOKEN.findall(letter.data["text"])
    return str(found)


def asked(api: Api, path: str, body: Json) -> str:
    """Ask for something and return the token of the letter that comes."""
    answer = api.post(path, json=body)
    assert (answer.status_code, answer.json()) == (202, {"confirm_by": "e-mail"}), answer.text
    (letter,) = posted(api)
    assert letter.to == body["email"]
    return token_in(letter)


def confirm(api: Api, token: str) -> int:
    """Confirm, and return the status."""
    return api.post("/reader-requests/confirm", json={"token": token}).status_code
