"""Tells which written words answer a question's words: the same, another form, one begun, or one misspelt."""

from collections.abc import Callable, Container, Iterable, Mapping
from functools import lru_cache

from services.search import words
from services.search.engines.titles import base_language

SHORTEST_PREFIX = 2
"""Letters that the last word must have for longer words to answer it."""

HEAD, SHORT_HEAD = 3, 2
"""Letters that all forms of a word begin with: stemmers change its end. Fewer where a stem is as short itself."""

Stems = Callable[[str, str], frozenset[str]]
"""Given a base language and a word, returns its stems; none for a language without a stemmer."""


class Matcher:
    """The words of one plan, to be found again in texts; what was once looked at is remembered.

    `meant` maps words that no record holds to the nearest ones that records hold, none when these are not known. For
    the words of `sought` typing mistakes are looked for: it takes long.
    """

    def __init__(
        self, plan: words.Plan, stems: Stems, meant: Mapping[str, Iterable[str]], sought: Container[str]
    ) -> None:
        self.words = plan.words
        self.stems = stems
        own = {word: number for number, word in enumerate(plan.words)}
        self.numbers = {other: own[word] for word, near in meant.items() if word in own for other in near}
        self.numbers |= {whole: own[part] for part, whole in plan.joined.items() if part in own} | own
        self.prefix = plan.words[-1] if plan.open_end and len(plan.words[-1]) >= SHORTEST_PREFIX else None
        self.typos = [
            (number, word, typos, _letters(word))
            for number, word in enumerate(plan.words)
            if word in sought and (typos := words.typos_allowed(word))
        ]
        self._languages: dict[str, InLanguage] = {}

    def heads(self, language: str) -> frozenset[str]:
        """Return, folded, what words of a language begin with, one of these each, if they are forms of those sought."""
        short = {word for word in self.words if any(len(stem) <= HEAD for stem in self.stems(language, word))}
        return frozenset(word[: SHORT_HEAD if language == "ar" or word in short else HEAD] for word in self.numbers)

    def of(self, tag: str) -> "InLanguage":
        """Return what finds the words in texts of a language, a BCP 47 tag."""
        if tag not in self._languages:
            self._languages[tag] = InLanguage(self, base_language(tag))
        return self._languages[tag]


class InLanguage:
    """The words of one plan, to be found again in texts of one language."""

    def __init__(self, matcher: Matcher, language: str) -> None:
        self._matcher = matcher
        self._language = language
        self._heads = matcher.heads(language)
        self._seen: set[str] = set()
        self._found: dict[str, int] = {}

    def read(self, text: str) -> Mapping[str, int]:
        """Return which words of a text, as they are written, answer which word of the plan, by its number."""
        if self._matcher.typos or self._language == "ar":
            return self.match(set(words.written_words(text)))
        return self.match(words.written_words_beginning(text, self._heads))

    def match(self, written: set[str]) -> Mapping[str, int]:
        """Return which written words answer which word of the plan, by its number."""
        found, unseen = self._found, written - self._seen
        for word in self._begin_alike(unseen):
            number = self._other_form(word)
            if number is not None:
                found[word] = number
        if self._matcher.typos:
            for word in unseen - found.keys():
                number = self._misspelt(_folded(word))
                if number is not None:
                    found[word] = number
        self._seen |= unseen
        return {word: found[word] for word in written & found.keys()}

    def _begin_alike(self, written: set[str]) -> list[str]:
        """Leave out, quickly, the words that cannot be forms of those sought."""
        heads = self._heads
        if self._language == "ar":
            # Stemmers leave the beginning of a word alone, but Arabic has prefixes.
            return [word for word in written if any(head in _folded(word)[:8] for head in heads)]
        begun = ((word, word[:HEAD].lower() if word.isascii() else _folded(word)[:HEAD]) for word in written)
        return [word for word, head in begun if head in heads or head[:SHORT_HEAD] in heads]

    def _other_form(self, written: str) -> int | None:
        matcher, word = self._matcher, _folded(written)
        if word in matcher.numbers:
            return matcher.numbers[word]
        if matcher.prefix and word.startswith(matcher.prefix):
            return len(matcher.words) - 1
        stems = matcher.stems(self._language, written)
        sought = enumerate(matcher.words)
        return next((n for n, other in sought if stems & matcher.stems(self._language, other)), None)

    def _misspelt(self, word: str) -> int | None:
        letters, length = _letters(word), len(word)
        for number, sought, typos, its_letters in self._matcher.typos:
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
