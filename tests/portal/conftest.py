"""The portal as people meet it: the one process, visited with a real browser."""

import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from services.api.app import open_database
from tests.harness.depth import PROVING
from tests.harness.programs import require
from tests.harness.server import serving_seeds
from tests.harness.support import settings_for
from tests.portal.site import CHROMIUM, DEVICES, Device, Site, Visits

WAYS: Mapping[str, tuple[Any, Any]] = {"device": DEVICES, "scripts": (True, False), "theme": ("light", "dark")}
"""How a page may be visited: each has an ordinary way and another."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep of a journey's ways, but in proofs, the one in which all are ordinary and the one in which none is.

    What differs by its device alone, or asks how pages look in a theme, takes one of the two, by its name.
    """
    if PROVING:
        return
    spare = [item for item in items if isinstance(item, pytest.Function) and not _everyday(item)]
    items[:] = [item for item in items if item not in spare]
    config.hook.pytest_deselected(items=spare)


def _everyday(item: pytest.Function) -> bool:
    chosen = getattr(item, "callspec", None)
    ways = {name: WAYS[name].index(chosen.params[name]) for name in WAYS if chosen and name in chosen.params}
    if "theme" in ways or (ways.keys() == {"device"} and len(chosen.params) == 1):
        return {*ways.values()} == {zlib.crc32(item.nodeid.partition("[")[0].encode()) % 2}
    return len({*ways.values()}) <= 1


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Praxis on the seed records; shared, so tests make people and cases of their own."""
    folder = tmp_path_factory.mktemp("site")
    with serving_seeds(folder) as client:
        database = open_database(settings_for(f"sqlite:///{folder}/praxis.db"))
        yield Site(str(client.base_url).rstrip("/"), client, database)
        database.close()


@pytest.fixture(scope="package")
def visits(site: Site) -> Iterator[Visits]:
    """A browser on the site, for all tests of this folder that run one after another."""
    require("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield Visits(playwright, browser, site)
        browser.close()


@pytest.fixture(params=DEVICES)
def device(request: pytest.FixtureRequest) -> Device:
    """A desktop and a phone in turn."""
    chosen: Device = request.param
    return chosen


@pytest.fixture(autouse=True)
def newcomer(request: pytest.FixtureRequest) -> None:
    """Let each test begin as somebody of whom no language or look is known."""
    if "site" in request.fixturenames:
        site: Site = request.getfixturevalue("site")
        site.http.cookies.clear()
