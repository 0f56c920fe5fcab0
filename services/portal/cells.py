"""Cells of workbooks (XLSX) that hold what people wrote: texts stay texts, whatever they begin with."""

from datetime import date as Date

from openpyxl.cell import Cell, MergedCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, NamedStyle
from openpyxl.workbook import Workbook

MOST = 32_767
"""Characters that a cell holds."""
PLAIN, BOLD = "Praxis", "Praxis bold"
"""Names of styles: one that has a name is looked up, any other is worked out for each cell."""
Value = str | float | Date | None


def add_styles(book: Workbook) -> None:
    """Let a workbook know both styles."""
    for name in (PLAIN, BOLD):
        alignment = Alignment(wrap_text=True, vertical="top")
        book.add_named_style(NamedStyle(name, font=Font(bold=name == BOLD), alignment=alignment))


def put(cell: Cell | MergedCell, value: Value, style: str = PLAIN) -> None:
    """Write a text, a number or a day into a cell."""
    assert isinstance(cell, Cell)  # noqa: S101 - nothing is merged
    if not isinstance(value, str):
        cell.value = value
    elif kept := ILLEGAL_CHARACTERS_RE.sub("", value)[:MOST]:
        cell.value = kept
        cell.data_type = "s"  # a text that begins with "=" would be a formula else
    cell.style = style
    if isinstance(value, Date):
        cell.number_format = "yyyy-mm-dd"
