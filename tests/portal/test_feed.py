"""A search as a feed: read as feed readers do, whatever stands in the records."""

import uuid
from datetime import datetime, timedelta
from xml.etree import ElementTree

import pytest

from services.api.records.models import RecordRevision
from services.portal.pages import TEMPLATE_GLOBALS
from services.portal.pages.feed import _clean
from services.portal.templating import environment
from tests.harness.support import practice_body
from tests.portal.site import Site

ATOM = "{http://www.w3.org/2005/Atom}"


def parsed(text: str) -> ElementTree.Element:
    root = ElementTree.fromstring(text)
    assert root.tag == f"{ATOM}feed"
    return root


def text(element: ElementTree.Element, name: str) -> str:
    found = element.find(f"{ATOM}{name}")
    assert found is not None
    return found.text or ""


@pytest.mark.parametrize(
    "query", ["", "priority=rights", "q=migrants+%26+%3Cremittances%3E", "q=%01strange%0b", "lang=es"]
)
def test_a_search_is_a_feed(site: Site, query: str) -> None:
    answer = site.http.get(f"/practices.atom?{query}")
    if "%01" in query:
        assert answer.status_code == 422  # the search service takes no control characters
        return
    assert answer.headers["content-type"].startswith("application/atom+xml")
    root = parsed(answer.text)
    uuid.UUID(text(root, "id").removeprefix("urn:uuid:"))
    links = {link.get("rel"): link.get("href") or "" for link in root.findall(f"{ATOM}link")}
    assert all(href.startswith(site.url) for href in links.values())
    assert site.http.get(links["self"]).text == answer.text
    assert site.http.get(links["alternate"]).status_code == 200
    entries = root.findall(f"{ATOM}entry")
    asked = (
        f"/search/v1/records?type=practice&sort=newest&per_page=50&{query if 'lang' in query else f'lang=en&{query}'}"
    )
    hits = site.http.get(asked).json()["hits"]
    assert [text(entry, "id") for entry in entries] == [f"urn:uuid:{hit['id']}" for hit in hits]
    for entry, hit in zip(entries, hits, strict=True):
        assert (text(entry, "title"), text(entry, "summary")) == (hit["title"], hit["summary"])
        assert datetime.fromisoformat(text(entry, "updated")) >= datetime.fromisoformat(text(entry, "published"))
        record = site.http.get(f"/api/v1/practices/{hit['slug']}").json()
        assert text(entry, "updated") == max(record["updated_at"], record["published_at"])
        assert [author[0].text for author in entry.findall(f"{ATOM}author")] == (
            [one["name"] for one in hit["authorities"]] or ["Praxis"]
        )
        (link,) = entry.findall(f"{ATOM}link")
        assert link.get("href") == f"{site.url}/practices/{hit['slug']}"
    assert text(root, "updated") == max(text(entry, "updated") for entry in entries)


def test_a_feed_of_nothing_is_a_feed(site: Site) -> None:
    root = parsed(site.http.get("/practices.atom?q=zzzzqqqq&year_from=9000").text)
    assert root.findall(f"{ATOM}entry") == []
    assert text(root, "updated")


def test_nothing_new_is_told_without_a_body(site: Site) -> None:
    first = site.http.get("/practices.atom")
    again = site.http.get("/practices.atom", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert site.http.get("/practices.atom?priority=rights").headers["etag"] != first.headers["etag"]


def test_any_text_is_valid_xml() -> None:
    strange = "".join(map(chr, range(0x2100))) + "\ud800\udfff\ufffe\uffff\U0001f600]]>&amp;<!--"
    entry = {
        "id": uuid.UUID(int=1),
        "title": _clean(strange),
        "title_language": "en",
        "summary": _clean(strange),
        "summary_language": "en",
        "published_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "authors": [_clean(strange)],
        "slug": "x",
        "priorities": ["rights"],
    }
    shown = (
        environment("en", TEMPLATE_GLOBALS)
        .get_template("records.atom")
        .render(
            id=uuid.UUID(int=2),
            asked=_clean(strange),
            alternate='http://x/?q="&a',
            self_address="http://x/",
            updated="2026-01-01T00:00:00Z",
            entries=[entry],
            absolute="http://x",
            priority_label=lambda code: code,
        )
    )
    root = parsed(shown)
    kept = text(root.findall(f"{ATOM}entry")[0], "summary")
    assert kept.replace("\n", "") == _clean(strange).replace("\r", "").replace("\n", "")


def test_a_text_that_waited_for_its_publication_is_new_when_it_comes(site: Site) -> None:
    with site.as_(site.person("feed-desk", "secretariat")) as api:
        made = api.post("/practices", json=practice_body("Waited for long", authority="cartaya"))
        assert made.status_code == 201, made.text
        with site.database.transaction() as session:
            revision = session.get(RecordRevision, (uuid.UUID(made.json()["id"]), 1))
            assert revision
            revision.created_at -= timedelta(days=100)
        shown = api.post(f"/practices/{made.json()['id']}/publish", headers={"If-Match": made.headers["etag"]})
    assert site.http.get("/search/v1/records", params={"min_seq": shown.headers["praxis-seq"]}).is_success
    entry = parsed(site.http.get("/practices.atom?q=waited+long").text).find(f"{ATOM}entry")
    assert entry is not None
    assert text(entry, "title") == "Waited for long"
    assert text(entry, "updated") == text(entry, "published") == shown.json()["published_at"]
