"""The thesaurus of the field, read together with a question: what its words name, and how else that is called.

It is the vocabulary `thesaurus` of the feed: concepts, each with a preferred and other words in several languages.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import Any

import pycountry
from babel import Locale

from services.search import words
from services.search.engines.base import Synonyms
from services.search.engines.corrections import one_off
from services.search.engines.stems import stems
from services.search.stop_words import STOP_WORDS

NAME = "thesaurus"
"""The vocabulary's name."""

LANGUAGES = ("en", "es", "fr", "it", "de", "pt", "ar", "ro", "sq")
"""Languages in which countries are known by their names, besides those that they are labelled in."""

SHORTEST_STEMMED = 4
"""Letters of a word that is known in other forms: shorter ones are abbreviations."""

MOST_NAMED, MOST_GUESSED = 8, 8
"""Concepts of one question that are considered, and words of one in which a misspelt name is looked for."""

KINSHIP = ("narrower", "related", "broader")
"""What makes concepts akin, the nearest first."""

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Concept:
    """A concept: its code, its preferred word by language, and all its words, each with the language.

    `akin` are the words of narrower, of related and of broader concepts.
    """

    code: str
    labels: Mapping[str, str]
    words: tuple[tuple[str, str], ...]
    akin: tuple[tuple[tuple[str, str], ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """A concept that a question names: with which of its words, as the question writes them, and how these are read.

    `meant` is how they are spelt, where they seem to be misspelt.
    """

    concept: Concept
    written: str
    asked: Key
    meant: Key = ()

    @property
    def others(self) -> tuple[tuple[str, str], ...]:
        """Return the concept's other words, each with its language."""
        asked = self.meant or self.asked
        return tuple(one for one in self.concept.words if self.meant or tuple(words.words(one[1])) != asked)

    @property
    def synonyms(self) -> Synonyms:
        """Return them as an engine is asked for them."""
        return Synonyms(self.asked, self.others, self.concept.akin, self.meant)


@dataclass(frozen=True)
class Thesaurus:
    """Concepts, found by their words as these stand or, longer ones, in any other form of their language."""

    _exact: Mapping[Key, tuple[Concept, ...]] = field(default_factory=dict)
    _stemmed: Mapping[str, Mapping[Key, tuple[Concept, ...]]] = field(default_factory=dict)
    _longest: int = 0
    _spelt: frozenset[str] = frozenset()

    @classmethod
    def read(cls, terms: Iterable[Mapping[str, Any]]) -> "Thesaurus":
        """Read the terms of the vocabulary, and take the names of countries to them.

        Raise `KeyError`, `TypeError` or `AttributeError` for what is no term.
        """
        exact: dict[Key, list[Concept]] = {}
        stemmed: dict[str, dict[Key, list[Concept]]] = {}
        for concept in (*_concepts(terms), *_countries()):
            for language, text in concept.words:
                folded = tuple(words.words(words.together(text)))
                if not folded:
                    continue
                _put(exact, folded, concept)
                if key := _stems(language, words.written_words(text)):
                    _put(stemmed.setdefault(language, {}), key, concept)
        longest = max(map(len, exact), default=0)
        spelt = frozenset(word for key in exact for word in key)
        return cls(_frozen(exact), {language: _frozen(its) for language, its in stemmed.items()}, longest, spelt)

    def named_in(self, text: str) -> tuple[Named, ...]:
        """Return the concepts that a text names, in order, of words within each other's those of the longest."""
        written = words.written_words(words.named_freely(words.together(text[: words.LONGEST_TEXT])))[
            : words.MOST_WORDS * 2
        ]
        read = [word for one in written for word in words.words(one)]
        spoken = words.languages_of(read) or self._stemmed.keys()
        named = tuple(self._named(written, spoken))[:MOST_NAMED]
        return (*named, *self._guessed(written, spoken, {word for one in named for word in one.asked}))

    def _guessed(self, written: list[str], spoken: Collection[str], known: Set[str]) -> Iterator[Named]:
        """Yield the concepts that a text would name if words of it were misspelt."""
        # A sentence tells what is meant by its other words, and looking for mistakes takes long.
        few = written if len(written) <= MOST_GUESSED else ()
        guesses = {word: near for word in few if (near := self._near(words.fold(word), known))}
        if not guesses:
            return
        corrected = [guesses.get(word, word) for word in written]
        back = {near: word for word, near in guesses.items()}
        for one in islice(self._named(corrected, spoken), MOST_NAMED):
            if back.keys() & set(one.asked):
                asked = tuple(words.fold(back.get(word, word)) for word in one.asked)
                yield Named(one.concept, one.written, asked, one.asked)

    def _near(self, word: str, known: Set[str]) -> str | None:
        if word in known or word in self._spelt or not words.typos_allowed(word):
            return None
        return min((other for other in one_off(word) if other in self._spelt), default=None)

    def _named(self, written: list[str], spoken: Collection[str]) -> Iterator[Named]:
        at = 0
        while at < len(written):
            for size in range(min(self._longest, len(written) - at), 0, -1):
                some = written[at : at + size]
                if concepts := self._of(some, spoken):
                    asked = tuple(word for one in some for word in words.words(one))
                    yield from (Named(concept, " ".join(some), asked) for concept in concepts)
                    at += size - 1
                    break
            at += 1

    def _of(self, written: list[str], spoken: Collection[str]) -> tuple[Concept, ...]:
        folded = tuple(word for one in written for word in words.words(one))
        if concepts := self._exact.get(folded, ()):
            return concepts
        known = ((its, _stems(language, written)) for language, its in self._stemmed.items() if language in spoken)
        return tuple(dict.fromkeys(concept for its, key in known if key for concept in its.get(key, ())))


def _concepts(terms: Iterable[Mapping[str, Any]]) -> Iterator[Concept]:
    known = {str(term["code"]): term for term in terms}
    called = {code: tuple(_called(term)) for code, term in known.items()}
    for code, term in known.items():
        kin = ([other for other in term.get(kind) or () if other in called] for kind in KINSHIP)
        akin = tuple(tuple(dict.fromkeys(word for one in kind for word in called[one])) for kind in kin)
        yield Concept(code, dict(term["labels"]), called[code], tuple(filter(None, akin)))


def _called(term: Mapping[str, Any]) -> dict[tuple[str, str], None]:
    others = [(language, text) for language, texts in (term.get("alternatives") or {}).items() for text in texts]
    return dict.fromkeys(
        (language.split("-")[0].lower(), text) for language, text in [*term["labels"].items(), *others]
    )


@cache
def _countries() -> tuple[Concept, ...]:
    names = {language: Locale(language).territories for language in LANGUAGES}
    codes = (country.alpha_2 for country in pycountry.countries)
    each = ((code, {language: known[code] for language, known in names.items() if code in known}) for code in codes)
    return tuple(Concept(code, labels, tuple(labels.items())) for code, labels in each)


def _stems(language: str, written: list[str]) -> Key:
    """Return what other forms of some words share; nothing where one has no stem or is too short to have forms.

    Small words, such as articles, are between others alone: what stands around a name is no part of it.
    """
    small_words = STOP_WORDS.get(language, ())
    if any(words.fold(word) in small_words for word in (*written[:1], *written[-1:])):
        return ()
    found = list[str]()
    for word in written:
        its = stems(language, word)
        if words.fold(word) not in small_words and (len(word) < SHORTEST_STEMMED or not its):
            return ()
        found += sorted(its)
    # What shrinks to one word, such as "one-stop shop", is not what that word names.
    return tuple(found) if len(found) > 1 or len(written) == 1 else ()


def _put(index: dict[Key, list[Concept]], key: Key, concept: Concept) -> None:
    known = index.setdefault(key, [])
    if concept not in known:
        known.append(concept)


def _frozen(index: Mapping[Key, list[Concept]]) -> dict[Key, tuple[Concept, ...]]:
    return {key: tuple(concepts) for key, concepts in index.items()}
