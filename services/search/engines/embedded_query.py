"""Questions in the embedded engine's language: words that rank, filters that only narrow."""

import math
from collections.abc import Iterable, Mapping, Sequence

import tantivy
from tantivy import Occur

from services.search import words
from services.search.engines import embedded_schema as fields
from services.search.engines.base import Query, Range
from services.search.engines.matching import SHORTEST_PREFIX

PARTS = {"title": 3.0, "summary": 1.5, "key": 0.75}
"""What a word is worth there, added to what it is worth anywhere."""

STEM = 0.6
"""What another form of a word is worth; the form asked for counts this besides its own worth."""

PREFIX = 0.5
TYPO = 0.3
"""What the beginning of a word and a misspelt word are worth, as shares of a rare word's worth."""


class Reading:
    """How the words of one plan are looked up in one snapshot."""

    def __init__(
        self,
        schema: tantivy.Schema,
        searcher: tantivy.Searcher,
        stemmers: Mapping[str, tantivy.TextAnalyzer],
        plan: words.Plan,
        titles_only: bool,
    ) -> None:
        self.schema = schema
        self.searcher = searcher
        self.stemmers = stemmers
        self.plan = plan
        self.base = "title" if titles_only else "fold"
        self.ranked = [self._word(word, last, True) for word, last in self._words()]
        self.found = [self._word(word, last, False) for word, last in self._words()]

    def _words(self) -> list[tuple[str, bool]]:
        end = len(self.plan.words) - 1
        return [(word, at == end and self.plan.open_end) for at, word in enumerate(self.plan.words)]

    def query(self, step: int, ranking: bool) -> tantivy.Query:
        """Return what finds the records that hold `step` of the words; with `ranking`, best first."""
        groups = self.ranked if ranking else self.found
        if step == len(groups):
            return tantivy.Query.boolean_query([(Occur.Must, group) for group in groups])
        return tantivy.Query.boolean_query([(Occur.Should, group) for group in groups], step)

    def _word(self, word: str, prefix: bool, ranking: bool) -> tantivy.Query:
        ways = [self._term(self.base, word, 1.0)]
        if self.base == "fold":
            if ranking:
                ways += [self._term(part, word, worth) for part, worth in PARTS.items()]
            ways += self._stems(word)
        ways += self._alike(word, prefix)
        return tantivy.Query.boolean_query([(Occur.Should, way) for way in ways])

    def _term(self, field: str, word: str, worth: float) -> tantivy.Query:
        return boosted(tantivy.Query.term_query(self.schema, field, word, "freq"), worth)

    def _stems(self, word: str) -> Iterable[tantivy.Query]:
        for language, stemmer in self.stemmers.items():
            for stem in stemmer.analyze(word):
                yield self._term(fields.stemmed(language), stem, STEM)

    def _alike(self, word: str, prefix: bool) -> Iterable[tantivy.Query]:
        typos = words.typos_allowed(word)
        rare = math.log(1 + self.searcher.num_docs)
        if prefix and len(word) >= SHORTEST_PREFIX:
            begun = tantivy.Query.fuzzy_term_query(self.schema, self.base, word, 0, True, True)
            yield tantivy.Query.const_score_query(begun, PREFIX * rare)
        if typos:
            near = tantivy.Query.fuzzy_term_query(self.schema, self.base, word, typos, True)
            yield tantivy.Query.const_score_query(near, TYPO * rare)


def boosted(query: tantivy.Query, worth: float) -> tantivy.Query:
    """Return the query with its score multiplied."""
    return query if worth == 1.0 else tantivy.Query.boost_query(query, worth)


def every(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    """Return what finds the records that all the queries find."""
    if not queries:
        return tantivy.Query.all_query()
    return tantivy.Query.boolean_query([(Occur.Must, query) for query in queries])


def selection(schema: tantivy.Schema, facet: str, codes: Iterable[str], any_of: bool) -> tantivy.Query:
    """Return what finds the records with one of the codes, or with all of them."""
    occur = Occur.Should if any_of else Occur.Must
    terms = [(occur, tantivy.Query.term_query(schema, f"facets.{facet}", code, "basic")) for code in codes]
    return tantivy.Query.boolean_query(terms)


def in_range(index: tantivy.Index, wanted: Range) -> tantivy.Query:
    """Return what finds the records with a number in a range."""
    low, high = ("*" if bound is None else f"{bound:f}" for bound in (wanted.low, wanted.high))
    return index.parse_query(f"numbers.{fields.number_key(wanted.field)}:[{low} TO {high}]", ["fold"])


def filters(index: tantivy.Index, query: Query) -> dict[str, tantivy.Query]:
    """Return each filter of a question: by facet, and the ranges together under ""."""
    schema = index.schema
    chosen = {facet: codes for facet, codes in query.selected.items() if codes}
    found = {facet: selection(schema, facet, codes, facet in query.any_of) for facet, codes in chosen.items()}
    if query.ranges:
        found[""] = every([in_range(index, wanted) for wanted in query.ranges])
    return found
