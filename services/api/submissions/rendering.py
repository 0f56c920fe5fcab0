"""How a submission is shown: in a list, whole, its steps, its saved states and its comments."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import Caller
from services.api.authorities import service as authorities
from services.api.kit.moments import rfc3339
from services.api.kit.workflow import Part, State
from services.api.records import publishing
from services.api.records import service as records
from services.api.records.models import Record
from services.api.submissions import drafts, policy, service
from services.api.submissions.models import (
    HAND_OVER,
    Submission,
    SubmissionComment,
    SubmissionEvent,
    SubmissionRevision,
)
from services.api.types import TYPES, default
from services.web.problems import NotFound

Json = dict[str, Any]
Names = Mapping[str, str]


def summaries(session: Session, caller: Caller, submissions: Sequence[Submission]) -> list[Json]:
    """Return submissions as a list shows them (`SubmissionSummary`)."""
    names = _names(
        session, (who for one in submissions for who in (one.created_by, one.updated_by, one.reviewer or ""))
    )
    parties = {one.id: service.parties(one) for one in submissions}
    public = records.several(session, {one.record_id for one in submissions if one.record_id})
    owner_of = {id: service.owner_of(found) for id, found in parties.items()}
    owners = authorities.several(session, {id for id in owner_of.values() if id})
    roles = {one.id: policy.parts(caller, parties[one.id], one.reviewer) for one in submissions}
    waiting = _open_comments(session, submissions, roles)
    otherwise = service.shown_otherwise(session, submissions, roles)
    return [
        _summary(
            roles[one.id],
            one,
            public[one.record_id] if one.record_id else None,
            owners[owner].slug if (owner := owner_of[one.id]) else None,
            names,
            waiting.get(one.id, 0),
            otherwise.get(one.id) or one.model_dump(include={"title", "revision", "snapshot", "full", "ready"}),
        )
        for one in submissions
    ]


def _open_comments(
    session: Session, submissions: Sequence[Submission], roles: Mapping[UUID, frozenset[Part]]
) -> dict[UUID, int]:
    """Count the open threads that the caller reads, with one query for each kind of reader that the caller is."""
    readers = {id: service.reader(who) for id, who in roles.items()}
    found: dict[UUID, int] = {}
    for reader in set(readers.values()):
        found |= service.open_comments(session, [one.id for one in submissions if readers[one.id] == reader], reader)
    return found


def whole(session: Session, caller: Caller, submission: Submission) -> Json:
    """Return a submission with its questionnaire and what is missing in it (`SubmissionRead`)."""
    type, who = TYPES[submission.type], service.parts(caller, submission)
    content, translations = service.answers(type, who, service.seen(session, who, submission))
    report = drafts.report(session, type, content, translations, service.teller(submission))
    return summaries(session, caller, [submission])[0] | {
        "base_revision": submission.base_revision,
        "editable": bool(who & policy.OFFICE) and submission.state in type.workflow.editable,
        "content": content,
        "translations": translations,
        "findings": [finding.model_dump() for finding in report.findings],
    }


def preview(session: Session, who: frozenset[Part], submission: Submission) -> Json:
    """Return the public record that a submission would become (`schemas.of(type).read`), as far as it is answered.

    What is not answered yet is empty, or left out where a record must have it; what its record shows already beside
    its answers stays. `who` are the reader's parts: peers see what was handed in.
    """
    type = TYPES[submission.type]
    saved = service.seen(session, who, submission)
    record = records.get(session, submission.record_id) if submission.record_id else None
    content = type.form.filled(type.form.tidied(saved.content))
    translations = drafts.translated(drafts.followed(type, saved.content, saved.translations))
    tier, statements = service.judged(submission)
    return publishing.preview(session, type, record, submission.id, content, translations, tier, statements)


def revisions(session: Session, caller: Caller, submission: Submission) -> list[Json]:
    """Return the saved states that are kept and that the caller sees (`SavedRevision`)."""
    inside = service.parts(caller, submission) & policy.INSIDE
    handed_in = service.handed_in(session, submission)
    found = [one for one in service.revisions(session, submission) if inside or one.number in handed_in]
    names = _names(session, (one.created_by for one in found))
    return [_saved(one, names, handed_in) for one in found]


def revision(session: Session, caller: Caller, submission: Submission, number: int) -> Json:
    """Return one saved state that the caller sees, whole (`SavedRevisionRead`); raise `NotFound`."""
    who = service.parts(caller, submission)
    handed_in = service.handed_in(session, submission)
    if not (who & policy.INSIDE or number in handed_in):
        raise NotFound(f"The submission has no saved state {number}, or no longer")
    found = service.revision(session, submission, number)
    content, translations = service.answers(TYPES[submission.type], who, found)
    shown = _saved(found, _names(session, [found.created_by]), handed_in)
    return shown | {"content": content, "translations": translations}


def events(session: Session, found: Sequence[SubmissionEvent]) -> list[Json]:
    """Return the steps of the workflow (`EventRead`)."""
    names = _names(session, (who for one in found for who in (one.caller, one.reviewer or "")))
    ids = {id for one in found for id in (one.from_authority_id, one.to_authority_id) if id}
    slugs: dict[UUID | None, str] = {id: known.slug for id, known in authorities.several(session, ids).items()}
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
            "statements": one.statements,
            "owners": {"before": slugs.get(one.from_authority_id), "after": slugs.get(one.to_authority_id)}
            if one.action == HAND_OVER
            else None,
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


def difference(session: Session, caller: Caller, submission: Submission, version: int) -> Json:
    """Return what was changed since a version, and by whom (`DraftDiff`)."""
    who = service.parts(caller, submission)
    before, after, by, differences = service.changed_since(session, who, submission, version)
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
    who: frozenset[Part],
    one: Submission,
    record: Record | None,
    owner: str | None,
    names: Names,
    open_comments: int,
    measured: Json,
) -> Json:
    public = record is not None and record.published_revision is not None
    shown = (record.slug or str(record.id)) if record else None
    return {
        "id": str(one.id),
        "version": one.version,
        "state": one.state,
        "state_since": rfc3339(one.state_since),
        "title": measured["title"],
        "type": one.type,
        "owner": owner,
        "record": shown,
        "practice": shown if one.type == default().name else None,
        "public": public,
        "revision": measured["revision"],
        "completeness": {"snapshot": measured["snapshot"], "full": measured["full"]},
        "ready": measured["ready"],
        "open_comments": open_comments,
        "reviewer": _person(one.reviewer, names) if one.reviewer else None,
        "turn": one.turn,
        "actions": TYPES[one.type].workflow.allowed(State(one.state), public, who),
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
        "internal": one.internal is not None,
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
