"""HTTP of the thesaurus: everybody reads, the secretariat writes."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlmodel import Session

from services.api.access.callers import Anybody, Secretariat
from services.api.changes import service as changes
from services.api.kit.preconditions import (
    IfMatch,
    IfNoneMatch,
    expected_or_new,
    expected_version,
    set_version,
)
from services.api.kit.sessions import ReadSession, WriteSession, database_of
from services.api.thesaurus import importing, service, skos
from services.api.thesaurus.models import ThesaurusConcept
from services.api.thesaurus.schemas import ConceptRead, ConceptWrite, ThesaurusReport
from services.web.problems import Fault, Invalid, responses

router = APIRouter(prefix="/api/v1/vocabularies/thesaurus", tags=["thesaurus"])

IMPORT = f"{router.prefix}/import"
"""Where files are sent, whose bound is another one than that of other bodies."""

MEDIA_TYPES: dict[str, skos.Form] = {"text/turtle": "turtle", "application/rdf+xml": "rdf-xml"}
_FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_JSON_LD: dict[str, Any] = {"schema": {"type": "array", "items": {"type": "object"}}}
_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": dict.fromkeys(MEDIA_TYPES, _FILE)}}

ConceptCode = Annotated[str, Path(max_length=80, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


@router.get("/concepts/{code}", response_model=ConceptRead, responses=responses(401, 404, 422))
def read_concept(code: ConceptCode, response: Response, session: ReadSession, caller: Anybody) -> dict[str, Any]:
    """One concept."""
    found = service.find(session, code)
    if caller:
        set_version(response, found.version)
    return service.shown(session, found)


@router.put(
    "/concepts/{code}",
    response_model=ConceptRead,
    responses={201: {"model": ConceptRead}, **responses(400, 401, 403, 408, 412, 413, 422, 428)},
)
def write_concept(
    code: ConceptCode,
    session: WriteSession,
    caller: Secretariat,
    body: ConceptWrite,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Replace a concept (If-Match), or add one (`If-None-Match: *`); those that it is related to say so too then."""
    version = expected_or_new(if_match, if_none_match)
    written = service.write(session, caller, code, body, version)
    return _answer(session, written, created=version is None)


@router.delete("/concepts/{code}", status_code=204, responses=responses(401, 403, 409, 412, 422, 428))
def delete_concept(code: ConceptCode, session: WriteSession, caller: Secretariat, if_match: IfMatch = None) -> None:
    """Delete a concept that no other one falls under."""
    service.delete(session, caller, code, expected_version(if_match))


@router.get(".ttl", response_class=Response, responses={200: {"content": {"text/turtle": _FILE}}, **responses()})
def read_turtle(request: Request, session: ReadSession) -> Response:
    """The whole thesaurus as SKOS, in Turtle."""
    return Response(skos.write(service.contents(session), _base(request), "turtle"), media_type="text/turtle")


@router.get(
    ".jsonld", response_class=Response, responses={200: {"content": {"application/ld+json": _JSON_LD}}, **responses()}
)
def read_json_ld(request: Request, session: ReadSession) -> Response:
    """The whole thesaurus as SKOS, in JSON-LD."""
    body = skos.write(service.contents(session), _base(request), "json-ld")
    return Response(body, media_type="application/ld+json")


async def _sent(request: Request) -> tuple[bytes, skos.Form]:
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if (form := MEDIA_TYPES.get(media_type)) is None:
        message = "send the file itself as the body, and say what it is"
        fault = Fault(
            location="header", field="Content-Type", message=message, value=media_type, allowed=[*MEDIA_TYPES]
        )
        raise Invalid([fault])
    return await request.body(), form


@router.post(
    "/import",
    response_model=ThesaurusReport,
    responses=responses(401, 403, 408, 413, 422),
    openapi_extra=_BODY,
)
def import_skos(
    request: Request,
    caller: Secretariat,
    sent: Annotated[tuple[bytes, skos.Form], Depends(_sent)],
    dry_run: Annotated[bool, Query(description="Only tell what would be done")] = False,
) -> Response:
    """Take in concepts from SKOS, in Turtle or RDF/XML; those of a code that is here are replaced, none is deleted.

    Concepts with faults are reported and do not stop the others.
    """
    file = skos.read(*sent, most=service.MOST_CONCEPTS)
    database = database_of(request)
    with database.transaction(write=not dry_run) as session:
        report = importing.take_in(session, caller, file, dry_run=dry_run)
    answer = Response(report.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"})
    if mark := changes.committed(session):
        answer.headers["Praxis-Seq"] = str(mark)
    return answer


def _base(request: Request) -> str:
    """Return what the address of each concept begins with: this installation's own, where it was told its own."""
    public: str | None = request.app.state.public_url
    return f"{public.rstrip('/')}{router.prefix}/concepts/" if public else "urn:praxis:thesaurus:"


def _answer(session: Session, concept: ThesaurusConcept, *, created: bool) -> Response:
    answer = Response(orjson.dumps(service.shown(session, concept)), media_type="application/json")
    set_version(answer, concept.version)
    if created:
        answer.status_code = 201
        answer.headers["Location"] = f"{router.prefix}/concepts/{concept.code}"
    return answer
