"""Bologna's officer claims the Local Action Plan, revises it, a peer approves, it is public: in a browser alone.

Each page on the way is looked at in a window of a desktop and of a phone, and each person follows the letter that came.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Page

from services.api.app import open_database
from tests.harness.letters import Post, paths_in, sends_mail
from tests.harness.server import serving_seeds
from tests.harness.smtp import Inbox, serving_mail
from tests.harness.support import settings_for
from tests.portal.site import PASSWORD, Device, Person, Site, Visits, check_accessible, no_sideways_scroll
from tests.portal.test_casework import go, press
from tests.portal.test_desk_practices import said

WEBSITE = "https://www.comune.bologna.it/"
PAL = "/practices/bologna-a-local-action-plan-pal-against-discrimination-and"
TITLE = "Bologna: a Local Action Plan (PAL) against discrimination and for the rights of new citizens"
WINDOWS: dict[str, tuple[Device, int, int]] = {"desktop": ("desktop", 1280, 800), "phone": ("phone", 390, 844)}


@dataclass(frozen=True)
class Journey:
    """A site of its own, what it sends by letter, and the window in which it is looked at."""

    visits: Visits
    post: Post
    window: tuple[Device, int, int]

    @contextmanager
    def open(self, path: str, person: Person | None = None) -> Iterator[Page]:
        device, width, height = self.window
        with self.visits.open(path, device, person=person, viewport={"width": width, "height": height}) as page:
            yield page

    @contextmanager
    def follow(self, person: Person, subject: str, letters: list[EmailMessage]) -> Iterator[Page]:
        """Open what the one letter to somebody leads to first."""
        (letter,) = [one for one in letters if one["to"] == person.email]
        assert letter["subject"] == f"{subject}: {TITLE}"
        with self.open(paths_in(letter)[0], person) as page:
            yield page


@pytest.fixture(params=WINDOWS)
def journey(request: pytest.FixtureRequest, visits: Visits, tmp_path: Path) -> Iterator[Journey]:
    """Praxis on the seeds, sending letters."""
    inbox = Inbox()
    with serving_mail(inbox) as server, serving_seeds(tmp_path, settings=sends_mail(server)) as client:
        database = open_database(settings_for(f"sqlite:///{tmp_path}/praxis.db"))
        site = Site(str(client.base_url).rstrip("/"), client, database)
        yield Journey(replace(visits, site=site), Post(inbox, database), WINDOWS[request.param])
        database.close()


def look(page: Page) -> None:
    check_accessible(page)
    no_sideways_scroll(page)


def test_a_printed_case_becomes_an_offices(journey: Journey) -> None:
    site = journey.visits.site
    officer, desk = site.person("ines", "officer", "bologna"), site.person("desk", "secretariat")
    peer = site.person("rosa", "reviewer", "cartaya")

    with journey.open(f"/sign-in?next={PAL}") as page:
        page.get_by_label("E-mail").fill(officer.email)
        page.get_by_label("Password").fill(PASSWORD)
        press(page, "Sign in")
        go(page, "This is our case")
        page.get_by_label("Why it is yours").fill("We wrote the plan of 2018, and carry it out.")
        look(page)
        press(page, "Ask for the case")
        assert said(page) == "You have asked for the case."
        look(page)
        for path in ("/contribute/claims", "/authorities", "/authorities/bologna"):
            page.goto(path)
            look(page)
        page.goto("/account")
        page.get_by_label("Language of letters").select_option("it")
        page.get_by_role("main").get_by_role("button", name="Save").click()
        assert said(page) == "Your wishes for letters are kept."
        look(page)

    with journey.follow(desk, "Comune di Bologna says that this case is theirs", journey.post.new()) as page:
        look(page)
        assert "We wrote the plan of 2018" in page.get_by_role("main").inner_text()
        page.get_by_role("button", name="Grant").focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "belongs to the office now" in said(page)
        look(page)
        page.goto("/desk/authorities/bologna")
        look(page)
        go(page, "Hand over all of it")
        assert page.get_by_label("Office that ends").input_value() == "bologna"
        look(page)
        page.goto("/desk/practices?owner=bologna")
        go(page, TITLE)
        go(page, "Hand over")
        look(page)

    with journey.follow(officer, "La scheda è vostra", journey.post.new()) as page:
        look(page)
        go(page, "Its case")
        go(page, "Propose a change")
        press(page, "Propose a change")
        go(page, "Fill in the questionnaire")
        page.locator("#q-initiative-websites").get_by_role("textbox").first.fill(WEBSITE)
        budget = page.locator("#q-initiative-budget")
        budget.get_by_label("Amount").first.fill("10000")
        budget.get_by_label("Currency").first.fill("EUR")
        budget.get_by_label("What it covers").first.select_option("part")
        press(page, "Save and go on")
        page.get_by_role("main").locator(".eyebrow").get_by_role("link").click()
        go(page, "Hand in")
        press(page, "Hand in")
        assert "Handed in" in page.locator(".case-head").inner_text()

    with journey.follow(desk, "It waits for the secretariat", journey.post.new()) as page:
        go(page, "Take up")
        page.get_by_label("Who reviews").select_option(label="Rosa (Ayuntamiento de Cartaya)")
        press(page, "Take up")
        assert "In review" in page.locator(".case-head").inner_text()

    with journey.follow(peer, "You are asked to review this case", journey.post.new()) as page:
        go(page, "Approve")
        page.get_by_label("Adaptability").fill("Two towns have taken it over.")
        press(page, "Approve")
        assert "Approved by a peer" in page.locator(".case-head").inner_text()

    letters = journey.post.new()
    with journey.follow(officer, "Approvato da un pari", letters) as page:
        assert "Approved by a peer" in page.locator(".case-head").inner_text()
    with journey.follow(desk, "It waits for the secretariat", letters) as page:
        go(page, "Publish")
        press(page, "Publish")
        assert "Published" in page.locator(".case-head").inner_text()

    letters = journey.post.new()
    with journey.follow(officer, "Pubblicato", letters) as page:
        go(page, "The case as it is public now")
        assert WEBSITE in (page.get_by_role("main").text_content() or ""), "it stands in the folded answers"
        assert "Two towns have taken it over." in page.get_by_role("main").inner_text()
        assert "Peer reviewed" in page.locator(".practice-head").inner_text()
        look(page)
        (stop,) = [path for path in paths_in(letters[0]) if path.startswith("/letters/stop/")]
        page.goto(stop)
        look(page)
