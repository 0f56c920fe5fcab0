"""Authorities for people: found in a list and on a map, read on a page of their own, in every language."""

import json
from typing import Any, Literal

import httpx
import pytest
from playwright.sync_api import expect

from services.portal.languages import LANGUAGES
from services.portal.types import TYPES
from tests.harness.ports import NEVER_IDLE, PLAIN
from tests.harness.support import Json, practice_body
from tests.portal import hostile
from tests.portal.links import read
from tests.portal.site import CARTAYA, Device, Site, Visits, check_accessible, counter, no_sideways_scroll
from tests.portal.test_asked_upstream import fresh
from tests.portal.test_hostile import harmless

OFFICE = {"name": "Bureau", "names": {"en": "Office of the region"}, "phone": "+212 523 000"}


def added(site: Site, name: str, **more: Any) -> Json:
    """Add an authority that no other test knows."""
    body = {"name": name, "slug": f"town-{next(counter)}", "level": "region", "country": "MA"} | more
    with site.as_(site.person(f"clerk-{next(counter)}", "secretariat")) as api:
        answer = api.post("/authorities", json=body)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


def published(site: Site, title: str, authority: str, *links: Json) -> Json:
    """Publish a practice of an authority, and wait until it is found."""
    body = practice_body(title, authority=authority)
    body["content"]["links"] = list(links)
    with site.as_(site.person(f"editor-{next(counter)}", "secretariat")) as api:
        made = api.post("/practices", json=body)
        path = f"/practices/{made.json()['id']}/publish"
        answer = api.post(path, headers={"If-Match": made.headers["etag"]})
    assert answer.status_code == 200, answer.text
    site.http.get("/search/v1/records", params={"min_seq": answer.headers["praxis-seq"]}).raise_for_status()
    shown: Json = answer.json()
    return shown


def slugs(page: httpx.Response) -> list[str]:
    """Return the authorities that a list leads to, in its order."""
    rows = [row.all("a")[0].attributes["href"] for row in read(page).all("p", "case-title")]
    return [row.removeprefix("/authorities/") for row in rows]


@pytest.mark.parametrize("scripts", [True, False])
def test_one_is_found_by_its_name_and_read(visits: Visits, device: Device, scripts: bool) -> None:
    with visits.open("/", device, scripts=scripts) as page:
        page.get_by_role("link", name="Authorities", exact=True).click()
        page.get_by_label("Part of a name").fill("BOLOGNÀ")
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_role("status")).to_contain_text("1 authority")
        expect(page.locator(".map .circle")).to_have_count(1)
        if scripts:
            check_accessible(page)
            no_sideways_scroll(page)
        page.get_by_role("link", name="Municipality of Bologna", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Municipality of Bologna")
        if scripts:
            check_accessible(page)
            no_sideways_scroll(page)
        page.locator("#practices").get_by_role("link", name="ROI, Bologna to Craiova").click()
        page.locator(".practice-head").get_by_role("link", name="Municipality of Craiova").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Municipality of Craiova")


def test_a_list_is_narrowed_as_the_api_narrows_it(site: Site) -> None:
    def shown(query: str) -> list[str]:
        return sorted(slugs(site.http.get(f"/authorities?{query}")))

    def told(query: str) -> list[str]:
        found = site.http.get(f"/api/v1/authorities?limit=100&{query}").json()["items"]
        return [one["slug"] for one in found]

    for query in ("country=IT", "level=municipality&country=ES", "network=EUROCITIES", "q=region&country=IT"):
        assert shown(query) == told(query) != []
    assert shown("country=XX") == shown("q=nobody-is-called-so") == []
    assert "There is no such authority here." in site.http.get("/authorities?level=none").text


def test_names_are_in_the_order_of_the_reader(site: Site) -> None:
    for name in ("Écija", "Zamora", "Ávila"):
        added(site, name, networks=["Order"], names={"es": name})
    titles = [row.text for row in read(site.http.get("/authorities?network=Order&lang=es")).all("p", "case-title")]
    assert titles == ["Ávila", "Écija", "Zamora"]


def test_a_circle_leads_to_those_that_lie_there(visits: Visits, site: Site) -> None:
    name = f"Net {next(counter)}"
    near = {"latitude": 10.0, "longitude": 10.0}
    for country, place in (("NG", near), ("NG", near), ("AU", {"latitude": -30.0, "longitude": 140.0})):
        added(site, f"Somewhere in {country}", networks=[name], coordinates=place, country=country)
    added(site, "Nowhere", networks=[name])
    with visits.open(f"/authorities?network={name}") as page:
        expect(page.locator(".map figcaption")).to_contain_text("1 has no place on the map.")
        expect(page.locator(".map a")).to_have_count(2)
        page.locator(".map a.several").click()
        expect(page.get_by_role("status")).to_contain_text("2 authorities")
        assert "country=NG" in page.url
        assert page.locator(".map a.several").get_attribute("href") == "#list", "they are picked already"


def test_a_page_tells_all_that_is_said(site: Site) -> None:
    heir = added(site, "Heir", names={"en": "The heir"})
    number = next(counter)
    population = {"count": 1655660, "year": 2004, "source": "Census, table 7"}
    more = {"ended": "2015-09", "successor": heir["slug"], "contact_office": OFFICE, "networks": [f"N{number}"]}
    former = added(site, "قديم", names={"en": "Former", "fr": "Ancienne"}, population=population, **more)
    child = added(site, "Child", parent=former["slug"])
    text = read(site.http.get(f"/authorities/{former['slug']}?lang=en")).text
    for said in ("Former", "قديم", "Ancienne", "1,655,660 (2004)", "Census, table 7", "September 2015", f"N{number}"):
        assert said in text
    for said in ("Office of the region", "+212 523 000", "Taken over by: Heir", "Authorities that belong to it Child"):
        assert said in text
    assert "Took over from Former ended September 2015" in read(site.http.get(f"/authorities/{heir['slug']}")).text
    assert "Belongs to قديم" in read(site.http.get(f"/authorities/{child['slug']}")).text


def test_a_page_tells_what_its_records_are_linked_with(site: Site) -> None:
    town = added(site, "Linked town")["slug"]
    number = next(counter)
    link = {"relation": "inspired-by", "asserted_by": "editor"}
    own = published(site, f"Own {number}", town)
    published(site, f"Heir {number}", "cartaya", link | {"to": f"practice/{own['slug']}"})
    published(site, f"Praise {number}", "cartaya", link | {"to": f"authority/{town}"})
    page = read(site.http.get(f"/authorities/{town}?lang=en"))
    links = next(one for one in page.all("section") if one.attributes.get("id") == "links").text
    assert f"Own {number} Named by – Inspired by: Heir {number}" in links
    assert f"Praise {number} Inspired by: Linked town" in links


def test_whoever_asks_by_id_is_led_to_the_name(site: Site) -> None:
    made = added(site, "By id")
    answer = site.http.get(f"/authorities/{made['id']}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/authorities/{made['slug']}")
    assert site.http.get("/authorities/nobody-is-called-so").status_code == 404


def test_a_practice_and_a_hit_lead_to_its_authorities(site: Site) -> None:
    practice = read(site.http.get(CARTAYA))
    hits = read(site.http.get("/practices?q=strawberry+Cartaya"))
    for page in (practice, hits):
        assert "/authorities/cartaya" in {one.attributes.get("href") for one in page.all("a")}


def test_pages_say_the_same_in_every_language(site: Site) -> None:
    for path in ("/authorities", "/authorities?country=IT", "/authorities/bologna", "/authorities/chaouia-ouardigha"):
        pages = {lang: read(site.http.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")) for lang in LANGUAGES}
        led = {
            lang: sorted(
                link.attributes.get("href", "").replace(f"lang={lang}", "")
                for link in page.all("a")
                if link.attributes.get("href", "").startswith(("/authorities", "/practices"))
                and "hreflang" not in link.attributes
            )
            for lang, page in pages.items()
        }
        assert all(led[lang] == led["en"] != [] for lang in LANGUAGES), path
        headings = [pages[lang].all("h1")[0].text for lang in LANGUAGES]
        assert len({*headings}) == len(headings), "each is called in the reader's language"


def test_hostile_words_are_words(visits: Visits, site: Site) -> None:
    words = dict(zip(("en", "es", "fr", "ar"), hostile.CORPUS, strict=False))
    office = {"name": hostile.CORPUS[7], "names": {"en": hostile.CORPUS[9]}, "phone": "+39 051"}
    town = added(site, hostile.CORPUS[4], names=words)["slug"]
    more = {"networks": [hostile.CORPUS[8], hostile.CORPUS[5]], "contact_office": office, "successor": town}
    population = {"count": 1, "year": 2000, "source": "javascript:window.pwned=1"}
    place = {"latitude": 1.0, "longitude": 1.0}
    made = added(site, hostile.CORPUS[0], names=words, parent=town, population=population, coordinates=place, **more)
    for path in (f"/authorities/{made['slug']}", f"/authorities/{town}", "/authorities?network=" + hostile.CORPUS[5]):
        with visits.open(path) as page:
            harmless(page)
            assert words["en"] in page.locator("main").inner_text()
    assert json.dumps(words["en"])[1:-1] in site.http.get(f"/api/v1/authorities/{town}").text


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_are_accessible_in_each_theme(visits: Visits, theme: Literal["light", "dark"]) -> None:
    for path in ("/authorities", "/authorities/bologna", "/authorities/chaouia-ouardigha"):
        with visits.open(path, theme=theme) as page:
            check_accessible(page)


def test_only_what_belongs_on_paper_is_printed(visits: Visits) -> None:
    with visits.open("/authorities/bologna") as page:
        page.emulate_media(media="print")
        for hidden in (".top", ".bottom", ".actions", ".map"):
            assert not page.locator(hidden).first.is_visible()
        for shown in ("h1", ".facts", "#practices"):
            assert page.locator(shown).first.is_visible()


def test_a_page_is_asked_for_in_one_round_and_another_for_titles_of_what_is_linked(site: Site) -> None:
    with fresh(site) as (get, asked):
        assert get("/authorities/bologna").status_code == 200
        calls = [one.partition("?")[0] for one in asked]
    titles = [one for one in calls if one == "/api/v1/titles"]
    assert calls[len(calls) - len(titles) :] == titles, "when all else is known"
    assert sorted(calls[: len(calls) - len(titles)]) == sorted(
        [
            "/api/v1/labels",
            "/api/v1/authorities",
            "/api/v1/authorities",
            "/api/v1/authorities/bologna",
            "/api/v1/authorities/bologna/records",
            *["/search/v1/records"] * len(TYPES),
        ]
    ), asked
    with fresh(site) as (get, asked):
        assert get("/authorities?country=IT").status_code == 200
        assert len(asked) == 3, "labels, what one can choose from, and what was chosen"


def test_it_is_read_while_search_is_away(site: Site) -> None:
    class Away(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.startswith("/search/"):
                raise httpx.ConnectError("away")
            return await super().handle_async_request(request)

    with fresh(site, Away(verify=PLAIN, limits=NEVER_IDLE)) as (get, _):
        page = get("/authorities/bologna?lang=en")
    assert page.status_code == 200
    assert "These cannot be looked up just now." in page.text
