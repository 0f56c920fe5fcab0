"""Tells which written words answer a question's words: the same, another form, one begun, or one misspelt."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from services.search import words

SHORTEST_PREFIX = 2
"""Letters that the last word must have for longer words to answer it."""

Stems = Callable[[str, str], frozenset[str]]
"""Given a base language and a word, returns its stems; none for a language without a stemmer."""


class Matcher:
    """The words of one plan, to be found again in texts; what was once looked at is remembered."""

    def __init__(self, plan: words.Plan, stems: Stems) -> None:
        self._plan = plan
        self._stems = stems
        self._numbers = {word: number for number, word in enumerate(plan.words)}
        self._heads = {word[:2] for word in plan.words}
        self._prefix = plan.words[-1] if plan.open_end and len(plan.words[-1]) >= SHORTEST_PREFIX else None
        self._typos = [
            (number, word, typos, _letters(word))
            for number, word in enumerate(plan.words)
            if (typos := words.typos_allowed(word))
        ]
        self._seen: dict[str, set[str]] = {}
        self._found: dict[str, dict[str, int]] = {}

    def match(self, language: str, written: set[str]) -> Mapping[str, int]:
        """Return which written words of a text in a base language answer which word of the plan, by its number."""
        seen, found = self._seen.setdefault(language, set()), self._found.setdefault(language, {})
        for word in written - seen:
            number = self._number(language, word)
            if number is not None:
                found[word] = number
        seen |= written
        return {word: found[word] for word in written & found.keys()}

    def _number(self, language: str, written: str) -> int | None:
        word = _folded(written)
        if word in self._numbers:
            return self._numbers[word]
        if self._prefix and word.startswith(self._prefix):
            return len(self._plan.words) - 1
        # Stemmers leave the beginning of a word alone; Arabic has prefixes.
        if word[:2] in self._heads or language == "ar":
            stems = self._stems(language, written)
            for number, sought in enumerate(self._plan.words):
                if stems and stems & self._stems(language, sought):
                    return number
        letters, length = _letters(word), len(word)
        for number, sought, typos, its_letters in self._typos:
            # Each typo changes the set of letters by two at most: a quick way to tell most words apart.
            alike = abs(length - len(sought)) <= typos and (letters ^ its_letters).bit_count() <= 2 * typos
            if alike and words.is_near(sought, word, typos):
                return number
        return None


_folded = lru_cache(maxsize=32_768)(words.fold)


@lru_cache(maxsize=32_768)
def _letters(word: str) -> int:
    """Return the set of a word's letters, as bits."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 63)
    return bits
