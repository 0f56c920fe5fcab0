"""Marks the words of a question in a text, and finds the passage that holds most of them."""

import html
from collections.abc import Callable, Iterable, Sequence

from services.search.words import Span, spans

PASSAGE = 220
"""Characters of a passage, more or less."""

READ = 60_000
"""Characters of a text that are read for its best passage."""

Match = Callable[[str], int | None]
"""Given a written word, tells which word of the question it answers, by place, or none."""


def marked(text: str, match: Match) -> str | None:
    """Return the whole text as HTML with the words found marked; none when nothing is found."""
    found = [span for span in spans(text) if match(text[span.start : span.end]) is not None]
    return _html(text, found, 0, len(text)) if found else None


def passage(texts: Iterable[tuple[str, Match]], wanted: int) -> str | None:
    """Return the passage of all texts that answers most of `wanted` words, as HTML with the words found marked."""
    best: tuple[int, str, list[Span]] | None = None
    for text, match in texts:
        cut = text[:READ]
        places: list[tuple[Span, int]] = []
        for span in spans(cut):
            at = match(cut[span.start : span.end])
            if at is not None:
                places.append((span, at))
        held, group = _densest(places)
        if held > (best[0] if best else 0):
            best = (held, cut, group)
            if held == wanted:
                break
    if best is None:
        return None
    _, text, group = best
    start, end = _around(text, group[0].start, group[-1].end)
    return ("" if start == 0 else "…") + _html(text, group, start, end) + ("" if end == len(text) else "…")


def _densest(places: Sequence[tuple[Span, int]]) -> tuple[int, list[Span]]:
    """Return the spans, no wider than a passage, that answer most different words, and how many that is."""
    best, kept, first = 0, (0, 0), 0
    for last, (span, _) in enumerate(places):
        while span.end - places[first][0].start > PASSAGE:
            first += 1
        held = len({at for _, at in places[first : last + 1]})
        if held > best:
            best, kept = held, (first, last + 1)
    return best, [span for span, _ in places[slice(*kept)]]


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a place to a passage that begins and ends between words."""
    room = max(0, PASSAGE - (end - start)) // 2
    left, right = max(0, start - room), min(len(text), end + room)
    if left:
        left = text.find(" ", left, start) + 1 or start
    if right < len(text):
        right = max(text.rfind(" ", end, right), end)
    return left, right


def _html(text: str, found: Sequence[Span], start: int, end: int) -> str:
    pieces, at = [], start
    for left, right in _joined(found):
        pieces += [html.escape(text[at:left]), "<mark>", html.escape(text[left:right]), "</mark>"]
        at = right
    return "".join([*pieces, html.escape(text[at:end])])


def _joined(found: Sequence[Span]) -> list[tuple[int, int]]:
    """Return the places in order, those that overlap made one."""
    joined: list[tuple[int, int]] = []
    for span in sorted(found, key=lambda span: (span.start, span.end)):
        if joined and span.start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], span.end))
        else:
            joined.append((span.start, span.end))
    return joined
