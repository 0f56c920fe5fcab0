"""What a caller is to a record, and to what is on its way to becoming one: one rule for both."""

from collections.abc import Collection
from uuid import UUID

from services.api.access.service import Caller
from services.api.forms.types import OWNER
from services.api.kit.workflow import Part

Parties = Collection[tuple[str, UUID]]
"""Who takes part: the part and the authority."""


def parts(caller: Caller, parties: Parties) -> frozenset[Part]:
    """Return what a caller is where these authorities take part: office, partner, secretariat, or nothing."""
    own = {part for part, authority in parties if caller.belongs_to(authority)}
    found: set[Part] = set()
    if caller.is_secretariat:
        found.add("secretariat")
    if caller.role == "officer" and OWNER in own:
        found.add("office")
    if caller.role == "officer" and own - {OWNER}:
        found.add("partner")
    return frozenset(found)
