"""Questions answered by words and by meaning at once: which records a snapshot finds for them, and in what order.

Words find what they find without vectors; meaning adds a hundred records at most. Which ones depends on the question
alone, so that filters narrow them, and totals, counts and pages are of the same records.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import tantivy
from tantivy import Occur

from services.search.embedding import Encoder
from services.search.engines.base import type_and_id
from services.search.engines.embedded.clauses import Found, any_of, every, run, unscored
from services.search.engines.embedded.query import Reading
from services.search.engines.embedded.schema import tie
from services.search.engines.meaning import Meaning, corrected, similar
from services.search.engines.vectors import Snapshot as Taken

MOST_ORDERED = 300
"""Records found by words, the best, that are put in order by meaning too; what comes after stays in its order."""

CLOSE = 0.5
"""What a record must be worth of the best one to be close."""

Ranked = Callable[[tantivy.Query, int, int], tuple[int, Found]]
"""Returns how many records a query finds, and so many of them from a place on, best first."""


class Sense:
    """What an encoder and the vectors of one moment know of records and questions."""

    def __init__(self, encoder: Encoder, vectors: Taken) -> None:
        self._encoder = encoder
        self._vectors = vectors
        self.number = vectors.number

    def knows(self, key: str) -> bool:
        """Tell whether a record has vectors."""
        return key in self._vectors.places

    def similar(self, key: str, most: int) -> list[tuple[str, float]]:
        """Return the records closest in meaning to one, with their cosines; raise `KeyError` when it has no vectors."""
        return similar(self._vectors, key, most) if most > 0 else []

    def fused(
        self, schema: tantivy.Schema, searcher: tantivy.Searcher, question: str, reading: Reading
    ) -> "Fused | None":
        """Return how a question is answered by words and by meaning; nothing while there are no vectors."""
        if not self._vectors.keys:
            return None
        meaning = Meaning(self._encoder, self._vectors, corrected(question, reading.unknown))

        def keys(found: Found) -> list[str]:
            known = by_ties(self._vectors)
            ties = searcher.fast_field_values("tie", [address for _, address in found]) if found else []
            return [
                known.get(int(number or 0)) or str(searcher.doc(address)["record"][0])
                for number, (_, address) in zip(ties, found, strict=True)
            ]

        by_words = reading.query(close_only=False, close_first=False)
        return Fused(schema, searcher, meaning, by_words, keys, reading.share)


class Fused:
    """One question's records in order, whatever the filters: the best by words, and those found by meaning.

    `by_words` finds and scores the former; `close` are the keys of those that answer the question best.
    """

    def __init__(
        self,
        schema: tantivy.Schema,
        searcher: tantivy.Searcher,
        meaning: Meaning,
        by_words: tantivy.Query,
        keys: Callable[[Found], list[str]],
        share: float,
    ) -> None:
        self._schema = schema
        self._searcher = searcher
        self._by_words = by_words
        self._keys = keys
        best = run(searcher, by_words, MOST_ORDERED)[1]
        lexical = [(key, score) for key, (score, _) in zip(keys(best), best, strict=True)]
        self._found = meaning.found
        self._scores = dict(meaning.ordered(lexical, share))
        most = max(self._scores.values(), default=0.0)
        self.close = [key for key, score in self._scores.items() if score >= CLOSE * most]

    def matching(self, by_words: tantivy.Query, close_only: bool) -> tantivy.Query:
        """Return what finds its records, unscored, given what those found by words are found by; or the close ones."""
        return self._these(self.close) if close_only else any_of([by_words, self._these(self._found)])

    def page(self, narrow: Sequence[tantivy.Query], close_only: bool, offset: int, limit: int, ranked: Ranked) -> Found:
        """Return records from a place on under filters: those in order first, then the others that words find."""
        wanted = self.close if close_only else list(self._scores)
        passing = run(self._searcher, every([self._these(wanted), *narrow]), max(1, len(wanted)))[1]
        there = dict(zip(self._keys(passing), (address for _, address in passing), strict=True))
        page: Found = [(self._scores[key], there[key]) for key in wanted if key in there][offset : offset + limit]
        if close_only or len(page) == limit:
            return page
        rest = tantivy.Query.boolean_query(
            [*((Occur.Must, one) for one in (self._by_words, *narrow)), (Occur.MustNot, self._these(wanted))]
        )
        more = ranked(rest, max(0, offset - len(there)), limit - len(page))[1]
        return [*page, *((0.0, address) for _, address in more)]

    def _these(self, keys: Iterable[str]) -> tantivy.Query:
        terms = [tantivy.Query.term_query(self._schema, "record", key, "basic") for key in keys]
        return unscored(any_of(terms)) if terms else tantivy.Query.empty_query()


@lru_cache(maxsize=2)
def by_ties(vectors: Taken) -> dict[int, str]:
    """Return the records that have vectors by the beginnings of their ids, those left out that begin alike."""
    known: dict[int, str] = {}
    alike: set[int] = set()
    for key in vectors.keys:
        number = tie(type_and_id(key)[1])
        if number in known:
            alike.add(number)
        known[number] = key
    return {number: key for number, key in known.items() if number not in alike}
