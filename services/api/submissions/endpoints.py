"""HTTP of submissions: drafts, steps of the workflow, what was saved and decided, comments, and one's inbox."""

from datetime import timedelta
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from sqlmodel import Session

from services.api.access.callers import Secretariat, Somebody
from services.api.access.idempotency import IdempotencyKey, once
from services.api.authorities import service as authorities
from services.api.kit.moments import moment, now, rfc3339
from services.api.kit.paging import Cursor, Limit, Page, Part, cut, decode, encode, link_next
from services.api.kit.preconditions import IfMatch, expected_version, set_version
from services.api.kit.schema import Slug
from services.api.kit.sessions import ReadSession, WriteSession
from services.api.kit.workflow import Need
from services.api.records import service as records
from services.api.records.questionnaires import TypeQuery, chosen
from services.api.submissions import comments, rendering, service, workflow
from services.api.submissions.models import Submission
from services.api.submissions.repository import Filter
from services.api.submissions.schemas import (
    CommentRead,
    CommentWrite,
    DraftDiff,
    EventRead,
    Inbox,
    Pipeline,
    SavedRevision,
    SavedRevisionRead,
    StateName,
    SubmissionCreate,
    SubmissionRead,
    SubmissionSummary,
    SubmissionWrite,
    TransitionRequest,
    TransitionRow,
)
from services.web.problems import responses

router = APIRouter(prefix="/api/v1", tags=["submissions"])

SubmissionId = Annotated[UUID, Path(description="Id of a submission")]
CommentId = Annotated[UUID, Path(description="Id of a comment")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
INBOX_ITEMS = 20


@router.get("/workflow", response_model=list[TransitionRow], responses=responses(401))
def read_workflow(caller: Somebody, type: TypeQuery) -> list[dict[str, Any]]:
    """The workflow as a table: which action leads from where to where, who may take it, what it needs."""
    return [
        {
            "action": one.action,
            "from_state": one.from_state,
            "to_state": one.to_state,
            "who": sorted(one.who),
            "needs": [need for need in get_args(Need) if need in one.needs],
            "public": one.public,
        }
        for one in type.workflow.transitions
    ]


@router.get("/inbox", response_model=Inbox, responses=responses(401, 422))
def read_inbox(response: Response, session: ReadSession, caller: Somebody) -> dict[str, Any]:
    """What waits for me, and what I wait for, longest first; `/submissions?waiting=` lists all of it."""
    response.headers["Cache-Control"] = "no-store"

    def part(waiting: Literal["me", "others"]) -> dict[str, Any]:
        wanted = Filter(waiting=waiting)
        found = service.page(session, caller, wanted, "age", None, INBOX_ITEMS)[:INBOX_ITEMS]
        return {
            "total": service.count(session, caller, wanted),
            "items": rendering.summaries(session, caller, found),
        }

    return {"waiting_for_me": part("me"), "i_wait_for": part("others")}


@router.get("/submissions/summary", response_model=Pipeline, responses=responses(401, 403, 422))
def summarize_submissions(response: Response, session: ReadSession, caller: Secretariat) -> dict[str, Any]:
    """All submissions, counted by state and by how long they have been in it."""
    response.headers["Cache-Control"] = "no-store"
    moment = now()
    return {"at": rfc3339(moment), "states": service.pipeline(session, moment)}


@router.get("/submissions", response_model=Page[SubmissionSummary], responses=responses(401, 404, 422))
def list_submissions(
    request: Request,
    response: Response,
    session: ReadSession,
    caller: Somebody,
    q: Annotated[Part | None, Query(description="Only those with this in their title, in any case")] = None,
    state: Annotated[
        list[StateName] | None, Query(max_length=8, description="Only those in one of these states")
    ] = None,
    owner: Annotated[Slug | None, Query(description="Only this authority's: slug or id")] = None,
    type: Annotated[str | None, Query(max_length=40, description="Only those of a type of record")] = None,
    record: Annotated[Slug | None, Query(description="Only that of a record of the type: slug or id")] = None,
    practice: Annotated[Slug | None, Query(description="The same for practices: slug or id")] = None,
    mine: Annotated[bool, Query(description="Only those that I began or changed last")] = False,
    waiting: Annotated[
        Literal["me", "others"] | None, Query(description="Only those that wait for me, or that I wait for")
    ] = None,
    ready: Annotated[bool | None, Query(description="Only those that answer all that is needed, or do not")] = None,
    older_than: Annotated[
        int | None, Query(ge=0, le=3660, description="Only those in their state for more than so many days")
    ] = None,
    younger_than: Annotated[
        int | None, Query(ge=0, le=3660, description="Only those in their state for so many days or fewer")
    ] = None,
    sort: Annotated[
        Literal["-updated", "age"], Query(description="Newest change first, or longest in its state")
    ] = "-updated",
    cursor: Cursor = None,
    limit: Limit = 20,
) -> dict[str, Any]:
    """Submissions that I may see, by title, state, age and owner."""
    moment_now = now()
    of = chosen(type)
    named = record or practice
    wanted = Filter(
        part=q,
        states=state or (),
        owner_id=authorities.find(session, owner).id if owner else None,
        type=type,
        record_id=records.find(session, of, named, caller).id if named else None,
        written_by=caller.id if mine else None,
        before=moment_now - timedelta(days=older_than) if older_than is not None else None,
        since=moment_now - timedelta(days=younger_than) if younger_than is not None else None,
        ready=ready,
        waiting=waiting,
    )
    found = service.page(session, caller, wanted, sort, decode(cursor, moment), limit)
    rows, more = cut(found, limit)
    next = None
    if more:
        key = rows[-1].updated_at if sort == "-updated" else rows[-1].state_since
        next = encode(key.isoformat(), rows[-1].id)
    link_next(request, response, next)
    response.headers["Cache-Control"] = "no-store"
    return {"items": rendering.summaries(session, caller, rows), "next": next}


@router.post(
    "/submissions",
    status_code=201,
    response_model=SubmissionRead,
    responses=responses(400, 401, 403, 408, 409, 413, 422),
)
def create_submission(
    request: Request,
    session: WriteSession,
    caller: Somebody,
    body: SubmissionCreate,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Begin a draft: empty, with first answers, or to revise a record that is public."""

    def act() -> Response:
        return shown(session, caller, workflow.begin(session, caller, body), created=True)

    return once(session, caller, request, idempotency_key, body, act)


@router.get("/submissions/{submission:uuid}", response_model=SubmissionRead, responses=responses(401, 404, 422))
def read_submission(submission: SubmissionId, session: ReadSession, caller: Somebody) -> Response:
    """One submission with its questionnaire, what is missing in it, and what I may do with it now."""
    return shown(session, caller, service.find(session, submission, caller))


@router.put(
    "/submissions/{submission:uuid}",
    response_model=SubmissionRead,
    responses=responses(400, 401, 403, 404, 408, 409, 412, 413, 422, 428),
)
def save_submission(
    submission: SubmissionId, session: WriteSession, caller: Somebody, body: SubmissionWrite, if_match: IfMatch = None
) -> Response:
    """Save answers, complete or not.

    When somebody else saved meanwhile, the answer is 412 with a `Link` (rel `diff`) to what they changed.
    """
    found, version = service.find(session, submission, caller), expected_version(if_match)
    return shown(session, caller, service.save(session, caller, found, body, version))


@router.post(
    "/submissions/{submission:uuid}/transitions",
    response_model=SubmissionRead,
    responses=responses(400, 401, 403, 404, 408, 409, 412, 413, 422, 428),
)
def take_transition(
    request: Request,
    submission: SubmissionId,
    session: WriteSession,
    caller: Somebody,
    body: TransitionRequest,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Take a step of the workflow; `/workflow` is its table, `actions` of a submission what I may do now."""

    def act() -> Response:
        found, version = service.find(session, submission, caller), expected_version(if_match)
        taken = workflow.take(session, caller, found, body, version)
        return shown(session, caller, taken)

    return once(session, caller, request, idempotency_key, body, act)


@router.get(
    "/submissions/{submission:uuid}/revisions", response_model=list[SavedRevision], responses=responses(401, 404, 422)
)
def list_saved_revisions(submission: SubmissionId, session: ReadSession, caller: Somebody) -> list[dict[str, Any]]:
    """The saved states that are kept, the newest first: the last hundred, and all handed in or commented on."""
    found = service.find(session, submission, caller)
    return rendering.revisions(session, caller, found)


@router.get(
    "/submissions/{submission:uuid}/revisions/{number}",
    response_model=SavedRevisionRead,
    responses=responses(401, 404, 422),
)
def read_saved_revision(
    submission: SubmissionId, number: Number, session: ReadSession, caller: Somebody
) -> dict[str, Any]:
    """One saved state, whole."""
    found = service.find(session, submission, caller)
    return rendering.revision(session, caller, found, number)


@router.get("/submissions/{submission:uuid}/diff", response_model=DraftDiff, responses=responses(401, 404, 422))
def compare_saved_revisions(
    submission: SubmissionId,
    session: ReadSession,
    caller: Somebody,
    since: Annotated[int, Query(ge=1, le=2**31 - 1, description="Version that one's own change is based on")],
) -> dict[str, Any]:
    """What was changed since a version, field by field, to merge one's own change with."""
    return rendering.difference(session, caller, service.find(session, submission, caller), since)


@router.get("/submissions/{submission:uuid}/preview", response_model=dict[str, Any], responses=responses(401, 404, 422))
def preview_submission(submission: SubmissionId, session: ReadSession, caller: Somebody) -> Response:
    """The public record that a submission would become, as far as it is answered: in the shape of its type's record."""
    found = service.find(session, submission, caller)
    body = orjson.dumps(rendering.preview(session, service.parts(caller, found), found))
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


@router.get("/submissions/{submission:uuid}/events", response_model=list[EventRead], responses=responses(401, 404, 422))
def list_events(submission: SubmissionId, session: ReadSession, caller: Somebody) -> list[dict[str, Any]]:
    """Every step of the workflow: who took it, when and why."""
    found = service.find(session, submission, caller)
    return rendering.events(session, service.events(session, found))


@router.get(
    "/submissions/{submission:uuid}/comments", response_model=list[CommentRead], responses=responses(401, 404, 422)
)
def list_comments(submission: SubmissionId, session: ReadSession, caller: Somebody) -> list[dict[str, Any]]:
    """Comments in threads, in the order that they were made."""
    found = service.find(session, submission, caller)
    return rendering.comments(session, comments.listed(session, service.parts(caller, found), found))


@router.post(
    "/submissions/{submission:uuid}/comments",
    status_code=201,
    response_model=CommentRead,
    responses=responses(400, 401, 404, 408, 409, 413, 422),
)
def add_comment(
    request: Request,
    submission: SubmissionId,
    session: WriteSession,
    caller: Somebody,
    body: CommentWrite,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Comment on a field of what was saved, or answer a comment."""

    def act() -> Response:
        found = service.find(session, submission, caller)
        made = rendering.comments(session, [comments.add(session, caller, found, body)])[0]
        return Response(orjson.dumps(made), 201, media_type="application/json")

    return once(session, caller, request, idempotency_key, body, act)


@router.post(
    "/submissions/{submission:uuid}/comments/{comment:uuid}/resolve",
    response_model=CommentRead,
    responses=responses(401, 403, 404, 422),
)
def resolve_comment(
    submission: SubmissionId, comment: CommentId, session: WriteSession, caller: Somebody
) -> dict[str, Any]:
    """Resolve a thread."""
    found = service.find(session, submission, caller)
    return rendering.comments(session, [comments.resolve(session, caller, found, comment, resolved=True)])[0]


@router.post(
    "/submissions/{submission:uuid}/comments/{comment:uuid}/reopen",
    response_model=CommentRead,
    responses=responses(401, 403, 404, 422),
)
def reopen_comment(
    submission: SubmissionId, comment: CommentId, session: WriteSession, caller: Somebody
) -> dict[str, Any]:
    """Open a resolved thread again."""
    found = service.find(session, submission, caller)
    return rendering.comments(session, [comments.resolve(session, caller, found, comment, resolved=False)])[0]


def shown(session: Session, caller: Somebody, submission: Submission, *, created: bool = False) -> Response:
    """Answer with a submission as the caller sees it, under its version."""
    session.flush()
    answer = Response(orjson.dumps(rendering.whole(session, caller, submission)), media_type="application/json")
    set_version(answer, submission.version)
    if created:
        answer.status_code = 201
        answer.headers["Location"] = f"{router.prefix}/submissions/{submission.id}"
    return answer
