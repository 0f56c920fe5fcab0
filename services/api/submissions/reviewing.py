"""Who judges a case: whoever cannot any more gives it back to the secretariat."""

from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import Caller
from services.api.kit.db import lock
from services.api.kit.moments import now
from services.api.kit.workflow import State
from services.api.records.policy import Parties
from services.api.submissions import policy, repository, service, telling
from services.api.submissions.models import PUT_BACK, Submission
from services.api.types import TYPES


def hold(session: Session, reviewer: str) -> None:
    """Be alone among those who give a reviewer cases, or take them away; before a case is held."""
    lock(session, f"cases of {reviewer}")


def may_judge(session: Session, id: str, parties: Parties) -> bool:
    """Tell whether somebody may call now, and may judge a case with these parties."""
    found = access.find_caller(session, id)
    return found is not None and "peer" in policy.parts(found, parties, None)


def put_back(session: Session, by: Caller, reviewer: str) -> None:
    """Give the secretariat back what waits for a reviewer who can judge it no more."""
    hold(session, reviewer)
    for case in repository.with_reviewer(session, reviewer):
        if not may_judge(session, reviewer, service.parties(case)):
            repository.advance(session, case)
            release(session, by, case)


def release(session: Session, by: Caller, case: Submission) -> None:
    """Let a case of which the version was advanced have no reviewer, and tell the secretariat, whose move it is."""
    moment, before, gone = now(), State(case.state), case.reviewer
    case.reviewer, case.updated_at = None, moment
    parties = service.parties(case)
    case.turn = TYPES[case.type].workflow.turn(before, owned=service.owner_of(parties) is not None, reviewer=False)
    service.step(session, by, case, PUT_BACK, before, moment)
    detail = {"reviewer": gone}
    access.audit(session, by, f"submission.{PUT_BACK}", "submission", str(case.id), detail, moment)
    telling.waits(session, by, case)


access.on_change.append(put_back)
