"""What a Meilisearch server marked in a hit, made into the highlights that every engine gives. Pure."""

import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from services.search.engines import highlight
from services.search.engines.highlight import Place
from services.search.engines.meilisearch_query import CROPPED
from services.search.labels import pick
from services.search.words import fold

_SECRET = secrets.token_hex(8)
TAGS = (f"\ue000{_SECRET}\ue001", f"\ue001{_SECRET}\ue000")
"""What stands before and after a word found: nobody who writes a record knows it, so that no text holds it."""

_TAG = re.compile("|".join(TAGS))

LETTERS = 4
"""Words that begin with the same ones are taken for forms of one when passages are compared."""

Json = Mapping[str, Any]


def highlights(stored: bytes, formatted: Json, language: str | None) -> dict[str, str]:
    """Return the highlights of a stored hit for a reader, made of its texts as the server gave them, marked."""
    shown = orjson.loads(stored)
    original = shown.get("language")
    found: dict[str, str] = {}
    for part, versions in (("title", "titles"), ("summary", "summaries")):
        tag, text = highlight.shown_version(shown.get(versions), language, original)
        if places := _places_of(formatted.get(part) or {}, tag, text):
            found[part] = highlight.whole(text, places) or ""
    best, held = ("", "", list[Place]()), 0
    for part, tag, marked in _passages(formatted, language, original):
        # What codes are called is a bare list: it only tells why a record was found that nothing else tells of.
        if part == "name" and (found or held):
            break
        text, places = read(marked)
        group = highlight.densest(places)
        answered = len({place.number for place in group})
        if answered > held:
            best, held = (tag, text, group), answered
    if held:
        found["text_language"], found["text"] = best[0], highlight.quoted(best[1], best[2])
    return found


def _passages(formatted: Json, language: str | None, original: Any) -> Iterator[tuple[str, str, str]]:
    """Yield (part, language, marked text) of the parts that are cut: names last, else the reader's language first."""
    texts = [
        (part, tag, marked)
        for part in CROPPED
        for _, versions in sorted((formatted.get(part) or {}).items(), key=lambda numbered: int(numbered[0]))
        for tag, marked in versions.items()
        if TAGS[0] in marked
    ]
    best = pick({tag: tag for _, tag, _ in texts}, language) or original
    yield from sorted(texts, key=lambda text: (text[0] == "name", text[1] != best))


def _places_of(chunks: Json, language: str, text: str) -> list[Place]:
    """Return the places marked in one whole text, which may have been laid out in several pieces."""
    if not chunks or not text:
        return []
    numbered = [versions for _, versions in sorted(chunks.items(), key=lambda numbered: int(numbered[0]))]
    # A tag that is none is not what the text was laid out under.
    tag = language if any(language in versions for versions in numbered) else "und"
    pieces = [versions[tag] for versions in numbered if tag in versions]
    for marked in ("".join(pieces), *pieces):
        bare, places = read(marked)
        if bare == text:
            return places
    return []


def read(marked: str) -> tuple[str, list[Place]]:
    """Return a text without its tags, and the places that they marked; those that touch are one."""
    bare, places, numbers, at = list[str](), list[Place](), dict[str, int](), 0
    for number, piece in enumerate(_TAG.split(marked)):
        end = at + len(piece)
        if number % 2 and piece:
            if places and places[-1].end == at:
                places[-1] = Place(places[-1].start, end, places[-1].number)
            else:
                places.append(Place(at, end, numbers.setdefault(fold(piece)[:LETTERS], len(numbers))))
        bare.append(piece)
        at = end
    return "".join(bare), places
