"""Writes the form as a workbook, empty or filled with a record."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from services.api.forms.catalogue import Extent, Question
from services.api.forms.form import Form
from services.api.forms.paths import value_at
from services.api.forms.workbook import styles
from services.api.forms.workbook.asking import ANSWER, NUMBER, QUESTION, Asking, Json, put
from services.api.forms.workbook.choosing import Choosing
from services.api.forms.workbook.questions import (
    COVER,
    EXTENT,
    EXTERNAL_ID,
    ID,
    LANGUAGE,
    TRANSLATIONS,
    VERSION,
    Part,
)
from services.api.forms.workbook.sheets import Sheets, sheets

_ACROSS = styles.NUMBER_WIDTH + styles.QUESTION_WIDTH + styles.ANSWER_WIDTH
_ADVICE = [f"how.{number}" for number in range(1, 8)]


def write(
    form: Form,
    content: Json | None,
    lang: str,
    *,
    translations: Mapping[str, Mapping[str, Json]] | None = None,
    external_id: str | None = None,
    id: str | None = None,
    extent: Extent = "full",
) -> bytes:
    """Return a form in a language (en, es, fr or it) as an xlsx file, filled with a content where one is given.

    The short form asks only what it must, and shows what is answered beyond it. An empty form says
    that the record will be in the form's language and that an authority submits it. Raises `Invalid` for a text that
    is too long for a cell.
    """
    begun = {"language": lang, "provenance": {"kind": "submitted"}} if content is None else content
    its = sheets(form)
    answers = {path: value_at(begun, path) for path in its.asked}
    answers[TRANSLATIONS] = [
        {"language": language, "field": path, **one}
        for language, fields in (translations or {}).items()
        for path, one in fields.items()
    ]
    about = {LANGUAGE: lang, EXTENT: its.word(f"extent.{extent}", lang), VERSION: its.version}
    return _Form(its, lang, extent, answers | about | {ID: id, EXTERNAL_ID: external_id}).saved()


class _Form:
    """The workbook while it is written."""

    def __init__(self, form: Sheets, lang: str, extent: Extent, answers: dict[str, Any]) -> None:
        self._form = form
        self._lang = lang
        self._extent = extent
        self._answers = answers
        self._book = Workbook()
        self._book.remove(self._book.worksheets[0])
        styles.install(self._book)
        choosing = Choosing(form, lang)
        parts = {part: [asked for asked in part.questions if self._asks(asked)] for part in form.parts}
        shown = [part for part, questions in parts.items() if questions]
        for part in shown:
            sheet: Worksheet = self._book.create_sheet(form.title(part, lang))
            asking = Asking(form, sheet, lang, choosing)
            asking.head(self._introduce(sheet, shown) if part.name == COVER else self._title(sheet, part), part.name)
            for asked in parts[part]:
                asking.ask(asked, answers[asked.path])
            footer = form.word("page", lang).format(page="&P", pages="&N")
            styles.set_up_page(sheet, footer, across=asking.finish(), down=1 if part.name == COVER else 0)
        choosing.add_lists(self._book)

    def saved(self) -> bytes:
        """Return the file."""
        file = BytesIO()
        self._book.save(file)
        return file.getvalue()

    def _asks(self, asked: Question) -> bool:
        asks = self._extent == "full" or asked.extent == self._extent
        return asks or self._answers[asked.path] not in (None, "", [], {})

    def _title(self, sheet: Worksheet, part: Part) -> int:
        """Write a section's title; return the row of the headings, which stay in sight."""
        put(sheet, 1, NUMBER, self._form.heading(part, self._lang), styles.TITLE)
        sheet.row_dimensions[1].height = styles.TITLE_HEIGHT
        sheet.freeze_panes = sheet.cell(3, ANSWER).coordinate
        sheet.print_title_rows = "2:2"
        sheet.print_title_cols = "B:C"
        return 2

    def _introduce(self, sheet: Worksheet, parts: list[Part]) -> int:
        """Write what this is, how it is filled in and what is where; return the row of the headings below."""
        put(sheet, 1, NUMBER, self._form.word("title", self._lang), styles.TITLE)
        put(sheet, 2, NUMBER, self._form.word(f"extent.{self._extent}", self._lang), styles.SUBTITLE)
        put(sheet, 4, NUMBER, self._form.word("how.title", self._lang), styles.SUBTITLE)
        row = 4
        for row, key in enumerate(_ADVICE, 5):
            text = self._form.word(key, self._lang)
            put(sheet, row, NUMBER, text, styles.LINE)
            sheet.merge_cells(start_row=row, end_row=row, start_column=NUMBER, end_column=ANSWER)
            styles.fit(sheet, row, styles.lines_of(text, _ACROSS))
        put(sheet, row + 2, NUMBER, self._form.word("contents", self._lang), styles.SUBTITLE)
        first = row + 3
        for row, part in enumerate(parts[1:], first):
            early = any(asked.extent == "short" for asked in part.questions)
            put(sheet, row, NUMBER, part.number, styles.EARLY if early else styles.LATE)
            put(sheet, row, QUESTION, self._form.heading(part, self._lang), styles.LINK)
            place = f"{quote_sheetname(self._form.title(part, self._lang))}!A1"
            cell = sheet.cell(row, QUESTION)
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=place)
        put(sheet, row + 2, NUMBER, self._form.word("about", self._lang), styles.SUBTITLE)
        sheet.row_dimensions[1].height = styles.TITLE_HEIGHT
        return row + 3
