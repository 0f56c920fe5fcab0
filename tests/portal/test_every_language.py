"""No language of the interface hides a practice: pages find and count the same in each, and in any other asked for."""

from collections import Counter
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.portal.links import Element, read
from tests.portal.site import Site

LANGUAGES = ("en", "es", "fr", "it", "ar", "pt-BR")
SEARCH = "priority=rights&country=IT&country=ES"
PATHS = (
    "/",
    "/practices",
    "/practices?q=migrants",
    "/practices?q=migrantes+retorno",
    "/practices?q=seasonal+wrokers&sort=newest",
    "/practices?sort=completeness&page=3",
    f"/practices?{SEARCH}",
    "/practices?q=zzzzqqqq&country=MX",
    "/practices?language=it",
    "/map",
    "/map?q=migrants&view=europe",
    f"/map?{SEARCH}",
    "/matrix",
    "/matrix?q=capacités",
    "/facets/country",
    "/facets/country?q=marru",
    "/facets/corridor?query=migrants",
    "/facets/language",
    "/facets/authority?q=mil",
    "/facets/keyword",
    "/facets/priority/options",
    "/facets/target_group/options?q=migrants",
    "/suggestions?q=sen",
    "/suggestions?q=diritt",
    "/compare?q=migrants",
    "/embed/search?q=migrants",
    "/embed/search?priority=rights",
)


def in_language(path: str, lang: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={lang}"


def led_to(page: Element) -> Counter[str]:
    """Return what a page leads to, by addresses in no language: practices, searches, and values to be picked."""
    boxes = [one.attributes for one in page.all("input") if one.attributes.get("type") == "checkbox"]
    found = Counter(f"{box['name']}={box['value']}" for box in boxes)
    for link in (*page.all("a"), *page.all("li")):
        parts = urlsplit(link.attributes.get("href") or link.attributes.get("data-href", ""))
        if parts.path.startswith(("/practices", "/facets")) and "hreflang" not in link.attributes:
            pairs = [pair for pair in parse_qsl(parts.query) if pair[0] != "lang"]
            found[f"{parts.path}?{urlencode(sorted(pairs))}"] += 1
    return found


def counted(page: Element) -> Counter[str]:
    """Return the numbers that a page tells: of all that is found, of values, in cells of tables and in circles."""
    told = [*page.all("p", "total"), *page.all("span", "count"), *page.all("td"), *page.all("text")]
    return Counter("".join(sign for sign in one.text if sign.isdigit()) for one in told)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_leads_to_the_same_practices_in_every_language(site: Site, path: str) -> None:
    pages = {lang: read(site.http.get(in_language(path, lang))) for lang in LANGUAGES}
    first = pages["en"]
    assert led_to(first)
    for lang, page in pages.items():
        assert led_to(page) == led_to(first), lang
        assert counted(page) == counted(first), lang


@pytest.mark.parametrize("path", ["/practices.atom", "/practices.atom?q=migrants", f"/practices.atom?{SEARCH}"])
def test_a_feed_has_the_same_entries_in_every_language(site: Site, path: str) -> None:
    feeds = [read(site.http.get(in_language(path, lang))) for lang in LANGUAGES]
    entries = [[entry.all("updated")[0].text for entry in feed.all("entry")] for feed in feeds]
    assert entries[0]
    assert all(one == entries[0] for one in entries)
