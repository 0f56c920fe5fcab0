"""Bodies of the submissions room."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from services.api.forms.schemas import CompletenessRead
from services.api.kit.schema import Line, LongText, Schema, Slug, Text
from services.api.kit.workflow import Action, Need, State, Turn
from services.api.records.schemas import StatementRead
from services.api.types import TYPES, default

StateName = Literal[
    "draft", "submitted", "in-review", "changes-requested", "approved", "published", "rejected", "archived"
]
_ROW = r"(\[([0-9]{1,3}|key=[A-Za-z0-9._-]{1,40})\])"
FieldPath = Annotated[
    str,
    Text(
        120,
        pattern=rf"^[a-z_]+{_ROW}?(\.[a-z_]+{_ROW}?){{0,4}}$",
        meaning="the path of a field of the questionnaire, such as 'how.results[0]'",
    ),
    Field(examples=["how.summary", "initiative.partners[2].country"]),
]
Id = Annotated[UUID, Field(strict=False)]
"""An id, which JSON can only give as text."""
CallerId = Annotated[str, Text(40, pattern=r"^[A-Za-z0-9-]+$", meaning="the id of an account or of a key")]

assert {*StateName.__args__} == {*State}  # type: ignore[attr-defined]  # noqa: S101 - two ways to say one thing


class SubmissionWrite(Schema):
    """The questionnaire as far as it has been answered: whatever stands in it is kept, complete or not."""

    content: dict[str, Any] = Field(description="Answers in the shape of the type's content; nothing is required yet")
    translations: dict[str, Any] | None = Field(
        None, description="Translated texts, as in a record; those saved before stay when this is left out"
    )
    base_revision: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        None, description="Revision of the published record that these answers have been merged with"
    )


class SubmissionCreate(Schema):
    """A new draft: empty, with first answers, or to revise a record that is public."""

    type: Annotated[str, Field(max_length=40)] = Field(
        default_factory=lambda: default().name, description="Type of record that it is to become"
    )
    content: dict[str, Any] = Field({}, description="First answers in the shape of the type's content")
    translations: dict[str, Any] | None = None
    owner: Slug | None = Field(
        None, description="Authority whose case it is: slug or id; an officer's own one by default"
    )
    record: Slug | None = Field(None, description="Record to revise, by slug or id; the draft then starts from it")
    practice: Slug | None = Field(None, description="The same, as it was called when practices were the only type")

    @model_validator(mode="before")
    @classmethod
    def _one_record(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("practice") is not None and given.get("record") is None:
            return given | {"record": given["practice"]}
        return given

    @model_validator(mode="after")
    def _known_type(self) -> Self:
        if self.type not in TYPES:
            allowed = ", ".join(TYPES)
            message = "there is no type '{type}'; allowed: {allowed}"
            raise PydanticCustomError("type", message, {"at": "type", "type": self.type, "allowed": allowed})
        return self

    @property
    def named(self) -> str:
        """The field in which the record to revise is named."""
        return "practice" if self.practice is not None else "record"


class StatementWrite(Schema):
    """What a peer states of a feature that was judged."""

    feature: Slug = Field(description="Code of the feature")
    statement: LongText


class TransitionRequest(Schema):
    """A step of the workflow."""

    action: Action
    reason: Line | None = Field(None, description="Why; required where something is asked for or ended")
    comments: list[Id] = Field(
        [], max_length=200, description="Comments that say what must change; required to request changes"
    )
    statements: list[StatementWrite] = Field(
        [], max_length=50, description="What a peer states of each feature that was judged; required to approve"
    )
    reviewer: CallerId | None = Field(None, description="Who reviews, when the secretariat hands a case to a peer")


class CommentWrite(Schema):
    """A remark on a field of what was saved, or an answer to a remark."""

    text: Line
    path: FieldPath | None = Field(
        None, description="Field that it is about; an answer is about what its parent is about"
    )
    revision: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        None, description="Saved state that it is about; the latest by default"
    )
    parent: Id | None = Field(None, description="Comment that it answers")
    internal: bool = Field(
        False, description="Whether only one's own side reads it, the office or the reviewers, and the secretariat"
    )


class Person(BaseModel):
    """A caller as others see it."""

    id: str
    name: str


class FindingRead(BaseModel):
    """What stands between a draft and its submission, by question."""

    question: str | None
    path: str
    kind: Literal["missing", "wrong", "unknown"]
    message: str
    allowed: list[str] | None = None


class SubmissionSummary(BaseModel):
    """A submission in a list; `actions` are those that the caller may take now, `turn` says whose move it is."""

    id: UUID
    version: int
    state: StateName
    state_since: str
    title: str
    type: str
    owner: str | None
    record: str | None
    practice: str | None = Field(description="The same as `record`, for practices")
    public: bool
    revision: int
    completeness: CompletenessRead
    ready: bool
    open_comments: int
    reviewer: Person | None
    turn: Turn | None
    actions: list[Action]
    created_at: str
    created_by: Person
    updated_at: str
    updated_by: Person


class SubmissionRead(SubmissionSummary):
    """A submission with its questionnaire and what is missing in it."""

    base_revision: int | None
    editable: bool
    content: dict[str, Any]
    translations: dict[str, Any]
    findings: list[FindingRead]


class SavedRevision(BaseModel):
    """A saved state in the list."""

    number: int
    version: int
    created_at: str
    created_by: Person
    handed_in: bool


class SavedRevisionRead(SavedRevision):
    """One saved state, whole."""

    content: dict[str, Any]
    translations: dict[str, Any]


class OwnersRead(BaseModel):
    """Whose a case was before it was handed over, and whose it is after it: slugs, none for nobody's."""

    before: str | None
    after: str | None


class EventRead(BaseModel):
    """A step of the workflow, or what else was decided of a case: who did it, when and why.

    `hand-over` is that it belongs to another authority, `put-back` that its reviewer can judge it no more.
    """

    version: int
    at: str
    by: Person
    action: str
    from_state: StateName | None
    to_state: StateName
    revision: int
    reason: str | None
    reviewer: Person | None
    comments: list[UUID]
    statements: list[StatementRead]
    owners: OwnersRead | None = Field(description="Only of a hand-over")


class CommentRead(BaseModel):
    """A comment with the answers to it."""

    id: UUID
    revision: int
    path: str | None
    internal: bool
    text: str
    at: str
    by: Person
    resolved_at: str | None
    resolved_by: Person | None
    answers: list["CommentRead"]


class DraftDifference(BaseModel):
    """One difference between two saved states, at a path of `content` or `translations`."""

    path: str
    change: Literal["added", "removed", "changed"]
    before: Any
    after: Any


class DraftDiff(BaseModel):
    """What was changed since a version, and by whom: what to merge one's own change with."""

    since: int
    version: int
    before: int
    after: int
    by: list[Person]
    differences: list[DraftDifference]


class TransitionRow(BaseModel):
    """A row of the workflow's table."""

    action: Action
    from_state: StateName
    to_state: StateName
    who: list[str]
    needs: list[Need]
    public: bool | None


class AgeBand(BaseModel):
    """How many have been in their state for so many days: `/submissions` takes both bounds by the same names."""

    older_than: int
    younger_than: int | None
    count: int


class StateCount(BaseModel):
    """How many submissions are in a state, and for how long."""

    state: StateName
    total: int
    longest_since: str | None = Field(description="Since when the one is in it that has been in it longest")
    ages: list[AgeBand]


class Pipeline(BaseModel):
    """All submissions by state, in the workflow's order; `at` is the moment that ages were counted at."""

    at: str
    states: list[StateCount]


class InboxPart(BaseModel):
    """Submissions that wait, longest first; `total` counts all of them, `items` holds the first ones."""

    total: int
    items: list[SubmissionSummary]


class Inbox(BaseModel):
    """What waits for the caller, and what the caller waits for."""

    waiting_for_me: InboxPart
    i_wait_for: InboxPart
