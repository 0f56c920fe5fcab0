"""Takes the steps of the workflow: each is checked against the table, recorded, and carried out in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import Caller
from services.api.authorities import service as authorities
from services.api.changes import service as changes
from services.api.forms.drafts import Report
from services.api.forms.types import RecordType
from services.api.kit.moments import now
from services.api.kit.workflow import Action, Part, State, Transition
from services.api.records import schemas
from services.api.records import service as records
from services.api.records.models import Record
from services.api.submissions import comments, drafts, policy, reviewing, service, telling
from services.api.submissions.models import Submission, SubmissionRevision
from services.api.submissions.schemas import SubmissionCreate, TransitionRequest
from services.api.types import TYPES
from services.api.vocabularies.terms import codes
from services.web.problems import Conflict, Fault, Forbidden, Invalid

PUBLIC = frozenset[Action](("publish", "archive", "reopen"))
"""Actions that may change what is public, and therefore queue before they read anything."""


@dataclass
class Taking:
    """A step while it is taken."""

    session: Session
    caller: Caller
    submission: Submission
    body: TransitionRequest
    type: RecordType
    before: State
    record: Record | None
    """The record that the submission became, or revises."""

    @cached_property
    def saved(self) -> SubmissionRevision:
        """What was saved last."""
        return service.latest(self.session, self.submission)

    @cached_property
    def report(self) -> Report:
        """What is missing or wrong in it."""
        teller = service.teller(self.submission)
        return drafts.report(self.session, self.type, self.saved.content, self.saved.translations, teller)


def begin(session: Session, caller: Caller, body: SubmissionCreate) -> Submission:
    """Begin a draft as `service.create` does, and tell the office for which somebody else began it."""
    submission = service.create(session, caller, body)
    if submission.turn == "office":
        telling.waits(session, caller, submission)
    return submission


def take(session: Session, caller: Caller, submission: Submission, body: TransitionRequest, version: int) -> Submission:
    """Take one step.

    Raise `Forbidden` when the table lets the caller take it in no state, 412 when somebody else was faster, `Conflict`
    when the present state has no such step for the caller, and `Invalid` when something that it needs is not given.
    """
    if body.action in PUBLIC:
        changes.hold(session)
    if body.action == "take-up" and (judge := _judge(caller, body)) is not None:
        reviewing.hold(session, judge)
    type = TYPES[submission.type]
    rows = type.workflow.of(body.action)
    if not any(one.who & service.parts(caller, submission) for one in rows):
        raise Forbidden(f"To {body.action} this case is not yours: {_whose(rows)}")
    service.claim(session, submission, version)
    parties = service.parties(submission)
    who = policy.parts(caller, parties, submission.reviewer)
    record = records.get(session, submission.record_id) if submission.record_id else None
    public = record is not None and record.published_revision is not None
    before = State(submission.state)
    found = type.workflow.row(body.action, before, public)
    if found is None or not found.who & who:
        may = ", ".join(type.workflow.allowed(before, public, who)) or "nothing"
        raise Conflict(f"A case that is {before} cannot be taken through '{body.action}'; you may now: {may}")
    taking = Taking(session, caller, submission, body, type, before, record)
    told = telling.Before(submission.turn, submission.reviewer)
    _check(taking, who, found)
    moment = now()
    submission.state, submission.state_since, submission.updated_at = found.to_state, moment, moment
    if (effect := EFFECTS.get(body.action)) is not None:
        effect(taking)
    owned = service.owner_of(parties) is not None
    submission.turn = type.workflow.turn(found.to_state, owned=owned, reviewer=submission.reviewer is not None)
    statements = [one.model_dump() for one in body.statements]
    service.step(session, caller, submission, body.action, before, moment, body.reason, body.comments, statements)
    detail = {"from": before, "to": submission.state, "revision": submission.revision}
    access.audit(session, caller, f"submission.{body.action}", "submission", str(submission.id), detail, moment)
    telling.of_step(session, caller, submission, body.action, told)
    return submission


def _whose(rows: list[Transition]) -> str:
    who = sorted({part for one in rows for part in one.who})
    return f"it is for {' or '.join(who)}" if who else "its type has no such step"


def _check(taking: Taking, who: frozenset[Part], row: Transition) -> None:
    """Raise `Invalid` unless all that the step needs is given, and nothing that it does not take."""
    session, body, submission = taking.session, taking.body, taking.submission
    faults = []
    if "reason" in row.needs and body.reason is None:
        faults.append(_fault("reason", f"missing: say why, to {body.action}"))
    if "comments" in row.needs and not body.comments:
        faults.append(_fault("comments", f"missing: name the comments that say what must change, to {body.action}"))
    if body.comments and "comments" not in row.needs:
        faults.append(_fault("comments", f"to {body.action} names no comments"))
    if body.reviewer and body.action != "take-up":
        faults.append(_fault("reviewer", f"to {body.action} names no reviewer"))
    open_threads = comments.not_open(session, who, submission, body.comments)
    faults += [_fault(f"comments[{place}]", why) for place, why in open_threads]
    if "complete" in row.needs:
        faults += _incomplete(taking)
    faults += _unjudged(taking) if "statements" in row.needs else _unasked(body)
    if faults:
        raise Invalid(faults)


def _fault(field: str, message: str) -> Fault:
    return Fault(location="body", field=field, message=message)


def _unasked(body: TransitionRequest) -> list[Fault]:
    return [_fault("statements", f"to {body.action} judges no features")] if body.statements else []


def _unjudged(taking: Taking) -> list[Fault]:
    """Return what a judgement lacks: a complete short form, and a statement for each feature that was judged."""
    faults = []
    if (answered := taking.submission.snapshot) < 100:
        message = f"the short form is answered to {answered} %: nothing is approved before all of it is"
        faults.append(Fault(location="questionnaire", field="", message=message))
    allowed = _judged(taking.type)
    if not taking.body.statements:
        message = "missing: state, for at least one feature, what shows that the case has it or has it not"
        faults.append(Fault(location="body", field="statements", message=message, allowed=allowed))
    seen: set[str] = set()
    for number, one in enumerate(taking.body.statements):
        field = f"statements[{number}].feature"
        if one.feature not in allowed:
            message = "no feature that is judged"
            faults.append(Fault(location="body", field=field, message=message, value=one.feature, allowed=allowed))
        elif one.feature in seen:
            faults.append(Fault(location="body", field=field, message="judged twice", value=one.feature))
        seen.add(one.feature)
    return faults


def _judged(type: RecordType) -> list[str]:
    """Return the codes of the features that peers judge in records of a type."""
    column = type.form.column(f"{type.judged}[0].feature") if type.judged else None
    return list(codes(column.vocabulary)) if column and column.vocabulary else []


def _incomplete(taking: Taking) -> list[Fault]:
    """Return what the form lacks, by question number."""
    return [
        Fault(
            location="questionnaire",
            field=finding.path,
            message=f"question {finding.question}: {finding.message}" if finding.question else finding.message,
            allowed=finding.allowed,
        )
        for finding in taking.report.findings
    ]


def _hand_in(taking: Taking) -> None:
    service.latest(taking.session, taking.submission).kept = True


def _judge(caller: Caller, body: TransitionRequest) -> str | None:
    """Return who is to review: the peer who takes a case up, or whom the secretariat names, if anybody."""
    return caller.id if caller.role == "reviewer" else body.reviewer


def _take_up(taking: Taking) -> None:
    caller, wanted = taking.caller, taking.body.reviewer
    if caller.role == "reviewer" and wanted not in (None, caller.id):
        raise Invalid([_fault("reviewer", "only the secretariat hands a case to somebody else")])
    judge = _judge(caller, taking.body)
    if judge is not None and not reviewing.may_judge(taking.session, judge, service.parties(taking.submission)):
        why = "nobody who may review this case: an active reviewer, not of the authority that owns it"
        raise Invalid([Fault(location="body", field="reviewer", message=why, value=judge)])
    taking.submission.reviewer = judge


def _approve(taking: Taking) -> None:
    taking.submission.approved_revision = taking.submission.revision
    taking.submission.statements = [one.model_dump() for one in taking.body.statements]


def _publish(taking: Taking) -> None:
    """Make what was handed in public as the record's next revision."""
    session, caller, submission, type = taking.session, taking.caller, taking.submission, taking.type
    saved, content = taking.saved, taking.report.content
    assert content is not None  # noqa: S101 - it was checked to be complete
    body = {"content": content, "translations": drafts.followed(type, saved.content, saved.translations)}
    record = taking.record
    if record is None:
        owner_id = service.owner_of(service.parties(submission))
        owner = authorities.get(session, owner_id).slug if owner_id else None
        record = records.create(session, caller, type, schemas.of(type).create.model_validate(body | {"owner": owner}))
        submission.record_id = record.id
    else:
        if record.latest_revision != submission.base_revision:
            raise Conflict(
                f"The {type.label} went on from revision {submission.base_revision} to {record.latest_revision}: "
                f"request changes, merge /api/v1/{type.plural}/{record.id}/diff?before={submission.base_revision}"
                f"&after={record.latest_revision}, and save with base_revision {record.latest_revision}"
            )
        records.update(session, caller, record, schemas.of(type).write.model_validate(body), record.version)
    records.publish(session, caller, record, record.version, *service.judged(submission))
    submission.base_revision = record.latest_revision


def _revise(taking: Taking) -> None:
    _start_from_record(taking)
    taking.submission.reviewer = None


def _withdraw(taking: Taking) -> None:
    taking.submission.reviewer = None


def _discard(taking: Taking) -> None:
    _start_from_record(taking, anew=True)


def _archive(taking: Taking) -> None:
    record = taking.record
    if record is not None and record.published_revision is not None:
        records.archive(taking.session, taking.caller, record, record.version, taking.body.reason or "")


def _reopen(taking: Taking) -> None:
    if taking.submission.state == State.PUBLISHED:
        record = taking.record
        assert record is not None  # noqa: S101 - the table's row holds for public cases
        records.reopen(taking.session, taking.caller, record, record.version, taking.body.reason or "")


def _start_from_record(taking: Taking, *, anew: bool = False) -> None:
    """Let the draft start from the record's latest revision where that is not what was saved last."""
    session, caller, submission, record = taking.session, taking.caller, taking.submission, taking.record
    assert record is not None  # noqa: S101 - only what was published is revised
    if anew or record.latest_revision != submission.base_revision:
        newest = records.latest(session, record)
        service.write(session, caller, submission, newest.content, newest.translations)
        submission.base_revision = record.latest_revision


EFFECTS: dict[Action, Callable[[Taking], None]] = {
    "submit": _hand_in,
    "take-up": _take_up,
    "approve": _approve,
    "publish": _publish,
    "revise": _revise,
    "withdraw": _withdraw,
    "discard": _discard,
    "archive": _archive,
    "reopen": _reopen,
}
"""What a step means beyond the change of state."""
