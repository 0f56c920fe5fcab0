"""Facets that several types have, and what the records of all of them tell alike."""

from collections.abc import Iterable
from datetime import datetime

from services.search import codes
from services.search.codes import Record
from services.search.declaring import Facet
from services.search.naming import Authorities, Fixed, Keywords, Languages, Types, Vocabulary, each_language

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
COUNTRY = Facet(
    "country",
    "Country or region involved, whatever its role, or country of an authority involved; of an authority, its own",
    _nothing,
    PLACES,
    searched=True,
    suggested="country",
)
AUTHORITY = Facet(
    "authority",
    "Authority involved: its slug or id",
    codes.authorities,
    Authorities("^[a-z0-9]+(-[a-z0-9]+)*$"),
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
