"""Submissions: who sees and writes which, drafts that always save, and what differs between saved states."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID

from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import Caller
from services.api.authorities import service as authorities
from services.api.forms.drafts import check_draft
from services.api.forms.paths import value_at
from services.api.forms.types import OWNER, RecordType, Tier
from services.api.kit.db import lock
from services.api.kit.moments import now, rfc3339
from services.api.kit.paging import Position
from services.api.kit.preconditions import stale
from services.api.kit.workflow import Part, State
from services.api.records import parties as parties_of
from services.api.records import rendering
from services.api.records import service as records
from services.api.records.models import Record
from services.api.records.own_words import Teller
from services.api.records.policy import Parties
from services.api.submissions import drafts, policy, repository
from services.api.submissions.models import Submission, SubmissionEvent, SubmissionParty, SubmissionRevision
from services.api.submissions.repository import Filter, Reader, Sort
from services.api.submissions.schemas import SubmissionCreate, SubmissionWrite
from services.api.types import TYPES
from services.web.problems import Conflict, Fault, Forbidden, Invalid, NotFound

Json = dict[str, Any]

AGES = (7, 30)
"""Days at which the pipeline divides what is in a state: less than a week, less than thirty days, longer."""
DIFF = "/api/v1/submissions/{id}/diff?since={version}"
"""Where what was changed since a version is read."""
KEPT = 100
"""Saved states that are kept of each submission beside those that were handed in or commented on."""


def find(session: Session, id: UUID, caller: Caller) -> Submission:
    """Return a submission that the caller may see; raise `NotFound`."""
    found = repository.visible(session, id, caller)
    if found is None:
        _missing(id)
    return found


def parties(submission: Submission) -> Parties:
    """Return who has a part in a submission."""
    return [(one.part, one.authority_id) for one in submission.parties]


def owner_of(parties: Parties) -> UUID | None:
    """Return the authority that a submission with some parties belongs to, none when it is nobody's."""
    return next((authority for part, authority in parties if part == OWNER), None)


def teller(submission: Submission) -> Teller:
    """Return whose words a submission is."""
    return Teller(owner_of(parties(submission)), submission.record_id)


def parts(caller: Caller, submission: Submission) -> frozenset[Part]:
    """Return what a caller is to a submission."""
    return policy.parts(caller, parties(submission), submission.reviewer)


def reader(who: frozenset[Part]) -> Reader:
    """Return which comments somebody reads who is all of `who` to a submission."""
    sides = {"office"} if who & {"office", "partner"} else set()
    sides |= {"review"} if who & {"peer", "reviewer"} else set()
    return Reader(frozenset(("office", "review") if "secretariat" in who else sides), not who & policy.INSIDE)


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
    type = TYPES[body.type]
    record = _to_revise(session, caller, type, body) if body.record else None
    content, translations = check_draft(body.content), check_draft(body.translations or {}, "translations")
    if record is not None:
        newest = records.latest(session, record)
        content, translations = newest.content, newest.translations
        owner_id = parties_of.owners(session, [record.id]).get(record.id)
    else:
        owner_id = _owner(session, caller, body.owner)
        if caller.role == "officer" and "provenance" in type.form.model.model_fields:
            content = {"provenance": {"kind": "submitted"}} | content
        content = type.form.keyed(content)
    submission = Submission(
        type=type.name,
        record_id=record.id if record else None,
        base_revision=record.latest_revision if record else None,
        state=State.DRAFT,
        state_since=moment,
        turn=type.workflow.turn(State.DRAFT, owned=owner_id is not None, reviewer=False),
        created_at=moment,
        created_by=caller.id,
        updated_at=moment,
        updated_by=caller.id,
        **drafts.measured(session, type, content, translations, Teller(owner_id, record.id if record else None)),
    )
    if owner_id is not None:
        submission.parties.append(SubmissionParty(submission_id=submission.id, part=OWNER, authority_id=owner_id))
    repository.add(session, submission)
    _store(session, caller, submission, content, translations, moment)
    _keep_parties(session, type, submission, content)
    step(session, caller, submission, "revise" if record else "create", None, moment)
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
    if submission.state not in TYPES[submission.type].workflow.editable:
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
    moment, type, before = now(), TYPES[submission.type], latest(session, submission)
    content = type.form.keyed(content, before.content)
    if translations is None:
        translations = before.translations
    submission.revision += 1
    submission.updated_at, submission.updated_by = moment, caller.id
    for name, value in drafts.measured(session, type, content, translations, teller(submission)).items():
        setattr(submission, name, value)
    _store(session, caller, submission, content, translations, moment)
    _keep_parties(session, type, submission, content)
    repository.forget_revisions(session, submission.id, submission.revision - KEPT)


def claim(session: Session, submission: Submission, version: int) -> None:
    """Advance the version; from here on nobody else changes it.

    Raise 412 when somebody else was faster, which tells where to read what they changed.
    """
    claimed = repository.claim(session, submission.id, version)
    session.refresh(submission)
    if not claimed:
        refusal = stale(version, submission.version)
        address = DIFF.format(id=submission.id, version=version)
        refusal.headers["Link"] = f'<{address}>; rel="diff"'
        refusal.detail += f"; GET {address} tells what was changed"
        raise refusal


def step(
    session: Session,
    caller: Caller,
    submission: Submission,
    action: str,
    from_state: str | None,
    moment: datetime,
    reason: str | None = None,
    comments: Sequence[UUID] = (),
    statements: Sequence[Mapping[str, str]] = (),
    owners: tuple[UUID | None, UUID | None] = (None, None),
) -> None:
    """Keep a step of the workflow, after it was taken; `owners` are those before and after a hand-over."""
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
        statements=[dict(one) for one in statements],
        from_authority_id=owners[0],
        to_authority_id=owners[1],
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


def open_comments(session: Session, ids: Sequence[UUID], reader: Reader) -> Mapping[UUID, int]:
    """Return how many threads that somebody reads stand open, by submission."""
    return repository.open_comments(session, ids, reader)


def seen(session: Session, who: frozenset[Part], submission: Submission) -> SubmissionRevision:
    """Return the saved state that somebody sees who is all of `who` to a submission: peers what was handed in last."""
    if who & policy.INSIDE:
        return latest(session, submission)
    event = repository.handed_in(session, submission.id)
    return revision(session, submission, event.revision if event else submission.revision)


def shown_otherwise(
    session: Session, submissions: Sequence[Submission], roles: Mapping[UUID, frozenset[Part]]
) -> dict[UUID, Json]:
    """Return what lists show of those submissions of which a caller sees an earlier state than the last, by submission.

    `roles` are what the caller is to each. Peers see what was handed in last, not even the title of a later draft.
    """
    outside = [one for one in submissions if not roles[one.id] & policy.INSIDE]
    numbers = repository.handed_in_last(session, [one.id for one in outside]) if outside else {}
    found = {}
    for one in outside:
        if (number := numbers.get(one.id, one.revision)) != one.revision:
            saved = revision(session, one, number)
            measured = drafts.measured(session, TYPES[one.type], saved.content, saved.translations, teller(one))
            found[one.id] = measured | {"revision": number}
    return found


def sees(session: Session, who: frozenset[Part], submission: Submission, number: int) -> bool:
    """Tell whether somebody who is all of `who` sees a saved state: peers those that were handed in."""
    return bool(who & policy.INSIDE) or number in handed_in(session, submission)


def answers(type: RecordType, who: frozenset[Part], saved: SubmissionRevision) -> tuple[Json, Json]:
    """Return content and translations of a saved state as somebody sees them: peers without what is private."""
    if who & policy.INSIDE:
        return saved.content, saved.translations
    return type.form.public(saved.content), type.form.public_translations(saved.translations)


def judged(submission: Submission) -> tuple[Tier, list[dict[str, str]]]:
    """Return the tier that a submission is published in as it stands, and what a peer stated of just that."""
    approved = submission.approved_revision == submission.revision
    return ("peer-reviewed", submission.statements) if approved else ("network", [])


def handed_in(session: Session, submission: Submission) -> set[int]:
    """Return the numbers of the saved states that were handed in."""
    return {event.revision for event in events(session, submission) if event.action == "submit"}


def changed_since(
    session: Session, who: frozenset[Part], submission: Submission, version: int
) -> tuple[SubmissionRevision, SubmissionRevision, list[str], list[Json]]:
    """Return the state saved at a version and the latest one, who saved in between, and what differs.

    To who is all of `who`: peers see what was handed in alone. Raise `NotFound` when the state at that version is no
    longer kept, or was never handed in.
    """
    type, after = TYPES[submission.type], seen(session, who, submission)
    before = repository.revision_as_of(session, submission.id, min(version, submission.version))
    if before is None or not (who & policy.INSIDE or before.number in handed_in(session, submission)):
        raise NotFound(f"What was saved at version {version} is no longer kept: read the submission again")
    between = [
        one for one in repository.revisions(session, submission.id) if before.number < one.number <= after.number
    ]
    pairs = (answers(type, who, one) for one in (before, after))
    old, new = ({"content": content, "translations": translations} for content, translations in pairs)
    return before, after, list(dict.fromkeys(one.created_by for one in between)), list(rendering.differences(old, new))


def _keep_parties(session: Session, type: RecordType, submission: Submission, content: Json) -> None:
    """Keep who has a part in a submission beside its owner, as its answers say now."""
    if type.parties:
        found = {one.part: value_at(content, one.path) for one in type.parties}
        named = authorities.find_all(session, [name for name in found.values() if isinstance(name, str)])
        others = [(part, named[name].id) for part, name in found.items() if isinstance(name, str) and name in named]
        submission.parties = [one for one in submission.parties if one.part == OWNER] + [
            SubmissionParty(submission_id=submission.id, part=part, authority_id=authority)
            for part, authority in others
        ]
        session.flush()


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


def _to_revise(session: Session, caller: Caller, type: RecordType, body: SubmissionCreate) -> Record:
    if body.content or body.translations or body.owner:
        message = f"a draft that revises a {type.label} starts from it: leave content, translations and owner out"
        raise Invalid([Fault(location="body", field=body.named, message=message)])
    try:
        record = records.edited(session, type, str(body.record), caller)  # it starts from the latest revision
    except NotFound as missing:
        message = missing.detail
        raise Invalid([Fault(location="body", field=body.named, message=message, value=body.record)]) from None
    lock(session, f"submission of {record.id}")
    if (busy := repository.of_record(session, record.id)) is not None:
        raise Conflict(f"The {type.label} has a submission already, {busy.id}: revise that one")
    return record


def _rebase(session: Session, submission: Submission, base: int) -> None:
    """Note that the answers have been merged with a later revision of the record."""
    record = records.get(session, submission.record_id) if submission.record_id else None
    if record is None or base > record.latest_revision:
        label = TYPES[submission.type].label
        message = f"the {label} has no revision {base}" if record else "the case was never published"
        raise Invalid([Fault(location="body", field="base_revision", message=message, value=str(base))])
    submission.base_revision = base


def _missing(id: UUID) -> NoReturn:
    raise NotFound(f"There is no submission '{id}'")
