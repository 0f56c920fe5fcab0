"""How heavy and how quick pages are: bytes transferred, first contentful paint and layout shift on a slow phone.

The slow phone is Chromium's own emulation as Lighthouse sets it for mobile: 150 ms of round trip, 1.6 Mbit/s down,
750 kbit/s up, a processor four times slower; the figures are the browser's own (Paint Timing, Layout Instability).
"""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.portal.site import CARTAYA, Visits
from tests.portal.test_pages import PAGES

MOST_BYTES = 150_000
LATEST_PAINT = 1_000
MOST_SHIFT = 0.05
ROUND_TRIP, DOWN, UP, SLOWER = 150, 1_600_000 / 8, 750_000 / 8, 4
MARKED = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""


def slowed(page: Page) -> list[int]:
    """Make a page's connection and processor slow; return the list in which bytes received are gathered."""
    received: list[int] = []
    devtools: Any = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    conditions = {"offline": False, "latency": ROUND_TRIP, "downloadThroughput": DOWN, "uploadThroughput": UP}
    devtools.send("Network.emulateNetworkConditions", conditions)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    devtools.on("Network.loadingFinished", lambda event: received.append(int(event["encodedDataLength"])))
    return received


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_light_quick_and_steady(visits: Visits, path: str) -> None:
    visits.site.http.get(path)  # the server is warm, the browser is not
    with visits.open("/robots.txt", "phone") as page:
        received = slowed(page)
        page.add_init_script(MARKED)
        page.goto(path, wait_until="networkidle")
        painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        page.wait_for_timeout(100)
        figures = {"bytes": sum(received), "paint": round(painted), "shift": page.evaluate("window.shift")}
    print(path, figures)
    assert 0 < figures["bytes"] <= MOST_BYTES, figures
    assert figures["shift"] <= MOST_SHIFT, figures


def test_what_is_picked_moves_nothing_unasked(visits: Visits) -> None:
    with visits.open("/practices", "desktop") as page:
        page.evaluate(MARKED)
        page.get_by_label("Capacities").check()
        page.wait_for_url("**priority=capacities**")
        page.wait_for_timeout(200)
        assert page.evaluate("window.shift") <= MOST_SHIFT


@pytest.mark.parametrize("path", ["/", "/practices", CARTAYA])
def test_nothing_comes_from_elsewhere(visits: Visits, path: str) -> None:
    asked: list[str] = []
    with visits.open("/robots.txt") as page:
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path, wait_until="networkidle")
    assert asked
    assert all(url.startswith((visits.site.url, "data:")) for url in asked)
