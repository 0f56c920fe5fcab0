"""Cases to be answered in the form, and the few steps that every journey through it takes."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from playwright.sync_api import Page, expect

from tests.harness.support import Json
from tests.portal.site import Person, Site, check_accessible, no_sideways_scroll

_NUMBERS = count(1)
READY: Json = {
    "language": "en",
    "initiative": {"title": "A desk for returning nurses"},
    "what": {"priorities": [{"priority": "capacities", "assessed_by": "authority"}]},
    "who": {"authorities": [{"name": "Cartaya", "part": "lead"}]},
    "how": {"summary": "A desk that helps nurses who come home."},
    "provenance": {"kind": "submitted"},
}


@dataclass(frozen=True)
class Case:
    """A draft of an office with two officers."""

    site: Site
    id: str
    ana: Person
    eva: Person

    @property
    def path(self) -> str:
        """Where its form is."""
        return f"/contribute/{self.id}/answers"

    def read(self) -> Json:
        """Return it as the api has it."""
        with self.site.as_(self.ana) as api:
            found: Json = api.get(f"/submissions/{self.id}").json()
            return found

    @property
    def content(self) -> Any:
        """Return its answers as the api has them."""
        return self.read()["content"]

    def save(self, person: Person, content: Json, **more: Any) -> None:
        """Save answers in somebody's name, over whatever was there."""
        with self.site.as_(person) as api:
            headers = {"If-Match": f'"{self.read()["version"]}"'}
            answer = api.put(f"/submissions/{self.id}", json={"content": content} | more, headers=headers)
            assert answer.is_success, answer.text

    def remark(self, text: str, path: str) -> str:
        """Comment on a field, and return the id of the comment."""
        with self.site.as_(self.eva) as api:
            made = api.post(f"/submissions/{self.id}/comments", json={"text": text, "path": path})
            assert made.is_success, made.text
            return str(made.json()["id"])


def begin(site: Site, content: Json | None = None, authority: str = "cartaya") -> Case:
    """Begin a case of an office whose officers nobody else uses."""
    number = next(_NUMBERS)
    ana, eva = (site.person(f"{name}-{number}-form", "officer", authority) for name in ("ana", "eva"))
    with site.as_(ana) as api:
        made = api.post("/submissions", json={"content": content or {}})
        assert made.is_success, made.text
        return Case(site, made.json()["id"], ana, eva)


def saved(page: Page) -> None:
    """Wait until the form says that all is saved."""
    expect(page.locator("#status")).to_have_attribute("data-state", "saved")


def look(page: Page, scripts: bool) -> None:
    """Check what every page must stand; the tools that look at it are scripts themselves."""
    if scripts:
        check_accessible(page)
        no_sideways_scroll(page)


def press(page: Page, name: str, first: bool = True) -> None:
    """Press a button by its name."""
    found = page.get_by_role("button", name=name)
    (found.first if first else found.last).click()


def tab_to(page: Page, selector: str, back: bool = False) -> None:
    """Move the focus by keyboard alone to what a selector names; fail when it is not reached."""
    for _ in range(150):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"{selector} is not reached by the keyboard")
