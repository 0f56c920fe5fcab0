"""Completions of what is being typed, and the search among one facet's values. Both block: they ask the engine."""

from typing import Any

from services.search import shown
from services.search.engines.base import Engine, Query
from services.search.facets import FACET, SEARCHABLE_TYPES
from services.search.labels import Labels
from services.search.query import FacetAsked
from services.search.words import words

SUGGESTED = (
    "country",
    "authority",
    "priority",
    "feature",
    "policy_area",
    "target_group",
    "level",
    "sdg",
    "budget_source",
)
"""Facets whose values are suggested, `country` for countries whatever their role."""

MOST_OPEN_VALUES = 10_000
"""Values of an open facet, such as budget bands, among which a text is looked for."""


def suggestions(engine: Engine, labels: Labels, text: str, limit: int, language: str | None) -> list[dict[str, Any]]:
    """Return completions (`SuggestionRead`): values to filter by in the first half, most used first, then titles.

    Misspelt values are only looked for when none begins as it was typed.
    """
    if not words(text):
        return []
    values = _values(engine, labels, text, limit, language) or _values(engine, labels, text, limit, language, True)
    titles = _titles(engine, text, limit, language)
    half = max(limit - len(titles), (limit + 1) // 2)
    return [*values[:half], *titles][:limit]


def _values(
    engine: Engine, labels: Labels, text: str, limit: int, language: str | None, forgiving: bool = False
) -> list[dict[str, Any]]:
    everything = Query(types=SEARCHABLE_TYPES)
    found = []
    for facet in SUGGESTED:
        codes = labels.matching(facet, text, labels.codes(facet) or (), forgiving)
        counts = engine.facet_values(everything, facet, codes, limit).values if codes else ()
        kind = facet if facet in ("country", "authority") else FACET[facet].vocabularies[0]
        found += [
            {
                "kind": kind,
                "value": code,
                "label": labels.label(facet, code, language),
                "parameter": facet,
                "count": count,
            }
            for code, count in counts
            if count
        ]
    return sorted(found, key=lambda one: (-int(str(one["count"])), str(one["label"])))


def _titles(engine: Engine, text: str, limit: int, language: str | None) -> list[dict[str, Any]]:
    query = Query(
        text=text,
        types=SEARCHABLE_TYPES,
        per_page=limit,
        language=language,
        titles_only=True,
    )
    answer = engine.search(query)
    if answer.relaxed:
        return []
    labels = Labels()
    hits = [shown.hit(hit, labels, language) for hit in answer.hits]
    return [
        {"kind": "title", "value": hit["slug"], "label": hit["title"], "parameter": None, "count": None} for hit in hits
    ]


def facet_values(engine: Engine, labels: Labels, facet: str, asked: FacetAsked) -> dict[str, Any]:
    """Return the values of a facet whose label or code matches (`FacetRead`), counted under the other filters."""
    query = asked.asked.query
    codes = labels.codes(facet)
    if codes is None:
        counts = engine.facet_values(query, facet, None, MOST_OPEN_VALUES).values
        wanted = set(labels.matching(facet, asked.text, (code for code, _ in counts)))
        found = {code: count for code, count in counts if code in wanted and count}
    else:
        matching = labels.matching(facet, asked.text, codes)
        counted = dict(engine.facet_values(query, facet, matching, len(matching) or 1).values)
        found = {code: counted.get(code, 0) for code in matching if FACET[facet].zeros or counted.get(code)}
    selected = asked.asked.selected.get(facet, ())
    values = shown.values(facet, found, selected, labels, asked.asked.language)
    return {"truncated": len(values) > asked.limit, "values": values[: asked.limit]}
