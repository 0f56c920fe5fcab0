"""Programmes and networks that practices and road maps are part of.

Its countries are those of the cities that take part, as the base knows them and as the programme says.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from services.search import codes
from services.search.cards import HitRead
from services.search.codes import Record
from services.search.declaring import SearchType
from services.search.naming import each_language
from services.search.types import shared

if TYPE_CHECKING:
    from services.search.labels import Labels

Json = dict[str, Any]


class CityRead(BaseModel):
    """An authority that takes part; without a slug, one that the base only knows by name."""

    slug: str | None
    name: str
    country: str | None


class ProgrammeHitRead(HitRead):
    """A programme or network found."""

    type: Literal["programme"]
    kind: str
    launched: str | None
    start: str | None
    end: str | None
    cities: list[CityRead] = Field(description="Authorities that take part")


def _countries(record: Record) -> Iterator[str]:
    yield from filter(None, (city.get("country") for city in codes.listed(record, "people", "cities")))
    yield from codes.countries_of_authorities(record)


def _when(record: Record) -> list[str | None]:
    about = codes.section_of(record, "about")
    return [about.get(name) for name in ("launched", "start", "end")]


def _start(record: Record) -> int | None:
    launched, start, _ = _when(record)
    return shared.day(start or launched)


def _card(record: Record, found: Mapping[str, tuple[str, ...]]) -> Json:
    known = codes.known_authorities(record)
    launched, start, end = _when(record)
    return {
        "kind": codes.section_of(record, "about")["kind"],
        "launched": launched,
        "start": start,
        "end": end,
        "cities": [
            {
                "slug": authority["slug"] if authority else None,
                "names": {"": (authority or city)["name"], **((authority or {}).get("names") or {})},
                "country": (authority or city).get("country"),
            }
            for city in codes.listed(record, "people", "cities")
            for authority in (known.get(city.get("authority") or ""),)
        ],
    }


def _shown(stored: Mapping[str, Any], labels: "Labels", language: str | None) -> Json:
    cities = [
        {"slug": one["slug"], "name": labels.own(one["names"], language), "country": one["country"]}
        for one in stored["cities"]
    ]
    return {name: stored[name] for name in ("kind", "launched", "start", "end")} | {"cities": cities}


TYPE = SearchType(
    name="programme",
    labels=each_language(("Programme", "Programa", "Programme", "Programma")),
    facets=(
        shared.AUTHORITY,
        shared.COUNTRY.of(_countries),
        shared.STATE,
        shared.COMPLETENESS,
        shared.RELATION,
        shared.LANGUAGE,
        shared.TYPE,
    ),
    hit=ProgrammeHitRead,
    parts={"about.title": "title", "about.summary": "summary", "about.objectives": "key"},
    silent=shared.SOURCED,
    numbers=lambda record: shared.numbers({}, shared.span(_when(record))),
    start=_start,
    card=_card,
    shown=_shown,
)
