"""A practice on paper: two pages, and nothing on them that only a screen is good for."""

import re

from tests.harness.depth import either
from tests.portal.site import CARTAYA, Visits

MOST_PAGES = 2


def test_printed_cases_fit_on_two_pages(visits: Visits) -> None:
    found = visits.site.http.get("/search/v1/records", params={"per_page": 100, "provenance": "extracted"}).json()[
        "hits"
    ]
    assert len(found) >= 35
    with visits.open("/") as page:
        pages = {}
        for hit in found[:: either(4, 1)]:
            page.goto(f"/practices/{hit['slug']}")
            sheet = page.pdf(format="A4", prefer_css_page_size=True)
            pages[hit["slug"]] = len(re.findall(rb"/Type\s*/Page\b", sheet))
    assert {slug: count for slug, count in pages.items() if not 1 <= count <= MOST_PAGES} == {}


def test_only_what_belongs_on_paper_is_printed(visits: Visits) -> None:
    with visits.open(CARTAYA) as page:
        page.emulate_media(media="print")
        for hidden in (".top", ".bottom", ".toc", ".actions", "#take", "#similar"):
            assert not page.locator(hidden).first.is_visible()
        for shown in ("h1", "#what", "#why", "#cost", "#wrong", "#us", "#sources"):
            assert page.locator(shown).first.is_visible()
