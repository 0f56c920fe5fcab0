"""The Meilisearch engine's fields and settings, how a document is laid out in them, and where the cursor is kept.

An index holds one JSON object a record, named by `pk`, and beside the records two kinds of its own that nobody finds:
the state document, which is written together with every batch, and stand-ins for deleted records, which make a batch
visible as a whole and are swept away after it.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from services.search import words
from services.search.engines.base import Document, Generation, Text
from services.search.engines.meilisearch.signs import laid_out
from services.search.engines.titles import ORDERED_LANGUAGES, base_language, title_key
from services.web.build import digest

Json = dict[str, Any]

_RULES = ("engines/meilisearch/schema.py", "engines/meilisearch/signs.py", "engines/titles.py", "words.py")
"""Files that say how documents are laid out."""

KEY = "pk"
STATE = "praxis_state"
"""Name and type of the state document; no record is called so, because `safe` escapes the underscore."""
DELETED = "praxis_deleted"
"""Type of what stands in for a deleted record."""

RECORDS = f'type NOT IN ["{STATE}", "{DELETED}"]'
"""The filter that leaves the feed's records and what the follower keeps beside them."""

GROUP, RANK = "group", "rank"
"""The field that puts records of one type before those of the next."""

LONGEST_VALUE = 468
"""Bytes of a value that the server filters and sorts by."""

LONGEST_CHUNK = 20_000
"""Characters of a text in one field."""

MOST_POSITIONS = 65_000
"""Places of words in one field: the server finds none beyond 65 535."""

SEPARATED = 8
"""Places that a word takes after any sign but a space; others take one."""

LONGEST_TITLE_KEY = 400
"""Bytes of a title that order it."""

NO_DAY = 99_999_999
"""Orders records whose start is not known after all others."""

PARTS = ("title", "summary", "key", "body", "name")
"""Fields that are searched, the heaviest first; the texts are below them by number and language."""

FORMS = "forms"
"""The field of words that texts write otherwise, by language: searched, but never shown."""

MOST_FORMS = 2_000
"""Words of a record in one language that are found as others write them."""

LOCALES = {"en": "eng", "es": "spa", "fr": "fra", "it": "ita", "ar": "ara"}
"""Base languages whose texts the server is told the language of, by its name for it; it does not know Albanian."""

_GAP = re.compile(r"[\W_]+")
_TAG = re.compile("[A-Za-z0-9-]{1,40}")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ESCAPED = re.compile("[^a-z0-9-]")
_ESCAPE = re.compile("_([0-9a-f]+)_")


def version(folder: Path) -> str:
    """Name the layout in a copy of the search service's folder: an index made by another is rebuilt."""
    return digest(folder, (folder / name for name in _RULES))


VERSION = version(Path(__file__).parents[2])


def settings() -> Json:
    """Return the settings of an index, all that matter: nothing is left to the server's defaults, which change."""
    equality = {"facetSearch": False, "filter": {"equality": True, "comparison": False}}
    comparison = {"facetSearch": False, "filter": {"equality": True, "comparison": True}}
    return {
        "displayedAttributes": ["*"],
        "searchableAttributes": [*PARTS, FORMS],
        "filterableAttributes": [
            {"attributePatterns": ["type", "id", "slug", "searched", "facets.*"], "features": equality},
            {"attributePatterns": [KEY, "numbers.*"], "features": comparison},
        ],
        "sortableAttributes": [KEY, "by_title", "by_start", "by_newest", "by_completeness"],
        "rankingRules": [
            *("sort", f"{GROUP}:asc", "words", "typo", "proximity", "attributeRank", "wordPosition", "exactness"),
            *(f"{RANK}:asc", f"{KEY}:asc"),
        ],
        "localizedAttributes": [
            {"attributePatterns": [f"*.{language}", f"*.{language}-*"], "locales": [locale]}
            for language, locale in LOCALES.items()
        ],
        "distinctAttribute": None,
        "stopWords": [],
        "synonyms": {},
        "dictionary": [],
        "separatorTokens": [],
        "nonSeparatorTokens": [],
        "typoTolerance": {
            "enabled": True,
            "minWordSizeForTypos": {"oneTypo": words.ONE_TYPO_FROM, "twoTypos": words.TWO_TYPOS_FROM},
            "disableOnWords": [],
            "disableOnAttributes": [],
            "disableOnNumbers": True,
        },
        "faceting": {"maxValuesPerFacet": 100_000, "sortFacetValuesBy": {"*": "count"}},
        "pagination": {"maxTotalHits": 10_000_000},
        # By attribute, the server takes any words of one text for a phrase.
        "proximityPrecision": "byWord",
        "prefixSearch": "indexingTime",
        "facetSearch": False,
        "searchCutoffMs": 4_000,
        "embedders": {},
    }


def safe(code: str) -> str:
    """Return a code in letters that the server neither merges nor changes; `plain` returns the code again."""
    return _ESCAPED.sub(lambda sign: f"_{ord(sign.group()):x}_", words.clean(code))


@lru_cache(65_536)
def plain(safe: str) -> str:
    """Return the code that `safe` was given."""
    return _ESCAPE.sub(lambda sign: chr(int(sign.group(1), 16)), safe)


def facet_field(facet: str) -> str:
    """Return the field of a facet's codes, each as `safe` writes it."""
    return f"facets.{facet}"


def number_field(name: str) -> str:
    """Return the field of a range field's numbers."""
    return f"numbers.{safe(name)}"


def title_field(language: str | None) -> str:
    """Return the field that orders by title for a reader."""
    base = base_language(language or "")
    return f"by_title.{base if base in ORDERED_LANGUAGES else 'any'}"


def lay_out(document: Document) -> Json:
    """Return a document as the object that is indexed; raise `ValueError` for one that no index could hold."""
    orjson.loads(document.hit)  # what cannot be read again is better refused now than whenever it is found
    return {
        KEY: _named("id", document.key),
        "id": _named("id", document.id),
        "type": _named("type", document.type),
        "seq": document.seq,
        "slug": _named("slug", document.slug) if document.slug else None,
        "searched": bool(document.texts) and not document.aside,
        GROUP: document.group,
        RANK: document.rank,
        "facets": {
            facet: [_named(facet, code) for code in dict.fromkeys(codes)]
            for facet, codes in document.facets.items()
            if codes
        },
        "numbers": {safe(name): _finite(name, number) for name, number in document.numbers.items()},
        **_orders(document),
        **_texts(document.texts),
        "hit": document.hit.decode(),
    }


def _named(what: str, value: str) -> str:
    written = safe(value)
    if not 0 < len(written) <= LONGEST_VALUE:
        raise ValueError(f"its {what} must have 1 to {LONGEST_VALUE} characters, escaped ones counted as written")
    return written


def _finite(name: str, number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(f"its number {name} is not finite")
    return number + 0.0  # the server takes a negative zero for less than zero


def _orders(document: Document) -> Json:
    keys = {language: _bounded(title_key(title)) for language, title in document.sort_titles.items()}
    default = keys.get("") or next(iter(keys.values()), _bounded(""))
    return {
        "by_title": {"any": default} | {language: keys.get(language, default) for language in ORDERED_LANGUAGES},
        "by_start": NO_DAY if document.start is None else document.start,
        "by_newest": -document.published,
        "by_completeness": 1 if document.completeness is None else -document.completeness,
    }


def _bounded(key: str) -> str:
    # The server orders by other forms of letters than those it is given, and takes an empty text for none.
    plain = _FOREIGN.sub(lambda letter: f"~{_in_letters(ord(letter.group()))}", key)
    return f"0{plain}"[:LONGEST_TITLE_KEY]


def _in_letters(number: int) -> str:
    """Return a code point as four signs whose order is that of the numbers."""
    return "".join(_DIGITS[number // 36**place % 36] for place in (3, 2, 1, 0))


def _texts(texts: Iterable[Text]) -> Json:
    """Return the pieces of texts by part, number and language, the place of each, and compounds without hyphens."""
    laid: Json = {}
    places = dict[str, str]()
    forms = dict[str, dict[str, None]]()
    for text in chain.from_iterable(map(_of_one_place, texts)):
        language = text.language if _TAG.fullmatch(text.language) else "und"
        numbered = laid.setdefault(text.part, {})
        taken = sum(language in languages for languages in numbered.values())
        for number, chunk in enumerate(chunks(laid_out(words.clean(text.value))), taken):
            numbered.setdefault(str(number), {})[language] = chunk
            if text.place:
                places[place_key(text.part, str(number), language)] = text.place
        for compound in words.compound_spans(words.clean(text.value)):
            forms.setdefault(language, {})[compound.word.lower()] = None
    # Full stops keep them from making phrases.
    told = {language: ". ".join(list(compounds)[:MOST_FORMS]) for language, compounds in forms.items()}
    return {**laid, FORMS: told, "places": orjson.dumps(places).decode()}


def _of_one_place(text: Text) -> Iterator[Text]:
    """Yield a text whose lines stand in several places as one for each: what is cut of it is no longer by lines."""
    if "\n" not in text.place:
        yield text
        return
    lines: dict[str, list[str]] = {}
    for place, line in zip(text.place.split("\n"), text.value.split("\n"), strict=False):
        lines.setdefault(place, []).append(line)
    yield from (replace(text, place=place, value="\n".join(its)) for place, its in lines.items())


def place_key(part: str, number: str, language: str) -> str:
    """Name a piece of a text among the places of a record's texts."""
    return f"{part}.{number}.{language}"


def chunks(text: str) -> Iterator[str]:
    """Cut a text, at spaces where it has any, into pieces whose words the server finds all; nothing is left out."""
    start = 0
    while start < len(text):
        end = _end(text, start)
        yield text[start:end]
        start = end


def _end(text: str, start: int) -> int:
    """Return where the chunk that begins at a place ends.

    Every letter is counted as a word, as some scripts need it: too many never harms.
    """
    end = min(len(text), start + LONGEST_CHUNK)
    most, after_space = (MOST_POSITIONS - LONGEST_CHUNK) // (SEPARATED - 1), 0
    if len(text) - start < 2 * most:
        return len(text)
    for gap in _GAP.finditer(text, start, end):
        if gap.group() != " ":
            most -= 1
        if most < 0:
            end = gap.start()
            break
        if any(sign.isspace() for sign in gap.group()):
            after_space = gap.end()
    return end if end == len(text) or not after_space else after_space


@dataclass(frozen=True, slots=True)
class State:
    """What the state document says: up to where an index follows the feed, which one it is, and what made it.

    `touched` maps a type of records to the last change among them, "" to one of all types.
    """

    schema: str
    epoch: str
    seq: int
    index: str
    commit: int
    touched: Mapping[str, int] = field(default_factory=dict)

    @property
    def generation(self) -> Generation:
        """Name the state."""
        return Generation(self.epoch, self.seq, self.index, self.commit)

    def document(self) -> Json:
        """Return the state document."""
        return {KEY: STATE, "type": STATE, "state": orjson.dumps(asdict(self)).decode()}


STATE_QUERY: Mapping[str, Any] = {
    "q": "",
    "filter": f'{KEY} = "{STATE}"',
    "limit": 1,
    "attributesToRetrieve": ["state"],
}
"""The search that finds the state document; a server refuses it on an index that has not these settings."""


def state_of(found: Mapping[str, Any]) -> State | None:
    """Return the state from what `STATE_QUERY` found; none when there is none that can be read."""
    try:
        return State(**orjson.loads(found["hits"][0]["state"]))
    except (LookupError, TypeError, ValueError):
        return None


def tombstone(key: str) -> Json:
    """Return what stands in for a deleted record; raise `ValueError` for a key that no index could hold."""
    return {KEY: _named("id", key), "type": DELETED}
