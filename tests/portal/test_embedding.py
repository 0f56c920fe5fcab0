"""Embeds: what may be framed, by whom, and how frame and page around it talk, seen on a page of another origin."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from playwright.sync_api import Frame, Page

from services.portal.app import create_app
from services.portal.settings import Settings
from tests.harness.waiting import until
from tests.portal.site import CARTAYA, Site, Visits, check_accessible

SLUG = CARTAYA.rsplit("/", 1)[1]
EMBEDS = ("/embed/search", "/embed/search?priority=rights&theme=dark", f"/embed/practice/{SLUG}", "/embed/nothing")
OTHERS = (
    "/",
    "/practices",
    CARTAYA,
    "/embed",
    "/map",
    "/sign-in",
    "/compare",
    "/embedded",
    "/static/embed.js",
    "/nowhere",
)


@contextmanager
def page_of_another(body: str) -> Iterator[str]:
    """Serve a page on a port of its own, which is another origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>Town</title><h1>Town</h1>{body}".encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def embedding(visits: Visits, body: str) -> Iterator[Page]:
    with page_of_another(body) as address:
        context = visits.browser.new_context(viewport={"width": 900, "height": 800}, color_scheme="light")
        page = context.new_page()
        page.goto(address)
        try:
            yield page
        finally:
            context.close()


def framed(page: Page, number: int = 0) -> Frame:
    found = page.locator("iframe").nth(number).element_handle().content_frame()
    assert found
    return found


@pytest.mark.parametrize("path", EMBEDS)
def test_embeds_may_be_framed(visits: Visits, site: Site, path: str) -> None:
    with embedding(visits, f'<iframe src="{site.url}{path}" width="600" height="400"></iframe>') as page:
        framed(page).locator("h1").wait_for(state="attached")


@pytest.mark.parametrize("path", OTHERS)
def test_nothing_else_may_be_framed(visits: Visits, site: Site, path: str) -> None:
    answer = site.http.get(path)
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"
    with embedding(visits, f'<iframe src="{site.url}{path}" width="600" height="400"></iframe>') as page:
        until(lambda: framed(page).url.startswith("chrome-error:"))


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("https://town.example.org", "frame-ancestors 'self' https://town.example.org"),
        ("*", "frame-ancestors *"),
        ("'none'", "frame-ancestors 'none'"),
    ],
)
def test_a_setting_names_who_may_frame(setting: str, told: str) -> None:
    app = create_app(Settings(_env_file=None, embed_ancestors=setting, api_url="http://127.0.0.1:9"))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://praxis.test")
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(app.router.lifespan_context(app)):
        answer = portal.call(client.get, "/embed/search")
        assert answer.headers["content-security-policy"].endswith(told)
        assert answer.status_code == 503  # told in the frame, without the site around it
        assert "<nav" not in answer.text
        other = portal.call(client.get, "/practices")
        assert other.headers["content-security-policy"].endswith("frame-ancestors 'none'")


def test_a_frame_is_as_high_as_what_it_shows(visits: Visits, site: Site) -> None:
    body = (
        f'<iframe data-praxis src="{site.url}/embed/search?country=IT&lang=es" title="a" height="90"></iframe>'
        f'<iframe data-praxis data-theme="dark" src="{site.url}/embed/practice/{SLUG}" height="900"></iframe>'
        f'<script src="{site.url}/static/embed.js"></script>'
    )
    with embedding(visits, body) as page:
        frames = "[...document.querySelectorAll('iframe')]"
        page.wait_for_function(f"{frames}.every(({{ height }}) => height > 150 && height < 5000 && height !== '900')")
        search, card = framed(page), framed(page, 1)
        card.wait_for_selector("html[data-theme=dark]")
        high = page.locator("iframe").first.evaluate("frame => frame.height")
        assert abs(float(high) - search.evaluate("document.body.scrollHeight")) < 3
        page.locator("iframe").nth(1).evaluate("frame => { frame.dataset.theme = 'light'; }")
        card.wait_for_selector("html[data-theme=light]")

        assert search.evaluate("document.documentElement.lang") == "es"
        total = search.locator(".total").inner_text()
        search.get_by_role("searchbox").fill("zzzzqqqq")
        search.get_by_role("searchbox").press("Enter")
        search.wait_for_url("**q=zzzzqqqq**")
        assert "country=IT" in framed(page).url
        assert "lang=es" in framed(page).url
        page.wait_for_function(f"document.querySelector('iframe').height < {high} - 100")
        assert framed(page).locator(".total").inner_text() != total
        assert page.context.cookies() == []


def test_a_script_that_comes_after_its_frames_asks_them(visits: Visits, site: Site) -> None:
    body = (
        "<script>addEventListener('message', (one) => { window.heard = one.data.height; })</script>"
        f'<iframe data-praxis data-theme="dark" src="{site.url}/embed/practice/{SLUG}" height="900"></iframe>'
    )
    with embedding(visits, body) as page:
        page.wait_for_function("window.heard > 150")
        page.add_script_tag(url=f"{site.url}/static/embed.js")
        page.wait_for_function("document.querySelector('iframe').height !== '900'")
        framed(page).wait_for_selector("html[data-theme=dark]")


def test_results_are_paged_within_the_frame_and_open_outside(visits: Visits, site: Site) -> None:
    with embedding(
        visits, f'<iframe src="{site.url}/embed/search" title="x" width="600" height="700"></iframe>'
    ) as page:
        frame = framed(page)
        frame.get_by_role("link", name="2", exact=True).click()
        frame.wait_for_url("**page=2**")
        title = frame.locator(".hit-title a").first
        with page.context.expect_page() as opened:
            title.click()
        opened.value.wait_for_load_state()
        assert opened.value.url.startswith(f"{site.url}/practices/")
        assert opened.value.evaluate("window.opener") is None
        assert page.locator("h1").inner_text() == "Town"


def test_a_card_leads_the_whole_page_on(visits: Visits, site: Site) -> None:
    with embedding(
        visits, f'<iframe src="{site.url}/embed/practice/{SLUG}" title="x" width="600" height="500"></iframe>'
    ) as page:
        framed(page).locator("h1 a").click()
        page.wait_for_url(f"{site.url}{CARTAYA}**")


def test_messages_of_strangers_change_nothing(visits: Visits, site: Site) -> None:
    with page_of_another("<script>parent.postMessage({praxis: 'height', height: 777}, '*')</script>") as stranger:
        body = (
            f'<iframe data-praxis src="{site.url}/embed/practice/{SLUG}" title="x" width="600" height="300"></iframe>'
            f'<iframe src="{stranger}" title="y" height="100"></iframe>'
            f'<iframe data-praxis id="posed" src="{site.url}/embed/nothing" title="z" height="123"></iframe>'
            f'<script src="{site.url}/static/embed.js"></script>'
        )
        with embedding(visits, body) as page:
            page.wait_for_function("document.querySelector('iframe').height !== '300'")
            page.evaluate("window.heard = []; addEventListener('message', (one) => heard.push(one.data.height))")
            page.evaluate("window.postMessage({praxis: 'height', height: 777}, '*')")
            posed = page.locator("#posed")
            posed.evaluate(f"frame => {{ frame.contentWindow.location = '{stranger}'; }}")
            page.wait_for_function("heard.filter((height) => height === 777).length >= 2")
            assert "777" not in [one.get_attribute("height") for one in page.locator("iframe").all()]
            page.evaluate(
                """() => {
                    const frame = document.querySelector("iframe"), origin = new URL(frame.src).origin;
                    for (const height of [-5, 0, 1e9, "x", null, {}]) {
                        const data = { praxis: "height", height };
                        window.dispatchEvent(new MessageEvent("message", { source: frames[0], origin, data }));
                    }
                }"""
            )
            assert page.locator("iframe").first.get_attribute("height") not in ("-5", "0", "1000000000", "NaN")
            framed(page).evaluate(
                """() => new Promise((heard) => {
                    addEventListener("message", heard);
                    postMessage({praxis: "theme", theme: "dark"}, "*");
                }).then(() => null)"""
            )
            assert framed(page).evaluate("document.documentElement.dataset.theme") is None


def test_frames_leave_the_visitors_settings_alone(site: Site) -> None:
    for path in EMBEDS:
        answer = site.http.get(path, params={"lang": "fr"})
        assert "set-cookie" not in answer.headers
        assert 'lang="fr"' in answer.text


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", EMBEDS)
def test_embeds_are_accessible(visits: Visits, path: str, theme: str) -> None:
    with visits.open(path, theme=theme) as page:
        check_accessible(page)
