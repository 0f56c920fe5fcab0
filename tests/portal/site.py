"""A running Praxis to be visited with a real browser, and what every page must stand."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, expect

from services.api.access.service import Role
from services.api.kit.db import Database
from tests.harness.depth import PROVING
from tests.harness.people import make_person, session_of
from tests.harness.ports import PLAIN
from tests.harness.programs import BROWSERS, path_of

CHROMIUM = path_of(*BROWSERS)
Device = Literal["desktop", "phone"]
DEVICES: tuple[Device, ...] = ("desktop", "phone")
PASSWORD = "correct horse battery staple"
CARTAYA = "/practices/cartaya-managing-seasonal-migration-for-the-strawberry"

PATIENCE = 30_000
"""How long a busy machine may take for anything that a page is to show, in milliseconds: no test measures by it."""

expect.set_options(timeout=PATIENCE)
AXE = Axe()
counter = itertools.count()
"""What is named by it is named alike nowhere on a site."""
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ALSO = {"target-size": {"enabled": True}}
SHAPE = """() => {
  const told = ["class", "role", "type", "lang", "dir", "for", "scope", "tabindex", "hidden", "open", "data-theme"];
  const shape = (element) => [
    element.tagName,
    ...element.getAttributeNames().map((name) =>
      name + (told.includes(name) ? `=${element.getAttribute(name)}` : element.getAttribute(name) ? "+" : "")),
    ...[...element.childNodes].map((child) =>
      child.nodeType === 1 ? shape(child) : child.nodeType === 3 && child.data.trim() ? "text" : ""),
  ].join(" ");
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  return `${innerWidth} ${dark} ${shape(document.documentElement)}`;
}"""
_held: set[tuple[str, tuple[str, ...]]] = set()


@dataclass(frozen=True)
class Person:
    """Somebody with an account: signs in by e-mail and `PASSWORD`; `token` is a session that is open already."""

    email: str
    name: str
    token: str


@dataclass(frozen=True)
class Site:
    """The one process on the seed records, and its database."""

    url: str
    http: httpx.Client
    database: Database

    def person(self, name: str, role: Role, authority: str | None = None) -> Person:
        """Make an account that nobody else uses: `name` must be new."""
        email = f"{name}@example.org"
        make_person(self.database, email, role, authority, PASSWORD)
        return Person(email, name.title(), session_of(self.database, email))

    def as_(self, person: Person) -> httpx.Client:
        """Return a client of the api in somebody's name."""
        return httpx.Client(
            base_url=f"{self.url}/api/v1", headers={"Authorization": f"Bearer {person.token}"}, timeout=10, verify=PLAIN
        )


@dataclass(frozen=True)
class Visits:
    """Opens pages of a site in a browser."""

    playwright: Playwright
    browser: Browser
    site: Site

    @contextmanager
    def open(
        self,
        path: str = "/",
        device: Device = "desktop",
        *,
        person: Person | None = None,
        scripts: bool = True,
        theme: Literal["light", "dark"] = "light",
        **more: Any,
    ) -> Iterator[Page]:
        """Open a page as a new visitor, signed in as a person; fail when the browser has anything to complain of."""
        phone = {**self.playwright.devices["Pixel 7"]}
        phone.pop("default_browser_type", None)
        options = phone if device == "phone" else {"viewport": {"width": 1280, "height": 800}}
        context = self.browser.new_context(
            base_url=self.site.url,
            java_script_enabled=scripts,
            color_scheme=theme,
            **{"locale": "en-GB", **options, **more},
        )
        if person:
            context.add_cookies([{"name": "praxis_session", "value": person.token, "url": self.site.url}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: (
                complaints.append(said.text) if said.type == "error" and "Failed to load" not in said.text else None
            ),
        )
        try:
            page.goto(path)
            yield page
            assert complaints == [], f"{page.url}: {complaints}"
        finally:
            context.close()


def settled(page: Page) -> Page:
    """Return a page once it is whole: a click leaves it when another page has begun, before any of that is there."""
    page.wait_for_load_state()
    return page


def check_accessible(page: Page, *rules: str) -> None:
    """Fail when axe-core finds a violation of WCAG 2.2 AA, or of its good practices, on a page as it is now.

    With names of rules it looks for those alone. A page that is built like one that held already is not asked again,
    but in proofs: what counts is elements, classes, states and which texts are empty, the theme and the window's width.
    """
    shape = (settled(page).evaluate(SHAPE), rules)
    if shape in _held and not PROVING:
        return
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": WCAG}
    options = {"runOnly": only, "rules": {} if rules else ALSO, "resultTypes": ["violations"]}
    found = AXE.run(page, options=options).response["violations"]
    told = [f"{one['id']}: {one['help']}: {[node['target'] for node in one['nodes'][:4]]}" for one in found]
    assert told == [], f"{page.url}:\n" + "\n".join(told)
    _held.add(shape)


def to_the_end(page: Page) -> None:
    """Scroll to a page's end, where what sticks to the edge of the window covers half of nothing."""
    settled(page).evaluate("scrollTo(0, document.documentElement.scrollHeight)")


def no_sideways_scroll(page: Page) -> None:
    """Fail when a page is wider than its window."""
    sizes = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    wide, window = settled(page).evaluate(sizes)
    assert wide <= window, f"{page.url} is {wide} wide in a window of {window}"
