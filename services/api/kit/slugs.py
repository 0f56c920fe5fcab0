"""Names fit for an address."""

import re
from collections.abc import Callable

from anyascii import anyascii

_LONGEST = 60


def slug_of(text: str) -> str:
    """Transliterate a name to a slug of at most 60 characters, cut between words; `record` when nothing is left."""
    slug = re.sub(r"[^a-z0-9]+", "-", anyascii(text).lower()).strip("-")
    if len(slug) > _LONGEST:
        slug = slug[: _LONGEST + 1].rsplit("-", 1)[0][:_LONGEST]
    return slug or "record"


def reads_as_id(slug: str) -> bool:
    """Tell whether an address would take a slug for an id: such a slug leads nowhere."""
    return re.fullmatch(r"[0-9a-f]{32}", slug.replace("-", "")) is not None


def free_slug(text: str, taken: Callable[[str], bool]) -> str:
    """Return the name's slug, with a number behind it when it is taken."""
    slug = slug_of(text)
    number = 1
    candidate = slug
    while reads_as_id(candidate) or taken(candidate):
        number += 1
        candidate = f"{slug}-{number}"
    return candidate
