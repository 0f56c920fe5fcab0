"""Rights of readers without an account, and of the secretariat over what they write: rows of the table of rights."""

from typing import Any
from uuid import uuid4

from services.api.kit.moments import now
from services.api.readers import service as readers
from services.api.readers.models import Kind, ReaderMessage, ReaderRequest
from tests.api.rights import OPEN, SECRETARIAT, Call, Row, World, at


def _link(world: World, kind: Kind, *, report: bool = False) -> str:
    """Return the token of a link in a letter to a reader, or in one to an office that may report it."""
    data = {"type": "authority", "id": "alba", "name": "Lea", "text": "Hello?", "question": "", "every": "weekly"}
    said = {"email": f"r{world.number()}@example.org", "language": "en"}
    with world.api.database.transaction() as session:
        if report:
            row: Any = ReaderMessage(
                name="Lea", text="Hello?", to_type="authority", to_id=uuid4(), sent_at=now(), **said
            )
        else:
            row = ReaderRequest(kind=kind, data=data, created_at=now(), **said)
        session.add(row)
        return readers.new_link(session, "report" if report else "request", row.id)


def _reported(world: World) -> str:
    """Return the address of a message that was reported."""
    token = _link(world, "message", report=True)
    world.api.post("/messages/report", json={"token": token}).raise_for_status()
    (one, *_) = world.api.get("/reported-messages", world.secretariat).json()["items"]
    return f"/reported-messages/{one['id']}"


_NOT_OFFERED = "404 " * 8
"""Nothing is offered to readers here, where no letters are sent: tests/api/readers has an installation that does."""

ROWS = [
    Row("GET /offers", OPEN, at("/offers")),
    Row("GET /addressees/{type}/{id}", OPEN, at("/addressees/authority/alba")),
    Row(
        "POST /messages",
        _NOT_OFFERED,
        at(
            "/messages",
            {
                "to": {"type": "authority", "id": "alba"},
                "name": "Lea",
                "email": "lea@example.org",
                "language": "en",
                "text": "Hello?",
            },
        ),
    ),
    Row(
        "POST /followed-searches",
        _NOT_OFFERED,
        at(
            "/followed-searches",
            {"email": "lea@example.org", "language": "en", "question": "q=x", "every": "weekly"},
        ),
    ),
    Row(
        "POST /followed-searches/overview",
        _NOT_OFFERED,
        at("/followed-searches/overview", {"email": "lea@example.org", "language": "en"}),
    ),
    Row(
        "POST /reader-requests/read",
        OPEN,
        lambda w: Call("/reader-requests/read", {"token": _link(w, "overview")}),
    ),
    Row(
        "POST /reader-requests/confirm",
        OPEN,
        lambda w: Call("/reader-requests/confirm", {"token": _link(w, "search")}),
    ),
    Row(
        "POST /followed-searches/stop",
        OPEN,
        lambda w: Call("/followed-searches/stop", {"token": _link(w, "overview")}),
    ),
    Row(
        "POST /messages/report",
        OPEN,
        lambda w: Call("/messages/report", {"token": _link(w, "message", report=True)}),
    ),
    Row("GET /reported-messages", SECRETARIAT, at("/reported-messages")),
    Row("POST /reported-messages/{id}/dismiss", SECRETARIAT, lambda w: Call(f"{_reported(w)}/dismiss")),
    Row("POST /reported-messages/{id}/block", SECRETARIAT, lambda w: Call(f"{_reported(w)}/block")),
]
