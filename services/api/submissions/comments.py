"""Comments on a draft: each hangs on a field of a saved state, is answered in a thread, and resolved."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import Caller
from services.api.kit.moments import now
from services.api.kit.workflow import Part
from services.api.submissions import repository, service, telling
from services.api.submissions.models import Submission, SubmissionComment
from services.api.submissions.schemas import CommentWrite
from services.api.types import TYPES
from services.web.problems import Conflict, Fault, Forbidden, Invalid, NotFound

MOST = 1_000
"""Comments that one submission may have."""


def listed(session: Session, who: frozenset[Part], submission: Submission) -> Sequence[SubmissionComment]:
    """Return the comments that somebody reads who is all of `who` to a submission, in the order that they were made."""
    return repository.comments(session, submission.id, service.reader(who))


def add(session: Session, caller: Caller, submission: Submission, body: CommentWrite) -> SubmissionComment:
    """Add a comment, or an answer to one; whoever sees a submission may comment on it.

    Raise `Invalid` for a field, saved state or parent that is not there.
    """
    who = service.parts(caller, submission)
    parent = _parent(session, who, submission, body)
    if parent is not None:
        path, number, internal = parent.path, parent.revision, parent.internal
    else:
        path, number = body.path, body.revision or service.seen(session, who, submission).number
        internal = _side(who) if body.internal else None
    if path is not None and not _is_field(submission, path):
        raise Invalid([_fault("path", "the questionnaire has no such field; see /api/v1/questionnaire", path)])
    saved = repository.revision(session, submission.id, number)
    if saved is None or not service.sees(session, who, submission, number):
        raise Invalid([_fault("revision", "the submission has no such saved state, or no longer", str(number))])
    if repository.count_comments(session, submission.id) >= MOST:
        raise Conflict(f"A submission takes {MOST} comments at most")
    saved.kept = True
    comment = SubmissionComment(
        submission_id=submission.id,
        parent_id=parent.id if parent else None,
        revision=number,
        path=path,
        internal=internal,
        text=body.text,
        at=now(),
        caller=caller.id,
    )
    repository.add(session, comment)
    access.audit(session, caller, "submission.comment", "submission", str(submission.id), {"comment": str(comment.id)})
    telling.of_comment(session, caller, submission, comment)
    return comment


def resolve(
    session: Session, caller: Caller, submission: Submission, comment_id: UUID, *, resolved: bool
) -> SubmissionComment:
    """Resolve a thread or open it again; doing so twice changes nothing.

    Those who made the comment, who own the case and who run the base may; raise `Forbidden` to others, `Invalid` for an
    answer, since a thread is resolved as a whole.
    """
    who = service.parts(caller, submission)
    comment = repository.comment(session, submission.id, comment_id, service.reader(who))
    if comment is None:
        raise NotFound(f"The submission has no comment '{comment_id}'")
    if comment.parent_id is not None:
        raise Invalid([_fault("comment", "an answer; resolve the comment that its thread begins with", None)])
    if comment.caller != caller.id and not who & {"office", "secretariat", "reviewer"}:
        raise Forbidden("Its author, the authority that owns the case and the secretariat resolve a comment")
    if (comment.resolved_at is not None) != resolved:
        comment.resolved_at, comment.resolved_by = (now(), caller.id) if resolved else (None, None)
        action = "submission.resolve" if resolved else "submission.reopen-comment"
        access.audit(session, caller, action, "submission", str(submission.id), {"comment": str(comment.id)})
    return comment


def not_open(
    session: Session, who: frozenset[Part], submission: Submission, ids: Sequence[UUID]
) -> Iterator[tuple[int, str]]:
    """Yield the place and the fault of each id that is no open thread of the submission."""
    for place, id in enumerate(ids):
        comment = repository.comment(session, submission.id, id, service.reader(who))
        if comment is None:
            yield place, f"the submission has no comment '{id}'"
        elif comment.parent_id is not None:
            yield place, f"'{id}' is an answer; name the comment that its thread begins with"
        elif comment.resolved_at is not None:
            yield place, f"'{id}' is resolved"


def _side(who: frozenset[Part]) -> str:
    """Return the side that reads the internal comments of somebody; the secretariat's are the reviewers', too."""
    return "office" if who & {"office", "partner"} else "review"


def _is_field(submission: Submission, path: str) -> bool:
    """Tell whether a path leads to a question, or into its answer, or names a section."""
    form = TYPES[submission.type].form
    try:
        return path in form.sections or form.question(path) is not None
    except KeyError:
        return False


def _parent(
    session: Session, who: frozenset[Part], submission: Submission, body: CommentWrite
) -> SubmissionComment | None:
    """Return the comment that a thread begins with, none for a new thread."""
    if body.parent is None:
        return None
    if body.path is not None or body.revision is not None or body.internal:
        message = (
            "an answer is about what its thread is about, for the same readers: leave path, revision, internal out"
        )
        raise Invalid([_fault("parent", message, None)])
    parent = repository.comment(session, submission.id, body.parent, service.reader(who))
    if parent is None:
        raise Invalid([_fault("parent", "the submission has no such comment", str(body.parent))])
    if parent.parent_id is not None:
        raise Invalid([_fault("parent", "an answer itself: answer the comment that the thread begins with", None)])
    return parent


def _fault(field: str, message: str, value: str | None) -> Fault:
    return Fault(location="body", field=field, message=message, value=value)
