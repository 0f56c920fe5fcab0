"""Numbers on matrix, map and pages of facets are those that the search service finds, and that the records hold."""

from typing import Any

import httpx
import pytest

from tests.portal.links import Element, behind, number, read, searched
from tests.portal.site import Site

SEARCHES: tuple[tuple[tuple[str, str], ...], ...] = (
    (),
    (("q", "migrants"),),
    (("q", "strawberry nowherefound remittances"),),
    (("priority", "rights"),),
    (("priority", "rights"), ("priority", "capacities"), ("country", "IT")),
    (("feature", "institutional-dimension"), ("feature", "ownership-and-participation")),
    (("country", "ES"), ("q", "return")),
    (("corridor", "MA-ES"),),
    (("corridor", "MA-ES"), ("corridor", "AL-IT"), ("priority", "capacities")),
    (("year_from", "2005"), ("year_to", "2012")),
    (("country", "002"), ("country", "MA")),
    (("q", "zzzzqqqq"), ("country", "MX")),
)
each_search = pytest.mark.parametrize("search", SEARCHES, ids=lambda search: "&".join("=".join(p) for p in search))


def records(http: httpx.Client, pairs: tuple[tuple[str, str], ...]) -> list[dict[str, Any]]:
    answer = http.get("/search/v1/records", params=[*pairs, ("type", "practice"), ("per_page", "100")]).json()
    assert answer["total"] <= 100
    hits: list[dict[str, Any]] = answer["hits"]
    return hits


def cells(row: Element) -> list[Element]:
    return [one for one in row.children if isinstance(one, Element) and one.tag in ("td", "th")]


def shown(cell: Element) -> int:
    links = cell.all("a")
    assert bool(links) != ("none yet" in cell.text), cell.text
    return number(links[0].text) if links else 0


@each_search
def test_the_matrix_counts_as_records_do(site: Site, search: tuple[tuple[str, str], ...]) -> None:
    page = read(site.http.get("/matrix", params=list(search)))
    hits = records(site.http, search)
    (table,) = page.all("table", "matrix")
    columns = [cell.all("a")[0].attributes["class"].split()[-1] for cell in cells(table.all("tr")[0])[1:-1]]
    picked = [value for name, value in search if name == "priority"]
    assert sorted(columns) == sorted(picked or ["capacities", "communities", "remittances", "rights"])
    features = {
        term["labels"]["en"]: term["code"] for term in site.http.get("/api/v1/vocabularies/features").json()["terms"]
    }
    rows = table.all("tr")[1:]
    assert [cells(row)[0].text for row in rows] == [*features, "All"]
    for row in rows[:-1]:
        feature, counts = features[cells(row)[0].text], [shown(cell) for cell in cells(row)[1:]]
        having = [hit for hit in hits if feature in hit["features"]]
        assert counts == [*(sum(code in hit["priorities"] for hit in having) for code in columns), len(having)], feature
    totals = [sum(code in hit["priorities"] for hit in hits) for code in columns]
    assert [number(cell.text) if cell.all("a") else 0 for cell in cells(rows[-1])[1:]] == [*totals, len(hits)]
    empty = sum("none yet" in cell.text for row in rows[:-1] for cell in cells(row)[1:-1])
    assert (number(table.all("caption")[0].text) if empty else 0) == empty
    for link in (link for row in rows for link in row.all("a")):
        assert behind(site.http, link.attributes["href"]) == number(link.text)


@pytest.mark.parametrize("view", ["world", "europe"])
@each_search
def test_the_map_counts_as_its_links_find(site: Site, search: tuple[tuple[str, str], ...], view: str) -> None:
    page = read(site.http.get("/map", params=[*search, ("view", view)]))
    assert number(page.all("p", "total")[0].text) == searched(site.http, search)
    drawn = [*page.all("a", "circle"), *page.all("a", "line")]
    for link in drawn:
        name = link.attributes["aria-label"]
        assert behind(site.http, link.attributes["href"]) == number(name.rsplit(": ", 1)[1]), name
    for circle in page.all("a", "circle"):
        assert number(circle.all("text")[0].text) == number(circle.attributes["aria-label"].rsplit(": ", 1)[1])
    rows = [row for table in page.all("table", "counts") for row in table.all("tr")[1:]]
    for row in rows:
        assert behind(site.http, row.all("a")[0].attributes["href"]) == number(row.all("td")[0].text)


def countries_of_authorities(http: httpx.Client, hit: dict[str, Any]) -> set[str]:
    record = http.get(f"/api/v1/practices/{hit['id']}").json()
    known = {authority["slug"]: authority["country"] for authority in record["authorities"]}
    named = record["content"]["who"]["authorities"]
    return {code for one in named if (code := known.get(one["authority"]) or one["country"])}


@pytest.mark.parametrize("search", [(), (("q", "migrants"),), (("priority", "rights"),)])
def test_the_tables_hold_every_country_and_corridor(site: Site, search: tuple[tuple[str, str], ...]) -> None:
    page = read(site.http.get("/map", params=list(search)))
    countries: dict[str, int] = {}
    corridors: dict[str, int] = {}
    terms = site.http.get("/api/v1/vocabularies/countries").json()["terms"]
    labels = {term["code"]: term["labels"]["en"] for term in terms}
    for hit in records(site.http, search):
        theirs = {labels[code] for code in countries_of_authorities(site.http, hit)}
        for label in {one["label"] for one in hit["countries"]} | theirs:
            countries[label] = countries.get(label, 0) + 1
        ends = [
            {one["code"]: one["label"] for one in hit["countries"] if role in one["roles"]}
            for role in ("origin", "destination")
        ]
        pairs = {f"{a} → {b}" for x, a in ends[0].items() for y, b in ends[1].items() if x != y}
        for label in pairs:
            corridors[label] = corridors.get(label, 0) + 1
    tables = [
        {row.all("a")[0].text: number(row.all("td")[0].text) for row in table.all("tr")[1:]}
        for table in page.all("table", "counts")
    ]
    assert tables == [countries, corridors]
    regions = {"Africa", "Europe", "Latin America"} & set(countries)
    told = {row.all("a")[0].text for row in page.all("tr") if "(not on the map)" in row.text}
    assert regions <= told


@pytest.mark.parametrize("facet", ["country", "priority", "feature", "corridor", "authority", "decade"])
@pytest.mark.parametrize("search", [(), (("q", "migrants"),), (("country", "IT"), ("feature", "adaptability"))])
def test_values_lead_back_to_the_search(site: Site, facet: str, search: tuple[tuple[str, str], ...]) -> None:
    asked = [("query" if name == "q" else name, value) for name, value in search]
    page = read(site.http.get(f"/facets/{facet}", params=asked))
    (listed,) = page.all("ul", "value-list")
    links = [item for item in listed.all("li") if item.all("a")]
    assert links
    several = any(name == facet for name, _ in search) and facet not in ("feature", "sdg")
    for item in links:
        (link,), count = item.all("a"), number(item.all("span", "count")[0].text)
        if not several and not link.attributes.get("aria-current"):
            assert behind(site.http, link.attributes["href"]) == count
        for _, value in search:
            assert link.attributes.get("aria-current") or value in link.attributes["href"]


def test_values_are_filtered_by_their_letters(site: Site) -> None:
    page = read(site.http.get("/facets/country", params={"q": "mor"}))
    assert [link.text for link in page.all("ul", "value-list")[0].all("a")] == ["Morocco"]
    assert "No value has these letters" in site.http.get("/facets/country", params={"q": "zzz"}).text
    assert site.http.get("/facets/colour").status_code == 404


def test_what_cannot_be_searched_is_told(site: Site) -> None:
    for path in ("/practices", "/map", "/matrix", "/practices.atom", "/compare", "/embed/search"):
        assert site.http.get(path, params={"q": "a\x01b"}).status_code == 422, path
    for path in ("/map", "/matrix", "/practices.atom", "/facets/country"):
        answer = site.http.get(path, params={"priority": "money"})
        assert answer.status_code == 422, path
        assert "remittances" in answer.text


@pytest.mark.parametrize("view", ["world", "nowhere", "asia"])
def test_any_view_is_a_map(site: Site, view: str) -> None:
    page = read(site.http.get("/map", params={"view": view}))
    assert len(page.all("use")) == 1
    size = site.http.get(page.all("use")[0].attributes["href"].split("#")[0])
    assert size.status_code == 200
    assert len(size.content) <= 40_000
    assert "immutable" in size.headers["cache-control"]
