"""The way to the readers without peers: the office hands in, the secretariat asks for changes or publishes."""

from collections.abc import Iterator

from services.api.kit.workflow import Need, Part, State, Transition, Workflow

OFFICE: frozenset[Part] = frozenset(("office", "secretariat"))
SECRETARIAT: frozenset[Part] = frozenset(("secretariat",))

REASON: frozenset[Need] = frozenset(("reason",))
COMPLETE: frozenset[Need] = frozenset(("complete",))


def afterwards() -> Iterator[Transition]:
    """Yield the rows of what was public, rejected or put away: the same in any type that has these states."""
    s = State
    yield Transition("revise", s.PUBLISHED, s.DRAFT, OFFICE)
    for state in (s.DRAFT, s.CHANGES_REQUESTED, s.REJECTED):
        yield Transition("discard", state, s.PUBLISHED, OFFICE, public=True)
        yield Transition("archive", state, s.ARCHIVED, OFFICE, REASON, public=False)
    yield Transition("archive", s.PUBLISHED, s.ARCHIVED, SECRETARIAT, REASON)
    yield Transition("reopen", s.REJECTED, s.DRAFT, SECRETARIAT, REASON)
    yield Transition("reopen", s.ARCHIVED, s.DRAFT, OFFICE, REASON, public=False)
    yield Transition("reopen", s.ARCHIVED, s.PUBLISHED, SECRETARIAT, REASON, public=True)


def _rows() -> Iterator[Transition]:
    s = State
    for state in (s.DRAFT, s.CHANGES_REQUESTED):
        yield Transition("submit", state, s.SUBMITTED, OFFICE, COMPLETE)
    yield Transition("withdraw", s.SUBMITTED, s.DRAFT, OFFICE)
    yield Transition("request-changes", s.SUBMITTED, s.CHANGES_REQUESTED, SECRETARIAT, REASON | {"comments"})
    yield Transition("publish", s.SUBMITTED, s.PUBLISHED, SECRETARIAT, COMPLETE)
    yield Transition("reject", s.SUBMITTED, s.REJECTED, SECRETARIAT, REASON)
    yield from afterwards()


WORKFLOW = Workflow(
    tuple(_rows()),
    turns={
        State.DRAFT: "office",
        State.CHANGES_REQUESTED: "office",
        State.SUBMITTED: "secretariat",
    },
    before_peers=frozenset(),
)
