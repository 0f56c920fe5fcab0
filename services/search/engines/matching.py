"""Tells which written words answer a question's words: the same, another form, one begun, or one misspelt."""

from collections.abc import Callable, Container, Mapping
from functools import lru_cache

from services.search import words

SHORTEST_PREFIX = 2
"""Letters that the last word must have for longer words to answer it."""

Stems = Callable[[str, str], frozenset[str]]
"""Given a base language and a word, returns its stems; none for a language without a stemmer."""


class Matcher:
    """The words of one plan, to be found again in texts; what was once looked at is remembered.

    Typing mistakes are looked for in the places of the words of `misspelt`: it takes long.
    """

    def __init__(self, plan: words.Plan, stems: Stems, misspelt: Container[str]) -> None:
        self._words = plan.words
        self._stems = stems
        numbers = {word: number for number, word in enumerate(plan.words)}
        self._numbers = {whole: numbers[part] for part, whole in plan.joined.items() if part in numbers} | numbers
        self._heads = {word[:2] for word in self._numbers}
        self._prefix = plan.words[-1] if plan.open_end and len(plan.words[-1]) >= SHORTEST_PREFIX else None
        self._typos = [
            (number, word, typos, _letters(word))
            for number, word in enumerate(plan.words)
            if word in misspelt and (typos := words.typos_allowed(word))
        ]
        self._seen: dict[str, set[str]] = {}
        self._found: dict[str, dict[str, int]] = {}

    def match(self, language: str, written: set[str]) -> Mapping[str, int]:
        """Return which written words of a text in a base language answer which word of the plan, by its number."""
        seen, found = self._seen.setdefault(language, set()), self._found.setdefault(language, {})
        unseen = written - seen
        for word in self._begin_alike(language, unseen):
            number = self._other_form(language, word)
            if number is not None:
                found[word] = number
        if self._typos:
            for word in unseen - found.keys():
                number = self._misspelt(_folded(word))
                if number is not None:
                    found[word] = number
        seen |= written
        return {word: found[word] for word in written & found.keys()}

    def _begin_alike(self, language: str, written: set[str]) -> list[str]:
        """Leave out, quickly, the words that cannot be forms of those sought."""
        heads = self._heads
        if language == "ar":
            # Stemmers leave the beginning of a word alone, but Arabic has prefixes.
            return [word for word in written if any(head in _folded(word)[:8] for head in heads)]
        return [word for word in written if (word[:2].lower() if word.isascii() else _folded(word)[:2]) in heads]

    def _other_form(self, language: str, written: str) -> int | None:
        word = _folded(written)
        if word in self._numbers:
            return self._numbers[word]
        if self._prefix and word.startswith(self._prefix):
            return len(self._words) - 1
        stems = self._stems(language, written)
        return next((n for n, sought in enumerate(self._words) if stems & self._stems(language, sought)), None)

    def _misspelt(self, word: str) -> int | None:
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
