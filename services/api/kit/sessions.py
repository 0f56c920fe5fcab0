"""What routes take of the database: a request's own transaction, which reads or writes."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from services.api.kit.db import Database


def database_of(request: Request) -> Database:
    """Return the database of the app that serves a request."""
    database: Database = request.app.state.database
    return database


def _read_session(request: Request) -> Iterator[Session]:
    with database_of(request).transaction(write=False) as session:
        yield session


def _write_session(request: Request) -> Iterator[Session]:
    with database_of(request).transaction() as session:
        yield session
    request.scope["late_headers"] = session.info.get("headers", [])


ReadSession = Annotated[Session, Depends(_read_session, scope="function")]
WriteSession = Annotated[Session, Depends(_write_session, scope="function")]
"""A request's own transaction: committed before the response is sent."""
