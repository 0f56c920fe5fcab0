"""Tells which written words answer a question's words: the same, another form, one begun, or what was meant."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

from services.search import words
from services.search.engines.titles import base_language

SHORTEST_PREFIX = 2
"""Letters that the last word must have for longer words to answer it."""

HEAD, SHORT_HEAD = 3, 2
"""Letters that all forms of a word begin with: stemmers change its end. Fewer where a stem is as short itself."""

SHORTEST_STEM = 4
"""Letters that stay of each word of several that are found in other forms."""

Stems = Callable[[str, str], frozenset[str]]
"""Given a base language and a word, returns its stems; none for a language without a stemmer."""


class Matcher:
    """The words of one plan, to be found again in texts; what was once looked at is remembered.

    `meant` maps words that no record holds to the nearest ones that records hold; one without any may be begun with a
    mistake. `languages` are those whose other forms of a word answer it. `others` are other words for those asked, each
    with the word asked, its language and as it is written.
    """

    def __init__(
        self,
        plan: words.Plan,
        stems: Stems,
        meant: Mapping[str, Iterable[str]],
        languages: Mapping[str, frozenset[str]],
        others: Iterable[tuple[str, str, str]] = (),
    ) -> None:
        self.phrases = plan.phrases
        self.words = tuple(dict.fromkeys([*plan.words, *(" ".join(phrase) for phrase in plan.phrases)]))
        self.spellings = plan.spellings
        self.stems = stems
        self.languages = languages
        own = {word: number for number, word in enumerate(self.words)}
        self.numbers = {other: own[word] for word, near in meant.items() for other in near}
        self.numbers |= {whole: own[part] for part, whole in plan.joined.items() if part in own}
        self.numbers |= {word: own[word] for word in plan.words}
        last = plan.words[-1:] if plan.open_end else ()
        self.beginnings = {
            word: own[word] for word in (*plan.begun, *last) if word in own and len(word) >= SHORTEST_PREFIX
        }
        self.begun_nearly = [word for word, near in meant.items() if not near and word in self.beginnings]
        self.others = [_Other(own[asked], language, text, stems) for asked, language, text in others]
        self._languages: dict[str, InLanguage] = {}

    def heads(self, language: str) -> frozenset[str]:
        """Return, folded, what words of a language begin with, one of these each, if they are forms of those sought."""
        short = {word for word in self.numbers if any(len(stem) <= HEAD for stem in self.stems(language, word))}
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
        self._stems = [
            (number, frozenset[str]().union(*(matcher.stems(language, spelt) for spelt in matcher.spellings(word))))
            for number, word in enumerate(matcher.words)
            if language in matcher.languages.get(word, ())
        ]
        self._others = [other for other in matcher.others if other.language in (language, "")]
        self._seen: set[str] = set()
        self._found: dict[str, int] = {}

    def read(self, text: str) -> Mapping[str, int]:
        """Return which words of a text, as they are written, answer which word of the plan, by its number."""
        if self._matcher.begun_nearly or self._language == "ar":
            return self.match(set(words.written_words(text)))
        return self.match(words.written_words_beginning(text, self._heads))

    def match(self, written: set[str]) -> Mapping[str, int]:
        """Return which written words answer which word of the plan, by its number."""
        found, unseen = self._found, written - self._seen
        for word in unseen if self._matcher.begun_nearly else self._begin_alike(unseen):
            number = self._other_form(word)
            if number is not None:
                found[word] = number
        self._seen |= unseen
        return {word: found[word] for word in written & found.keys()}

    def several(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Yield where a text holds several words in a row that answer one of the plan: start, end and its number."""
        lower = text.lower()
        if self._others and len(lower) == len(text):
            for other in self._others:
                yield from other.places(lower)
        if self._matcher.phrases:
            yield from self._phrases(text)

    def _phrases(self, text: str) -> Iterator[tuple[int, int, int]]:
        spans = words.word_spans(text)
        folded = [span.word for span in spans]
        for phrase in self._matcher.phrases:
            number = self._matcher.words.index(" ".join(phrase))
            for at in range(len(folded) - len(phrase) + 1):
                if folded[at] == phrase[0] and tuple(folded[at : at + len(phrase)]) == phrase:
                    yield spans[at].start, spans[at + len(phrase) - 1].end, number

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
        for beginning, number in matcher.beginnings.items():
            if word.startswith(beginning):
                return number
        for beginning in matcher.begun_nearly:
            if words.begins_nearly(beginning, word):
                return matcher.beginnings[beginning]
        if not self._stems:
            return None
        stems = matcher.stems(self._language, written)
        return next((number for number, its in self._stems if stems & its), None)


class _Other:
    """Other words for one of a question's, as they are written in one language, to be found in any form of theirs."""

    def __init__(self, number: int, language: str, text: str, stems: Stems) -> None:
        self.number = number
        self.language = language
        written = [word.lower() for word in words.written_words(text)]
        lengths = [min((len(stem) for stem in stems(language, word)), default=len(word)) for word in written]
        kept = [word[: max(length, SHORTEST_STEM)] for word, length in zip(written, lengths, strict=True)]
        self._head = kept[0] if kept else ""
        self._pattern = re.compile(r"[\W_]+".join(rf"\b{re.escape(word)}\w{{0,6}}" for word in kept) + r"\b")

    def places(self, lower: str) -> Iterator[tuple[int, int, int]]:
        at = lower.find(self._head) if self._head else -1
        while at >= 0:
            if match := self._pattern.match(lower, at):
                yield match.start(), match.end(), self.number
            at = lower.find(self._head, at + 1)


_folded = lru_cache(maxsize=32_768)(words.fold)
