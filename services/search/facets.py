"""The table of facets: where each takes its codes from, what labels them, and how its values combine.

Decisions that the table holds:
- a world region (UN M49) that a practice involves is a value of the country facets beside the countries; it does not
  stand for the countries in it, because the source names none;
- a level is that of each authority involved: as the base knows the authority, else as the practice says;
- a budget band is of a sum whose scope is the total cost, the largest one in each currency; nothing is converted;
- a decade is that in which the practice started.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Record = Mapping[str, Any]

SEARCHABLE_TYPES = ("practice",)
"""Types of records that are found; the others give labels and suggestions."""

COUNTRIES = ("countries", "regions")

BANDS = (("0-10k", 0), ("10k-100k", 10_000), ("100k-1m", 100_000), ("1m-10m", 1_000_000), ("10m-or-more", 10_000_000))
"""Budget bands by the least amount in each, that amount included."""

FIXED_LABELS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "type": {"practice": {"en": "Practice", "es": "Práctica", "fr": "Pratique", "it": "Pratica"}},
    "ongoing": {
        "true": {"en": "Ongoing", "es": "En curso", "fr": "En cours", "it": "In corso"},
        "false": {"en": "Not ongoing", "es": "No en curso", "fr": "Pas en cours", "it": "Non in corso"},
    },
}
"""Values of the facets whose codes are no vocabulary's: facet -> code -> language -> label."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet.

    `codes` takes a practice's codes, repeated or not, from its public record. `vocabularies` names those whose codes
    are its values; without any, and without fixed labels, values are only checked by `pattern`. `all_of` requires
    every value selected, else one of them is enough. `zeros` lists values that nothing has too. `example` is a value.
    """

    name: str
    description: str
    codes: Callable[[Record], Iterable[str]]
    vocabularies: tuple[str, ...] = ()
    all_of: bool = False
    zeros: bool = False
    pattern: str | None = None
    example: str = ""


def listed(record: Record, section: str, field: str) -> Iterable[Record]:
    """Return a list of the questionnaire, empty when the record has none."""
    return _section(record, section).get(field) or ()


def _section(record: Record, name: str) -> Record:
    return (record.get("content") or {}).get(name) or {}


def _each(section: str, field: str, key: str) -> Callable[[Record], Iterable[str]]:
    return lambda record: (entry[key] for entry in listed(record, section, field))


def _countries(role: str | None) -> Callable[[Record], Iterable[str]]:
    return lambda record: (
        country_code(entry)
        for entry in listed(record, "initiative", "countries")
        if role is None or role in (entry.get("roles") or ())
    )


def country_code(entry: Record) -> str:
    """Return the ISO 3166-1 code of a country involved, or the UN M49 code of a region."""
    code: str = entry.get("country") or entry["region"]
    return code


def _authorities(record: Record) -> Iterable[str]:
    return (authority["slug"] for authority in record.get("authorities") or ())


def involved(record: Record) -> Iterable[tuple[Record, Record | None]]:
    """Yield each authority that a practice names, with the base's record of it where there is one."""
    known = {key: one for one in record.get("authorities") or () for key in (one["slug"], one["id"])}
    for entry in listed(record, "who", "authorities"):
        yield entry, known.get(entry.get("authority"))


def level_of(entry: Record, authority: Record | None) -> str | None:
    """Return the level of an authority involved: as the base knows it, else as the practice says."""
    return (authority or {}).get("level") or entry.get("level")


def _levels(record: Record) -> Iterable[str]:
    return (level for one in involved(record) if (level := level_of(*one)))


def totals(record: Record) -> dict[str, float]:
    """Return the practice's total cost by currency, the largest one where several are given."""
    found: dict[str, float] = {}
    for entry in listed(record, "initiative", "budget"):
        if entry.get("scope") == "total":
            found[entry["currency"]] = max(float(entry["amount"]), found.get(entry["currency"], 0))
    return found


def _bands(record: Record) -> Iterable[str]:
    for currency, amount in totals(record).items():
        yield f"{currency}:{[name for name, least in BANDS if amount >= least][-1]}"


def ongoing(record: Record) -> bool | None:
    """Tell whether the practice goes on, None when it is not known; one with an end does not."""
    when = _section(record, "when")
    known: bool | None = when.get("ongoing")
    return False if known is None and when.get("end") else known


def _ongoing(record: Record) -> Iterable[str]:
    known = ongoing(record)
    return () if known is None else ("true" if known else "false",)


def _decade(record: Record) -> Iterable[str]:
    start = _section(record, "when").get("start")
    return (f"{start[:3]}0s",) if start else ()


FACETS = (
    Facet(
        "priority",
        "Thematic priority",
        _each("what", "priorities", "priority"),
        vocabularies=("priorities",),
        zeros=True,
    ),
    Facet(
        "feature",
        "Feature of a good practice that there is evidence for; several: all of them",
        _each("why", "features", "feature"),
        vocabularies=("features",),
        all_of=True,
        zeros=True,
    ),
    Facet(
        "policy_area",
        "Policy area",
        lambda record: _section(record, "what").get("policy_areas") or (),
        vocabularies=("policy-areas",),
        zeros=True,
    ),
    Facet(
        "target_group",
        "Group that is directly addressed",
        lambda record: (
            group for people in listed(record, "who", "target_groups") for group in people.get("groups") or ()
        ),
        vocabularies=("target-groups",),
        zeros=True,
    ),
    Facet("country_of_origin", "Country or region of origin", _countries("origin"), vocabularies=COUNTRIES),
    Facet(
        "country_of_destination",
        "Country or region of destination",
        _countries("destination"),
        vocabularies=COUNTRIES,
    ),
    Facet("country", "Country or region involved, whatever its role", _countries(None), vocabularies=COUNTRIES),
    Facet(
        "authority",
        "Authority involved: its slug or id",
        _authorities,
        pattern="^[a-z0-9]+(-[a-z0-9]+)*$",
        example="cartaya",
    ),
    Facet("level", "Level of an authority involved", _levels, vocabularies=("authority-levels",), zeros=True),
    Facet(
        "sdg",
        "Sustainable Development Goal; several: all of them",
        lambda record: _section(record, "what").get("sdgs") or (),
        vocabularies=("sdgs",),
        all_of=True,
        zeros=True,
    ),
    Facet(
        "budget_source",
        "Kind of budget source",
        _each("initiative", "budget_sources", "kind"),
        vocabularies=("budget-source-kinds",),
        zeros=True,
    ),
    Facet(
        "budget_band",
        "Total cost in one currency: " + ", ".join(f"EUR:{name}" for name, _ in BANDS),
        _bands,
        pattern=f"^[A-Z]{{3}}:({'|'.join(re.escape(name) for name, _ in BANDS)})$",
        example="EUR:100k-1m",
    ),
    Facet(
        "provenance",
        "How the record came here",
        lambda record: (_section(record, "provenance")["kind"],) if _section(record, "provenance") else (),
        vocabularies=("provenances",),
        zeros=True,
    ),
    Facet("decade", "Decade in which it started", _decade, pattern="^[0-9]{3}0s$", example="1990s"),
    Facet("ongoing", "Whether it goes on, as of its source's year", _ongoing, zeros=True),
    Facet(
        "language",
        "Language that the record was written in",
        lambda record: ((record.get("content") or {})["language"],),
        pattern="^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$",
        example="en",
    ),
    Facet("type", "Type of record", lambda record: (record["type"],), zeros=True),
)

FACET: Mapping[str, Facet] = {facet.name: facet for facet in FACETS}

ANY_OF = frozenset(facet.name for facet in FACETS if not facet.all_of)
