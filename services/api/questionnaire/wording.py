"""The questionnaire's words: English stands in the model, other languages in the files beside this one.

A language that there is none of falls to its base (`es-MX` to `es`), else to English.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from services.api.questionnaire.catalogue import QUESTIONS, column, question
from services.api.questionnaire.inputs import OF, Input
from services.api.questionnaire.rules import RULES
from services.api.vocabularies.terms import LANGUAGES

_FOLDER = Path(__file__).parent / "wording"


class Words(NamedTuple):
    """What a question or a column is called, in short, and what it asks for."""

    label: str
    help: str


def label(path: str, lang: str = "en") -> str:
    """Return the short name of what a path such as `how.results[0]` or `initiative.budget[0].currency` lies in.

    Of a value in a part of a row it names the part first: `Sum – Currency`. Raises `KeyError` for what is no question.
    """
    return OF.join(words(spoken(lang))[key].label for key in _asked(path).keys)


def help(path: str, lang: str = "en") -> str:
    """Return what is asked for at a path; raises `KeyError` for a path in no question."""
    return words(spoken(lang))[_asked(path).keys[-1]].help


def section(name: str, lang: str = "en") -> str:
    """Return the title of a section; raises `KeyError` for an unknown one."""
    return titles()[name][spoken(lang)]


def rule(name: str, lang: str = "en") -> str:
    """Return what a rule between answers says; raises `KeyError` for an unknown one."""
    return rules(spoken(lang))[name]


def spoken(lang: str) -> str:
    """Return the language that a wish for a language is answered in."""
    return next((tag for tag in (lang, lang.split("-")[0]) if tag in LANGUAGES), "en")


def _asked(path: str) -> Input:
    asked = question(path)
    try:
        return column(path)
    except KeyError:
        return asked


@cache
def titles() -> dict[str, dict[str, str]]:
    """Return the titles of the sections: name -> language -> title."""
    found: dict[str, dict[str, str]] = _read("sections")
    return found


@cache
def words(lang: str) -> dict[str, Words]:
    """Return the words of one of the languages by the keys of questions, columns and parts."""
    if lang == "en":
        return dict(_english())
    printed = _read(lang)
    return {key: Words(**found) for group in ("questions", "columns") for key, found in printed[group].items()}


@cache
def rules(lang: str) -> dict[str, str]:
    """Return what the rules say in one of the languages, by name."""
    if lang == "en":
        return {rule.name: rule.says for rule in RULES}
    found: dict[str, str] = _read(lang)["rules"]
    return found


def _english() -> Iterator[tuple[str, Words]]:
    for asked in QUESTIONS:
        for one in (asked, *asked.columns):
            names = one.label.split(OF)
            yield from ((key, Words(name, one.help)) for key, name in zip(one.keys, names, strict=True))


def _read(name: str) -> Any:
    return yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
