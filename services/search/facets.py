"""The table of facets: where each takes its codes from, what labels them, and how its values combine.

Decisions that the table holds:
- a world region (UN M49) that a practice involves is a value of the country facets beside the countries; it does not
  stand for the countries in it, because the source names none;
- a level is that of each authority involved: as the base knows the authority, else as the practice says;
- the country of each authority involved, known likewise, is a value of `country`, which asks for no role, and of no
  other country facet: where an authority lies says nothing of migration;
- keywords are free words: those that differ in case or accents alone are one value, shown as they are compared, because
  no writing of them is more right than another;
- a budget band is of a sum whose scope is the total cost, the largest one in each currency; nothing is converted;
- a decade is that in which the practice started;
- a corridor is a country or region of origin with another one of destination, whether or not the source says that these
  two are linked; a record counts for the first 50 of its pairs;
- what two practices have in common is told of what was done and for whom, not of how the record of it was made;
- completeness is that of the full form; records of a base that does not tell it yet, nor tier or state, have no value.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from services.search import codes
from services.search.codes import Record

SEARCHABLE_TYPES = ("practice",)
"""Types of records that are found; the others give labels and suggestions."""

COUNTRIES = ("countries", "regions")

FIXED_LABELS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "type": {"practice": {"en": "Practice", "es": "Práctica", "fr": "Pratique", "it": "Pratica"}},
    "ongoing": {
        "true": {"en": "Ongoing", "es": "En curso", "fr": "En cours", "it": "In corso"},
        "false": {"en": "Not ongoing", "es": "No en curso", "fr": "Pas en cours", "it": "Non in corso"},
    },
    "completeness": {
        band: {
            "en": f"{shown} % complete",
            "es": f"{shown} % completa",
            "fr": f"{shown} % complète",
            "it": f"{shown} % completa",
        }
        for band, shown in ((band, band.replace("-", "–")) for band, _ in codes.COMPLETENESS)
    },
}
"""Values of the facets whose codes are no vocabulary's: facet -> code -> language -> label."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet.

    `codes` takes a practice's codes, repeated or not, from its public record. `vocabularies` names those whose codes
    are its values; without any, and without fixed labels, values are only checked by `pattern`. `all_of` requires
    every value selected, else one of them is enough. `zeros` lists values that nothing has too. `likens` tells that a
    value in common makes two practices alike. `example` is a value.
    """

    name: str
    description: str
    codes: Callable[[Record], Iterable[str]]
    vocabularies: tuple[str, ...] = ()
    all_of: bool = False
    zeros: bool = False
    likens: bool = True
    pattern: str | None = None
    example: str = ""


FACETS = (
    Facet(
        "priority",
        "Thematic priority",
        codes.each("what", "priorities", "priority"),
        vocabularies=("priorities",),
        zeros=True,
    ),
    Facet(
        "feature",
        "Feature of a good practice that there is evidence for; several: all of them",
        codes.each("why", "features", "feature"),
        vocabularies=("features",),
        all_of=True,
        zeros=True,
    ),
    Facet(
        "policy_area",
        "Policy area",
        lambda record: codes.section_of(record, "what").get("policy_areas") or (),
        vocabularies=("policy-areas",),
        zeros=True,
    ),
    Facet(
        "target_group",
        "Group that is directly addressed",
        lambda record: (
            group for people in codes.listed(record, "who", "target_groups") for group in people.get("groups") or ()
        ),
        vocabularies=("target-groups",),
        zeros=True,
    ),
    Facet(
        "keyword",
        "Keyword of the record's own, whatever its case and accents",
        codes.keywords,
        pattern=r"^\s*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$",
        example="seasonal work",
    ),
    Facet("country_of_origin", "Country or region of origin", codes.countries("origin"), vocabularies=COUNTRIES),
    Facet(
        "country_of_destination",
        "Country or region of destination",
        codes.countries("destination"),
        vocabularies=COUNTRIES,
    ),
    Facet(
        "country",
        "Country or region involved, whatever its role, or country of an authority involved",
        codes.all_countries,
        vocabularies=COUNTRIES,
    ),
    Facet(
        "corridor",
        "Country or region of origin with one of destination, the origin first: their ISO 3166-1 or UN M49 codes",
        codes.corridors,
        pattern="^([A-Z]{2}|[0-9]{3})-([A-Z]{2}|[0-9]{3})$",
        example="MA-ES",
    ),
    Facet(
        "authority",
        "Authority involved: its slug or id",
        codes.authorities,
        pattern="^[a-z0-9]+(-[a-z0-9]+)*$",
        example="cartaya",
    ),
    Facet("level", "Level of an authority involved", codes.levels, vocabularies=("authority-levels",), zeros=True),
    Facet(
        "sdg",
        "Sustainable Development Goal; several: all of them",
        lambda record: codes.section_of(record, "what").get("sdgs") or (),
        vocabularies=("sdgs",),
        all_of=True,
        zeros=True,
    ),
    Facet(
        "budget_source",
        "Kind of budget source",
        codes.each("initiative", "budget_sources", "kind"),
        vocabularies=("budget-source-kinds",),
        zeros=True,
    ),
    Facet(
        "budget_band",
        "Total cost in one currency: " + ", ".join(f"EUR:{name}" for name, _ in codes.BANDS),
        codes.bands,
        pattern=f"^[A-Z]{{3}}:({'|'.join(re.escape(name) for name, _ in codes.BANDS)})$",
        example="EUR:100k-1m",
    ),
    Facet(
        "provenance",
        "How the record came here",
        lambda record: (
            (codes.section_of(record, "provenance")["kind"],) if codes.section_of(record, "provenance") else ()
        ),
        vocabularies=("provenances",),
        zeros=True,
        likens=False,
    ),
    Facet(
        "tier",
        "How far it was judged before publication",
        lambda record: (record["tier"],) if record.get("tier") else (),
        vocabularies=("publication-tiers",),
        zeros=True,
        likens=False,
    ),
    Facet(
        "state",
        "Whether it is kept up",
        lambda record: (record["state"],) if record.get("state") else (),
        vocabularies=("publication-states",),
        zeros=True,
        likens=False,
    ),
    Facet(
        "completeness",
        "Share of the full form's questions answered",
        codes.completeness_bands,
        zeros=True,
        likens=False,
    ),
    Facet("decade", "Decade in which it started", codes.decades, pattern="^[0-9]{3}0s$", example="1990s"),
    Facet("ongoing", "Whether it goes on, as of its source's year", codes.ongoing_codes, zeros=True, likens=False),
    Facet(
        "language",
        "Language that the record was written in",
        lambda record: ((record.get("content") or {})["language"],),
        likens=False,
        pattern="^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$",
        example="en",
    ),
    Facet("type", "Type of record", lambda record: (record["type"],), zeros=True, likens=False),
)

FACET: Mapping[str, Facet] = {facet.name: facet for facet in FACETS}

ANY_OF = frozenset(facet.name for facet in FACETS if not facet.all_of)
