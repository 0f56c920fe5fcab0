"""Every page, in one visit each: accessible in both themes, light, worded, from here alone, as wide as its window."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.portal.site import CARTAYA, Visits, check_accessible, no_sideways_scroll, to_the_end

SLUG = CARTAYA.rsplit("/", 1)[1]
PAGES = (
    "/",
    "/practices",
    "/practices?q=seasonal+workers&priority=capacities",
    "/practices?q=zzzqqq+cartaya&priority=rights",
    CARTAYA,
    f"{CARTAYA}?lang=fr",
    f"{CARTAYA}/history",
    "/map",
    "/map?view=europe&country=MA&corridor=MA-ES&q=workers",
    "/matrix",
    "/matrix?priority=rights&q=zzzqqq+women",
    "/facets/country?query=migration",
    "/compare",
    f"/compare?practice={SLUG}&q=return",
    f"/compare?practice={SLUG}&practice=senegal-regional-development-agencies-plan-together-with&practice=nowhere",
    "/embed",
    "/developers",
    "/developers/api",
    "/developers/search",
    "/nowhere",
)
MOST_BYTES = 150_000
"""That a visitor receives who has never been there."""
PHONE = {"width": 412, "height": 839}
LEFT_OVER = re.compile(r"%\(\w+\)|\{\{|\}\}|\bundefined\b")
"""What a message that was not filled in leaves on a page."""


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_light_worded_and_accessible(visits: Visits, path: str) -> None:
    with visits.open("/robots.txt") as page:
        received, asked = watched(page)
        page.goto(path)
        assert 0 < sum(received) <= MOST_BYTES, received
        assert all(url.startswith((visits.site.url, "data:")) for url in asked), asked
        assert not LEFT_OVER.findall(page.locator("body").inner_text())
        check_accessible(page)
        no_sideways_scroll(page)
        page.emulate_media(color_scheme="dark")
        check_accessible(page, "color-contrast")
        page.set_viewport_size(PHONE)
        no_sideways_scroll(page)
        to_the_end(page)
        check_accessible(page, "target-size")


def watched(page: Page) -> tuple[list[int], list[str]]:
    """Return lists in which the bytes that a page receives and the addresses that it asks are gathered."""
    received: list[int] = []
    asked: list[str] = []
    devtools: Any = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on("Network.loadingFinished", lambda event: received.append(int(event["encodedDataLength"])))
    page.on("request", lambda request: asked.append(request.url))
    return received, asked


def test_the_check_finds_what_is_wrong(visits: Visits) -> None:
    with visits.open("/") as page:
        page.evaluate("document.querySelector('h1').outerHTML = '<img src=\"/static/icon.svg\"><p></p>'")
        with pytest.raises(AssertionError, match="image-alt"):
            check_accessible(page)
