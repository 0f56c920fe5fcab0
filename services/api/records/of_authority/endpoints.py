"""HTTP of the public records of an authority, for everybody."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from services.api.access.callers import Anybody
from services.api.authorities import service as authorities
from services.api.authorities.endpoints import AuthorityId
from services.api.kit.moments import moment
from services.api.kit.paging import Cursor, Limit, Page, cut, decode, encode, link_next
from services.api.kit.sessions import ReadSession
from services.api.records.of_authority import service
from services.api.records.schemas import IncomingRead, LinkRead
from services.api.vocabularies.terms import Term
from services.web.problems import responses

router = APIRouter(prefix="/api/v1/authorities", tags=["authorities"])


class MentionRead(BaseModel):
    """That a record names an authority: where, and as what."""

    path: str
    relation: str = Field(description="The relation of a link; for other answers the last part of their path")


class RecordOfAuthority(BaseModel):
    """A public record of any type that belongs to an authority or names it, and what it is linked with."""

    type: str
    id: str
    slug: str
    title: dict[str, str] = Field(description="Title by language, in that of the record first")
    published_at: str
    tier: Annotated[str, Term("publication-tiers")]
    state: Annotated[str, Term("publication-states")]
    owned: bool = Field(description="Whether it belongs to the authority")
    mentions: list[MentionRead] = Field(description="Where it names the authority")
    links: list[LinkRead]
    incoming: list[IncomingRead]


@router.get("/{authority}/records", response_model=Page[RecordOfAuthority], responses=responses(401, 404, 422))
def list_records_of_authority(
    request: Request,
    response: Response,
    authority: AuthorityId,
    session: ReadSession,
    caller: Anybody,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> dict[str, Any]:
    """The public records that belong to an authority or name it, of all types, the newest first."""
    found = authorities.find(session, authority)
    rows, more = cut(service.page(session, found, decode(cursor, moment), limit), limit)
    last = rows[-1][0] if more else None
    next = encode(last.created_at.isoformat(), last.id) if last else None
    link_next(request, response, next)
    return {"items": service.shown(session, found, rows), "next": next}
