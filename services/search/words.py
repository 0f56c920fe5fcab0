"""How words are read, for every engine alike: folding, splitting, stop words, and how far a question is relaxed.

All of it is pure. A *word* here is folded: lower case, without accents, one form for each letter. Scripts written
without spaces (Chinese, Japanese, Korean, Thai, ...) give pairs of neighbouring letters instead of words.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace

from services.search.stop_words import STOP_WORDS

MOST_WORDS = 64
"""Distinct words of a question that are considered: more would cost time and say nothing more."""

MOST_PHRASES = 16
"""Phrases of a question that are asked for, and so many that are excluded."""

LONGEST_SHORT = 3
"""Words of a question that asks for all of them; of a sentence, one fewer."""

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
_VOWELS = _of_category("Mc", 0x900, 0x1D00)
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"

_MARK = re.compile(f"[{_MARKS}]+")
_PART = rf"[\w{_MARKS}{_VOWELS}]"
_WORD = re.compile(f"{_PART}+")
# A letter that is not ASCII's among the first three of a word; told by what is before it, as few letters are.
_EARLY_FOREIGN = re.compile(
    rf"[^\x00-\x7f](?:(?<=(?<!{_PART}){_PART})|(?<=(?<!{_PART}){_PART}{_PART})|(?<=(?<!{_PART}){_PART}{_PART}{_PART}))"
)
_COMPOUND = re.compile(rf"(?<![\w{_MARKS}])[\w{_MARKS}]++(?:-[\w{_MARKS}]++)+")
# Signs that nobody sees and that break no word: soft hyphens, zero-width joiners and spaces, marks of direction.
_UNSEEN = re.compile("[\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+")
# One word that is written apart with signs: `1,000`, `1.000` or `1 000`, `3×1`; `C.A.R.E.`. They begin with what is
# found many times quicker than a word's edge.
_NUMBER = re.compile(
    r"[0-9](?<![\w.,][0-9])(?:[0-9]{0,2}(?:[.,'’\xa0\u2009\u202f][0-9]{3})+(?!\w|[.,][0-9])"
    r"|[0-9]{0,3} ?[x×X] ?[0-9]{1,4}(?!\w))"
)
_DOTTED = re.compile(r"\.[^\W\d_]\.")
_ABBREVIATION = re.compile(r"(?<![\w.])[^\W\d_]\.[^\W\d_]\.(?:[^\W\d_]\.)*(?:[^\W\d_](?![\w.]))?(?!\w)")
_SIGNS = re.compile(r"[\W_]+")
_BROKEN = re.compile(rf"\w+(?:{_UNSEEN.pattern}\w+)+")
_UNSPACED_RUN = re.compile(f"[{_UNSPACED}]+")
_RUN = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
# Letters and signs that an engine's own folding of Latin to ASCII reads as `fold` does.
_PLAIN = "\x00-\x7fÀ-ÖØ-öø-įı-ľŁ-ňŊ-žȘ-ț«»¡¿·°§©®‐-‧‰-⁞€"
_FOREIGN = re.compile(f"[^{_PLAIN}]+(?:[\x00-\x40]+[^{_PLAIN}]+)*")

_LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "þ": "th"} | {
    "ŋ": "n",
    "ŧ": "t",
    "ĸ": "q",
    "ς": "σ",
    "ٱ": "ا",
    "ى": "ي",
    "ی": "ي",
    "ک": "ك",
    "ة": "ه",
    "_": " ",
}


def clean(text: str) -> str:
    """Return the text with lone surrogates, which no encoding takes, replaced by question marks."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def fold(text: str) -> str:
    """Return the form in which words are compared: lower case, without accents, one form for each letter."""
    if text.isascii():
        return text.lower().replace("_", " ")
    bare = _MARK.sub("", unicodedata.normalize("NFKD", clean(text).lower())).lower()
    for letter, plain in _LETTERS.items():
        bare = bare.replace(letter, plain)
    return unicodedata.normalize("NFC", bare)


def searchable(text: str) -> str:
    """Return the text for an engine that splits at anything but letters and digits, lowers, and folds Latin to ASCII.

    It then sees the words that `words` gives, and single letters besides in unspaced scripts.
    """
    return text if text.isascii() else _FOREIGN.sub(_folded_run, text)


def _folded_run(run: re.Match[str]) -> str:
    return _UNSPACED_RUN.sub(
        lambda run: f" {' '.join(run.group())} {' '.join(_pairs(run.group()))} ", fold(run.group())
    )


def together(text: str) -> str:
    """Return the text with words that are written apart with signs as one, as `apart_spans` gives them."""
    text = _NUMBER.sub(_joined, without_unseen(text))
    return _ABBREVIATION.sub(_joined, text) if _DOTTED.search(text) else text


def without_unseen(text: str) -> str:
    """Return the text without signs that nobody sees and that break no word."""
    return text if text.isascii() else _UNSEEN.sub("", text)


def _joined(apart: re.Match[str]) -> str:
    written = apart.group()
    return _SIGNS.sub("", written.replace("×", "x").replace("X", "x") if written[0].isdigit() else written)


def laid_out(text: str) -> str:
    """Return the text as its words are looked for.

    Words that are written apart are together, and compounds stand once more in the end without their hyphens, as others
    write them.
    """
    text = together(text)
    compounds = [span.word for span in compound_spans(text)]
    return "\n".join([text, *compounds]) if compounds else text


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


def written_words(text: str) -> list[str]:
    """Return the words of a text as they are written, where there are spaces between them."""
    return _WORD.findall(text if "_" not in text else text.replace("_", " "))


def replaced(text: str, meant: Mapping[str, str]) -> str:
    """Return a text with some words, given as `words` reads them, replaced."""

    def instead(written: re.Match[str]) -> str:
        read = words(written.group())
        return meant.get(read[0][:LONGEST_WORD], written.group()) if len(read) == 1 else written.group()

    return _WORD.sub(instead, text)


def written_words_beginning(text: str, beginnings: Iterable[str]) -> set[str]:
    """Return the words of a text as they are written that begin, folded, with one of some beginnings of at most three
    letters; many times quicker than looking at every word. Others may be among them; one letter is a whole word.
    """
    text = text.replace("_", " ")
    lower = text.lower()
    if len(lower) != len(text):
        return set(written_words(text))
    found = set() if text.isascii() else {_word_around(text, early.start()) for early in _EARLY_FOREIGN.finditer(text)}
    for beginning in filter(None, beginnings):
        at = lower.find(beginning)
        while at >= 0:
            if (word := _WORD.match(text, at)) and not (at and _WORD.match(text, at - 1)):
                found.add(word.group())
            at = lower.find(beginning, at + len(beginning))
    return found


def _word_around(text: str, at: int) -> str:
    while at and _WORD.match(text, at - 1):
        at -= 1
    word = _WORD.match(text, at)
    return word.group() if word else ""


@dataclass(frozen=True, slots=True)
class Span:
    """A written word and the place of its characters in a text."""

    start: int
    end: int
    word: str


def word_spans(text: str) -> list[Span]:
    """Return the words of a text, folded, each with its place; scripts without spaces give whole runs."""
    found = [Span(word.start(), word.end(), fold(word.group())) for word in _WORD.finditer(text.replace("_", " "))]
    if apart := list(apart_spans(text)):
        found = [span for span in found if not any(its.start <= span.start < its.end for its in apart)]
        found = sorted([*found, *apart], key=lambda span: span.start)
    return found


def apart_spans(text: str) -> Iterator[Span]:
    """Yield the words of a text that are written apart with signs, such as `1,000`: as one, folded, with its place."""
    for pattern in (_NUMBER, *((_ABBREVIATION,) if _DOTTED.search(text) else ())):
        for apart in pattern.finditer(text):
            yield Span(apart.start(), apart.end(), fold(_joined(apart)))
    if not text.isascii() and _UNSEEN.search(text):
        for apart in _BROKEN.finditer(text):
            yield Span(apart.start(), apart.end(), fold(without_unseen(apart.group())))


def unspaced_spans(text: str) -> Iterator[Span]:
    """Yield the letters and the pairs of letters of a text's unspaced scripts, each with its place; they overlap."""
    if text.isascii():
        return
    for run in _UNSPACED_RUN.finditer(text):
        for size in (1, 2):
            yield from (Span(at, at + size, text[at : at + size]) for at in range(run.start(), run.end() - size + 1))


def compound_spans(text: str) -> Iterator[Span]:
    """Yield the hyphenated words of a text without their hyphens, each with its place; numbers alone are none."""
    if not text.isascii():
        text = text.replace("\u2010", "-").replace("\u2011", "-")
    end = 0
    # Looking at the neighbourhood of hyphens alone is many times quicker than looking at every word.
    while (hyphen := text.find("-", end)) >= 0:
        start = text.rfind(" ", end, hyphen) + 1 or end
        end = text.find(" ", hyphen) + 1 or len(text)
        for compound in _COMPOUND.finditer(text, start, end):
            whole = compound.group().replace("-", "")
            if not whole.isdigit():
                yield Span(compound.start(), compound.end(), whole)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a question is answered from its words.

    `words` are distinct and in order; `wants_all` tells that a record should hold them all, else most of them;
    `is_sentence` that there are small words, or many, so that it says more than what is sought;
    `open_end` tells that the last word may still be being typed, `begun` are those that a star ends: longer ones answer
    them. `joined` maps words that were written as parts of a hyphenated one to that one without hyphens, which stands
    for them. `languages` are the base languages that the question seems to be in, none when its words do not tell.
    A record must hold each of the `phrases`, words in quotes that follow each other, and none of those `excluded`.
    `written` tells of words with accents how they were written: stems may differ.
    """

    words: tuple[str, ...]
    wants_all: bool
    open_end: bool
    joined: Mapping[str, str]
    is_sentence: bool = False
    begun: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()
    written: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_plain(self) -> bool:
        """Tell whether it asks for words alone, as they mean, without signs that say what must be there."""
        return bool(self.words) and not (self.phrases or self.excluded or self.begun)

    def without_phrases(self, given_up: Collection[tuple[str, ...]]) -> "Plan":
        """Return the plan that asks for the words of some phrases one by one."""
        loose = _telling([word for phrase in given_up for word in phrase], self.languages, frozenset())
        kept = tuple(phrase for phrase in self.phrases if phrase not in given_up)
        distinct = tuple(dict.fromkeys([*self.words, *loose]))[:MOST_WORDS]
        return replace(self, words=distinct, wants_all=False, open_end=False, phrases=kept)

    def spellings(self, word: str) -> tuple[str, ...]:
        """Return a word as it is read and, with accents, as it was written."""
        return (word, self.written[word]) if word in self.written else (word,)

    @property
    def asks(self) -> bool:
        """Tell whether anything is asked for or excluded."""
        return bool(self.words or self.phrases or self.excluded)


_OPERATOR = re.compile(
    r"(?P<not>(?<![^\s(])-)?(?:\"(?P<q>[^\"]*)\"|“(?P<c>[^“”]*)”|«(?P<g>[^«»]*)»|„(?P<l>[^„“”]*)[“”])"
    r"|(?<![^\s(])-(?P<word>\w\S*)"
    rf"|(?P<begun>{_PART}+)\*(?!\w)"
)


def named_freely(text: str) -> str:
    """Return a question without what it excludes, and without what it asks for in just these words."""
    return _OPERATOR.sub(lambda operator: operator.group() if operator["begun"] else " · ", text)


def plan(text: str, literally: bool = False) -> Plan:
    """Return how a question is answered, or, `literally`, one that asks for all its words, stop words and signs too.

    Words in quotes are a phrase, a minus excludes the word or phrase that it stands before, a star ends a beginning.
    """
    text = together(text[:LONGEST_TEXT])
    phrases, excluded, begun = list[tuple[str, ...]](), list[tuple[str, ...]](), set[str]()

    def take(operator: re.Match[str]) -> str:
        if beginning := operator["begun"]:
            begun.update(_bounded(beginning)[-1:])
            return f"{beginning} "
        quoted = next((operator[name] for name in ("q", "c", "g", "l") if operator[name] is not None), None)
        phrase = tuple(_bounded(operator["word"] if quoted is None else quoted))[:MOST_WORDS]
        if phrase:
            (phrases if quoted is not None and not operator["not"] else excluded).append(phrase)
        return " "

    rest = text if literally else _OPERATOR.sub(take, text)
    found = _bounded(rest)
    languages = languages_of(found)
    telling = found if literally else _telling(found, languages, begun)
    compounds = {fold(span.word): words(rest[span.start : span.end]) for span in compound_spans(rest)}
    untold = [whole for whole, parts in compounds.items() if not set(parts) & set(telling)]
    distinct = tuple(dict.fromkeys([*untold, *telling]))[:MOST_WORDS]
    open_end = bool(distinct) and rest[-1:].isalnum() and distinct[-1] == found[-1]
    # A sentence has stop words, and more words than it takes to say what is sought.
    is_sentence = len(telling) < len(found)
    wants_all = literally or len(distinct) <= LONGEST_SHORT - is_sentence
    joined = {part: whole for whole, parts in compounds.items() for part in parts}
    return Plan(
        distinct,
        wants_all,
        open_end,
        joined,
        is_sentence or not wants_all,
        frozenset(begun),
        languages,
        tuple(dict.fromkeys(phrases))[:MOST_PHRASES],
        tuple(dict.fromkeys(excluded))[:MOST_PHRASES],
        {} if rest.isascii() else {fold(word): word for word in written_words(rest) if not word.isascii()},
    )


def _bounded(text: str) -> list[str]:
    return [word[:LONGEST_WORD] for word in words(text)]


def languages_of(found: Iterable[str]) -> frozenset[str]:
    """Return the base languages, more than one when they are alike, most of whose stop words are among some words."""
    known = small_words(found)
    most = max(known.values())
    return frozenset(language for language, count in known.items() if count == most > 0)


def small_words(found: Iterable[str]) -> dict[str, int]:
    """Return how many different stop words of each base language are among some words."""
    distinct = frozenset(found)
    return {language: len(stop & distinct) for language, stop in STOP_WORDS.items()}


def _telling(found: list[str], languages: Iterable[str], begun: Set[str]) -> list[str]:
    """Drop the stop words of some languages, those begun excepted, unless nothing else is left."""
    dropped = frozenset[str]().union(*(STOP_WORDS[language] for language in languages)) - begun
    return [word for word in found if word not in dropped] or found


def typos_allowed(word: str) -> int:
    """Return how many letters of a word may be wrong: none in short words and in numbers."""
    if not word.isalpha():
        return 0
    return (len(word) >= ONE_TYPO_FROM) + (len(word) >= TWO_TYPOS_FROM)


def begins_nearly(word: str, other: str) -> bool:
    """Tell whether another word begins with one, typing mistakes forgiven."""
    typos = typos_allowed(word)
    return bool(typos) and len(other) >= len(word) - typos and is_near(word, other[: len(word)], typos)


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
