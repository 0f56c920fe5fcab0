"""How a submission is shown: in a list, whole, its steps, its saved states and its comments."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import Caller
from services.api.authorities import service as authorities
from services.api.kit.moments import rfc3339
from services.api.practices import service as practices
from services.api.practices.models import Practice
from services.api.submissions import policy, service
from services.api.submissions.models import (
    Submission,
    SubmissionComment,
    SubmissionEvent,
    SubmissionRevision,
)
from services.api.submissions.policy import State

Json = dict[str, Any]
Names = Mapping[str, str]


def summaries(session: Session, caller: Caller, submissions: Sequence[Submission]) -> list[Json]:
    """Return submissions as a list shows them (`SubmissionSummary`)."""
    names = _names(
        session, (who for one in submissions for who in (one.created_by, one.updated_by, one.reviewer or ""))
    )
    waiting = service.open_comments(session, submissions)
    public = practices.several(session, {one.practice_id for one in submissions if one.practice_id})
    owners = authorities.several(session, {one.owner_id for one in submissions if one.owner_id})
    return [
        _summary(
            caller,
            one,
            public[one.practice_id] if one.practice_id else None,
            owners[one.owner_id].slug if one.owner_id else None,
            names,
            waiting.get(one.id, 0),
        )
        for one in submissions
    ]


def whole(session: Session, caller: Caller, submission: Submission) -> Json:
    """Return a submission with its questionnaire and what is missing in it (`SubmissionRead`)."""
    saved = service.latest(session, submission)
    report = service.report(saved.content, saved.translations)
    own = service.parts(caller, submission) & policy.OFFICE
    return summaries(session, caller, [submission])[0] | {
        "base_revision": submission.base_revision,
        "editable": bool(own) and submission.state in policy.EDITABLE,
        "content": saved.content,
        "translations": saved.translations,
        "findings": [finding.model_dump() for finding in report.findings],
    }


def revisions(session: Session, submission: Submission, *, handed_in: set[int]) -> list[Json]:
    """Return the saved states that are kept (`SavedRevision`)."""
    found = service.revisions(session, submission)
    names = _names(session, (one.created_by for one in found))
    return [_saved(one, names, handed_in) for one in found]


def revision(session: Session, submission: Submission, number: int, *, handed_in: set[int]) -> Json:
    """Return one saved state, whole (`SavedRevisionRead`)."""
    found = service.revision(session, submission, number)
    shown = _saved(found, _names(session, [found.created_by]), handed_in)
    return shown | {"content": found.content, "translations": found.translations}


def events(session: Session, found: Sequence[SubmissionEvent]) -> list[Json]:
    """Return the steps of the workflow (`EventRead`)."""
    names = _names(session, (who for one in found for who in (one.caller, one.reviewer or "")))
    return [
        {
            "version": one.version,
            "at": rfc3339(one.at),
            "by": _person(one.caller, names),
            "action": one.action,
            "from_state": one.from_state,
            "to_state": one.to_state,
            "revision": one.revision,
            "reason": one.reason,
            "reviewer": _person(one.reviewer, names) if one.reviewer else None,
            "comments": one.comments,
        }
        for one in found
    ]


def comments(session: Session, found: Sequence[SubmissionComment]) -> list[Json]:
    """Return comments in threads, each with its answers (`CommentRead`)."""
    names = _names(session, (who for one in found for who in (one.caller, one.resolved_by or "")))
    shown = {one.id: _comment(one, names) for one in found}
    for one in found:
        if one.parent_id is not None and one.parent_id in shown:
            shown[one.parent_id]["answers"].append(shown[one.id])
    return [shown[one.id] for one in found if one.parent_id not in shown]


def difference(session: Session, submission: Submission, version: int) -> Json:
    """Return what was changed since a version, and by whom (`DraftDiff`)."""
    before, after, by, differences = service.changed_since(session, submission, version)
    names = _names(session, by)
    return {
        "since": version,
        "version": submission.version,
        "before": before.number,
        "after": after.number,
        "by": [_person(one, names) for one in by],
        "differences": differences,
    }


def _summary(
    caller: Caller, one: Submission, practice: Practice | None, owner: str | None, names: Names, open_comments: int
) -> Json:
    public = practice is not None and practice.published_revision is not None
    state = State(one.state)
    turn = policy.turn(state, one.reviewer)
    return {
        "id": str(one.id),
        "version": one.version,
        "state": one.state,
        "state_since": rfc3339(one.state_since),
        "title": one.title,
        "owner": owner,
        "practice": (practice.slug or str(practice.id)) if practice else None,
        "public": public,
        "revision": one.revision,
        "completeness": {"snapshot": one.snapshot, "full": one.full},
        "ready": one.ready,
        "open_comments": open_comments,
        "reviewer": _person(one.reviewer, names) if one.reviewer else None,
        "turn": "secretariat" if turn == "office" and one.owner_id is None else turn,
        "actions": policy.allowed(state, public, service.parts(caller, one)),
        "created_at": rfc3339(one.created_at),
        "created_by": _person(one.created_by, names),
        "updated_at": rfc3339(one.updated_at),
        "updated_by": _person(one.updated_by, names),
    }


def _saved(one: SubmissionRevision, names: Names, handed_in: set[int]) -> Json:
    return {
        "number": one.number,
        "version": one.version,
        "created_at": rfc3339(one.created_at),
        "created_by": _person(one.created_by, names),
        "handed_in": one.number in handed_in,
    }


def _comment(one: SubmissionComment, names: Names) -> Json:
    return {
        "id": str(one.id),
        "revision": one.revision,
        "path": one.path,
        "text": one.text,
        "at": rfc3339(one.at),
        "by": _person(one.caller, names),
        "resolved_at": rfc3339(one.resolved_at) if one.resolved_at else None,
        "resolved_by": _person(one.resolved_by, names) if one.resolved_by else None,
        "answers": [],
    }


def _names(session: Session, ids: Iterable[str]) -> Names:
    return access.names(session, {id for id in ids if id})


def _person(id: str, names: Names) -> Json:
    return {"id": id, "name": names.get(id, id)}
