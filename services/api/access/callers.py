"""The caller of a request, as endpoints ask for it: anybody, somebody who is known, or somebody of a role."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from services.api.access import service, sessions
from services.api.access.desk import Desk
from services.api.access.service import Caller, KeyRefused
from services.api.access.sessions import Seen
from services.api.kit.db import Database
from services.api.kit.outages import said, unavailable
from services.api.kit.sessions import database_of
from services.web.bounds import RateLimit
from services.web.observe import log
from services.web.problems import Forbidden, Unauthorized, showable

_bearer = HTTPBearer(
    auto_error=False,
    bearerFormat="praxis_…",
    description="The token of a session, as `POST /api/v1/sessions` gives it, or a key made by `praxis key create`",
)


def desk_of(request: Request) -> Desk:
    """Return the desk of the app that serves a request."""
    desk: Desk = request.app.state.desk
    return desk


def seen(request: Request) -> Seen:
    """Return where a request comes from."""
    return Seen(_address(request), showable(request.headers.get("user-agent", ""), 199))


def _address(request: Request) -> str:
    return showable(request.client.host, 59) if request.client else "unknown"


async def _anybody(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Caller | None:
    if "authorization" not in request.headers:
        return None
    return await run_in_threadpool(_authenticated, request, credentials)


def _authenticated(request: Request, credentials: HTTPAuthorizationCredentials | None) -> Caller:
    desk, database = desk_of(request), database_of(request)
    try:
        if credentials is None:
            raise KeyRefused("Send the token as `Authorization: Bearer praxis_…`")
        with database.transaction(write=False) as session:
            caller = service.authenticate(session, credentials.credentials)
            due = sessions.due(session, caller, desk.rules)
    except KeyRefused as refused:
        address = _address(request)
        desk.refusals.hit("refused key", address)
        log.warning("key refused", address=address)
        raise Unauthorized(str(refused)) from None
    if due:
        _touch(database, desk, caller)
    return caller


def _touch(database: Database, desk: Desk, caller: Caller) -> None:
    """Tell a session that it is in use; one that a busy database cannot be told of now is told by a later request."""
    try:
        with database.transaction() as session:
            sessions.touch(session, caller, desk.rules)
    except SQLAlchemyError as error:
        if unavailable(error) is None:
            raise
        log.warning("session not renewed", cause=said(error))


def _somebody(request: Request, caller: Annotated[Caller | None, Depends(_anybody)]) -> Caller:
    if caller is None:
        raise Unauthorized("This needs a session or a key: send its token as `Authorization: Bearer praxis_…`")
    request.state.caller = caller
    if request.method not in ("GET", "HEAD"):
        limit: RateLimit = request.app.state.writes
        limit.hit("write", caller.id)
    return caller


def only(allowed: Callable[[Caller], bool], refusal: str) -> Callable[[Caller], Caller]:
    """Return a dependency that gives the caller, or raises `Forbidden` for one who is not allowed."""

    def check(caller: Annotated[Caller, Depends(_somebody)]) -> Caller:
        if not allowed(caller):
            raise Forbidden(refusal)
        return caller

    return check


def audit_refusal(request: Request) -> None:
    """Keep a trace of a write that its caller may not do, in a transaction of its own: the request's is undone."""
    caller: Caller | None = getattr(request.state, "caller", None)
    with database_of(request).transaction() as session:
        path = showable(request.url.path, 79)  # and an ellipsis
        service.audit(session, caller, "refused", "route", path, {"method": request.method})


_person = only(lambda caller: caller.is_person, "This is for people who have signed in, not for keys")
_secretariat = only(lambda caller: caller.is_secretariat, "This needs the rights of the secretariat")
_admin = only(lambda caller: caller.is_admin, "This needs the rights of an admin")

Anybody = Annotated[Caller | None, Depends(_anybody)]
"""The caller, none without a token; a wrong token is refused all the same."""
Somebody = Annotated[Caller, Depends(_somebody)]
"""A caller who is known, by a session or a key."""
Person = Annotated[Caller, Depends(_person)]
"""A person in a session."""
Secretariat = Annotated[Caller, Depends(_secretariat)]
"""A caller of the secretariat, or an admin."""
Admin = Annotated[Caller, Depends(_admin)]
"""An admin."""
