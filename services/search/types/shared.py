"""Facets that several types have, and what the records of all of them tell alike."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from services.search import codes
from services.search.codes import Record
from services.search.declaring import Facet
from services.search.naming import (
    Authorities,
    Bands,
    Currencies,
    Fixed,
    Keywords,
    Languages,
    Types,
    Vocabulary,
    each_language,
)

if TYPE_CHECKING:
    from services.search.labels import Labels

PLACES = Vocabulary("countries", "regions")

UNKNOWN_LANGUAGE = "und"

SOURCED = frozenset(("references", "links.source", "links.place"))
"""Where in its sources each answer stands, in any form: that is looked up, and not what a record tells."""


def language(record: Record) -> str:
    """Return the language that a record was written in."""
    # A row that is a record of its own is written in the language of the whole.
    told = record if "derived_from" in record else record.get("content") or {}
    found: str = told["language"]
    return found


def told(name: str) -> codes.Codes:
    """Return what reads a code that a record may have beside its content."""
    return lambda record: (record[name],) if record.get(name) else ()


def seconds(moment: str | None) -> int:
    """Return a moment of RFC 3339 in seconds since the epoch, 0 for none."""
    return int(datetime.fromisoformat(moment).timestamp()) if moment else 0


def day(date: str | None) -> int | None:
    """Return a date, known to the day, the month or the year, as yyyymmdd with zeros for what is unknown."""
    return int(date.replace("-", "").ljust(8, "0")) if date else None


def span(dates: Iterable[str | None]) -> tuple[int, int] | None:
    """Return the first and the last year of the dates that are known, None where none is."""
    years = [int(date[:4]) for date in dates if date]
    return (min(years), max(years)) if years else None


def numbers(totals: Mapping[str, float], span: tuple[int, int] | None) -> dict[str, float]:
    """Return what range filters compare: the total cost by currency, the first and the last year."""
    found = {f"budget:{currency}": amount for currency, amount in totals.items()}
    return found | dict(zip(("year_from", "year_to"), span, strict=True)) if span else found


def money(totals: Callable[[Record], Mapping[str, float]]) -> tuple[Facet, Facet]:
    """Return the facets of the total cost, given what reads a record's by currency."""
    return BUDGET_BAND.of(lambda record: codes.bands(totals(record))), CURRENCY.of(totals)


class NamedRead(BaseModel):
    """An authority of the base."""

    slug: str
    name: str


def slug(record: Record, name: str | None) -> tuple[str, ...]:
    """Return the slug of the authority that a record names by slug or id, none where the base does not know it."""
    known = codes.known_authorities(record).get(name or "")
    return (known["slug"],) if known else ()


def named(record: Record, name: str | None) -> list[dict[str, Any]]:
    """Return what a card keeps of the authority that a record names by slug or id."""
    known = codes.known_authorities(record).get(name or "")
    return [{"slug": known["slug"], "names": {"": known["name"], **(known.get("names") or {})}}] if known else []


def named_shown(kept: Iterable[Record], labels: "Labels", language: str | None) -> list[dict[str, Any]]:
    """Return authorities that a card keeps as readers see them (`NamedRead`)."""
    return [{"slug": one["slug"], "name": labels.own(one["names"], language)} for one in kept]


def _nothing(record: Record) -> Iterable[str]:
    return ()


TYPE = Facet(
    "type",
    "Type of record; without it all but those that are parts of others, and forms",
    lambda record: (record["type"],),
    Types(),
    likens=False,
)
LANGUAGE = Facet(
    "language",
    "Language that the record was written in",
    lambda record: (language(record),),
    Languages(),
    likens=False,
    example="en",
)
PRIORITY = Facet(
    "priority",
    "Thematic priority",
    _nothing,
    Vocabulary("priorities"),
    zeros=True,
    searched=True,
    suggested="priorities",
)
SDG = Facet(
    "sdg",
    "Sustainable Development Goal; several: all of them",
    _nothing,
    Vocabulary("sdgs"),
    all_of=True,
    zeros=True,
    searched=True,
    suggested="sdgs",
)
BUDGET_BAND = Facet(
    "budget_band",
    "Total cost in one currency: " + ", ".join(f"EUR:{name}" for name, _ in codes.BANDS),
    _nothing,
    Bands(),
    example="EUR:100k-1m",
)
CURRENCY = Facet(
    "currency",
    "Currency (ISO 4217) of the total cost; beside `budget_from` or `budget_to` one alone, that of these amounts",
    _nothing,
    Currencies(),
    likens=False,
    example="EUR",
)
COUNTRY = Facet(
    "country",
    "Country or region involved, whatever its role, or country of an authority involved; of an authority, its own",
    _nothing,
    PLACES,
    searched=True,
    suggested="country",
)
AUTHORITIES = Authorities("^[a-z0-9]+(-[a-z0-9]+)*$")
AUTHORITY = Facet(
    "authority",
    "Authority involved: its slug or id",
    codes.authorities,
    AUTHORITIES,
    suggested="authority",
    example="cartaya",
)
LEVEL = Facet(
    "level",
    "Level of an authority involved; of an authority, its own",
    _nothing,
    Vocabulary("authority-levels"),
    zeros=True,
    suggested="authority-levels",
)
KEYWORD = Facet(
    "keyword",
    "Keyword of the record's own, whatever its case and accents",
    _nothing,
    Keywords(r"^\s*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$", "a keyword on one line, such as 'seasonal work'"),
    example="seasonal work",
)
TIER = Facet(
    "tier",
    "How far it was judged before publication",
    told("tier"),
    Vocabulary("publication-tiers"),
    zeros=True,
    likens=False,
)
STATE = Facet(
    "state", "Whether it is kept up", told("state"), Vocabulary("publication-states"), zeros=True, likens=False
)
COMPLETENESS = Facet(
    "completeness",
    "Share of the full form's questions answered",
    codes.completeness_bands,
    Fixed(
        {
            band: each_language(
                f"{band.replace('-', '–')} % {word}" for word in ("complete", "completa", "complète", "completa")
            )
            for band, _ in codes.COMPLETENESS
        }
    ),
    zeros=True,
    likens=False,
)
RELATION = Facet(
    "relation",
    "Relation of a link that it has to or from another record; with `linked`, to or from that one",
    codes.relations,
    Vocabulary("relations"),
    likens=False,
)
