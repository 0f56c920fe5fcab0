"""What people are told of cases on their way."""

from sqlmodel import Session

from services.api.submissions.models import Submission


def of_a_case_without_reviewer(session: Session, case: Submission) -> None:
    """Tell the secretariat that a case waits for it, since its reviewer can judge it no more."""
