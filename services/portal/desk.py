"""The secretariat's desk: the table of its areas, and what its pages say in words. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.portal.upstream import Json


def _(message: str) -> str:
    """Mark a message to be translated where it is shown."""
    return message


SECRETARIAT = ("secretariat", "admin")
ADMIN = ("admin",)


@dataclass(frozen=True)
class Area:
    """A part of the desk: where it begins, what it is called, and who may enter it."""

    path: str
    label: str
    roles: tuple[str, ...] = SECRETARIAT


AREAS = (
    Area("/desk", _("Pipeline")),
    Area("/desk/cases", _("All cases")),
    Area("/desk/practices", _("Practices")),
    Area("/desk/authorities", _("Authorities")),
    Area("/desk/claims", _("Claims")),
    Area("/desk/hand-over", _("Hand-over")),
    Area("/desk/gaps", _("Gaps")),
    Area("/desk/thesaurus", _("Thesaurus")),
    Area("/desk/import", _("Import and export")),
    Area("/desk/messages", _("Messages")),
    Area("/desk/people", _("People")),
    Area("/desk/keys", _("Keys"), ADMIN),
)
"""All areas, in the order that they are offered; who may enter a page is said here and nowhere else."""


def areas(role: str) -> list[Area]:
    """Return the areas that a role may enter."""
    return [area for area in AREAS if role in area.roles]


def area_of(path: str) -> Area:
    """Return the area that a path below `/desk` belongs to."""
    within = [area for area in AREAS if path == area.path or path.startswith(area.path + "/")]
    return max(within, key=lambda area: len(area.path))


VIEWS = {
    "draft": _("Not public yet"),
    "published": _("Public"),
    "archived": _("No longer kept up"),
    "unpublished": _("Not public"),
}
"""What has become of a practice, as its editors are told."""

OUTCOMES = {
    "added": (_("Added"), _("was not here")),
    "changed": (_("Changed"), _("differs from what an import brought before, and becomes a new revision")),
    "published": (_("Made public"), _("was here already, and is public now or in a higher tier")),
    "unchanged": (_("Unchanged"), _("is here already, just so")),
    "kept": (_("Edited here and kept"), _("differs, but people edited it here: theirs stays")),
    "rejected": (_("Refused"), _("has faults, and is not taken in")),
}
"""What may become of a record in a file: what it is called, and what it means."""

CONCEPT_OUTCOMES = {
    "added": (_("Added"), _("was not here")),
    "changed": (_("Changed"), _("is here by its code, and is replaced")),
    "unchanged": (_("Unchanged"), _("is here already, just so")),
    "refused": (_("Refused"), _("has faults, and is not taken in")),
}
"""What may become of a concept in a file: what it is called, and what it means."""


def worst_first(values: Iterable[Json]) -> list[Json]:
    """Return values of a facet, those with the fewest records first."""
    return sorted(values, key=lambda value: (int(value["count"]), str(value["label"])))


def countries(found: Iterable[Json], authorities: Iterable[Json], labels: Mapping[str, str]) -> list[Json]:
    """Return the countries that records involve or authorities of the base are in, those with the fewest records first.

    Each has `count`, its records, and `authorities`, how many of the base are there: of two countries with as many
    records the one with more authorities comes first.
    """
    counts = {str(value["value"]): int(value["count"]) for value in found}
    here = Counter(str(one["country"]) for one in authorities)
    listed = [
        {"value": code, "label": label, "count": counts.get(code, 0), "authorities": here[code]}
        for code, label in labels.items()
        if counts.get(code) or here[code]
    ]
    return sorted(listed, key=lambda one: (one["count"], -one["authorities"], one["label"]))
