"""The thesaurus at the desk: which concepts a list shows, a concept as a form has it and as the api takes it. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.portal.upstream import Json

LANGUAGES = ("en", "es", "fr", "it", "de", "pt", "ar", "ro", "sq")
"""Languages that a form has fields for, whether a concept has words in them or not."""


@dataclass
class Typed:
    """A concept as a form has it: texts, right or wrong."""

    code: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    """By language, one word a line."""
    broader: list[str] = field(default_factory=list)
    related: list[str] = field(default_factory=list)
    language: str = ""
    """A further language, whose words stand under the empty one until it is known."""

    @classmethod
    def of(cls, term: Json) -> "Typed":
        """Return a concept as a form shows it first."""
        others = {language: "\n".join(words) for language, words in term["alternatives"].items()}
        return cls(term["code"], dict(term["labels"]), others, list(term["broader"]), list(term["related"]))

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]]) -> "Typed":
        """Return what was sent by a form."""
        typed = cls()
        for name, value in pairs:
            what, _, language = name.partition("-")
            if name == "code":
                typed.code = value.strip()
            elif name == "language":
                typed.language = value.strip()
            elif what == "label":
                typed.labels[language] = value.strip()
            elif what == "others":
                typed.others[language] = value
            elif name in ("broader", "related") and value.strip():
                getattr(typed, name).append(value.strip())
        return typed

    @property
    def languages(self) -> list[str]:
        """The languages that the form has fields for."""
        further = sorted({*self.labels, *self.others} - {*LANGUAGES, ""})
        return [*LANGUAGES, *further]

    @property
    def body(self) -> Json:
        """The concept as the api takes it."""
        tags = {language: language or self.language for language in (*self.languages, "")}
        others = {tags[language]: _lines(self.others.get(language, "")) for language in tags}
        return {
            "labels": {tag: self.labels[language] for language, tag in tags.items() if self.labels.get(language)},
            "alternatives": {tag: words for tag, words in others.items() if words},
            "broader": self.broader,
            "related": self.related,
        }


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def name(labels: Mapping[str, str], lang: str) -> tuple[str, str]:
    """Return a language and the preferred word in it: the reader's own, else English, else the first there is."""
    language = next((tag for tag in (lang, "en", *labels) if tag in labels), "")
    return language, labels.get(language, "")


def having(terms: Sequence[Json], q: str, language: str) -> list[Json]:
    """Return the concepts that have words in a language, if one is named, one of which or the code holds a text."""
    wanted = _plain(q)
    return [
        term
        for term in terms
        if (not language or language in term["labels"] or language in term["alternatives"])
        and (not wanted or any(wanted in _plain(word) for word in [term["code"], *_words(term, language)]))
    ]


def _words(term: Json, language: str) -> Iterable[str]:
    for tag, label in term["labels"].items():
        if language in ("", tag):
            yield label
    for tag, words in term["alternatives"].items():
        if language in ("", tag):
            yield from words


def _plain(text: str) -> str:
    """Return a text without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).strip()
