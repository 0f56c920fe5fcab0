"""Records like one on a Meilisearch server, which compares no texts by itself: those that share its telling words.

It takes four requests: the record's texts, how many hold each of its most frequent words, who holds the rarest of
these, the best of them.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import orjson

from services.search import words
from services.search.engines.base import Generation, Hit, type_and_id
from services.search.engines.counts import shared
from services.search.engines.meilisearch.asking import Asking
from services.search.engines.meilisearch.query import SEARCHED, quoted
from services.search.engines.meilisearch.schema import KEY, PARTS, Json, plain, safe
from services.search.engines.meilisearch.signs import shown
from services.search.stop_words import STOP_WORDS

TAKEN, TELLING = 40, 25
"""Words of a record that are looked up, the most frequent; of these, the rarest ones count."""

MOST, FEWER = 500, 50
"""Records that are looked at for a word, and how many when more hold it: those that it tells most of."""

SHORTEST = 3
READ = 20_000
"""Letters that a word must have, and characters of a record that are read."""

_WORTH = {"title": 4, "summary": 2, "key": 2, "body": 1, "name": 1}
_SMALL = frozenset[str]().union(*STOP_WORDS.values())


def similar(asking: Asking, name: str, types: Sequence[str], limit: int) -> tuple[Hit, ...]:
    """Return the records of the same type most like one, by id or slug, that one left out, best first.

    The one is of the first of some types that has it. Raise `KeyError` when it is not there, or has no texts.
    """
    return asking.steadily(lambda at: _similar(asking, name, types, limit))


def _similar(asking: Asking, name: str, types: Sequence[str], limit: int) -> tuple[Hit, ...]:
    code = quoted(safe(name))
    named = {
        "filter": [[f"id = {code}", f"slug = {code}"], [f"type = {quoted(safe(type))}" for type in types], SEARCHED],
        "limit": 2 * len(types),
        "attributesToRetrieve": [KEY, "id", "type", "facets", *PARTS],
    }
    everything = {"filter": SEARCHED, "page": 1, "hitsPerPage": 0}
    generation, (there, whole) = asking.all([named, everything])
    if not there["hits"]:
        raise KeyError(name)
    one = min(there["hits"], key=lambda hit: (types.index(plain(hit["type"])), hit["id"] != safe(name)))
    if limit <= 0:
        return ()
    scores = _scores(asking, generation, one, whole["totalHits"])
    best = dict(sorted(scores.items(), key=lambda scored: (-scored[1], scored[0]))[:limit])
    return tuple(_hits(asking, generation, best, _codes(one))) if best else ()


def _scores(asking: Asking, generation: Generation, one: Json, records: int) -> dict[str, float]:
    """Return what the records of the same type have in common with one, by key."""
    frequent = dict(_frequent(one))
    others = [SEARCHED, f"type = {quoted(one['type'])}", f"{KEY} != {quoted(one[KEY])}"]
    # In quotation marks a word is neither begun nor misspelt.
    counting = {word: {"q": f'"{word}"', "filter": others, "page": 1, "hitsPerPage": 0} for word in frequent}
    _, found = asking.all(list(counting.values()), generation)
    held = {word: one["totalHits"] for word, one in zip(counting, found, strict=True) if one["totalHits"]}
    worth = {word: frequent[word] * _rarity(holders, records) for word, holders in held.items()}
    telling = sorted(worth, key=lambda word: -worth[word])[:TELLING]
    # Counting keys is many times quicker than getting as many hits, but takes in every one.
    few, many = {"facets": [KEY]}, {"hitsPerPage": FEWER, "attributesToRetrieve": [KEY]}
    _, found = asking.all([counting[word] | (few if held[word] <= MOST else many) for word in telling], generation)
    scores: dict[str, float] = {}
    for word, holders in zip(telling, found, strict=True):
        keys = [hit[KEY] for hit in holders["hits"]] or holders["facetDistribution"][KEY]
        for key in keys:
            scores[key] = scores.get(key, 0.0) + worth[word]
    return scores


def _frequent(one: Json) -> Iterable[tuple[str, float]]:
    """Return the words of a record that are told most often and longest, with what they weigh there."""
    counts = Counter[str]()
    for part, text in _texts(one):
        for word in words.words(words.together(shown(text))):
            if len(word) >= SHORTEST and word not in _SMALL:
                counts[word] += _WORTH[part]
    weights = {word: math.log1p(count) for word, count in counts.items()}
    return sorted(weights.items(), key=lambda weighed: (-weighed[1], -len(weighed[0]), weighed[0]))[:TAKEN]


def _texts(one: Json) -> Iterator[tuple[str, str]]:
    left = READ
    for part in PARTS:
        for versions in (one.get(part) or {}).values():
            for text in versions.values():
                yield part, text[:left]
                left -= len(text[:left])


def _rarity(holders: int, records: int) -> float:
    return math.log1p((max(records, holders) - holders + 0.5) / (holders + 0.5))


def _codes(one: Json) -> dict[str, list[str]]:
    return {facet: [plain(code) for code in codes] for facet, codes in one["facets"].items()}


def _hits(asking: Asking, generation: Generation, scores: dict[str, float], own: dict[str, list[str]]) -> Iterator[Hit]:
    wanted = {
        "filter": f"{KEY} IN [{', '.join(quoted(key) for key in scores)}]",
        "limit": len(scores),
        "attributesToRetrieve": [KEY, "hit", "facets"],
    }
    _, (found,) = asking.all([wanted], generation)
    by_key = {hit[KEY]: hit for hit in found["hits"]}
    for key, score in scores.items():
        hit = by_key[key]
        yield Hit(type_and_id(plain(key))[1], orjson.loads(hit["hit"]), {}, score, shared(own, _codes(hit)))
