"""HTTP of notices: how often a person wants to be told of what."""

from typing import Any

from fastapi import APIRouter, Response

from services.api.access.callers import Person
from services.api.kit.sessions import ReadSession, WriteSession
from services.api.notices import service
from services.api.notices.schemas import NoticeSettings
from services.web.problems import responses

router = APIRouter(prefix="/api/v1/me/notices", tags=["me"])


@router.get("", response_model=NoticeSettings, responses=responses(401, 403, 422))
def read_notices(response: Response, session: ReadSession, caller: Person) -> dict[str, Any]:
    """How often you are told of each kind of thing by letter."""
    response.headers["Cache-Control"] = "no-store"
    return {"often": service.settings(session, caller)}


@router.put("", response_model=NoticeSettings, responses=responses(400, 401, 403, 408, 413, 422))
def set_notices(response: Response, session: WriteSession, caller: Person, body: NoticeSettings) -> dict[str, Any]:
    """Say how often you want to be told; what is never to be told is not told any more, from now on."""
    response.headers["Cache-Control"] = "no-store"
    return {"often": service.set_all(session, caller, body.often)}
