"""Asks an index on a Meilisearch server many things at once, and makes sure that all is told of one state of it."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from services.search.engines.base import EngineUnavailable, Generation
from services.search.engines.meilisearch.client import IndexMissing, Refused
from services.search.engines.meilisearch.schema import STATE_QUERY, Json, State, state_of

ATTEMPTS = 3
"""Times that a question is asked while the index moves."""

_NO_TITLES = "invalid_search_attributes_to_search_on"

_OF_ALL = frozenset(("page", "hitsPerPage", "facets", "showRankingScore"))
"""What is said once of searches that are asked together."""

T = TypeVar("T")

Weighed = Sequence[tuple[Json, float]]
"""Searches that differ in their words alone, each with its weight from 0 to 1."""


class Asks(Protocol):
    """What questions are asked through."""

    def post(self, path: str, body: Json) -> Json:
        """Ask the server; raise `EngineUnavailable`, `IndexMissing` among them, or `Refused`."""


class Moved(Exception):
    """The index is not in the state that was expected, or did not stay in it; `generation` is the one it is in now."""

    def __init__(self, generation: Generation) -> None:
        super().__init__()
        self.generation = generation


class Asking:
    """Asks an index, from any number of threads.

    `usable` tells whether the index of a state is one that can be asked; `generation` returns the state that was seen
    last, without asking the server.
    """

    def __init__(
        self, asks: Asks, index: str, usable: Callable[[State], bool], generation: Callable[[], Generation]
    ) -> None:
        self._asks = asks
        self._index = index
        self._usable = usable
        self.generation = generation

    def steadily(self, ask: Callable[[Generation], T]) -> T:
        """Return what asking returns, given the state that the index seems to be in; ask again when it is not.

        Raise `EngineUnavailable` when it never stays for so long.
        """
        at = self.generation()
        for _ in range(ATTEMPTS):
            try:
                return ask(at)
            except Moved as moved:
                at = moved.generation
        raise EngineUnavailable("the index moves faster than it can be asked")

    def all(self, searches: Sequence[Json], expected: Generation | None = None) -> tuple[Generation, list[Json]]:
        """Ask all searches in one request; return the state that the answers are of, and them.

        Raise `Moved` when the index moved meanwhile, or is not in the state expected; `IndexMissing` when there is none
        that can be asked.
        """
        asked = [{"indexUid": self._index, **search} for search in (STATE_QUERY, *searches, STATE_QUERY)]
        first, *found, last = self._asked({"queries": asked})["results"]
        before, after = state_of(first), state_of(last)
        if before is None or after is None or not self._usable(after):
            raise IndexMissing("the index was not made by this service")
        if before != after or expected not in (None, after.generation):
            raise Moved(after.generation)
        return after.generation, found

    def _asked(self, body: Json) -> Json:
        try:
            return self._asks.post("/multi-search", body)
        except Refused as refused:
            if refused.code == _NO_TITLES:
                raise IndexMissing("no record has a title") from None
            raise EngineUnavailable(f"the index cannot be asked: {refused}") from None

    def any_of(self, groups: Sequence[Weighed], expected: Generation | None) -> tuple[Generation, list[Json]]:
        """Ask for the records that one search of a group finds, or another: as one list, and counted as one.

        The weights order them. Return the state that the answers are of, and what each group found as a single search
        would tell it; raise as `all` does. Groups of several searches take a request each, and need an expected state.
        """
        united = {at: self._united(group) for at, group in enumerate(groups) if len(group) > 1}
        generation, found = self.all([group[0][0] for group in groups if len(group) == 1], expected)
        alone = iter(found)
        return generation, [united[at] if at in united else next(alone) for at in range(len(groups))]

    def _united(self, group: Weighed) -> Json:
        asked = group[0][0]
        federation = {name: asked[name] for name in ("page", "hitsPerPage")}
        if "facets" in asked:
            federation["facetsByIndex"] = {self._index: asked["facets"]}
        queries = [
            {
                **{name: value for name, value in search.items() if name not in _OF_ALL},
                "indexUid": self._index,
                "federationOptions": {"weight": weight},
            }
            for search, weight in group
        ]
        found = self._asked({"federation": federation, "queries": queries})
        for hit in found["hits"]:
            hit["_rankingScore"] = hit["_federation"]["weightedRankingScore"]
        counted = found.get("facetsByIndex", {}).get(self._index, {})
        return {**found, "facetDistribution": counted.get("distribution", {})}
