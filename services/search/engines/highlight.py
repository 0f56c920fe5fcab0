"""Marks the words of a question in a text, and finds the sentence that holds most of them."""

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from services.search.labels import pick
from services.search.words import apart_spans, compound_spans, unspaced_spans

PASSAGE = 220
"""Characters of a passage, more or less."""

SENTENCE = 320
"""Characters of a sentence that is quoted whole."""

_END = re.compile(r"(?:[!?؟。…]|(?<!\W\w)\.)(?=[\s\"”»)]|$)[\"”»)]*\s*|\n+\s*")

READ = 30_000
"""Characters of a record that are read for its best passage."""

MOST_PLACES = 300
"""Places in a text that are compared for its best passage."""


class Match(Protocol):
    """Tells which written words answer a word of the question, and which one, by its number."""

    def read(self, text: str) -> Mapping[str, int]:
        """Tell it of the words of a text."""

    def match(self, written: set[str]) -> Mapping[str, int]:
        """Tell it of some words."""

    def several(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Yield where a text holds several words in a row that answer one: start, end and its number."""


class Told(NamedTuple):
    """A text of a record: where it stands there, its language, and what finds a question's words in it."""

    place: str
    language: str
    text: str
    match: Match


class Place(NamedTuple):
    """Where a text answers which word of the question."""

    start: int
    end: int
    number: int


class Marked(NamedTuple):
    """A text of a record: where it stands there, its language, and the places of a question's words in it, in order."""

    place: str
    language: str
    text: str
    found: Sequence[Place]

    def place_of(self, start: int) -> str:
        """Return the place of what starts there: texts of several places have a line for each."""
        return self.place.split("\n")[self.text.count("\n", 0, start)] if "\n" in self.place else self.place


def marked(text: str, match: Match) -> str | None:
    """Return the whole text as HTML with the words found marked; none when nothing is found."""
    return whole(text, _places(text, match))


def whole(text: str, found: Sequence[Place]) -> str | None:
    """Return the whole text as HTML with places in order marked; none when there are none."""
    return _html(text, found, 0, len(text)) if found else None


def passage(texts: Iterable[Told], wanted: int, language: str | None) -> dict[str, str]:
    """Return the sentence of all texts that answers most of `wanted` words, of those in a language where one does.

    It comes as HTML with the words found marked (`text`), its language (`text_language`) and the place of its text
    (`text_place`); nothing when no word is found.
    """
    return best(_looked_at(texts, language), wanted, language)


def _looked_at(texts: Iterable[Told], language: str | None) -> Iterator[Marked]:
    by_language: dict[str, list[Told]] = {}
    for told in texts:
        by_language.setdefault(told.language, []).append(told)
    left = READ
    for its in sorted(by_language, key=lambda its: its != language):
        yield from _each(by_language[its], left)
        left -= sum(len(told.text) for told in by_language[its])
        if left <= 0:
            break


def _each(texts: Sequence[Told], most: int) -> Iterator[Marked]:
    """Yield those of texts in one language that answer words, of so many characters in all.

    They are looked at as one: that is many times quicker.
    """
    together = "\n".join(told.text for told in texts)[:most]
    places, at, start = _places(together, texts[0].match), 0, 0
    for told in texts:
        end, own = start + len(told.text), list[Place]()
        while at < len(places) and places[at].start < end:
            place = places[at]
            if place.end <= end:
                own.append(Place(place.start - start, place.end - start, place.number))
            at += 1
        if own:
            yield Marked(told.place, told.language, told.text, own)
        start = end + 1


def best(texts: Iterable[Marked], wanted: int, language: str | None) -> dict[str, str]:
    """Return the sentence as `passage` does, of texts with their places; those in the language come first."""
    chosen, kept, held = None, list[Place](), 0
    for told in texts:
        if chosen is not None and chosen.language == language != told.language:
            break
        for sentence in _sentences(told.text, told.found):
            group = densest(sentence)
            answered = len({place.number for place in group})
            if answered > held:
                held, kept, chosen = answered, group, told
        if held == wanted:
            break
    if chosen is None:
        return {}
    return {
        "text": quoted(chosen.text, kept),
        "text_language": chosen.language,
        "text_place": chosen.place_of(kept[0].start),
    }


def _sentences(text: str, places: Sequence[Place]) -> Iterator[list[Place]]:
    """Yield places in order by the sentences that they stand in."""
    sentence: list[Place] = []
    for place in places[:MOST_PLACES]:
        if sentence and _END.search(text, sentence[-1].end, place.start):
            yield sentence
            sentence = []
        sentence.append(place)
    if sentence:
        yield sentence


def quoted(text: str, found: Sequence[Place]) -> str:
    """Return the passage around places in order as HTML, these marked."""
    start, end = _around(text, found[0].start, found[-1].end)
    before = "…" if start and not _END.search(text, max(0, start - 4), start) else ""
    after = "…" if end < len(text) and not _END.match(text, end) and text[end - 1 : end].isalnum() else ""
    return before + _html(text, found, start, end) + after


def _places(text: str, match: Match) -> list[Place]:
    """Return the places of the words found, in order."""
    found = [place for word, number in match.read(text).items() for place in _occurrences(text, word, number)]
    found += [Place(*place) for place in match.several(text)]
    if spans := [*unspaced_spans(text), *compound_spans(text), *apart_spans(text)]:
        numbers = match.match({span.word for span in spans})
        found += [Place(span.start, span.end, numbers[span.word]) for span in spans if span.word in numbers]
    return sorted(found)


def _occurrences(text: str, word: str, number: int) -> Iterable[Place]:
    """Yield the places where a word stands alone; quicker than looking at every word of the text."""
    end, at = 0, text.find(word)
    while at >= 0:
        end = at + len(word)
        if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
            yield Place(at, end, number)
        at = text.find(word, end)


def densest(places: Sequence[Place]) -> list[Place]:
    """Return the places, no further apart than a passage is wide, that answer most different words."""
    places = places[:MOST_PLACES]
    held: Counter[int] = Counter()
    best, kept, first = 0, slice(0), 0
    for last, place in enumerate(places):
        held[place.number] += 1
        while place.end - places[first].start > PASSAGE and first < last:
            held[places[first].number] -= 1
            first += 1
        answered = sum(count > 0 for count in held.values())
        if answered > best:
            best, kept = answered, slice(first, last + 1)
    return list(places[kept])


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a place to the sentence that it stands in, or to a passage of it that begins and ends between words."""
    first = max((match.end() for match in _END.finditer(text, max(0, start - SENTENCE), start)), default=0)
    after = _END.search(text, end)
    last = len(text) if after is None else after.end()
    while last > end and text[last - 1].isspace():
        last -= 1
    if (first or start <= SENTENCE) and last - first <= SENTENCE:
        return first, last
    room = max(0, PASSAGE - (end - start)) // 2
    left, right = max(first, start - room), min(last, end + room)
    if left > first:
        left = text.find(" ", left, start) + 1 or start
    if right < last:
        right = max(text.rfind(" ", end, right), end)
    return left, right


def _html(text: str, found: Sequence[Place], start: int, end: int) -> str:
    pieces, at = list[str](), start
    for left, right in _joined(found):
        pieces += [html.escape(text[at:left]), "<mark>", html.escape(text[left:right]), "</mark>"]
        at = right
    return "".join([*pieces, html.escape(text[at:end])])


def _joined(found: Sequence[Place]) -> list[tuple[int, int]]:
    """Return the places in order, those that overlap made one."""
    joined: list[tuple[int, int]] = []
    for start, end, _ in found:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def shown_version(versions: Any, language: str | None, original: Any) -> tuple[str, str]:
    """Return the text that a reader is shown, with its language: in theirs, else the original, else any."""
    if not isinstance(versions, dict) or not versions:
        return "", ""
    for wanted in (pick(versions, language), original):
        if isinstance(wanted, str) and wanted in versions:
            return wanted, str(versions[wanted])
    return next((str(found), str(text)) for found, text in versions.items())
