"""Whose cases are, when it changes: case and record go together, and the history says so."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import Caller
from services.api.authorities import service as authorities
from services.api.forms.types import OWNER
from services.api.kit.db import lock
from services.api.kit.moments import now
from services.api.kit.workflow import State
from services.api.records import ownership, parties
from services.api.records import service as records
from services.api.records.models import Record
from services.api.records.own_words import Teller
from services.api.submissions import drafts, repository, reviewing, service
from services.api.submissions.models import HAND_OVER, Submission, SubmissionParty, SubmissionRevision
from services.api.submissions.repository import Filter
from services.api.types import TYPES
from services.web.problems import Conflict


def cases(session: Session, caller: Caller, authority_id: UUID, limit: int) -> Sequence[Submission]:
    """Return up to `limit + 1` cases that belong to an authority, of those that the caller may see."""
    return repository.page(session, caller, Filter(owner_id=authority_id), "age", None, limit)


def case_of(session: Session, caller: Caller, record: Record) -> Submission:
    """Return the case that a record came from or is revised by; one that came otherwise, by import, gets one now."""
    lock(session, f"submission of {record.id}")
    return repository.of_record(session, record.id) or _begun(session, caller, record)


def hand_over(
    session: Session, caller: Caller, case: Submission, to: UUID | None, reason: str, version: int | None = None
) -> None:
    """Let a case, and the record that it became, belong to another authority, or to none.

    `version` is the record's that this is based on, none for the present one: raise 412 when it is stale, and
    `Conflict` when the case is theirs already. Nobody of the new owner goes on judging it.
    """
    repository.advance(session, case)
    record = records.get(session, case.record_id) if case.record_id else None
    if record is not None:
        ownership.hand_over(session, caller, record, to, reason, version)
    former = service.owner_of(service.parties(case))
    if former == to:
        raise Conflict(f"The {TYPES[case.type].label} is {authorities.slug(session, to) or 'nobody'}'s already")
    moment, before = now(), State(case.state)
    case.parties = [one for one in case.parties if one.part != OWNER] + _owner(case, to)
    session.flush()
    theirs = _is_of(session, case.reviewer, to)
    if _is_of(session, repository.approved_by(session, case), to):
        case.approved_revision, case.statements = None, []
        if before == State.APPROVED:
            case.state, case.state_since = State.IN_REVIEW, moment
    turn = TYPES[case.type].workflow.turn
    case.turn = turn(State(case.state), owned=to is not None, reviewer=case.reviewer is not None)
    case.updated_at = moment
    service.step(session, caller, case, HAND_OVER, before, moment, reason, owners=(former, to))
    detail = {"from": authorities.slug(session, former), "to": authorities.slug(session, to), "reason": reason}
    access.audit(session, caller, f"submission.{HAND_OVER}", "submission", str(case.id), detail, moment)
    if theirs and case.turn == "reviewer":
        repository.advance(session, case)
        reviewing.release(session, caller, case)


def _owner(case: Submission, to: UUID | None) -> list[SubmissionParty]:
    return [SubmissionParty(submission_id=case.id, part=OWNER, authority_id=to)] if to else []


def _is_of(session: Session, judge: str | None, authority_id: UUID | None) -> bool:
    """Tell whether somebody who judges, or approved, is of an authority."""
    found = access.find_caller(session, judge) if judge else None
    return found is not None and found.belongs_to(authority_id)


def _begun(session: Session, caller: Caller, record: Record) -> Submission:
    """Begin the case of a record that came without one: it stands where its record does."""
    type, moment, newest = TYPES[record.type], now(), records.latest(session, record)
    owner = parties.owners(session, [record.id]).get(record.id)
    state = State.DRAFT
    if record.published_revision is not None:
        closed = record.archived_at is not None and State.ARCHIVED in type.workflow.states
        state = State.ARCHIVED if closed else State.PUBLISHED
    case = Submission(
        type=type.name,
        record_id=record.id,
        base_revision=record.latest_revision,
        state=state,
        state_since=moment,
        turn=type.workflow.turn(state, owned=owner is not None, reviewer=False),
        created_at=moment,
        created_by=caller.id,
        updated_at=moment,
        updated_by=caller.id,
        **drafts.measured(session, type, newest.content, newest.translations, Teller(owner, record.id)),
    )
    case.parties = [
        SubmissionParty(submission_id=case.id, part=part, authority_id=authority)
        for part, authority in dict.fromkeys(parties.of(session, record))
    ]
    repository.add(session, case)
    saved = SubmissionRevision(
        submission_id=case.id,
        number=case.revision,
        version=case.version,
        content=newest.content,
        translations=newest.translations,
        created_at=newest.created_at,
        created_by=newest.created_by,
    )
    repository.add(session, saved)
    access.audit(session, caller, "submission.create", "submission", str(case.id), at=moment)
    return case
