"""Words with the frequencies of running text, made from the seed records, in the four languages of the base."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Any

from tools.seeds import Seeds

LANGUAGES = ("en", "es", "fr", "it")

WORDS = 30_000
"""Words of a language: those of the seed records, then invented ones, so that most words are rare as in real text."""

_TOLD = ("initiative", "who", "how", "why", "context", "lessons", "replication")
"""Sections of the questionnaire that are running text for the most part."""

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Lexicon:
    """The words of one language, most frequent first, with their cumulated frequencies (Zipf's law)."""

    words: tuple[str, ...]
    weights: tuple[float, ...]

    def take(self, random: Random, count: int) -> list[str]:
        """Draw words as running text holds them."""
        return random.choices(self.words, cum_weights=self.weights, k=count)

    def prose(self, random: Random, characters: int) -> str:
        """Write sentences of about so many characters."""
        sentences = []
        left = characters
        while left > 0:
            words = self.take(random, min(random.randint(7, 24), max(2, left // 7)))
            sentence = " ".join(words).capitalize() + "."
            sentences.append(sentence)
            left -= len(sentence) + 1
        return " ".join(sentences)


def lexicons(seeds: Seeds) -> dict[str, Lexicon]:
    """Return the lexicon of each language, always the same for the same seed records."""
    texts: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for practice in seeds.practices.values():
        written = practice.model_dump(mode="json")
        content = written["content"]
        texts[content["language"]].extend(_strings([content[section] for section in _TOLD]))
        for language, fields in (written["translations"] or {}).items():
            texts[language].extend(translation["text"] for translation in fields.values())
    return {language: _lexicon(language, found) for language, found in texts.items()}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for held in value.values():
            yield from _strings(held)
    elif isinstance(value, list):
        for held in value:
            yield from _strings(held)


def _lexicon(language: str, texts: Iterable[str]) -> Lexicon:
    counts = Counter(word for text in texts for word in _WORD.findall(text.lower()))
    known = sorted(counts, key=lambda word: (-counts[word], word))
    words = tuple(known + _invented(Random(language), known, WORDS - len(known)))
    weights = tuple(accumulate(1 / (rank + 2.7) ** 1.07 for rank in range(len(words))))
    return Lexicon(words, weights)


def _invented(random: Random, known: list[str], count: int) -> list[str]:
    """Splice the heads and tails of long words: as varied as real rare words, with real endings to stem."""
    long = [word for word in known if len(word) >= 6]
    found: dict[str, None] = {}
    taken = set(known)
    while len(found) < count:
        head, tail = random.choice(long), random.choice(long)
        word = head[: random.randint(2, len(head) - 2)] + tail[random.randint(2, len(tail) - 2) :]
        if word not in taken and len(word) >= 4:
            found[word] = None
    return list(found)
