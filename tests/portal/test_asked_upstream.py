"""What the portal asks of the services for a page, counted on its way out of a portal that keeps nothing yet."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from services.portal.app import create_app
from services.portal.settings import Settings
from tests.harness.ports import NEVER_IDLE, PLAIN
from tests.portal.site import CARTAYA, Site

Get = Callable[[str], httpx.Response]


@contextmanager
def fresh(site: Site, transport: httpx.AsyncBaseTransport | None = None) -> Iterator[tuple[Get, list[str]]]:
    """Start a portal before the services of a site; yield how to ask it, and the list of what it asks them."""
    asked: list[str] = []

    async def note(request: httpx.Request) -> None:
        asked.append(request.url.raw_path.decode())

    @asynccontextmanager
    async def started() -> AsyncIterator[httpx.AsyncClient]:
        hooks = {"request": [note]}
        way = transport or httpx.AsyncHTTPTransport(verify=PLAIN, limits=NEVER_IDLE)
        async with httpx.AsyncClient(base_url=site.url, event_hooks=hooks, transport=way, timeout=30) as services:
            app = create_app(Settings(_env_file=None), services, services)
            async with app.router.lifespan_context(app):
                yield httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://praxis.test")

    with start_blocking_portal() as portal, portal.wrap_async_context_manager(started()) as client:
        yield lambda path: portal.call(client.get, path), asked


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_cold_page_asks_for_labels_once(site: Site, lang: str) -> None:
    with fresh(site) as (get, asked):
        page = get(f"{CARTAYA}?lang={lang}")
        assert page.status_code == 200
        assert {"en": "Municipality", "es": "Municipio"}[lang] in page.text
        assert asked.count(f"/api/v1/labels?lang={lang}") == 1
        assert [one for one in asked if "/vocabularies" in one] == []
        assert len(asked) == 4, "labels, the practice, the questionnaire and what is alike"
        asked.clear()
        assert get(f"{CARTAYA}?lang={lang}").text == page.text
        assert len(asked) == 2, "the practice and what is alike"


def test_before_an_older_api_codes_are_shown_and_it_is_asked_once(site: Site) -> None:
    class Older(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path == "/api/v1/labels":
                return httpx.Response(404, json={"detail": "Not Found"})
            return await super().handle_async_request(request)

    with fresh(site, Older(verify=PLAIN, limits=NEVER_IDLE)) as (get, asked):
        for _ in range(2):
            page = get(CARTAYA)
            assert page.status_code == 200
            assert "municipality" in page.text
        assert asked.count("/api/v1/labels?lang=en") == 1
