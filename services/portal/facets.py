"""How values of facets, and orders of what is found, are told. Which facets there are, each type declares."""

from collections.abc import Callable
from typing import Any

from services.portal.upstream import Json


def _(message: str) -> str:
    """Mark a message to be translated where it is shown."""
    return message


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
    """Return what templates call values of facets and orders of hits."""
    return {"sort_label": lambda sort: translate(SORT_LABELS[sort]), "useful": useful}
