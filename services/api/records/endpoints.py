"""HTTP of records of every type: everybody reads what is public, officers their drafts too, the secretariat writes."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from services.api.access.callers import Anybody, Secretariat, Somebody
from services.api.access.idempotency import IdempotencyKey, once
from services.api.access.service import Caller
from services.api.changes import service as changes
from services.api.forms.types import RecordType
from services.api.kit.moments import moment
from services.api.kit.paging import Cursor, Limit, Page, cut, decode, encode, link_next
from services.api.kit.preconditions import IfMatch, expected_version, set_version
from services.api.kit.schema import Language, Schema, Slug
from services.api.kit.sessions import ReadSession, WriteSession, database_of
from services.api.records import rendering, schemas, service
from services.api.records.models import Listed, Record
from services.api.records.schemas import (
    DiffRead,
    RecordCreate,
    RecordReason,
    RecordRename,
    RecordWrite,
    RevisionSummary,
)
from services.api.types import TYPES
from services.web.problems import NotFound, responses

Lang = Annotated[Language | None, Query(description="Language to read in; the original stands where there is none")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
MOVED: dict[int | str, dict[str, Any]] = {308: {"description": "The record has another slug now"}}
PREFIX = "/api/v1"
Act = Callable[[Session, Caller, Record, int], Record]
Answering = Callable[..., Response]


def record_id(type: RecordType) -> Any:
    """Return what declares the part of an address that names a record: `{practice}`, an id or a slug."""
    alias = parameter(type)
    return Annotated[str, Path(alias=alias, max_length=120, pattern=r"^[A-Za-z0-9-]+$", description="Id or slug")]


def parameter(type: RecordType) -> str:
    """Return what the part of an address that names a record is called."""
    return type.name.replace("-", "_")


def router(type: RecordType) -> APIRouter:
    """Return the addresses of a type: `/api/v1/practices` and below."""
    routes = APIRouter(prefix=f"{PREFIX}/{type.plural}", tags=[type.plural])
    _add_reads(routes, type)
    _add_writes(routes, type)
    return routes


def _add_reads(routes: APIRouter, type: RecordType) -> None:
    bodies = schemas.of(type)
    one, name, many = f"/{{{parameter(type)}}}", parameter(type), type.plural.replace("-", "_")
    if TYPE_CHECKING:
        Id: TypeAlias = str
    else:
        Id = record_id(type)

    # Page is filled with a body that was made for the type, which mypy cannot name.
    @routes.get("", name=f"list_{many}", response_model=Page[bodies.summary], responses=responses(401, 404, 422))  # type: ignore[name-defined]
    def list_records(
        request: Request,
        response: Response,
        session: ReadSession,
        caller: Anybody,
        status: Annotated[
            Listed | None, Query(description="Only those of which this is true; `published` are kept up")
        ] = None,
        owner: Annotated[
            Slug | None, Query(description="Only those of the authority that keeps them: slug or id")
        ] = None,
        lang: Lang = None,
        cursor: Cursor = None,
        limit: Limit = 20,
    ) -> dict[str, Any]:
        """The records, the newest first; with a key also the drafts that it may see."""
        found = service.page(session, type, caller, status, owner, decode(cursor, moment), limit)
        rows, more = cut(found, limit)
        last = rows[-1][0] if more else None
        next = encode(last.created_at.isoformat(), last.id) if last else None
        link_next(request, response, next)
        if caller:
            response.headers["Cache-Control"] = "no-store"
        return {"items": [rendering.summary(type, *row, lang) for row in rows], "next": next}

    @routes.get(one, name=f"read_{name}", response_model=bodies.read, responses=responses(401, 404, 422) | MOVED)
    async def read_record(request: Request, record: Id, caller: Anybody, lang: Lang = None) -> Response:
        """One record as everybody sees it: its public revision."""
        # The most read of all: it goes to a thread once, not for each dependency.
        return await run_in_threadpool(_read, request, type, record, lang)

    @routes.get(
        f"{one}/latest",
        name=f"read_latest_{name}",
        response_model=bodies.edit,
        responses=responses(401, 403, 404, 422),
    )
    def read_latest(record: Id, session: ReadSession, caller: Somebody, lang: Lang = None) -> Response:
        """The latest revision, public or not, for the secretariat and the officers whose own it is."""
        return answer(session, service.edited(session, type, record, caller), lang=lang)

    @routes.get(
        f"{one}/revisions",
        name=f"list_{name}_revisions",
        response_model=list[RevisionSummary],
        responses=responses(401, 404, 422),
    )
    def list_revisions(record: Id, session: ReadSession, caller: Anybody) -> list[dict[str, Any]]:
        """A record's revisions, the newest first; without a key that sees drafts those that were public."""
        rows, withdrawals = service.revisions(session, service.view(session, type, record, caller))
        return [rendering.revision_summary(type, *row, withdrawals) for row in rows]

    @routes.get(
        f"{one}/revisions/{{number}}",
        name=f"read_{name}_revision",
        response_model=bodies.revision,
        responses=responses(401, 404, 422),
    )
    def read_revision(record: Id, number: Number, session: ReadSession, caller: Anybody) -> Response:
        """One revision, whole."""
        seen = service.view(session, type, record, caller)
        # Not by way of the model: it would put an empty answer where a private one was left out.
        return Response(orjson.dumps(service.revision_shown(session, seen, number)), media_type="application/json")

    @routes.get(
        f"{one}/diff", name=f"compare_{name}_revisions", response_model=DiffRead, responses=responses(401, 404, 422)
    )
    def compare_revisions(
        record: Id,
        session: ReadSession,
        caller: Anybody,
        before: Annotated[int, Query(ge=1, le=2**31 - 1, description="Number of the earlier revision")],
        after: Annotated[int, Query(ge=1, le=2**31 - 1, description="Number of the later revision")],
    ) -> dict[str, Any]:
        """What differs between two revisions, field by field."""
        seen = service.view(session, type, record, caller)
        earlier, later = (service.shown(session, seen, number) for number in (before, after))
        return {"before": before, "after": after, "differences": list(rendering.differences(earlier, later))}


def _read(request: Request, type: RecordType, name: str, lang: str | None) -> Response:
    with database_of(request).transaction(write=False) as session:
        found = service.find(session, type, name, None)
        if (elsewhere := moved(request, type, name, found)) is not None:
            return elsewhere
        body = changes.public_body(session, type.name, str(found.id))
    if body is None:  # it was withdrawn between the two statements
        raise NotFound(f"There is no {type.label} '{name[:120]}'")
    if lang is not None:
        body = orjson.dumps(rendering.localized(orjson.loads(body), lang))
    return Response(body, media_type="application/json")


def moved(request: Request, type: RecordType, name: str, found: Record, tail: str = "") -> Response | None:
    """Lead from an earlier slug, by which a record was found, to the present one; none when it is that already."""
    if name in (found.slug, str(found.id)) or name == str(found.id).replace("-", ""):
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{PREFIX}/{type.plural}/{found.slug or found.id}{tail}{query}", 308)


def answer(session: Session, record: Record, *, created: bool = False, lang: str | None = None) -> Response:
    """Answer with a record as its editors see it, under its version."""
    shown = rendering.localized(service.edit_record(session, record), lang)
    answer = Response(orjson.dumps(shown), media_type="application/json")
    set_version(answer, record.version)
    if created:
        answer.status_code = 201
        answer.headers["Location"] = f"{PREFIX}/{TYPES[record.type].plural}/{record.id}"
    return answer


def _add_writes(routes: APIRouter, type: RecordType) -> None:
    bodies = schemas.of(type)
    one, name = f"/{{{parameter(type)}}}", parameter(type)
    if TYPE_CHECKING:
        Id: TypeAlias = str
        Create: TypeAlias = RecordCreate
        Write: TypeAlias = RecordWrite
    else:
        Id, Create, Write = record_id(type), bodies.create, bodies.write

    @routes.post(
        "",
        name=f"create_{name}",
        status_code=201,
        response_model=bodies.edit,
        responses=responses(400, 401, 403, 408, 413, 422),
    )
    def create_record(
        request: Request,
        session: WriteSession,
        caller: Secretariat,
        body: Create,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Add a record as a draft."""

        def act() -> Response:
            return answer(session, service.create(session, caller, type, body), created=True)

        return once(session, caller, request, idempotency_key, body, act)

    @routes.put(
        one,
        name=f"update_{name}",
        response_model=bodies.edit,
        responses=responses(400, 401, 403, 404, 408, 412, 413, 422, 428),
    )
    def update_record(
        record: Id, session: WriteSession, caller: Secretariat, body: Write, if_match: IfMatch = None
    ) -> Response:
        """Add a revision to a record; what is public stays so until the new revision is published."""
        found = service.find(session, type, record, caller)
        return answer(session, service.update(session, caller, found, body, expected_version(if_match)))

    class Change:
        """What every change of a record's public state comes with: who asks, for which record and version."""

        def __init__(
            self,
            request: Request,
            record: Id,
            session: WriteSession,
            caller: Secretariat,
            if_match: IfMatch = None,
            idempotency_key: IdempotencyKey = None,
        ) -> None:
            self._request = request
            self._record = record
            self._session = session
            self._caller = caller
            self._if_match = if_match
            self._key = idempotency_key

        def make(self, change: Act, body: Schema | None = None) -> Response:
            """Make the change once, and answer with the record as its editors see it."""

            def act() -> Response:
                found = service.find(self._session, type, self._record, self._caller)
                changed = change(self._session, self._caller, found, expected_version(self._if_match))
                return answer(self._session, changed)

            return once(self._session, self._caller, self._request, self._key, body, act)

    Changed = Annotated[Change, Depends()]

    def changing(action: str, *codes: int) -> Callable[[Answering], Answering]:
        known = (400, 401, 403, 404, 408, 409, 412, 413, 422, 428)
        return routes.post(
            f"{one}/{action}", name=f"{action}_{name}", response_model=bodies.edit, responses=responses(*codes or known)
        )

    @changing("publish", 401, 403, 404, 408, 409, 412, 413, 422, 428)
    def publish_record(change: Changed) -> Response:
        """Make a record's latest revision public."""
        return change.make(service.publish)

    @changing("unpublish", 401, 403, 404, 408, 409, 412, 413, 422, 428)
    def unpublish_record(change: Changed) -> Response:
        """Take a record out of public view; its revisions are kept."""
        return change.make(service.unpublish)

    @changing("archive")
    def archive_record(change: Changed, body: RecordReason) -> Response:
        """Mark a public record as no longer kept up: it can still be read and found."""
        return change.make(partial(service.archive, reason=body.reason), body)

    @changing("reopen")
    def reopen_record(change: Changed, body: RecordReason) -> Response:
        """Take up an archived record again."""
        return change.make(partial(service.reopen, reason=body.reason), body)

    @changing("rename")
    def rename_record(change: Changed, body: RecordRename) -> Response:
        """Give a record that was published another slug; the old one redirects."""
        return change.make(partial(service.rename, slug=body.slug), body)
