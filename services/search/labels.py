"""Names of codes, for readers and for finding: a snapshot of the vocabularies and authorities that the index holds."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import orjson
import structlog

from services.search import thesaurus
from services.search.facets import facets
from services.search.naming import LANGUAGES, Names
from services.search.thesaurus import Thesaurus
from services.search.words import begins_nearly, words

log = structlog.get_logger("praxis.search")

LABELLING = frozenset(("vocabulary", "authority"))
"""Types of records that name codes."""

_MOST_SHOWN = 20_000  # labels kept ready: all codes in a good many languages

Terms = Mapping[str, Mapping[str, Names]]
"""The vocabularies: name -> code -> label in several languages."""


def terms_of(record: Mapping[str, Any]) -> dict[str, Names]:
    """Return the labels by code, in printed order, of a vocabulary's public record; raise as `document` does."""
    return {str(term["code"]): dict(term.get("labels") or {}) for term in record["terms"]}


def fingerprint(*known: Any) -> str:
    """Return what two sets of vocabularies, or of whatever else documents are made with, share only when alike."""
    return hashlib.sha256(orjson.dumps(known, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def pick(names: Names, language: str | None) -> str | None:
    """Return the language among those of `names` that serves a reader best: the tag, its base, a cousin."""
    if not language or language in names:
        return language or None
    base = language.split("-")[0]
    return base if base in names else next((tag for tag in names if tag.split("-")[0] == base), None)


@dataclass(frozen=True)
class Labels:
    """What codes are called; `authorities` maps a slug to the public record that the index keeps."""

    terms: Terms = field(default_factory=dict)
    authorities: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    concepts: tuple[Mapping[str, Any], ...] = ()
    _shown: dict[tuple[str, str, str | None], str] = field(default_factory=dict, compare=False, repr=False)
    _read: dict[tuple[str, str], list[list[str]]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def read(cls, vocabularies: Iterable[bytes], authorities: Iterable[bytes]) -> "Labels":
        """Build them from the stored JSON of the index's vocabularies and authorities."""
        printed = sorted((orjson.loads(one) for one in vocabularies), key=lambda one: str(one["id"]))
        known = sorted((orjson.loads(one) for one in authorities), key=lambda one: str(one["slug"]))
        concepts = next((tuple(one["terms"]) for one in printed if one["id"] == thesaurus.NAME), ())
        terms = {one["id"]: terms_of(one) for one in printed if one["id"] != thesaurus.NAME}
        return cls(terms, {one["slug"]: one for one in known}, concepts)

    @cached_property
    def thesaurus(self) -> Thesaurus:
        """Return how else things are called."""
        return _thesaurus(orjson.dumps(self.concepts))

    @cached_property
    def version(self) -> str:
        """What two snapshots share only when they label alike."""
        return fingerprint(self.terms, self.authorities, self.concepts)

    @cached_property
    def slugs(self) -> Mapping[str, str]:
        """Return the authorities' slugs by their ids."""
        return {one["id"]: slug for slug, one in self.authorities.items()}

    def codes(self, facet: str) -> tuple[str, ...] | None:
        """Return the values that a facet can have, in printed order; None when they are open."""
        return facets()[facet].naming.known(self)

    def has(self, facet: str, code: str) -> bool:
        """Tell whether a facet that is not open can have a value."""
        return facets()[facet].naming.has(self, code)

    def canonical(self, facet: str, value: str) -> str:
        """Return the code that a value stands for: an authority's slug for its id, a keyword for its other writings."""
        return facets()[facet].naming.canonical(self, value)

    def names(self, facet: str, code: str) -> Names:
        """Return what a value is called, by language; an authority's own name stands under its first entry, `""`."""
        return facets()[facet].naming.names(self, code)

    def label(self, facet: str, code: str, language: str | None) -> str:
        """Return what a value is called in a reader's language, else in its own or in English, else the bare code."""
        key = (facet, code, language)
        found = self._shown.get(key)
        if found is None:
            if len(self._shown) >= _MOST_SHOWN:
                self._shown.clear()
            naming = facets()[facet].naming
            found = naming.shown(self, code, language) or self.own(naming.names(self, code), language) or code
            self._shown[key] = found
        return found

    @staticmethod
    def own(names: Names, language: str | None) -> str | None:
        """Return a name in a reader's language, else the own one, which stands under `""`, else the English one."""
        return names.get(pick(names, language) or "") or names.get("") or names.get(LANGUAGES[0])

    def matching(self, facet: str, text: str, codes: Iterable[str], forgiving: bool = False) -> list[str]:
        """Return those of the codes that, or a label of which, hold all words of a text, perhaps only begun.

        With `forgiving`, the words may be misspelt.
        """
        asked, begins = words(text), begins_nearly if forgiving else _begins
        return [code for code in codes if any(_hold(held, asked, begins) for held in self._words(facet, code))]

    def _words(self, facet: str, code: str) -> list[list[str]]:
        """Return the words of a value's code and of each of its labels."""
        if (facet, code) not in self._read:
            texts = {code, self.label(facet, code, None), *self.names(facet, code).values()}
            self._read[facet, code] = [words(text) for text in texts]
        return self._read[facet, code]


@lru_cache(maxsize=2)
def _thesaurus(concepts: bytes) -> Thesaurus:
    """Read it once as long as it stays the same; one that cannot be read holds countries alone."""
    try:
        return Thesaurus.read(orjson.loads(concepts))
    except (KeyError, TypeError, AttributeError, ValueError):
        log.warning("the thesaurus cannot be read")
        return Thesaurus.read(())


def _hold(held: list[str], asked: list[str], begins: Callable[[str, str], bool]) -> bool:
    return all(any(begins(one, word) for word in held) for one in asked)


def _begins(one: str, word: str) -> bool:
    return word.startswith(one)
