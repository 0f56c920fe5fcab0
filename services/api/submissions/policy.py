"""What a caller is to a submission. The steps that it may take stand in the workflow of its type."""

from services.api.access.service import Caller
from services.api.kit.workflow import Part
from services.api.records import policy
from services.api.records.policy import Parties

OFFICE: frozenset[Part] = frozenset(("office", "secretariat"))
"""Who writes answers."""
INSIDE: frozenset[Part] = frozenset(("office", "partner", "secretariat"))
"""Who sees what is being written; others see what was handed in."""


def parts(caller: Caller, parties: Parties, reviewer: str | None) -> frozenset[Part]:
    """Return what a caller is to a submission with these parties and reviewer; nobody judges an own authority's."""
    found = set(policy.parts(caller, parties))
    if caller.role == "reviewer" and not any(caller.belongs_to(authority) for _, authority in parties):
        found.add("peer")
        if caller.id == reviewer:
            found.add("reviewer")
    return frozenset(found)
