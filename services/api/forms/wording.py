"""What a form's sections, questions, columns and rules are called: in English in the model, else in files.

A language that there is none of falls to its base (`es-MX` to `es`), else to English.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from services.api.forms.catalogue import Question
from services.api.forms.inputs import OF, Input
from services.api.forms.rules import Rule
from services.api.vocabularies.terms import spoken


class Words(NamedTuple):
    """What a question or a column is called, in short, and what it asks for."""

    label: str
    help: str


class Wording:
    """The words of one form."""

    def __init__(self, folder: Path, questions: Sequence[Question], rules: Sequence[Rule]) -> None:
        self._folder = folder
        self._questions = questions
        self._rules = rules
        self._of: dict[str, dict[str, Words]] = {}

    def label(self, asked: Input, lang: str = "en") -> str:
        """Return the short name of a question or a column; of a value in a part of a row, with the part's before it."""
        return OF.join(self.of(spoken(lang))[key].label for key in asked.keys)

    def help(self, asked: Input, lang: str = "en") -> str:
        """Return what a question or a column asks for."""
        return self.of(spoken(lang))[asked.keys[-1]].help

    def section(self, name: str, lang: str = "en") -> str:
        """Return the title of a section; raises `KeyError` for an unknown one."""
        return self.titles[name][spoken(lang)]

    def rule(self, name: str, lang: str = "en") -> str:
        """Return what a rule between answers says; raises `KeyError` for an unknown one."""
        return self.rules(spoken(lang))[name]

    def about(self, name: str, lang: str = "en") -> str | None:
        """Return what is said of the form itself, such as its `title`; none where nothing is."""
        found = self.form.get(name)
        return found[spoken(lang)] if found else None

    @cached_property
    def form(self) -> dict[str, dict[str, str]]:
        """What is said of the form itself, in place of what is said of any: name -> language -> text."""
        found: dict[str, dict[str, str]] = self._read("form") if (self._folder / "form.yaml").exists() else {}
        return found

    @cached_property
    def titles(self) -> dict[str, dict[str, str]]:
        """The titles of the sections: name -> language -> title."""
        found: dict[str, dict[str, str]] = self._read("sections")
        return found

    def of(self, lang: str) -> dict[str, Words]:
        """Return the words of one of the languages by the keys of questions, columns and parts."""
        if lang not in self._of:
            self._of[lang] = dict(self._english() if lang == "en" else self._translated(lang))
        return self._of[lang]

    def rules(self, lang: str) -> dict[str, str]:
        """Return what the rules say in one of the languages, by name."""
        if lang == "en":
            return {rule.name: rule.says for rule in self._rules}
        found: dict[str, str] = self._read(lang).get("rules", {})
        return found

    def _english(self) -> Iterator[tuple[str, Words]]:
        for asked in self._questions:
            for one in (asked, *asked.columns):
                names = one.label.split(OF)
                yield from ((key, Words(name, one.help)) for key, name in zip(one.keys, names, strict=True))

    def _translated(self, lang: str) -> Iterator[tuple[str, Words]]:
        printed = self._read(lang)
        for group in ("questions", "columns"):
            yield from ((key, Words(**found)) for key, found in printed.get(group, {}).items())

    def _read(self, name: str) -> Any:
        return yaml.safe_load((self._folder / f"{name}.yaml").read_text(encoding="utf-8"))
