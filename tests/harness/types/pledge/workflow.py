"""The way of a pledge to its readers: draft → submitted → published; reviewers read it, nobody judges it."""

from services.api.kit.workflow import Need, Part, State, Transition, Workflow

OFFICE: frozenset[Part] = frozenset(("office", "secretariat"))
SECRETARIAT: frozenset[Part] = frozenset(("secretariat",))
COMPLETE: frozenset[Need] = frozenset(("complete",))
REASON: frozenset[Need] = frozenset(("reason",))

WORKFLOW = Workflow(
    (
        Transition("submit", State.DRAFT, State.SUBMITTED, OFFICE, COMPLETE),
        Transition("withdraw", State.SUBMITTED, State.DRAFT, OFFICE),
        Transition("publish", State.SUBMITTED, State.PUBLISHED, SECRETARIAT, COMPLETE),
        Transition("reject", State.SUBMITTED, State.DRAFT, SECRETARIAT, REASON),
        Transition("revise", State.PUBLISHED, State.DRAFT, OFFICE),
        Transition("discard", State.DRAFT, State.PUBLISHED, OFFICE, public=True),
    ),
    turns={State.DRAFT: "office", State.SUBMITTED: "secretariat"},
    editable=frozenset((State.DRAFT,)),
    before_peers=frozenset((State.SUBMITTED,)),
)
