"""Writes questions on a sheet: number, wording, and framed cells for the answers; tables where a list has columns."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from services.api.forms.catalogue import Question
from services.api.forms.inputs import Input
from services.api.forms.paths import Key, is_key, key_of, value_at, written
from services.api.forms.workbook import styles
from services.api.forms.workbook.choosing import Choosing
from services.api.forms.workbook.grid import LONGEST_CELL
from services.api.forms.workbook.questions import COVER, EXTERNAL_ID, MARK
from services.api.forms.workbook.sheets import Sheets, columns, number
from services.api.forms.workbook.values import shown
from services.web.problems import Fault, Invalid

NAME, NUMBER, QUESTION, ANSWER = 1, 2, 3, 4
"""Columns of a sheet: the hidden name of a question or key of a row, number, wording, and the first of the answers."""
SPARE = 4
"""Empty lines below what a list holds."""

Json = Mapping[str, Any]
_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONE = re.compile("[\ud800-\udfff]")


def put(sheet: Worksheet, row: int, column: int, value: str | int | float | None, style: str) -> None:
    """Write a cell; a text is never a formula, whatever it begins with."""
    cell = sheet.cell(row, column)
    cell.style = style
    if value is not None:
        cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"


class Asking:
    """The questions of one sheet, while they are written from the top."""

    def __init__(self, form: Sheets, sheet: Worksheet, lang: str, choosing: Choosing) -> None:
        self._form = form
        self._sheet = sheet
        self._lang = lang
        self._choosing = choosing
        self._widths = {NUMBER: styles.NUMBER_WIDTH, QUESTION: styles.QUESTION_WIDTH}
        self._row = self._head = 0
        self._texts: list[tuple[int, int, str]] = []
        choosing.begin(sheet)

    def head(self, row: int, part: str) -> None:
        """Write the headings, and the hidden mark that says which sheet this is."""
        put(self._sheet, row, NAME, f"{MARK}{part}", styles.LINE)
        for column, kind in ((NUMBER, "number"), (QUESTION, "question"), (ANSWER, "answer")):
            put(self._sheet, row, column, self._form.word(f"head.{kind}", self._lang), styles.HEADING)
        self._row = self._head = row

    def ask(self, asked: Question, value: Any) -> None:
        """Write a question and its answer below what is there, and leave a gap."""
        row = self._row + 1
        put(self._sheet, row, NAME, asked.path, styles.LINE)
        put(self._sheet, row, NUMBER, number(asked), styles.EARLY if _early(asked) else styles.LATE)
        self._word(row, asked)
        if asked.kind == "rows":
            self._table(asked, row, _listed(value))
        elif asked.kind in ("texts", "codes"):
            self._column(asked, asked, row, ANSWER, _listed(value), "")
        else:
            self._fill(asked, asked, row, ANSWER, value, asked.path)
            if asked.kind == "long-text" and not value:
                self._texts.append((row, ANSWER, "\n" * (styles.ROOM - 1)))
            if asked.section != COVER:
                self._choosing.offer(asked, row, row, ANSWER)
            self._row = row
        if asked.kind != "rows":
            self._widths[ANSWER] = max(self._widths.get(ANSWER, 0), styles.ANSWER_WIDTH)
        if asked.section != COVER:
            self._row += 1
            self._sheet.row_dimensions[self._row].height = styles.GAP_HEIGHT

    def finish(self) -> int:
        """Fit columns and rows to what stands in them; return how many pages across the sheet takes in print."""
        columns = len(self._widths) - 2
        if columns > styles.TABLES:
            self._widths[ANSWER] = min(self._widths[ANSWER], styles.BESIDE_TABLES)
        for column, width in self._widths.items():
            self._sheet.column_dimensions[get_column_letter(column)].width = width
            if column > ANSWER:
                put(self._sheet, self._head, column, None, styles.HEADING)
        self._sheet.column_dimensions[get_column_letter(NAME)].hidden = True
        lines: dict[int, int] = {}
        for row, column, text in self._texts:
            lines[row] = max(lines.get(row, 1), styles.lines_of(text, self._widths[column]))
        for row, count in lines.items():
            styles.fit(self._sheet, row, count)
        return 2 if columns > styles.WIDE else 1

    def _word(self, row: int, asked: Question) -> None:
        label, more = self._form.label(asked, self._lang), self._form.help(asked, self._lang)
        cell = self._sheet.cell(row, QUESTION)
        cell.value = styles.asked(label, more, required=asked.required)
        cell.style = styles.QUESTION
        self._texts.append((row, QUESTION, f"{label}\n{more}" if more else label))

    def _table(self, asked: Question, row: int, items: Sequence[Any]) -> None:
        if asked.keyed:
            self._name_rows(row + 1, items)
        for column, part in enumerate(columns(asked), ANSWER):
            name = self._form.label(part, self._lang) + (" *" if part.required else "")
            put(self._sheet, row, column, name, styles.COLUMN)
            self._texts.append((row, column, name))
            self._widths[column] = max(self._widths.get(column, 0), styles.WIDTHS[part.kind])
            parts = [_part(item, part.path, first=column == ANSWER) for item in items]
            self._column(asked, part, row + 1, column, parts, f".{part.path}")

    def _name_rows(self, first: int, items: Sequence[Any]) -> None:
        for row, key in enumerate(map(key_of, items), first):
            if isinstance(key, str) and is_key(key):
                put(self._sheet, row, NAME, written([Key(key)]), styles.LINE)

    def _column(self, asked: Question, part: Input, row: int, column: int, items: Sequence[Any], path: str) -> None:
        lines = max(1, len(items), min(len(items) + SPARE, asked.most))
        for line in range(lines):
            item = items[line] if line < len(items) else None
            self._fill(asked, part, row + line, column, item, f"{asked.path}[{line}]{path}")
        self._row = row + lines - 1
        self._choosing.offer(part, row, self._row, column)

    def _fill(self, asked: Question, part: Input, row: int, column: int, value: Any, place: str) -> None:
        seen = shown(part, value, self._lang)
        if isinstance(seen, str) and len(seen := escaped(seen)) > LONGEST_CELL:
            message = f"too long for a cell of a workbook, which holds {LONGEST_CELL} characters"
            raise Invalid([Fault(location="content", field=place, message=message)])
        put(self._sheet, row, column, seen, _style(asked, part))
        if isinstance(seen, str):
            self._texts.append((row, column, seen))


def _listed(value: Any) -> list[Any]:
    """Return the items of a list; a draft may hold anything else in its place, which is shown as the only item."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _part(item: Any, path: str, *, first: bool) -> Any:
    """Return a value of a row; what is no row is shown in its first column."""
    return value_at(item, path) if isinstance(item, Mapping) else item if first else None


def _early(asked: Question) -> bool:
    return asked.extent == "short" and asked.section != COVER


def _style(asked: Question, part: Input) -> str:
    if asked.section == COVER and asked.path != EXTERNAL_ID:
        return styles.GIVEN
    return styles.answer_style(_early(asked), part.kind in ("integer", "number"))


def escaped(text: str) -> str:
    """Return a text as a workbook holds it: characters that XML has not are written `_x000B_`."""
    text = _LONE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
