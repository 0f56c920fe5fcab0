"""All that is asked of an index on a Meilisearch server: each answer comes from one state of it.

The state document is asked for first and last within each request, and when it moved, all is asked again. A question
takes one request when records hold all its words. Else the step that it is relaxed to takes two or three more, up to
five for a sentence, and is remembered as long as the index stands still; then one request more for each facet that is
counted apart, and one that looks whether the index has moved.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Generic, TypeVar

import orjson

from services.search import words
from services.search.engines import meilisearch_marks as marks
from services.search.engines import meilisearch_query as questions
from services.search.engines import meilisearch_relaxing as relaxing
from services.search.engines.base import Answer, FacetCounts, Generation, Hit, Query
from services.search.engines.counts import top
from services.search.engines.meilisearch_asking import Asking
from services.search.engines.meilisearch_client import IndexMissing
from services.search.engines.meilisearch_query import Wording
from services.search.engines.meilisearch_relaxing import Step
from services.search.engines.meilisearch_schema import Json, facet_field, plain
from services.search.engines.meilisearch_similar import similar

STEPS, COUNTS = 4_096, 256
"""Questions whose step, and filters whose counts of a facet, are remembered."""

Searches = Sequence[Json]
T = TypeVar("T")


class Searcher:
    """Answers questions from an index, for any number of threads.

    An index that is missing, or cannot be asked, holds nothing.
    """

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._steps = _Recent[Step](STEPS)
        self._counts = _Recent[dict[str, int]](COUNTS)

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

    def similar(self, name: str, limit: int) -> tuple[Hit, ...]:
        """Return the records of the same type most like one, by id or slug; raise `KeyError` when it is not there."""
        try:
            return similar(self._asking, name, limit)
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

        asked = _Asked(query)
        if asked.nothing:
            return _nothing(query, self._asking.generation())
        generation, (found, *others), relaxed = self._settled(asked, searches, at)
        counts = {facet: _codes(found, facet) for facet in together}
        counts |= {facet: _codes(other, facet) for facet, other in zip(apart, others, strict=True)}
        facets = {
            facet: top(counts[facet], query.selected.get(facet, ()), query.values_per_facet) for facet in query.facets
        }
        hits = tuple(_hit(one, query.language) for one in found["hits"])
        return Answer(found["totalHits"], found["totalHits"], hits, facets, relaxed, {}, generation)

    def _values(self, query: Query, facet: str, at: Generation) -> dict[str, int]:
        """Count all values of a facet; those of a question without words are remembered."""
        asked = _Asked(query)
        if asked.nothing:
            return {}
        conditions = questions.filters(query)
        filter = questions.narrowed(conditions, facet if facet in query.any_of else None)
        if not asked.wording.words and (known := self._counts.get((at, facet, *filter))) is not None:
            return known
        generation, (found,), _ = self._settled(
            asked, lambda q: [questions.counting(q, query.titles_only, filter, [facet])], at
        )
        counts = _codes(found, facet)
        if not asked.wording.words:
            self._counts.put((generation, facet, *filter), counts)
        return counts

    def _settled(
        self, asked: "_Asked", searches: Callable[[str], Searches], at: Generation
    ) -> tuple[Generation, list[Json], bool]:
        """Ask for as many of the words as the question is relaxed to; the first search's total tells of all of them."""
        wording = asked.wording
        if not wording.words:
            return *self._asking.all(searches("")), False
        generation = at
        step = self._steps.get((at, asked.key))
        if step is None and asked.plan.wants_all and len(wording.words) <= questions.MOST_WORDS:
            generation, found = self._asking.all(searches(wording.only(wording.words)))
            if found[0]["totalHits"] or len(wording.words) == 1:
                return generation, found, False
            step = self._steps.get((generation, asked.key)) or self._chosen(asked, generation)[1]
            if step.combinations[0][0] == wording.words:
                return generation, found, step.relaxed
        elif step is None:
            generation, step = self._chosen(asked, None)
        if len(step.combinations) == 1:
            generation, found = self._asking.all(searches(wording.only(step.combinations[0][0])), generation)
        else:
            each = [(searches(wording.only(some)), weight) for some, weight in step.combinations]
            groups = zip(*(found for found, _ in each), strict=True)
            weights = [weight for _, weight in each]
            found = self._asking.any_of([list(zip(group, weights, strict=True)) for group in groups], generation)
        return generation, found, step.relaxed

    def _chosen(self, asked: "_Asked", generation: Generation | None) -> tuple[Generation, Step]:
        """Choose the step of a question by what records hold, whatever the filters."""
        choosing = relaxing.choose(asked.wording.words, asked.plan.wants_all)
        combinations = next(choosing)
        while True:
            texts = (asked.wording.only(some) if some else "" for some in combinations)
            searches = [questions.counting(q, asked.titles_only, [questions.SEARCHED]) for q in texts]
            generation, found = self._asking.all(searches, generation)
            try:
                combinations = choosing.send([one["totalHits"] for one in found])
            except StopIteration as chosen:
                step: Step = chosen.value
                self._steps.put((generation, asked.key), step)
                return generation, step


class _Asked:
    """The words of a query, as they are read and as they are sent."""

    def __init__(self, query: Query) -> None:
        self.titles_only = query.titles_only
        self.plan = words.plan(query.text, literally=query.titles_only)
        self.nothing = bool(query.text.strip()) and not self.plan.words
        self.wording: Wording = questions.wording(query.text, self.plan, query.titles_only)
        self.key: Hashable = (self.wording, self.plan.wants_all, query.titles_only)


class _Recent(Generic[T]):
    """Remembers what was put last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> T | None:
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def put(self, key: Hashable, value: T) -> None:
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


def _nothing(query: Query, generation: Generation) -> Answer:
    facets = {facet: top({}, query.selected.get(facet, ()), query.values_per_facet) for facet in query.facets}
    return Answer(0, 0, (), facets, False, {}, generation)


def _codes(found: Json, facet: str) -> dict[str, int]:
    counts: dict[str, Any] = found.get("facetDistribution", {}).get(facet_field(facet), {})
    return {plain(code): count for code, count in counts.items()}


def _hit(found: Json, language: str | None) -> Hit:
    stored = orjson.loads(found["hit"])
    formatted = found.get("_formatted")
    highlights = marks.highlights(stored, formatted, language) if formatted else {}
    return Hit(found["id"], stored, highlights, found.get("_rankingScore", 0.0))
