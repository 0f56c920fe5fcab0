"""Practices: what local authorities did, from the questionnaire.

Decisions that the declaration holds:
- a world region (UN M49) that a practice involves is a value of the country facets beside the countries; it does not
  stand for the countries in it, because the source names none;
- a level is that of each authority involved: as the base knows the authority, else as the practice says;
- the country of each authority involved, known likewise, is a value of `country`, which asks for no role, and of no
  other country facet: where an authority lies says nothing of migration;
- keywords are free words: those that differ in case or accents alone are one value, shown as they are compared, because
  no writing of them is more right than another;
- a budget band is of a sum whose scope is the total cost, the largest one in each currency; nothing is converted; a
  currency is that of such a sum, as `budget_from` and `budget_to` compare it, and of no other sum;
- a decade is that in which the practice started;
- a corridor is a country or region of origin with another one of destination, whether or not the source says that these
  two are linked; a record counts for the first 50 of its pairs;
- the years that a practice spans are those it is known for: it starts with its first known date; it ends with its last
  one, and one that is ongoing reaches the year of its source, or of its last change where it has none;
- what two practices have in common is told of what was done and for whom, not of how the record of it was made;
- completeness is that of the full form; records of a base that does not tell it yet, nor tier or state, have no value.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from services.search import codes
from services.search.cards import HitRead
from services.search.codes import Record
from services.search.declaring import Facet, SearchType
from services.search.naming import Decades, Fixed, Pairs, Vocabulary, each_language
from services.search.types import shared

if TYPE_CHECKING:
    from services.search.labels import Labels

Json = dict[str, Any]

FACETS = (
    shared.PRIORITY.of(codes.each("what", "priorities", "priority")),
    Facet(
        "feature",
        "Feature of a good practice that there is evidence for; several: all of them",
        codes.each("why", "features", "feature"),
        Vocabulary("features"),
        all_of=True,
        zeros=True,
        suggested="features",
    ),
    Facet(
        "policy_area",
        "Policy area",
        lambda record: codes.section_of(record, "what").get("policy_areas") or (),
        Vocabulary("policy-areas"),
        zeros=True,
        searched=True,
        suggested="policy-areas",
    ),
    Facet(
        "target_group",
        "Group that is directly addressed",
        lambda record: (
            group for people in codes.listed(record, "who", "target_groups") for group in people.get("groups") or ()
        ),
        Vocabulary("target-groups"),
        zeros=True,
        searched=True,
        suggested="target-groups",
    ),
    shared.KEYWORD.of(codes.keywords),
    Facet("country_of_origin", "Country or region of origin", codes.countries("origin"), shared.PLACES),
    Facet("country_of_destination", "Country or region of destination", codes.countries("destination"), shared.PLACES),
    shared.COUNTRY.of(codes.all_countries),
    Facet(
        "corridor",
        "Country or region of origin with one of destination, the origin first: their ISO 3166-1 or UN M49 codes",
        codes.corridors,
        Pairs("country", "^([A-Z]{2}|[0-9]{3})-([A-Z]{2}|[0-9]{3})$"),
        example="MA-ES",
    ),
    shared.AUTHORITY,
    shared.LEVEL.of(codes.levels),
    shared.SDG.of(lambda record: codes.section_of(record, "what").get("sdgs") or ()),
    Facet(
        "budget_source",
        "Kind of budget source",
        codes.each("initiative", "budget_sources", "kind"),
        Vocabulary("budget-source-kinds"),
        zeros=True,
        searched=True,
        suggested="budget-source-kinds",
    ),
    *shared.money(codes.totals),
    Facet(
        "provenance",
        "How the record came here",
        lambda record: (
            (codes.section_of(record, "provenance")["kind"],) if codes.section_of(record, "provenance") else ()
        ),
        Vocabulary("provenances"),
        zeros=True,
        likens=False,
    ),
    shared.TIER,
    shared.STATE,
    shared.COMPLETENESS,
    Facet("decade", "Decade in which it started", codes.decades, Decades(), example="1990s"),
    Facet(
        "ongoing",
        "Whether it goes on, as of its source's year",
        codes.ongoing_codes,
        Fixed(
            {
                "true": each_language(("Ongoing", "En curso", "En cours", "In corso")),
                "false": each_language(("Not ongoing", "No en curso", "Pas en cours", "Non in corso")),
            }
        ),
        zeros=True,
        likens=False,
    ),
    shared.RELATION,
    shared.LANGUAGE,
    shared.TYPE,
)


class CountryRead(BaseModel):
    """A country (ISO 3166-1) or region (UN M49) involved."""

    code: str
    label: str
    roles: list[str]


class InvolvedRead(BaseModel):
    """An authority involved; without a slug, one that the base only knows by name."""

    slug: str | None
    name: str
    level: str | None


class PracticeHitRead(HitRead):
    """A practice found."""

    type: Literal["practice"]
    priorities: list[str]
    features: list[str]
    countries: list[CountryRead]
    authorities: list[InvolvedRead]
    start: str | None
    ongoing: bool | None
    source_year: int | None = Field(description="`ongoing` holds as of this year")
    provenance: str


def years(record: Record) -> tuple[int, int] | None:
    """Return the first and the last year that a practice is known to have run in, None when no date is known."""
    content = record["content"]
    when = content.get("when") or {}
    phases = when.get("phases") or ()
    known = [int(held[key][:4]) for held in (when, *phases) for key in ("start", "end") if held.get(key)]
    if known and codes.ongoing(record):
        seen = (content.get("provenance") or {}).get("source_year") or int((record.get("updated_at") or "0")[:4])
        known.append(max(seen, *known))
    return (min(known), max(known)) if known else None


def _numbers(record: Record) -> dict[str, float]:
    return shared.numbers(codes.totals(record), years(record))


def _day(record: Record) -> int | None:
    return shared.day(codes.section_of(record, "when").get("start"))


def _card(record: Record, found: Mapping[str, tuple[str, ...]]) -> Json:
    content = record["content"]
    return {
        "priorities": found["priority"],
        "features": found["feature"],
        "countries": [
            {"code": codes.country_code(entry), "roles": entry.get("roles") or []}
            for entry in codes.listed(record, "initiative", "countries")
        ],
        "authorities": [
            {
                "slug": authority["slug"] if authority else None,
                "names": {"": (authority or entry)["name"], **((authority or {}).get("names") or {})},
                "level": codes.level_of(entry, authority),
            }
            for entry, authority in codes.involved(record)
        ],
        "start": (content.get("when") or {}).get("start"),
        "ongoing": codes.ongoing(record),
        "provenance": content["provenance"]["kind"],
        "source_year": content["provenance"].get("source_year"),
    }


def _shown(stored: Mapping[str, Any], labels: "Labels", language: str | None) -> Json:
    return {
        "priorities": stored["priorities"],
        "features": stored["features"],
        "countries": [
            {"code": one["code"], "label": labels.label("country", one["code"], language), "roles": one["roles"]}
            for one in stored["countries"]
        ],
        "authorities": [
            {"slug": one["slug"], "name": labels.own(one["names"], language), "level": one["level"]}
            for one in stored["authorities"]
        ],
        "start": stored["start"],
        "ongoing": stored["ongoing"],
        "source_year": stored["source_year"],
        "provenance": stored["provenance"],
    }


TYPE = SearchType(
    name="practice",
    labels=each_language(("Practice", "Práctica", "Pratique", "Pratica")),
    facets=FACETS,
    hit=PracticeHitRead,
    parts={
        "initiative.title": "title",
        "how.summary": "summary",
        "how.objectives": "key",
        "how.goal": "key",
        "why.success_factors": "key",
    },
    silent=shared.SOURCED | {"why.features.place"},
    numbers=_numbers,
    start=_day,
    card=_card,
    shown=_shown,
)
