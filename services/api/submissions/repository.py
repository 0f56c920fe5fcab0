"""Every query about submissions; what a caller may not see is left out here."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, false, func, not_, or_, select, true, update
from sqlmodel import Session, col

from services.api.access.service import Caller
from services.api.forms.types import OWNER, RecordType
from services.api.kit.columns import holds
from services.api.kit.paging import Position
from services.api.kit.workflow import State
from services.api.submissions.models import (
    Submission,
    SubmissionComment,
    SubmissionEvent,
    SubmissionParty,
    SubmissionRevision,
)
from services.api.types import TYPES

Row = Submission | SubmissionParty | SubmissionRevision | SubmissionEvent | SubmissionComment
Waiting = Literal["me", "others"]
Sort = Literal["-updated", "age"]


@dataclass(frozen=True)
class Filter:
    """What a list is narrowed to; a field that is not set narrows nothing."""

    part: str | None = None
    """Only those with this in their title, in any case."""
    states: Sequence[str] = ()
    owner_id: UUID | None = None
    type: str | None = None
    record_id: UUID | None = None
    written_by: str | None = None
    before: datetime | None = None
    """Only those in their state since before this moment; `since` those in it since this moment or later."""
    since: datetime | None = None
    ready: bool | None = None
    waiting: Waiting | None = None


def add(session: Session, row: Row) -> None:
    """Add a row, and let the database check it."""
    session.add(row)
    session.flush()


def visible(session: Session, id: UUID, caller: Caller) -> Submission | None:
    """Return a submission if the caller may see it."""
    return session.scalars(select(Submission).where(col(Submission.id) == id, _visible(caller))).one_or_none()


def of_record(session: Session, record_id: UUID) -> Submission | None:
    """Return the submission that a record came from or is revised by, whoever asks."""
    return session.scalars(select(Submission).where(col(Submission.record_id) == record_id)).one_or_none()


def claim(session: Session, id: UUID, version: int, **values: Any) -> bool:
    """Advance a submission's version and set values if it is still the given one, in one statement."""
    statement = (
        update(Submission)
        .where(col(Submission.id) == id, col(Submission.version) == version)
        .values(version=version + 1, **values)
        .returning(col(Submission.id))
    )
    return session.execute(statement).scalar_one_or_none() is not None


def advance(session: Session, submission: Submission) -> None:
    """Advance a submission's version, whatever it is, after those who change it now; read it anew."""
    changed = update(Submission).where(col(Submission.id) == submission.id)
    session.execute(changed.values(version=col(Submission.version) + 1))
    session.refresh(submission)


def with_reviewer(session: Session, reviewer: str) -> Sequence[Submission]:
    """Return the submissions that wait for a reviewer's move, and let nobody else change them."""
    waiting = select(Submission).where(col(Submission.reviewer) == reviewer, col(Submission.turn) == "reviewer")
    statement = waiting.order_by(col(Submission.id)).with_for_update()
    return session.scalars(statement, execution_options={"populate_existing": True}).all()


def approved_by(session: Session, submission: Submission) -> str | None:
    """Return who approved the saved state of a submission that a peer approved last."""
    statement = (
        select(col(SubmissionEvent.caller))
        .where(
            col(SubmissionEvent.submission_id) == submission.id,
            col(SubmissionEvent.action) == "approve",
            col(SubmissionEvent.revision) == submission.approved_revision,
        )
        .order_by(col(SubmissionEvent.version).desc())
        .limit(1)
    )
    found: str | None = session.execute(statement).scalar_one_or_none()
    return found


def page(
    session: Session, caller: Caller, wanted: Filter, sort: Sort, after: Position[datetime] | None, limit: int
) -> Sequence[Submission]:
    """Return up to `limit + 1` submissions that the caller may see: newest change first, or longest in its state."""
    key, id = (col(Submission.updated_at) if sort == "-updated" else col(Submission.state_since)), col(Submission.id)
    statement = select(Submission).where(_visible(caller), _matches(caller, wanted)).limit(limit + 1)
    if sort == "-updated":
        statement = statement.order_by(key.desc(), id.desc())
        further = or_(key < after.key, and_(key == after.key, id < after.id)) if after else true()
    else:
        statement = statement.order_by(key, id)
        further = or_(key > after.key, and_(key == after.key, id > after.id)) if after else true()
    return session.scalars(statement.where(further)).all()


def count(session: Session, caller: Caller, wanted: Filter) -> int:
    """Return how many submissions that the caller may see match."""
    statement = select(func.count()).select_from(Submission).where(_visible(caller), _matches(caller, wanted))
    return int(session.execute(statement).scalar_one())


def by_state(session: Session, moments: Sequence[datetime]) -> dict[str, tuple[datetime, list[int]]]:
    """Count all submissions by state: the longest one's `state_since`, and how many since each moment or later.

    States without any are left out; moments go back in time, and the last number counts all whatever their age.
    """
    since = col(Submission.state_since)
    later = [func.count().filter(since >= one) for one in moments]
    statement = select(col(Submission.state), func.min(since), *later, func.count()).group_by(col(Submission.state))
    return {row[0]: (row[1], [int(number) for number in row[2:]]) for row in session.execute(statement)}


def _visible(caller: Caller) -> ColumnElement[bool]:
    """Tell which submissions a caller may see (`policy.parts`).

    The secretariat sees all, an officer those that the own authority has a part in that reads. A reviewer sees those of
    others that are before peers, and those that the same reviewer has taken up.
    """
    if caller.is_secretariat:
        return true()
    if caller.role == "reviewer":
        before = _of_types(lambda type: col(Submission.state).in_([*type.workflow.before_peers]))
        return and_(or_(before, col(Submission.reviewer) == caller.id), not_(_has_part(caller.authority_id)))
    return _of_types(lambda type: _has_part(caller.office, type.readers))


def _of_types(holds: Callable[[RecordType], ColumnElement[bool]]) -> ColumnElement[bool]:
    return or_(*(and_(col(Submission.type) == type.name, holds(type)) for type in TYPES.values()))


def _has_part(authority_id: UUID | None, parts: Collection[str] | None = None) -> ColumnElement[bool]:
    """Tell whether an authority has one of some parts in a submission, or any."""
    if authority_id is None:
        return false()
    held = select(col(SubmissionParty.part)).where(
        col(SubmissionParty.submission_id) == col(Submission.id), col(SubmissionParty.authority_id) == authority_id
    )
    if parts is not None:
        held = held.where(col(SubmissionParty.part).in_(parts))
    return held.correlate(Submission).exists()


def _matches(caller: Caller, wanted: Filter) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [true()]
    if wanted.part is not None:
        parts += [holds(Submission.title, wanted.part), _shown_as_saved(caller)]
    if wanted.states:
        parts.append(col(Submission.state).in_(wanted.states))
    if wanted.owner_id is not None:
        parts.append(_has_part(wanted.owner_id, [OWNER]))
    if wanted.type is not None:
        parts.append(col(Submission.type) == wanted.type)
    if wanted.record_id is not None:
        parts.append(col(Submission.record_id) == wanted.record_id)
    if wanted.written_by is not None:
        mine = (col(Submission.created_by) == wanted.written_by, col(Submission.updated_by) == wanted.written_by)
        parts.append(or_(*mine))
    if wanted.before is not None:
        parts.append(col(Submission.state_since) < wanted.before)
    if wanted.since is not None:
        parts.append(col(Submission.state_since) >= wanted.since)
    if wanted.ready is not None:
        parts += [col(Submission.ready).is_(wanted.ready), _shown_as_saved(caller)]
    if wanted.waiting is not None:
        parts.append(_for_me(caller) if wanted.waiting == "me" else _for_others(caller))
    return and_(*parts)


def _shown_as_saved(caller: Caller) -> ColumnElement[bool]:
    """Tell which submissions show a caller what was saved last; reviewers may not find out what was saved since."""
    if caller.role != "reviewer":
        return true()
    return exists().where(
        col(SubmissionEvent.submission_id) == col(Submission.id),
        col(SubmissionEvent.action) == "submit",
        col(SubmissionEvent.revision) == col(Submission.revision),
    )


def _for_me(caller: Caller) -> ColumnElement[bool]:
    """Tell which submissions wait for the caller's move."""
    turn = col(Submission.turn)
    if caller.is_secretariat:
        return turn == "secretariat"
    if caller.role == "officer":
        return and_(turn == "office", _has_part(caller.office, [OWNER]))
    return and_(turn == "reviewer", col(Submission.reviewer) == caller.id)


def _for_others(caller: Caller) -> ColumnElement[bool]:
    """Tell which submissions the caller has a part in and somebody else must move; nobody waits for a first draft."""
    turn, reviewer = col(Submission.turn), col(Submission.reviewer)
    if caller.is_secretariat:
        return or_(turn == "reviewer", and_(turn == "office", col(Submission.state) != State.DRAFT))
    if caller.role == "officer":
        return turn.in_(["secretariat", "reviewer"]) & (col(Submission.state) != State.DRAFT)
    moved_on = and_(turn.in_(["secretariat", "office"]), col(Submission.state) != State.DRAFT)
    return and_(reviewer == caller.id, moved_on) if caller.role == "reviewer" else false()


def revision(session: Session, id: UUID, number: int) -> SubmissionRevision | None:
    """Return one saved state."""
    return session.get(SubmissionRevision, (id, number))


def revisions(session: Session, id: UUID) -> Sequence[SubmissionRevision]:
    """Return all saved states that are kept, the newest first."""
    statement = (
        select(SubmissionRevision)
        .where(col(SubmissionRevision.submission_id) == id)
        .order_by(col(SubmissionRevision.number).desc())
    )
    return session.scalars(statement).all()


def revision_as_of(session: Session, id: UUID, version: int) -> SubmissionRevision | None:
    """Return the state that was the saved one when the submission had a version, if it is still kept."""
    statement = (
        select(SubmissionRevision)
        .where(col(SubmissionRevision.submission_id) == id, col(SubmissionRevision.version) <= version)
        .order_by(col(SubmissionRevision.number).desc())
        .limit(1)
    )
    return session.scalars(statement).one_or_none()


def forget_revisions(session: Session, id: UUID, before: int) -> None:
    """Drop saved states below a number that were neither handed in nor commented on."""
    statement = delete(SubmissionRevision).where(
        col(SubmissionRevision.submission_id) == id,
        col(SubmissionRevision.number) < before,
        col(SubmissionRevision.kept).is_(False),
    )
    session.execute(statement, execution_options={"synchronize_session": False})


def events(session: Session, id: UUID) -> Sequence[SubmissionEvent]:
    """Return every step of the workflow, the first one first."""
    statement = (
        select(SubmissionEvent).where(col(SubmissionEvent.submission_id) == id).order_by(col(SubmissionEvent.version))
    )
    return session.scalars(statement).all()


def handed_in(session: Session, id: UUID) -> SubmissionEvent | None:
    """Return the step by which a submission was handed in last, none when it never was."""
    statement = (
        select(SubmissionEvent)
        .where(col(SubmissionEvent.submission_id) == id, col(SubmissionEvent.action) == "submit")
        .order_by(col(SubmissionEvent.version).desc())
        .limit(1)
    )
    return session.scalars(statement).one_or_none()


def handed_in_last(session: Session, ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the number of the saved state that was handed in last, by submission; none where none was."""
    id = col(SubmissionEvent.submission_id)
    statement = select(id, func.max(col(SubmissionEvent.revision))).where(
        id.in_(ids), col(SubmissionEvent.action) == "submit"
    )
    return {row[0]: row[1] for row in session.execute(statement.group_by(id))}


@dataclass(frozen=True)
class Reader:
    """Which comments somebody reads: those for everybody, and the internal ones of some sides."""

    sides: frozenset[str]
    since_handed_in: bool
    """Whether only those that were made since the submission was handed in last."""

    def reads(self) -> ColumnElement[bool]:
        """Return the condition on comments."""
        internal, at = col(SubmissionComment.internal), col(SubmissionComment.at)
        mine = or_(internal.is_(None), internal.in_(self.sides))
        if not self.since_handed_in:
            return mine
        handed_in = (
            select(func.max(col(SubmissionEvent.at)))
            .where(
                col(SubmissionEvent.submission_id) == col(SubmissionComment.submission_id),
                col(SubmissionEvent.action) == "submit",
            )
            .scalar_subquery()
        )
        return and_(mine, at >= handed_in)


def comments(session: Session, id: UUID, reader: Reader) -> Sequence[SubmissionComment]:
    """Return the comments of a submission that somebody reads, in the order that they were made."""
    statement = (
        select(SubmissionComment)
        .where(col(SubmissionComment.submission_id) == id, reader.reads())
        .order_by(col(SubmissionComment.at), col(SubmissionComment.id))
    )
    return session.scalars(statement).all()


def comment(session: Session, id: UUID, comment_id: UUID, reader: Reader) -> SubmissionComment | None:
    """Return one comment of a submission that somebody reads."""
    statement = select(SubmissionComment).where(
        col(SubmissionComment.id) == comment_id, col(SubmissionComment.submission_id) == id, reader.reads()
    )
    return session.scalars(statement).one_or_none()


def count_comments(session: Session, id: UUID) -> int:
    """Return how many comments a submission has, whoever reads them."""
    statement = select(func.count()).where(col(SubmissionComment.submission_id) == id)
    return int(session.execute(statement).scalar_one())


def open_comments(session: Session, ids: Iterable[UUID], reader: Reader) -> Mapping[UUID, int]:
    """Return how many threads that somebody reads stand open, by submission; those without any are left out."""
    statement = (
        select(col(SubmissionComment.submission_id), func.count())
        .where(
            col(SubmissionComment.submission_id).in_([*ids]),
            col(SubmissionComment.parent_id).is_(None),
            col(SubmissionComment.resolved_at).is_(None),
            reader.reads(),
        )
        .group_by(col(SubmissionComment.submission_id))
    )
    return {row[0]: row[1] for row in session.execute(statement)}
