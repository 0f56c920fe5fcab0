"""Submissions: who sees and writes which, drafts that always save, and what differs between saved states."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import Caller
from services.api.authorities import service as authorities
from services.api.kit.db import lock
from services.api.kit.moments import now, rfc3339
from services.api.kit.paging import Position
from services.api.kit.preconditions import stale
from services.api.practices import records
from services.api.practices import service as practices
from services.api.practices.models import Practice
from services.api.practices.schemas import PracticeWrite
from services.api.questionnaire.drafts import Finding, Report, check_draft, examine
from services.api.questionnaire.tidying import Tidied
from services.api.submissions import policy, repository
from services.api.submissions.models import Submission, SubmissionEvent, SubmissionRevision
from services.api.submissions.policy import State
from services.api.submissions.repository import Filter, Sort
from services.api.submissions.schemas import SubmissionCreate, SubmissionWrite
from services.web.problems import Conflict, Fault, Forbidden, Invalid, NotFound, fault_of

Json = dict[str, Any]

AGES = (7, 30)
"""Days at which the pipeline divides what is in a state: less than a week, less than thirty days, longer."""
KEPT = 100
"""Saved states that are kept of each submission beside those that were handed in or commented on."""


def find(session: Session, id: UUID, caller: Caller) -> Submission:
    """Return a submission that the caller may see; raise `NotFound`."""
    found = repository.visible(session, id, caller)
    if found is None:
        _missing(id)
    return found


def parts(caller: Caller, submission: Submission) -> frozenset[policy.Part]:
    """Return what a caller is to a submission."""
    return policy.parts(caller, submission.owner_id, submission.reviewer)


def page(
    session: Session, caller: Caller, wanted: Filter, sort: Sort, after: Position[datetime] | None, limit: int
) -> Sequence[Submission]:
    """Return up to `limit + 1` submissions that the caller may see."""
    return repository.page(session, caller, wanted, sort, after, limit)


def count(session: Session, caller: Caller, wanted: Filter) -> int:
    """Return how many submissions that the caller may see match."""
    return repository.count(session, caller, wanted)


def pipeline(session: Session, moment: datetime) -> list[Json]:
    """Count all submissions by state and by how long they have been in it (`StateCount`), in the workflow's order."""
    moments = [moment - timedelta(days=days) for days in AGES]
    found = repository.by_state(session, moments)
    edges: list[int | None] = [0, *AGES, None]
    counted = []
    for state in State:
        longest, counts = found.get(state, (None, [0] * (len(AGES) + 1)))
        bands = [
            {"older_than": older, "younger_than": younger, "count": count - fewer}
            for older, younger, count, fewer in zip(edges, edges[1:], counts, [0, *counts], strict=False)
        ]
        since = rfc3339(longest) if longest else None
        counted.append({"state": state, "total": counts[-1], "longest_since": since, "ages": bands})
    return counted


def create(session: Session, caller: Caller, body: SubmissionCreate) -> Submission:
    """Begin a draft, empty or with first answers, or one that revises a practice.

    Raise `Forbidden` for another authority's case, `Conflict` when the practice is being revised already.
    """
    if caller.role == "reviewer":
        raise Forbidden("Reviewers judge cases and hand in none: this needs an officer or the secretariat")
    moment = now()
    practice = _to_revise(session, caller, body) if body.practice else None
    content, translations = check_draft(body.content), check_draft(body.translations or {}, "translations")
    owner_id = practice.owner_id if practice else _owner(session, caller, body.owner)
    if practice is not None:
        newest = practices.latest(session, practice)
        content, translations = newest.content, newest.translations
    elif caller.role == "officer":
        content = {"provenance": {"kind": "submitted"}} | content
    submission = Submission(
        practice_id=practice.id if practice else None,
        base_revision=practice.latest_revision if practice else None,
        owner_id=owner_id,
        state=State.DRAFT,
        state_since=moment,
        created_at=moment,
        created_by=caller.id,
        updated_at=moment,
        updated_by=caller.id,
        **_measured(content, translations),
    )
    repository.add(session, submission)
    _store(session, caller, submission, content, translations, moment)
    step(session, caller, submission, "revise" if practice else "create", None, moment)
    access.audit(session, caller, "submission.create", "submission", str(submission.id), at=moment)
    return submission


def save(session: Session, caller: Caller, submission: Submission, body: SubmissionWrite, version: int) -> Submission:
    """Save answers, complete or not.

    Raise `Forbidden` for who may not write it, 412 when somebody else saved meanwhile, `Conflict` in a state in which
    what was handed in stays as it is.
    """
    if not parts(caller, submission) & policy.OFFICE:
        raise Forbidden("Only the authority that owns the case and the secretariat write its questionnaire")
    content = check_draft(body.content)
    translations = None if body.translations is None else check_draft(body.translations, "translations")
    claim(session, submission, version)
    if submission.state not in policy.EDITABLE:
        raise Conflict(f"What was handed in cannot be changed while it is {submission.state}")
    write(session, caller, submission, content, translations)
    if body.base_revision is not None:
        _rebase(session, submission, body.base_revision)
    access.audit(
        session, caller, "submission.save", "submission", str(submission.id), {"revision": submission.revision}
    )
    return submission


def write(session: Session, caller: Caller, submission: Submission, content: Json, translations: Json | None) -> None:
    """Store another state of a submission that has been claimed; without translations, those before stay."""
    moment = now()
    if translations is None:
        translations = latest(session, submission).translations
    submission.revision += 1
    submission.updated_at, submission.updated_by = moment, caller.id
    for name, value in _measured(content, translations).items():
        setattr(submission, name, value)
    _store(session, caller, submission, content, translations, moment)
    repository.forget_revisions(session, submission.id, submission.revision - KEPT)


def claim(session: Session, submission: Submission, version: int) -> None:
    """Advance the version, or raise 412 when somebody else was faster; from here on nobody else changes it."""
    claimed = repository.claim(session, submission.id, version)
    session.refresh(submission)
    if not claimed:
        raise stale(version, submission.version)


def step(
    session: Session,
    caller: Caller,
    submission: Submission,
    action: str,
    from_state: str | None,
    moment: datetime,
    reason: str | None = None,
    comments: Sequence[UUID] = (),
) -> None:
    """Keep a step of the workflow, after it was taken."""
    event = SubmissionEvent(
        submission_id=submission.id,
        version=submission.version,
        at=moment,
        caller=caller.id,
        action=action,
        from_state=from_state,
        to_state=submission.state,
        revision=submission.revision,
        reason=reason,
        reviewer=submission.reviewer,
        comments=[str(id) for id in comments],
    )
    repository.add(session, event)


def latest(session: Session, submission: Submission) -> SubmissionRevision:
    """Return what was saved last."""
    return revision(session, submission, submission.revision)


def revision(session: Session, submission: Submission, number: int) -> SubmissionRevision:
    """Return one saved state; raise `NotFound` for one that is not there, or no longer."""
    found = repository.revision(session, submission.id, number)
    if found is None:
        raise NotFound(f"The submission has no saved state {number}, or no longer")
    return found


def revisions(session: Session, submission: Submission) -> Sequence[SubmissionRevision]:
    """Return the saved states that are kept, the newest first."""
    return repository.revisions(session, submission.id)


def events(session: Session, submission: Submission) -> Sequence[SubmissionEvent]:
    """Return every step of the workflow, the first one first."""
    return repository.events(session, submission.id)


def open_comments(session: Session, submissions: Sequence[Submission]) -> Mapping[UUID, int]:
    """Return how many threads stand open, by submission."""
    return repository.open_comments(session, [submission.id for submission in submissions])


def changed_since(
    session: Session, submission: Submission, version: int
) -> tuple[SubmissionRevision, SubmissionRevision, list[str], list[Json]]:
    """Return the state saved at a version and the latest one, who saved in between, and what differs.

    Raise `NotFound` when the state at that version is no longer kept.
    """
    before = repository.revision_as_of(session, submission.id, min(version, submission.version))
    if before is None:
        raise NotFound(f"What was saved at version {version} is no longer kept: read the submission again")
    after = latest(session, submission)
    between = [one for one in repository.revisions(session, submission.id) if before.number < one.number]
    old, new = ({"content": one.content, "translations": one.translations} for one in (before, after))
    return before, after, list(dict.fromkeys(one.created_by for one in between)), list(records.differences(old, new))


def report(content: Json, translations: Json) -> Report:
    """Examine a draft with its translations: what is missing, what is wrong."""
    found = examine(content)
    if found.content is None or not translations:
        return found
    try:
        PracticeWrite.model_validate({"content": found.content, "translations": followed(content, translations)})
    except ValidationError as error:
        faults = [fault_of({**entry, "loc": ("body", *entry["loc"])}) for entry in error.errors()]
        wrong = [
            Finding(question=None, path=fault.field, kind="wrong", message=fault.message, allowed=fault.allowed)
            for fault in faults
        ]
        return Report(completeness=found.completeness, findings=tuple(wrong), content=None)
    return found


def followed(content: Json, translations: Json) -> Json:
    """Return a draft's translations with the paths that their texts have once the draft's blanks are dropped."""
    draft = Tidied(content)
    return {
        language: {draft.moved(path): text for path, text in texts.items()} if isinstance(texts, dict) else texts
        for language, texts in translations.items()
    }


def _measured(content: Json, translations: Json) -> Json:
    """Return what lists show of a draft."""
    found = report(content, translations)
    initiative = content.get("initiative")
    title = initiative.get("title") if isinstance(initiative, dict) else None
    return {
        "title": " ".join(title.split())[:300] if isinstance(title, str) else "",
        "snapshot": found.completeness.snapshot,
        "full": found.completeness.full,
        "ready": found.ready,
    }


def _store(
    session: Session, caller: Caller, submission: Submission, content: Json, translations: Json, moment: datetime
) -> None:
    repository.add(
        session,
        SubmissionRevision(
            submission_id=submission.id,
            number=submission.revision,
            version=submission.version,
            content=content,
            translations=translations,
            created_at=moment,
            created_by=caller.id,
        ),
    )


def _owner(session: Session, caller: Caller, owner: str | None) -> UUID | None:
    if owner is None:
        return caller.office
    try:
        found = authorities.find(session, owner)
    except NotFound as missing:
        raise Invalid([Fault(location="body", field="owner", message=missing.detail, value=owner)]) from None
    if not caller.is_secretariat and not caller.belongs_to(found.id):
        raise Forbidden("An officer's cases belong to the officer's own authority")
    return found.id


def _to_revise(session: Session, caller: Caller, body: SubmissionCreate) -> Practice:
    if body.content or body.translations or body.owner:
        message = "a draft that revises a practice starts from it: leave content, translations and owner out"
        raise Invalid([Fault(location="body", field="practice", message=message)])
    try:
        seen = practices.view(session, str(body.practice), caller)
    except NotFound as missing:
        message = missing.detail
        raise Invalid([Fault(location="body", field="practice", message=message, value=body.practice)]) from None
    if not seen.drafts:  # the draft starts from the latest revision, public or not
        raise Forbidden("The practice belongs to another authority")
    practice = seen.practice
    lock(session, f"submission of {practice.id}")
    if (busy := repository.of_practice(session, practice.id)) is not None:
        raise Conflict(f"The practice has a submission already, {busy.id}: revise that one")
    return practice


def _rebase(session: Session, submission: Submission, base: int) -> None:
    """Note that the answers have been merged with a later revision of the practice."""
    practice = practices.get(session, submission.practice_id) if submission.practice_id else None
    if practice is None or base > practice.latest_revision:
        message = f"the practice has no revision {base}" if practice else "the case was never published"
        raise Invalid([Fault(location="body", field="base_revision", message=message, value=str(base))])
    submission.base_revision = base


def _missing(id: UUID) -> NoReturn:
    raise NotFound(f"There is no submission '{id}'")
