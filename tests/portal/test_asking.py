"""How a question is answered on the page of finding: what is close, how it was read, and why each hit is there."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from playwright.sync_api import expect

from services.portal.languages import translations
from services.portal.record import called
from services.portal.types import default
from tests.harness.paths import ROOT
from tests.portal.links import Element, behind, read
from tests.portal.site import Device, Site, Visits, check_accessible, no_sideways_scroll, to_the_end
from tests.portal.test_finding_journey import tab_to

README = (ROOT / "README.md").read_text(encoding="utf-8")
LANGUAGES = ("en", "es", "fr", "it")
SENTENCE = "who has managed seasonal migration together with a country of origin, and what made it work?"


def answer(http: httpx.Client, q: str, **more: Any) -> Any:
    asked = {"type": "practice", "lang": "en", "facets": "none", "per_page": 100, "q": q, **more}
    return http.get("/search/v1/records", params=asked).json()


def page_of(http: httpx.Client, q: str, **more: Any) -> Element:
    return read(http.get("/practices", params={"lang": "en", "q": q, **more}))


def hits(page: Element) -> list[str]:
    return [article.attributes["id"].removeprefix("hit-") for article in page.all("article", "hit")]


def numbers(page: Element) -> list[int]:
    return [int(found) for found in re.findall(r"\d+", page.all("p", "total")[0].text)]


def pairs(address: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(address).query)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_head_tells_what_is_close_and_leads_to_it(site: Site, lang: str) -> None:
    found = answer(site.http, SENTENCE)
    assert 0 < found["close"] < found["total"]
    page = page_of(site.http, SENTENCE, lang=lang)
    assert numbers(page) == [found["close"], found["total"] - found["close"]]
    (link,) = page.all("p", "total")[0].all("a")
    assert ("close", "true") in pairs(link.attributes["href"])
    assert behind(site.http, link.attributes["href"]) == found["close"]
    close = read(site.http.get(link.attributes["href"], params={**dict(pairs(link.attributes["href"])), "lang": lang}))
    assert numbers(close) == [found["close"]]
    (chip,) = close.all("a", "chip")
    assert translations(lang).gettext("only close ones") in chip.text
    assert pairs(chip.attributes["href"]) == [("q", SENTENCE)]


def test_where_all_is_close_practices_are_counted(site: Site) -> None:
    for q in ("", "cartaya", "zzzzqqqq"):
        page = page_of(site.http, q)
        assert page.all("p", "total")[0].text.endswith(("practice", "practices"))
        assert not page.all("p", "total")[0].all("a")


def test_none_of_a_filter_s_may_be_close(site: Site) -> None:
    found = answer(site.http, SENTENCE)
    near, far = found["hits"][: found["close"]], found["hits"][found["close"] :]
    in_near, in_far = ({country["code"] for hit in some for country in hit["countries"]} for some in (near, far))
    country = min(in_far - in_near)
    page = page_of(site.http, SENTENCE, country=country)
    assert numbers(page) == [0, answer(site.http, SENTENCE, country=country)["total"]]
    assert not page.all("p", "total")[0].all("a")


@pytest.mark.parametrize("path", ["/practices", "/map", "/matrix", "/facets/country", "/embed/search"])
def test_close_is_kept_as_other_filters_are(site: Site, path: str) -> None:
    words = "query" if path.startswith("/facets") else "q"
    page = read(site.http.get(path, params={words: SENTENCE, "close": "true", "priority": "capacities"}))
    for form in page.all("form"):
        action = form.attributes.get("action", "")
        if action in ("/practices", path):
            given = [(one.attributes.get("name"), one.attributes.get("value")) for one in form.all("input")]
            assert ("close", "true") in given, action
    searches = ("/practices", "/practices.atom", "/map", "/matrix", "/facets/", "/embed/search")
    links = [one.attributes["href"] for one in page.all("a") if "href" in one.attributes]
    led = [link for link in links if urlsplit(link).path.startswith(searches)]
    kept = [link for link in led if ("priority", "capacities") in pairs(link)]
    taken_out = [link for link in kept if ("close", "true") not in pairs(link)]
    assert len(kept) > len(taken_out) == (0 if path in ("/facets/country", "/embed/search") else 1)


def test_a_feed_and_a_map_of_close_ones_hold_these_alone(site: Site) -> None:
    close = {"q": SENTENCE, "close": "true"}
    count = answer(site.http, SENTENCE)["close"]
    assert numbers(read(site.http.get("/map", params=close))) == [count]
    assert site.http.get("/practices.atom", params=close).text.count("<entry>") == count


def test_close_that_filters_nothing_is_no_filter(site: Site) -> None:
    page = page_of(site.http, SENTENCE, close="false")
    assert not page.all("a", "chip")
    assert hits(page) == hits(page_of(site.http, SENTENCE))
    assert site.http.get("/practices?close=perhaps").status_code == 422


def parted(page: Element) -> list[str]:
    """Return the hits of a page in order, with what stands between them."""
    (results,) = page.all("section", "results")
    shown = [one for one in results.children if isinstance(one, Element)]
    told = [one for one in shown if one.tag == "article" or "related-from" in one.attributes.get("class", "")]
    return [one.attributes["id"].removeprefix("hit-") if one.tag == "article" else "---" for one in told]


def test_what_is_related_is_set_apart_where_it_begins(site: Site) -> None:
    found = answer(site.http, SENTENCE)
    slugs = [hit["slug"] for hit in found["hits"]]
    asked = [page_of(site.http, SENTENCE, page=number) for number in range(1, -(-found["total"] // 10) + 1)]
    close = found["close"]
    assert [one for page in asked for one in parted(page)] == [*slugs[:close], "---", *slugs[close:]]
    assert "---" not in parted(page_of(site.http, SENTENCE, sort="title"))
    assert "---" not in parted(page_of(site.http, SENTENCE, close="true"))


@pytest.mark.parametrize("path", ["/practices", "/map", "/matrix", "/embed/search"])
def test_how_a_question_was_read_is_told_and_can_be_asked(site: Site, path: str) -> None:
    q = 'sesonal wokers <b>"'
    page = read(site.http.get(path, params={"q": q, "priority": "capacities", "lang": "en"}))
    (told,) = page.all("p", "read-as")
    assert told.text == 'Shown for “ seasonal workers <b>" ”'
    (link,) = told.all("a")
    assert urlsplit(link.attributes["href"]).path == path
    asked = dict(pairs(link.attributes["href"]))
    assert (asked["q"], asked["priority"]) == ('seasonal workers <b>"', "capacities")
    again = read(site.http.get(link.attributes["href"]))
    assert numbers(again) == numbers(page)
    assert not [one for one in again.all("p", "read-as") if "Shown for" in one.text]


def test_where_nothing_is_found_what_was_meant_is_a_way_on(site: Site) -> None:
    page = page_of(site.http, "sesonal wokers", country="MX")
    (nothing,) = page.all("div", "nothing")
    first = nothing.all("a")[0]
    assert first.text == "did you mean “seasonal workers”?"
    assert pairs(first.attributes["href"]) == [("q", "seasonal workers")]
    assert behind(site.http, first.attributes["href"])
    ways = page_of(site.http, 'seasonal "zzz qqq"').all("div", "nothing")[0].all("a")
    assert ways[0].text == 'without the word “"zzz qqq"”'
    assert pairs(ways[0].attributes["href"]) == [("q", "seasonal")]


@pytest.mark.parametrize(
    ("q", "lang", "told"),
    [
        ("Marokko", "en", "also: Morocco"),
        ("Marokko", "fr", "aussi : Maroc"),
        ("Marokko Italie", "en", "also: Morocco (for “Marokko”) · Italy (for “Italie”)"),
    ],
)
def test_other_words_that_were_looked_for_are_told(site: Site, q: str, lang: str, told: str) -> None:
    for path in ("/practices", "/map", "/embed/search"):
        page = read(site.http.get(path, params={"q": q, "lang": lang}))
        assert [one.text for one in page.all("p", "read-as")] == [told]


@pytest.mark.parametrize("path", ["/practices", "/embed/search"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_hit_tells_which_question_its_sentence_answers(site: Site, lang: str, path: str) -> None:
    questionnaire = site.http.get("/api/v1/questionnaire", params={"lang": lang, "form": "full"}).json()
    places = set()
    for q in (SENTENCE, "entrepren*", '"seasonal workers"', "Morocco"):
        found = {hit["slug"]: hit["highlights"] for hit in answer(site.http, q, lang=lang)["hits"]}
        page = read(site.http.get(path, params={"q": q, "lang": lang}))
        for article in page.all("article", "hit"):
            told = found[article.attributes["id"].removeprefix("hit-")]
            reasons = article.all("p", "hit-why")
            assert bool(reasons) == bool(told.get("text"))
            if not reasons:
                continue
            place = told["text_place"]
            places.add(place)
            heading = default().words(lang).facets.get(place) or called(questionnaire, place)
            assert [one.text for one in reasons[0].all("span", "why-label")] == [f"{heading}:"]
            sentence = reasons[0].all("span")[-1]
            assert [mark.text for mark in sentence.all("mark")]
            assert sentence.attributes.get("lang", lang) == told["text_language"].replace("und", "")
    assert {"how.objectives", "policy_area", "target_group"} <= places


def test_a_place_that_is_no_question_is_called_nothing() -> None:
    question = {"path": "why.obstacles", "label": "What hindered it", "columns": []}
    questionnaire = {"sections": [{"name": "why", "title": "Why?", "questions": [question]}]}
    assert called(questionnaire, "why.obstacles") == "What hindered it"
    assert called(questionnaire, "why.elsewhere") is None
    assert called({"sections": []}, "why.obstacles") is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_the_help_shows_finds_something(site: Site, lang: str) -> None:
    for path in ("/", "/practices"):
        (help,) = read(site.http.get(path, params={"lang": lang})).all("details", "asking")
        lines, examples = help.all("li"), [one.text for one in help.all("code")]
        assert (len(lines), len(examples)) == (5, 3)
        for example in examples:
            assert answer(site.http, example, lang=lang)["total"], example
        if lang == "en":
            assert all(f"`{example}`" in README for example in examples)
        quoted, minus, _ = examples
        assert answer(site.http, minus)["total"] < answer(site.http, minus.split(" -")[0])["total"]
        assert answer(site.http, quoted)["total"] < answer(site.http, quoted.strip('"'))["total"] + 1


def test_the_help_is_reached_and_opened_by_keyboard(visits: Visits, device: Device) -> None:
    with visits.open("/practices", device) as page:
        expect(page.locator(".asking li").first).to_be_hidden()
        tab_to(page, ".asking summary")
        page.keyboard.press("Enter")
        expect(page.locator(".asking li")).to_have_count(5)
        expect(page.locator(".asking li").last).to_be_visible()
        to_the_end(page)
        check_accessible(page)
        no_sideways_scroll(page)


def test_answers_to_a_question_are_accessible(visits: Visits, device: Device) -> None:
    for q in (SENTENCE, "sesonal wokers Marokko", "Beturia"):
        with visits.open(f"/practices?page=1&q={q.replace(' ', '+')}", device) as page:
            to_the_end(page)
            check_accessible(page)
            no_sideways_scroll(page)


def test_close_ones_are_one_click_away_without_scripts(visits: Visits) -> None:
    with visits.open(f"/practices?q={SENTENCE.replace(' ', '+')}", scripts=False) as page:
        page.locator(".total a").click()
        page.wait_for_url("**close=true**")
        expect(page.locator(".chip")).to_contain_text("only close ones")
        page.get_by_label("Sort by").select_option("title")
        page.get_by_role("button", name="Sort").click()
        page.wait_for_url("**sort=title**")
        assert "close=true" in page.url
        page.locator(".chip").click()
        page.wait_for_url(lambda address: "close=" not in address)
        expect(page.locator(".total")).to_contain_text("related")


def test_suggestions_begin_with_what_begins_as_it_was_typed(site: Site) -> None:
    for typed in ("sene", "moroc", "cart"):
        options = read(site.http.get("/suggestions", params={"q": typed, "lang": "en"})).all("li")
        asked = site.http.get("/search/v1/suggest", params={"q": typed, "lang": "en", "limit": 8}).json()["suggestions"]
        assert [one.all("span")[0].text for one in options] == [one["label"] for one in asked]
        begun = [any(word.startswith(typed) for word in re.findall(r"\w+", one.text.lower())) for one in options]
        assert begun == sorted(begun, reverse=True)
        assert begun[0]
