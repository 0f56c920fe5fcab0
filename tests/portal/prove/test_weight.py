"""How heavy and how quick pages are: bytes transferred, first contentful paint and layout shift on a slow phone.

The slow phone is Chromium's own emulation as Lighthouse sets it for mobile: 150 ms of round trip, 1.6 Mbit/s down,
750 kbit/s up, a processor four times slower; the figures are the browser's own (Paint Timing, Layout Instability).
"""

from typing import Any

import pytest
import yaml
from playwright.sync_api import Page

from tests.api.submissions.support import stored
from tests.portal.answering import begin
from tests.portal.hostile import SEED
from tests.portal.site import CARTAYA, Person, Visits
from tests.portal.test_pages import MOST_BYTES, PAGES
from tools.bench.visiting import PAINTED

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
        painted = page.evaluate(PAINTED)
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        page.wait_for_timeout(100)
        figures = {"bytes": sum(received), "paint": round(painted), "shift": page.evaluate("window.shift")}
    print(path, figures)
    assert 0 < figures["bytes"] <= MOST_BYTES, figures
    assert figures["shift"] <= MOST_SHIFT, figures


SECTIONS = ("initiative", "what", "where", "who", "how", "why", "context", "lessons", "replication", "record")


def test_pages_of_a_long_case_are_light(visits: Visits) -> None:
    case = begin(visits.site, stored(yaml.safe_load(SEED.read_text(encoding="utf-8"))["content"]))
    pages = [case.path.removesuffix("/answers"), case.path.replace("answers", "read"), f"{case.path}/check?form=full"]
    pages += [f"{case.path}/{section}?form=full" for section in SECTIONS]
    weights = {path: weighed(visits, path, case.ana) for path in pages}
    assert {path: bytes for path, bytes in weights.items() if not 0 < bytes <= MOST_BYTES} == {}


def test_pages_of_the_desk_are_light(visits: Visits) -> None:
    admin = visits.site.person("weigher", "admin")
    pages = (
        "/contribute",
        "/account",
        *(f"/desk{area}" for area in ("", "/cases", "/practices", "/gaps", "/import", "/people", "/keys")),
    )
    weights = {path: weighed(visits, path, admin) for path in pages}
    assert {path: bytes for path, bytes in weights.items() if not 0 < bytes <= MOST_BYTES} == {}


def weighed(visits: Visits, path: str, person: Person) -> int:
    """Return the bytes that a visitor receives who has never been there."""
    with visits.open("/robots.txt", person=person) as page:
        received: list[int] = []
        devtools: Any = page.context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.on("Network.loadingFinished", lambda event: received.append(int(event["encodedDataLength"])))
        answer = page.goto(path, wait_until="networkidle")
        assert answer is not None
        assert answer.status == 200, path
        return sum(received)


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
