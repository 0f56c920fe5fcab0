"""What a caller is to a submission. The steps that it may take stand in the workflow of its type."""

from collections.abc import Collection
from uuid import UUID

from services.api.access.service import Caller
from services.api.forms.types import OWNER
from services.api.kit.workflow import Part

OFFICE: frozenset[Part] = frozenset(("office", "secretariat"))
"""Who writes answers."""
INSIDE: frozenset[Part] = frozenset(("office", "partner", "secretariat"))
"""Who sees what is being written; others see what was handed in."""

Parties = Collection[tuple[str, UUID]]
"""Who has a part in a submission: the part and the authority."""


def parts(caller: Caller, parties: Parties, reviewer: str | None) -> frozenset[Part]:
    """Return what a caller is to a submission with these parties and reviewer; nobody judges an own authority's."""
    own = {part for part, authority in parties if caller.belongs_to(authority)}
    found: set[Part] = set()
    if caller.is_secretariat:
        found.add("secretariat")
    if caller.role == "officer" and OWNER in own:
        found.add("office")
    if caller.role == "officer" and own - {OWNER}:
        found.add("partner")
    if caller.role == "reviewer" and not own:
        found.add("peer")
        if caller.id == reviewer:
            found.add("reviewer")
    return frozenset(found)
