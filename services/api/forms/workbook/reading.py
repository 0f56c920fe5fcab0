"""Reads a filled form back, whatever became of it on the way: moved, retyped, in another language, with notes."""

from typing import NamedTuple

from services.api.forms.catalogue import Question
from services.api.forms.form import Form
from services.api.forms.inputs import Column
from services.api.forms.paths import KEY, Key, put, steps, written
from services.api.forms.workbook import values, words
from services.api.forms.workbook.answers import LONGEST_SHOWN, Answers, Json, Position, Reading
from services.api.forms.workbook.grid import Cell, Sheet, read_sheets
from services.api.forms.workbook.questions import COVER, LISTS, MARK
from services.api.forms.workbook.sheets import Sheets, columns, sheets
from services.web.problems import Fault, Invalid, showable

_MOST_FORMULAS = 100


def read(form: Form, data: bytes) -> Reading:
    """Return what a filled workbook of a form says; raise `Invalid` or `TooLarge` for none, or a dangerous one."""
    filled, beside = read_sheets(data)
    marked = [(_marked(sheet), sheet) for sheet in filled]
    # The cover comes first wherever it was moved to: it says in which language the form asks.
    marked.sort(key=lambda one: one[0] is None or one[0].part != COVER)
    answers = Answers(sheets(form))
    for mark, sheet in marked:
        if mark is None or mark.part != LISTS:
            _SheetReader(sheets(form), answers, sheet, mark).read()
    if not answers.asked:
        message = "no sheet of this workbook is one of the form's: its headings and its hidden first column are missing"
        raise Invalid([Fault(location="body", field="workbook", message=message)])
    if answers.formulas:
        raise Invalid(answers.formulas[:_MOST_FORMULAS])
    for said in beside:
        answers.note(f"the workbook holds {said}, which are not read")
    return answers.reading()


class _Mark(NamedTuple):
    """Where a sheet says which part of the form it is: the row of headings, and the column of hidden names."""

    part: str
    row: int
    column: int


def _marked(sheet: Sheet) -> _Mark | None:
    for (row, column), cell in sorted(sheet.cells.items()):
        if cell.kind == "text" and str(cell.value).strip().startswith(MARK):
            return _Mark(str(cell.value).strip().removeprefix(MARK), row, column)
    return None


class _SheetReader:
    """Reads a sheet from the top: a question begins at its hidden name, or at its number and wording, and goes on
    until the next one."""

    def __init__(self, form: Sheets, answers: Answers, sheet: Sheet, mark: _Mark | None) -> None:
        self._form = form
        self._answers = answers
        self._sheet = sheet
        self._mark = mark
        self._head = mark.row if mark else 0
        name = mark.column if mark else 0
        self._number, self._wording, self._answer = name + 1, name + 2, name + 3
        self._asked: Question | None = None
        self._columns: dict[int, Column] = {}
        self._loose: dict[Position, Cell] = {}

    def read(self) -> None:
        """Read all rows, and list what belongs to no question."""
        asks = self._mark is not None
        for row, cells in self._sheet.rows():
            if self._is_head(row, cells):
                self._take_head(row, cells)
            elif found := self._question(cells):
                asks = True
                asked, used = found
                rest = {column: cell for column, cell in cells.items() if column not in used}
                self._begin(row, min(used), asked, rest)
            else:
                key, rest = self._without_key(cells)
                self._take(row, self._without_name(row, rest), key)
        loose = {at: cell for at, cell in self._loose.items() if not self._is_printed(at, cell)}
        if asks:
            for at, cell in loose.items():
                self._answers.stray(self._sheet, at, cell)
        elif loose:
            message = f"not taken up: this sheet is none of the form's; it has {len(loose)} filled cells"
            self._answers.fault(self._sheet, min(loose), None, message)

    def _is_printed(self, at: Position, cell: Cell) -> bool:
        """Tell whether the form itself says this above its questions."""
        above = at[0] < self._head or not self._head
        return above and cell.kind == "text" and words.folded(str(cell.value)) in self._form.printed

    def _is_head(self, row: int, cells: dict[int, Cell]) -> bool:
        if self._mark:
            return row == self._mark.row
        texts = {words.folded(str(cell.value)) for cell in cells.values() if cell.kind == "text"}
        return all(not texts.isdisjoint(words.headings(kind)) for kind in ("question", "answer"))

    def _take_head(self, row: int, cells: dict[int, Cell]) -> None:
        self._head = row
        for column, cell in cells.items():
            text = words.folded(str(cell.value)) if cell.kind == "text" else ""
            if text in words.headings("answer"):
                self._answer = column
            elif text in words.headings("number"):
                self._number = column
            elif text in words.headings("question"):
                self._wording = column
            elif not self._mark or column != self._mark.column:
                self._loose[row, column] = cell

    def _question(self, cells: dict[int, Cell]) -> tuple[Question, set[int]] | None:
        """Return the question that begins in a row, and the columns of its name, number and wording."""
        used = {self._number, self._wording} & cells.keys()
        if self._mark and (name := cells.get(self._mark.column)) and (asked := self._form.asked.get(values.raw(name))):
            return asked, {self._mark.column} | used
        number, wording = cells.get(self._number), cells.get(self._wording)
        asked = self._form.by_label.get(_pair(values.raw(number), values.raw(wording))) if number and wording else None
        return (asked, used) if asked else None

    def _without_key(self, cells: dict[int, Cell]) -> tuple[str | None, dict[int, Cell]]:
        """Return the key of a row, none where it has none, and its other cells."""
        if self._mark is None or self._asked is None or not self._asked.keyed or self._mark.column not in cells:
            return None, cells
        said = values.raw(cells[self._mark.column])
        way = steps(said)
        if len(way) != 1 or not isinstance(way[0], Key) or written(way) != said:
            return None, cells
        return way[0], {column: cell for column, cell in cells.items() if column != self._mark.column}

    def _without_name(self, row: int, cells: dict[int, Cell]) -> dict[int, Cell]:
        if self._mark is None or self._mark.column not in cells:
            return cells
        column = self._mark.column
        typed = showable(values.raw(cells[column]), LONGEST_SHOWN)
        message = f"'{typed}' in the hidden column is none of this form's questions"
        self._answers.fault(self._sheet, (row, column), None, message)
        return {other: cell for other, cell in cells.items() if other != column}

    def _begin(self, row: int, first: int, asked: Question, rest: dict[int, Cell]) -> None:
        self._asked = asked if self._answers.begin(self._sheet, (row, first), asked) else None
        if asked.kind == "rows":
            self._take_columns(row, rest, asked)
        else:
            self._take(row, rest)

    def _take_columns(self, row: int, cells: dict[int, Cell], asked: Question) -> None:
        known = self._form.columns_of(asked, self._answers.lang)
        self._columns = {}
        for column, cell in cells.items():
            typed = values.raw(cell)
            part = known.get(words.folded(typed.split("\n")[0]))
            said = f"'{showable(typed, LONGEST_SHOWN)}'"
            if part is None:
                allowed = [self._form.label(one, self._answers.lang) for one in columns(asked)]
                self._answers.fault(self._sheet, (row, column), asked.number, f"{said} is no column here", allowed)
            elif part in self._columns.values():
                self._answers.fault(self._sheet, (row, column), asked.number, f"{said} is a column here already")
            else:
                self._columns[column] = part

    def _take(self, row: int, cells: dict[int, Cell], key: str | None = None) -> None:
        """Take up the answers of a row."""
        asked = self._asked
        if asked is not None and asked.kind == "rows":
            self._take_item(row, cells, asked, key)
            used = set(self._columns)
        elif asked is not None:
            if self._answer in cells:
                self._take_answer((row, self._answer), cells[self._answer], asked)
            used = {self._answer}
        else:
            used = set()
        self._loose |= {(row, column): cell for column, cell in cells.items() if column not in used}

    def _take_answer(self, at: Position, cell: Cell, asked: Question) -> None:
        value = self._answers.value(self._sheet, at, asked, asked, cell)
        if value is None:
            return
        if asked.kind in ("texts", "codes"):
            for item in value if isinstance(value, list) else [value]:
                self._answers.append(self._sheet, asked, item, {"": at})
        else:
            self._answers.keep(self._sheet, at, asked, value)

    def _take_item(self, row: int, cells: dict[int, Cell], asked: Question, key: str | None) -> None:
        item: Json = {}
        parts: dict[str, Position] = {}
        for column, part in self._columns.items():
            cell = cells.get(column)
            value = self._answers.value(self._sheet, (row, column), asked, part, cell) if cell else None
            if value is not None:
                put(item, part.path, value)
                parts[f".{part.path}"] = (row, column)
        if item and key and self._mark and self._answers.is_new_key(asked, key):
            item[KEY] = str(key)
            parts[f".{KEY}"] = (row, self._mark.column)
        if item:
            self._answers.append(self._sheet, asked, item, parts)


def _pair(number: str, wording: str) -> tuple[str, str]:
    return words.folded(number), words.folded(wording.split("\n")[0])
