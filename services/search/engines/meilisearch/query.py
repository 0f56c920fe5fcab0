"""Questions as the searches that a Meilisearch server understands: words, filters, orders, pages and counts. Pure."""

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.search import words
from services.search.engines.base import Query, Range
from services.search.engines.matching import SHORTEST_PREFIX
from services.search.engines.meilisearch.schema import (
    KEY,
    PARTS,
    RECORDS,
    facet_field,
    number_field,
    safe,
    title_field,
)
from services.search.engines.meilisearch.signs import is_unspaced

Json = dict[str, Any]

MOST_WORDS = 10
"""Words of a question that the server reads; it passes over more in silence."""

MOST_PHRASES = 6
"""Phrases of a question that are asked for: the server reads each as a word."""

DEEPEST = 1_000_000
"""Hits that are paged through; none are asked for beyond."""

PASSAGE_WORDS = 100
"""Words around those found that the server cuts from a long text: a long sentence, wherever in it they are."""

CROPPED = ("key", "body", "name")
"""Parts that are long: of them a passage is shown."""

SEARCHED = "searched = true"
"""The filter for the records that words are looked for in."""

_SHORTEST_WITHOUT_ARTICLE = 3


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a question as the server is sent them, distinct and in order; the last one may only be begun.

    `always` is what every record must hold, or must not, besides: phrases, and what is excluded. `sent` maps the words
    as they are read to those that are sent, `phrases` maps each phrase to what is sent for it.
    """

    words: tuple[str, ...]
    open_end: bool
    always: tuple[str, ...] = ()
    sent: Mapping[str, str] = field(default_factory=dict, compare=False)
    phrases: Mapping[tuple[str, ...], str] = field(default_factory=dict, compare=False)

    def only(self, kept: Collection[str], instead: Sequence[str] = ()) -> str:
        """Return the text of a search for some of the words, and for others that stand for some that are left out."""
        # The server reads so many words alone; what is excluded does not count.
        asked = " ".join([*self.always, *instead, *(word for word in self.words if word in kept)])
        # A word that a space follows is not taken for the beginning of longer ones.
        return asked if not asked or (self.open_end and self.words[-1] in kept) else f"{asked} "


def wording(text: str, plan: words.Plan, titles_only: bool) -> Wording:
    """Return the words of a plan as they are written in the text that it was made of.

    The server reads questions and records alike; some letters it reads otherwise than `words.fold` does.
    """
    written: dict[str, str] = {}
    for word in words.written_words(words.together(words.clean(text[: words.LONGEST_TEXT]))):
        folded = words.words(word)
        if len(folded) == 1:
            written[folded[0][: words.LONGEST_WORD]] = word[: words.LONGEST_WORD]
    begun = _begun(plan, titles_only)
    # The server takes the last word alone for a beginning.
    read = sorted(plan.words, key=lambda word: word == begun)
    sent = {word: _sent(word, written.get(word, word), word == begun, word in plan.joined) for word in read}
    phrases = {phrase: exactly(written.get(word, word) for word in phrase) for phrase in plan.phrases}
    excluded = (f"-{exactly(written.get(word, word) for word in phrase)}" for phrase in plan.excluded)
    # Of equal ones the last stays: it may be the one that is only begun.
    distinct = tuple(dict.fromkeys([*sent.values()][::-1]))[::-1]
    always = (*excluded, *list(phrases.values())[:MOST_PHRASES])
    return Wording(distinct, begun is not None, always, sent, phrases)


def _begun(plan: words.Plan, titles_only: bool) -> str | None:
    """Return the word whose longer ones answer it: one alone can be."""
    begun = [word for word in plan.words if word in plan.begun]
    if not begun and plan.open_end and (titles_only or len(plan.words[-1]) >= SHORTEST_PREFIX):
        begun = [plan.words[-1]]
    return begun[-1] if begun and not is_unspaced(begun[-1]) else None


def _sent(word: str, written: str, begun: bool, part_of_compound: bool) -> str:
    """Return a word as the server is asked for it; in quotation marks none is begun or misspelt."""
    if is_unspaced(word):
        return f'"{" ".join(word)}"'
    # It looks for neighbours as one word too.
    bare = begun or word.isalpha() or (part_of_compound and word.isdigit())
    return _bare(written) if bare else f'"{written}"'


def exactly(its: Iterable[str]) -> str:
    """Return what finds some words that follow each other, none begun or misspelt."""
    laid = list[str]()
    for word in its:
        if not is_unspaced(word):
            laid.append(word)
        # Of scripts without spaces there are pairs of letters, each of which begins as the one before ends.
        elif laid and len(word) > 1 and laid[-1] == word[0]:
            laid += word[1:]
        else:
            laid += word
    return f'"{" ".join(laid)}"'


def _bare(word: str) -> str:
    """Return an Arabic word without the article: the server cuts it off in records, and would want it there too."""
    bare = word.removeprefix("ال")
    return bare if len(bare) >= _SHORTEST_WITHOUT_ARTICLE else word


def quoted(value: str) -> str:
    """Return a value, or the name of a field, as a filter holds it, whatever its signs."""
    escaped = words.clean(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def filters(query: Query) -> dict[str, list[str]]:
    """Return the conditions of a question, all of which must hold: by facet, and those of types and ranges under ""."""
    found = {facet: _selection(facet, codes, facet in query.any_of) for facet, codes in query.selected.items() if codes}
    always = [condition for wanted in query.ranges for condition in _in_range(wanted)]
    if query.types:
        always.append(_one_of("type", query.types))
    if always:
        found[""] = always
    return found


def _selection(facet: str, codes: Iterable[str], alternatives: bool) -> list[str]:
    field = quoted(facet_field(facet))
    if alternatives:
        return [_one_of(field, codes)]
    return [f"{field} = {quoted(safe(code))}" for code in dict.fromkeys(codes)]


def _one_of(field: str, codes: Iterable[str]) -> str:
    return f"{field} IN [{', '.join(quoted(safe(code)) for code in dict.fromkeys(codes))}]"


def _in_range(wanted: Range) -> list[str]:
    field = quoted(number_field(wanted.field))
    ends = ((">=", wanted.low), ("<=", wanted.high))
    return [f"{field} EXISTS", *(f"{field} {sign} {quoted(_number(end))}" for sign, end in ends if end is not None)]


def _number(end: float) -> str:
    # To the server -0.0 is less than 0.0, and infinity is a text.
    return repr(max(-sys.float_info.max, min(sys.float_info.max, end + 0.0)))


def narrowed(conditions: Mapping[str, Sequence[str]], ignoring: str | None = None) -> list[str]:
    """Return the filter of a search for records that meet all conditions, or all but those of one facet."""
    return [RECORDS, *(one for facet, held in conditions.items() if facet != ignoring for one in held)]


def counting(q: str, titles_only: bool, filter: Sequence[str], facets: Collection[str] = ()) -> Json:
    """Return a search that gives no hits, only the exact total and the counts of facets."""
    asked: Json = {"q": q, "matchingStrategy": "all", "filter": filter, "page": 1, "hitsPerPage": 0}
    if facets:
        asked["facets"] = [words.clean(facet_field(facet)) for facet in facets]
    if titles_only:
        asked["attributesToSearchOn"] = ["title.*"]
    return asked


def page(query: Query, q: str, filter: Sequence[str], facets: Collection[str], tags: tuple[str, str]) -> Json:
    """Return a search for a page of hits besides; the words found in them stand between the tags."""
    asked = counting(q, query.titles_only, filter, facets)
    if (query.page - 1) * query.per_page >= DEEPEST:
        return asked
    asked |= {"page": query.page, "hitsPerPage": min(query.per_page, DEEPEST), "attributesToRetrieve": [KEY, "hit"]}
    if order := _order(query):
        asked["sort"] = [order, f"{KEY}:asc"]
    if q:
        asked |= {
            "attributesToRetrieve": [KEY, "hit", "places"],
            "attributesToHighlight": PARTS,
            "attributesToCrop": CROPPED,
            "cropLength": PASSAGE_WORDS,
            "highlightPreTag": tags[0],
            "highlightPostTag": tags[1],
        }
        if not order:
            asked["showRankingScore"] = True
    return asked


def marking(q: str, titles_only: bool, limit: int, tags: tuple[str, str]) -> Json:
    """Return a search for a few records of all, of which only the words that were found in them are shown."""
    asked: Json = {"q": q, "matchingStrategy": "all", "filter": [SEARCHED], "limit": limit, "attributesToRetrieve": []}
    if titles_only:
        asked["attributesToSearchOn"] = ["title.*"]
    parts = PARTS[:1] if titles_only else PARTS
    return asked | {
        "attributesToHighlight": parts,
        "attributesToCrop": parts,
        "cropLength": 1,
        "highlightPreTag": tags[0],
        "highlightPostTag": tags[1],
    }


def _order(query: Query) -> str | None:
    if query.sort == "relevance":
        return None
    return f"{title_field(query.language) if query.sort == 'title' else f'by_{query.sort}'}:asc"


def selected_apart(query: Query, conditions: Mapping[str, object]) -> list[str]:
    """Return the facets to count that ignore their own selection: each needs a search of its own."""
    return [facet for facet in query.facets if facet in query.any_of and facet in conditions]
