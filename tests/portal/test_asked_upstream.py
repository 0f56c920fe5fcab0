"""What the portal asks of the services for a page, counted on its way out of a portal that keeps nothing yet."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from services.portal.app import create_app
from services.portal.settings import Settings
from tests.harness.ports import NEVER_IDLE, PLAIN
from tests.portal.site import CARTAYA, Person, Site, counter
from tests.portal.test_casework import desk
from tests.portal.test_related import link, published, related

Get = Callable[[str], httpx.Response]
TURNS = 50
"""Turns of the event loop that an answer is kept back for, so that all that goes at the same time has gone."""


class Asked(list[str]):
    """Addresses that were asked for, and how many times something waited for an answer before it asked for more."""

    def __init__(self) -> None:
        super().__init__()
        self.rounds: dict[int, list[str]] = {}
        self.answered = 0

    def clear(self) -> None:
        """Begin anew."""
        super().clear()
        self.rounds, self.answered = {}, 0


class Counted(httpx.AsyncBaseTransport):
    """Notes what is asked, in which round: one after the last round of which an answer has come."""

    def __init__(self, way: httpx.AsyncBaseTransport, asked: Asked) -> None:
        self.way = way
        self.asked = asked

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        turn, path = self.asked.answered + 1, request.url.raw_path.decode()
        self.asked.append(path)
        self.asked.rounds.setdefault(turn, []).append(path)
        answer = await self.way.handle_async_request(request)
        for _ in range(TURNS):
            await asyncio.sleep(0)
        self.asked.answered = max(self.asked.answered, turn)
        return answer


@contextmanager
def fresh(
    site: Site, transport: httpx.AsyncBaseTransport | None = None, person: Person | None = None
) -> Iterator[tuple[Get, Asked]]:
    """Start a portal before the services of a site; yield how a person asks it, and what it asks them."""
    asked = Asked()
    cookies = {"praxis_session": person.token} if person else None

    @asynccontextmanager
    async def started() -> AsyncIterator[httpx.AsyncClient]:
        way = Counted(transport or httpx.AsyncHTTPTransport(verify=PLAIN, limits=NEVER_IDLE), asked)
        async with httpx.AsyncClient(base_url=site.url, transport=way, timeout=30) as services:
            app = create_app(Settings(_env_file=None), services, services)
            async with app.router.lifespan_context(app):
                to_app = httpx.ASGITransport(app)
                yield httpx.AsyncClient(transport=to_app, base_url="http://praxis.test", cookies=cookies)

    with start_blocking_portal() as portal, portal.wrap_async_context_manager(started()) as client:
        yield lambda path: portal.call(client.get, path), asked


@pytest.fixture(scope="module")
def linked(site: Site) -> str:
    """The address of a practice that names three others."""
    network, number = desk(site), next(counter)
    others = [published(site, network, f"Other {part} of {number}", [])["id"] for part in range(3)]
    rows = [link("inspired-by", to=f"practice/{id}") for id in others]
    return f"/practices/{published(site, network, f'Names others {number}', rows)['slug']}"


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_cold_page_asks_at_once_for_all_that_its_address_tells(site: Site, linked: str, lang: str) -> None:
    with fresh(site) as (get, asked):
        around = related(get(f"{linked}?lang={lang}"))
        assert around.count(">Other ") == 3
        slug = linked.rpartition("/")[2]
        assert sorted(asked.rounds[1]) == [
            f"/api/v1/labels?lang={lang}",
            f"/api/v1/practices/{slug}?lang={lang}",
            f"/api/v1/questionnaire?lang={lang}&form=full&type=practice",
            f"/search/v1/records/{slug}/similar?limit=4&lang={lang}",
        ]
        assert [one.partition("?")[0] for one in asked.rounds[2]] == ["/api/v1/titles"]
        assert [*asked.rounds] == [1, 2]
        asked.clear()
        assert related(get(f"{linked}?lang={lang}")) == around
        assert {turn: len(paths) for turn, paths in asked.rounds.items()} == {1: 2}, "the practice and what is alike"


def test_who_has_signed_in_waits_no_longer(site: Site, linked: str) -> None:
    with fresh(site, person=desk(site)) as (get, asked):
        assert "/contribute/begin?practice=" in get(linked).text
        assert {turn: len(paths) for turn, paths in asked.rounds.items()} == {1: 6, 2: 1}
        asked.clear()
        get(linked)
        assert {turn: len(paths) for turn, paths in asked.rounds.items()} == {1: 4}


def test_whose_session_has_ended_reads_on(site: Site, linked: str) -> None:
    with fresh(site, person=Person("", "", "of-a-session-that-has-ended")) as (get, _):
        page = get(linked)
        assert page.status_code == 200
        assert "/sign-in" in page.text
        assert "/contribute/begin?practice=" not in page.text


def test_what_is_asked_for_at_the_same_time_is_asked_for_once(site: Site) -> None:
    with fresh(site) as (get, asked):
        assert get(CARTAYA).status_code == 200
        assert asked.count("/api/v1/labels?lang=en") == 1
        assert [one for one in asked if "/vocabularies" in one] == []


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
