"""What the workbook says itself in each language, and how texts are compared with it."""

from functools import cache
from pathlib import Path

import yaml

from services.api.kit import folding
from services.api.vocabularies.terms import LANGUAGES

_FILE = Path(__file__).parent / "words.yaml"
_ON_COVERS = ("title", "extent.", "sheet.", "how.", "contents", "about")


@cache
def _own() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found


def word(key: str, lang: str) -> str:
    """Return one of the workbook's own words; raise `KeyError`."""
    return _own()[key][lang]


def has(key: str) -> bool:
    """Tell whether the workbook has words of its own for something."""
    return key in _own()


@cache
def on_covers() -> dict[str, frozenset[str]]:
    """Return the words that covers print, in all languages, by their keys."""
    return {key: frozenset(one.values()) for key, one in _own().items() if key.startswith(_ON_COVERS)}


def folded(text: str) -> str:
    """Return a text as it is compared: without regard to case, accents, kinds of space and apostrophe, and `*`."""
    return folding.folded(text.replace("’", "'").rstrip("* \n"))


@cache
def headings(kind: str) -> frozenset[str]:
    """Return a heading of the sheets (`number`, `question` or `answer`) in every language, folded."""
    return frozenset(folded(word(f"head.{kind}", lang)) for lang in LANGUAGES)
