"""Questions as the searches that a Meilisearch server understands: words, filters, orders, pages and counts. Pure."""

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.search import words
from services.search.engines.base import Query, Range
from services.search.engines.matching import SHORTEST_PREFIX
from services.search.engines.meilisearch_schema import (
    KEY,
    PARTS,
    RECORDS,
    facet_field,
    number_field,
    safe,
    title_field,
)
from services.search.engines.meilisearch_signs import is_unspaced

Json = dict[str, Any]

MOST_WORDS = 10
"""Words of a question that the server reads; it passes over more in silence."""

DEEPEST = 1_000_000
"""Hits that are paged through; none are asked for beyond."""

PASSAGE_WORDS = 40
"""Words around those found that the server cuts from a long text."""

CROPPED = ("key", "body", "name")
"""Parts that are long: of them a passage is shown."""

SEARCHED = "searched = true"
"""The filter for the records that words are looked for in."""

_SHORTEST_WITHOUT_ARTICLE = 3


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a question as the server is sent them, distinct and in order; the last one may only be begun."""

    words: tuple[str, ...]
    open_end: bool

    def only(self, kept: Collection[str]) -> str:
        """Return the text of a search for some of the words."""
        asked = " ".join(word for word in self.words if word in kept)
        # A word that a space follows is not taken for the beginning of longer ones.
        return asked if self.open_end and self.words[-1] in kept else f"{asked} "


def wording(text: str, plan: words.Plan, titles_only: bool) -> Wording:
    """Return the words of a plan as they are written in the text that it was made of.

    The server reads questions and records alike; some letters it reads otherwise than `words.fold` does.
    """
    written: dict[str, str] = {}
    for word in words.written_words(words.clean(text[: words.LONGEST_TEXT])):
        folded = words.words(word)
        if len(folded) == 1:
            written[folded[0][: words.LONGEST_WORD]] = word[: words.LONGEST_WORD]
    last = plan.words[-1] if plan.words else ""
    open_end = plan.open_end and not is_unspaced(last) and (titles_only or len(last) >= SHORTEST_PREFIX)
    asked = [_sent(word, written.get(word, word), open_end and word == last) for word in plan.words]
    # Of equal ones the last stays: it may be the one that is only begun.
    return Wording(tuple(dict.fromkeys(asked[::-1]))[::-1], open_end)


def _sent(word: str, written: str, begun: bool) -> str:
    """Return a word as the server is asked for it; in quotation marks none is begun or misspelt."""
    if is_unspaced(word):
        return f'"{" ".join(word)}"'
    return _bare(written) if begun or word.isalpha() else f'"{written}"'


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
    asked |= {"page": query.page, "hitsPerPage": min(query.per_page, DEEPEST), "attributesToRetrieve": ["id", "hit"]}
    if order := _order(query):
        asked["sort"] = [order, f"{KEY}:asc"]
    if q:
        asked |= {
            "attributesToHighlight": PARTS,
            "attributesToCrop": CROPPED,
            "cropLength": PASSAGE_WORDS,
            "highlightPreTag": tags[0],
            "highlightPostTag": tags[1],
        }
        if not order:
            asked["showRankingScore"] = True
    return asked


def _order(query: Query) -> str | None:
    if query.sort == "relevance":
        return None
    return f"{title_field(query.language) if query.sort == 'title' else f'by_{query.sort}'}:asc"


def selected_apart(query: Query, conditions: Mapping[str, object]) -> list[str]:
    """Return the facets to count that ignore their own selection: each needs a search of its own."""
    return [facet for facet in query.facets if facet in query.any_of and facet in conditions]
