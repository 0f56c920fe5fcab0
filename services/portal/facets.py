"""Which facets people get to see, in which order and under which heading. The search service knows what they are."""

from collections.abc import Callable
from typing import Any

from services.portal.upstream import Json


def _(message: str) -> str:
    """Mark a message to be translated where it is shown."""
    return message


GROUPS: tuple[tuple[str, str], ...] = (
    ("priority", _("Priority")),
    ("country", _("Country involved")),
    ("feature", _("Evidence for")),
    ("policy_area", _("Policy area")),
    ("target_group", _("People addressed")),
    ("keyword", _("Keyword")),
    ("country_of_origin", _("Country of origin")),
    ("country_of_destination", _("Country of destination")),
    ("corridor", _("Corridor")),
    ("authority", _("Authority")),
    ("level", _("Level of government")),
    ("budget_source", _("Who paid")),
    ("budget_band", _("Total cost")),
    ("ongoing", _("Still running")),
    ("decade", _("Started in")),
    ("sdg", _("Sustainable Development Goal")),
    ("tier", _("How it was judged")),
    ("state", _("Kept up")),
    ("completeness", _("Completeness")),
    ("provenance", _("Where it comes from")),
    ("language", _("Original language")),
)
"""Facets and their headings, the most asked for first."""

OPEN = ("priority", "country", "feature", "policy_area")
"""Those that are unfolded from the start."""

HEADINGS = dict(GROUPS) | {
    "year_from": _("From year"),
    "year_to": _("To year"),
    "completeness_from": _("At least complete"),
    "budget_from": _("Cost from"),
    "budget_to": _("Cost to"),
    "currency": _("Currency"),
    "type": _("Type"),
    "close": _("Match"),
}
"""Headings of everything that can narrow a search."""

VALUE_LABELS = {("close", "true"): _("only close ones")}
"""What values are called that no answer labels, by parameter and value."""

SORT_LABELS = {
    "relevance": _("Best match"),
    "newest": _("Newest"),
    "title": _("Title"),
    "start": _("Start"),
    "completeness": _("Most complete"),
}


def useful(facet: Json) -> bool:
    """Whether a facet tells anything: some value has records, or is picked."""
    return any(value["count"] or value["selected"] for value in facet["values"])


def template_globals(translate: Callable[[str], str]) -> dict[str, Any]:
    """Return what templates call facets, their values and orders of hits."""
    names = frozenset(name for name, _ in GROUPS)
    return {
        "heading": lambda name: translate(HEADINGS.get(str(name), str(name))),
        "sort_label": lambda sort: translate(SORT_LABELS[sort]),
        "useful": useful,
        "is_facet": lambda name: name in names,
    }
