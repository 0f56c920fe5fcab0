"""What is stored is text: hostile texts in every field of a record show as they were written, and do nothing."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.portal import hostile
from tests.portal.site import Site, Visits

SUSPECT = (
    "[onerror], [onload], [onfocus], [onmouseover], [ontoggle], [onpointerenter], img[src=x], main script, "
    "main iframe, main base, main meta, main style, main [hx-trigger=load]"
)


@pytest.fixture(scope="module")
def stored(site: Site) -> tuple[str, list[str]]:
    """The slug of a published record, and the texts in it."""
    content, put = hostile.content(site.http)
    translation = {"how.summary": {"text": hostile.CORPUS[0] + " traducida", "status": "human"}}
    body = {"content": content, "translations": {"es": translation}}
    with site.as_(site.person("hostile", "secretariat")) as api:
        made = api.post("/practices", json=body)
        assert made.status_code == 201, made.text
        path = f"/practices/{made.json()['id']}"
        published = api.post(f"{path}/publish", headers={"If-Match": made.headers["etag"]})
        assert published.status_code == 200, published.text
        content["initiative"]["title"] += " again"
        edited = api.put(path, json=body, headers={"If-Match": published.headers["etag"]})
        assert edited.status_code == 200, edited.text
        again = api.post(f"{path}/publish", headers={"If-Match": edited.headers["etag"]})
        assert again.status_code == 200, again.text
    slug = again.json()["slug"]
    for _ in range(100):
        if site.http.get("/search/v1/records", params={"q": "end0", "min_seq": again.headers["praxis-seq"]}).is_success:
            break
    return slug, put


SETTLED = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
"""Ends when what a page has begun, such as a picture that fails to load, has been told to it."""


def harmless(page: Page) -> None:
    """Fail when a text has become an element, an attribute or a deed."""
    assert page.evaluate("window.pwned") is None
    assert page.locator(SUSPECT).count() == 0
    assert urlsplit(page.url).hostname == "127.0.0.1"


def test_a_record_shows_its_texts(visits: Visits, stored: tuple[str, list[str]]) -> None:
    slug, put = stored
    with visits.open(f"/practices/{slug}") as page:
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        shown = " ".join(page.locator("body").inner_text().split())
        missing = [text for text in put if " ".join(text.split()) not in shown]
        assert missing == []
        harmless(page)


@pytest.mark.parametrize(
    "path",
    [
        "/practices?q={}",
        "/practices?q=end0",
        "/practices?sort=newest",
        "/",
        "/practices/{slug}/history",
        "/practices/{slug}?lang=es",
        "/suggestions?q=n0",
        "/compare?practice={slug}&q={}",
        "/compare?practice={slug}&practice=cartaya-managing-seasonal-migration-for-the-strawberry",
        "/embed/practice/{slug}",
        "/embed/search?q=end0",
        "/map?q={}",
        "/matrix?q={}",
        "/facets/priority?q={}",
        "/practices?q={}&year_from={}",
        "/{}",
    ],
)
def test_pages_do_nothing(visits: Visits, stored: tuple[str, list[str]], path: str) -> None:
    address = path.replace("{slug}", stored[0])
    texts = [hostile.CORPUS[number] for number in (0, 3, 9, 16)]
    with visits.open("/robots.txt") as page:
        for text in texts if "{}" in address else texts[:1]:
            page.goto(address.replace("{}", text.replace("/", "%2F").replace("#", "%23")))
            page.evaluate(SETTLED)
            harmless(page)


def test_the_desk_does_nothing(visits: Visits, site: Site, stored: tuple[str, list[str]]) -> None:
    id = site.http.get(f"/api/v1/practices/{stored[0]}").json()["id"]
    person = site.person("hostile-desk", "secretariat")
    with visits.open("/desk/practices", person=person) as page:
        for path in ("/desk/practices", f"/desk/practices/{id}", f"/desk/practices/{id}/preview"):
            page.goto(path)
            assert page.get_by_text(hostile.CORPUS[0][:20]).first.count()
            page.evaluate(SETTLED)
            harmless(page)
