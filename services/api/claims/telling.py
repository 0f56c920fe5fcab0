"""What people are told of claims and of hand-overs."""

from sqlmodel import Session

from services.api.claims.models import RecordClaim


def of_a_claim(session: Session, claim: RecordClaim) -> None:
    """Tell the secretariat that an office asks for a record."""


def of_a_decision(session: Session, claim: RecordClaim) -> None:
    """Tell the office that asked what became of its claim."""
