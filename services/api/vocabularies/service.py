"""Vocabularies as everybody sees them, in answers and in the change feed."""

from typing import Any

from sqlmodel import Session

from services.api.changes import service as changes
from services.api.vocabularies.terms import vocabularies
from services.web.problems import NotFound


def names() -> list[dict[str, Any]]:
    """Return every vocabulary's name and number of terms."""
    return [{"name": name, "terms": len(terms)} for name, terms in vocabularies().items()]


def public(name: str) -> dict[str, Any]:
    """Return a vocabulary with its codes in their order and their labels; raise `NotFound`."""
    if name not in vocabularies():
        raise NotFound(f"There is no vocabulary '{name[:80]}'; there are: {', '.join(vocabularies())}")
    terms = [{"code": code, "labels": labels} for code, labels in vocabularies()[name].items()]
    return {"type": "vocabulary", "id": name, "terms": terms}


def stale(session: Session) -> dict[str, bytes | None]:
    """Return what the feed must take up to show this version's vocabularies: bodies by name, none for dropped ones."""
    published = dict(changes.public_bodies(session, "vocabulary"))
    current: dict[str, bytes | None] = {name: changes.render(public(name)) for name in vocabularies()}
    dropped: dict[str, bytes | None] = dict.fromkeys(published.keys() - current.keys())
    return {name: body for name, body in current.items() if published.get(name) != body} | dropped


def publish(session: Session) -> None:
    """Bring the feed in line with the vocabularies of this version."""
    changes.hold(session)
    for name, body in stale(session).items():
        if body is None:
            changes.withdraw(session, "vocabulary", name)
        else:
            changes.publish(session, "vocabulary", name, body)
