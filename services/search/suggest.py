"""Completions of what is being typed, and the search among one facet's values. Both block: they ask the engine."""

from dataclasses import replace
from typing import Any

from services.search import links, shown
from services.search.engines.base import Engine, Hit
from services.search.facets import facets, visible
from services.search.labels import Labels
from services.search.query import FacetAsked, of_types
from services.search.types import TYPES
from services.search.words import laid_out, together, words

MOST_OPEN_VALUES = 10_000
"""Values of an open facet, such as budget bands, among which a text is looked for."""


def suggestions(
    engine: Engine, labels: Labels, text: str, limit: int, language: str | None, types: tuple[str, ...] | None = None
) -> list[dict[str, Any]]:
    """Return completions (`SuggestionRead`): values to filter by in the first half, most used first, then titles.

    Both are of records of some types, of all by default; nothing is suggested of those that are parts of others.

    Misspelt ones are only given when no value and no title has words that begin as it was typed.
    """
    asked = words(together(text))
    if not asked:
        return []
    types = tuple(name for name in types or visible() if name in visible())
    if not types:
        return []
    values, hits = _values(engine, labels, text, limit, language, types), _titles(engine, text, limit, language, types)
    begun = tuple(hit for hit in hits if _begins(hit, asked))
    if not (values or begun):
        values, begun = _values(engine, labels, text, limit, language, types, forgiving=True), hits
    titles = [_title(hit, labels, language) for hit in begun]
    half = max(limit - len(titles), (limit + 1) // 2)
    return [*values[:half], *titles][:limit]


def _begins(hit: Hit, asked: list[str]) -> bool:
    """Tell whether a title of a record has words that begin as those typed."""
    titles = (words(laid_out(title)) for title in hit.stored["titles"].values())
    return any(all(any(word.startswith(one) for word in title) for one in asked) for title in titles)


def _values(
    engine: Engine,
    labels: Labels,
    text: str,
    limit: int,
    language: str | None,
    types: tuple[str, ...],
    forgiving: bool = False,
) -> list[dict[str, Any]]:
    everything = of_types(types)
    found = []
    for facet, declared in facets().items():
        if not declared.suggested:
            continue
        codes = labels.matching(facet, text, labels.codes(facet) or (), forgiving)
        counts = engine.facet_values(everything, facet, codes, limit).values if codes else ()
        found += [
            {
                "kind": declared.suggested,
                "value": code,
                "label": labels.label(facet, code, language),
                "parameter": facet,
                "count": count,
            }
            for code, count in counts
            if count
        ]
    return sorted(found, key=lambda one: (-int(str(one["count"])), str(one["label"])))


def _titles(engine: Engine, text: str, limit: int, language: str | None, types: tuple[str, ...]) -> tuple[Hit, ...]:
    titled = tuple(name for name in types if TYPES[name].titled)
    if not titled:
        return ()
    query = replace(of_types(titled), text=text, per_page=limit, language=language, titles_only=True)
    answer = engine.search(query)
    return () if answer.relaxed else answer.hits


def _title(found: Hit, labels: Labels, language: str | None) -> dict[str, Any]:
    hit = shown.hit(found, labels, language)
    return {"kind": "title", "value": hit["slug"], "label": hit["title"], "parameter": None, "count": None}


def facet_values(engine: Engine, labels: Labels, facet: str, asked: FacetAsked) -> dict[str, Any]:
    """Return the values of a facet whose label or code matches (`FacetRead`), counted under the other filters."""
    query = asked.asked.query
    codes = labels.codes(facet)
    if codes is None:
        counts = links.facet_values(engine, query, facet, None, MOST_OPEN_VALUES).values
        wanted = set(labels.matching(facet, asked.text, (code for code, _ in counts)))
        found = {code: count for code, count in counts if code in wanted and count}
    else:
        matching = labels.matching(facet, asked.text, codes)
        counted = dict(links.facet_values(engine, query, facet, matching, len(matching) or 1).values)
        found = {code: counted.get(code, 0) for code in matching if facets()[facet].zeros or counted.get(code)}
    selected = asked.asked.selected.get(facet, ())
    values = shown.values(facet, found, selected, labels, asked.asked.language)
    return {"truncated": len(values) > asked.limit, "values": values[: asked.limit]}
