"""People for tests: accounts made in the database, and sessions without the price of a password."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import structlog
from sqlalchemy import select
from sqlmodel import SQLModel, col

from services.api.access import accounts, passwords, sessions, tokens
from services.api.access.accounts import Person
from services.api.access.models import AuditEvent
from services.api.access.rules import Rules
from services.api.access.service import OPERATOR, Role
from services.api.access.sessions import Seen
from services.api.authorities import service as authorities
from services.api.kit.db import Database
from services.web.observe import configure_logging
from tests.harness.support import Api

ANA = "ana@example.org"
PASSWORD = "correct horse battery staple"
HERE = Seen("192.0.2.1", "tests")


def make_person(
    database: Database, email: str, role: Role, authority: str | None = None, password: str | None = None
) -> str:
    """Give a person an account, of an organisation unless an authority is named, and return its id."""
    with database.transaction() as session:
        home = authorities.find(session, authority).id if authority else None
        name = email.partition("@")[0].title()
        person = Person(email, name, role, home, None if home else "The network")
        made = accounts.create(session, OPERATOR, person)
        session.flush()
        if password:
            tokens.set_password(session, made, passwords.hash_of(password), "password.set")
        return str(made.id)


def session_of(database: Database, email: str) -> str:
    """Open a session for a person and return its token."""
    with database.transaction() as session:
        return sessions.open_session(session, accounts.find_by_email(session, email), Rules(), HERE, "test")[1]


def person(api: Api, name: str, role: Role, authority: str | None = None) -> str:
    """Give a person an account and return the token of a session."""
    make_person(api.database, f"{name}@example.org", role, authority)
    return session_of(api.database, f"{name}@example.org")


def account_body(name: str, role: str, **more: Any) -> dict[str, Any]:
    """Return a valid `AccountWrite`; of an organisation unless an authority is given."""
    home = {} if "authority" in more else {"organisation": "The network"}
    return {"email": f"{name}@example.org", "name": name.title(), "role": role} | home | more


def sign_in(api: Api, email: str = ANA, password: str = PASSWORD, **more: Any) -> httpx.Response:
    """Sign in by e-mail and password."""
    return api.post("/sessions", json={"email": email, "password": password}, **more)


def actions(api: Api) -> list[tuple[str, str, str]]:
    """Return the audit trail: caller, action and target, the oldest first."""
    with api.database.transaction(write=False) as session:
        events = session.scalars(select(AuditEvent).order_by(col(AuditEvent.at))).all()
        return [(event.caller, event.action, event.target_id) for event in events]


def shift(api: Api, table: type[SQLModel], seconds: float, *names: str) -> None:
    """Let rows look as if some seconds had passed."""
    with api.database.transaction() as session:
        for row in session.scalars(select(table)):
            for name in names:
                if (value := getattr(row, name)) is not None:
                    setattr(row, name, value - timedelta(seconds=seconds))
            session.add(row)


@contextmanager
def logging(json_lines: bool = True) -> Iterator[None]:
    """Log everything to the standard error of this moment, which a test may read."""
    before = structlog.get_config()
    configure_logging("DEBUG", json_lines)
    try:
        yield
    finally:
        structlog.configure(**before)
