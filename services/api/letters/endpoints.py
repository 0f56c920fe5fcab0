"""HTTP of letters: whoever holds a token from a letter stops those that follow, without signing in."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from services.api.kit.sessions import ReadSession, WriteSession
from services.api.letters import stops
from services.api.letters.schemas import StopRead
from services.api.letters.stops import Stoppers
from services.web.problems import responses

router = APIRouter(prefix="/api/v1/letters", tags=["letters"])

Token = Annotated[str, Path(max_length=100, description="From the letter")]


@router.get("/stop/{token}", response_model=StopRead, responses=responses(404, 422))
def read_stop(token: Token, request: Request, response: Response, session: ReadSession) -> dict[str, Any]:
    """What a token would stop. Reading stops nothing: programs that look at letters follow their links."""
    response.headers["Cache-Control"] = "no-store"
    return stops.find(session, _stoppers(request), token)


@router.post("/stop/{token}", response_model=StopRead, responses=responses(404, 408, 413, 422))
def stop_letters(
    token: Token,
    request: Request,
    session: WriteSession,
    everything: Annotated[bool, Query(description="All letters of this sender to the same reader")] = False,
) -> dict[str, Any]:
    """Stop letters like the one that brought the token, at once and without signing in (RFC 8058).

    What stands in the body does not matter. Repeating it changes nothing.
    """
    return stops.stop(session, _stoppers(request), token, everything=everything)


def _stoppers(request: Request) -> Stoppers:
    stoppers: Stoppers = request.app.state.stoppers
    return stoppers
