"""Road maps on the site: in time, in money, in decisions; an annex for a council; dates for a calendar."""

import re
from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest
from icalendar import Calendar
from markupsafe import escape
from openpyxl import load_workbook
from playwright.sync_api import expect

from services.portal.languages import LANGUAGES
from tests.portal.links import read
from tests.portal.road_maps import FORMULA, HOSTILE, RoadMap, published
from tests.portal.site import Device, Site, Visits, check_accessible, no_sideways_scroll

SAFE = str(escape(HOSTILE))


@pytest.fixture(scope="module")
def made(site: Site) -> RoadMap:
    return published(site)


def text(site: Site, path: str) -> str:
    answer = site.http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_its_page_tells_all_of_it_in_the_readers_language(site: Site, made: RoadMap, lang: str) -> None:
    page = text(site, f"{made.path}?lang={lang}")
    labels = site.http.get("/api/v1/labels", params={"lang": lang}).json()["vocabularies"]
    for vocabulary, codes in {
        "activity-states": ("done", "dropped"),
        "adoption-states": ("approved", "before-council", "not-approved"),
        "road-map-areas": ("culture-and-heritage", "cross-sectoral-governance"),
        "partner-kinds": ("civil-society", "university-research"),
        "endorsement-kinds": ("letter",),
        "budget-line-kinds": ("human-resources", "experts", "other-organisations"),
    }.items():
        for code in codes:
            assert escape(labels[vocabulary][code]) in page, code
    for said in (f"Train guards {SAFE}", f"Open museums {SAFE}", f"Experts {SAFE}", f"At last {SAFE}"):
        assert said in page
    for said in ("A goal is spoken of, not named.", "Allocated, not spent.", "Doors are open", "An election", "p. 7"):
        assert said in page
    assert "<script>pwned" not in page
    assert {"en": "2 of 5 done", "es": "2 de 5 realizadas", "fr": "2 sur 5 réalisées", "it": "2 su 5 realizzate"}[
        lang
    ] in page
    assert {"en": "86.15%"}.get(lang, "86,15\N{NO-BREAK SPACE}%") in page
    assert {"en": "35.39%"}.get(lang, "35,39\N{NO-BREAK SPACE}%") in page, "computed, where none is printed"
    title = read(site.http.get(f"{made.path}?lang={lang}")).all("h1")[0]
    assert title.text.startswith("Caminos" if lang == "es" else "Roads")


def test_texts_are_marked_with_their_languages(site: Site, made: RoadMap) -> None:
    page = text(site, f"{made.path}?lang=fr")
    assert '<div class="practice-body" lang="en" dir="ltr">' in page
    assert '<h3 lang="fr" dir="ltr">Organisation de la société civile</h3>' in page
    assert "<h1>Caminos" in text(site, f"{made.path}?lang=es")


def test_what_is_not_available_has_no_bar_and_nothing_is_added_up(site: Site, made: RoadMap) -> None:
    page = text(site, f"{made.path}?lang=en")
    drawing = page.partition('aria-labelledby="money-title')[2].partition("</svg>")[0]
    bars = re.findall(r'class="bar own"[^>]*width="([\d.]+)"', drawing)
    assert [float(one) for one in bars] == [603.1, 247.7], "of 700 for the total; none for 0 and for what is not known"
    assert drawing.count('class="zero"') == 3
    assert "€ 0" in drawing
    assert "N.A." in drawing
    assert "never added up" in page
    assert "39,500" not in page


def test_the_time_of_an_activity_is_its_own_or_that_of_the_road_map(site: Site, made: RoadMap) -> None:
    page = text(site, f"{made.path}?lang=en")
    drawing = page.partition('aria-labelledby="time-title')[2].partition("</svg>")[0]
    assert len(re.findall('class="bar period"', drawing)) == 2
    assert len(re.findall('class="bar own"', drawing)) == 2
    assert len(re.findall(r'class="bar taken"[^>]*fill="url\(#hatch\)"', drawing)) == 4, (
        "three undated, one without end"
    )
    assert re.findall(r'class="mark (\w+)"', drawing) == ["begun", "done", "dropped"]
    assert "Hatched: 3 activities have no dates of their own" in page


def test_decisions_stand_in_order_of_their_dates(site: Site, made: RoadMap) -> None:
    trail = text(site, f"{made.path}?lang=en").partition('id="adoption"')[2].partition("</section>")[0]
    assert re.findall(r"<strong>(\w+[ \w]*)</strong>", trail) == ["Report", "Road map", "Handbook"]
    assert "without a date" in trail


def test_an_officer_tells_how_far_an_activity_is_from_its_row(site: Site, visits: Visits) -> None:
    own = published(site)
    assert "/contribute/tell/" not in text(site, own.path), "nobody else is shown a way"
    with visits.open(own.path, person=own.officer, scripts=False) as page:
        page.locator("#activity-5").get_by_role("link").click()
        expect(page.get_by_label("To what").locator("option:checked")).to_contain_text("Print it")
        page.get_by_label("What happened").select_option("Done")
        page.get_by_label("When it happened").fill("2999")
        page.get_by_role("button", name="Tell it").click()
        expect(page.get_by_role("alert")).to_contain_text("Write a date that has come")
        page.get_by_label("When it happened").fill("2022-03")
        page.get_by_role("button", name="Tell it").click()
        expect(page.locator("#activity-5")).to_contain_text("Done")
        expect(page.locator("#activity-5")).to_contain_text("March 2022")
        expect(page.get_by_text("3 of 5 done")).to_be_visible()
    with visits.open(f"/contribute/tell{own.path}?path=plan.activities[key=t5]", person=own.officer) as page:
        check_accessible(page)
    answer = site.http.get(f"/api/v1{own.path}").json()
    assert answer["revision"] == own.shown["revision"], "without a new revision"


def test_its_pages_are_accessible_and_fit_their_window(visits: Visits, made: RoadMap, device: Device) -> None:
    for theme in ("light", "dark"):
        with visits.open(f"{made.path}?lang=fr", device, theme=theme) as page:  # type: ignore[arg-type]
            check_accessible(page)
            no_sideways_scroll(page)
            page.goto(f"{made.path}/annex?lang=es")
            check_accessible(page)
            no_sideways_scroll(page)


def test_on_paper_its_annex_is_two_pages(visits: Visits, made: RoadMap) -> None:
    found = visits.site.http.get("/api/v1/road-maps", params={"limit": 100}).json()["items"]
    assert made.shown["slug"] in [one["slug"] for one in found]
    pages = {}
    with visits.open("/") as page:
        for slug in [one["slug"] for one in found]:
            for lang in LANGUAGES:
                page.goto(f"/road-maps/{slug}/annex?lang={lang}")
                sheet = page.pdf(format="A4", prefer_css_page_size=True)
                pages[slug, lang] = len(re.findall(rb"/Type\s*/Page\b", sheet))
    assert {place: count for place, count in pages.items() if count != 2} == {}


def test_the_annex_tells_what_is_decided_on_first(site: Site, made: RoadMap) -> None:
    first, second = text(site, f"{made.path}/annex?lang=en").split('<div class="sheet')[1:]
    for said in ("Annex to resolution no.", f"Open museums {SAFE}", f"Train guards {SAFE}", "Welfare area"):
        assert said in first
    for said in ("€ 28,000", "N.A.", "Choir", "Report", "Go on"):
        assert said in second
    assert "<script>pwned" not in first + second


@pytest.fixture
def sheets(site: Site, made: RoadMap) -> dict[str, list[list[Any]]]:
    answer = site.http.get(f"{made.path}/annex.xlsx?lang=fr")
    assert answer.status_code == 200
    book = load_workbook(BytesIO(answer.content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type == "f"] == [], "texts stay texts"
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def test_the_annex_in_excel_has_real_numbers_and_dates(sheets: dict[str, list[list[Any]]]) -> None:
    activities, stakeholders, budget, adoption = sheets.values()
    assert activities[1][:3] == [1, "Accès à la culture et au patrimoine", f"Train guards {HOSTILE}"]
    assert activities[2][2] == FORMULA
    assert datetime(2021, 6, 15) in activities[2]
    assert activities[3][-2:] == ["Abandonnée", 2021]
    assert FORMULA in stakeholders[2]
    assert budget[1][2:6] == [28000, "EUR", 86.15, 86.15]
    assert budget[2][2:6] == [11500.5, "EUR", None, 35.39]
    assert budget[3][2] == 0
    assert budget[4][2:6] == ["N.A.", None, None, None]
    assert budget[5][2:4] == [32500, "EUR"]
    assert [row[3] for row in adoption[1:]] == [None, "2021-11", datetime(2021, 10, 4)]


def events(site: Site, path: str) -> dict[str, Any]:
    answer = site.http.get(path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    assert b"\n" not in answer.content.replace(b"\r\n", b"")
    return {str(one["summary"]): one for one in Calendar.from_ical(answer.content).walk("VEVENT")}


def test_its_dates_are_a_calendar(site: Site, made: RoadMap) -> None:
    found = events(site, f"{made.path}/dates.ics?lang=es")

    def days(summary: str) -> tuple[date, date]:
        return found[summary]["dtstart"].dt, found[summary]["dtend"].dt

    labels = site.http.get("/api/v1/labels", params={"lang": "es"}).json()["vocabularies"]
    pending = f"Road map: {labels['adoption-states']['before-council']}"
    number = next(one for one in found if one.startswith("Elaboración: Caminos"))
    assert days(number) == (date(2020, 7, 1), date(2021, 4, 1))
    assert days(f"Train guards {HOSTILE}") == (date(2021, 5, 1), date(2021, 7, 1))
    assert days(FORMULA) == (date(2021, 6, 15), date(2021, 6, 16))
    assert days("Carta oficial: The mayor") == (date(2021, 2, 3), date(2021, 2, 4))
    assert days(pending) == (date(2021, 11, 1), date(2021, 12, 1))
    assert days("Abandonada: Meet; often, and\\n talk") == (date(2021, 1, 1), date(2022, 1, 1))
    assert len(found) == 10
    uids = {str(one["uid"]) for one in found.values()}
    assert uids == {str(one["uid"]) for one in events(site, f"{made.path}/dates.ics?lang=fr").values()}
    assert len(uids) == 10
    stamps = {one["dtstamp"].dt for name, one in found.items() if not name.startswith(("Abandon", "Inici", "Realiz"))}
    assert stamps == {datetime.fromisoformat(made.shown["updated_at"])}


def test_types_that_declare_no_dates_have_no_calendar(site: Site) -> None:
    slug = site.http.get("/api/v1/practices?limit=1").json()["items"][0]["slug"]
    assert site.http.get(f"/practices/{slug}/dates.ics").status_code == 404
