"""What readers get to see of an engine's answers: labels, titles and counts in their language. Pure."""

from collections.abc import Collection, Mapping
from typing import Any

from services.search.engines.base import Answer, FacetCounts, Generation, Hit
from services.search.engines.titles import base_language
from services.search.facets import facets
from services.search.labels import Labels, pick
from services.search.naming import LANGUAGES
from services.search.query import Asked
from services.search.thesaurus import Named
from services.search.types import TYPES
from services.search.words import replaced

Json = dict[str, Any]

MOST_WORDS = 20
"""Other words of a concept that are told."""

_WORST_FIRST = ("outdated", "machine", "human")


def records(asked: Asked, answer: Answer, labels: Labels, engine: str) -> Json:
    """Return the body of a list of records (`RecordsRead`)."""
    return {
        "total": answer.total,
        "close": answer.close,
        "page": asked.query.page,
        "per_page": asked.query.per_page,
        "relaxed": answer.relaxed,
        "did_you_mean": _meant(asked.query.text, answer.meant),
        "also": [told for named in asked.named if (told := _also(named, asked.language))],
        "hits": [hit(found, labels, asked.language) for found in answer.hits],
        "facets": {
            name: facet(
                name, counts, asked.selected.get(name, ()), asked.query.values_per_facet, labels, asked.language
            )
            for name, counts in answer.facets.items()
        },
        "index": index(answer.generation, engine),
    }


def _meant(text: str, meant: Mapping[str, str]) -> str | None:
    """Return a question with words as they were meant."""
    return replaced(text, meant) if meant else None


def _also(named: Named, language: str | None) -> Json | None:
    """Return a concept that a question names (`AlsoRead`); nothing where a reader knows no other word for it."""
    labels = named.concept.labels
    shown = next(tag for tag in (pick(labels, language), LANGUAGES[0], *labels) if tag in labels)
    others = [text for its, text in named.others if its == base_language(shown or "")]
    if not others:
        return None
    return {
        "asked": named.written,
        "concept": named.concept.code,
        "label": labels[shown or ""],
        "words": list(dict.fromkeys(others))[:MOST_WORDS],
    }


def index(generation: Generation, engine: str) -> Json:
    """Return which state of the index answered (`IndexRead`)."""
    return {"epoch": generation.epoch, "seq": generation.seq, "engine": engine}


def hit(found: Hit, labels: Labels, language: str | None) -> Json:
    """Return one hit (`HitRead`, and what its type shows besides).

    Title and summary are in the reader's language where they exist, else in the original.
    """
    stored = found.stored
    original: str = stored["language"]
    title = pick(stored["titles"], language) or original
    summary = pick(stored["summaries"], language) or original
    return {
        "id": stored["id"],
        "type": stored["type"],
        "slug": stored["slug"],
        "title": stored["titles"][title],
        "title_language": title,
        "summary": stored["summaries"].get(summary),
        "summary_language": summary if stored["summaries"] else None,
        "translation": _translation(stored["statuses"], title, summary),
        "language": original,
        "highlights": dict(found.highlights),
        "published_at": stored["published_at"],
        "updated_at": stored["updated_at"],
        "tier": stored["tier"],
        "state": stored["state"],
        "completeness": stored["completeness"],
        "links": stored["links"],
    } | TYPES[stored["type"]].shown(stored, labels, language)


def alike(found: Hit, labels: Labels, language: str | None) -> Json:
    """Return a hit with what makes it like the record asked about (`SimilarHitRead`)."""
    shared = {name: found.shared[name] for name, facet in facets().items() if facet.likens and name in found.shared}
    return {**hit(found, labels, language), "shared": shared}


def _translation(statuses: Mapping[str, Mapping[str, str]], title: str, summary: str) -> str | None:
    shown = {statuses.get(title, {}).get("title"), statuses.get(summary, {}).get("summary")}
    return next((status for status in _WORST_FIRST if status in shown), None)


def facet(
    name: str, counts: FacetCounts, selected: Collection[str], limit: int, labels: Labels, language: str | None
) -> Json:
    """Return one facet (`FacetRead`): the values counted and, of a short closed vocabulary, those that nothing has."""
    # What stands selected for a reader who selected nothing is told only where it is there.
    shown, truncated = {code: count for code, count in counts.values if count or code in selected}, counts.truncated
    if facets()[name].zeros and not truncated:
        known = labels.codes(name) or ()
        shown = {code: count for code, count in shown.items() if code in known}
        unused = sorted(code for code in known if code not in shown)
        room = max(0, limit - len(shown))
        shown |= dict.fromkeys(unused[:room], 0)
        truncated = len(unused) > room
    return {"truncated": truncated, "values": values(name, shown, selected, labels, language)}


def values(
    facet: str, counts: Mapping[str, int], selected: Collection[str], labels: Labels, language: str | None
) -> list[Json]:
    """Return values with labels (`FacetValueRead`), by count then code."""
    return [
        {"value": code, "label": labels.label(facet, code, language), "count": count, "selected": code in selected}
        for code, count in sorted(counts.items(), key=lambda value: (-value[1], value[0]))
    ]
