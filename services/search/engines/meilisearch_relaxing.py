"""How far a question is relaxed on a server that finds records which hold all words or none. Pure.

The step is chosen from the numbers of records that hold some of the words together, whatever the filters: first of each
word alone, then of each two, then of the combinations that those leave possible, the weightiest first.
"""

import math
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from services.search.engines.meilisearch_query import MOST_WORDS
from services.search.engines.weights import MOST, NEEDED, WEIGHTS

Words = tuple[str, ...]

Counting = Generator[list[Words], list[int], "Step"]
"""Yields combinations of words, is sent how many records hold each, and returns the step in the end."""

FEW = 3
"""Words of which every combination is counted at once."""

AT_ONCE = 16
"""Combinations of more than two words that are counted at once."""

ATTEMPTS = 3
"""Times that so many are counted; after that, two words are enough."""


@dataclass(frozen=True, slots=True)
class Step:
    """The words that every record found must hold, and whether they answer less than the question first wanted."""

    words: Words
    relaxed: bool


def choose(words: Words, wants_all: bool) -> Counting:
    """Choose the step for a question's words.

    A record should hold all of them if it `wants_all`, else the rarest of those that the fullest record holds.
    """
    alone = [(word,) for word in words]
    together = list(_combined(words, 2)) if len(words) <= FEW else []
    records, *counts = yield [(), *alone, *together]
    holders = dict(zip(words, counts, strict=False))
    held = {words: count for words, count in zip([*alone, *together], counts, strict=True) if count}
    known = [word for word in words if holders[word]]
    if not known:
        return Step(words, relaxed=False)
    rarity = {word: _rarity(count, records) if count else 0.0 for word, count in holders.items()}
    weights = dict.fromkeys(words, 1)
    if not wants_all:
        rarest = max(rarity.values())
        weights = {word: max(1, round(WEIGHTS * rarity[word] / rarest)) for word in words}
    # What the server does not read is neither asked for nor missed.
    rare = set(sorted(known, key=lambda word: -rarity[word])[:MOST_WORDS])
    read = tuple(word for word in words if word in rare)
    whole = sum(weights[word] for word in words if word in rare or not holders[word])
    weighed = _Weighed(weights, rarity)
    if len(words) <= FEW:
        fullest = max(held, key=weighed.of)
    else:
        fullest = yield from _fullest(read, weighed)
    weight = sum(weights[word] for word in fullest)
    if wants_all:
        return Step(fullest, weight < whole)
    return Step(weighed.telling(fullest, NEEDED * weight), weight < MOST * whole)


def _fullest(words: Words, weighed: "_Weighed") -> Generator[list[Words], list[int], Words]:
    """Find the weightiest words that one record holds together, or nearly."""
    pairs = list(combinations(words, 2))
    counts = yield [words, *pairs]
    if counts[0]:
        return words
    possible = {pair for pair, count in zip(pairs, counts[1:], strict=True) if count}
    sure = sorted([*possible, *((word,) for word in words)], key=weighed.of, reverse=True)[0]
    left = [one for one in _combined(words, 3) if one != words and possible.issuperset(combinations(one, 2))]
    left = sorted((one for one in left if weighed.of(one) > weighed.of(sure)), key=weighed.of, reverse=True)
    for _ in range(ATTEMPTS):
        if not left:
            break
        counts = yield left[:AT_ONCE]
        if found := [one for one, count in zip(left, counts, strict=False) if count]:
            return found[0]
        empty = [set(one) for one in left[:AT_ONCE]]
        left = [one for one in left[AT_ONCE:] if not any(none.issubset(one) for none in empty)]
    return sure


class _Weighed:
    """What words weigh, and the rarer of equal ones."""

    def __init__(self, weights: dict[str, int], rarity: dict[str, float]) -> None:
        self._weights = weights
        self._rarity = rarity

    def of(self, words: Words) -> tuple[int, float]:
        """Return what tells the weightier of two combinations."""
        return sum(self._weights[word] for word in words), sum(self._rarity[word] for word in words)

    def telling(self, words: Words, needed: float) -> Words:
        """Return the rarest of the words that together have a weight."""
        chosen, weight = set[str](), 0
        for word in sorted(words, key=lambda word: -self._rarity[word]):
            if weight >= needed:
                break
            chosen.add(word)
            weight += self._weights[word]
        return tuple(word for word in words if word in chosen)


def _combined(words: Sequence[str], least: int) -> Iterable[Words]:
    for size in range(least, len(words) + 1):
        yield from combinations(words, size)


def _rarity(holders: int, records: int) -> float:
    return math.log1p((max(records, holders) - holders + 0.5) / (holders + 0.5))
