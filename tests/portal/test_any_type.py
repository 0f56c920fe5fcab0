"""A type of record that the site knows by its declaration alone, in a base that holds some of it."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from xml.etree import ElementTree

import pytest
from markupsafe import escape
from openpyxl import load_workbook
from playwright.sync_api import expect

from services.portal.types import TYPES
from tests.harness.types.pledge.portal import TYPE as PLEDGE
from tests.portal.links import read
from tests.portal.pledges import HOSTILE, LANGUAGES, PRIVATE, Base, pledging, published
from tests.portal.site import DEVICES, Device, Site, Visits, check_accessible, no_sideways_scroll


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    """One base for all these tests, which make pledges of their own where they change any."""
    with pledging(tmp_path_factory.mktemp("pledging")) as base:
        yield base


SAFE = str(escape(HOSTILE))


def everywhere(base: Base) -> list[str]:
    """Return the addresses at which everybody reads of pledges."""
    school, road = base.school["slug"], base.road["slug"]
    return [
        f"/pledges/{school}",
        f"/pledges/{road}",
        f"/pledges/{school}/history",
        f"/pledges/{school}/download.json",
        f"/pledges/compare?pledge={school}&pledge={road}",
        f"/embed/pledges/{school}",
        "/pledges?q=walls",
        "/pledges/feed.atom?q=walls",
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_record_is_read_in_the_sections_of_its_form(base: Base, lang: str) -> None:
    page = base.get(f"/pledges/{base.school['slug']}?lang={lang}")
    assert page.status_code == 200
    form = base.site.http.get("/api/v1/questionnaire", params={"type": "pledge", "lang": lang}).json()
    words = PLEDGE.words(lang)
    shown = read(page)
    assert f'<a href="/pledges">{words.many}</a>' in page.text
    headings = [one.text.strip() for one in shown.all("h2")]
    assert [section["title"] for section in form["sections"]][:2] == headings[:2]
    asked = {one["path"]: one["label"] for section in form["sections"] for one in section["questions"]}
    columns = {one["path"]: one["label"] for section in form["sections"] for one in section["questions"][0]["columns"]}
    for path in ("promise.partner", "plan.actions", "plan.comment"):
        assert asked[path] in page.text
    assert f"{columns['due']}:" in page.text
    milan = base.site.http.get("/api/v1/authorities/milan").json()
    assert escape(milan["names"].get(lang, milan["name"])) in page.text, "named, not by its slug"
    assert f"{'Construir' if lang == 'es' else 'Build'} {SAFE}" in page.text
    assert f"Walls first {SAFE}" in page.text
    title = shown.all("h1")[0]
    assert title.text.strip() == ("Una escuela" if lang == "es" else f"A school {HOSTILE}")
    assert title.attributes.get("lang") == (None if lang in ("en", "es") else "en")
    assert words.steps["done"] in page.text
    assert f" · {words.steps['late']}" in page.text
    assert f"At last {SAFE}" in page.text
    assert "p. 7" in page.text


def test_records_that_name_each_other_are_shown_by_their_titles(base: Base) -> None:
    school, road = base.school["slug"], base.road["slug"]
    assert f'<a href="/pledges/{road}">A road</a>' in base.get(f"/pledges/{school}").text
    assert f'<a href="/pledges/{school}">Una escuela</a>' in base.get(f"/pledges/{road}?lang=es").text


def test_it_is_listed_found_and_narrowed(base: Base) -> None:
    listed = base.get("/pledges?lang=es")
    hits = [one.attributes["id"] for one in read(listed).all("article", "hit")]
    assert {f"hit-{base.school['slug']}", f"hit-{base.road['slug']}"} <= {*hits}
    assert "Buscar compromisos" in listed.text
    assert "Prometido a" in listed.text
    assert 'id="f-partner-cartaya"' in listed.text
    assert "/practices/" not in listed.text.split('id="found"')[1].split("</section>")[0]
    found = base.get("/pledges?q=walls&partner=cartaya")
    assert [one.attributes["id"] for one in read(found).all("article", "hit")] == [f"hit-{base.school['slug']}"]
    assert SAFE in found.text
    assert "1 pledge</p>" in base.get("/pledges?partner=cartaya").text
    assert "/pledges?q=walls" in base.get("/pledges?q=walls+zzqq&lang=en").text, "a way on where nothing matches"
    assert "Promised to" in base.get("/pledges/facets/partner").text
    assert 'value="cartaya"' in base.get("/pledges/facets/partner/options").text
    assert base.get("/pledges/facets/priority").status_code == 404
    suggested = base.get("/pledges/suggestions?q=wal").text + base.get("/pledges/suggestions?q=road").text
    assert f"/pledges/{base.road['slug']}" in suggested


def test_practices_are_listed_without_it(base: Base) -> None:
    page = base.get("/practices?q=walls+and+a+roof&sort=newest").text
    assert f"hit-{base.school['slug']}" not in page


def test_a_search_is_followed_as_a_feed(base: Base) -> None:
    feed = base.get("/pledges/feed.atom?partner=cartaya&lang=fr")
    assert feed.headers["content-type"].startswith("application/atom+xml")
    atom = ElementTree.fromstring(feed.text)
    names = {"a": "http://www.w3.org/2005/Atom"}
    assert atom.findtext("a:subtitle", None, names) == "Ce que les autorités se promettent"
    entries = atom.findall("a:entry", names)
    assert [one.findtext("a:title", None, names) for one in entries] == [f"A school {HOSTILE}"]
    links = [one.attrib["href"] for one in entries[0].findall("a:link", names)]
    assert links == [f"{base.site.url}/pledges/{base.school['slug']}"]
    assert 'href="/pledges/feed.atom?partner=cartaya&amp;lang=fr"' in base.get("/pledges?partner=cartaya&lang=fr").text


def test_what_is_private_is_in_no_byte(base: Base) -> None:
    for path in everywhere(base):
        for lang in LANGUAGES:
            page = base.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
            assert page.status_code == 200, path
            assert not [one for one in PRIVATE if one.encode() in page.content], path
    book = load_workbook(BytesIO(base.get(f"/pledges/{base.school['slug']}/download.xlsx").content))
    cells = " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    assert "Walls and a roof" in cells
    assert not [one for one in PRIVATE if one in cells]


def test_texts_stay_texts(base: Base) -> None:
    for path in everywhere(base):
        if not path.endswith(".json"):
            page = base.get(path).text
            assert "<script>pwned" not in page, path
            assert "A school" in page, path


def test_it_is_compared_with_others(base: Base) -> None:
    school, road = base.school["slug"], base.road["slug"]
    compared = base.get(f"/pledges/compare?pledge={school}&pledge={road}&lang=fr")
    page = compared.text
    assert "Comparer des engagements" in page
    rows = [one.text.strip() for one in read(compared).all("h2")]
    assert rows[:2] == ["Plan d'action", "Promesse"], "as the type says what stands first"
    assert f"Build {SAFE}" in page
    assert "Pave" in page
    assert f'href="/pledges/compare?pledge={road}"' in page, "the other one can be taken out"
    book = load_workbook(BytesIO(base.get(f"/pledges/compare.xlsx?pledge={school}&pledge={road}").content))
    cells = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row]
    assert f"{base.site.url}/pledges/{road}" in cells
    assert base.get("/pledges/compare?pledge=nowhere").status_code == 404


def test_it_is_embedded_as_a_card(base: Base) -> None:
    card = base.get(f"/embed/pledges/{base.school['slug']}?lang=it")
    assert "x-frame-options" not in card.headers
    assert f'href="/pledges/{base.school["slug"]}?lang=it"' in card.text
    assert "Impegni" in card.text
    assert "Partner: Comune di Cartaya" in card.text
    assert base.get("/embed/pledges/nowhere").status_code == 404


def test_it_is_cited_and_taken_along(base: Base) -> None:
    slug = base.school["slug"]
    page = base.get(f"/pledges/{slug}").text
    assert f"@misc{{praxis-{slug}" in page
    assert f"{base.site.url}/embed/pledges/{slug}" in page
    record = base.get(f"/pledges/{slug}/download.json").json()
    assert record["type"] == "pledge"


def test_texts_in_rows_are_read_in_the_language_of_the_reader_and_marked_so(base: Base) -> None:
    school, road = base.school["slug"], base.road["slug"]
    for path in (f"/pledges/{school}?lang=es", f"/pledges/compare?pledge={road}&pledge={school}&lang=es"):
        page = base.get(path).text
        assert f"Construir {SAFE}</li>" in page, path
        assert f"Build {SAFE}" not in page, path
        marked = read(base.get(path)).all("li")
        told = {one.text.split(":")[0].strip(): one.attributes.get("lang") for one in marked if ":" in one.text}
        assert (told["Acción"], told["Plazo"]) == ("es", None), path
    assert f'<li><span class="cell-name">Action:</span> Build {SAFE}</li>' in base.get(f"/pledges/{school}").text


def test_its_history_tells_what_changed_and_what_was_withdrawn(base: Base) -> None:
    body = {
        "content": {
            "language": "en",
            "promise": {"title": "A bridge"},
            "plan": {"actions": [{"key": "a", "text": "Span"}]},
        }
    }
    bridge = published(base.site, base.network, body)
    with base.site.as_(base.network) as api:
        path = f"/pledges/{bridge['id']}"
        body["content"]["plan"] = {"actions": [{"key": "a", "text": "Span the river"}]}
        body["translations"] = {"fr": {"plan.actions[key=a].text": {"text": "Franchir", "status": "human"}}}
        edited = api.put(path, json=body, headers={"If-Match": f'"{bridge["version"]}"'})
        assert edited.is_success, edited.text
        assert api.post(f"{path}/publish", headers={"If-Match": edited.headers["etag"]}).is_success
        history = base.get(f"/pledges/{bridge['slug']}/history?lang=es").text
        assert "Acciones 1" in history
        assert "Span the river" in history
        assert "Acciones a: Acción (fr)" in history
        assert "Franchir" in history
        version = api.get(f"{path}/latest").headers["etag"]
        gone = api.post(f"{path}/revisions/1/withdraw", json={"reason": "A mistake"}, headers={"If-Match": version})
        assert gone.is_success, gone.text
    assert "Revision 1 was withdrawn" in base.get(f"/pledges/{bridge['slug']}/history").text


def test_a_former_address_leads_on(base: Base) -> None:
    former = published(base.site, base.network, {"content": {"language": "en", "promise": {"title": "Old"}}})
    with base.site.as_(base.network) as api:
        headers = {"If-Match": f'"{former["version"]}"'}
        renamed = api.post(f"/pledges/{former['id']}/rename", json={"slug": "brand-new"}, headers=headers)
        assert renamed.is_success, renamed.text
    answer = base.get(f"/pledges/{former['slug']}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/pledges/brand-new")


def test_it_is_drafted_handed_in_and_published_by_the_form(base: Base) -> None:
    officer = base.site.person("ona", "officer", "cartaya")
    inbox = base.get("/contribute", officer).text
    assert '<option value="pledge">Pledges</option>' in inbox
    case = base.send("/contribute", officer, type="pledge").headers["location"]
    assert "Pledges" in base.get(case, officer).text
    section = base.get(f"{case}/answers/promise?form=full", officer)
    assert 'list="list-authorities"' in section.text
    assert '<option value="milan">' in section.text
    inputs = [one.attributes for one in read(section).all("input")]
    number = next(one["value"] for one in inputs if one.get("name") == "version")
    form = {"asked": ["promise.title", "promise.partner"], "promise.title": "A well", "promise.partner": "milan"}
    saved = base.send(f"{case}/answers/promise?form=full", officer, version=number, do="next", **form)
    assert saved.headers["location"] == f"{case}/answers/plan?form=full"
    rows = {"asked": "plan.actions", "plan.actions": "0", "plan.actions[0].text": "Dig", "do": "save"}
    assert base.send(f"{case}/answers/plan?form=full", officer, version=int(number) + 1, **rows).status_code == 303
    about = {"asked": "language", "language": "en", "do": "save"}
    assert base.send(f"{case}/answers/record?form=full", officer, version=int(number) + 2, **about).status_code == 303
    preview = base.get(f"{case}/preview", officer).text
    assert "A well" in preview
    assert "Dig" in preview
    assert base.send(f"{case}/step/submit", officer, version=int(number) + 3).headers["location"].startswith(case)
    waiting = base.get(f"{case}?lang=es", officer).text
    assert "La secretaría lee el compromiso y lo publica." in waiting
    assert "A well" in base.get("/contribute?type=pledge", officer).text
    assert "A well" not in base.get("/contribute?type=practice", officer).text
    handed = base.send(f"{case}/step/publish", base.network, version=int(number) + 4)
    assert handed.status_code == 303, handed.text
    assert '<a href="/pledges/a-well">' in base.get(case, officer).text
    assert base.get("/pledges/a-well").status_code == 200
    proposed = base.get("/contribute/begin?pledge=a-well", officer)
    assert proposed.headers["location"] == f"{case}/step/revise", "its case is there already"


def test_what_nobody_asks_for_stays_as_it_was(base: Base) -> None:
    """Rows keep the keys by which others refer to them, although the form does not show these."""
    officer = base.site.person("kai", "officer", "cartaya")
    with base.site.as_(officer) as api:
        plan = {"actions": [{"key": "3.1", "text": "Dig"}]}
        content = {"language": "en", "promise": {"title": "A ditch"}, "plan": plan}
        case = api.post("/submissions", json={"type": "pledge", "content": content}).json()
        section = read(base.get(f"/contribute/{case['id']}/answers/plan?form=full", officer))
        form: dict[str, list[str]] = {}
        for one in section.all("input"):
            if (name := one.attributes.get("name", "")).startswith(("asked", "was:", "plan.", "version", "account")):
                form.setdefault(name, []).append(one.attributes.get("value", ""))
        assert not [name for name in form if name.endswith(".key")]
        form["plan.actions[0].text"] = ["Dig deeper"]
        base.send(f"/contribute/{case['id']}/answers/plan?form=full", officer, do="save", **form)
        found = api.get(f"/submissions/{case['id']}").json()["content"]["plan"]["actions"]
    assert [(one["key"], one["text"]) for one in found] == [("3.1", "Dig deeper")]


def test_it_stands_in_the_navigation_beside_the_first_type(base: Base, site: Site) -> None:
    assert '<a href="/pledges">Engagements</a>' in base.get("/?lang=fr").text
    assert "/pledges" not in site.http.get("/").text, "of a site that does not show them"
    assert "pledge" not in TYPES, "beyond these tests"


@pytest.mark.parametrize("device", DEVICES)
def test_its_pages_are_accessible_and_fit_their_window(base: Base, visits: Visits, device: Device) -> None:
    school, road = base.school["slug"], base.road["slug"]
    with replace(visits, site=base.site).open("/pledges", device) as page:
        for path in (
            "/pledges?q=walls",
            f"/pledges/{school}?lang=es",
            f"/pledges/{school}/history",
            f"/pledges/compare?pledge={school}&pledge={road}",
            f"/embed/pledges/{school}",
        ):
            page.goto(path)
            check_accessible(page)
            no_sideways_scroll(page)


def test_some_are_chosen_on_their_list_and_compared(base: Base, visits: Visits) -> None:
    """What was chosen of one type is not mixed with what was chosen of another."""
    with replace(visits, site=base.site).open("/practices?sort=title") as page:
        page.locator("[data-compare]").first.click()
        page.goto("/pledges")
        tray = page.locator("#tray")
        expect(tray).to_be_hidden()
        for slug in (base.school["slug"], base.road["slug"]):
            page.locator(f'[data-compare="{slug}"]').click()
        tray.get_by_role("link").click()
        expect(page.get_by_role("heading", name="Compare pledges")).to_be_visible()
        assert page.url.endswith(f"/pledges/compare?pledge={base.school['slug']}&pledge={base.road['slug']}")


def test_on_paper_stands_the_record_alone(base: Base, visits: Visits) -> None:
    with replace(visits, site=base.site).open(f"/pledges/{base.school['slug']}") as page:
        page.emulate_media(media="print")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_text("Walls first")).to_be_visible()
        for part in (".top", ".toc", ".actions", "#take"):
            expect(page.locator(part).first).to_be_hidden()
