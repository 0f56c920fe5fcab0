"""The way of a practice to its readers.

It goes draft → submitted → in review → published, by way of changes requested, a peer's approval, withdrawal and
rejection; a published one is revised in the same way while its last public revision stays public.
"""

from collections.abc import Iterator

from services.api.kit.workflow import Part, State, Transition, Workflow
from services.api.types.unreviewed import COMPLETE, OFFICE, REASON, SECRETARIAT, afterwards

REVIEWING: frozenset[Part] = frozenset(("secretariat", "reviewer"))


def _rows() -> Iterator[Transition]:
    s = State
    for state in (s.DRAFT, s.CHANGES_REQUESTED):
        yield Transition("submit", state, s.SUBMITTED, OFFICE, COMPLETE)
    for state in (s.SUBMITTED, s.IN_REVIEW, s.APPROVED):
        yield Transition("withdraw", state, s.DRAFT, OFFICE)
    yield Transition("take-up", s.SUBMITTED, s.IN_REVIEW, frozenset(("secretariat", "peer")))
    yield Transition("take-up", s.IN_REVIEW, s.IN_REVIEW, SECRETARIAT)
    for state in (s.IN_REVIEW, s.APPROVED):
        yield Transition("request-changes", state, s.CHANGES_REQUESTED, REVIEWING, REASON | {"comments"})
    yield Transition("approve", s.IN_REVIEW, s.APPROVED, frozenset(("reviewer",)), frozenset(("statements",)))
    for state in (s.IN_REVIEW, s.APPROVED):
        yield Transition("publish", state, s.PUBLISHED, SECRETARIAT, COMPLETE)
    for state in (s.SUBMITTED, s.IN_REVIEW, s.APPROVED):
        yield Transition("reject", state, s.REJECTED, SECRETARIAT, REASON)
    yield from afterwards()


WORKFLOW = Workflow(
    tuple(_rows()),
    turns={
        State.DRAFT: "office",
        State.CHANGES_REQUESTED: "office",
        State.SUBMITTED: "secretariat",
        State.IN_REVIEW: "reviewer",
        State.APPROVED: "secretariat",
    },
)
