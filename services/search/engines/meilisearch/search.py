"""All that is asked of an index on a Meilisearch server: each answer comes from one state of it.

The state document is asked for first and last within each request, and when it moved, all is asked again. A question
takes one request when records hold all its words. Else the step that it is relaxed to takes two or three more, up to
five for a sentence, and is remembered as long as the index stands still; then one request more for each facet that is
counted apart, and one that looks whether the index has moved.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson

from services.search.engines.base import Answer, FacetCounts, Generation, Hit, Query, type_and_id
from services.search.engines.counts import top
from services.search.engines.meilisearch import marks
from services.search.engines.meilisearch import query as questions
from services.search.engines.meilisearch.asking import Asking
from services.search.engines.meilisearch.client import IndexMissing
from services.search.engines.meilisearch.reading import Asked, Reading, Readings, Recent
from services.search.engines.meilisearch.schema import KEY, Json, facet_field, plain
from services.search.engines.meilisearch.similar import similar

COUNTS = 256
"""Filters whose counts of a facet are remembered."""

Searches = Sequence[Json]


class Searcher:
    """Answers questions from an index, for any number of threads.

    An index that is missing, or cannot be asked, holds nothing.
    """

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._readings = Readings(asking)
        self._counts = Recent[dict[str, int]](COUNTS)

    def search(self, query: Query) -> Answer:
        """Answer a query."""
        try:
            return self._asking.steadily(lambda at: self._answer(query, at))
        except IndexMissing:
            return _nothing(query, self._asking.generation())

    def facet_values(self, query: Query, facet: str, codes: Iterable[str] | None, limit: int) -> FacetCounts:
        """Count one facet's values under a query, among `codes` when given."""
        try:
            counts = self._asking.steadily(lambda at: self._values(query, facet, at))
        except IndexMissing:
            counts = {}
        if codes is not None:
            among = set(codes)
            counts = {code: count for code, count in counts.items() if code in among}
        return top(counts, () if codes is not None else query.selected.get(facet, ()), limit)

    def similar(self, name: str, types: Sequence[str], limit: int) -> tuple[Hit, ...]:
        """Return the records of the same type most like one, by id or slug; raise `KeyError` when it is not there."""
        try:
            return similar(self._asking, name, types, limit)
        except IndexMissing:
            raise KeyError(name) from None

    def _answer(self, query: Query, at: Generation) -> Answer:
        conditions = questions.filters(query)
        filter = questions.narrowed(conditions)
        apart = questions.selected_apart(query, conditions)
        together = [facet for facet in query.facets if facet not in apart]

        def searches(q: str) -> Searches:
            narrower = (
                questions.counting(q, query.titles_only, questions.narrowed(conditions, facet), [facet])
                for facet in apart
            )
            return [questions.page(query, q, filter, together, marks.TAGS), *narrower]

        asked = Asked(query)
        if asked.nothing:
            return _nothing(query, self._asking.generation())
        generation, (found, *others), close, reading = self._settled(
            asked, searches, at, lambda q: questions.counting(q, query.titles_only, filter)
        )
        counts = {facet: _codes(found, facet) for facet in together}
        counts |= {facet: _codes(other, facet) for facet, other in zip(apart, others, strict=True)}
        facets = {
            facet: top(counts[facet], query.selected.get(facet, ()), query.values_per_facet) for facet in query.facets
        }
        hits = tuple(_hit(one, query.language) for one in found["hits"])
        meant = self._readings.meant(asked, reading, found["hits"], generation)
        return Answer(found["totalHits"], close, hits, facets, reading.relaxed, meant, generation)

    def _values(self, query: Query, facet: str, at: Generation) -> dict[str, int]:
        """Count all values of a facet; those of a question without words are remembered."""
        asked = Asked(query)
        if asked.nothing:
            return {}
        conditions = questions.filters(query)
        filter = questions.narrowed(conditions, facet if facet in query.any_of else None)
        if not asked.plan.asks and (known := self._counts.get((at, facet, *filter))) is not None:
            return known
        generation, (found,), *_ = self._settled(
            asked, lambda q: [questions.counting(q, query.titles_only, filter, [facet])], at
        )
        counts = _codes(found, facet)
        if not asked.plan.asks:
            self._counts.put((generation, facet, *filter), counts)
        return counts

    def _settled(
        self,
        asked: Asked,
        searches: Callable[[str], Searches],
        at: Generation,
        counting: Callable[[str], Json] | None = None,
    ) -> tuple[Generation, list[Json], int, Reading]:
        """Ask for as many of the words as the question is relaxed to; the first search's total tells of all of them.

        Return what was found, how many of it are close where `counting` gives a search for that, and how it was read.
        """
        wording, generation = asked.wording, at
        reading = self._readings.known(asked, at)
        if not wording.words or (reading is None and asked.is_plain):
            reading = Reading(((wording.only(wording.words), 1.0),), close=1)
            generation, found = self._asking.all(searches(reading.searches[0][0]))
            if found[0]["totalHits"] or len(wording.words) <= 1:
                return generation, found, found[0]["totalHits"], reading
            chosen = self._readings.known(asked, generation) or self._readings.choose(asked, generation)[1]
            if chosen.searches == reading.searches:
                return generation, found, 0, reading
            reading = chosen
        elif reading is None:
            generation, reading = self._readings.choose(asked, None)
        each = [(searches(q), weight) for q, weight in reading.asked(asked.close_only)]
        groups = [[(of[at], weight) for of, weight in each] for at in range(len(each[0][0]))]
        counts_close = counting is not None and not asked.close_only and reading.close < len(reading.searches)
        if counting is not None and counts_close:
            groups.append([(counting(q), weight) for q, weight in reading.asked(close_only=True)])
        _, found = self._asking.any_of(groups, generation)
        close = found.pop() if counts_close else found[0]
        return generation, found, close["totalHits"], reading


def _nothing(query: Query, generation: Generation) -> Answer:
    facets = {facet: top({}, query.selected.get(facet, ()), query.values_per_facet) for facet in query.facets}
    return Answer(0, 0, (), facets, relaxed=False, meant={}, generation=generation)


def _codes(found: Json, facet: str) -> dict[str, int]:
    counts: dict[str, Any] = found.get("facetDistribution", {}).get(facet_field(facet), {})
    return {plain(code): count for code, count in counts.items()}


def _hit(found: Json, language: str | None) -> Hit:
    stored = orjson.loads(found["hit"])
    formatted = found.get("_formatted")
    places = orjson.loads(found.get("places") or "{}")
    highlights = marks.highlights(stored, formatted, places, language) if formatted else {}
    return Hit(type_and_id(plain(found[KEY]))[1], stored, highlights, found.get("_rankingScore", 0.0))
