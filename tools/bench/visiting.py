"""The portal as people visit it: pages of a large base beside a small one's, and how soon a slow phone paints."""

import shutil
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser, sync_playwright

from tools.bench import questions
from tools.bench.client import Measured, ask_each, get, median, quantile
from tools.bench.compare import Pace, in_turn
from tools.bench.servers import Server, at_head, standalone
from tools.bench.stock import Collection
from tools.bench.table import Row

SMALL = Collection(100)
SLOWER = 1.5
"""How much longer a page of the large base may take than the same of the small one."""

LATEST_PAINT = 1_000
"""Milliseconds to the first contentful paint on a slow phone."""

ROUND_TRIP, DOWN, UP, PROCESSOR = 150, 1_600_000 / 8, 750_000 / 8, 4
"""The slow phone as Lighthouse emulates it: milliseconds, bytes a second both ways, times slower."""
WIDTH, HEIGHT = 412, 823
LOADS = 5

PAINTED = """() => new Promise((resolve, reject) => {
  new PerformanceObserver((list) => {
    const [found] = list.getEntriesByName("first-contentful-paint");
    if (found) resolve(found.startTime);
  }).observe({type: "paint", buffered: true});
  setTimeout(() => reject(new Error("nothing was painted")), 30000);
})"""
"""Gives the milliseconds to the first contentful paint, which may come after all has been fetched."""

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)

Paths = Callable[[Collection], Iterator[str]]


def _found(collection: Collection) -> Iterator[str]:
    return (f"/practices?q={quote(words)}" for words in questions.two_words(collection))


def _newest(collection: Collection) -> Iterator[str]:
    return (f"/practices?sort=newest&completeness_from={least}" for least in range(100))


def _read(collection: Collection) -> Iterator[str]:
    return (f"/practices/case-{number}" for number in range(1, collection.count))


def _compared(collection: Collection) -> Iterator[str]:
    pairs = range(1, collection.count - 1, 2)
    return (f"/compare?practice=case-{number}&practice=case-{number + 1}" for number in pairs)


PAGES: dict[str, Paths] = {
    "front page": lambda collection: iter(["/"] * collection.count),
    "found by two words": _found,
    "newest, with facets": _newest,
    "practice": _read,
    "compared": _compared,
    "map": lambda collection: (f"/map?completeness_from={least}" for least in range(100)),
    "matrix": lambda collection: (f"/matrix?completeness_from={least}" for least in range(100)),
}


def pages(collection: Collection, pace: Pace) -> Iterator[Row]:
    """Compare each kind of page, never the same twice, with that of a base of a hundred records."""
    count = min(pace.questions // 10, (SMALL.count - 1) // 2 // pace.rounds)  # pages that compare two show none twice
    with (
        standalone(collection.database, collection.index) as large,
        standalone(SMALL.database, SMALL.index) as small,
    ):
        for server in (large, small):
            at_head(server)
        for name, paths in PAGES.items():
            ours, theirs = _asked(large, paths(collection), count), _asked(small, paths(SMALL), count)
            found = in_turn(pace.rounds, ours, theirs)
            slower = median(theirs.rate / ours.rate for ours, theirs in found.pairs)
            compared = f"of {SMALL.count}: {found.theirs()}"
            aim = f"ratio ≤ {SLOWER:g}"
            yield Row(f"page: {name}, {collection.count:,}", found.ours(), compared, slower, aim, slower <= SLOWER)


def _asked(server: Server, paths: Iterator[str], count: int) -> Callable[[], Measured]:
    def measured() -> Measured:
        return ask_each(server.port, [get(path) for path in islice(paths, count)])

    return measured


def paint(collection: Collection, pace: Pace) -> Iterator[Row]:
    """Measure the first contentful paint of pages that a slow phone opens for the first time."""
    if CHROMIUM is None:
        return
    with standalone(collection.database, collection.index) as server, sync_playwright() as playwright:
        at_head(server)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        address = f"http://127.0.0.1:{server.port}"
        bare = median(_painted(browser, f"{address}/robots.txt") for _ in range(LOADS))
        for name, paths in PAGES.items():
            painted = [_painted(browser, address + path) for path in islice(paths(collection), LOADS)]
            middle = median(painted)
            told = f"p50 {middle:.0f} ms, worst {quantile(painted, 1):.0f} ms"
            compared = f"a line of text: {bare:.0f} ms"
            yield Row.below(f"first paint: {name}", told, compared, middle / bare, middle, LATEST_PAINT, "ms")
        browser.close()


def _painted(browser: Browser, url: str) -> float:
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, is_mobile=True, has_touch=True)
    page = context.new_page()
    devtools: Any = context.new_cdp_session(page)
    devtools.send("Network.enable")
    speed = {"latency": ROUND_TRIP, "downloadThroughput": DOWN, "uploadThroughput": UP, "offline": False}
    devtools.send("Network.emulateNetworkConditions", speed)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": PROCESSOR})
    page.goto(url, wait_until="networkidle")
    found: float = page.evaluate(PAINTED)
    context.close()
    return found
