"""A workflow as a table: which action leads from where to where, who may take it, and what it needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Literal


class State(StrEnum):
    """Where a submission may stand (vocabulary `submission-states`); a workflow uses those that it needs."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in-review"
    CHANGES_REQUESTED = "changes-requested"
    APPROVED = "approved"
    PUBLISHED = "published"
    REJECTED = "rejected"
    ARCHIVED = "archived"


Part = Literal["office", "partner", "secretariat", "peer", "reviewer"]
"""What a caller is to one submission: an officer of its owner (`office`) or of another authority that is a party to it
(`partner`), the secretariat, a reviewer of none of these who may take it up, or the reviewer who has taken it up."""

Turn = Literal["office", "reviewer", "secretariat"]
"""Whose move is waited for."""

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

Need = Literal["reason", "comments", "complete", "statements"]
"""What a step may need: why it is taken, comments that say what must change, all that a submission must answer, or a
complete short form and a statement for each thing that was judged."""


@dataclass(frozen=True)
class Transition:
    """One row of the table."""

    action: Action
    from_state: State
    to_state: State
    who: frozenset[Part]
    needs: frozenset[Need] = frozenset()
    public: bool | None = None
    """Whether the row holds for what is public only, or for what is not; none means for both."""


@dataclass(frozen=True, eq=False)
class Workflow:
    """The table, and what follows from the states."""

    transitions: tuple[Transition, ...]
    turns: Mapping[State, Turn]
    """Whose move is waited for in a state; in those that are not named, nobody's."""
    editable: frozenset[State] = frozenset((State.DRAFT, State.CHANGES_REQUESTED))
    """States in which answers may be written; in all others what was handed in stays as it is."""
    before_peers: frozenset[State] = frozenset((State.SUBMITTED, State.IN_REVIEW, State.APPROVED))
    """States in which every reviewer may read a submission."""

    def row(self, action: Action, state: State, public: bool) -> Transition | None:
        """Return the row of an action in a state, none when the table has none."""
        found = (one for one in self._from(state) if one.action == action)
        return next((one for one in found if one.public in (None, public)), None)

    def allowed(self, state: State, public: bool, who: frozenset[Part]) -> list[Action]:
        """Return the actions that somebody who is all of `who` may take now, in the table's order."""
        actions = dict.fromkeys(one.action for one in self._from(state))
        return [action for action in actions if (found := self.row(action, state, public)) and found.who & who]

    def of(self, action: Action) -> list[Transition]:
        """Return every row of an action."""
        return [one for one in self.transitions if one.action == action]

    def turn(self, state: State, *, owned: bool, reviewer: bool) -> Turn | None:
        """Return whose move is waited for; the secretariat's where there is no office or no reviewer to wait for."""
        waited = self.turns.get(state)
        absent = (waited == "office" and not owned) or (waited == "reviewer" and not reviewer)
        return "secretariat" if absent else waited

    @cached_property
    def states(self) -> tuple[State, ...]:
        """The states that it leads through, in the order in which all are declared."""
        used = {one.from_state for one in self.transitions} | {one.to_state for one in self.transitions}
        return tuple(state for state in State if state in used)

    def _from(self, state: State) -> list[Transition]:
        return [one for one in self.transitions if one.from_state == state]
