"""Every query about letters."""

from sqlmodel import Session, SQLModel


def add(session: Session, row: SQLModel) -> None:
    """Add a row."""
    session.add(row)
