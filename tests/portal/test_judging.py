"""A peer judges a case: what is stated of its features, where it is shown, and what keeps it from being approved."""

from typing import Literal

import httpx
import pytest
from playwright.sync_api import expect

from tests.harness.support import Json
from tests.portal.site import Device, Person, Site, Visits, check_accessible, counter, no_sideways_scroll
from tests.portal.test_casework import begun, client, content, cookie, desk, go, officer, press, remark, stepped

__all__ = ["client"]
STATED = "The <mayor> showed me the books."


def short_form(title: str) -> Json:
    """Return the sections in which all that the short form asks beyond is answered, too."""
    initiative = {
        "promoters": [{"name": "Municipality of Cartaya"}],
        "budget_sources": [{"kind": "local"}],
        "partners": [{"name": "ANAPEC"}],
        "countries": [{"country": "ES", "roles": ["destination"]}],
        "budget": [{"amount": 5000, "currency": "EUR", "scope": "total"}],
        "websites": ["https://cartaya.example"],
    }
    return {
        "initiative": content(title)["initiative"] | initiative,
        "when": {"start": "2008"},
        "where": {"places": [{"name": "Cartaya"}]},
        "why": {
            "features": [
                {"feature": "adaptability", "statement": "Two towns took it over.", "assessed_by": "authority"}
            ]
        },
    }


def in_review(site: Site, **more: Json) -> tuple[Json, Person]:
    """Return a case of an office whose reviewer has taken it up, and the reviewer."""
    office, peer = officer(site), site.person(f"peer-{next(counter)}", "reviewer")
    case = begun(site, office, f"A case to be judged {next(counter)}", **more)
    stepped(site, office, case, "submit")
    return stepped(site, peer, case, "take-up"), peer


def test_a_reviewer_takes_up_comments_and_approves(visits: Visits, site: Site, device: Device) -> None:
    office, network = officer(site), desk(site)
    peer = site.person(f"peer-{next(counter)}", "reviewer")
    title = f"A case for peers {next(counter)}"
    case = begun(site, office, title, **short_form(title))
    stepped(site, office, case, "submit")
    with visits.open("/contribute?state=submitted", device, person=peer, scripts=False) as page:
        go(page, title)
        go(page, "Take up")
        press(page, "Take up")
        go(page, "Answers and comments")
        remark(page, "f-whole", "Comment", "Your comment", "A clear case.", "Send the comment")
        go(page, "Where it stands")
        go(page, "Approve")
        assert page.locator("fieldset textarea").first.get_attribute("id") == "statement-adaptability"
        press(page, "Approve")
        assert "State, for one feature at least" in page.locator("#faults").inner_text()
        page.get_by_label("Adaptability").fill("I asked the second town.\nIt runs.")
        press(page, "Approve")
        assert "Approved by a peer" in page.locator(".case-head").inner_text()
    stepped(site, network, case, "publish")
    with site.as_(network) as api:
        practice = api.get(f"/submissions/{case['id']}").json()["practice"]
    with visits.open(f"/practices/{practice}", device, person=office, scripts=False) as page:
        assert "Peer reviewed" in page.locator(".practice-head").inner_text()
        adaptable = page.locator(".features li", has=page.get_by_role("heading", name="Adaptability"))
        assert "I asked the second town." in adaptable.inner_text()
        assert "Stated by a peer" in adaptable.inner_text()
        go(page, "Propose a change")
        press(page, "Propose a change")
        assert page.url.startswith(f"{site.url}/contribute/{case['id']}?said=revise")
        assert "Draft" in page.locator(".case-head").inner_text()


def test_what_a_peer_stated_stands_in_the_history_and_in_public(site: Site, client: httpx.Client) -> None:
    case, peer = in_review(site, **short_form("A case that was judged"))
    form = {
        "version": case["version"],
        "statement-adaptability": f"  {STATED}\r\nAll of them. ",
        "statement-transferability": " ",
    }
    answer = client.post(f"/contribute/{case['id']}/step/approve", data=form, headers=cookie(peer))
    assert answer.headers["location"] == f"/contribute/{case['id']}?said=approve"
    with site.as_(peer) as api:
        (told,) = api.get(f"/submissions/{case['id']}/events").json()[-1]["statements"]
    assert told == {"feature": "adaptability", "statement": f"{STATED}\nAll of them."}
    escaped = STATED.replace("<", "&lt;").replace(">", "&gt;")
    history = client.get(f"/contribute/{case['id']}/history", headers=cookie(peer)).text
    assert escaped in history.split("Adaptability")[1]
    preview = client.get(f"/contribute/{case['id']}/preview", headers=cookie(peer)).text
    assert escaped in preview.split("Adaptability</h3>")[1].split("</li>")[0]
    assert "Peer reviewed" in preview
    public = stepped(site, desk(site), case, "publish")["practice"]
    page = client.get(f"/practices/{public}").text
    assert escaped in page.split("Adaptability</h3>")[1].split("</li>")[0]


def test_a_case_with_an_incomplete_short_form_is_not_approved_and_nothing_typed_is_lost(
    site: Site, client: httpx.Client
) -> None:
    case, peer = in_review(site)
    path = f"/contribute/{case['id']}/step/approve"
    percent = case["completeness"]["snapshot"]
    assert f"The short form is answered to {percent} %" in client.get(path, headers=cookie(peer)).text
    form = {"version": case["version"], "statement-adaptability": STATED}
    for lang, told in (
        ("en", "Not all of the short form is answered"),
        ("es", "No está contestada toda la ficha breve"),
        ("fr", "La fiche courte n’est pas entièrement remplie"),
        ("it", "Il modulo breve non è compilato per intero"),
    ):
        answer = client.post(f"{path}?lang={lang}", data=form, headers=cookie(peer))
        assert answer.status_code == 422
        assert told in answer.text
        assert "The &lt;mayor&gt; showed me the books.</textarea>" in answer.text


def test_faults_of_statements_stand_at_their_features(site: Site, client: httpx.Client) -> None:
    case, peer = in_review(site, **short_form("A case with too long a statement"))
    path = f"/contribute/{case['id']}/step/approve"
    form = {"version": case["version"], "statement-adaptability": "Fine.", "statement-transferability": "x" * 20_001}
    answer = client.post(path, data=form, headers=cookie(peer))
    assert answer.status_code == 422
    assert 'href="#statement-transferability"' in answer.text
    assert 'id="statement-transferability-fault"' in answer.text
    assert 'id="statement-adaptability-fault"' not in answer.text
    unknown = client.post(
        path, data=form | {"statement-transferability": "", "statement-magic": "!"}, headers=cookie(peer)
    )
    assert unknown.status_code == 422
    assert "no feature that is judged" in unknown.text


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_judging_is_accessible(visits: Visits, site: Site, device: Device, theme: Literal["light", "dark"]) -> None:
    case, peer = in_review(site)
    with visits.open(f"/contribute/{case['id']}/step/approve", device, person=peer, theme=theme) as page:
        check_accessible(page)
        no_sideways_scroll(page)
        page.get_by_role("button", name="Approve").click()
        expect(page.locator("#faults")).to_be_focused()
        check_accessible(page)
