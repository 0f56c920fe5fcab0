"""Records side by side: what each answers to a question, and whether they differ. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from services.portal import cells
from services.portal.record import Answer
from services.portal.upstream import Json

MOST = 4
"""Records that are compared at once."""
SAME, DIFFERS, ONE = "same", "differs", "one"
"""All answer alike; they do not; only one answers at all."""

Sections = Sequence[tuple[Json, Sequence[Answer]]]
"""What one record answers, by section of the questionnaire."""

Said = tuple[Sequence[str], Sequence[tuple[str, str]], Sequence[tuple[str, Sequence[Sequence[str]]]]]
"""What a workbook says, as `workbook` takes it."""


@dataclass(frozen=True)
class Row:
    """A question with what each record answers, none where it says nothing."""

    question: Json
    answers: tuple[Answer | None, ...]
    outcome: str


def compare(
    questionnaire: Json, records: Sequence[Sections], only_differing: bool, first: Sequence[str] = ()
) -> list[tuple[Json, list[Row]]]:
    """Return the sections of a questionnaire with the questions that any of the records answers, in its order.

    Sections named as `first` stand before the others.
    """
    given = [{answer.question["path"]: answer for _, answers in one for answer in answers} for one in records]
    found = []
    for section in sorted(questionnaire["sections"], key=lambda one: one["name"] not in first):
        if section["name"] == "record":
            continue
        rows = [row for question in section["questions"] if (row := _row(question, given))]
        if shown := [row for row in rows if not (only_differing and row.outcome == SAME)]:
            found.append((section, shown))
    return found


def _row(question: Json, given: Sequence[dict[str, Answer]]) -> Row | None:
    answers = tuple(one.get(question["path"]) for one in given)
    texts = [answer.text for answer in answers if answer]
    if not texts:
        return None
    if len(texts) == 1 and len(answers) > 1:
        return Row(question, answers, ONE)
    alike = len(texts) == len(answers) and len(set(texts)) == 1
    return Row(question, answers, SAME if alike else DIFFERS)


def chosen(given: Iterable[str]) -> tuple[list[str], list[str], list[str]]:
    """Return the slugs to compare, those named again, and those that are too many."""
    kept: list[str] = []
    again: list[str] = []
    beyond: list[str] = []
    for slug in given:
        if slug in kept:
            again.append(slug)
        else:
            (kept if len(kept) < MOST else beyond).append(slug)
    return kept, again, beyond


def workbook(
    headings: Sequence[str],
    records: Sequence[tuple[str, str]],
    sections: Sequence[tuple[str, Sequence[Sequence[str]]]],
) -> bytes:
    """Return a workbook (XLSX) of a comparison: one sheet, all cells plain text, whatever they begin with.

    `headings` are those of the first three columns, `records` titles with addresses, rows what follows the section.
    """
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has one
    sheet.title = "Praxis"
    cells.add_styles(book)
    lines: list[list[str]] = [
        [*headings, *(title for title, _ in records)],
        ["", "", "", *(address for _, address in records)],
    ]
    lines += [[section, *row] for section, rows in sections for row in rows]
    for number, line in enumerate(lines, 1):
        for column, text in enumerate(line, 1):
            cells.put(sheet.cell(number, column), text, cells.BOLD if number == 1 or column == 2 else cells.PLAIN)
    for column in range(1, len(headings) + len(records) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 18 if column in (1, 3) else 34 if column == 2 else 60
    sheet.freeze_panes = sheet.cell(3, len(headings) + 1).coordinate
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()
