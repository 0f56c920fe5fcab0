"""People and keys at the desk: invited, changed, let out and in; each secret is shown once and kept nowhere."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page

from tests.portal.site import PASSWORD, Device, Site, Visits, check_accessible, no_sideways_scroll
from tests.portal.test_desk import client, counter, somebody


@pytest.fixture
def desk(site: Site) -> Iterator[httpx.Client]:
    with client(site, somebody(site, "secretariat")) as visitor:
        yield visitor


def press(page: Page, name: str) -> str:
    """Press a button by keyboard alone; return how long the answer may be kept."""
    page.get_by_role("main").get_by_role("button", name=name).locator("visible=true").focus()
    with page.expect_navigation() as led:
        page.keyboard.press("Enter")
    return led.value.headers.get("cache-control", "")


def version(text: str) -> str:
    return re.findall(r'name="version" value="(\d+)"', text)[0]


@pytest.mark.parametrize("scripts", [True, False])
def test_somebody_is_invited_then_let_out_and_in(visits: Visits, site: Site, device: Device, scripts: bool) -> None:
    name = f"Ines {device} {scripts}"
    email = f"ines-{next(counter)}@example.org"
    with visits.open("/desk/people", device, person=somebody(site, "secretariat"), scripts=scripts) as page:
        page.get_by_role("link", name="Invite somebody").click()
        page.get_by_label("Name").fill(name)
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Role").select_option("officer")
        page.get_by_label("Organisation").fill("A town")
        press(page, "Invite")
        assert "an officer has an authority" in page.locator(".summary").inner_text()
        assert page.get_by_label("Name").input_value() == name
        page.get_by_label("Authority").select_option("cartaya")
        page.get_by_label("Organisation").fill("")
        assert press(page, "Invite") == "no-store"
        link = page.get_by_label("The link").input_value()
        token = re.findall(r"/invitation\?token=(\S+)$", link)[0]
        assert "token" not in page.url
        if scripts:
            check_accessible(page)
            no_sideways_scroll(page)
        redeemed = site.http.post("/api/v1/password-resets/redeem", json={"token": token, "password": PASSWORD})
        assert redeemed.status_code == 204
        opened = site.http.post("/api/v1/sessions", json={"email": email, "password": PASSWORD})
        assert opened.status_code == 201

        page.goto("/desk/people?role=officer&authority=cartaya&active=true")
        page.get_by_label("Name or e-mail").fill(email.upper())
        press(page, "Show")
        page.get_by_role("link", name=name).click()
        assert token not in page.content()
        page.get_by_label("Name").fill(f"{name} Prat")
        press(page, "Save")
        assert page.locator("h1").inner_text() == f"{name} Prat"
        page.locator("summary", has_text="Deactivate this account").focus()
        page.keyboard.press("Enter")
        press(page, "Yes, deactivate")
        assert "Deactivated" in page.locator(".facts").inner_text()
        mine = {"Authorization": f"Bearer {opened.json()['token']}"}
        assert site.http.get("/api/v1/me", headers=mine).status_code == 401
        page.reload()
        page.locator("summary", has_text="Reactivate this account").focus()
        page.keyboard.press("Enter")
        press(page, "Yes, reactivate")
        assert press(page, "Make a link") == "no-store"
        assert "/password/reset?token=" in page.get_by_label("The link").input_value()


def test_a_key_is_made_and_revoked(visits: Visits, site: Site, device: Device) -> None:
    name = f"Partner {next(counter)}"
    with visits.open("/desk/keys", device, person=somebody(site, "admin")) as page:
        page.get_by_label("Who holds it, and where").fill(name)
        page.get_by_label("Days until it expires").fill("30")
        assert press(page, "Make the key") == "no-store"
        key = page.get_by_label("The key").input_value()
        assert key.startswith("praxis_")
        check_accessible(page)
        mine = {"Authorization": f"Bearer {key}"}
        assert site.http.get("/api/v1/me", headers=mine).json()["name"] == name
        page.get_by_role("link", name="I have copied it").click()
        assert key not in page.content()
        page.locator("summary", has_text=f"Revoke: {name}").focus()
        page.keyboard.press("Enter")
        press(page, "Yes, revoke")
        assert "The key is revoked" in page.locator("main").inner_text()
        assert page.url.endswith("/desk/keys?said=revoked")
        assert site.http.get("/api/v1/me", headers=mine).status_code == 401


@pytest.mark.parametrize(("field", "value"), [("days", "0"), ("days", "many"), ("name", ""), ("role", "king")])
def test_a_key_that_cannot_be_is_not_made(site: Site, field: str, value: str) -> None:
    typed = {"name": "Partner of none", "role": "reviewer", "days": "30"} | {field: value}
    with client(site, somebody(site, "admin")) as visitor:
        answer = visitor.post("/desk/keys", data=typed)
    assert answer.status_code == 422
    assert f'id="{field}-fault"' in answer.text


def test_the_secretariat_looks_after_officers_and_reviewers_alone(site: Site, desk: httpx.Client) -> None:
    admin = somebody(site, "admin")
    with site.as_(admin) as api:
        id = api.get("/me").json()["id"]
    shown = desk.get(f"/desk/people/{id}")
    assert "looked after by administrators" in shown.text
    assert "<form method" not in shown.text.split("<main")[1].split("</main>")[0]
    assert 'value="admin"' not in desk.get("/desk/people/new").text
    typed = {"name": "Anna", "email": f"anna-{next(counter)}@example.org", "role": "admin", "organisation": "Network"}
    assert desk.post("/desk/people/new", data=typed).status_code == 403
    assert desk.post(f"/desk/people/{id}/deactivate", data={"version": "1"}).status_code == 403
    assert desk.post(f"/desk/people/{id}/reset").headers["location"].endswith("said=no_token")
    with site.as_(admin) as api:
        assert api.get("/me").status_code == 200


def test_nobody_overwrites_what_somebody_else_changed(site: Site, desk: httpx.Client) -> None:
    email = somebody(site, "reviewer").email
    listed = desk.get("/desk/people", params={"q": email}).text
    (path,) = re.findall(r'href="(/desk/people/[0-9a-f-]{36})"', listed)
    read = version(desk.get(path).text)
    typed = {"email": email, "role": "reviewer", "organisation": "The network"}
    assert desk.post(path, data=typed | {"name": "First", "version": read}).status_code == 303
    stale = desk.post(path, data=typed | {"name": "Second", "version": read})
    assert stale.status_code == 412
    assert "Somebody else changed this account meanwhile" in stale.text
    assert 'value="Second"' in stale.text
    assert desk.post(path, data=typed | {"name": "Second", "version": version(stale.text)}).status_code == 303
    taken = desk.post("/desk/people/new", data=typed | {"name": "Third"})
    assert taken.status_code == 409
    assert 'id="email-fault"' in taken.text
