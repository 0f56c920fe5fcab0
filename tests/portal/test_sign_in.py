"""Signing in and out, and looking after one's account, in a browser and by plain HTTP."""

from collections.abc import Iterator
from http.cookies import SimpleCookie

import httpx
import pytest
from playwright.sync_api import expect

from services.api.access import accounts, tokens
from services.api.access.rules import Rules
from services.api.access.service import OPERATOR
from tests.harness.ports import PLAIN
from tests.portal.site import PASSWORD, Device, Site, Visits, check_accessible, no_sideways_scroll

HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def client(site: Site) -> Iterator[httpx.Client]:
    """A visitor without a browser, who follows nothing."""
    with httpx.Client(verify=PLAIN, base_url=site.url, headers=HERE, timeout=20) as client:
        yield client


def reset_token(site: Site, email: str) -> str:
    """Return a token by which a person sets a password."""
    with site.database.transaction() as session:
        return tokens.issue_for_password(session, OPERATOR, accounts.find_by_email(session, email), Rules()).token


@pytest.mark.parametrize("scripts", [True, False])
def test_signing_in_leads_on_to_where_one_was(visits: Visits, site: Site, device: Device, scripts: bool) -> None:
    person = site.person(f"ines-{device}-{scripts}".lower(), "officer", "cartaya")
    with visits.open("/account", device, scripts=scripts) as page:
        assert page.url == f"{site.url}/sign-in?next=%2Faccount"
        check_accessible(page) if scripts else None
        page.get_by_label("E-mail").fill(person.email)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/account")
        assert page.locator("dd").nth(2).inner_text() == "Officer of an authority"
        no_sideways_scroll(page) if scripts else None
        page.reload()
        page.get_by_role("banner").get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/sign-in?said=out")
        page.goto("/account")
        assert page.get_by_role("heading", level=1).inner_text() == "Sign in"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_its_pages_are_accessible(visits: Visits, site: Site, device: Device, theme: str) -> None:
    person = site.person(f"axe-{device}-{theme}", "reviewer")
    paths = ("/sign-in", "/sign-in?said=no_account", "/password/forgotten", "/password/forgotten?delivery=secretariat")
    with visits.open("/account", device, person=person, theme=theme) as page:
        check_accessible(page)
        no_sideways_scroll(page)
        for path in (*paths, "/invitation?token=x", "/password/reset"):
            page.goto(path)
            check_accessible(page)
            no_sideways_scroll(page)
        page.goto("/invitation?token=x")
        page.get_by_label("New password").fill("a good long password")
        page.get_by_role("button", name="Set the password").click()
        expect(page.locator("#faults")).to_be_focused()
        assert "no longer good" in page.locator("#faults").inner_text()
        check_accessible(page)


def test_the_token_is_kept_where_no_script_and_no_foreign_site_finds_it(site: Site, client: httpx.Client) -> None:
    person = site.person("cookie", "reviewer")
    form = {"email": person.email, "password": PASSWORD, "next": "/practices?q=a"}
    answer = client.post("/sign-in", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/practices?q=a")
    cookie = SimpleCookie(answer.headers["set-cookie"])["praxis_session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
    assert not cookie["domain"]
    assert not cookie["max-age"]
    over_tls = client.post("/sign-in", data=form, headers={"X-Forwarded-Proto": "https"})
    cookie = SimpleCookie(over_tls.headers["set-cookie"])["__Host-praxis_session"]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"]) == (True, True, "lax", "/")


def test_signing_in_anew_ends_the_session_before(site: Site, client: httpx.Client) -> None:
    person = site.person("anew", "reviewer")
    form = {"email": person.email, "password": PASSWORD}
    client.post("/sign-in", data=form)
    first = client.cookies["praxis_session"]
    client.post("/sign-in", data=form)
    second = client.cookies["praxis_session"]
    assert first != second
    assert [me(site, token) for token in (first, second)] == [401, 200]


def test_signing_out_ends_the_session_at_the_api(site: Site, client: httpx.Client) -> None:
    person = site.person("out", "reviewer")
    client.post("/sign-in", data={"email": person.email, "password": PASSWORD})
    token = client.cookies["praxis_session"]
    assert me(site, token) == 200
    answer = client.post("/sign-out")
    assert answer.status_code == 303
    assert "praxis_session" not in client.cookies
    assert me(site, token) == 401


def me(site: Site, token: str) -> int:
    return site.http.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "/a\nb", "javascript:1"]
)
def test_nobody_is_led_elsewhere(site: Site, client: httpx.Client, elsewhere: str) -> None:
    person = site.person(f"next-{abs(hash(elsewhere))}", "reviewer")
    shown = client.get("/sign-in", params={"next": elsewhere})
    assert 'name="next" value="/"' in shown.text
    answer = client.post("/sign-in", data={"email": person.email, "password": PASSWORD, "next": elsewhere})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_wrong_passwords_are_told_and_lock(site: Site, client: httpx.Client) -> None:
    person = site.person("locked", "reviewer")
    for _ in range(5):
        answer = client.post("/sign-in", data={"email": person.email, "password": "no", "next": "/account"})
        assert answer.status_code == 422
        assert "The e-mail or the password is wrong." in answer.text
        assert f'value="{person.email}"' in answer.text
        assert 'name="next" value="/account"' in answer.text
        assert "set-cookie" not in answer.headers
    locked = client.post("/sign-in", data={"email": person.email, "password": PASSWORD})
    assert locked.status_code == 422
    assert "Wait for 1 minute" in locked.text
    assert "password is wrong" in client.post("/sign-in", data={"email": "not an e-mail", "password": "x"}).text


def test_a_session_that_has_ended_is_forgotten_and_said(client: httpx.Client) -> None:
    ended = {"Cookie": "praxis_session=praxis_" + "x" * 40}
    answer = client.get("/account", headers=ended)
    assert answer.headers["location"] == "/sign-in?next=%2Faccount&said=ended"
    assert 'praxis_session=""; expires=' in answer.headers["set-cookie"]
    answer = client.get("/practices", headers=ended)
    assert answer.status_code == 200
    assert 'praxis_session=""; expires=' in answer.headers["set-cookie"]


def test_a_password_is_set_by_a_token_once(site: Site, client: httpx.Client) -> None:
    person = site.person("reset", "reviewer")
    token = reset_token(site, person.email)
    shown = client.get("/password/reset", params={"token": token})
    assert token in shown.text
    assert (shown.headers["referrer-policy"], shown.headers["cache-control"]) == ("same-origin", "no-store")
    short = client.post("/password/reset", data={"token": token, "password": "short"})
    assert short.status_code == 422
    assert "Choose a password of 12 to 200 characters" in short.text
    done = client.post("/password/reset", data={"token": token, "password": "another good password"})
    assert done.headers["location"] == "/sign-in?said=set"
    again = client.post("/invitation", data={"token": token, "password": "another good password"})
    assert again.status_code == 422
    assert "no longer good" in again.text
    assert me(site, person.token) == 401
    answer = client.post("/sign-in", data={"email": person.email, "password": "another good password"})
    assert answer.status_code == 303


def test_who_forgot_the_password_learns_the_same_whoever_asks(site: Site, client: httpx.Client) -> None:
    person = site.person("forgot", "reviewer")
    for email in (person.email, "nobody@example.org"):
        answer = client.post("/password/forgotten", data={"email": email})
        assert answer.headers["location"] == "/password/forgotten?delivery=secretariat"
    assert client.post("/password/forgotten", data={"email": "x"}).status_code == 422


def test_an_account_changes_its_password_and_ends_a_session(site: Site, client: httpx.Client) -> None:
    person = site.person("own", "reviewer")
    client.post("/sign-in", data={"email": person.email, "password": PASSWORD}, headers={"User-Agent": "My browser"})
    shown = client.get("/account").text
    assert "My browser" in shown
    (other,) = [part.split("/end")[0] for part in shown.split('action="/account/sessions/')[1:]]
    assert client.post(f"/account/sessions/{other}/end").headers["location"] == "/account?said=ended"
    assert me(site, person.token) == 401
    before = client.cookies["praxis_session"]
    wrong = client.post("/account/password", data={"present_password": "no", "password": "yet another password"})
    assert wrong.status_code == 422
    assert "This is not your present password." in wrong.text
    form = {"present_password": PASSWORD, "password": "yet another password"}
    assert client.post("/account/password", data=form).headers["location"] == "/account?said=changed"
    assert [me(site, before), me(site, client.cookies["praxis_session"])] == [401, 200]
