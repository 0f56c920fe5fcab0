"""HTTP of readers without an account: they write to offices and follow searches; the secretariat sees what is reported.

Nothing happens by a GET, nor by anything that stands in a letter: programs that look at mail open every link of it.
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from services.api.access.callers import Secretariat, seen
from services.api.access.idempotency import IdempotencyKey, once
from services.api.kit.moments import moment
from services.api.kit.paging import Cursor, Limit, Page, cut, decode, encode, link_next
from services.api.kit.sessions import ReadSession, WriteSession
from services.api.readers import service
from services.api.readers.rules import Rules
from services.api.readers.schemas import (
    AddresseeRead,
    Confirmed,
    FollowCreate,
    FollowStop,
    LinkToken,
    MessageCreate,
    Offers,
    OverviewCreate,
    ReportedRead,
    RequestRead,
    RequestTaken,
)
from services.web.bounds import RateLimit
from services.web.problems import NotFound, responses

router = APIRouter(prefix="/api/v1", tags=["readers"])

AddresseeType = Annotated[
    str, Path(max_length=40, pattern="^[a-z-]+$", description="A type of records, or `authority`")
]
AddresseeId = Annotated[str, Path(max_length=120, pattern="^[A-Za-z0-9-]+$", description="Id or slug")]
ASKED = responses(400, 404, 408, 413, 422)
BY_LINK = responses(400, 408, 413, 422)


def _rules(request: Request) -> Rules:
    rules: Rules = request.app.state.clerk.rules
    return rules


def _take(request: Request, *, searches: bool = False) -> RequestTaken:
    """Count what is asked from where it is asked; raise `NotFound` where it is not offered."""
    rules = _rules(request)
    if not rules.letters or (searches and not rules.searches):
        raise NotFound("This installation does not offer it: it sends no letters, or has no search to ask")
    limit: RateLimit = request.app.state.asks
    limit.hit("ask", seen(request).address)
    return RequestTaken()


@router.get("/offers", response_model=Offers, responses=responses(422))
def read_offers(request: Request) -> Offers:
    """What is offered here to readers without an account."""
    rules = _rules(request)
    return Offers(messages=rules.letters, followed_searches=rules.letters and rules.searches)


@router.get("/addressees/{type}/{id}", response_model=AddresseeRead, responses=responses(404, 422))
def read_addressee(type: AddresseeType, id: AddresseeId, session: ReadSession) -> dict[str, Any]:
    """A public record or an authority, and whose office is behind it."""
    return service.addressee(session, type, id)


@router.post("/messages", status_code=202, response_model=RequestTaken, responses=ASKED)
def write_to_office(request: Request, session: WriteSession, body: MessageCreate) -> RequestTaken:
    """Write to the office behind a public record, or an authority's; it is handed on once the address is confirmed.

    A letter with a link goes to the address. Whoever answers the message writes to it straight, and shows an address
    of their own. The answer here is the same, whatever is known of the address.
    """
    taken = _take(request)
    service.ask_for_message(session, body)
    return taken


@router.post("/followed-searches", status_code=202, response_model=RequestTaken, responses=ASKED)
def follow_search(request: Request, session: WriteSession, body: FollowCreate) -> RequestTaken:
    """Ask for a letter with what is new in a search; it is followed once the address is confirmed."""
    taken = _take(request, searches=True)
    service.ask_to_follow(session, body)
    return taken


@router.post("/followed-searches/overview", status_code=202, response_model=RequestTaken, responses=ASKED)
def ask_for_overview(request: Request, session: WriteSession, body: OverviewCreate) -> RequestTaken:
    """Ask for a letter with a link to all that an address follows; none goes to who follows nothing."""
    taken = _take(request, searches=True)
    service.ask_for_overview(session, body)
    return taken


@router.post("/reader-requests/read", response_model=RequestRead, responses=BY_LINK)
def read_request(session: ReadSession, response: Response, body: LinkToken) -> dict[str, Any]:
    """What the link of a letter to a reader is about; nothing comes of reading it."""
    response.headers["Cache-Control"] = "no-store"
    return service.read(session, body.token.get_secret_value())


@router.post("/reader-requests/confirm", response_model=Confirmed, responses=responses(400, 408, 409, 413, 422))
def confirm_request(session: WriteSession, body: LinkToken) -> Confirmed:
    """Let it happen: the message is handed on, or the search followed. A link is good once."""
    return Confirmed(kind=service.confirm(session, body.token.get_secret_value()))


@router.post("/followed-searches/stop", status_code=204, response_class=Response, responses=BY_LINK)
def stop_following(session: WriteSession, body: FollowStop) -> None:
    """Stop a search, or all, of those that the link of a letter lists."""
    service.stop_by_list(session, body.token.get_secret_value(), body.search)


@router.post("/messages/report", status_code=204, response_class=Response, responses=BY_LINK)
def report_message(session: WriteSession, body: LinkToken) -> None:
    """Bring a message before the secretariat, by the link in the letter that brought it."""
    service.report(session, body.token.get_secret_value())


@router.get("/reported-messages", response_model=Page[ReportedRead], responses=responses(401, 403, 422))
def list_reported_messages(
    request: Request,
    response: Response,
    session: ReadSession,
    caller: Secretariat,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> dict[str, Any]:
    """Messages that whoever got them reported, the oldest report first."""
    rows, more = cut(service.reported(session, decode(cursor, moment), limit), limit)
    next = encode(rows[-1].reported_at.isoformat(), rows[-1].id) if more and rows[-1].reported_at else None
    link_next(request, response, next)
    response.headers["Cache-Control"] = "no-store"
    return {"items": [service.reported_shown(session, row) for row in rows], "next": next}


@router.post(
    "/reported-messages/{id}/dismiss",
    status_code=204,
    response_class=Response,
    responses=responses(401, 403, 404, 408, 413, 422),
)
def dismiss_message(
    request: Request, id: UUID, session: WriteSession, caller: Secretariat, idempotency_key: IdempotencyKey = None
) -> Response:
    """Decide that a message is none to act on; it is forgotten."""
    return once(session, caller, request, idempotency_key, None, lambda: _done(service.dismiss, session, caller, id))


@router.post(
    "/reported-messages/{id}/block",
    status_code=204,
    response_class=Response,
    responses=responses(401, 403, 404, 408, 413, 422),
)
def block_reader(
    request: Request, id: UUID, session: WriteSession, caller: Secretariat, idempotency_key: IdempotencyKey = None
) -> Response:
    """Send nothing any more in the name of the message's address, and forget all that is there of it."""
    return once(session, caller, request, idempotency_key, None, lambda: _done(service.block, session, caller, id))


def _done(act: Any, *arguments: Any) -> Response:
    act(*arguments)
    return Response(status_code=204)
