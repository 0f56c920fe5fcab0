"""HTTP of practices: everybody reads what is public, officers their own drafts too, and the secretariat writes."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from services.api.access.callers import Anybody, Secretariat
from services.api.access.idempotency import IdempotencyKey, once
from services.api.access.service import Caller
from services.api.changes import service as changes
from services.api.kit.moments import moment
from services.api.kit.paging import Cursor, Limit, Page, cut, decode, encode, link_next
from services.api.kit.preconditions import IfMatch, expected_version, set_version
from services.api.kit.schema import Language, Schema, Slug
from services.api.kit.sessions import ReadSession, WriteSession, database_of
from services.api.practices import records, service
from services.api.practices.models import Listed, Practice
from services.api.practices.schemas import (
    DiffRead,
    PracticeCreate,
    PracticeEditRead,
    PracticeRead,
    PracticeReason,
    PracticeRename,
    PracticeSummary,
    PracticeWrite,
    RevisionRead,
    RevisionSummary,
)
from services.web.problems import responses

router = APIRouter(prefix="/api/v1/practices", tags=["practices"])

PracticeId = Annotated[str, Path(max_length=120, pattern=r"^[A-Za-z0-9-]+$", description="Id or slug")]
Lang = Annotated[Language | None, Query(description="Language to read in; the original stands where there is none")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
MOVED: dict[int | str, dict[str, Any]] = {308: {"description": "The practice has another slug now"}}


@router.get("", response_model=Page[PracticeSummary], responses=responses(401, 404, 422))
def list_practices(
    request: Request,
    response: Response,
    session: ReadSession,
    caller: Anybody,
    status: Annotated[
        Listed | None, Query(description="Only those of which this is true; `published` are kept up")
    ] = None,
    owner: Annotated[Slug | None, Query(description="Only those of the authority that keeps them: slug or id")] = None,
    lang: Lang = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> dict[str, Any]:
    """Practices, the newest first; with a key also the drafts that it may see."""
    rows, more = cut(service.page(session, caller, status, owner, decode(cursor, moment), limit), limit)
    last = rows[-1][0] if more else None
    next = encode(last.created_at.isoformat(), last.id) if last else None
    link_next(request, response, next)
    if caller:
        response.headers["Cache-Control"] = "no-store"
    return {"items": [records.summary(*row, lang) for row in rows], "next": next}


@router.get(
    "/{practice}",
    response_model=PracticeRead | PracticeEditRead,
    responses=responses(401, 404, 422) | MOVED,
)
async def read_practice(request: Request, practice: PracticeId, caller: Anybody, lang: Lang = None) -> Response:
    """One practice: its public revision, or the latest one for the secretariat and the owner's officers."""
    # The most read of all: it goes to a thread once, not for each dependency.
    return await run_in_threadpool(_read, request, practice, caller, lang)


def _read(request: Request, practice: str, caller: Caller | None, lang: str | None) -> Response:
    with database_of(request).transaction(write=False) as session:
        seen = service.view(session, practice, caller)
        if (elsewhere := moved(request, practice, seen.practice)) is not None:
            return elsewhere
        if seen.drafts:
            return _edited(session, seen.practice, lang=lang)
        body = changes.public_body(session, "practice", str(seen.practice.id))
    assert body is not None  # noqa: S101 - who sees no drafts sees what is public, which has a record
    if lang is not None:
        body = orjson.dumps(records.localized(orjson.loads(body), lang))
    return Response(body, media_type="application/json")


def moved(request: Request, practice: str, found: Practice, tail: str = "") -> Response | None:
    """Lead from an earlier slug, by which a practice was found, to the present one; none when it is that already."""
    if practice in (found.slug, str(found.id)) or practice == str(found.id).replace("-", ""):
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{router.prefix}/{found.slug or found.id}{tail}{query}", 308)


@router.get("/{practice}/revisions", response_model=list[RevisionSummary], responses=responses(401, 404, 422))
def list_revisions(practice: PracticeId, session: ReadSession, caller: Anybody) -> list[dict[str, Any]]:
    """A practice's revisions, the newest first; without a key that sees drafts those that were public."""
    rows = service.revisions(session, service.view(session, practice, caller))
    return [records.revision_summary(revision, publication) for revision, publication in rows]


@router.get("/{practice}/revisions/{number}", response_model=RevisionRead, responses=responses(401, 404, 422))
def read_revision(practice: PracticeId, number: Number, session: ReadSession, caller: Anybody) -> dict[str, Any]:
    """One revision, whole."""
    revision, publication = service.revision(session, service.view(session, practice, caller), number)
    shown = records.revision_summary(revision, publication)
    return shown | {"content": revision.content, "translations": revision.translations}


@router.get("/{practice}/diff", response_model=DiffRead, responses=responses(401, 404, 422))
def compare_revisions(
    practice: PracticeId,
    session: ReadSession,
    caller: Anybody,
    before: Annotated[int, Query(ge=1, le=2**31 - 1, description="Number of the earlier revision")],
    after: Annotated[int, Query(ge=1, le=2**31 - 1, description="Number of the later revision")],
) -> dict[str, Any]:
    """What differs between two revisions, field by field."""
    seen = service.view(session, practice, caller)
    old, new = (service.revision(session, seen, number)[0] for number in (before, after))
    earlier, later = ({"content": one.content, "translations": one.translations} for one in (old, new))
    return {"before": before, "after": after, "differences": list(records.differences(earlier, later))}


@router.post("", status_code=201, response_model=PracticeEditRead, responses=responses(400, 401, 403, 408, 413, 422))
def create_practice(
    request: Request,
    session: WriteSession,
    caller: Secretariat,
    body: PracticeCreate,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Add a practice as a draft."""
    return once(
        session,
        caller,
        request,
        idempotency_key,
        body,
        lambda: _edited(session, service.create(session, caller, body), created=True),
    )


@router.put(
    "/{practice}",
    response_model=PracticeEditRead,
    responses=responses(400, 401, 403, 404, 408, 412, 413, 422, 428),
)
def update_practice(
    practice: PracticeId, session: WriteSession, caller: Secretariat, body: PracticeWrite, if_match: IfMatch = None
) -> Response:
    """Add a revision to a practice; what is public stays so until the new revision is published."""
    found = service.find(session, practice, caller)
    return _edited(session, service.update(session, caller, found, body, expected_version(if_match)))


class Change:
    """What every change of a practice's public state comes with: who asks, for which practice and version."""

    def __init__(
        self,
        request: Request,
        practice: PracticeId,
        session: WriteSession,
        caller: Secretariat,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> None:
        self._request = request
        self._practice = practice
        self._session = session
        self._caller = caller
        self._if_match = if_match
        self._key = idempotency_key

    def make(
        self, change: Callable[[Session, Caller, Practice, int], Practice], body: Schema | None = None
    ) -> Response:
        """Make the change once, and answer with the practice as its editors see it."""

        def act() -> Response:
            found = service.find(self._session, self._practice, self._caller)
            changed = change(self._session, self._caller, found, expected_version(self._if_match))
            return _edited(self._session, changed)

        return once(self._session, self._caller, self._request, self._key, body, act)


Changed = Annotated[Change, Depends()]


@router.post(
    "/{practice}/publish",
    response_model=PracticeEditRead,
    responses=responses(401, 403, 404, 408, 412, 413, 422, 428),
)
def publish_practice(change: Changed) -> Response:
    """Make a practice's latest revision public."""
    return change.make(service.publish)


@router.post(
    "/{practice}/unpublish",
    response_model=PracticeEditRead,
    responses=responses(401, 403, 404, 408, 409, 412, 413, 422, 428),
)
def unpublish_practice(change: Changed) -> Response:
    """Take a practice out of public view; its revisions are kept."""
    return change.make(service.unpublish)


@router.post(
    "/{practice}/archive",
    response_model=PracticeEditRead,
    responses=responses(400, 401, 403, 404, 408, 409, 412, 413, 422, 428),
)
def archive_practice(change: Changed, body: PracticeReason) -> Response:
    """Mark a public practice as no longer kept up: it can still be read and found."""
    return change.make(partial(service.archive, reason=body.reason), body)


@router.post(
    "/{practice}/reopen",
    response_model=PracticeEditRead,
    responses=responses(400, 401, 403, 404, 408, 409, 412, 413, 422, 428),
)
def reopen_practice(change: Changed, body: PracticeReason) -> Response:
    """Take up an archived practice again."""
    return change.make(partial(service.reopen, reason=body.reason), body)


@router.post(
    "/{practice}/rename",
    response_model=PracticeEditRead,
    responses=responses(400, 401, 403, 404, 408, 409, 412, 413, 422, 428),
)
def rename_practice(change: Changed, body: PracticeRename) -> Response:
    """Give a practice that was published another slug; the old one redirects."""
    return change.make(partial(service.rename, slug=body.slug), body)


def _edited(session: Session, practice: Practice, *, created: bool = False, lang: str | None = None) -> Response:
    record = records.localized(service.edit_record(session, practice), lang)
    answer = Response(orjson.dumps(record), media_type="application/json")
    set_version(answer, practice.version)
    if created:
        answer.status_code = 201
        answer.headers["Location"] = f"{router.prefix}/{practice.id}"
    return answer
