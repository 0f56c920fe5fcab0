"""HTTP of sessions and passwords: how people show who they are."""

from typing import Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response

from services.api.access import sessions
from services.api.access.callers import Person, desk_of, seen
from services.api.access.desk import Opened
from services.api.access.schemas import (
    PasswordChange,
    Redeem,
    ResetRequest,
    ResetTaken,
    SessionList,
    SessionOpened,
    SignIn,
)
from services.api.kit.moments import rfc3339
from services.api.kit.sessions import ReadSession, WriteSession
from services.web.problems import responses

router = APIRouter(prefix="/api/v1", tags=["sessions"])


@router.post("/sessions", status_code=201, response_model=SessionOpened, responses=responses(400, 401, 408, 413, 422))
async def open_session(request: Request, body: SignIn) -> Response:
    """Sign in. The token is shown this once; send it as `Authorization: Bearer`, it is never taken from a cookie."""
    desk, here = desk_of(request), seen(request)
    if body.code is not None:
        verifier = body.verifier.get_secret_value() if body.verifier else None
        return opened_answer(await desk.exchange(body.code.get_secret_value(), verifier, here), 201)
    assert body.email is not None and body.password is not None  # noqa: S101, PT018 - the model has seen to it
    return opened_answer(await desk.sign_in(body.email, body.password.get_secret_value(), here), 201)


@router.get("/sessions", response_model=SessionList, responses=responses(401, 403, 422))
def list_sessions(response: Response, session: ReadSession, caller: Person) -> dict[str, Any]:
    """Your sessions, the newest first."""
    response.headers["Cache-Control"] = "no-store"
    return {
        "items": [
            {
                "id": one.id,
                "current": one.id == caller.session_id,
                "address": one.address,
                "agent": one.agent,
                "created_at": rfc3339(one.created_at),
                "expires_at": rfc3339(one.expires_at),
                "idle_until": rfc3339(one.idle_until),
            }
            for one in sessions.own(session, caller)
        ]
    }


@router.delete("/sessions/current", status_code=204, response_class=Response, responses=responses(401, 403, 422))
def end_current_session(session: WriteSession, caller: Person) -> None:
    """Sign out."""
    assert caller.session_id is not None  # noqa: S101 - a person has one
    sessions.end(session, caller, caller.session_id)


@router.delete("/sessions/{id}", status_code=204, response_class=Response, responses=responses(401, 403, 404, 422))
def end_session(id: UUID, session: WriteSession, caller: Person) -> None:
    """End one of your sessions, on another machine say."""
    sessions.end(session, caller, id)


@router.put("/me/password", response_model=SessionOpened, responses=responses(400, 401, 403, 408, 413, 422))
async def change_password(request: Request, caller: Person, body: PasswordChange) -> Response:
    """Set another password. All your sessions end; the answer opens a new one."""
    present, password = body.present_password.get_secret_value(), body.password.get_secret_value()
    return opened_answer(await desk_of(request).change_password(caller, present, password, seen(request)), 200)


@router.post("/password-resets", status_code=202, response_model=ResetTaken, responses=responses(400, 408, 413, 422))
async def ask_for_reset(request: Request, body: ResetRequest) -> dict[str, str]:
    """Ask for a token by which to set a password; the answer is the same whether there is such an account or not."""
    return {"delivery": await desk_of(request).ask_for_reset(body.email, seen(request))}


@router.post(
    "/password-resets/redeem", status_code=204, response_class=Response, responses=responses(400, 408, 413, 422)
)
async def redeem_token(request: Request, body: Redeem) -> None:
    """Set a password by a token, which is good once. All sessions of the account end: sign in with the new password."""
    await desk_of(request).redeem(body.token.get_secret_value(), body.password.get_secret_value(), seen(request))


def opened_answer(opened: Opened, status: int) -> Response:
    """Answer with a session that was opened, and its token; nobody may keep this answer."""
    one = opened.session
    body = {
        "id": str(one.id),
        "account": str(opened.account.id),
        "token": opened.token,
        "created_at": rfc3339(one.created_at),
        "expires_at": rfc3339(one.expires_at),
        "idle_until": rfc3339(one.idle_until),
    }
    return Response(orjson.dumps(body), status, {"Cache-Control": "no-store"}, "application/json")
