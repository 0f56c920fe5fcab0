"""Codes as people write them: a label in any of the form's languages, or the code itself."""

from functools import cache

from babel import Locale

from services.api.forms.workbook.words import folded
from services.api.kit.schema import language_codes
from services.api.vocabularies.terms import LANGUAGES, vocabularies

OF_LANGUAGES = "languages"
"""Not a vocabulary of the questionnaire: a language tag may be anything well formed; the common ones have names."""

_SORTED = frozenset((OF_LANGUAGES, "countries", "regions"))


@cache
def _terms(vocabulary: str) -> dict[str, dict[str, str]]:
    """Return code -> language -> label, as the form shows it."""
    if vocabulary == OF_LANGUAGES:
        names = {lang: Locale(lang).languages for lang in LANGUAGES}
        common = [
            code for code in sorted(language_codes()) if len(code) == 2 and all(code in one for one in names.values())
        ]
        return {code: {lang: _capital(names[lang][code]) for lang in LANGUAGES} for code in common}
    known = vocabularies()[vocabulary]
    if vocabulary == "currencies":  # beside a sum people write the code; names are read all the same
        return {code: dict.fromkeys(LANGUAGES, code) for code in known}
    if vocabulary == "regions":
        return known
    return {code: {lang: _numbered(code, text) for lang, text in labels.items()} for code, labels in known.items()}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _numbered(code: str, text: str) -> str:
    """Goals and objectives are known by their numbers."""
    return f"{code}. {text}" if code.isdecimal() else text


@cache
def labels(vocabulary: str, lang: str) -> tuple[str, ...]:
    """Return what a list offers to choose from, in its order."""
    shown = [one[lang] for one in _terms(vocabulary).values()]
    return tuple(sorted(shown, key=folded) if vocabulary in _SORTED else shown)


def label(vocabulary: str, code: object, lang: str) -> str | None:
    """Return what the form shows for a code, none for an unknown one."""
    known = _terms(vocabulary).get(code) if isinstance(code, str) else None
    return known[lang] if known else None


@cache
def _written(vocabulary: str) -> dict[str, set[tuple[str, str]]]:
    """Return the codes, and the languages that call them so, by everything that they may be written as."""
    found: dict[str, set[tuple[str, str]]] = {}
    plain = vocabularies().get(vocabulary, {})
    for code, shown in _terms(vocabulary).items():
        found.setdefault(folded(code), set()).add(("", code))
        for lang in LANGUAGES:
            for text in {shown[lang], plain.get(code, shown)[lang]}:
                found.setdefault(folded(text), set()).add((lang, code))
    return found


def code_of(vocabulary: str, text: str, lang: str) -> str | None:
    """Return the code that a text means, first in a form's own language; none when it means none or several."""
    candidates = _written(vocabulary).get(folded(text).rstrip("."), set())
    for among in ({code for by, code in candidates if by in (lang, "")}, {code for _, code in candidates}):
        if len(among) == 1:
            return among.pop()
    return None
