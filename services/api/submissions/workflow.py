"""Takes the steps of the workflow: each is checked against the table, recorded, and carried out in one transaction."""

from datetime import datetime

from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import Caller
from services.api.authorities import service as authorities
from services.api.changes import service as changes
from services.api.kit.moments import now
from services.api.practices import service as practices
from services.api.practices.models import Practice, Tier
from services.api.practices.schemas import PracticeCreate, PracticeWrite
from services.api.submissions import comments, policy, service
from services.api.submissions.models import Submission
from services.api.submissions.policy import Action, State, Transition
from services.api.submissions.schemas import TransitionRequest
from services.web.problems import Conflict, Fault, Forbidden, Invalid

PUBLIC = frozenset[Action](("publish", "archive", "reopen"))
"""Actions that may change what is public, and therefore queue before they read anything."""


def take(session: Session, caller: Caller, submission: Submission, body: TransitionRequest, version: int) -> Submission:
    """Take one step.

    Raise `Forbidden` when the table lets the caller take it in no state, 412 when somebody else was faster, `Conflict`
    when the present state has no such step for the caller, and `Invalid` when something that it needs is not given.
    """
    if body.action in PUBLIC:
        changes.hold(session)
    who = service.parts(caller, submission)
    if not any(one.action == body.action and one.who & who for one in policy.TRANSITIONS):
        raise Forbidden(f"To {body.action} this case is not yours: {_whose(body.action)}")
    service.claim(session, submission, version)
    who = service.parts(caller, submission)
    public = is_public(session, submission)
    before = State(submission.state)
    found = policy.row(body.action, before, public)
    if found is None or not found.who & who:
        may = ", ".join(policy.allowed(before, public, who)) or "nothing"
        raise Conflict(f"A case that is {before} cannot be taken through '{body.action}'; you may now: {may}")
    _check(session, submission, body, found)
    moment = now()
    submission.state, submission.state_since, submission.updated_at = found.to_state, moment, moment
    _carry_out(session, caller, submission, body, moment)
    service.step(session, caller, submission, body.action, before, moment, body.reason, body.comments)
    detail = {"from": before, "to": submission.state, "revision": submission.revision}
    access.audit(session, caller, f"submission.{body.action}", "submission", str(submission.id), detail, moment)
    return submission


def is_public(session: Session, submission: Submission) -> bool:
    """Tell whether readers see the case's practice."""
    practice = _practice(session, submission)
    return practice is not None and practice.published_revision is not None


def _whose(action: Action) -> str:
    who = sorted({part for one in policy.TRANSITIONS if one.action == action for part in one.who})
    return f"it is for {' or '.join(who)}"


def _check(session: Session, submission: Submission, body: TransitionRequest, row: Transition) -> None:
    """Raise `Invalid` unless all that the step needs is given, and nothing that it does not take."""
    faults = []
    if row.reason and body.reason is None:
        faults.append(_fault("reason", f"missing: say why, to {body.action}"))
    if row.comments and not body.comments:
        faults.append(_fault("comments", f"missing: name the comments that say what must change, to {body.action}"))
    if body.comments and not row.comments:
        faults.append(_fault("comments", f"to {body.action} names no comments"))
    if body.reviewer and body.action != "take-up":
        faults.append(_fault("reviewer", f"to {body.action} names no reviewer"))
    faults += [
        _fault(f"comments[{place}]", why) for place, why in comments.not_open(session, submission, body.comments)
    ]
    if row.complete:
        faults += _incomplete(session, submission)
    if faults:
        raise Invalid(faults)


def _fault(field: str, message: str) -> Fault:
    return Fault(location="body", field=field, message=message)


def _incomplete(session: Session, submission: Submission) -> list[Fault]:
    """Return what the questionnaire lacks, by question number."""
    saved = service.latest(session, submission)
    report = service.report(saved.content, saved.translations)
    faults = [
        Fault(
            location="questionnaire",
            field=finding.path,
            message=f"question {finding.question}: {finding.message}" if finding.question else finding.message,
            allowed=finding.allowed,
        )
        for finding in report.findings
    ]
    if report.content is not None:
        named = [involved.authority for involved in report.content.who.authorities]
        known = authorities.find_all(session, [name for name in named if name])
        for number, name in enumerate(named):
            if name and name not in known:
                message = f"question 5.3: there is no authority '{name}' in this base"
                field = f"who.authorities[{number}].authority"
                faults.append(Fault(location="questionnaire", field=field, message=message, value=name))
    return faults


def _carry_out(
    session: Session, caller: Caller, submission: Submission, body: TransitionRequest, moment: datetime
) -> None:
    """Do what a step means beyond the change of state."""
    match body.action:
        case "submit":
            service.latest(session, submission).kept = True
        case "take-up":
            submission.reviewer = _reviewer(session, caller, submission, body.reviewer)
        case "approve":
            submission.approved_revision = submission.revision
        case "publish":
            _publish(session, caller, submission)
        case "revise":
            _start_from_practice(session, caller, submission)
            submission.reviewer = None
        case "withdraw":
            submission.reviewer = None
        case "discard":
            _start_from_practice(session, caller, submission, anew=True)
        case "archive":
            if (practice := _practice(session, submission)) and practice.published_revision is not None:
                practices.archive(session, caller, practice, practice.version, body.reason or "")
        case "reopen" if submission.state == State.PUBLISHED:
            practice = _practice(session, submission)
            assert practice is not None  # noqa: S101 - the table's row holds for public cases
            practices.reopen(session, caller, practice, practice.version, body.reason or "")


def _reviewer(session: Session, caller: Caller, submission: Submission, wanted: str | None) -> str | None:
    """Return who reviews: the peer who takes the case up, or whom the secretariat names, if anybody."""
    if caller.role == "reviewer":
        if wanted not in (None, caller.id):
            raise Invalid([_fault("reviewer", "only the secretariat hands a case to somebody else")])
        return caller.id
    if wanted is None:
        return None
    named = access.find_caller(session, wanted)
    if named is None or "peer" not in policy.parts(named, submission.owner_id, None):
        why = "nobody who may review this case: an active reviewer, not of the authority that owns it"
        raise Invalid([Fault(location="body", field="reviewer", message=why, value=wanted)])
    return named.id


def _practice(session: Session, submission: Submission) -> Practice | None:
    return practices.get(session, submission.practice_id) if submission.practice_id else None


def _publish(session: Session, caller: Caller, submission: Submission) -> None:
    """Make what was handed in public as the practice's next revision."""
    saved = service.latest(session, submission)
    found = service.report(saved.content, saved.translations)
    assert found.content is not None  # noqa: S101 - it was checked to be complete
    translations = service.followed(saved.content, saved.translations)
    practice = _practice(session, submission)
    if practice is None:
        owner = authorities.get(session, submission.owner_id).slug if submission.owner_id else None
        body = {"content": found.content, "translations": translations, "owner": owner}
        practice = practices.create(session, caller, PracticeCreate.model_validate(body))
        submission.practice_id = practice.id
    else:
        if practice.latest_revision != submission.base_revision:
            raise Conflict(
                f"The practice went on from revision {submission.base_revision} to {practice.latest_revision}: request "
                f"changes, merge /api/v1/practices/{practice.id}/diff?before={submission.base_revision}"
                f"&after={practice.latest_revision}, and save with base_revision {practice.latest_revision}"
            )
        write = PracticeWrite.model_validate({"content": found.content, "translations": translations})
        practices.update(session, caller, practice, write, practice.version)
    tier: Tier = "peer-reviewed" if submission.approved_revision == submission.revision else "network"
    practices.publish(session, caller, practice, practice.version, tier)
    submission.base_revision = practice.latest_revision


def _start_from_practice(session: Session, caller: Caller, submission: Submission, *, anew: bool = False) -> None:
    """Let the draft start from the practice's latest revision where that is not what was saved last."""
    practice = _practice(session, submission)
    assert practice is not None  # noqa: S101 - only what was published is revised
    if anew or practice.latest_revision != submission.base_revision:
        newest = practices.latest(session, practice)
        service.write(session, caller, submission, newest.content, newest.translations)
        submission.base_revision = practice.latest_revision
