"""The sheets of one form: what they ask, and what stands on them in each language."""

import hashlib
from functools import cache, cached_property

from services.api.forms.catalogue import Question
from services.api.forms.form import Form
from services.api.forms.inputs import Column, Input
from services.api.forms.workbook import words
from services.api.forms.workbook.questions import ABOUT, COVER, TRANSLATED, TRANSLATIONS, Part
from services.api.forms.workbook.words import folded
from services.api.vocabularies.terms import LANGUAGES

LONGEST_TITLE = 31
"""Characters of a sheet's name; Excel takes no more."""

_NOT_IN_A_TITLE = str.maketrans("", "", r"[]:*?/\¿")


@cache
def sheets(form: Form) -> "Sheets":
    """Return the sheets of a form, derived once."""
    return Sheets(form)


class Sheets:
    """What the workbook of a form asks and says, read off the form."""

    def __init__(self, form: Form) -> None:
        self._form = form

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The sheets in their order."""
        sections = (
            Part(name, number, tuple(asked for asked in self._form.questions if asked.section == name))
            for name, number in self._form.sections.items()
        )
        return (Part(COVER, "", ABOUT), *sections, Part(TRANSLATIONS, "T", (TRANSLATED,)))

    @cached_property
    def asked(self) -> dict[str, Question]:
        """What all sheets ask, by path."""
        return {asked.path: asked for part in self.parts for asked in part.questions}

    @cached_property
    def version(self) -> str:
        """Changes when a question, a column or the kind of one does."""
        every = self.asked.values()
        shape = [(asked.path, asked.kind, [(one.path, one.kind) for one in asked.columns]) for asked in every]
        return hashlib.sha256(repr(shape).encode()).hexdigest()[:12]

    @cached_property
    def printed(self) -> frozenset[str]:
        """What the form prints above the headings of its sheets, folded: nobody's answer."""
        said = {text for texts in words.on_covers().values() for text in texts}
        said |= {self.word(key, lang) for key in words.on_covers() for lang in LANGUAGES}
        said |= {self.heading(part, lang) for part in self.parts for lang in LANGUAGES}
        return frozenset(folded(text) for text in said | {part.number for part in self.parts})

    @cached_property
    def by_label(self) -> dict[tuple[str, str], Question]:
        """The questions by number and name in every language, folded: where their hidden names are lost."""
        return {
            (folded(number(asked)), folded(self.label(asked, lang))): asked
            for asked in self.asked.values()
            for lang in LANGUAGES
        }

    def columns_of(self, asked: Question, lang: str) -> dict[str, Column]:
        """Return a table's columns by their headings in every language, first in the form's own, and by their paths."""
        if (asked.path, lang) not in self._columns:
            found = {folded(column.path): column for column in columns(asked)}
            for other in [one for one in LANGUAGES if one != lang] + [lang]:
                found |= {folded(self.label(column, other)): column for column in columns(asked)}
            self._columns[asked.path, lang] = found
        return self._columns[asked.path, lang]

    @cached_property
    def _columns(self) -> dict[tuple[str, str], dict[str, Column]]:
        return {}

    def word(self, key: str, lang: str) -> str:
        """Return what the workbook says itself, in the form's own words where it has some; raise `KeyError`."""
        return self._form.words.about(key, lang) or words.word(key, lang)

    def label(self, asked: Input, lang: str) -> str:
        """Return the short name of a question or of a column."""
        key = asked.keys[-1]
        return self.word(key, lang) if words.has(key) else self._form.words.label(asked, lang)

    def help(self, asked: Input, lang: str) -> str:
        """Return what a question or column asks for, empty when its name says it all."""
        key = asked.keys[-1]
        if words.has(key):
            return self.word(f"{key}.help", lang) if words.has(f"{key}.help") else ""
        return self._form.words.help(asked, lang)

    def heading(self, part: Part, lang: str) -> str:
        """Return the heading of a sheet."""
        if part.name in (COVER, TRANSLATIONS):
            return self.word(f"sheet.{part.name}", lang)
        return self._form.words.section(part.name, lang)

    def title(self, part: Part, lang: str) -> str:
        """Return the name of a sheet: number and title of the section, as far as a tab can show them."""
        numbered = f"{part.number} {self.heading(part, lang)}".translate(_NOT_IN_A_TITLE).strip()
        if len(numbered) <= LONGEST_TITLE:
            return numbered
        return numbered[:LONGEST_TITLE].rsplit(" ", 1)[0]


def columns(asked: Question) -> list[Column]:
    """Return the columns that a table shows: the key of a row stands in the hidden first column of the sheet."""
    return [column for column in asked.columns if column.kind != "key"]


def number(asked: Question) -> str:
    """Return the number that stands before a question, such as `6.5` or `V`, without the English words after it."""
    return asked.number.split(" ")[0]
