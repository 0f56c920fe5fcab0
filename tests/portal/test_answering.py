"""A municipal officer answers the questionnaire on line: on desktop and phone, without scripts too, by keyboard."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.api.workbook.support import CARTAYA as PRINTED
from tests.portal.answering import READY, begin, look, press, saved, tab_to
from tests.portal.site import Device, Site, Visits, check_accessible, no_sideways_scroll

SECTIONS = ("initiative", "what", "when", "where", "who", "how", "why", "record")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_case_is_collected_by_form(visits: Visits, site: Site, device: Device, scripts: bool) -> None:
    case = begin(site)
    with visits.open(case.path, device, person=case.ana, scripts=scripts) as page:
        assert page.url.endswith("/answers/initiative?form=short")
        page.get_by_label("Title").fill("A desk for returning nurses")
        row = page.get_by_role("group", name="Partners 1")
        row.get_by_label("Name").fill("ANAPEC")
        row.get_by_label("Country").fill("Morocco")
        press(page, "Add another Partners")
        row = page.get_by_role("group", name="Partners 2")
        row.get_by_label("Name").fill("Association Al Amal")
        row.get_by_label("Kind of organisation").select_option(index=2)
        row = page.get_by_role("group", name="Budget 1")
        row.get_by_label("Amount").fill("1 200 000,50")
        row.get_by_label("Currency").fill("eur")
        press(page, "Move up: Partners 2")
        press(page, "Save and go on")
        page.wait_for_url("**/answers/what?*")

        row = page.get_by_role("group", name="Thematic priorities 1")
        row.get_by_label("Priority").select_option("capacities")
        row.get_by_label("Judged by").select_option("authority")
        press(page, "Save and go on")
        page.wait_for_url("**/answers/when?*")
        page.get_by_label("Start").first.fill("2008-06")
        page.get_by_role("radio", name="yes").check()
        press(page, "Check what is missing")
        page.wait_for_url("**/answers/check?*")
        look(page, scripts)

        page.get_by_role("link", name="6.1 Brief description").click()
        expect(page.locator("#summary")).to_contain_text("Brief description")
        expect(page.get_by_label("Brief description")).to_have_attribute("aria-invalid", "true")
        look(page, scripts)
        page.get_by_label("Brief description").fill("Nurses come home.\nThe desk finds them posts.")
        press(page, "Check what is missing")
        page.wait_for_url("**/answers/check?*")

        page.get_by_role("link", name="R.1 Language").click()
        page.get_by_label("Language", exact=False).first.fill("en")
        press(page, "Save and check")
        page.wait_for_url("**/answers/check?*")
        expect(page.locator(".summary")).to_contain_text("A local authority funds or promotes the initiative")
        page.get_by_role("link", name="1.6 Budget 1: What it covers").click()
        row = page.get_by_role("group", name="Budget 1")
        row.get_by_label("What it covers").select_option("total")
        press(page, "Check what is missing")
        page.wait_for_url("**/answers/check?*")
        page.get_by_role("link", name="5.3 Local authorities involved").click()
        page.get_by_role("group", name="Local authorities involved 1").get_by_label("Name").fill("Cartaya")
        press(page, "Check what is missing")
        expect(page.get_by_role("status")).to_contain_text("Nothing is missing")
        look(page, scripts)
        assert page.get_by_role("link", name="Go on to hand it in").get_attribute("href") == f"/contribute/{case.id}"
    content = case.content
    partners = content["initiative"]["partners"]
    assert [one["name"] for one in partners] == ["Association Al Amal", "ANAPEC"]
    assert partners[1]["country"] == "MA"
    assert content["initiative"]["budget"] == [{"amount": 1200000.5, "currency": "EUR", "scope": "total"}]
    assert content["how"]["summary"] == "Nurses come home.\nThe desk finds them posts."
    assert content["when"] == {"start": "2008-06", "ongoing": True}


def test_a_case_is_collected_by_keyboard_alone(visits: Visits, site: Site, device: Device) -> None:
    case = begin(site, READY | {"initiative": {}})
    with visits.open(f"{case.path}/initiative", device, person=case.ana) as page:
        tab_to(page, "#f-initiative-title")
        page.keyboard.type("A desk for nurses")
        tab_to(page, "#f-initiative-partners-0-name")
        page.keyboard.type("ANAPEC")
        tab_to(page, "[value='add:initiative.partners']")
        page.keyboard.press("Enter")
        page.keyboard.type("Al Amal")  # the new row has the focus
        saved(page)
        tab_to(page, "#f-initiative-partners-n1-name", back=True)
        tab_to(page, "[value='up:initiative.partners:n1']")
        page.keyboard.press("Space")
        tab_to(page, ".actions [value='check']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/answers/check?*")
        expect(page.get_by_role("status")).to_contain_text("Nothing is missing")
    assert [one["name"] for one in case.content["initiative"]["partners"]] == ["Al Amal", "ANAPEC"]


def test_what_does_not_fit_is_kept_and_told(visits: Visits, site: Site, device: Device) -> None:
    case = begin(site, READY | {"initiative": {"title": "x", "mayor": "unknown to the form"}})
    with visits.open(f"{case.path}/initiative", device, person=case.ana) as page:
        expect(page.locator("#questions-faults")).to_contain_text("does not ask for this")
        amount = page.get_by_role("group", name="Budget 1").get_by_label("Amount")
        amount.fill("about a million")
        amount.blur()
        saved(page)
        expect(amount).to_have_attribute("aria-invalid", "true")
        told = page.locator("#f-initiative-budget-0-amount-faults")
        expect(told).to_contain_text("“about a million” is not understood as a number")
        assert case.content["initiative"]["budget"] == [{"amount": "about a million"}]
        page.reload()
        expect(amount).to_have_value("about a million")
        expect(told).to_contain_text("not understood")
        check_accessible(page)
        amount.fill("1000000")
        press(page, "Take it out")
        expect(page.locator("#questions-faults")).to_be_empty()
    assert case.content["initiative"] == {"title": "x", "budget": [{"amount": 1000000}]}


def test_what_does_not_fit_is_told_as_it_is(visits: Visits, site: Site) -> None:
    content = READY | {"when": {"start": "2021-05", "end": "2020"}, "initiative": {"title": "Amounts"}}
    case = begin(site, content)
    with visits.open(f"{case.path}/when?form=full", person=case.ana) as page:
        expect(page.get_by_text("The end lies before the start.").first).to_be_visible()
        page.goto(f"{case.path}/initiative?form=full")
        row = page.get_by_role("group", name="Budget 1")
        row.get_by_label("Amount").fill("150.000")
        page.get_by_label("Title").fill("Amounts\u202e of money")
        press(page, "Save")
        expect(page.get_by_text("may be read in two ways").first).to_be_visible()
    assert case.content["initiative"]["title"] == "Amounts of money"
    assert case.content["initiative"]["budget"][0]["amount"] == "150.000"
    assert any(one["path"] == "initiative.budget[0].amount" for one in case.read()["findings"])


def test_remarks_stand_by_their_questions(visits: Visits, site: Site, device: Device) -> None:
    case = begin(site, READY)
    id = case.remark("Whose desk is it?", "initiative.title")
    with visits.open(f"{case.path}/initiative", device, person=case.ana) as page:
        remark = page.locator("#q-initiative-title .remark")
        expect(remark).to_contain_text("Whose desk is it?")
        assert remark.get_by_role("link").get_attribute("href") == f"/contribute/{case.id}/read#c-{id}"
        check_accessible(page)
        remark.get_by_role("link").click()
        expect(page.locator(f"#c-{id}")).to_contain_text("Whose desk is it?")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_section_of_a_long_case_is_accessible(visits: Visits, site: Site, device: Device, theme: Any) -> None:
    case = begin(site, PRINTED["content"])
    with visits.open(case.path + "?form=full", device, person=case.ana, theme=theme) as page:
        for section in (*SECTIONS, "context", "lessons", "replication", "acronyms"):
            page.goto(f"{case.path}/{section}?form=full")
            check_accessible(page)
            no_sideways_scroll(page)
        page.goto(f"{case.path}/excel")
        check_accessible(page)
        no_sideways_scroll(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_real_browser_sends_back_what_it_was_given(visits: Visits, site: Site, scripts: bool) -> None:
    """The same as the property of the pure module, through the real templates and a real browser."""
    content = PRINTED["content"] | {"unknown": [1, None]}
    content["what"]["sdgs"] = ["8", "3", 8]
    content["how"]["results"] = ["\nbegins with a line end", "", 5, *content["how"]["results"]]
    content["who"]["target_groups"].append({"who": "two\nlines", "count": "many", "strange": {"a": []}})
    case = begin(site, content)
    version = case.read()["version"]
    with visits.open(case.path, person=case.ana, scripts=scripts) as page:
        for section in (*SECTIONS, "context", "lessons", "replication", "acronyms"):
            page.goto(f"{case.path}/{section}?form=full")
            press(page, "Save")
            saved(page) if scripts else page.wait_for_url("**saved=1")
    assert case.content == content
    assert case.read()["version"] == version


def test_authorities_of_the_base_are_offered_by_name(visits: Visits, site: Site) -> None:
    case = begin(site)
    with visits.open(case.path.replace("/answers", "/answers/who"), person=case.ana) as page:
        field = page.get_by_role("group", name="Local authorities involved 1").get_by_label("Authority of this base")
        offered = page.locator(f"#{field.get_attribute('list')} option")
        assert "cartaya" in offered.evaluate_all("(all) => all.map((one) => one.value)")
        expect(offered.filter(has_text="Municipality of Cartaya")).to_have_attribute("value", "cartaya")


def test_nothing_slides_from_under_the_pointer(visits: Visits, site: Site, device: Device) -> None:
    case = begin(site, READY)
    with visits.open(f"{case.path}/initiative", device, person=case.ana) as page:
        at = "() => [scrollY, document.querySelector('.savebar button').getBoundingClientRect().y]"
        last = page.locator("form [name]:visible").last
        last.evaluate("field => field.focus()")
        at_once = page.evaluate(at)
        assert at_once[0] > 0
        page.evaluate("async () => { for (let n = 0; n < 30; n++) await new Promise(requestAnimationFrame); }")
        assert page.evaluate(at) == at_once
