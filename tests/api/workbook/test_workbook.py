"""The questionnaire as a workbook: all that a practice may say goes into it and comes back, in every language."""

import random
from io import BytesIO
from itertools import product
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.api.forms.catalogue import EXTENTS, Extent
from services.api.forms.workbook import Reading, read, write
from services.api.records.workbooks import MEDIA_TYPE
from services.api.types.practice.content import PracticeContent
from services.api.types.practice.type import FORM
from services.api.vocabularies.terms import LANGUAGES, vocabularies
from services.web.problems import Invalid
from tests.api.workbook.support import CARTAYA, CONTENTS, SEEDS, TEXTS, book_of, changed, grids, shuffled
from tests.harness.depth import either, examples
from tests.harness.support import Api, Json, check_problem
from tests.pure.test_questionnaire_drafts import DRAFTS

LANGS = st.sampled_from(LANGUAGES)


EACH = [(name, LANGUAGES[number % len(LANGUAGES)]) for number, name in enumerate(SEEDS)]


@pytest.mark.parametrize(("name", "lang"), either(EACH, [*product(SEEDS, LANGUAGES)]))
def test_printed_cases_come_back(name: str, lang: str) -> None:
    case = SEEDS[name]
    reading = read(
        FORM, write(FORM, case["content"], lang, translations=case["translations"], external_id="ES 17", id="4b1c")
    )
    assert reading.faults == []
    assert reading.content == case["content"]
    assert reading.translations == case["translations"]
    assert (reading.external_id, reading.id) == ("ES 17", "4b1c")
    assert PracticeContent.model_validate(reading.content)


@given(CONTENTS, LANGS, st.none() | TEXTS)
@settings(max_examples=examples(60))
def test_whatever_is_answered_comes_back(content: Json, lang: str, external_id: str | None) -> None:
    reading = read(FORM, write(FORM, content, lang, external_id=external_id, extent="short"))
    assert reading.faults == []
    assert reading.content == content
    assert reading.external_id == external_id


@pytest.mark.parametrize("number", [-110.88130903881007, 0.1 + 0.2, 1 / 3, 5e-324, 1.2345678901234567e-7, 40.4168])
def test_numbers_keep_all_their_digits(number: float) -> None:
    content = {"where": {"places": [{"name": "Here", "point": {"latitude": number}}]}}
    reading = read(FORM, write(FORM, content, "en"))
    assert (reading.faults, reading.content) == ([], content)


@given(DRAFTS)
@settings(max_examples=examples(60))
def test_any_draft_can_be_written(content: Json) -> None:
    assert isinstance(read(FORM, write(FORM, content, "en", extent="short")), Reading)


def test_what_is_stored_comes_back_without_its_blanks() -> None:
    """Stored contents spell out every field; empty ones say nothing."""
    stored = PracticeContent.model_validate(CARTAYA["content"])
    reading = read(FORM, write(FORM, stored.model_dump(mode="json"), "fr"))
    assert PracticeContent.model_validate(reading.content) == stored


@pytest.mark.parametrize("extent", EXTENTS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_empty_form_asks_every_question_of_its_extent(lang: str, extent: Extent) -> None:
    data = write(FORM, None, lang, extent=extent)
    reading = read(FORM, data)
    assert reading.content == {"language": lang, "provenance": {"kind": "submitted"}}
    assert (reading.translations, reading.faults, reading.external_id) == ({}, [], None)
    asked = {asked.path: asked for asked in FORM.questions if extent == "full" or asked.extent == "short"}
    named = {}
    for grid in grids(data).values():
        for (row, column), (value, _, _) in grid.items():
            if column == 1 and value in asked:
                named[value] = (grid[row, 2][0], grid[row, 3][0])
    assert named.keys() == asked.keys()
    for path, (number, words) in named.items():
        label, *more = words.split("\n")
        assert number == asked[path].number.split(" ")[0]
        assert label.removesuffix(" *") == FORM.label(path, lang)
        assert label.endswith(" *") == asked[path].required
        assert more == [FORM.help(path, lang)]


def test_short_form_hides_nothing_that_is_answered() -> None:
    case = SEEDS["cartaya"]
    reading = read(FORM, write(FORM, case["content"], "en", translations=case["translations"], extent="short"))
    assert (reading.content, reading.translations) == (case["content"], case["translations"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sheets_are_made_for_people(lang: str) -> None:
    book = openpyxl.load_workbook(BytesIO(write(FORM, None, lang)))
    *sheets, lists = book.worksheets
    assert len(sheets) == len(FORM.sections) + 2
    assert lists.sheet_state == "hidden"
    offered = {str(row[column]) for row in lists.iter_rows(values_only=True) for column in range(1, len(row))}
    assert {labels[lang] for labels in vocabularies()["priorities"].values()} <= offered
    for sheet in sheets:
        assert sheet.column_dimensions["A"].hidden
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", sheet is sheets[0])
        assert len(sheet.title) <= 31
    for sheet in sheets[1:]:
        assert sheet.freeze_panes == "D3"
        assert sheet.print_title_rows == "$2:$2"
        assert sheet.data_validations.count


def test_drop_downs_offer_what_is_understood() -> None:
    book = openpyxl.load_workbook(BytesIO(write(FORM, None, "it")))
    lists: dict[str, Any] = {}
    for sheet in book.worksheets:
        for rule in sheet.data_validations.dataValidation:
            if rule.type == "list":
                lists |= dict.fromkeys([str(rule.formula1)])
    assert len(lists) >= 20
    for formula in lists:
        title, area = formula.replace("$", "").split("!")
        cells = [row[0].value for row in book[title][area]]
        assert len(cells) == len(set(cells)) >= 2
        assert None not in cells


@given(CONTENTS, LANGS, st.randoms(use_true_random=False))
@settings(max_examples=examples(25))
def test_sheets_columns_and_rows_may_be_moved(content: Json, lang: str, chance: random.Random) -> None:
    reading = read(FORM, shuffled(write(FORM, content, lang, extent="short"), chance))
    assert reading.faults == []
    assert reading.content == content


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_the_hidden_column_the_wording_tells(lang: str) -> None:
    def delete(book: Any) -> None:
        for sheet in book.worksheets[:-1]:
            sheet.delete_cols(1)

    reading = read(FORM, changed(write(FORM, CARTAYA["content"], lang, translations=CARTAYA["translations"]), delete))
    assert reading.content == CARTAYA["content"]
    assert reading.translations == CARTAYA["translations"]


@given(st.sampled_from(sorted(SEEDS)), LANGS, LANGS)
@settings(max_examples=examples(8))
def test_labels_of_other_languages_are_understood(name: str, lang: str, other: str) -> None:
    """Somebody who works in another language than the form's fills in what he has at hand."""
    mine, theirs = (grids(write(FORM, SEEDS[name]["content"], one)) for one in (lang, other))
    mixed = {}
    for (title, grid), answers in zip(mine.items(), theirs.values(), strict=True):
        heads = {row for (row, column), (value, _, _) in grid.items() if column == 1}
        below = {at: value for at, value in answers.items() if at[0] not in heads}
        mixed[title] = {at: value for at, value in grid.items() if at[0] in heads or at not in answers} | below
    assert read(FORM, book_of(mixed)).content == SEEDS[name]["content"]


def test_places_tell_the_cell_of_every_answer() -> None:
    data = write(FORM, CARTAYA["content"], "en")
    reading, cells = read(FORM, data), grids(data)
    sheet, cell = reading.places["initiative.partners[1].name"]
    at = openpyxl.utils.cell.coordinate_to_tuple(cell)
    assert cells[sheet][at][0] == CARTAYA["content"]["initiative"]["partners"][1]["name"]
    assert {path.split("[")[0].split(".")[0] for path in reading.places} >= CARTAYA["content"].keys()


def test_a_text_too_long_for_a_cell_is_named() -> None:
    with pytest.raises(Invalid, match="too long for a cell") as refused:
        write(FORM, {"how": {"needs": ["fine", "x" * 40_000]}}, "en")
    assert refused.value.errors[0].field == "how.needs[1]"


@pytest.mark.parametrize(("lang", "shown"), [(None, "en"), ("es", "es"), ("fr-CA", "fr"), ("sq", "en")])
def test_empty_form_over_http(api: Api, lang: str | None, shown: str) -> None:
    answer = api.get("/questionnaire.xlsx", params={"form": "short"} | ({"lang": lang} if lang else {}))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["content-disposition"] == f'attachment; filename="praxis-short-{shown}.xlsx"'
    assert read(FORM, answer.content).content["language"] == shown


def test_form_that_there_is_none_of_over_http(api: Api) -> None:
    body = check_problem(api.get("/questionnaire.xlsx?form=snapshot"), 422)
    assert body["errors"][0]["allowed"] == ["short", "full"]
    check_problem(api.get("/questionnaire.xlsx?lang=English"), 422)


@pytest.mark.parametrize(
    ("path", "most"), [("/submissions/import", 10_000_000), ("/imports", 20_000_000), ("/practices", 2_000_000)]
)
def test_bodies_are_bounded_by_path(api: Api, path: str, most: int) -> None:
    answer = api.post(path, content=b" " * (most + 1), headers={"Content-Type": MEDIA_TYPE})
    assert str(most) in check_problem(answer, 413)["detail"]
    assert api.post(path, content=b" " * most, headers={"Content-Type": MEDIA_TYPE}).status_code != 413
