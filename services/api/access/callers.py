"""The caller of a request, as endpoints ask for it: anybody, somebody with a key, or the secretariat."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from services.api.access import service
from services.api.access.service import Caller, KeyRefused
from services.api.kit.db import database_of
from services.web.bounds import RateLimit
from services.web.observe import log
from services.web.problems import Forbidden, Unauthorized, showable

_bearer = HTTPBearer(auto_error=False, bearerFormat="praxis_…", description="A key made by `praxis key create`")


async def _anybody(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Caller | None:
    if "authorization" not in request.headers:
        return None
    return await run_in_threadpool(_authenticated, request, credentials)


def _authenticated(request: Request, credentials: HTTPAuthorizationCredentials | None) -> Caller:
    try:
        if credentials is None:
            raise KeyRefused("Send the key as `Authorization: Bearer praxis_…`")
        with database_of(request).transaction(write=False) as session:
            return service.authenticate(session, credentials.credentials)
    except KeyRefused as refused:
        address = request.client.host if request.client else "unknown"
        limit: RateLimit = request.app.state.refusals
        limit.hit("refused key", address)
        log.warning("key refused", address=address)
        raise Unauthorized(str(refused)) from None


def _somebody(request: Request, caller: Annotated[Caller | None, Depends(_anybody)]) -> Caller:
    if caller is None:
        raise Unauthorized("This needs a key: send it as `Authorization: Bearer praxis_…`")
    request.state.caller = caller
    if request.method not in ("GET", "HEAD"):
        limit: RateLimit = request.app.state.writes
        limit.hit("write", caller.id)
    return caller


def _secretariat(request: Request, caller: Annotated[Caller, Depends(_somebody)]) -> Caller:
    if not caller.is_secretariat:
        raise Forbidden("This needs a key of the secretariat")
    return caller


def audit_refusal(request: Request) -> None:
    """Keep a trace of a write that its caller may not do, in a transaction of its own: the request's is undone."""
    caller: Caller = request.state.caller
    with database_of(request).transaction() as session:
        path = showable(request.url.path, 79)  # and an ellipsis
        service.audit(session, caller, "refused", "route", path, {"method": request.method})


Anybody = Annotated[Caller | None, Depends(_anybody)]
"""The caller, none without a key; a wrong key is refused all the same."""
Somebody = Annotated[Caller, Depends(_somebody)]
"""A caller with a valid key."""
Secretariat = Annotated[Caller, Depends(_secretariat)]
"""A caller with a key of the secretariat."""
