"""What the values of a facet are called, and which there are: one strategy a kind of value. Pure."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

import pycountry
from babel import Locale

from services.search.codes import BANDS, keyword

if TYPE_CHECKING:
    from services.search.labels import Labels

LANGUAGES = ("en", "es", "fr", "it")
"""Languages that labels are given in; readers of any other see the first."""

LANGUAGE = "a BCP 47 language tag in its usual case, such as 'en', 'es', 'sq' or 'pt-BR'"
TAG = r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"
CURRENCY = "an ISO 4217 currency in capitals, such as 'EUR'"

Names = Mapping[str, str]
"""A label in several languages: language -> label."""


@cache
def is_language(tag: str) -> bool:
    """Tell whether a well-formed BCP 47 tag begins with a language of ISO 639."""
    base = tag.split("-")[0]
    key = "alpha_2" if len(base) == 2 else "alpha_3"
    return pycountry.languages.get(**{key: base}) is not None


@cache
def is_currency(code: str) -> bool:
    """Tell whether ISO 4217 knows the code."""
    return pycountry.currencies.get(alpha_3=code) is not None


class Naming:
    """Names values that are open and are shown as they are; a value must match `pattern`.

    `meaning` says in words what a value is, `fixed` lists all values of a facet that no vocabulary tells.
    """

    vocabularies: tuple[str, ...] = ()

    def __init__(self, pattern: str | None = None, meaning: str | None = None) -> None:
        self.pattern = pattern
        self.meaning = meaning

    @property
    def fixed(self) -> tuple[str, ...] | None:
        """Return all values, in printed order, where they are the same in every base."""
        return None

    def known(self, labels: "Labels") -> tuple[str, ...] | None:
        """Return the values that there can be, in printed order; None when they are open."""
        return self.fixed

    def has(self, labels: "Labels", code: str) -> bool:
        """Tell whether there can be a value, of those that are not open."""
        return code in (self.known(labels) or ())

    def canonical(self, labels: "Labels", value: str) -> str:
        """Return the code that a value stands for."""
        return value

    def check(self, value: str) -> None:
        """Raise `ValueError` for an open value that matches the pattern and yet is none."""

    def names(self, labels: "Labels", code: str) -> Names:
        """Return what a value is called, by language; its own name, in whatever language, under `""`."""
        return {}

    def shown(self, labels: "Labels", code: str, language: str | None) -> str | None:
        """Return what a value is called for a reader where its names do not tell."""
        return None


class Fixed(Naming):
    """Names values that are the same in every base."""

    def __init__(self, table: Mapping[str, Names]) -> None:
        super().__init__()
        self._table = table

    @property
    def fixed(self) -> tuple[str, ...]:
        """Return all values, in printed order."""
        return tuple(self._table)

    def names(self, labels: "Labels", code: str) -> Names:
        """Return what a value is called, by language."""
        return self._table.get(code, {})


class Vocabulary(Naming):
    """Names codes by the vocabularies that they are of."""

    def __init__(self, *vocabularies: str) -> None:
        super().__init__()
        self.vocabularies = vocabularies

    def known(self, labels: "Labels") -> tuple[str, ...]:
        """Return the codes of the vocabularies, in printed order."""
        return tuple(code for name in self.vocabularies for code in labels.terms.get(name, ()))

    def has(self, labels: "Labels", code: str) -> bool:
        """Tell whether a vocabulary has the code."""
        return any(code in labels.terms.get(name, ()) for name in self.vocabularies)

    def names(self, labels: "Labels", code: str) -> Names:
        """Return what a code is called, by language."""
        for vocabulary in self.vocabularies:
            if found := labels.terms.get(vocabulary, {}).get(code):
                return found
        return {}


class Authorities(Naming):
    """Names authorities by the records that the index keeps of them; they are known by slug or id."""

    def known(self, labels: "Labels") -> tuple[str, ...]:
        """Return the slugs of all authorities."""
        return tuple(labels.authorities)

    def has(self, labels: "Labels", code: str) -> bool:
        """Tell whether there is an authority of this slug."""
        return code in labels.authorities

    def canonical(self, labels: "Labels", value: str) -> str:
        """Return an authority's slug for its id."""
        return labels.slugs.get(value, value)

    def names(self, labels: "Labels", code: str) -> Names:
        """Return an authority's names by language, its own first."""
        known = labels.authorities.get(code)
        return {"": known["name"], **(known.get("names") or {})} if known else {}


class Keywords(Naming):
    """Names free words by themselves, in the one writing that stands for all."""

    def canonical(self, labels: "Labels", value: str) -> str:
        """Return what stands for a keyword however it is written."""
        return keyword(value)


class Languages(Naming):
    """Names languages by the locale data."""

    def __init__(self) -> None:
        super().__init__(TAG, LANGUAGE)

    def check(self, value: str) -> None:
        """Raise `ValueError` for a tag that begins with no language."""
        if not is_language(value):
            raise ValueError(f"not {LANGUAGE}")

    def names(self, labels: "Labels", code: str) -> Names:
        """Return what a language is called, by language."""
        return _language_names(code)


class Currencies(Naming):
    """Names currencies by their vocabulary; they are those of ISO 4217 whether or not the base tells what they are."""

    vocabularies = ("currencies",)

    def __init__(self) -> None:
        super().__init__("^[A-Z]{3}$", CURRENCY)

    def check(self, value: str) -> None:
        """Raise `ValueError` for what is no currency."""
        if not is_currency(value):
            raise ValueError(f"not {CURRENCY}")

    def names(self, labels: "Labels", code: str) -> Names:
        """Return what a currency is called, by language."""
        return labels.terms.get("currencies", {}).get(code, {})


class Pairs(Naming):
    """Names pairs of another facet's values, the first leading to the second."""

    def __init__(self, facet: str, pattern: str) -> None:
        super().__init__(pattern)
        self._facet = facet

    def names(self, labels: "Labels", code: str) -> Names:
        """Return what a pair is called, by language."""
        return {language: self.shown(labels, code, language) for language in LANGUAGES}

    def shown(self, labels: "Labels", code: str, language: str | None) -> str:
        """Return what both ends are called."""
        return " → ".join(labels.label(self._facet, end, language) for end in code.split("-"))


class Decades(Naming):
    """Names decades by their years."""

    def __init__(self) -> None:
        super().__init__("^[0-9]{3}0s$")

    def shown(self, labels: "Labels", code: str, language: str | None) -> str:
        """Return the first and the last year."""
        return f"{code[:4]}–{code[:3]}9"


class Bands(Naming):
    """Names bands of sums, each in a currency."""

    def __init__(self) -> None:
        super().__init__(f"^[A-Z]{{3}}:({'|'.join(re.escape(name) for name, _ in BANDS)})$")

    def check(self, value: str) -> None:
        """Raise `ValueError` for a band in no currency."""
        if not is_currency(value[:3]):
            raise ValueError("does not begin with an ISO 4217 currency, such as 'EUR'")

    def shown(self, labels: "Labels", code: str, language: str | None) -> str:
        """Return the least sum, and the least one of the next band."""
        currency, band = code.split(":", 1)
        bounds = [name for name, _ in BANDS]
        least = BANDS[bounds.index(band)][1] if band in bounds else 0
        following = [at for _, at in BANDS if at > least]
        return f"{currency} {least:,}–{following[0]:,}" if following else f"{currency} ≥ {least:,}"


class Types(Naming):
    """Names the types of records by their declarations."""

    @property
    def fixed(self) -> tuple[str, ...]:
        """Return all types that are declared."""
        return tuple(_types())

    def names(self, labels: "Labels", code: str) -> Names:
        """Return what a type is called, by language."""
        return _types().get(code, {})


def _types() -> dict[str, Names]:
    # Imported when it is asked: the declarations themselves name their type by this.
    from services.search.types import TYPES

    return {name: type.labels for name, type in TYPES.items()}


def each_language(texts: Iterable[str]) -> Names:
    """Return labels given in the order of `LANGUAGES`."""
    return dict(zip(LANGUAGES, texts, strict=True))


@cache
def _language_names(tag: str) -> Names:
    base = tag.split("-")[0]
    names = {language: Locale(language).languages.get(base, "") for language in LANGUAGES}
    return {language: name for language, name in names.items() if name}
