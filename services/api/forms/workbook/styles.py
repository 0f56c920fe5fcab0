"""How the sheets look: what is asked, what is to be filled in and what the snapshot asks are told apart at sight."""

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Alignment, Border, Color, Font, NamedStyle, PatternFill, Protection, Side
from openpyxl.worksheet.dimensions import RowDimension
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from services.api.forms.inputs import Kind

_FAMILY = "Calibri"
_DARK, _GREY, _PALE, _YELLOW, _WHITE, _INK, _SOFT = (
    "1F4E5F",
    "DCE6EB",
    "F3F6F8",
    "FFF9DB",
    "FFFFFF",
    "1B1F23",
    "5B6770",
)
_LINE = Side(style="thin", color="A9B7C0")
_FRAME = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_TOP = Alignment(vertical="top", wrap_text=True)

TITLE, SUBTITLE, LINE, LINK, HEADING, QUESTION, EARLY, LATE, COLUMN, GIVEN = (
    f"Praxis {name}"
    for name in (
        "title",
        "subtitle",
        "line",
        "link",
        "heading",
        "question",
        "early number",
        "late number",
        "column",
        "given",
    )
)

WIDTHS: dict[Kind, int] = {
    "text": 26,
    "long-text": 38,
    "url": 34,
    "texts": 38,
    "code": 23,
    "codes": 26,
    "language": 16,
    "date": 12,
    "yes-no": 10,
    "integer": 12,
    "number": 14,
}
"""Of a table's columns, in characters."""
NUMBER_WIDTH, QUESTION_WIDTH, ANSWER_WIDTH = 11, 44, 66
"""Of the columns left of the answers, and of the one that answers outside tables stand in."""
BESIDE_TABLES = 44
"""Of the latter where it is the first of many columns."""
LINE_HEIGHT, GAP_HEIGHT, TITLE_HEIGHT = 13.5, 6, 28
"""Of rows, in points: of a line of text, between questions, and of a sheet's title."""
_CHARACTERS = 1.15
"""Of a text for each unit of a column's width: digits of the default font, which are wider and larger."""
ROOM = 3
"""Lines that an empty cell for a long text shows."""
TABLES, WIDE = 3, 6
"""Columns; with more than those the first is narrower, with more than these a sheet takes two pages across in print."""


def _style(name: str, *, ink: str = _INK, fill: str | None = None, size: int = 10, bold: bool = False) -> NamedStyle:
    style = NamedStyle(name=name, font=Font(name=_FAMILY, size=size, bold=bold, color=ink), alignment=_TOP)
    if fill:
        style.fill = PatternFill("solid", start_color=fill)
    return style


def _framed(style: NamedStyle) -> NamedStyle:
    style.border = _FRAME
    return style


def answer_style(early: bool, number: bool) -> str:
    """Return the style of a cell to be filled in; texts stay as they are typed, so that 2008-06 becomes no date."""
    return f"Praxis {'early' if early else 'late'} {'figure' if number else 'answer'}"


def install(workbook: Workbook) -> None:
    """Make the styles known to a workbook."""
    early = _framed(_style(EARLY, ink=_WHITE, fill=_DARK, bold=True))
    late = _framed(_style(LATE, ink=_DARK, fill=_GREY))
    early.alignment = late.alignment = Alignment(horizontal="center", vertical="top", wrap_text=True)
    title = _style(TITLE, ink=_DARK, size=16, bold=True)
    subtitle = _style(SUBTITLE, ink=_DARK, size=12, bold=True)
    link = _style(LINK, ink=_DARK, size=11)
    link.font = Font(name=_FAMILY, size=11, color=_DARK, underline="single")
    title.alignment = subtitle.alignment = link.alignment = Alignment(vertical="center")
    made = [
        title,
        subtitle,
        link,
        early,
        late,
        _style(LINE, size=11),
        _framed(_style(HEADING, ink=_WHITE, fill=_DARK, bold=True)),
        _framed(_style(QUESTION, fill=_PALE)),
        _framed(_style(COLUMN, fill=_GREY, bold=True)),
        _framed(_style(GIVEN, ink=_SOFT, fill=_PALE)),
    ]
    for first in (True, False):
        for number in (True, False):
            style = _framed(_style(answer_style(first, number), fill=_YELLOW if first else _WHITE))
            style.number_format = "General" if number else "@"
            style.protection = Protection(locked=False)
            made.append(style)
    for style in made:
        workbook.add_named_style(style)


def asked(text: str, more: str, *, required: bool) -> CellRichText | str:
    """Return a question with what is said below it in small."""
    star = " *" if required else ""
    if not more:
        return f"{text}{star}"
    bold = InlineFont(rFont=_FAMILY, sz=10, b=True, color=Color(_INK))
    small = InlineFont(rFont=_FAMILY, sz=9, color=Color(_SOFT))
    return CellRichText(TextBlock(bold, f"{text}{star}"), TextBlock(small, f"\n{more}"))


class FittedRow(RowDimension):
    """A row whose height is a first estimate: spreadsheets fit it anew when something is written in it."""

    customHeight = False


def fit(sheet: Worksheet, row: int, lines: int) -> None:
    """Make a row high enough for some lines."""
    height = min(409.0, lines * LINE_HEIGHT + 2)
    sheet.row_dimensions[row] = FittedRow(sheet, index=row, ht=height)


def lines_of(text: str, width: float) -> int:
    """Return how many lines a text takes in a column of a width, as far as can be told without its font."""
    return sum(1 + max(0, len(line) - 1) // int(width * _CHARACTERS) for line in text.split("\n"))


def set_up_page(sheet: Worksheet, footer: str, across: int, down: int) -> None:
    """Make a sheet print well: on landscape pages of A4, so many across and down (0 for any number)."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth = across
    sheet.page_setup.fitToHeight = down
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6, header=0.3, footer=0.3)
    sheet.oddFooter.left.text = "&A"  # type: ignore[union-attr]  # every sheet has one
    sheet.oddFooter.right.text = footer  # type: ignore[union-attr]
