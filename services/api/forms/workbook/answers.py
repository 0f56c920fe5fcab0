"""What is found in a workbook, collected sheet by sheet: answers, where each stands, and what was not taken up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from services.api.forms.catalogue import Question
from services.api.forms.inputs import Input
from services.api.forms.paths import put
from services.api.forms.workbook import values
from services.api.forms.workbook.grid import Cell, Sheet, address
from services.api.forms.workbook.questions import COVER, EXTERNAL_ID, ID, LANGUAGE, TRANSLATIONS, VERSION
from services.api.forms.workbook.sheets import Sheets
from services.api.forms.workbook.values import Unreadable
from services.api.vocabularies.terms import LANGUAGES
from services.web.problems import Fault, showable

MOST_FAULTS = 500
LONGEST_SHOWN = 60
Json = dict[str, Any]
Position = tuple[int, int]
"""Row and column, from 1."""


class CellFault(NamedTuple):
    """What could not be taken up as it stands: where, and what may stand there.

    `question` is its printed number, none where no question asks for anything; `cell` is empty where no cell is meant.
    """

    sheet: str
    cell: str
    question: str | None
    message: str
    allowed: list[str] | None = None


class Place(NamedTuple):
    """A cell of a workbook."""

    sheet: str
    cell: str


@dataclass
class Reading:
    """What a workbook says.

    `content` has the shape of the form's model, without what is empty; it may be incomplete and hold texts where a
    fault says that something else is expected, so that nothing typed is lost. `places` tells the cell of every answer
    by its path, such as `initiative.partners[2].country`.
    """

    content: Json = field(default_factory=dict)
    translations: Json = field(default_factory=dict)
    external_id: str | None = None
    id: str | None = None
    faults: list[CellFault] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)


class Answers:
    """The answers of a form while its sheets are read."""

    def __init__(self, form: Sheets) -> None:
        self._form = form
        self.asked = False
        """Whether any question was found."""
        self.formulas: list[Fault] = []
        """Formulas where a question asks for a value: what they show is nobody's answer."""
        self._faults: list[CellFault] = []
        self._values: dict[str, Any] = {}
        self._places: dict[str, Place] = {}
        self._sheet_of: dict[str, str] = {}
        self._keys: dict[str, set[str]] = {}

    @property
    def lang(self) -> str:
        """The language that the form asks in, as far as its cover was read."""
        said: str = self._values.get(LANGUAGE, "")
        return said if said in LANGUAGES else "en"

    def note(self, message: str) -> None:
        """List what stands in no cell."""
        self._faults.append(CellFault("", "", None, message))

    def fault(
        self, sheet: Sheet, at: Position, question: str | None, message: str, allowed: list[str] | None = None
    ) -> None:
        """List a cell that could not be taken up."""
        if len(self._faults) < MOST_FAULTS:
            self._faults.append(CellFault(sheet.name, address(*at), question or None, message, allowed))
        elif len(self._faults) == MOST_FAULTS:
            self.note(f"more than {MOST_FAULTS} cells could not be taken up; the others are not listed")

    def stray(self, sheet: Sheet, at: Position, cell: Cell) -> None:
        """List a cell that stands where no question asks for anything."""
        said = "a formula" if cell.kind == "formula" else f"'{showable(values.raw(cell), LONGEST_SHOWN)}'"
        self.fault(sheet, at, None, f"not taken up: no question asks for anything here ({said})")

    def begin(self, sheet: Sheet, at: Position, asked: Question) -> bool:
        """Tell whether a question is to be read here: all of its answers stand on one sheet."""
        self.asked = True
        first = self._sheet_of.setdefault(asked.path, sheet.name)
        if first != sheet.name:
            message = f"not taken up: this question is asked on sheet '{first}' already"
            self.fault(sheet, at, asked.number, message)
        return first == sheet.name

    def value(self, sheet: Sheet, at: Position, asked: Question, part: Input, cell: Cell) -> Any:
        """Return the answer in a cell, none when there is none; list the cell where it is wrong, and keep its text."""
        if cell.kind == "formula":
            message = f"a formula, where question {asked.number} asks for a value: paste it as a value"
            self.formulas.append(Fault(location="body", field=f"{sheet.name}!{address(*at)}", message=message))
            return None
        try:
            return values.answer(part, cell, self.lang)
        except Unreadable as error:
            typed = values.raw(cell)
            message = f"'{showable(typed, LONGEST_SHOWN)}': {error.message}"
            self.fault(sheet, at, asked.number, message, error.allowed)
            return None if cell.kind == "error" else typed

    def keep(self, sheet: Sheet, at: Position, asked: Question, value: Any) -> None:
        """Take up a single answer."""
        if asked.path in self._values:
            self.fault(sheet, at, asked.number, "not taken up: the question is answered above already")
            return
        self._values[asked.path] = value
        self._places[asked.path] = Place(sheet.name, address(*at))

    def append(self, sheet: Sheet, asked: Question, item: Any, parts: Mapping[str, Position]) -> None:
        """Take up one item of a list; `parts` tells where its values stand."""
        items = self._values.setdefault(asked.path, [])
        for part, at in parts.items():
            self._places[f"{asked.path}[{len(items)}]{part}"] = Place(sheet.name, address(*at))
        items.append(item)

    def is_new_key(self, asked: Question, key: str) -> bool:
        """Tell whether no row above has a key, and remember it: a row that was copied has its original's."""
        seen = self._keys.setdefault(asked.path, set())
        new = key not in seen
        seen.add(key)
        return new

    def reading(self) -> Reading:
        """Return what was found."""
        found = Reading(faults=self._faults, places=self._places)
        for path, value in self._values.items():
            if path == TRANSLATIONS:
                self._translate(found, value)
            elif self._form.asked[path].section != COVER:
                put(found.content, path, value)
        found.external_id = self._values.get(EXTERNAL_ID)
        found.id = self._values.get(ID)
        version = self._form.version
        if self._faults and self._values.get(VERSION, version) != version:
            message = f"the form is of another version, this is {version}: what is not taken up may be asked otherwise"
            self._faults.append(CellFault(*self._places[VERSION], None, message))
        return found

    def _translate(self, found: Reading, rows: list[Json]) -> None:
        for number, row in enumerate(rows):
            language, path, text = (row.get(name) for name in ("language", "field", "text"))
            place = next(self._places[f"{TRANSLATIONS}[{number}].{name}"] for name in row)
            known = self._form.asked[TRANSLATIONS].number
            if not (language and path and text):
                message = "not taken up: a translation needs language, field and text"
                self._faults.append(CellFault(*place, known, message))
            elif path in found.translations.get(language, {}):
                self._faults.append(CellFault(*place, known, f"not taken up: '{path}' is translated above already"))
            else:
                translation = {"text": text, "status": row.get("status", "human")}
                found.translations.setdefault(language, {})[path] = translation
