"""Drop-downs and hints of the cells to be filled in; the lists they offer stand on a hidden sheet."""

from typing import Literal

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from services.api.forms.catalogue import Question
from services.api.forms.inputs import Input
from services.api.forms.workbook import terms
from services.api.forms.workbook.questions import LISTS, MARK
from services.api.forms.workbook.sheets import Sheets
from services.api.forms.workbook.values import vocabulary_of

_YES_NO = "yes-no"
_TITLE = "Lists"
_LONGEST = 250


def _several(asked: Input) -> bool:
    """Tell whether one cell holds several codes: a question that asks for codes has a line for each."""
    return asked.kind == "codes" and not isinstance(asked, Question)


class Choosing:
    """What a form offers to choose from, collected while its sheets are written."""

    def __init__(self, form: Sheets, lang: str) -> None:
        self._form = form
        self._lang = lang
        self._columns: dict[str, tuple[int, tuple[str, ...]]] = {}
        self._sheet: Worksheet | None = None
        self._made: dict[tuple[object, ...], DataValidation] = {}

    def begin(self, sheet: Worksheet) -> None:
        """Go on with another sheet."""
        self._sheet = sheet
        self._made = {}

    def offer(self, asked: Input, first: int, last: int, column: int) -> None:
        """Say for the cells of a column what may stand in them."""
        assert self._sheet is not None  # noqa: S101 - `begin` comes first
        hint = self._hint(asked)
        key = (asked.kind, asked.vocabulary, asked.longest, asked.minimum, asked.maximum, hint)
        if key not in self._made:
            self._made[key] = self._validation(asked, hint)
            self._sheet.add_data_validation(self._made[key])
        letter = get_column_letter(column)
        self._made[key].add(f"{letter}{first}:{letter}{last}")

    def add_lists(self, workbook: Workbook) -> None:
        """Write the hidden sheet."""
        sheet = workbook.create_sheet(_TITLE)
        sheet.sheet_state = "hidden"
        sheet.cell(1, 1).value = f"{MARK}{LISTS}"
        for name, (column, shown) in self._columns.items():
            for row, text in enumerate([name, *shown], 1):
                cell = sheet.cell(row, column)
                cell.value = text
                cell.data_type = "s"

    def _validation(self, asked: Input, hint: str) -> DataValidation:
        vocabulary = _YES_NO if asked.kind == "yes-no" else vocabulary_of(asked)
        if vocabulary:
            made = self._list(asked, vocabulary)
        elif asked.kind in ("integer", "number"):
            made = self._figures(asked)
        elif asked.longest and asked.kind != "date":
            made = DataValidation(type="textLength", operator="lessThanOrEqual", formula1=str(asked.longest))
            made.error = self._form_of(asked)
        else:
            made = DataValidation(type=None)
        made.allow_blank = True
        made.showErrorMessage = bool(made.error)
        made.prompt = hint or None
        made.showInputMessage = bool(made.prompt)
        return made

    def _list(self, asked: Input, vocabulary: str) -> DataValidation:
        made = DataValidation(type="list", formula1=self._range(vocabulary))
        if not _several(asked) and asked.kind != "language":
            made.errorStyle = "warning"  # codes and the labels of other languages are understood too
            made.error = self._form.word("error.list", self._lang)
        return made

    def _figures(self, asked: Input) -> DataValidation:
        least, most = asked.minimum, asked.maximum
        kind: Literal["whole", "decimal"] = "whole" if asked.kind == "integer" else "decimal"
        if least is None:
            return DataValidation(type=None)
        if most is None:
            made = DataValidation(type=kind, operator="greaterThanOrEqual", formula1=f"{least:.0f}")
            made.error = self._form.word("error.least", self._lang).format(least=f"{least:.0f}")
        else:
            made = DataValidation(type=kind, operator="between", formula1=f"{least:.0f}", formula2=f"{most:.0f}")
            made.error = self._form.word("error.value", self._lang).format(least=f"{least:.0f}", most=f"{most:.0f}")
        return made

    def _hint(self, asked: Input) -> str:
        """Return what is shown beside a cell while somebody is in it: of a column, also what it asks for."""
        asks = "" if isinstance(asked, Question) else self._form.help(asked, self._lang)
        return ". ".join(said.rstrip(".") for said in (asks, self._form_of(asked)) if said)[:_LONGEST]

    def _form_of(self, asked: Input) -> str:
        kind = asked.kind
        if kind in ("date", "url"):
            return self._form.word(f"prompt.{kind}", self._lang)
        if kind in ("integer", "number"):
            return self._form.word("prompt.number", self._lang)
        if vocabulary_of(asked) or kind == "yes-no":
            return self._form.word("prompt.codes" if _several(asked) else "prompt.code", self._lang)
        if not asked.longest:
            return ""
        key = "prompt.lines" if asked.lines else "prompt.longest"
        return self._form.word(key, self._lang).format(most=asked.longest, lines=asked.lines)

    def _range(self, vocabulary: str) -> str:
        if vocabulary not in self._columns:
            yes_no = (self._form.word("yes", self._lang), self._form.word("no", self._lang))
            offered = yes_no if vocabulary == _YES_NO else terms.labels(vocabulary, self._lang)
            self._columns[vocabulary] = (len(self._columns) + 2, offered)
        column, shown = self._columns[vocabulary]
        letter = get_column_letter(column)
        return f"{_TITLE}!${letter}$2:${letter}${len(shown) + 1}"
