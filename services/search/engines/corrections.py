"""Words of an index that a word which it does not hold may have been meant to be."""

import string
from collections.abc import Callable, Iterable, Iterator

from services.search import words

MOST_MEANT = 4
"""Words that are considered for one."""

BEGINNING = 3
"""Letters that are taken for right when two are wrong: without any, every word of the index would be looked at."""

_ALPHABET = 128
"""Neighbouring code points among which the letters of one script lie."""

Holders = Callable[[str], int]
"""Tells how many records hold a word."""

Beginning = Callable[[str], Iterable[tuple[str, int]]]
"""Returns the words that begin so, each with the number of records that hold it."""


def corrections(word: str, typos: int, holders: Holders, beginning: Beginning) -> tuple[list[str], int]:
    """Return the nearest words that records hold, the most common first, and how many letters differ at most.

    Only what differs in one letter is found wherever they differ: then these are all.
    """
    near = {other: count for other in set(one_off(word)) if (count := holders(other))} if typos else {}
    apart = 1
    if not near and typos > 1:
        begun = beginning(word[:BEGINNING])
        near = {other: count for other, count in begun if words.is_near(word, other, typos)}
        apart = typos
    return sorted(near, key=lambda other: (-near[other], other)), apart


def one_off(word: str) -> Iterator[str]:
    """Yield what is one letter away from a word: left out, added, exchanged, or swapped with its neighbour."""
    alphabet = string.ascii_lowercase if word.isascii() else "".join(_letters(ord(max(word))))
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        yield from (before + letter + after for letter in alphabet)
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in alphabet)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]


def _letters(one: int) -> Iterable[str]:
    first = one - one % _ALPHABET
    return filter(str.isalpha, map(chr, range(first, first + _ALPHABET)))
