"""A public record of the change feed made searchable. Pure, and fast: a rebuild makes thousands a second.

Every free text of a practice is searched, in each language that it exists in, so that a field added to the
questionnaire is found without a word here: all strings count but those under the keys of `_NO_TEXT`, which hold codes,
dates and addresses. The years that a practice spans are those it is known for: it starts with its first known date; it
ends with its last one, and one that is ongoing reaches the year of its source, or of its last change where it has none.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from services.search.codes import completeness, country_code, involved, level_of, listed, ongoing, totals
from services.search.engines.base import Document, Part, Text
from services.search.facets import FACETS, SEARCHABLE_TYPES
from services.search.labels import LABELLING, Names, Terms, terms_of
from services.web.build import digest

_RULES = ("codes.py", "document.py", "facets.py", "labels.py")
"""Files that say what the document of a record is."""

UNKNOWN_LANGUAGE = "und"

_NO_TEXT = frozenset(
    (
        *("language", "country", "region", "roles", "level", "kind", "place", "part", "authority", "ease", "unit"),
        *("priorities", "priority", "policy_areas", "sdgs", "gcm_objectives", "feature", "groups", "assessed_by"),
        *("evidence", "says", "relation", "to", "asserted_by"),
        *("currency", "scope", "start", "end", "websites", "url", "key", "source", "references"),
    )
)
# Facets whose labels would find nothing more: `country` names them all, or most records have them.
_UNNAMED = frozenset(("country_of_origin", "country_of_destination", "provenance", "tier", "state", "feature", "level"))
_NAMED = tuple((facet.name, facet.vocabularies) for facet in FACETS if facet.name not in _UNNAMED)
_KEY_TEXTS = (("how", "objectives"), ("how", "goal"), ("why", "success_factors"))
_PARTS: Mapping[tuple[str, str], Part] = {
    ("initiative", "title"): "title",
    ("how", "summary"): "summary",
    **dict.fromkeys(_KEY_TEXTS, "key"),
}
_WEIGHTS: tuple[Part, ...] = ("title", "summary", "key", "body")

Record = Mapping[str, Any]


def schema(folder: Path) -> str:
    """Name the document rules in a copy of this folder: an index made by others is rebuilt."""
    return digest(folder, (folder / name for name in _RULES))


SCHEMA = schema(Path(__file__).parent)


def document(seq: int, record: Record, terms: Terms) -> Document:
    """Return the document of a public record, its codes findable by their labels in `terms`.

    Raise `KeyError`, `TypeError`, `ValueError` or `AttributeError` for a record that is not of the published shape.
    """
    if record["type"] not in SEARCHABLE_TYPES:
        _check(record)
        # What is not found and names no code is known by its number alone, so that the index counts as the feed does.
        return kept(record["type"], str(record["id"]), seq, record if record["type"] in LABELLING else {})
    content = record["content"]
    facets = {facet.name: tuple(dict.fromkeys(facet.codes(record))) for facet in FACETS}
    titles = _versions(record, "initiative", "title")
    return Document(
        id=record["id"],
        type=record["type"],
        seq=seq,
        texts=_texts(record, facets, terms),
        facets=facets,
        numbers=_numbers(record),
        published=_seconds(record.get("published_at")),
        start=_day(content),
        sort_titles={**titles, "": titles[content["language"]]},
        hit=orjson.dumps(_hit(record, titles, facets)),
        slug=record["slug"],
        completeness=completeness(record),
    )


def _check(record: Record) -> None:
    """Refuse a record that could give no labels."""
    if record["type"] == "vocabulary":
        terms_of(record)
    elif record["type"] == "authority":
        {**{"": record["name"]}, **(record.get("names") or {})}[""] + record["slug"]


def kept(type: str, id: str, seq: int, body: Any) -> Document:
    """Return a document that is stored and never found."""
    return Document(
        id=id,
        type=type,
        seq=seq,
        texts=(),
        facets={"type": (type,)},
        numbers={},
        published=0,
        start=None,
        sort_titles={"": ""},
        hit=orjson.dumps({"titles": {}, "summaries": {}, "language": UNKNOWN_LANGUAGE, **body}),
    )


def _versions(record: Record, section: str, field: str) -> dict[str, str]:
    """Return a field's text by language, the original first."""
    content = record["content"]
    found = {content["language"]: content[section][field]}
    for language, texts in (record.get("translations") or {}).items():
        if translated := texts.get(f"{section}.{field}"):
            found[language] = translated["text"]
    return found


def _texts(record: Record, facets: Mapping[str, tuple[str, ...]], terms: Terms) -> tuple[Text, ...]:
    lines: dict[tuple[Part, str, str], list[str]] = {}
    original = record["content"]["language"]
    for name, section in record["content"].items():
        if name in _NO_TEXT:
            continue
        if not isinstance(section, dict):
            lines.setdefault(("body", original, name), []).extend(_strings(section))
            continue
        for field, value in section.items():
            if value and field not in _NO_TEXT:
                place = f"{name}.{field}"
                lines.setdefault((_PARTS.get((name, field), "body"), original, place), []).extend(_strings(value))
    for language, translated in (record.get("translations") or {}).items():
        for path, text in translated.items():
            name, _, field = path.partition("[")[0].partition(".")
            lines.setdefault((_PARTS.get((name, field), "body"), language, f"{name}.{field}"), []).append(text["text"])
    texts = [Text(part, language, "\n".join(held), place) for (part, language, place), held in lines.items() if held]
    texts.sort(key=lambda text: _WEIGHTS.index(text.part))
    names: dict[str, dict[str, str]] = {}
    for facet, named in _names(record, facets, terms):
        for language, word in named.items():
            names.setdefault(language, {}).setdefault(word, facet)
    texts += [Text("name", language, "\n".join(its), "\n".join(its.values())) for language, its in names.items()]
    return tuple(texts)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, held in value.items():
            if held and key not in _NO_TEXT:
                yield from _strings(held)
    elif isinstance(value, list):
        for held in value:
            yield from _strings(held)


def _names(record: Record, facets: Mapping[str, tuple[str, ...]], terms: Terms) -> Iterator[tuple[str, Names]]:
    """Yield what a practice's codes and authorities are called, by language, each with its facet."""
    for name, vocabularies in _NAMED:
        for vocabulary in vocabularies:
            known = terms.get(vocabulary) or {}
            for code in facets[name]:
                if code in known:
                    yield name, known[code]
    for authority in record.get("authorities") or ():
        yield "authority", {UNKNOWN_LANGUAGE: authority["name"], **(authority.get("names") or {})}


def _numbers(record: Record) -> dict[str, float]:
    numbers: dict[str, float] = {f"budget:{currency}": amount for currency, amount in totals(record).items()}
    if span := years(record):
        numbers["year_from"], numbers["year_to"] = span
    if (percent := completeness(record)) is not None:
        numbers["completeness"] = percent
    return numbers


def years(record: Record) -> tuple[int, int] | None:
    """Return the first and the last year that a practice is known to have run in, None when no date is known."""
    content = record["content"]
    when = content.get("when") or {}
    phases = when.get("phases") or ()
    known = [int(held[key][:4]) for held in (when, *phases) for key in ("start", "end") if held.get(key)]
    if known and ongoing(record):
        seen = (content.get("provenance") or {}).get("source_year") or int((record.get("updated_at") or "0")[:4])
        known.append(max(seen, *known))
    return (min(known), max(known)) if known else None


def _day(content: Record) -> int | None:
    start = (content.get("when") or {}).get("start")
    return int(start.replace("-", "").ljust(8, "0")) if start else None


def _seconds(moment: str | None) -> int:
    return int(datetime.fromisoformat(moment).timestamp()) if moment else 0


def _hit(record: Record, titles: Mapping[str, str], facets: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    content = record["content"]
    return {
        "id": record["id"],
        "type": record["type"],
        "slug": record["slug"],
        "language": content["language"],
        "titles": titles,
        "summaries": _versions(record, "how", "summary"),
        "statuses": _statuses(record),
        "priorities": facets["priority"],
        "features": facets["feature"],
        "countries": [
            {"code": country_code(entry), "roles": entry.get("roles") or []}
            for entry in listed(record, "initiative", "countries")
        ],
        "authorities": [
            {
                "slug": authority["slug"] if authority else None,
                "names": {"": (authority or entry)["name"], **((authority or {}).get("names") or {})},
                "level": level_of(entry, authority),
            }
            for entry, authority in involved(record)
        ],
        "start": (content.get("when") or {}).get("start"),
        "ongoing": ongoing(record),
        "provenance": content["provenance"]["kind"],
        "source_year": content["provenance"].get("source_year"),
        "published_at": record.get("published_at"),
        "updated_at": record.get("updated_at") or record.get("published_at"),
        "tier": record.get("tier"),
        "state": record.get("state"),
        "completeness": record.get("completeness"),
    }


def _statuses(record: Record) -> dict[str, dict[str, str]]:
    """Return how title and summary were translated: language -> field -> status."""
    fields = {"initiative.title": "title", "how.summary": "summary"}
    return {
        language: {fields[path]: text["status"] for path, text in texts.items() if path in fields}
        for language, texts in (record.get("translations") or {}).items()
    }
