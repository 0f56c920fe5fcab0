"""Road maps: what authorities plan on migration, and what came of it.

Decisions that the declaration holds:
- its budget is the printed total alone: its lines overlap, so that nothing is made of their sum;
- an activity is in the state that was told of it last since the record became public, else in its own;
- the countries are those of its authorities;
- the years are those of all its dates, drawing it up included; it starts when carrying it out does, else when drawing
  it up did.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from services.search import codes
from services.search.cards import HitRead
from services.search.codes import Record
from services.search.declaring import Facet, SearchType
from services.search.naming import Vocabulary, each_language
from services.search.types import shared

if TYPE_CHECKING:
    from services.search.labels import Labels

Json = dict[str, Any]

_STATES = frozenset(("begun", "done", "dropped"))
"""Kinds of steps that tell how far an activity has come; states are called alike."""


def _states(record: Record) -> Iterator[str]:
    """Yield the state of each activity that has one."""
    told = {one["path"]: one["kind"] for one in record.get("progress") or () if one["kind"] in _STATES}
    for number, activity in enumerate(codes.listed(record, "plan", "activities")):
        paths = (f"plan.activities[key={activity.get('key')}]", f"plan.activities[{number}]")
        state = next((told[path] for path in paths if path in told), activity.get("state"))
        if state:
            yield state


def _totals(record: Record) -> Mapping[str, float]:
    budget = codes.section_of(record, "budget")
    total, currency = budget.get("total"), budget.get("currency")
    return {} if total is None or not currency else {currency: float(total)}


def _dates(record: Record) -> Iterable[str | None]:
    rows = (codes.section_of(record, "about"), *codes.listed(record, "plan", "activities"))
    return (row.get(name) for row in rows for name in ("elaboration_start", "elaboration_end", "start", "end"))


def _start(record: Record) -> int | None:
    about = codes.section_of(record, "about")
    return shared.day(about.get("start") or about.get("elaboration_start"))


class ActivitiesRead(BaseModel):
    """How many activities there are, and how many of them are in each state that is known."""

    total: int
    states: dict[str, int] = Field(examples=[{"begun": 2, "done": 1}])


class RoadMapHitRead(HitRead):
    """A road map found."""

    type: Literal["road-map"]
    authorities: list[shared.NamedRead] = Field(description="The authority whose road map it is")
    areas: list[str]
    adoption: list[str] = Field(description="How far its texts have come with those who decide")
    activities: ActivitiesRead
    total: float | None = Field(description="All the money for it, in `currency`")
    currency: str | None
    start: str | None
    end: str | None


def _card(record: Record, found: Mapping[str, tuple[str, ...]]) -> Json:
    about, totals = codes.section_of(record, "about"), _totals(record)
    activities = list(codes.listed(record, "plan", "activities"))
    return {
        "authorities": shared.named(record, about.get("authority")),
        "areas": found["area"],
        "adoption": found["adoption"],
        "activities": {"total": len(activities), "states": Counter(_states(record))},
        "total": next(iter(totals.values()), None),
        "currency": next(iter(totals), None),
        "start": about.get("start"),
        "end": about.get("end"),
    }


def _shown(stored: Mapping[str, Any], labels: "Labels", language: str | None) -> Json:
    as_stored = ("areas", "adoption", "activities", "total", "currency", "start", "end")
    named = shared.named_shown(stored["authorities"], labels, language)
    return {"authorities": named, **{name: stored[name] for name in as_stored}}


TYPE = SearchType(
    name="road-map",
    labels=each_language(("Road map", "Hoja de ruta", "Feuille de route", "Road map")),
    facets=(
        Facet(
            "area",
            "Area in which a road map plans something",
            codes.each("plan", "areas", "area"),
            Vocabulary("road-map-areas"),
            zeros=True,
            searched=True,
            suggested="road-map-areas",
        ),
        Facet(
            "adoption",
            "How far a text of a road map has come with those who decide",
            codes.each("outcome", "adoption", "state"),
            Vocabulary("adoption-states"),
            zeros=True,
            searched=True,
        ),
        Facet(
            "lead_authority",
            "Authority whose road map it is: its slug or id",
            lambda record: shared.slug(record, codes.section_of(record, "about").get("authority")),
            shared.AUTHORITIES,
            example="tirana",
        ),
        Facet(
            "activity_state",
            "How far an activity has come, by the last that was told of it",
            _states,
            Vocabulary("activity-states"),
            zeros=True,
            likens=False,
        ),
        *shared.money(_totals),
        shared.AUTHORITY,
        shared.COUNTRY.of(codes.countries_of_authorities),
        shared.SDG.of(lambda record: codes.section_of(record, "about").get("sdgs") or ()),
        shared.STATE,
        shared.COMPLETENESS,
        shared.RELATION,
        shared.LANGUAGE,
        shared.TYPE,
    ),
    hit=RoadMapHitRead,
    parts={"about.title": "title", "about.summary": "summary", "about.objectives": "key", "outcome.results": "key"},
    silent=shared.SOURCED,
    numbers=lambda record: shared.numbers(_totals(record), shared.span(_dates(record))),
    start=_start,
    card=_card,
    shown=_shown,
)
