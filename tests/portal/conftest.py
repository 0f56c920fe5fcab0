"""The portal as people meet it: the one process, visited with a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import sync_playwright

from services.api.app import open_database
from tests.portal.site import CHROMIUM, DEVICES, Device, Site, Visits
from tests.server import serving_seeds
from tests.support import settings_for


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Praxis on the seed records; shared, so tests make people and cases of their own."""
    folder = tmp_path_factory.mktemp("site")
    with serving_seeds(folder) as client:
        database = open_database(settings_for(f"sqlite:///{folder}/praxis.db"))
        yield Site(str(client.base_url).rstrip("/"), client, database)
        database.close()


@pytest.fixture(scope="module")
def visits(site: Site) -> Iterator[Visits]:
    """A browser on the site."""
    if CHROMIUM is None:
        pytest.skip("install chromium (Debian's package)")
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
