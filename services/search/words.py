"""How words are read, for every engine alike: folding, splitting, stop words, and how far a question is relaxed.

All of it is pure. A *word* here is folded: lower case, without accents, one form for each letter. Scripts written
without spaces (Chinese, Japanese, Korean, Thai, ...) give pairs of neighbouring letters instead of words.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from services.search.stop_words import STOP_WORDS

MOST_WORDS = 64
"""Distinct words of a question that are considered: more would cost time and say nothing more."""

LONGEST_TEXT = 10_000
"""Characters of a question that are read."""

LONGEST_WORD = 60
"""Characters of a word of a question that are looked up."""


def _of_category(category: str, first: int, last: int) -> str:
    return "".join(c for c in map(chr, range(first, last)) if unicodedata.category(c) == category)


ONE_TYPO_FROM, TWO_TYPOS_FROM = 5, 9
"""Letters that a word must have for so many typos to be forgiven."""

# Signs that are written around letters: accents, vowel points, the Arabic tatweel; and the vowels of India's scripts,
# which are no letters to `re` but part of the word.
_MARKS = _of_category("Mn", 0x300, 0x1DFF) + "\u0640"
_VOWELS = _of_category("Mc", 0x900, 0x1A00)
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"

_MARK = re.compile(f"[{_MARKS}]+")
_WORD = re.compile(rf"[\w{_MARKS}{_VOWELS}]+")
_UNSPACED_RUN = re.compile(f"[{_UNSPACED}]+")
_RUN = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_PLAIN = re.compile(r"[\x00-\x7fÀ-ÖØ-öø-įı-ľŁ-ňŊ-žȘ-ț«»¡¿·°§©®‐-‧‰-⁞€]*")
"""Latin text that an engine's own folding to ASCII reads as `fold` does."""

_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "þ": "th"}
    | {"ŋ": "n", "ŧ": "t", "ĸ": "q", "ς": "σ", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "_": " "}
)


def clean(text: str) -> str:
    """Return the text with lone surrogates, which no encoding takes, replaced by question marks."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def fold(text: str) -> str:
    """Return the form in which words are compared: lower case, without accents, one form for each letter."""
    if text.isascii():
        return text.lower().replace("_", " ")
    bare = _MARK.sub("", unicodedata.normalize("NFKD", clean(text).lower()))
    return unicodedata.normalize("NFC", bare.lower().translate(_LETTERS))


def searchable(text: str) -> str:
    """Return the text for an engine that splits at anything but letters and digits, lowers, and folds Latin to ASCII.

    It then sees the words that `words` gives, and single letters besides in unspaced scripts.
    """
    if _PLAIN.fullmatch(text):
        return text
    return _UNSPACED_RUN.sub(lambda run: f" {' '.join(run.group())} {' '.join(_pairs(run.group()))} ", fold(text))


def words(text: str) -> list[str]:
    """Return the words of a text in order, repeated where they are repeated."""
    found: list[str] = []
    for word in _WORD.findall(fold(text)):
        if word.isascii():
            found.append(word)
            continue
        for run in _RUN.findall(word):
            found += _pairs(run) if _UNSPACED_RUN.match(run) and len(run) > 1 else (run,)
    return found


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


_fold_word = lru_cache(maxsize=65536)(fold)


@dataclass(frozen=True, slots=True)
class Span:
    """A word and the place of its characters in a text."""

    start: int
    end: int
    word: str


def spans(text: str, start: int = 0) -> Iterator[Span]:
    """Yield the words of a text from a place on, each with its own place; pairs of unspaced scripts overlap."""
    for match in _WORD.finditer(text, start):
        if match.group().isascii() and "_" not in match.group():
            yield Span(match.start(), match.end(), match.group().lower())
            continue
        for run in _RUN.finditer(match.group().replace("_", " ")):
            at = match.start() + run.start()
            if _UNSPACED_RUN.match(run.group()):
                letters = run.group()
                yield from (Span(at + i, at + i + 1, letters[i]) for i in range(len(letters)))
                yield from (Span(at + i, at + i + 2, _fold_word(pair)) for i, pair in enumerate(_pairs(letters)))
            else:
                for part in re.finditer(r"[^ ]+", run.group()):
                    yield Span(at + part.start(), at + part.end(), _fold_word(part.group()))


@dataclass(frozen=True, slots=True)
class Plan:
    """How a question is answered from its words.

    `words` are distinct and in order; `steps` says how many of them a record must hold, first for the question as
    asked, then for each relaxation; `open_end` tells that the last word may still be being typed.
    """

    words: tuple[str, ...]
    steps: tuple[int, ...]
    open_end: bool


def plan(text: str) -> Plan:
    """Return how a question is answered; it has no words when the text has none."""
    text = text[:LONGEST_TEXT]
    found = [word[:LONGEST_WORD] for word in words(text)]
    telling = list(dict.fromkeys(_telling(found)))[:MOST_WORDS]
    open_end = bool(telling) and text[-1:].isalnum() and telling[-1] == found[-1][:LONGEST_WORD]
    return Plan(tuple(telling), _steps(len(telling)), open_end)


def _telling(found: list[str]) -> list[str]:
    """Drop the stop words of the language that the question seems to be in, unless nothing else is left."""
    known = {language: sum(word in stop for word in found) for language, stop in STOP_WORDS.items()}
    most = max(known.values(), default=0)
    dropped = {word for language, stop in STOP_WORDS.items() if known[language] == most for word in stop}
    return [word for word in found if word not in dropped] or found


def _steps(count: int) -> tuple[int, ...]:
    """Return how many of `count` words must be there: all of a few, most of many, then ever fewer."""
    first = count if count <= 3 else -(-2 * count // 3)
    return tuple(range(first, 0, -1))


def typos_allowed(word: str) -> int:
    """Return how many letters of a word may be wrong: none in short words and in numbers."""
    if not word.isalpha():
        return 0
    return (len(word) >= ONE_TYPO_FROM) + (len(word) >= TWO_TYPOS_FROM)


def is_near(word: str, other: str, typos: int) -> bool:
    """Tell whether at most so many letters were left out, added, exchanged, or swapped with their neighbour."""
    if abs(len(word) - len(other)) > typos:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word):
        last, before, row = before, row, [i + 1]
        for j, its in enumerate(other):
            cost = min(before[j] + (letter != its), before[j + 1] + 1, row[j] + 1)
            if i and j and letter == other[j - 1] and word[i - 1] == its:
                cost = min(cost, last[j - 1] + 1)
            row.append(cost)
        if min(row) > typos:
            return False
    return row[-1] <= typos
