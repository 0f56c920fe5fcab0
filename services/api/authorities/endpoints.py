"""HTTP of authorities: everybody reads, the secretariat writes."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlmodel import Session

from services.api.access.callers import Anybody, Secretariat
from services.api.access.idempotency import IdempotencyKey, once
from services.api.authorities import service
from services.api.authorities.models import Authority
from services.api.authorities.repository import Asked
from services.api.authorities.schemas import AuthorityCreate, AuthorityRead, AuthorityWrite, PlacesRead
from services.api.kit.paging import Cursor, Limit, Page, Part, cut, decode, encode, link_next
from services.api.kit.preconditions import IfMatch, expected_version, set_version
from services.api.kit.schema import Slug
from services.api.kit.sessions import ReadSession, WriteSession
from services.api.vocabularies.terms import Term
from services.web.problems import responses

router = APIRouter(prefix="/api/v1/authorities", tags=["authorities"])

AuthorityId = Annotated[str, Path(max_length=120, pattern=r"^[A-Za-z0-9-]+$", description="Id or slug")]


def _asked(
    session: ReadSession,
    q: Annotated[Part | None, Query(description="A part of one of its names, in any language")] = None,
    country: Annotated[Annotated[str, Term("countries")] | None, Query(description="ISO 3166-1 code")] = None,
    level: Annotated[Annotated[str, Term("authority-levels")] | None, Query()] = None,
    network: Annotated[Part | None, Query(max_length=300, description="Name of a network that it belongs to")] = None,
    parent: Annotated[Slug | None, Query(description="Slug or id of the authority that it belongs to")] = None,
    successor: Annotated[Slug | None, Query(description="Slug or id of the authority that took over")] = None,
) -> Asked:
    """What narrows a list of authorities; raise `NotFound` for one that is not there."""
    return Asked(
        part=q,
        country=country,
        level=level,
        network=network,
        parent_id=service.find(session, parent).id if parent else None,
        successor_id=service.find(session, successor).id if successor else None,
    )


AskedFor = Annotated[Asked, Depends(_asked)]


class GeoJson(JSONResponse):
    """Places on a map (RFC 7946)."""

    media_type = "application/geo+json"

    def render(self, content: Any) -> bytes:
        """Return the places as they are sent."""
        return orjson.dumps(content)


@router.get("", response_model=Page[AuthorityRead], responses=responses(401, 404, 422))
def list_authorities(
    request: Request,
    response: Response,
    session: ReadSession,
    caller: Anybody,
    asked: AskedFor,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> dict[str, Any]:
    """Authorities by slug."""
    rows, more = cut(service.page(session, asked, decode(cursor, str), limit), limit)
    next = encode(rows[-1].slug, rows[-1].id) if more else None
    link_next(request, response, next)
    return {"items": [service.public(session, row) for row in rows], "next": next}


@router.get(
    ".geojson",
    response_model=PlacesRead,
    response_class=GeoJson,
    responses=responses(401, 404, 422),
)
def read_places(session: ReadSession, caller: Anybody, asked: AskedFor) -> Response:
    """Authorities on a map: up to 10 000 by slug, those without coordinates too."""
    return GeoJson(service.places(session, asked))


@router.get("/{authority}", response_model=AuthorityRead, responses=responses(401, 404, 422))
def read_authority(authority: AuthorityId, response: Response, session: ReadSession, caller: Anybody) -> dict[str, Any]:
    """One authority."""
    found = service.find(session, authority)
    if caller:
        set_version(response, found.version)
    return service.public(session, found)


@router.post("", status_code=201, response_model=AuthorityRead, responses=responses(400, 401, 403, 408, 409, 413, 422))
def create_authority(
    request: Request,
    session: WriteSession,
    caller: Secretariat,
    body: AuthorityCreate,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Add an authority."""
    return once(
        session,
        caller,
        request,
        idempotency_key,
        body,
        lambda: _answer(session, service.create(session, caller, body), created=True),
    )


@router.put(
    "/{authority}", response_model=AuthorityRead, responses=responses(400, 401, 403, 404, 408, 412, 413, 422, 428)
)
def update_authority(
    authority: AuthorityId,
    session: WriteSession,
    caller: Secretariat,
    body: AuthorityWrite,
    if_match: IfMatch = None,
) -> Response:
    """Replace what is said of an authority; its practices show it at once."""
    found = service.find(session, authority)
    return _answer(session, service.update(session, caller, found, body, expected_version(if_match)))


def _answer(session: Session, authority: Authority, *, created: bool = False) -> Response:
    answer = Response(orjson.dumps(service.public(session, authority)), media_type="application/json")
    set_version(answer, authority.version)
    if created:
        answer.status_code = 201
        answer.headers["Location"] = f"{router.prefix}/{authority.slug}"
    return answer
