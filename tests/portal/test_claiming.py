"""A case becomes an office's own, as an officer asks for it and the secretariat decides, in a browser."""

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.harness.support import Json
from tests.portal.site import Device, Person, Site, Visits, check_accessible, counter, no_sideways_scroll
from tests.portal.test_casework import begun, content, go, officer, press, stepped
from tests.portal.test_desk import ID, client, somebody
from tests.portal.test_desk_practices import kept, said


def printed(site: Site, title: str, **more: str) -> Json:
    """A public practice that came without a case, and is nobody's unless told otherwise."""
    with site.as_(somebody(site, "secretariat")) as api:
        made = kept(site, title, **more)
        shown: Json = api.post(f"/practices/{made['id']}/publish", headers={"If-Match": '"1"'}).json()
        return shown


def asked(site: Site, person: Person, practice: Json, statement: str = "We run it.") -> Json:
    with site.as_(person) as api:
        claim: Json = api.post(f"/practices/{practice['id']}/claims", json={"statement": statement}).json()
        return claim


@pytest.fixture
def desk(site: Site) -> Iterator[httpx.Client]:
    with client(site, somebody(site, "secretariat")) as visitor:
        yield visitor


@pytest.mark.parametrize("scripts", [True, False])
def test_an_office_asks_for_its_case_and_revises_it(visits: Visits, site: Site, device: Device, scripts: bool) -> None:
    title = f"Printed and nobody's {next(counter)} {device}"
    practice, office = printed(site, title), officer(site)

    with visits.open(f"/practices/{practice['slug']}", device, person=office, scripts=scripts) as page:
        go(page, "This is our case")
        assert "in the name of" in page.get_by_role("main").inner_text()
        page.get_by_label("Why it is yours").fill("We began it in 2008,\nand run it.")
        if scripts:
            check_accessible(page)
            no_sideways_scroll(page)
        press(page, "Ask for the case")
        assert said(page) == "You have asked for the case."
        assert "Waits for the secretariat" in page.locator(".eyebrow").inner_text()
        claim = page.url.partition("?")[0]
        if scripts:
            check_accessible(page)
            no_sideways_scroll(page)
        page.goto(f"/practices/{practice['slug']}")
        go(page, "This is our case")
        assert page.url == claim, "what is asked for already is not asked for twice"

    with visits.open("/desk/claims", device, person=somebody(site, "secretariat"), scripts=scripts) as page:
        assert "We began it in 2008," in page.get_by_role("main").inner_text()
        if scripts:
            check_accessible(page)
            no_sideways_scroll(page)
        mine = page.get_by_role("listitem").filter(has_text=title)
        mine.get_by_role("button", name="Grant").focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "belongs to the office now" in said(page)
        assert title not in page.get_by_role("main").inner_text()

    with visits.open("/contribute", device, person=office, scripts=scripts) as page:
        go(page, "Cases that we asked for")
        go(page, title)
        assert "Granted" in page.locator(".eyebrow").inner_text()
        go(page, "Its case")
        assert "handed the case over" in page.get_by_role("main").inner_text()
        go(page, "History")
        history = page.get_by_role("main").inner_text()
        assert "from no authority to" in history
        assert "Cartaya" in history
        assert "We began it in 2008," in history
        page.goto(f"/practices/{practice['slug']}")
        assert page.get_by_role("link", name="This is our case").count() == 0
        go(page, "Propose a change")
        press(page, "Propose a change")
        assert "Draft" in page.locator(".case-head").inner_text()


def test_the_way_is_offered_to_officers_of_others_alone(site: Site) -> None:
    slug = printed(site, f"Offered to some {next(counter)}", owner="cartaya")["slug"]
    link = f'href="/contribute/claim/practices/{slug}"'
    offered = []
    for person in (None, officer(site), somebody(site, "secretariat"), somebody(site, "reviewer")):
        with client(site, person) as visitor:
            offered.append(link in visitor.get(f"/practices/{slug}").text)
    with client(site, site.person(f"of-bologna-{next(counter)}", "officer", "bologna")) as visitor:
        offered.append(link in visitor.get(f"/practices/{slug}").text)
    assert offered == [False, False, False, False, True]


def test_a_claim_is_refused_with_a_reason_and_taken_back(site: Site, desk: httpx.Client) -> None:
    practice, office = printed(site, f"Refused {next(counter)}"), officer(site)
    claim = asked(site, office, practice)
    path = f"/desk/claims/{claim['id']}"
    empty = desk.post(f"{path}/refuse", data={"version": "1", "reason": " "})
    assert empty.status_code == 422
    assert f'id="reason-{claim["id"]}-fault"' in empty.text
    refused = desk.post(f"{path}/refuse", data={"version": "1", "reason": "It is <Bologna's>."})
    assert refused.headers["location"] == "/desk/claims?said=refuse"
    late = desk.post(f"{path}/grant", data={"version": "1"})
    assert late.status_code == 412
    assert "decided this claim meanwhile" in late.text
    with client(site, office) as visitor:
        shown = visitor.get(f"/contribute/claims/{claim['id']}").text
        assert "It is &lt;Bologna&#39;s&gt;." in shown
        again = asked(site, office, practice)
        mine = f"/contribute/claims/{again['id']}"
        assert "Take it back" in visitor.get(mine).text
        back = visitor.post(f"{mine}/withdraw", data={"version": "1"})
        assert back.headers["location"] == f"{mine}?said=withdrawn"
        assert visitor.post(f"{mine}/withdraw", data={"version": "1"}).status_code == 412
        assert "Take it back" not in visitor.get(mine).text


def test_what_cannot_be_asked_for(site: Site) -> None:
    practice = printed(site, f"Not to be asked for {next(counter)}", owner="cartaya")
    path = f"/contribute/claim/practices/{practice['slug']}"
    with client(site, None) as visitor:
        for address in (path, "/contribute/claims", f"/contribute/claims/{ID}"):
            assert visitor.get(address).headers["location"].startswith("/sign-in")
    with client(site, officer(site)) as visitor:
        own = visitor.post(path, data={"statement": "Ours."})
        assert own.status_code == 409
        assert "belongs to your authority already" in own.text
        assert visitor.get("/contribute/claim/accounts/cartaya").status_code == 404
        assert visitor.get("/contribute/claim/practices/nowhere").status_code == 404
        assert visitor.get(f"/contribute/claims/{ID}").status_code == 404
    with client(site, site.person(f"of-bologna-{next(counter)}", "officer", "bologna")) as visitor:
        for statement in ("  ", "x" * 2001):
            empty = visitor.post(path, data={"statement": statement})
            assert empty.status_code == 422
            assert 'id="statement-fault"' in empty.text
    with client(site, somebody(site, "reviewer")) as visitor:
        assert "asked for by officers" in visitor.get(path).text


@pytest.mark.parametrize("scripts", [True, False])
def test_the_desk_hands_a_case_over(visits: Visits, site: Site, device: Device, scripts: bool) -> None:
    title = f"Handed over {next(counter)} {device}"
    practice = printed(site, title)
    person = somebody(site, "secretariat")
    with visits.open(f"/desk/practices/{practice['id']}", device, person=person, scripts=scripts) as page:
        go(page, "Hand over")
        page.get_by_label("To whom").select_option("bologna")
        page.get_by_label("Why").fill("They run it.")
        if scripts:
            check_accessible(page)
            no_sideways_scroll(page)
        press(page, "Hand over")
        assert "It is handed over" in said(page)
        assert "Bologna" in page.locator(".facts").inner_text()
        page.get_by_label("To whom").select_option("bologna")
        page.get_by_label("Why").fill("Again.")
        press(page, "Hand over")
        assert "already" in page.get_by_role("alert").inner_text()
        go(page, title)
        assert "Bologna" in page.locator(".facts").inner_text()


def test_an_office_that_ends_hands_over_all(visits: Visits, site: Site, device: Device) -> None:
    ends, heir = (f"{name}-{next(counter)}-{device}" for name in ("ends", "goes-on"))
    person = somebody(site, "secretariat")
    with site.as_(person) as api:
        for slug in (ends, heir):
            body = {"slug": slug, "name": slug.title(), "level": "municipality", "country": "IT"}
            assert api.post("/authorities", json=body).is_success
        for _ in range(2):
            made = printed(site, f"Of an office that ends {next(counter)}", owner=ends)
        assert api.post("/submissions", json={"content": content("A draft of theirs"), "owner": ends}).is_success
    with visits.open(f"/desk/hand-over?from={ends}", device, person=person) as page:
        assert page.get_by_label("Office that ends").input_value() == ends
        check_accessible(page)
        no_sideways_scroll(page)
        page.get_by_label("Office that goes on").evaluate(f"one => one.add(new Option('Heir', '{heir}'))")
        page.get_by_label("Office that goes on").select_option(heir)
        page.get_by_label("Why").fill("The regions merged.")
        press(page, "Hand over all of it")
        assert "2 records are handed over; 1 case on its way" in " ".join(said(page).split())
    with site.as_(person) as api:
        assert api.get(f"/practices/{made['id']}/latest").json()["owner"] == heir


def test_what_cannot_be_handed_over_is_said_at_the_field(site: Site, desk: httpx.Client) -> None:
    practice = printed(site, f"Kept {next(counter)}")
    path = f"/desk/hand-over/practices/{practice['id']}"
    version = re.findall(r'name="version" value="(\d+)"', desk.get(path).text)[0]
    wrong = desk.post(path, data={"version": version, "authority": "atlantis", "reason": " "})
    assert wrong.status_code == 422
    assert 'id="reason-fault"' in wrong.text
    wrong = desk.post(path, data={"version": version, "authority": "atlantis", "reason": "x"})
    assert 'id="authority-fault"' in wrong.text
    stale = desk.post(path, data={"version": "1", "authority": "bologna", "reason": "x"})
    assert stale.status_code == 412
    assert "Somebody else changed the record meanwhile" in stale.text
    for given, field in (
        ({"from": "", "to": "bologna", "reason": "x"}, "from"),
        ({"from": "bologna", "to": "bologna", "reason": "x"}, "to"),
        ({"from": "bologna", "to": "atlantis", "reason": "x"}, "to"),
        ({"from": "bologna", "to": "cartaya", "reason": ""}, "reason"),
    ):
        wrong = desk.post("/desk/hand-over", data=given)
        assert wrong.status_code == 422
        assert f'id="{field}-fault"' in wrong.text
    assert desk.get(f"/desk/hand-over/accounts/{ID}").status_code == 404
    assert desk.get(f"/desk/hand-over/practices/{ID}").status_code == 404


def test_a_case_whose_reviewer_left_says_so(site: Site) -> None:
    office, admin = officer(site), somebody(site, "admin")
    peer = site.person(f"peer-who-leaves-{next(counter)}", "reviewer", "bologna")
    case = begun(site, office, f"Given back {next(counter)}")
    stepped(site, office, case, "submit")
    case = stepped(site, peer, case, "take-up")
    with site.as_(admin) as api:
        path = f"/accounts/{case['reviewer']['id']}"
        version = api.get(path).json()["version"]
        assert api.post(f"{path}/deactivate", headers={"If-Match": f'"{version}"'}).is_success
    with client(site, office) as visitor:
        assert "gave the case back to the secretariat" in visitor.get(f"/contribute/{case['id']}/history").text
