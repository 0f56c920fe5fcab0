"""Tables of submissions: a case on its way to publication, every saved state of it, what was decided, what was said."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Column, Index, Text
from sqlmodel import Field, Relationship, SQLModel

from services.api.kit.columns import Json, UtcDateTime
from services.api.kit.workflow import State

HAND_OVER = "hand-over"
"""What the history calls it that a case belongs to another authority, or to none, from now on."""
PUT_BACK = "put-back"
"""That its reviewer can judge it no more, and the secretariat has to find another one."""


class Submission(SQLModel, table=True):
    """One case, from its first draft through all its published revisions; any change advances `version`."""

    __tablename__ = "submission"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state.value) for state in State)})", name="state"),
        Index(None, "state", "state_since"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    version: int = 1
    type: str = Field(max_length=40)
    """The type of record that it is to become."""
    record_id: UUID | None = Field(default=None, foreign_key="record.id", unique=True)
    """The record that it became, or that it revises."""
    base_revision: int | None = None
    """The record's revision that this one goes on from."""
    state: str = Field(max_length=20)
    state_since: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    turn: str | None = Field(default=None, max_length=20)
    """Whose move is waited for (`Turn`), none when nobody's is; whatever changes the state says it."""
    reviewer: str | None = Field(default=None, max_length=40, index=True)
    revision: int = 1
    """Number of the latest saved state."""
    approved_revision: int | None = None
    """The saved state that a peer approved last."""
    statements: list[dict[str, str]] = Field(default=[], sa_column=Column(Json, nullable=False))
    """What that peer stated of each feature that was judged."""
    title: str = Field(max_length=300)
    snapshot: int = Field()
    """Completeness of the short form in percent; `full` that of the full form."""
    full: int = Field()
    ready: bool = Field()
    """Whether it answers all that a submission needs."""
    created_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    created_by: str = Field(max_length=40)
    updated_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
    updated_by: str = Field(max_length=40)

    parties: list["SubmissionParty"] = Relationship(
        sa_relationship_kwargs={"lazy": "selectin", "cascade": "all, delete-orphan"}
    )
    """Whose it is, and who else has a part in it; read with it, since what anybody may do depends on them."""


class SubmissionParty(SQLModel, table=True):
    """Whose a submission is, and who else has a part in it."""

    __tablename__ = "submission_party"

    submission_id: UUID = Field(primary_key=True, foreign_key="submission.id")
    part: str = Field(primary_key=True, max_length=40)
    """`owner`, or another part that its type declares."""
    authority_id: UUID = Field(primary_key=True, foreign_key="authority.id", index=True)


class SubmissionRevision(SQLModel, table=True):
    """One saved state of the questionnaire, complete or not; never changed once written."""

    __tablename__ = "submission_revision"

    submission_id: UUID = Field(primary_key=True, foreign_key="submission.id")
    number: int = Field(primary_key=True)
    version: int
    """The submission's version when this was saved."""
    kept: bool = False
    """Whether it was handed in or commented on: others may be forgotten when there are many."""
    content: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    translations: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    created_by: str = Field(max_length=40)


class SubmissionEvent(SQLModel, table=True):
    """A step of the workflow: who took it, when and why; rows are only ever added."""

    __tablename__ = "submission_event"

    submission_id: UUID = Field(primary_key=True, foreign_key="submission.id")
    version: int = Field(primary_key=True)
    """The submission's version after the step."""
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    caller: str = Field(max_length=40)
    action: str = Field(max_length=20)
    from_state: str | None = Field(default=None, max_length=20)
    to_state: str = Field(max_length=20)
    revision: int
    reason: str | None = Field(default=None, sa_column=Column(Text))
    reviewer: str | None = Field(default=None, max_length=40)
    comments: list[str] = Field(default=[], sa_column=Column(Json, nullable=False))
    """Ids of the comments that the step names."""
    statements: list[dict[str, str]] = Field(default=[], sa_column=Column(Json, nullable=False))
    """What was stated of each feature that was judged."""
    from_authority_id: UUID | None = Field(default=None, foreign_key="authority.id")
    """Whose the case was before it was handed over, and whose it is after it; none is nobody's."""
    to_authority_id: UUID | None = Field(default=None, foreign_key="authority.id")


class SubmissionComment(SQLModel, table=True):
    """A remark on a field of a saved state, or an answer to one."""

    __tablename__ = "submission_comment"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    submission_id: UUID = Field(foreign_key="submission.id", index=True)
    parent_id: UUID | None = Field(default=None, foreign_key="submission_comment.id", index=True)
    revision: int
    path: str | None = Field(default=None, max_length=120)
    """Field of the form; none speaks of the whole."""
    internal: str | None = Field(default=None, max_length=10)
    """The side that alone reads it beside the secretariat: `office` or `review`; none for everybody."""
    text: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    caller: str = Field(max_length=40)
    resolved_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    resolved_by: str | None = Field(default=None, max_length=40)
