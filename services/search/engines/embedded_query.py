"""Questions in the embedded engine's language: words that rank, filters that only narrow."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import tantivy
from tantivy import Occur, Order

from services.search import words
from services.search.engines import embedded_schema as fields
from services.search.engines.base import Query, Range
from services.search.engines.corrections import MOST_MEANT, corrections
from services.search.engines.matching import SHORTEST_PREFIX
from services.search.engines.weights import MOST, NEEDED, WEIGHTS

Found = list[tuple[Any, tantivy.DocAddress]]
"""Records found, each with its score or what it is ordered by."""

PARTS = {"title": 3.0, "summary": 1.5, "key": 0.75}
"""What a word is worth there, added to what it is worth anywhere."""

STEM = 0.6
"""What another form of a word is worth; the form asked for counts this besides its own worth."""

PREFIX = 0.5
TYPO = 0.3
"""What a word begun and one nearly alike are worth.

They are shares of what a word found in as many records is worth: the library scores such matches alike, wherever they
are found.
"""

CORRECTED = 0.9
"""What a word is worth that stands in for one which no record holds, as a share of what it is worth itself."""


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of a question and the queries for it: a record must be found by one of `found` to hold the word.

    One of `sure` finds it unless it is misspelt there; those of `ranked` order what is found and never find more.
    `rarity` is what BM25 makes of the number of records that hold it, zero when none does.
    """

    found: list[tantivy.Query]
    sure: list[tantivy.Query]
    ranked: list[tantivy.Query]
    rarity: float


class Reading:
    """How the words of one plan are looked up in one snapshot.

    `needed` is the weight of words that a record must hold, chosen by the words alone; `relaxed` tells that no record
    holds what the question first wanted; `unknown` maps long words that no record holds as they are spelt to the words
    that differ in one letter, none when more differ.
    """

    def __init__(
        self,
        schema: tantivy.Schema,
        searcher: tantivy.Searcher,
        folding: tantivy.TextAnalyzer,
        stemmers: Mapping[str, tantivy.TextAnalyzer],
        plan: words.Plan,
        titles_only: bool,
    ) -> None:
        self.schema = schema
        self.searcher = searcher
        self.folding = folding
        self.stemmers = stemmers
        self.titles_only = titles_only
        self.base = "title" if titles_only else "fold"
        self.records = searcher.doc_freq("searched", "1")
        self.unknown: dict[str, list[str]] = {}
        *others, last = plan.words
        self.words = [
            *(self._word(word, False, plan.joined.get(word)) for word in others),
            self._word(last, plan.open_end, plan.joined.get(last)),
        ]
        self.weights = [1] * len(self.words)
        if not plan.wants_all:
            rarest = max(word.rarity for word in self.words) or 1.0
            self.weights = [max(1, round(WEIGHTS * word.rarity / rarest)) for word in self.words]
        whole, held = sum(self.weights), self._most_held()
        self.needed = (held if plan.wants_all else math.ceil(NEEDED * held)) or whole
        self.relaxed = 0 < held < (whole if plan.wants_all else MOST * whole)

    def query(self) -> tantivy.Query:
        """Return what finds the records that hold words of the weight needed, and scores them."""
        groups = [favoured(any_of(word.found), word.ranked) for word in self.words]
        if self.needed == len(groups) and max(self.weights) == 1:
            return every(groups)
        clauses = [(Occur.Should, group) for group in groups]
        for word, weight in zip(self.words, self.weights, strict=True):
            # The library counts clauses: a word counts as often as it is repeated, the repetitions unscored.
            clauses += [(Occur.Should, unscored(any_of(word.sure)))] * (weight - 1)
        return tantivy.Query.boolean_query(clauses, self.needed)

    def _most_held(self) -> int:
        """Return the weight of the words that the fullest record holds, of each misspelt one no more than 1."""
        clauses: list[tuple[Occur, tantivy.Query]] = []
        for word, weight in zip(self.words, self.weights, strict=True):
            clauses.append((Occur.Should, tantivy.Query.const_score_query(any_of(word.found), 1.0)))
            if weight > 1:
                clauses.append((Occur.Should, tantivy.Query.const_score_query(any_of(word.sure), weight - 1.0)))
        best = run(self.searcher, tantivy.Query.boolean_query(clauses), 1)[1]
        return round(best[0][0]) if best else 0

    def _word(self, word: str, prefix: bool, whole: str | None) -> _Word:
        # The index's own folding has the last word: it knows letters that `words.fold` leaves alone.
        terms = self.folding.analyze(word) or [word]
        found, ranked, holders = self._forms(word, terms)
        if whole:
            found_whole, ranked_whole, holders_whole = self._forms(whole, self.folding.analyze(whole) or [whole])
            found, ranked, holders = found + found_whole, ranked + ranked_whole, max(holders, holders_whole)
        sure = list(found)
        if prefix and (self.titles_only or len(word) >= SHORTEST_PREFIX):
            begun = tantivy.Query.fuzzy_term_query(self.schema, self.base, terms[0], 0, True, True)
            found.append(self._alike(begun, PREFIX, self.searcher.doc_freq(self.base, terms[0])))
        if typos := words.typos_allowed(word):
            near, distance = ([], 1) if holders else self._corrections(terms[0], typos)
            alike = tantivy.Query.fuzzy_term_query(self.schema, self.base, terms[0], distance, True)
            found.append(self._alike(alike, TYPO, holders))
            if not holders:
                sure = list(found)
                self.unknown[word] = near if distance == 1 else []
                meant = [self._forms(other, [other]) for other in near[:MOST_MEANT]]
                # What is meant is found in all its forms, as it would be if it were spelt right.
                found += self._best([self._boosted(favoured(any_of(f), r), CORRECTED) for f, r, _ in meant])
                holders = self._count(alike)
        return _Word(found, sure, ranked, self._rarity(holders) if holders else 0.0)

    def _corrections(self, word: str, typos: int) -> tuple[list[str], int]:
        def holders(other: str) -> int:
            return self.searcher.doc_freq(self.base, other)

        return corrections(word, typos, holders, partial(self.searcher.terms_with_prefix, self.base))

    def _forms(self, word: str, terms: Sequence[str]) -> tuple[list[tantivy.Query], list[tantivy.Query], int]:
        """Return what finds a word as it is spelt and in other forms, what ranks it besides, and how many hold it."""
        stems = [] if self.titles_only else [(f, s) for f, s in self._stems(word) if self.searcher.doc_freq(f, s)]
        parts = {} if self.titles_only else PARTS
        holders = max(self.searcher.doc_freq(field, term) for field, term in ((self.base, terms[0]), *stems))
        exact = [self._term(self.base, term, 1.0, holders) for term in terms]
        found = [every(exact), *self._best([self._term(field, stem, STEM, holders) for field, stem in stems])]
        return found, [self._term(part, terms[0], worth, holders) for part, worth in parts.items()], holders

    def _best(self, queries: list[tantivy.Query]) -> list[tantivy.Query]:
        return [tantivy.Query.disjunction_max_query(queries)] if len(queries) > 1 else queries

    def _term(self, field: str, term: str, worth: float, holders: int) -> tantivy.Query:
        """Return what finds a term, and ranks it by the rarity of its word, wherever that stands."""
        query = tantivy.Query.term_query(self.schema, field, term, "freq")
        # The library judges rarity by the field: a common word would be rare in titles, or in another language's texts.
        there = self._rarity(self.searcher.doc_freq(field, term), self.searcher.num_docs)
        return self._boosted(query, worth * self._rarity(holders) / there)

    def _boosted(self, query: tantivy.Query, worth: float) -> tantivy.Query:
        return query if worth == 1.0 else tantivy.Query.boost_query(query, worth)

    def _stems(self, word: str) -> Iterable[tuple[str, str]]:
        for language, stemmer in self.stemmers.items():
            for stem in stemmer.analyze(word):
                yield fields.stemmed(language), stem

    def _alike(self, query: tantivy.Query, share: float, holders: int) -> tantivy.Query:
        """Score what a query finds alike: a share of what BM25 makes of a word with so many holders, or its own."""
        return tantivy.Query.const_score_query(query, share * self._rarity(holders or self._count(query)))

    def _count(self, query: tantivy.Query) -> int:
        return run(self.searcher, query, 1)[0]

    def _rarity(self, holders: int, records: int | None = None) -> float:
        records = max(self.records if records is None else records, holders)
        return math.log1p((records - holders + 0.5) / (holders + 0.5))


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


def in_range(index: tantivy.Index, wanted: Range) -> tantivy.Query:
    """Return what finds the records with a number in a range."""
    low = fields.number_term(wanted.field, -math.inf if wanted.low is None else wanted.low)
    high = fields.number_term(wanted.field, math.inf if wanted.high is None else wanted.high)
    # Ranges over JSON columns whose types differ between segments fail in the library; ranges of terms are exact.
    return index.parse_query(f"numbers:[{low} TO {high}]", ["numbers"])


def filters(index: tantivy.Index, query: Query) -> dict[str, tantivy.Query]:
    """Return each filter of a question: by facet, and those of types and ranges together under ""."""
    chosen = {facet: codes for facet, codes in query.selected.items() if codes}
    found = {facet: selection(index.schema, facet, codes, facet in query.any_of) for facet, codes in chosen.items()}
    always = [in_range(index, wanted) for wanted in query.ranges]
    if query.types:
        types = [tantivy.Query.term_query(index.schema, "type", words.clean(type), "basic") for type in query.types]
        always.append(any_of(types))
    if always:
        found[""] = every(always)
    return found
