"""The workflow of a submission as a table: which action leads from where to where, who may take it, and what it needs.

A case goes draft → submitted → in review → published, by way of changes requested, a peer's approval, withdrawal and
rejection; a published one is revised in the same way while its last public revision stays public.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from uuid import UUID

from services.api.access.service import Caller


class State(StrEnum):
    """Where a submission stands; labels are in the vocabulary `submission-states`."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in-review"
    CHANGES_REQUESTED = "changes-requested"
    APPROVED = "approved"
    PUBLISHED = "published"
    REJECTED = "rejected"
    ARCHIVED = "archived"


Part = Literal["office", "secretariat", "peer", "reviewer"]
"""What a caller is to one submission: an officer of the authority that owns it, the secretariat, a reviewer of another
authority who may take it up, or the reviewer who has taken it up."""

Action = Literal[
    "submit",
    "withdraw",
    "take-up",
    "request-changes",
    "approve",
    "reject",
    "publish",
    "revise",
    "discard",
    "archive",
    "reopen",
]

OFFICE: frozenset[Part] = frozenset(("office", "secretariat"))
SECRETARIAT: frozenset[Part] = frozenset(("secretariat",))

EDITABLE = frozenset((State.DRAFT, State.CHANGES_REQUESTED))
"""States in which the questionnaire may be written; in all others what was handed in stays as it is."""
BEFORE_PEERS = frozenset((State.SUBMITTED, State.IN_REVIEW, State.APPROVED))
"""States in which every reviewer may read a submission."""
AT_REST = frozenset((State.PUBLISHED, State.REJECTED, State.ARCHIVED))
"""States in which nobody is waited for."""


@dataclass(frozen=True)
class Transition:
    """One row of the table."""

    action: Action
    from_state: State
    to_state: State
    who: frozenset[Part]
    reason: bool = False
    """Whether a reason must be given."""
    comments: bool = False
    """Whether comments that stand open must be named."""
    complete: bool = False
    """Whether the questionnaire must answer all that a submission needs."""
    public: bool | None = None
    """Whether the row holds for cases that are public only, or for those that are not; none means for both."""


def _rows() -> Iterator[Transition]:
    s = State
    reviewing: frozenset[Part] = frozenset(("secretariat", "reviewer"))
    for state in (s.DRAFT, s.CHANGES_REQUESTED):
        yield Transition("submit", state, s.SUBMITTED, OFFICE, complete=True)
    for state in (s.SUBMITTED, s.IN_REVIEW, s.APPROVED):
        yield Transition("withdraw", state, s.DRAFT, OFFICE)
    yield Transition("take-up", s.SUBMITTED, s.IN_REVIEW, frozenset(("secretariat", "peer")))
    yield Transition("take-up", s.IN_REVIEW, s.IN_REVIEW, SECRETARIAT)
    for state in (s.IN_REVIEW, s.APPROVED):
        yield Transition("request-changes", state, s.CHANGES_REQUESTED, reviewing, reason=True, comments=True)
    yield Transition("approve", s.IN_REVIEW, s.APPROVED, frozenset(("reviewer",)))
    for state in (s.IN_REVIEW, s.APPROVED):
        yield Transition("publish", state, s.PUBLISHED, SECRETARIAT, complete=True)
    for state in (s.SUBMITTED, s.IN_REVIEW, s.APPROVED):
        yield Transition("reject", state, s.REJECTED, SECRETARIAT, reason=True)
    yield Transition("revise", s.PUBLISHED, s.DRAFT, OFFICE)
    for state in (s.DRAFT, s.CHANGES_REQUESTED, s.REJECTED):
        yield Transition("discard", state, s.PUBLISHED, OFFICE, public=True)
        yield Transition("archive", state, s.ARCHIVED, OFFICE, reason=True, public=False)
    yield Transition("archive", s.PUBLISHED, s.ARCHIVED, SECRETARIAT, reason=True)
    yield Transition("reopen", s.REJECTED, s.DRAFT, SECRETARIAT, reason=True)
    yield Transition("reopen", s.ARCHIVED, s.DRAFT, OFFICE, reason=True, public=False)
    yield Transition("reopen", s.ARCHIVED, s.PUBLISHED, SECRETARIAT, reason=True, public=True)


TRANSITIONS: tuple[Transition, ...] = tuple(_rows())


def parts(caller: Caller, owner_id: UUID | None, reviewer: str | None) -> frozenset[Part]:
    """Return what a caller is to a submission with this owner and reviewer; nobody judges the own authority's case."""
    found: set[Part] = set()
    if caller.is_secretariat:
        found.add("secretariat")
    if caller.role == "officer" and caller.belongs_to(owner_id):
        found.add("office")
    if caller.role == "reviewer" and not caller.belongs_to(owner_id):
        found.add("peer")
        if caller.id == reviewer:
            found.add("reviewer")
    return frozenset(found)


def row(action: Action, state: State, public: bool) -> Transition | None:
    """Return the row of an action in a state, none when the table has none."""
    found = (one for one in TRANSITIONS if one.action == action and one.from_state == state)
    return next((one for one in found if one.public in (None, public)), None)


def allowed(state: State, public: bool, who: frozenset[Part]) -> list[Action]:
    """Return the actions that somebody who is all of `who` to a submission may take now, in the table's order."""
    actions = dict.fromkeys(one.action for one in TRANSITIONS if one.from_state == state)
    return [action for action in actions if (found := row(action, state, public)) and found.who & who]


def turn(state: State, reviewer: str | None) -> Part | None:
    """Return whose move is waited for in a state, none when nobody's is."""
    if state in EDITABLE:
        return "office"
    if state is State.IN_REVIEW and reviewer:
        return "reviewer"
    return None if state in AT_REST else "secretariat"
