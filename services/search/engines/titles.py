"""How records are ordered by title, for every engine alike."""

import re

from services.search import words

ORDERED_LANGUAGES = ("en", "es", "fr", "it", "ar")
"""Base languages that have an order by title of their own; readers of others share one."""

LONGEST_SORT_TITLE = 200
"""Characters of a title that order it."""


def base_language(tag: str) -> str:
    """Return the first subtag of a BCP 47 tag, in lower case."""
    return re.split("[-_]", tag, maxsplit=1)[0].lower()


def title_key(title: str) -> str:
    """Return what orders titles: letters without accents and case, signs ignored."""
    return " ".join(words.words(title))[:LONGEST_SORT_TITLE]
