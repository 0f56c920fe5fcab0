"""Which passages of a record are made vectors of. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

PASSAGE = 2_000
"""Characters of a passage, as much as models read at once; shorter ones find less in other languages."""

TITLE = 150
"""Characters of its title that each passage begins with."""

MOST_PASSAGES = 32
"""Passages of a record; what comes after is found by its words alone."""


def passages(titles: Mapping[str, str], summaries: Mapping[str, str], language: str, texts: Iterable[str]) -> list[str]:
    """Return the passages of a record in the language that it was written in; the first says what it is about.

    They are its summary, then its texts, in pieces of `PASSAGE` characters at most, each under the title: what a piece
    speaks of is seldom named in it.
    """
    title, summary = ((versions.get(language) or next(iter(versions.values()), "")) for versions in (titles, summaries))
    title = title.strip()[:TITLE]
    pieces = (piece for text in (summary, *texts) for piece in _pieces(text))
    found = [f"{title}. {piece}" if title else piece for piece in islice(pieces, MOST_PASSAGES)]
    return found or [title] * bool(title)


def _pieces(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        end = at + PASSAGE
        if end < len(text):
            # Between lines, or else between words, unless they are long.
            end = next((cut for sign in "\n " if (cut := text.rfind(sign, at + PASSAGE // 2, end)) > 0), end)
        if piece := text[at:end].strip():
            yield piece
        at = end
