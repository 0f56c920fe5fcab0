"""What people type into the form: understood where it can mean one thing, else listed by sheet, cell and question."""

from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.worksheet.formula import ArrayFormula

from services.api.forms.paths import value_at
from services.api.forms.workbook import Place, Reading, read, write
from services.api.types.practice.type import FORM
from services.web.problems import Invalid
from tests.api.workbook.support import CARTAYA, changed, edited
from tests.harness.support import Json

FILLED = write(FORM, CARTAYA["content"], "en", translations=CARTAYA["translations"])
PLACES = read(FORM, FILLED).places
AMOUNT = "initiative.budget[0].amount"

AMOUNTS, ABOUT, CURRENCY = (f"initiative.budget[*].{name}" for name in ("amount", "about", "currency"))
LEVEL, COUNTRY, ROLES = (
    f"initiative.{name}" for name in ("promoters[*].level", "promoters[*].country", "countries[*].roles")
)
SHARE, COUNT, START = "initiative.budget_sources[*].share", "who.target_groups[*].count", "when.phases[*].start"
POINT = "how.needs[*]"
LINE: Json = {
    "initiative": {
        "budget": {"amount": 1, "about": True, "currency": "USD"},
        "promoters": {"level": "national", "country": "US"},
        "countries": {"roles": ["origin"]},
        "budget_sources": {"share": 1},
    },
    "who": {"target_groups": {"count": 1}},
    "when": {"phases": {"start": "1999"}},
    "how": {"needs": "a need"},
}
"""What stands in a line of each list before somebody types something else in one cell of it."""


def read_typed(cells: list[tuple[str, Any, str | None]]) -> tuple[Reading, list[str]]:
    """Type each value in a line of its own in one form; return what is read, and the paths."""
    content = {part: {name: [line] * len(cells) for name, line in lists.items()} for part, lists in LINE.items()}
    form = write(FORM, content, "en")
    paths = [path.replace("*", str(number)) for number, (path, _, _) in enumerate(cells)]
    places = read(FORM, form).places

    def type_all(book: Workbook) -> None:
        for path, (_, value, shown) in zip(paths, cells, strict=True):
            sheet, cell = places[path]
            book[sheet][cell].value = value
            if shown:
                book[sheet][cell].number_format = shown

    return read(FORM, changed(form, type_all)), paths


def typed(path: str, value: Any) -> Reading:
    return read(FORM, edited(FILLED, PLACES[path], value))


UNDERSTOOD: list[tuple[str, Any, str | None, Any]] = [
    (START, 2008, None, "2008"),
    (START, 2008.0, None, "2008"),
    (START, " 2008-6 ", None, "2008-06"),
    (START, "2008/06/11", None, "2008-06-11"),
    (START, "06/2008", None, "2008-06"),
    (START, "31.12.2008", None, "2008-12-31"),
    (START, "12/31/2008", None, "2008-12-31"),
    (START, "08/08/2008", None, "2008-08-08"),
    (START, "11 June 2008", None, "2008-06-11"),
    (START, "June\u00a02008", None, "2008-06"),
    (START, "11 de junio de 2008", None, "2008-06-11"),
    (START, "1er août 2008", None, "2008-08-01"),
    (START, "dic. 2008", None, "2008-12"),
    (START, date(2008, 6, 11), None, "2008-06-11"),
    (START, datetime(2008, 6, 11, 13, 30), "dd/mm/yyyy", "2008-06-11"),
    (START, date(2008, 6, 1), "mmm-yy", "2008-06"),
    (START, date(2008, 1, 1), "yyyy", "2008"),
    (START, date(2008, 6, 11), "[$-40A]d\\ mmmm\\ yyyy", "2008-06-11"),
    (AMOUNTS, "1495000", None, 1495000),
    (AMOUNTS, "1 495 000", None, 1495000),
    (AMOUNTS, "1\u202f495\u00a0000,50", None, 1495000.5),
    (AMOUNTS, "1.495.000", None, 1495000),
    (AMOUNTS, "1,495,000.25", None, 1495000.25),
    (AMOUNTS, "1.495.000,25", None, 1495000.25),
    (AMOUNTS, "1'495'000", None, 1495000),
    (AMOUNTS, "0,125", None, 0.125),
    (AMOUNTS, "1495.5", None, 1495.5),
    (AMOUNTS, 12.0, None, 12),
    (SHARE, 0.125, "0.0%", 12.5),
    (SHARE, 0.07, "0%", 7),
    (SHARE, "12,5 %", None, 12.5),
    (COUNT, "1,495", None, 1495),
    (COUNT, "1.495", None, 1495),
    (COUNT, "300", None, 300),
    (COUNT, 300.0, "#,##0", 300),
    (ABOUT, True, None, True),
    (ABOUT, "NO", None, False),
    (ABOUT, "oui", None, True),
    (ABOUT, "Sì", None, True),
    (ABOUT, "si", None, True),
    (ABOUT, "falso", None, False),
    (ABOUT, "x", None, True),
    (ABOUT, 0, None, False),
    (LEVEL, "MUNICIPIO", None, "municipality"),
    (LEVEL, "  municipality\u00a0", None, "municipality"),
    (COUNTRY, "Côte d’Ivoire", None, "CI"),
    (COUNTRY, "España", None, "ES"),
    (COUNTRY, "it", None, "IT"),
    (CURRENCY, "eur", None, "EUR"),
    (ROLES, "Country of origin; destination", None, ["origin", "destination"]),
    (ROLES, "Paese di origine\nPays de transit", None, ["origin", "transit"]),
    (ROLES, "origin, transit", None, ["origin", "transit"]),
    (POINT, 2008, None, "2008"),
    (POINT, 12.50, None, "12.5"),
    (POINT, True, None, "true"),
    (POINT, "\u00a0 two words \r\n", None, "two words"),
    (POINT, "one\r\ntwo_x000D_\nthree\rfour", None, "one\ntwo\nthree\nfour"),
]

WRONG: list[tuple[str, Any, str, str]] = [
    (START, "11/06/2008", "two ways", "2008-06-11"),
    (START, "2008-13", "calendar", "2008-06-11"),
    (START, "2008-02-30", "calendar", "2008-06-11"),
    (START, "some time in spring", "not a date", "2008-06"),
    (START, 39610, "not a date", "2008"),
    (AMOUNTS, "1.495", "two ways", "1495"),
    (AMOUNTS, "1,495", "two ways", "1.495"),
    (AMOUNTS, "about a million", "not a number", "1200"),
    (AMOUNTS, "€ 100", "not a number", "1200"),
    (AMOUNTS, "1" * 90, "not a number", "1200"),
    (START, "2008" + " " * 60 + "or later", "not a date", "2008"),
    (COUNT, 12.5, "not a whole number", "1200"),
    (COUNT, "300-400", "not a number", "1200"),
    (ABOUT, "perhaps", "neither yes nor no", "Yes"),
    (LEVEL, "Town", "not one of the allowed values", "Municipality"),
    (ROLES, "origin; elsewhere", "not among the allowed", "Country of origin"),
    (COUNTRY, "Atlantis", "not one of the allowed values", "… and 209 more"),
]


@pytest.fixture(scope="module")
def understood() -> tuple[Reading, list[str]]:
    return read_typed([(path, value, shown) for path, value, shown, _ in UNDERSTOOD])


@pytest.fixture(scope="module")
def wrong() -> tuple[Reading, list[str]]:
    return read_typed([(path, value, None) for path, value, _, _ in WRONG])


@pytest.mark.parametrize("number", range(len(UNDERSTOOD)), ids=lambda number: repr(UNDERSTOOD[number][1]))
def test_what_can_mean_one_thing_is_understood(understood: tuple[Reading, list[str]], number: int) -> None:
    reading, paths = understood
    meant = UNDERSTOOD[number][3]
    assert reading.faults == []
    assert value_at(reading.content, paths[number]) == meant
    assert isinstance(value_at(reading.content, paths[number]), type(meant))


@pytest.mark.parametrize("number", range(len(WRONG)), ids=lambda number: repr(WRONG[number][1])[:40])
def test_what_cannot_is_listed_and_kept(wrong: tuple[Reading, list[str]], number: int) -> None:
    reading, paths = wrong
    _, value, said, allowed = WRONG[number]
    (fault,) = [one for one in reading.faults if one[:2] == reading.places[paths[number]]]
    assert len(reading.faults) == len(WRONG)
    assert fault.question == FORM.question(paths[number]).number
    assert said in fault.message
    assert str(value)[:60] in fault.message
    assert allowed in (fault.allowed or [])
    assert value_at(reading.content, paths[number]) == str(value), "nothing that was typed is lost"


@pytest.mark.parametrize(
    ("said", "meant"), [("Français", "fr"), ("Albanian", "sq"), ("pt-BR", "pt-BR"), ("Klingon", "Klingon")]
)
def test_languages_are_known_by_name_and_tag(said: str, meant: str) -> None:
    form = write(FORM, {"language": "en"}, "en", extent="short")
    assert read(FORM, edited(form, read(FORM, form).places["language"], said)).content == {"language": meant}


@pytest.mark.parametrize(
    "goal", [4, 4.0, "4", "4.", "4. Quality education", "quality  EDUCATION", "Educación de calidad"]
)
def test_numbered_codes_are_known_by_number_and_name(goal: Any) -> None:
    form = write(FORM, {"what": {"sdgs": ["1", "2"]}}, "en")
    reading = read(FORM, edited(form, read(FORM, form).places["what.sdgs[1]"], goal))
    assert (reading.content, reading.faults) == ({"what": {"sdgs": ["1", "4"]}}, [])


def test_a_code_of_a_list_that_is_none_is_listed() -> None:
    place = PLACES["what.policy_areas[1]"]
    reading = typed("what.policy_areas[1]", "Gardening")
    (fault,) = reading.faults
    assert (fault[:2], fault.question) == (place, "IV.19")
    assert "Housing" in (fault.allowed or [])
    assert reading.content["what"]["policy_areas"][1] == "Gardening"


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#VALUE!"])
def test_errors_that_cells_show_are_listed(error: str) -> None:
    def spoil(book: Workbook) -> None:
        sheet, cell = PLACES["how.goal" if "how.goal" in PLACES else "how.summary"]
        book[sheet][cell].value = error
        book[sheet][cell].data_type = "e"

    (fault,) = read(FORM, changed(FILLED, spoil)).faults
    assert (fault.question, error in fault.message) == ("6.1", True)


def test_formatted_words_are_read_as_words() -> None:
    rich = CellRichText("plain ", TextBlock(InlineFont(b=True), "bold"), TextBlock(InlineFont(i=True), " slanted"))
    assert value_at(typed("initiative.title", rich).content, "initiative.title") == "plain bold slanted"


def test_formulas_are_refused_by_cell() -> None:
    formulas = {
        "how.summary": "=1+1",
        AMOUNT: '=HYPERLINK("http://example.org")',
        "references[2].place": ArrayFormula("F9", "=SUM(A1:A2)"),
    }

    def spoil(book: Workbook) -> None:
        for path, formula in formulas.items():
            sheet, cell = PLACES[path]
            book[sheet][cell].value = formula

    with pytest.raises(Invalid, match="a formula") as refused:
        read(FORM, changed(FILLED, spoil))
    assert [fault.field for fault in refused.value.errors] == [
        "!".join(PLACES[path]) for path in (AMOUNT, "how.summary", "references[2].place")
    ]
    assert "question 6.1" in refused.value.errors[1].message


def test_a_formula_beside_the_answers_is_not_taken_up() -> None:
    reading = read(FORM, edited(FILLED, Place("6 How", "H3"), "=SUM(A1:A2)"))
    assert [fault[:3] for fault in reading.faults] == [("6 How", "H3", None)]
    assert reading.content == CARTAYA["content"]


def test_notes_in_places_of_no_question_are_listed() -> None:
    notes = {("1 Title", "Z2"), ("6 How", "F3"), ("6 How", "E400"), ("6 How", "C4"), ("Start here", "F6")}

    def add(book: Workbook) -> None:
        for sheet, cell in notes:
            book[sheet][cell] = "Ask Maria"

    reading = read(FORM, changed(FILLED, add))
    assert reading.content == CARTAYA["content"]
    assert {(fault.sheet, fault.cell) for fault in reading.faults} == notes
    assert all(fault.question is None and "'Ask Maria'" in fault.message for fault in reading.faults)


def test_a_line_below_a_single_answer_is_listed() -> None:
    sheet, cell = PLACES["how.summary"]
    below = f"D{int(cell[1:]) + 1}"
    reading = read(FORM, edited(FILLED, Place(sheet, below), "Continued"))
    assert reading.content == CARTAYA["content"]
    (fault,) = reading.faults
    assert (fault.cell, "answered above" in fault.message) == (below, True)


def test_an_unknown_column_is_listed_with_those_there_are() -> None:
    sheet, cell = PLACES["who.target_groups[0].who"]
    head, row = f"M{int(cell[1:]) - 1}", f"M{cell[1:]}"

    def add(book: Workbook) -> None:
        book[sheet][head] = "Remarks"
        book[sheet][row] = "many"

    faults = read(FORM, changed(FILLED, add)).faults
    assert [(fault.cell, fault.question) for fault in faults] == [(head, "5.1"), (row, None)]
    assert "Who" in (faults[0].allowed or []), faults[0].allowed


def test_a_sheet_of_ones_own_is_listed_once() -> None:
    def add(book: Workbook) -> None:
        sheet = book.create_sheet("Minutes", 0)
        for row in range(1, 30):
            sheet.cell(row, 2, f"line {row}")

    reading = read(FORM, changed(FILLED, add))
    assert reading.content == CARTAYA["content"]
    assert [fault[:3] for fault in reading.faults] == [("Minutes", "B1", None)]
    assert "29 filled cells" in reading.faults[0].message


def test_a_copy_of_a_sheet_is_not_read_twice() -> None:
    reading = read(FORM, changed(FILLED, lambda book: book.copy_worksheet(book["6 How"])))
    assert reading.content == CARTAYA["content"]
    assert {fault.sheet for fault in reading.faults} == {"6 How Copy"}
    assert "asked on sheet '6 How' already" in reading.faults[0].message


def test_hidden_sheets_are_read_and_notes_on_cells_are_named() -> None:
    def change(book: Workbook) -> None:
        book["6 How"].sheet_state = "hidden"
        book["6 How"]["D3"].comment = Comment("Is this right?", "Maria")

    reading = read(FORM, changed(FILLED, change))
    assert reading.content == CARTAYA["content"]
    assert [fault.message for fault in reading.faults] == ["the workbook holds notes on cells, which are not read"]


def test_rows_may_be_inserted_and_left_blank() -> None:
    sheet, cell = PLACES["how.activities[1]"]

    def insert(book: Workbook) -> None:
        book[sheet].insert_rows(int(cell[1:]), 2)
        book[sheet][f"D{int(cell[1:]) + 1}"] = "Inserted"

    activities = read(FORM, changed(FILLED, insert)).content["how"]["activities"]
    before = CARTAYA["content"]["how"]["activities"]
    assert activities == [before[0], "Inserted", *before[1:]]


def test_a_name_that_is_none_of_the_forms_is_listed() -> None:
    sheet, cell = PLACES["how.working_methods"]
    hidden = f"A{cell[1:]}"
    reading = read(FORM, edited(FILLED, Place(sheet, hidden), "how.magic"))
    assert reading.content == CARTAYA["content"], "number and wording tell"
    reading = read(FORM, edited(FILLED, Place(sheet, f"A{int(cell[1:]) + 1}"), "how.magic"))
    (fault,) = reading.faults
    assert (fault.cell, "'how.magic'" in fault.message) == (f"A{int(cell[1:]) + 1}", True)


def test_translations_that_are_incomplete_or_twice_are_listed() -> None:
    first, second = PLACES["translations[0].field"], PLACES["translations[1].language"]
    reading = read(FORM, edited(edited(FILLED, first, "how.summary"), second, None))
    assert [(fault.sheet, fault.question) for fault in reading.faults] == [("T Translations", "T")]
    reading = read(FORM, edited(FILLED, first, "how.summary"))
    (fault,) = reading.faults
    assert "translated above already" in fault.message


def test_faults_of_another_version_say_so() -> None:
    reading = read(FORM, edited(edited(FILLED, PLACES["form.version"], "0123456789ab"), PLACES[AMOUNT], "a lot"))
    assert "another version" in reading.faults[-1].message
    assert read(FORM, edited(FILLED, PLACES["form.version"], "0123456789ab")).faults == [], (
        "old forms are read as they are"
    )


def test_faults_have_an_end() -> None:
    def fill(book: Workbook) -> None:
        for row in range(3, 700):
            book["10 Acronyms and abbreviations"].cell(row, 12, "note")

    faults = read(FORM, changed(FILLED, fill)).faults
    assert len(faults) == 501
    assert "not listed" in faults[-1].message
