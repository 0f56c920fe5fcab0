"""What questions to the embedded engine are made of: clauses of words, and filters that only narrow."""

import math
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import tantivy
from tantivy import Occur, Order

from services.search import words
from services.search.engines.base import Query, Range
from services.search.engines.embedded import schema as fields

MOST_VALUES = 60_000
FEWER_VALUES = 1_000
"""Values of a facet that are counted; the second when all facets together have more than the library bears."""

Found = list[tuple[Any, tantivy.DocAddress]]
"""Records found, each with its score or what it is ordered by."""


def run(
    searcher: tantivy.Searcher,
    query: tantivy.Query,
    limit: int,
    field: str | None = None,
    offset: int = 0,
    order: Order = Order.Asc,
) -> tuple[int, Found]:
    """Return how many records a query finds, and `limit` of them: best first, or in the order of a field."""
    # The library's type stubs leave `count` out.
    result: Any = searcher.search(query, limit, True, field, offset, order if field else Order.Desc)
    return result.count, result.hits


def any_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    """Return what finds the records that one of the queries finds."""
    return tantivy.Query.boolean_query([(Occur.Should, query) for query in queries])


def favoured(query: tantivy.Query, ranked: Sequence[tantivy.Query]) -> tantivy.Query:
    """Return what finds the same records, those that the others find too with what these add to their scores."""
    if not ranked:
        return query
    return tantivy.Query.boolean_query([(Occur.Must, query), *((Occur.Should, other) for other in ranked)])


def unscored(query: tantivy.Query) -> tantivy.Query:
    """Return what finds the same records and adds nothing to their scores."""
    return tantivy.Query.const_score_query(query, 0.0)


def every(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    """Return what finds the records that all the queries find."""
    if not queries:
        return tantivy.Query.all_query()
    return tantivy.Query.boolean_query([(Occur.Must, query) for query in queries])


def selection(schema: tantivy.Schema, facet: str, codes: Iterable[str], alternatives: bool) -> tantivy.Query:
    """Return what finds the records with one of the codes, or with all of them."""
    field = f"facets.{facet}"
    terms = [tantivy.Query.term_query(schema, field, words.clean(code), "basic") for code in codes]
    return any_of(terms) if alternatives else every(terms)


def of_types(schema: tantivy.Schema, types: Sequence[str]) -> tantivy.Query:
    """Return what finds the records of some types."""
    found = [tantivy.Query.term_query(schema, "type", words.clean(type), "basic") for type in types]
    return found[0] if len(found) == 1 else any_of(found)


def in_range(index: tantivy.Index, wanted: Range) -> tantivy.Query:
    """Return what finds the records with a number in a range."""
    low = fields.number_term(wanted.field, -math.inf if wanted.low is None else wanted.low)
    high = fields.number_term(wanted.field, math.inf if wanted.high is None else wanted.high)
    # Ranges over JSON columns whose types differ between segments fail in the library; ranges of terms are exact.
    return index.parse_query(f"numbers:[{low} TO {high}]", ["numbers"])


def counts(searcher: tantivy.Searcher, query: tantivy.Query, facets: Collection[str]) -> dict[str, dict[str, int]]:
    """Count the codes of facets among the records that a query finds."""
    try:
        result = searcher.aggregate(query, {facet: _counting(facet) for facet in facets})
    except ValueError:
        # More values than the library counts at once; the most frequent ones are counted rightly all the same.
        result = searcher.aggregate(query, {facet: _counting(facet, FEWER_VALUES) for facet in facets})
    return {
        facet: {bucket["key"]: bucket["doc_count"] for bucket in counted["buckets"]}
        for facet, counted in result.items()
    }


def _counting(facet: str, values: int = MOST_VALUES) -> dict[str, Any]:
    return {"terms": {"field": f"facets.{facet}", "size": values, "segment_size": MOST_VALUES}}


def filters(index: tantivy.Index, query: Query) -> dict[str, tantivy.Query]:
    """Return each filter of a question but that of types: by facet, and those of ranges together under ""."""
    chosen = {facet: codes for facet, codes in query.selected.items() if codes and facet != "type"}
    found = {facet: selection(index.schema, facet, codes, facet in query.any_of) for facet, codes in chosen.items()}
    if query.ranges:
        found[""] = every([in_range(index, wanted) for wanted in query.ranges])
    return found
