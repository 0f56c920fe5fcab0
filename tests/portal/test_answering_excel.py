"""A municipal officer answers in Excel: takes the workbook along, hands it in, corrects what cannot be taken up."""

from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.portal.answering import READY, begin, look, press, tab_to
from tests.portal.site import Device, Site, Visits, check_accessible

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _download(page: Page, button: str) -> bytes:
    with page.expect_download() as waiting:
        press(page, button)
    return Path(waiting.value.path()).read_bytes()


def _filled(data: bytes, answers: dict[str, Any]) -> bytes:
    """Type answers into the row of each question, which a hidden first column names."""
    book = openpyxl.load_workbook(BytesIO(data))
    for sheet in book.worksheets:
        for row in sheet.iter_rows(min_col=1, max_col=1):
            if row[0].value in answers:
                sheet.cell(row[0].row, _answer_column(sheet, row[0].row)).value = answers[row[0].value]
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _answer_column(sheet: Any, row: int) -> int:
    return max(cell.column for cell in sheet[row] if not cell.protection.locked)


def _hand_in(page: Page, data: bytes) -> None:
    page.get_by_label("Workbook").set_input_files({"name": "case.xlsx", "mimeType": XLSX, "buffer": data})
    press(page, "Hand in the workbook")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_case_is_collected_by_excel(visits: Visits, site: Site, device: Device, scripts: bool) -> None:
    case = begin(site, READY)
    with visits.open(f"{case.path}/excel", device, person=case.ana, scripts=scripts) as page:
        page.locator("#form-language").select_option("es")
        page.locator("#form-form").select_option("full")
        form = _download(page, "Download the workbook")
        before = case.content
        _hand_in(page, _filled(form, {"how.summary": "Told in Excel.", "when.start": "the day before"}))
        expect(page.get_by_role("heading", level=2).first).to_have_text("Nothing was saved")
        row = page.get_by_role("row").nth(1)
        expect(row).to_contain_text("3.1 Start")
        look(page, scripts)
        assert case.content == before
        _hand_in(page, _filled(form, {"how.summary": "Told in Excel.", "when.start": "06/2008"}))
        expect(page.get_by_role("status").first).to_contain_text("taken up")
        expect(page.get_by_role("table")).to_contain_text("Told in Excel.")
        look(page, scripts)
        page.reload()
        expect(page.get_by_role("table")).to_contain_text("Told in Excel.")
        page.get_by_role("link", name="Check what is missing").click()
        expect(page.get_by_role("status")).to_contain_text("Nothing is missing")
    assert case.content == READY | {"how": {"summary": "Told in Excel."}, "when": {"start": "2008-06"}}


def test_a_case_is_collected_by_excel_and_keyboard_alone(visits: Visits, site: Site, device: Device) -> None:
    case = begin(site, READY)
    with visits.open(f"{case.path}/excel", device, person=case.ana) as page:
        tab_to(page, "[action$='workbook.xlsx'] button")
        with page.expect_download() as waiting:
            page.keyboard.press("Enter")
        form = Path(waiting.value.path()).read_bytes()
        tab_to(page, "#workbook")
        with page.expect_file_chooser() as choosing:
            page.keyboard.press("Space")
        filled = _filled(form, {"how.summary": "Told by keyboard."})
        choosing.value.set_files({"name": "case.xlsx", "mimeType": XLSX, "buffer": filled})
        tab_to(page, "[enctype] button")
        page.keyboard.press("Enter")
        expect(page.get_by_role("table")).to_contain_text("Told by keyboard.")
    assert case.content["how"] == {"summary": "Told by keyboard."}


def test_an_empty_form_and_what_is_no_workbook(visits: Visits, site: Site, device: Device) -> None:
    case = begin(site, READY)
    with visits.open(f"{case.path}/excel", device, person=case.ana) as page:
        page.get_by_text("An empty form instead").click()
        page.locator("#empty-language").select_option("it")
        assert openpyxl.load_workbook(BytesIO(_download(page, "Download an empty form")))
        _hand_in(page, b"no workbook at all")
        expect(page.locator("#summary")).to_contain_text("Nothing was saved")
        check_accessible(page)
    assert case.content == READY


def test_a_workbook_does_not_silently_replace_what_a_colleague_saved(visits: Visits, site: Site) -> None:
    case = begin(site, READY)
    with visits.open(f"{case.path}/excel", person=case.ana) as page:
        form = _download(page, "Download the workbook")
        case.save(case.eva, READY | {"how": {"summary": "Eva's summary"}})
        _hand_in(page, form)
        expect(page.locator("#summary")).to_contain_text(f"{case.eva.name} saved answers after you opened this page")
        assert case.content["how"]["summary"] == "Eva's summary"
        _hand_in(page, form)
        expect(page.get_by_role("table")).to_contain_text("Eva's summary")
    assert case.content == READY
