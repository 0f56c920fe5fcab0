"""HTTP of claims: officers ask for records, the secretariat grants or refuses, and records are handed over."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias
from uuid import UUID

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel
from sqlmodel import Session

from services.api.access.callers import Secretariat, Somebody
from services.api.access.idempotency import IdempotencyKey, once
from services.api.access.service import Caller
from services.api.authorities import service as authorities
from services.api.authorities.endpoints import AuthorityId
from services.api.claims import rendering, service
from services.api.claims.models import RecordClaim
from services.api.claims.schemas import (
    ClaimCreate,
    ClaimRead,
    ClaimRefusal,
    ClaimState,
    HandedOver,
    HandOver,
    HandOverAll,
)
from services.api.forms.types import RecordType
from services.api.kit.moments import moment
from services.api.kit.paging import Cursor, Limit, Page, cut, decode, encode, link_next
from services.api.kit.preconditions import IfMatch, expected_version, set_version
from services.api.kit.sessions import ReadSession, WriteSession
from services.api.records import schemas
from services.api.records import service as records
from services.api.records.endpoints import PREFIX, answer, parameter, record_id
from services.web.problems import responses

router = APIRouter(prefix=PREFIX, tags=["claims"])

ClaimId = Annotated[UUID, Path(description="Id of a claim")]
_DECIDING = responses(400, 401, 403, 404, 408, 409, 412, 413, 422, 428)


def router_of(type: RecordType) -> APIRouter:
    """Return the addresses at which records of a type are asked for and handed over."""
    routes = APIRouter(prefix=f"{PREFIX}/{type.plural}", tags=[type.plural])
    one, name = f"/{{{parameter(type)}}}", parameter(type)
    if TYPE_CHECKING:
        Id: TypeAlias = str
    else:
        Id = record_id(type)

    @routes.post(
        f"{one}/claims",
        name=f"claim_{name}",
        status_code=201,
        response_model=ClaimRead,
        responses=responses(400, 401, 403, 404, 408, 409, 413, 422),
    )
    def ask(
        request: Request,
        record: Id,
        session: WriteSession,
        caller: Somebody,
        body: ClaimCreate,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Ask for a public record for one's own authority; the secretariat decides."""

        def act() -> Response:
            claim = service.ask(session, caller, type, record, body.statement)
            return _answer(session, caller, claim, created=True)

        return once(session, caller, request, idempotency_key, body, act)

    @routes.post(f"{one}/owner", name=f"hand_over_{name}", response_model=schemas.of(type).edit, responses=_DECIDING)
    def hand_over(
        request: Request,
        record: Id,
        session: WriteSession,
        caller: Secretariat,
        body: HandOver,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Hand a record over to another authority, or to none; the history of its case tells of it."""

        def act() -> Response:
            found, version = records.find(session, type, record, caller), expected_version(if_match)
            return answer(session, service.hand_over(session, caller, found, body.authority, body.reason, version))

        return once(session, caller, request, idempotency_key, body, act)

    return routes


@router.get("/claims", response_model=Page[ClaimRead], responses=responses(401, 422))
def list_claims(
    request: Request,
    response: Response,
    session: ReadSession,
    caller: Somebody,
    state: Annotated[ClaimState | None, Query(description="Only those in this state")] = None,
    record: Annotated[UUID | None, Query(description="Only those to the record of this id")] = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> dict[str, Any]:
    """Claims, the newest first: all of them for the secretariat, for officers those of their authority."""
    found = service.page(session, caller, state, record, decode(cursor, moment), limit)
    rows, more = cut(found, limit)
    next = encode(rows[-1].asked_at.isoformat(), rows[-1].id) if more else None
    link_next(request, response, next)
    response.headers["Cache-Control"] = "no-store"
    return {"items": rendering.claims(session, caller, rows), "next": next}


@router.get("/claims/{claim:uuid}", response_model=ClaimRead, responses=responses(401, 404, 422))
def read_claim(claim: ClaimId, session: ReadSession, caller: Somebody) -> Response:
    """One claim."""
    return _answer(session, caller, service.find(session, claim, caller))


@router.post("/claims/{claim:uuid}/grant", response_model=ClaimRead, responses=_DECIDING)
def grant_claim(
    request: Request,
    claim: ClaimId,
    session: WriteSession,
    caller: Secretariat,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Hand the record over to the office that asks; other claims to it are refused."""
    return _decide(request, session, caller, claim, if_match, idempotency_key, None, service.grant)


@router.post("/claims/{claim:uuid}/refuse", response_model=ClaimRead, responses=_DECIDING)
def refuse_claim(
    request: Request,
    claim: ClaimId,
    session: WriteSession,
    caller: Secretariat,
    body: ClaimRefusal,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Refuse a claim, and say why."""

    def refuse(session: Session, caller: Caller, found: RecordClaim, version: int) -> RecordClaim:
        return service.refuse(session, caller, found, version, body.reason)

    return _decide(request, session, caller, claim, if_match, idempotency_key, body, refuse)


@router.post("/claims/{claim:uuid}/withdraw", response_model=ClaimRead, responses=_DECIDING)
def withdraw_claim(
    request: Request,
    claim: ClaimId,
    session: WriteSession,
    caller: Somebody,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Take back a claim of one's own authority."""
    return _decide(request, session, caller, claim, if_match, idempotency_key, None, service.withdraw)


@router.post(
    "/authorities/{authority}/hand-over",
    response_model=HandedOver,
    responses=responses(400, 401, 403, 404, 408, 409, 413, 422),
)
def hand_over_all(
    request: Request,
    authority: AuthorityId,
    session: WriteSession,
    caller: Secretariat,
    body: HandOverAll,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Hand over all records and cases of an office that ends to another one, at once."""

    def act() -> Response:
        ending = authorities.find(session, authority)
        handed, cases = service.hand_over_all(session, caller, ending, body.to, body.reason)
        shown = {"authority": authorities.find(session, body.to).slug, "records": handed, "cases": cases}
        return Response(orjson.dumps(shown), media_type="application/json")

    return once(session, caller, request, idempotency_key, body, act)


def _decide(
    request: Request,
    session: Session,
    caller: Caller,
    id: UUID,
    if_match: str | None,
    key: str | None,
    body: BaseModel | None,
    decide: Callable[[Session, Caller, RecordClaim, int], RecordClaim],
) -> Response:
    def act() -> Response:
        found, version = service.find(session, id, caller), expected_version(if_match)
        return _answer(session, caller, decide(session, caller, found, version))

    return once(session, caller, request, key, body, act)


def _answer(session: Session, caller: Caller, claim: RecordClaim, *, created: bool = False) -> Response:
    (shown,) = rendering.claims(session, caller, [claim])
    answer = Response(orjson.dumps(shown), media_type="application/json")
    set_version(answer, claim.version)
    if created:
        answer.status_code = 201
        answer.headers["Location"] = f"{PREFIX}/claims/{claim.id}"
    return answer
