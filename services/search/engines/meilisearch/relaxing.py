"""How far a question is relaxed on a server that finds records which hold all words or none. Pure.

The step is chosen from the numbers of records that hold some of the words together, whatever the filters: first of each
word alone, then of each two, then of the combinations that those leave possible, the weightiest first.
"""

import math
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from services.search.engines.meilisearch.query import MOST_WORDS
from services.search.engines.weights import CLOSE, MOST, WEIGHTS

Words = tuple[str, ...]

Counting = Generator[list[Words], list[int], "Step"]
"""Yields combinations of words, is sent how many records hold each, and returns the step in the end."""

NEEDED = 0.4
"""The share of what the fullest record holds, by weight, that every record found must hold of a longer question.

With a lower one there are more combinations than can be asked for, and so fewer of those that find most.
"""

FEW = 3
"""Words of which every combination is counted at once."""

AT_ONCE = 16
"""Combinations of more than two words that are counted at once."""

MOST_ASKED, MOST_CLOSE = 14, 8
"""Combinations that records are asked for, and close ones among them."""

ATTEMPTS = 3
"""Times that so many are counted; after that, two words are enough."""


@dataclass(frozen=True, slots=True)
class Step:
    """Combinations of words, the weightiest first, with their weights from 0 to 1.

    A record is found that holds all words of one of them, and is close when that is one of the first `close`. `relaxed`
    tells that they answer less than the question first wanted.
    """

    combinations: tuple[tuple[Words, float], ...]
    close: int
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
        return Step(((words, 1.0),), close=1, relaxed=False)
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
        fullest, possible = max(held, key=weighed.of), held
    else:
        fullest, pairs = yield from _fullest(read, weighed)
        possible = {**held, **pairs}
    weight = weighed.of(fullest)[0]
    needed, near = (weight, weight) if wants_all else (NEEDED * weight, CLOSE * weight)
    chosen = weighed.chosen(fullest, possible, read, needed, near)
    close = sum(share >= near / weight for _, share in chosen)
    return Step(chosen, close, weight < (whole if wants_all else MOST * whole))


def _fullest(words: Words, weighed: "_Weighed") -> Generator[list[Words], list[int], tuple[Words, dict[Words, int]]]:
    """Find the weightiest words that one record holds together, or nearly, and how many hold which two."""
    pairs: list[Words] = list(combinations(words, 2))
    counts = yield [words, *pairs]
    possible = {pair: count for pair, count in zip(pairs, counts[1:], strict=True) if count}
    if counts[0]:
        return words, possible
    sure = sorted([*possible, *((word,) for word in words)], key=weighed.of, reverse=True)[0]
    left = [one for one in _combined(words, 3) if one != words and possible.keys() >= set(combinations(one, 2))]
    left = sorted((one for one in left if weighed.of(one) > weighed.of(sure)), key=weighed.of, reverse=True)
    for _ in range(ATTEMPTS):
        if not left:
            break
        counts = yield left[:AT_ONCE]
        if found := [one for one, count in zip(left, counts, strict=False) if count]:
            return found[0], possible
        empty = [set(one) for one in left[:AT_ONCE]]
        left = [one for one in left[AT_ONCE:] if not any(none.issubset(one) for none in empty)]
    return sure, possible


class _Weighed:
    """What words weigh, and the rarer of equal ones."""

    def __init__(self, weights: dict[str, int], rarity: dict[str, float]) -> None:
        self._weights = weights
        self._rarity = rarity

    def of(self, words: Words) -> tuple[int, float]:
        """Return what tells the weightier of two combinations."""
        return sum(self._weights[word] for word in words), sum(self._rarity[word] for word in words)

    def chosen(
        self, fullest: Words, held: Mapping[Words, int], words: Words, needed: float, near: float
    ) -> tuple[tuple[Words, float], ...]:
        """Return the fullest combination and others with no word too many, the close ones first.

        These are the weightiest that weigh what close records hold; of those that weigh what is needed, the ones that
        most records may hold, as `held` tells of each word and each two.
        """
        whole = self.of(fullest)[0]
        likely = {some: _at_most(held, some) for some in _combined(words, 1)}
        likely = {some: count for some, count in likely.items() if count}
        close = sorted(self._sparing(likely, near, fullest), key=self.of, reverse=True)[: MOST_CLOSE - 1]
        wide = self._sparing(likely, needed, fullest, *close)
        wide = sorted(wide, key=lambda some: (likely[some], *self.of(some)), reverse=True)[
            : MOST_ASKED - 1 - len(close)
        ]
        kept = [fullest, *sorted([*close, *wide], key=self.of, reverse=True)]
        return tuple((some, min(1.0, self.of(some)[0] / whole)) for some in kept)

    def _sparing(self, likely: Iterable[Words], needed: float, *but: Words) -> list[Words]:
        """Return the combinations that weigh what is needed with no word too many, some left out."""
        return [
            some
            for some in likely
            if (weight := self.of(some)[0]) >= needed
            and all(weight - self._weights[word] < needed for word in some)
            and some not in but
        ]


def _at_most(held: Mapping[Words, int], some: Words) -> int:
    """Return how many records may hold some words."""
    return min(held.get(few, 0) for few in (combinations(some, 2) if len(some) > 1 else (some,)))


def _combined(words: Sequence[str], least: int) -> Iterable[Words]:
    for size in range(least, len(words) + 1):
        yield from combinations(words, size)


def _rarity(holders: int, records: int) -> float:
    return math.log1p((max(records, holders) - holders + 0.5) / (holders + 0.5))
