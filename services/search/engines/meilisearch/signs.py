"""Signs that a Meilisearch server takes for letters, and scripts without spaces, laid out so that it finds words.

It knows many signs as the end of a word, but not `=`, `€` or the no-break space: "budget=500€" is one word to it. It
can be told of more, which makes each search several times slower. So each such sign is laid out as one of the signs
that it knows and hardly anybody writes, which is laid out as the former in turn; nothing is lost, and texts are shown
as they were written. Whether the server splits scripts without spaces depends on how it was built. So their letters
are set apart, and words are looked for as letters in a row. Signs within a word, such as the comma of `1,000` or a
soft hyphen, are laid out as marks on letters, which the server passes over: it finds the word as if they were not
there. Pure.
"""

import re
import unicodedata
from itertools import pairwise

from services.search.words import apart_spans, unspaced_spans

_APART, _ALIKE = "\u22ff", "\u22fe"
"""Stands between letters of scripts without spaces; and what a text that should hold that very sign is shown with."""

_GLUING = (
    "$<=>^|~¢£¤¥€₣₦₹₺°©®™№¬´¨¯¸→←↔⇒★☆✓✔■●▪►▶◆○□"
    "\x0b\x0c\x85\xa0\xad\u2000\u2001\u200b\u200e\u200f\u2011\u2028\u202a\u202b\u202c\u202d\u202e\u202f\u205f\u2060"
    "\u2066\u2067\u2068\u2069"
)
_RARE = [*range(0x228F, 0x22AC), *range(0x22B0, 0x22E0)]

_WITHIN = (
    " .,'\u2019\xa0\u2009\u202f\xad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
"""Signs within words that `words.together` leaves out."""
_MARKS, _ALIKE_MARKS = range(0xE01A0, 0xE01C0), range(0xE01C0, 0xE01E0)
"""Variation selectors that no script uses; and what texts that should hold the former are shown with."""
_TIMES, _ALIKE_TIMES = "\U0001d6a1", "\U0001d5d1"
"""Two signs that the server takes for the letter x: what the sign of `3×1` is laid out as, and its like."""

_MARKED = dict(zip(map(ord, _WITHIN), map(chr, _MARKS), strict=False)) | {ord("×"): _TIMES}
_UNMARKED = {ord(mark): chr(sign) for sign, mark in _MARKED.items()}
_ALIKES = dict(zip(_MARKS, map(chr, _ALIKE_MARKS), strict=True)) | {ord(_TIMES): _ALIKE_TIMES}

_SWAP = dict(zip(map(ord, _GLUING), _RARE, strict=False))
_SWAP |= {rare: sign for sign, rare in _SWAP.items()}
_LAID_OUT = _SWAP | {ord(_APART): ord(_ALIKE)} | _ALIKES
_ALL_LAID_OUT = _LAID_OUT | _MARKED
_SHOWN = _SWAP | _UNMARKED
_SWAPPED = re.compile(f"[{re.escape(''.join(map(chr, _LAID_OUT)))}]")
_RESTORED = re.compile(f"[{re.escape(''.join(map(chr, _SHOWN)))}]")


def laid_out(text: str) -> str:
    """Return a text as it is laid out; `shown` returns the text again."""
    within = [(span.start, span.end) for span in apart_spans(text)]
    if _SWAPPED.search(text) or within:
        pieces, at = list[str](), 0
        for start, end in sorted(within):
            start = max(start, at)
            # A full stop in the end may end a sentence too.
            last = end - (text[end - 1 : end] == ".")
            pieces += (text[at:start].translate(_LAID_OUT), text[start:last].translate(_ALL_LAID_OUT))
            at = max(start, last)
        text = "".join([*pieces, text[at:].translate(_LAID_OUT)])
    letters = [span.start for span in unspaced_spans(text) if span.end - span.start == 1 and not _is_mark(span.word)]
    if not letters:
        return text
    pieces = [text[: letters[0]]]
    for start, end in pairwise([*letters, len(text)]):
        pieces += (_APART, text[start:end])
    return "".join(pieces)


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter) == "Mn"


def shown(text: str) -> str:
    """Return the text, or the piece of one, that was laid out."""
    text = text.replace(_APART, "")
    return text.translate(_SHOWN) if _RESTORED.search(text) else text


def is_unspaced(word: str) -> bool:
    """Tell whether a word is of a script that is written without spaces."""
    return any(unspaced_spans(word))
