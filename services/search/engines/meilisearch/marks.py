"""What a Meilisearch server marked in a hit, made into the highlights that every engine gives. Pure."""

import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from services.search.engines import highlight
from services.search.engines.highlight import Marked, Place
from services.search.engines.meilisearch.query import CROPPED
from services.search.engines.meilisearch.schema import PARTS, place_key
from services.search.engines.meilisearch.signs import is_unspaced, shown
from services.search.labels import pick
from services.search.words import LONGEST_WORD, fold, words

_SECRET = secrets.token_hex(8)
TAGS = (f"\ue000{_SECRET}\ue001", f"\ue001{_SECRET}\ue000")
"""What stands before and after a word found: nobody who writes a record knows it, so that no text holds it."""

_TAG = re.compile("|".join(TAGS))

_LETTERS = r"[^\W_\d]{,60}"
_BEGINNING, _ENDING = re.compile(_LETTERS), re.compile(rf"{_LETTERS}\Z")

LETTERS = 4
"""Words that begin with the same ones are taken for forms of one when passages are compared."""

Json = Mapping[str, Any]


def highlights(hit: Json, formatted: Json, told: Mapping[str, str], language: str | None) -> dict[str, str]:
    """Return the highlights of a stored hit for a reader, made of its texts as the server gave them, marked.

    `told` are the places of the texts, as `place_key` names them.
    """
    original = hit.get("language")
    found: dict[str, str] = {}
    for part, versions in (("title", "titles"), ("summary", "summaries")):
        tag, text = highlight.shown_version(hit.get(versions), language, original)
        if places := _places_of(formatted.get(part), tag, text):
            found[part] = highlight.whole(text, places) or ""
    texts = [text for part in CROPPED if part != "name" for text in _passages(part, formatted, told)]
    # What codes are called is a bare list: it only tells why a record was found that nothing else tells of.
    for either in (texts, *(() if found or texts else (list(_passages("name", formatted, told)),))):
        best = pick({text.language: text.language for text in either}, language) or original
        found |= highlight.best(sorted(either, key=lambda text: text.language != best), len(formatted), best)
    return found


def _passages(part: str, formatted: Json, told: Mapping[str, str]) -> Iterator[Marked]:
    """Yield the texts of a part that is cut in which words are marked."""
    for number, versions in _in_order(formatted.get(part)):
        for language, laid in versions.items():
            if TAGS[0] in laid:
                yield Marked(told.get(place_key(part, number, language), ""), language, *read(laid))


def words_marked(formatted: Json | None) -> frozenset[str]:
    """Return the words that are marked in any text, as `words.words` reads them."""
    marked = (
        laid
        for part in PARTS
        for _, versions in _in_order((formatted or {}).get(part))
        for laid in versions.values()
        if TAGS[0] in laid
    )
    return frozenset(
        word for text, places in map(read, marked) for place in places for word in words(text[place.start : place.end])
    )


def _in_order(chunks: Json | None) -> list[tuple[str, Json]]:
    """Return the pieces that texts were laid out in, each its number and the text by language."""
    return [(number, chunks[number]) for number in sorted(chunks, key=int)] if chunks else []


def _places_of(chunks: Json | None, language: str, text: str) -> list[Place]:
    """Return the places marked in one whole text, which may have been laid out in several pieces."""
    if not chunks or not text:
        return []
    numbered = [versions for _, versions in _in_order(chunks)]
    # A tag that is none is not what the text was laid out under.
    tag = language if any(language in versions for versions in numbered) else "und"
    pieces = [versions[tag] for versions in numbered if tag in versions]
    if not any(TAGS[0] in piece for piece in pieces):
        return []
    for marked in ("".join(pieces), *(pieces if len(pieces) > 1 else ())):
        bare, places = read(marked)
        if bare == text:
            return places
    return []


def read(laid: str) -> tuple[str, list[Place]]:
    """Return a laid out text as it was written, without its tags, and the places of the words that they mark."""
    pieces = _TAG.split(shown(laid))
    text, places, numbers, at = "".join(pieces), list[Place](), dict[str, int](), 0
    for number, piece in enumerate(pieces):
        if number % 2 and piece:
            start, end = _whole(text, at, at + len(piece))
            if places and start <= places[-1].end:
                places[-1] = Place(places[-1].start, max(end, places[-1].end), places[-1].number)
            else:
                places.append(Place(start, end, numbers.setdefault(fold(piece)[:LETTERS], len(numbers))))
        at += len(piece)
    return text, places


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a place to the whole of the words that it begins and ends in; the server marks what answers of them."""
    if is_unspaced(text[start:end]):
        return start, end
    before, after = _ENDING.search(text[max(0, start - LONGEST_WORD) : start]), _BEGINNING.match(text, end)
    return start - len(before.group() if before else ""), end + len(after.group() if after else "")
