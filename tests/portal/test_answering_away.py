"""What was typed survives lost connections, crashes, ended sessions and colleagues who are faster."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.portal.answering import READY, Case, begin, look, press, saved, tab_to
from tests.portal.site import Device, Site, Visits, check_accessible

KEPT = "Object.keys(localStorage).filter(name => name.startsWith('praxis:answers'))"


def state(page: Page, wanted: str) -> None:
    expect(page.locator("#status")).to_have_attribute("data-state", wanted)


def test_a_lost_connection_loses_nothing(visits: Visits, site: Site, device: Device) -> None:
    case = begin(site, READY)
    with visits.open(f"{case.path}/initiative", device, person=case.ana) as page:
        page.get_by_label("Title").fill("A first title")
        saved(page)
        assert case.content["initiative"]["title"] == "A first title"
        assert page.evaluate(KEPT) == []

        page.context.set_offline(True)
        page.get_by_label("Title").fill("Typed in a tunnel")
        row = page.get_by_role("group", name="Partners 1")
        row.get_by_label("Name").fill("ANAPEC")
        press(page, "Add another Partners")
        page.get_by_role("group", name="Partners 2").get_by_label("Name").fill("Al Amal")
        press(page, "Save")
        state(page, "offline")
        expect(page.locator("#status")).to_contain_text("What you typed is kept on this device")
        check_accessible(page)
        assert len(page.evaluate(KEPT)) == 1
        assert case.content["initiative"] == {"title": "A first title"}
        page.context.set_offline(False)
        saved(page)
        assert page.evaluate(KEPT) == []
    assert case.content["initiative"] == {
        "title": "Typed in a tunnel",
        "partners": [{"name": "ANAPEC"}, {"name": "Al Amal"}],
    }


def test_a_lost_connection_loses_nothing_typed_by_keyboard(visits: Visits, site: Site, device: Device) -> None:
    case = begin(site, READY)
    with visits.open(f"{case.path}/initiative", device, person=case.ana) as page:
        tab_to(page, "#f-initiative-title")
        page.context.set_offline(True)
        page.keyboard.press("Control+A")
        page.keyboard.type("Typed in a tunnel")
        tab_to(page, "[type=submit], button:not([type])")
        page.keyboard.press("Enter")
        state(page, "offline")
        page.context.set_offline(False)
        saved(page)
    assert case.content["initiative"] == {"title": "Typed in a tunnel"}


def test_what_a_crash_left_is_offered_back(visits: Visits, site: Site, device: Device) -> None:
    case = begin(site, READY)
    with visits.open(f"{case.path}/initiative", device, person=case.ana) as page:
        page.context.set_offline(True)
        page.get_by_label("Title").fill("Typed before the crash")
        page.get_by_role("group", name="Partners 1").get_by_label("Name").fill("ANAPEC")
        press(page, "Add another Partners")
        page.get_by_role("group", name="Partners 2").get_by_label("Kind of organisation").select_option(
            "local-authority"
        )
        press(page, "Save")
        state(page, "offline")
        context = page.context
        page.close()  # as a browser that was killed: nothing runs any more
        context.set_offline(False)
        page = context.new_page()
        page.goto(f"{case.path}/initiative?form=short")
        offer = page.locator("#kept")
        expect(offer).to_contain_text("stands what you typed at")
        check_accessible(page)
        expect(page.get_by_label("Title")).to_have_value(READY["initiative"]["title"])
        press(page, "Restore what I typed")
        expect(page.get_by_label("Title")).to_have_value("Typed before the crash")
        saved(page)
        expect(offer).to_be_hidden()
        assert page.evaluate(KEPT) == []
        page.reload()
        expect(offer).to_be_hidden()
    assert case.content["initiative"] == {
        "title": "Typed before the crash",
        "partners": [{"name": "ANAPEC"}, {"kind": "local-authority"}],
    }


def test_another_account_is_not_offered_it(visits: Visits, site: Site) -> None:
    case = begin(site, READY)
    with visits.open(f"{case.path}/initiative", person=case.ana) as page:
        page.context.set_offline(True)
        page.get_by_label("Title").fill("Ana typed this")
        press(page, "Save")
        state(page, "offline")
        sign_in(page, site, case.eva.token)
        page.context.set_offline(False)
        state(page, "signed-out")  # who is signed in now is not who typed
        page.goto(f"{case.path}/initiative?form=short")
        expect(page.locator("#kept")).to_be_hidden()
    assert case.content == READY


def sign_in(page: Page, site: Site, token: str) -> None:
    page.context.add_cookies([{"name": "praxis_session", "value": token, "url": site.url}])


def test_an_ended_session_waits_for_the_next_one(visits: Visits, site: Site, device: Device) -> None:
    case = begin(site, READY)
    with visits.open(f"{case.path}/how", device, person=case.ana) as page:
        page.context.clear_cookies()
        page.get_by_label("Brief description").fill("Typed after the session had ended.")
        press(page, "Save")
        state(page, "signed-out")
        expect(page.locator("#status").get_by_role("link")).to_have_text("Sign in in another tab")
        assert len(page.evaluate(KEPT)) == 1
        sign_in(page, site, case.ana.token)
        saved(page)
    assert case.content["how"]["summary"] == "Typed after the session had ended."


def test_an_ended_session_without_scripts(visits: Visits, site: Site, device: Device) -> None:
    case = begin(site, READY)
    with visits.open(f"{case.path}/how", device, person=case.ana, scripts=False) as page:
        page.context.clear_cookies()
        page.get_by_label("Brief description").fill("Typed after the session had ended.")
        press(page, "Save")
        expect(page.get_by_role("heading", level=1)).to_have_text("Not saved yet")
        check_text(page, "Typed after the session had ended.")
        sign_in(page, site, case.ana.token)
        press(page, "Save again")
        page.wait_for_url("**saved=1")
    assert case.content["how"]["summary"] == "Typed after the session had ended."


def check_text(page: Page, text: str) -> None:
    page.get_by_text("What you typed", exact=True).click()
    expect(page.get_by_text(text)).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_two_answers_to_one_question_are_set_side_by_side(
    visits: Visits, site: Site, device: Device, scripts: bool
) -> None:
    case = begin(site, READY)
    with visits.open(f"{case.path}/initiative", device, person=case.ana, scripts=scripts) as page:
        other = READY["initiative"] | {"title": "Eva's title", "websites": ["https://eva.example"]}
        case.save(case.eva, READY | {"initiative": other})
        page.get_by_label("Title").fill("Ana's title")
        page.get_by_role("group", name="Partners 1").get_by_label("Name").fill("Ana's partner")
        press(page, "Save")
        if scripts:
            state(page, "overtaken")
            press(page, "Compare and choose")
        expect(page.get_by_role("heading", level=1)).to_have_text("Somebody else answered meanwhile")
        look(page, scripts)
        assert case.content["initiative"]["title"] == "Eva's title"
        title = page.get_by_role("group", name="1.1 Title")
        expect(title).to_contain_text("Ana's title")
        expect(title).to_contain_text("Eva's title")
        title.get_by_role("radio", name="Theirs").check()
        press(page, "Save what I chose")
        page.wait_for_url("**saved=1")
        expect(page.get_by_label("Title")).to_have_value("Eva's title")
        expect(page.locator("#kept")).to_be_hidden()
    assert case.content["initiative"] == other | {"partners": [{"name": "Ana's partner"}]}


def test_what_others_answer_elsewhere_stands_in_nobodys_way(visits: Visits, site: Site, device: Device) -> None:
    case = begin(site, READY)
    with visits.open(f"{case.path}/how", device, person=case.ana) as page:
        case.save(case.eva, READY | {"initiative": {"title": "Eva's title"}}, translations={"es": {"how.summary": "x"}})
        page.get_by_label("Brief description").fill("Ana's summary")
        saved(page)
        page.get_by_label("Brief description").fill("Ana's summary, again")
        saved(page)
    expected: Any = READY | {"initiative": {"title": "Eva's title"}, "how": {"summary": "Ana's summary, again"}}
    assert case.content == expected
    assert case.read()["translations"] == {"es": {"how.summary": "x"}}


def test_a_case_that_was_handed_in_meanwhile(visits: Visits, site: Site) -> None:
    case: Case = begin(site, READY)
    with visits.open(f"{case.path}/how", person=case.ana) as page:
        with site.as_(case.eva) as api:
            version = {"If-Match": f'"{case.read()["version"]}"'}
            path = f"/submissions/{case.id}/transitions"
            assert api.post(path, json={"action": "submit"}, headers=version).is_success
        page.get_by_label("Brief description").fill("Too late")
        press(page, "Save")
        state(page, "closed")
        assert len(page.evaluate(KEPT)) == 1
        page.goto(f"{case.path}/how?form=short")
        expect(page.get_by_label("Brief description")).to_be_disabled()
        check_accessible(page)


def test_a_page_loaded_again_while_it_saves_shows_what_was_typed(visits: Visits, site: Site) -> None:
    case = begin(site, READY)
    held = """const ask = window.fetch; window.fetch = async (...asked) => {
        while (!sessionStorage.getItem("arrived")) await new Promise((resolve) => setTimeout(resolve, 20));
        return ask(...asked);
    };"""
    with visits.open(f"{case.path}/how", person=case.ana) as page:
        page.context.add_init_script(held)
        page.evaluate(f"() => {{ {held} }}")
        page.get_by_label("Brief description").fill("Typed just before")
        page.reload()
        case.save(case.ana, READY | {"how": {"summary": "Typed just before"}})  # what was on its way arrives now
        page.evaluate("sessionStorage.setItem('arrived', 'yes')")
        expect(page.get_by_label("Brief description")).to_have_value("Typed just before")
        expect(page.locator("#kept")).to_be_hidden()
        assert page.evaluate(KEPT) == []
        page.get_by_label("Brief description").fill("And typed again")
        saved(page)
    assert case.content["how"]["summary"] == "And typed again"
