"""What engines must answer to questions without words, read plainly from the documents."""

from collections import Counter
from collections.abc import Iterable, Sequence

from services.search import words
from services.search.engines.base import Document, FacetCounts, Query


def passes(document: Document, query: Query, ignoring: str | None = None) -> bool:
    """Tell whether a document passes the filters, those of one facet aside."""
    if query.types and document.type not in query.types:
        return False
    for facet, asked in query.selected.items():
        own = set(document.facets.get(facet, ()))
        if asked and facet != ignoring and not (own & set(asked) if facet in query.any_of else own >= set(asked)):
            return False
    for wanted in query.ranges:
        number = document.numbers.get(wanted.field)
        low, high = wanted.low, wanted.high
        if number is None or (low is not None and number < low) or (high is not None and number > high):
            return False
    return True


def page(documents: Iterable[Document], query: Query) -> tuple[int, list[str]]:
    """Return the total and the ids of the page asked for."""
    ordered = sorted((one for one in documents if passes(one, query)), key=lambda one: _order(query, one))
    first = (query.page - 1) * query.per_page
    return len(ordered), [one.id for one in ordered[first : first + query.per_page]]


def counted(documents: Iterable[Document], query: Query, facet: str) -> FacetCounts:
    """Return the counts of one facet."""
    own = facet if facet in query.any_of else None
    codes = (code for one in documents if passes(one, query, own) for code in one.facets.get(facet, ()))
    return top(Counter(codes), query.values_per_facet, query.selected.get(facet, ()))


def top(counts: Counter[str], limit: int, selected: Sequence[str]) -> FacetCounts:
    """Return the first values by count, then code, and those selected."""
    best = sorted(counts, key=lambda code: (-counts[code], code))[:limit]
    listed = set(best) | set(selected)
    values = sorted(((code, counts[code]) for code in listed), key=lambda value: (-value[1], value[0]))
    return FacetCounts(tuple(values), bool(set(counts) - listed))


def _order(query: Query, one: Document) -> tuple[object, ...]:
    titles = one.sort_titles
    keys: dict[str, object] = {
        "relevance": (one.group, one.rank),
        "newest": -one.published,
        "title": " ".join(words.words(titles.get((query.language or "").split("-")[0], titles[""]))),
        "start": 99_999_999 if one.start is None else one.start,
        "completeness": 1 if one.completeness is None else -one.completeness,
    }
    return keys[query.sort], one.key
