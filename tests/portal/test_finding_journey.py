"""Find, compare, share: from the first word typed to what is taken along, on desktop and phone, without scripts too."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from services.portal.pages.practice import REASONS
from tests.portal.links import read
from tests.portal.site import Device, Site, Visits, no_sideways_scroll


def total(page: Page) -> int:
    """Return how many are found, close and related ones together."""
    found = re.findall(r"\d+", page.locator(".total").inner_text())
    assert found
    return sum(map(int, found))


def pick(page: Page, facet: str, device: Device) -> None:
    """Pick the first value of a facet that narrows the search, in place."""
    if device == "phone":
        page.get_by_role("link", name="Filters", exact=True).click()
    page.locator(f"input[type=checkbox][name={facet}]:not(:checked)").first.click()
    expect(page).to_have_url(re.compile(f"{facet}="))
    expect(page.locator(".htmx-request")).to_have_count(0)


def check_workbook(path: Path, compared: int) -> None:
    """It has a row for each question compared on the page, under its titles and addresses."""
    sheet = load_workbook(path).active
    assert sheet is not None
    titles = [cell.value for cell in sheet[1]]
    assert titles[:3] == ["Section", "Question", "Comparison"]
    assert len(titles) == 5
    assert sheet.max_row == compared + 2


def check_shared(page: Page, site: Site) -> None:
    """On a practice's page: how to cite it, its address, and the lines to embed it."""
    assert site.url in page.get_by_label("Cite", exact=True).input_value()
    address = page.get_by_label("Share").input_value()
    assert address == f"{site.url}/practices/{page.url.rsplit('/', 1)[1].split('#')[0]}"
    lines = page.get_by_label("Embed").input_value()
    source = re.search(r'src="([^"]+/embed/practice/[^"]+)"', lines)
    script = re.search(r'script src="([^"]+)"', lines)
    assert source
    assert script
    assert site.http.get(source[1]).status_code == 200
    assert site.http.get(script[1]).headers["content-type"].startswith("text/javascript")


def test_find_compare_share(visits: Visits, site: Site, device: Device, tmp_path: Path) -> None:
    with visits.open("/", device, accept_downloads=True) as page:
        page.get_by_role("combobox").press_sequentially("moroc")
        page.get_by_role("option", name="Morocco").first.click()
        page.wait_for_url("**country=MA**")
        start = total(page)
        page.evaluate("window.stays = true")
        pick(page, "priority", device)
        narrowed = total(page)
        assert 0 < narrowed <= start
        pick(page, "feature", device)
        assert 0 < total(page) <= narrowed
        assert page.evaluate("window.stays") is True  # the page was never loaded anew
        page.go_back()
        expect(page).not_to_have_url(re.compile("feature="))
        expect(page.locator(".chip:not(.all)")).to_have_count(2)
        assert total(page) == narrowed
        page.locator(".chip", has_text="Priority").click()
        expect(page).not_to_have_url(re.compile("priority="))
        assert total(page) == start
        no_sideways_scroll(page)

        page.locator(".hit-title a").first.click()
        page.wait_for_url("**/practices/*")
        title = page.locator("h1").inner_text()
        check_shared(page, site)
        page.locator(".actions [data-compare]").click()
        expect(page.locator("#tray")).to_contain_text("1 chosen")
        page.go_back()
        expect(page.locator("#tray")).to_contain_text("1 chosen")
        page.locator(".hit [data-compare][aria-pressed=false]").first.click()
        expect(page.locator("#tray")).to_contain_text("2 chosen")
        page.locator("#tray a").click()
        page.wait_for_url("**/compare?practice=*&practice=*")
        expect(page.locator("thead th")).to_have_count(3)
        expect(page.locator("thead")).to_contain_text(title)
        no_sideways_scroll(page)
        page.get_by_role("link", name="Show only what differs").click()
        page.wait_for_url("**only=differences**")
        expect(page.locator("tr.same")).to_have_count(0)
        compared = page.locator("table.compare tbody tr:not(.section)").count()
        assert compared
        with page.expect_download() as download:
            page.get_by_role("link", name="Download as Excel").click()
        download.value.save_as(tmp_path / "comparison.xlsx")
        check_workbook(tmp_path / "comparison.xlsx", compared)


def test_the_tray_takes_four(visits: Visits, device: Device) -> None:
    with visits.open("/practices", device) as page:
        for number in range(1, 5):
            page.locator(".hit [data-compare][aria-pressed=false]").first.click()
            expect(page.locator("#tray")).to_contain_text(f"{number} chosen")
        page.locator(".hit [data-compare][aria-pressed=false]").first.click()
        expect(page.locator("#tray")).to_contain_text("Four at most")
        expect(page.locator("[data-compare][aria-pressed=true]")).to_have_count(4)
        page.locator("[data-compare][aria-pressed=true]").first.click()
        expect(page.locator("#tray")).to_contain_text("3 chosen")
        page.get_by_role("button", name="Clear").click()
        expect(page.locator("#tray")).to_be_hidden()


def test_find_compare_share_without_scripts(visits: Visits, site: Site, device: Device) -> None:
    with visits.open("/", device, scripts=False) as page:
        page.get_by_role("searchbox").fill("return of migrants")
        page.get_by_role("button", name="Search").click()
        start = total(page)
        page.locator("input[name=priority]").first.check()
        page.locator("input[name=feature]").first.check()
        page.get_by_role("button", name="Apply").click()
        page.wait_for_url("**feature=**")
        assert 0 < total(page) <= start
        page.locator(".chip", has_text="Evidence for").click()
        assert "feature=" not in page.url
        assert "priority=" in page.url

        first = page.locator(".hit-title a").first.inner_text()
        page.locator(".hit-compare a").first.click()
        page.wait_for_url("**/compare?practice=*")
        expect(page.locator("main")).to_contain_text(first)
        page.get_by_role("searchbox").fill("Modena nurses")
        page.get_by_role("button", name="Search").click()
        page.locator(".addable a").first.click()
        expect(page.locator("thead th")).to_have_count(3)
        answer = site.http.get(page.get_by_role("link", name="Download as Excel").get_attribute("href") or "")
        assert load_workbook(BytesIO(answer.content)).active
        no_sideways_scroll(page)
        page.locator("thead th a").first.click()
        page.wait_for_url("**/practices/*")
        check_shared(page, site)


def tab_to(page: Page, selector: str, most: int = 150) -> None:
    """Press Tab until an element has the focus, as somebody without a mouse does."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by {most} tabs on {page.url}")


def test_find_compare_share_by_keyboard(visits: Visits, site: Site) -> None:
    with visits.open("/") as page:
        tab_to(page, "input[name=q]")
        page.keyboard.type("morocc")
        page.get_by_role("option").first.wait_for()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url("**country=MA**")
        for facet in ("priority", "feature"):
            tab_to(page, f"input[name={facet}]")
            page.keyboard.press("Space")
            expect(page).to_have_url(re.compile(f"{facet}="))
            expect(page.locator(".htmx-request")).to_have_count(0)
            focused = page.evaluate("document.activeElement.name")
            assert focused == facet  # narrowing in place keeps the place
        narrowed = page.url
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        page.reload()
        tab_to(page, ".chip")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: address != narrowed)
        for number in (1, 2):
            tab_to(page, ".hit [data-compare][aria-pressed=false]")
            page.keyboard.press("Space" if number == 1 else "Enter")
            expect(page.locator("#tray")).to_contain_text(f"{number} chosen")
        tab_to(page, "#tray a")
        page.keyboard.press("Enter")
        page.wait_for_url("**/compare?practice=*&practice=*")
        tab_to(page, "thead th a")
        page.keyboard.press("Enter")
        page.wait_for_url("**/practices/*")
        check_shared(page, site)


@pytest.mark.parametrize("path", ["/map", "/matrix"])
def test_what_is_drawn_leads_to_its_search(visits: Visits, path: str) -> None:
    with visits.open(path) as page:
        link = page.locator("a.circle, .matrix td a").first
        name = link.get_attribute("aria-label") or ""
        tab_to(page, "a.circle, .matrix td a")
        link.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/practices?**")
        assert str(total(page)) in re.findall(r"\d+", name)


def test_similar_cases_say_why(site: Site) -> None:
    """All that two cases share and people can read is told: a corridor first, labels instead of codes."""
    corridors = 0
    for hit in site.http.get("/search/v1/records?type=practice&per_page=100").json()["hits"]:
        similar = site.http.get(f"/search/v1/records/{hit['slug']}/similar?limit=4&lang=en").json()["hits"]
        page = read(site.http.get(f"/practices/{hit['slug']}"))
        (section,) = [one for one in page.all("section") if one.attributes.get("id") == "similar"] or [None]
        told = [one.text for one in section.all("p", "reason")] if section else []
        having = [one for one in similar if set(one["shared"]) & set(REASONS)]
        assert len(told) == len(having)
        for text, one in zip(told, having, strict=True):
            corridors += "corridor" in one["shared"]
            assert ("→" in text) == ("corridor" in one["shared"])
            assert not any(code in text for code in one["shared"].get("policy_area", ()) if "-" in code)
    assert corridors


def test_what_is_picked_stays_where_it_was_on_the_screen(visits: Visits, device: Device) -> None:
    with visits.open("/practices", device) as page:
        if device == "phone":
            page.get_by_role("link", name="Filters", exact=True).click()
        box = page.locator("input[type=checkbox][name=feature]:not(:checked)").first
        box.scroll_into_view_if_needed()
        code = box.get_attribute("value")
        page.evaluate("document.querySelector('.hits, #found').prepend(document.createElement('hr'))")
        page.evaluate("document.querySelector('hr').style.height = '3000px'")  # results above that become much shorter
        box.scroll_into_view_if_needed()
        box.click()
        expect(page).to_have_url(re.compile("feature="))
        expect(page.locator(".htmx-request")).to_have_count(0)
        after = page.locator(f"input[type=checkbox][name=feature][value={code}]").bounding_box()
        assert after
        assert 0 <= after["y"] <= page.viewport_size["height"]


def test_what_others_add_to_links_is_left_out(site: Site) -> None:
    for path in (
        "/practices?q=seasonal&utm_source=newsletter&fbclid=IwAR",
        "/map?utm_campaign=x",
        "/embed/search?gclid=1",
    ):
        answer = site.http.get(path)
        assert answer.status_code == 200, path
        assert "utm_source=" not in answer.text.split("</head>")[1].split("language")[0]
    assert site.http.get("/practices?colour=red").status_code == 422


def test_a_page_beyond_the_last_leads_to_the_last(site: Site) -> None:
    answer = site.http.get("/practices?page=999&sort=title")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/practices?sort=title&page=")
    last = site.http.get(answer.headers["location"])
    assert last.status_code == 200
    assert 'class="hit-title"' in last.text
    nothing = site.http.get("/practices?q=zzzzqqqq&page=7")
    assert nothing.headers["location"] == "/practices?q=zzzzqqqq&page=1"
    refused = site.http.get("/practices?page=0")
    assert refused.status_code == 422
    assert refused.text.count("not a whole number") == 1
