"""What stands on the sheets in each language: the questionnaire's wording, and the workbook's own words."""

from functools import cache
from pathlib import Path

import yaml

from services.api.forms import wording
from services.api.forms.form import Question
from services.api.forms.inputs import OF, Input
from services.api.forms.workbook.questions import COVER, PARTS, TRANSLATIONS, Part
from services.api.kit import folding
from services.api.vocabularies.terms import LANGUAGES

LONGEST_TITLE = 31
"""Characters of a sheet's name; Excel takes no more."""

_FILE = Path(__file__).parent / "words.yaml"
_NOT_IN_A_TITLE = str.maketrans("", "", r"[]:*?/\¿")
_ON_COVERS = ("title", "tier.", "sheet.", "how.", "contents", "about")


@cache
def _own() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found


def word(key: str, lang: str) -> str:
    """Return one of the workbook's own words; raise `KeyError`."""
    return _own()[key][lang]


def label(asked: Input, lang: str) -> str:
    """Return the short name of a question or of a column."""
    if (own := _own().get(asked.keys[-1])) is not None:
        return own[lang]
    return OF.join(wording.words(lang)[key].label for key in asked.keys)


def help_text(asked: Input, lang: str) -> str:
    """Return what a question or column asks for, empty when its name says it all."""
    if asked.keys[-1] in _own():
        more = _own().get(f"{asked.keys[-1]}.help")
        return more[lang] if more else ""
    return wording.words(lang)[asked.keys[-1]].help


def number(asked: Question) -> str:
    """Return the number that stands before a question, such as `6.5` or `V`, without the English words after it."""
    return asked.number.split(" ")[0]


def section(part: Part, lang: str) -> str:
    """Return the heading of a sheet."""
    if part.name in (COVER, TRANSLATIONS):
        return word(f"sheet.{part.name}", lang)
    return wording.section(part.name, lang)


def sheet_title(part: Part, lang: str) -> str:
    """Return the name of a sheet: number and title of the section, as far as a tab can show them."""
    numbered = f"{part.number} {section(part, lang)}".translate(_NOT_IN_A_TITLE).strip()
    if len(numbered) <= LONGEST_TITLE:
        return numbered
    return numbered[:LONGEST_TITLE].rsplit(" ", 1)[0]


def folded(text: str) -> str:
    """Return a text as it is compared: without regard to case, accents, kinds of space and apostrophe, and `*`."""
    return folding.folded(text.replace("’", "'").rstrip("* \n"))


@cache
def headings(kind: str) -> frozenset[str]:
    """Return a heading of the sheets (`number`, `question` or `answer`) in every language, folded."""
    return frozenset(folded(word(f"head.{kind}", lang)) for lang in LANGUAGES)


@cache
def printed() -> frozenset[str]:
    """Return what the form prints above the headings of its sheets, folded: nobody's answer."""
    own = {text for key, one in _own().items() if key.startswith(_ON_COVERS) for text in one.values()}
    titles = {section(part, lang) for part in PARTS for lang in LANGUAGES}
    return frozenset(folded(text) for text in own | titles | {part.number for part in PARTS})


@cache
def by_label() -> dict[tuple[str, str], Question]:
    """Return the questions by number and name in every language, folded: where their hidden names are lost."""
    return {
        (folded(number(asked)), folded(label(asked, lang))): asked
        for part in PARTS
        for asked in part.questions
        for lang in LANGUAGES
    }


@cache
def columns_of(asked: Question, lang: str) -> dict[str, str]:
    """Return a table's columns by their headings in every language, first in the form's own, and by their paths."""
    found = {folded(column.path): column.path for column in asked.columns}
    for other in [one for one in LANGUAGES if one != lang] + [lang]:
        found |= {folded(label(column, other)): column.path for column in asked.columns}
    return found
