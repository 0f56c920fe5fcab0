"""Codes read from a practice's public record: what the table of facets is filled with. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice, product
from typing import Any

Record = Mapping[str, Any]
Codes = Callable[[Record], Iterable[str]]

BANDS = (("0-10k", 0), ("10k-100k", 10_000), ("100k-1m", 100_000), ("1m-10m", 1_000_000), ("10m-or-more", 10_000_000))
"""Budget bands by the least amount in each, that amount included."""

COMPLETENESS = (("0-24", 0), ("25-49", 25), ("50-74", 50), ("75-100", 75))
"""Bands of completeness by the least percentage in each."""

MOST_CORRIDORS = 50
"""Pairs of countries that one record counts for, so that one that names the whole world stays small."""


# Of Latin and Greek letters alone: other scripts would no longer read as words without such signs.
_ACCENTS = re.compile("(?<=[\x00-\u02ff\u0370-\u03ff])[\u0300-\u036f]+")
# Signs of private use mean nothing to others, and an engine that writes each in eight letters holds few of them.
_PRIVATE = re.compile("[\U000f0000-\U0010ffff]")


def listed(record: Record, section: str, field: str) -> Iterable[Record]:
    """Return a list of the questionnaire, empty when the record has none."""
    return section_of(record, section).get(field) or ()


def section_of(record: Record, name: str) -> Record:
    """Return a section of the questionnaire, empty when the record has none."""
    return (record.get("content") or {}).get(name) or {}


def each(section: str, field: str, key: str) -> Callable[[Record], Iterable[str]]:
    """Return what reads one key of each entry of a list."""
    return lambda record: (entry[key] for entry in listed(record, section, field))


def countries(role: str) -> Callable[[Record], Iterable[str]]:
    """Return what reads the countries and regions involved in a role."""
    return lambda record: (
        country_code(entry) for entry in listed(record, "initiative", "countries") if role in (entry.get("roles") or ())
    )


_ENDS = (countries("origin"), countries("destination"))


def all_countries(record: Record) -> Iterable[str]:
    """Yield the countries and regions involved, whatever their role, then those of the authorities involved.

    An authority's country is the one that the base knows, else the one that the practice says.
    """
    yield from map(country_code, listed(record, "initiative", "countries"))
    for entry, authority in involved(record):
        if country := _known(entry, authority, "country"):
            yield country


def country_code(entry: Record) -> str:
    """Return the ISO 3166-1 code of a country involved, or the UN M49 code of a region."""
    code: str = entry.get("country") or entry["region"]
    return code


def corridors(record: Record) -> Iterable[str]:
    """Return each country or region of origin with each other one of destination, as `MA-ES`.

    They are in the order in which the record names them, `MOST_CORRIDORS` at most: further ones are left out.
    """
    ends = [dict.fromkeys(read(record)) for read in _ENDS]
    return islice((f"{origin}-{end}" for origin, end in product(*ends) if origin != end), MOST_CORRIDORS)


def authorities(record: Record) -> Iterable[str]:
    """Return the slugs of the authorities that the base knows."""
    return (authority["slug"] for authority in record.get("authorities") or ())


def countries_of_authorities(record: Record) -> Iterable[str]:
    """Return the countries of the authorities that the base knows."""
    return (authority["country"] for authority in record.get("authorities") or ())


def known_authorities(record: Record) -> dict[str, Record]:
    """Return the base's records of the authorities that a record names, by slug and by id."""
    return {key: one for one in record.get("authorities") or () for key in (one["slug"], one["id"])}


def keyword(text: str) -> str:
    """Return the code of a keyword, which is its label too: lower case, without accents, single spaces.

    So it counts as one however people write it. A code is its own code, and never longer than the text.
    """
    plain = unicodedata.normalize("NFD", _PRIVATE.sub("?", text.lower()))
    plain = unicodedata.normalize("NFC", _ACCENTS.sub("", plain))
    return " ".join(plain.split())[: len(text)].strip()


def keywords(record: Record) -> Iterable[str]:
    """Yield the codes of the record's keywords; records from before they were asked for have none."""
    return filter(None, map(keyword, section_of(record, "what").get("keywords") or ()))


def involved(record: Record) -> Iterable[tuple[Record, Record | None]]:
    """Yield each authority that a practice names, with the base's record of it where there is one."""
    known = known_authorities(record)
    for entry in listed(record, "who", "authorities"):
        yield entry, known.get(entry.get("authority") or "")


def level_of(entry: Record, authority: Record | None) -> str | None:
    """Return the level of an authority involved: as the base knows it, else as the practice says."""
    return _known(entry, authority, "level")


def _known(entry: Record, authority: Record | None, field: str) -> str | None:
    found: str | None = (authority or {}).get(field) or entry.get(field)
    return found


def levels(record: Record) -> Iterable[str]:
    """Return the levels of the authorities involved."""
    return (level for one in involved(record) if (level := level_of(*one)))


def totals(record: Record) -> dict[str, float]:
    """Return the practice's total cost by currency, the largest one where several are given."""
    found: dict[str, float] = {}
    for entry in listed(record, "initiative", "budget"):
        if entry.get("scope") == "total":
            found[entry["currency"]] = max(float(entry["amount"]), found.get(entry["currency"], 0))
    return found


def bands(totals: Mapping[str, float]) -> Iterable[str]:
    """Yield the band of the total cost in each currency."""
    for currency, amount in totals.items():
        yield f"{currency}:{[name for name, least in BANDS if amount >= least][-1]}"


def completeness(record: Record) -> int | None:
    """Return how much of the full form is answered, in percent; None when the record does not say, as older ones do."""
    percent = (record.get("completeness") or {}).get("full")
    if percent is None:
        return None
    if not 0 <= percent <= 100:
        raise ValueError("its completeness is no percentage")
    return int(percent)


def completeness_bands(record: Record) -> Iterable[str]:
    """Return the band of the completeness, if it is known."""
    percent = completeness(record)
    return () if percent is None else ([name for name, least in COMPLETENESS if percent >= least][-1],)


def ongoing(record: Record) -> bool | None:
    """Tell whether the practice goes on, None when it is not known; one with an end does not."""
    when = section_of(record, "when")
    known: bool | None = when.get("ongoing")
    return False if known is None and when.get("end") else known


def ongoing_codes(record: Record) -> Iterable[str]:
    """Return whether the practice goes on, as a code, if it is known."""
    known = ongoing(record)
    return () if known is None else ("true" if known else "false",)


def decades(record: Record) -> Iterable[str]:
    """Return the decade in which the practice started, if it is known."""
    start = section_of(record, "when").get("start")
    return (f"{start[:3]}0s",) if start else ()


def ends(record: Record) -> Iterator[tuple[str, str | None]]:
    """Yield the other end of each link that a record has, as `type/id`, with the relation where the link has one.

    Authorities are named by slug and by id; so is what a row is a part of.
    """
    yield from _linked(record)
    for one in (*(record.get("authorities") or ()), record.get("parent")):
        if one:
            yield f"authority/{one['slug']}", None
            yield f"authority/{one['id']}", None
    if whole := record.get("derived_from"):
        yield f"{whole['type']}/{whole['id']}", None


def relations(record: Record) -> Iterable[str]:
    """Return the relation of each link that a record has."""
    return (relation for _, relation in _linked(record) if relation)


def _linked(record: Record) -> Iterator[tuple[str, str | None]]:
    if "content" in record:
        for link in record.get("links") or ():
            if link["to"]:
                yield link["to"], link["relation"]
        for link in record.get("incoming") or ():
            yield link["from"], link["relation"]
