"""Filled forms to read back: the printed cases, contents made at random, and workbooks changed as people do."""

import random
from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl
import yaml
from hypothesis import strategies as st
from openpyxl import Workbook

from services.api.forms.form import Form
from services.api.forms.inputs import Input
from services.api.forms.paths import put
from services.api.forms.workbook import Place
from services.api.types.practice.type import FORM
from services.api.vocabularies.terms import codes
from tests.harness.paths import PRACTICES
from tests.harness.support import Json

SEEDS: dict[str, Json] = {
    path.stem: yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for path in sorted(PRACTICES.glob("*.yaml"))
}
CARTAYA = SEEDS["cartaya"]

_SIGNS = st.characters(codec="utf-8", exclude_characters="\r")
_LIKE_OTHERS = st.sampled_from(
    [
        "=1+1",
        "_x0041_",
        "_x000D_",
        "_x005F_",
        "'quoted",
        "+1",
        "2008",
        "TRUE",
        "a\nb",
        "é ï",
        "a\u00a0b",
        "#REF!",
        "\ufffe",
        "=",
        "@",
    ]
)
TEXTS = (st.text(_SIGNS, min_size=1, max_size=30) | _LIKE_OTHERS).map(str.strip).filter(bool)
_YEARS = st.integers(1800, 9998).map(str)
_VALUES: dict[str, Any] = {
    "text": TEXTS,
    "long-text": TEXTS,
    "url": TEXTS.map("https://example.org/{}".format),
    "language": st.sampled_from(["en", "pt-BR", "sq", "zh-Hans", "no", "ase"]),
    "date": st.one_of(_YEARS, st.builds("{}-{:02d}".format, _YEARS, st.integers(1, 12)), st.dates().map(str)),
    "yes-no": st.booleans(),
    "integer": st.integers(0, 10**10),
    "number": st.integers(-(10**12), 10**12)
    | st.floats(-180, 180, allow_nan=False)
    | st.integers(0, 10**14).map(lambda cents: cents / 100),
    "key": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,2}", fullmatch=True),
    "texts": st.lists(TEXTS, min_size=1, max_size=4),
}


def values(asked: Input) -> Any:
    """Return a strategy for the answers to a question, or in a column."""
    if asked.kind in ("code", "codes"):
        code = st.sampled_from(codes(asked.vocabulary or ""))
        return code if asked.kind == "code" else st.lists(code, min_size=1, max_size=3, unique=True)
    columns = getattr(asked, "columns", ())
    if asked.kind == "rows":
        return st.lists(
            st.lists(st.sampled_from(columns), min_size=1, unique=True).flatmap(_row), min_size=1, max_size=3
        )
    return _VALUES[asked.kind]


def _row(columns: list[Input]) -> Any:
    parts = [values(column) for column in columns]
    return st.tuples(*parts).map(lambda found: nested(dict(zip([one.path for one in columns], found, strict=True))))


def nested(flat: Json) -> Json:
    """Return objects for paths: `{"a.b": 1}` becomes `{"a": {"b": 1}}`."""
    content: Json = {}
    for path, value in flat.items():
        put(content, path, value)
    return content


def contents(form: Form) -> st.SearchStrategy[Json]:
    """Return contents with answers to some questions: as partial as drafts are, each as its question wants it."""
    return (
        st.lists(st.sampled_from(form.questions), max_size=12, unique=True)
        .flatmap(lambda asked: st.tuples(*(values(one) for one in asked)).map(lambda found: (asked, found)))
        .map(lambda pair: nested(dict(zip([one.path for one in pair[0]], pair[1], strict=True))))
    )


CONTENTS = contents(FORM)

Grid = dict[tuple[int, int], Any]


def grids(data: bytes) -> dict[str, Grid]:
    """Return the cells of a workbook by sheet."""
    book = openpyxl.load_workbook(BytesIO(data))
    return {
        sheet.title: {
            (cell.row, cell.column): (cell.value, cell.data_type, cell.number_format)
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        }
        for sheet in book.worksheets
    }


def book_of(sheets: dict[str, Grid]) -> bytes:
    """Return a workbook made of plain cells."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, grid in sheets.items():
        sheet = book.create_sheet(title)
        for (row, column), (value, kind, shown) in grid.items():
            cell = sheet.cell(row, column)
            cell.value = value
            cell.data_type = kind
            cell.number_format = shown
    return saved(book)


def saved(book: Workbook) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def shuffled(data: bytes, chance: random.Random, *, lists: bool = True) -> bytes:
    """Return a workbook with its sheets in another order and renamed, its columns moved, and rows put in between."""
    sheets = list(grids(data).items())
    chance.shuffle(sheets)
    return book_of({f"{title[:28]}{number}": _moved(grid, chance) for number, (title, grid) in enumerate(sheets)})


def _moved(grid: Grid, chance: random.Random) -> Grid:
    places = list(range(1, max(column for _, column in grid) + 4))
    chance.shuffle(places)
    rows, next_row = {}, 0
    for row in range(1, max(row for row, _ in grid) + 1):
        next_row += chance.choice((1, 1, 1, 2, 3))
        rows[row] = next_row
    return {(rows[row], places[column - 1]): value for (row, column), value in grid.items()}


def edited(data: bytes, place: Place, value: Any, shown: str | None = None) -> bytes:
    """Return a workbook in which somebody has typed something into a cell."""

    def typed(book: Workbook) -> None:
        cell = book[place.sheet][place.cell]
        cell.value = value
        if shown:
            cell.number_format = shown

    return changed(data, typed)


def changed(data: bytes, change: Callable[[Workbook], object]) -> bytes:
    """Return a workbook that something was done to."""
    book = openpyxl.load_workbook(BytesIO(data))
    change(book)
    return saved(book)
