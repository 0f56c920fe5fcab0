"""Practices at the desk: what no case has brought is shown to readers, put away, called otherwise, and taken back."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page

from tests.harness.support import Json
from tests.portal.site import Device, Site, Visits, check_accessible, no_sideways_scroll
from tests.portal.test_casework import begun, content, stepped
from tests.portal.test_desk import client, counter, somebody
from tests.portal.test_desk_people import press, version


@pytest.fixture
def desk(site: Site) -> Iterator[httpx.Client]:
    with client(site, somebody(site, "secretariat")) as visitor:
        yield visitor


def kept(site: Site, title: str, **more: str) -> Json:
    """A practice that nobody but its editors sees."""
    with site.as_(somebody(site, "secretariat")) as api:
        answer = api.post("/practices", json={"content": content(title), "translations": {}, **more})
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made


def said(page: Page) -> str:
    return page.get_by_role("main").get_by_role("status").inner_text()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_practice_goes_public_and_back(visits: Visits, site: Site, device: Device, scripts: bool) -> None:
    title = f"Taken in {device} {scripts} {next(counter)}"
    path = f"/desk/practices/{kept(site, title)['id']}"
    person = somebody(site, "secretariat")
    with visits.open("/desk/practices?status=unpublished", device, person=person, scripts=scripts) as page:
        page.get_by_role("link", name=title).click()
        assert page.url.endswith(path)
        page.get_by_role("link", name="Preview").click()
        assert page.locator("h1").inner_text() == title
        assert "readers do not see it yet" in page.locator(".preview-note").inner_text()
        page.get_by_role("link", name="Back to the practice").click()
        press(page, "Make public")
        assert "The practice is public" in said(page)
        address = page.locator(".facts a").inner_text()
        assert site.http.get(address).status_code == 200
        if scripts:
            check_accessible(page)
            no_sideways_scroll(page)

        page.get_by_label("Why").fill("It ended")
        press(page, "Archive")
        assert "It ended" in page.locator(".facts").inner_text()
        assert "No longer kept up" in site.http.get(address).text
        page.get_by_label("Why").fill("It began again")
        press(page, "Take up again")
        assert "kept up again" in said(page)

        page.get_by_label("The end of the address").fill(f"called-{next(counter)}-{device}-{str(scripts).lower()}")
        press(page, "Change the address")
        renamed = page.locator(".facts a").inner_text()
        assert renamed != address
        assert site.http.get(address).headers["location"].endswith(renamed)

        page.get_by_role("main").locator("summary").focus()
        page.keyboard.press("Enter")
        press(page, "Yes, take it out")
        assert "out of public view" in said(page)
        assert site.http.get(renamed).status_code == 404
        page.get_by_role("link", name="Begin a revision").click()
        press(page, "Begin the revision")
        assert page.locator("h1").inner_text() == title
        page.goto(path)
        page.get_by_role("link", name="Its case").click()
        assert "/contribute/" in page.url


def test_the_secretariat_alone_is_led_from_the_public_page(site: Site, desk: httpx.Client) -> None:
    slug = site.http.get("/api/v1/practices").json()["items"][0]["slug"]
    (link,) = re.findall(r'href="(/desk/practices/[^"]+)"', desk.get(f"/practices/{slug}").text)
    assert desk.get(link).status_code == 200
    for person in (None, somebody(site, "officer")):
        with client(site, person) as visitor:
            assert link not in visitor.get(f"/practices/{slug}").text


def test_nobody_changes_what_somebody_else_has_changed(site: Site, desk: httpx.Client) -> None:
    path = f"/desk/practices/{kept(site, f'Changed by two {next(counter)}')['id']}"
    read = version(desk.get(path).text)
    assert desk.post(f"{path}/publish", data={"version": read}).status_code == 303
    for sent in ({"version": read}, {"version": ""}, {}):
        stale = desk.post(f"{path}/archive", data={"reason": "It <ended>", **sent})
        assert stale.status_code in (412, 428)
        assert "Somebody else changed this practice meanwhile" in stale.text
        assert ">It &lt;ended&gt;</textarea>" in stale.text
    assert "No longer kept up because" not in desk.get(path).text


def test_what_cannot_be_done_is_said_at_the_field(site: Site, desk: httpx.Client) -> None:
    path = f"/desk/practices/{kept(site, f'Not to be done {next(counter)}')['id']}"

    def refused(act: str, status: int, **more: str) -> str:
        answer = desk.post(f"{path}/{act}", data={"version": version(desk.get(path).text), **more})
        assert answer.status_code == status
        return answer.text

    assert "is not published" in refused("unpublish", 409)
    desk.post(f"{path}/publish", data={"version": version(desk.get(path).text)})
    assert 'id="reason-fault"' in refused("archive", 422, reason=" ")
    assert 'id="slug-fault"' in refused("rename", 422, slug="No Address")
    assert 'value="No Address"' in refused("rename", 422, slug="No Address")
    taken = site.http.get("/api/v1/practices", params={"limit": 100}).json()["items"][-1]["slug"]
    assert 'id="slug-fault" lang="en"' in refused("rename", 409, slug=taken)
    assert desk.post(f"{path}/delete", data={"version": "1"}).status_code == 422
    assert desk.get("/desk/practices/00000000-0000-4000-8000-000000000000").status_code == 404


def test_what_a_case_has_brought_is_led_by_its_case(site: Site, desk: httpx.Client) -> None:
    office, secretariat = somebody(site, "officer"), somebody(site, "secretariat")
    case = stepped(site, office, begun(site, office, f"Brought by a case {next(counter)}"), "submit")
    for action in ("take-up", "publish"):
        case = stepped(site, secretariat, case, action)
    id = site.http.get(f"/api/v1/practices/{case['practice']}").json()["id"]
    text = desk.get(f"/desk/practices/{id}").text
    assert f'href="/contribute/{case["id"]}"' in text
    assert f"/desk/practices/{id}/archive" not in text
    assert f"/desk/practices/{id}/unpublish" in text
    assert "Readers see the case." in desk.get(f"/contribute/{case['id']}").text
    taken = desk.post(f"/desk/practices/{id}/unpublish", data={"version": version(text)})
    assert taken.status_code == 303
    told = desk.get(f"/contribute/{case['id']}").text
    assert "Readers see the case." not in told
    assert "taken out of public view" in told


def test_the_list_pages_and_narrows(site: Site, desk: httpx.Client) -> None:
    made = {kept(site, f"Listed {next(counter)}")["id"] for _ in range(3)}

    def listed(address: str | None) -> list[str]:
        found: list[str] = []
        while address:
            text = desk.get(address).text
            found += re.findall(r'class="case-title">\s*<a href="/desk/practices/([0-9a-f-]{36})"', text)
            further = re.search(r'href="(/desk/practices\?[^"]*)" rel="next"', text)
            address = further[1].replace("&amp;", "&") if further else None
        return found

    everything, hidden = listed("/desk/practices"), listed("/desk/practices?status=unpublished")
    assert len(everything) == len(set(everything))
    assert made <= set(hidden) <= set(everything)
    assert not made & set(listed("/desk/practices?status=published"))
    owned = set(listed("/desk/practices?owner=cartaya"))
    assert owned <= set(everything) - made
    mine = kept(site, f"Listed {next(counter)}", owner="cartaya")["id"]
    assert set(listed("/desk/practices?owner=cartaya&status=unpublished")) >= {mine}
    assert set(listed("/desk/practices?owner=cartaya")) == owned | {mine}
    assert desk.get("/desk/practices?owner=atlantis").status_code == 404
    assert desk.get("/desk/practices?status=lost").status_code == 422
