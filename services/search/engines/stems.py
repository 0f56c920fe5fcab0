"""The stems of words: what all forms of a word share in a language, as the Snowball algorithms cut it."""

from functools import lru_cache

import tantivy

from services.search.stop_words import STOP_WORDS

STEMMERS = {
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "ar": "arabic",
    "de": "german",
    "pt": "portuguese",
    "ro": "romanian",
}
"""Base languages that are stemmed; there is no stemmer of Albanian."""

LONGEST_TERM = 255
"""Bytes; longer words are left out."""


def splitter() -> tantivy.TextAnalyzerBuilder:
    """Return the beginning of every analysis: a text split into lower-case words."""
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    return builder.filter(tantivy.Filter.remove_long(LONGEST_TERM)).filter(tantivy.Filter.lowercase())


def stemmer(language: str) -> tantivy.TextAnalyzer:
    """Return the analysis that stems the words of a language; stop words are left out."""
    builder = splitter().filter(tantivy.Filter.custom_stopword(sorted(STOP_WORDS[language])))
    return builder.filter(tantivy.Filter.stemmer(STEMMERS[language])).filter(tantivy.Filter.ascii_fold()).build()


_STEMMERS = {language: stemmer(language) for language in STEMMERS}


@lru_cache(maxsize=65_536)
def stems(language: str, word: str) -> frozenset[str]:
    """Return the stems of a written word in a base language; none in one without a stemmer, and of stop words."""
    return frozenset(_STEMMERS[language].analyze(word)) if language in _STEMMERS else frozenset()
