"""HTTP of the change feed."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from services.api.changes import service
from services.api.changes.watch import HeadWatcher
from services.api.kit.db import Database
from services.api.kit.sessions import ReadSession, database_of
from services.web.problems import responses

router = APIRouter(prefix="/api/v1/changes", tags=["change feed"])

LONGEST_WAIT = 25


class ChangeRead(BaseModel):
    """One change: the record's public state after it, none when it was deleted."""

    seq: int
    op: Literal["upsert", "delete"]
    type: str
    id: str
    record: dict[str, Any] | None


class ChangesRead(BaseModel):
    """A page of the feed; move the cursor to the last `seq` of the page, never to `head`."""

    epoch: str
    head: int
    changes: list[ChangeRead]


class DigestRead(BaseModel):
    """What a mirror compares itself with: SHA-256 over the lines `type id seq` by type and id."""

    epoch: str
    head: int
    count: int
    digest: str


@router.get("", response_model=ChangesRead, responses=responses(422))
async def read_changes(
    request: Request,
    after: Annotated[int, Query(ge=0, le=2**62, description="The last `seq` that is known; 0 reads everything")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait when there is no news")] = 0,
) -> Response:
    """Public records in the order of their changes; each record appears once, with its last state."""
    watcher: HeadWatcher = request.app.state.watcher
    if wait:
        await watcher.wait(after, wait)
    body = await run_in_threadpool(_page, database_of(request), after, limit)
    headers = {"Cache-Control": "no-store"} if wait else None
    return Response(body, media_type="application/json", headers=headers)


@router.get("/digest", response_model=DigestRead, responses=responses())
def read_digest(session: ReadSession) -> DigestRead:
    """Count and digest of all public records."""
    mark, count, digest = service.digest(session)
    return DigestRead(epoch=mark.epoch, head=mark.seq, count=count, digest=digest)


def _page(database: Database, after: int, limit: int) -> bytes:
    """Join stored bodies to one page: they are JSON already."""
    with database.transaction(write=False) as session:
        mark, changes = service.page(session, after, limit)
    parts = [b'{"epoch":"%s","head":%d,"changes":[' % (mark.epoch.encode(), mark.seq)]
    for change in changes:
        key = (change.seq, change.op.encode(), change.type.encode(), change.id.encode())
        parts += (b'{"seq":%d,"op":"%s","type":"%s","id":"%s","record":' % key, change.body or b"null", b"},")
    parts[-1] = b"}]}" if changes else parts[-1] + b"]}"
    return b"".join(parts)  # the one place where bodies are copied
