"""An officer tells of a practice of her authority in her own words: on one page, and beside what editors wrote."""

import re
from html import unescape

import httpx
import pytest
from playwright.sync_api import Page, expect

from services.api.types.own_account.type import FORM
from services.portal.types.own_account import TYPE
from tests.harness.support import Json
from tests.portal.answering import look, saved
from tests.portal.site import Device, Person, Site, Visits, counter
from tests.portal.test_asked_upstream import fresh
from tests.portal.test_casework import HERE, Theme, client, content, cookie, desk, officer, stepped

__all__ = ["client"]

MOST_INPUTS = 16
INPUTS = """() => {
  const seen = [...document.querySelectorAll("#answers input, #answers select, #answers textarea")]
    .filter((one) => one.checkVisibility());
  const groups = new Set(seen.filter((one) => one.closest(".ticks")).map((one) => one.name));
  return [seen.filter((one) => !one.closest(".ticks")).length, groups.size];
}"""
TOLD = {
    "account.description": "Nurses told us what they needed.\nWe listened.",
    "account.contribution": "It serves the plan of the region.",
    "account.set_up": "Two desks and one council.",
    "account.results": "Eighty came home.",
    "account.adaptations": "A third desk.",
    "account.debate": "Whether to pay for travel.",
    "account.obstacles": "Rooms were hard to find.",
    "account.transferability": "Any town with a hospital could.",
    "account.dissemination": "A leaflet.",
}


def practice(site: Site, title: str, **more: Json) -> Json:
    """Publish a practice that names Cartaya, in English and with a Spanish title."""
    network = desk(site)
    translations = {"es": {"initiative.title": {"text": f"{title} (es)", "status": "human"}}}
    with site.as_(network) as api:
        made = api.post("/practices", json={"content": content(title) | more, "translations": translations})
        assert made.is_success, made.text
        headers = {"If-Match": made.headers["etag"]}
        answer = api.post(f"/practices/{made.json()['id']}/publish", headers=headers)
        assert answer.is_success, answer.text
        found: Json = answer.json()
        return found


def told(site: Site, person: Person, of: Json, publish: bool = True, **more: object) -> Json:
    """Tell of a practice over HTTP, and have it published."""
    account = {"practice": of["slug"], "authority": "cartaya", "title": "As we see it", "description": "Our words."}
    body = {"type": TYPE.name, "content": {"language": "fr", "account": account | more}}
    with site.as_(person) as api:
        made = api.post("/submissions", json=body)
        assert made.is_success, made.text
    case = stepped(site, person, made.json(), "submit")
    return stepped(site, desk(site), case, "publish") if publish else case


def send(client: httpx.Client, person: Person, of: Json, type: str = TYPE.name, lang: str = "en") -> httpx.Response:
    cookies = {"Cookie": f"praxis_session={person.token}; praxis_language={lang}"}
    return client.post(f"/contribute/own-words/{type}", data={"record": of["slug"]}, headers=HERE | cookies)


def asked(page: Page) -> set[str]:
    """Return the questions of a form that is open, and those that it tells the answers to."""
    return set(page.locator("#answers [name=asked]").evaluate_all("all => all.map((one) => one.value)"))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_an_officer_tells_it_herself(visits: Visits, site: Site, device: Device, scripts: bool) -> None:
    ana, number = officer(site), next(counter)
    of = practice(site, f"A desk for nurses {number}")
    with visits.open(f"/practices/{of['slug']}", device, person=ana, scripts=scripts) as page:
        page.get_by_role("button", name="Tell it yourself").click()
        page.wait_for_url("**/answers/account?*")
        given = page.locator(".given")
        expect(given.get_by_role("link", name=f"A desk for nurses {number}")).to_have_attribute(
            "href", f"/practices/{of['slug']}"
        )
        expect(given).to_contain_text("Cartaya")
        expect(given).to_contain_text("English")
        assert asked(page) | set(TYPE.given) == {one.path for one in FORM.questions}, "all of it stands on this page"
        expect(page.get_by_label("Name", exact=False).first).to_have_value(f"A desk for nurses {number}")
        expect(page.get_by_role("radio", name="Rights")).to_be_checked()
        assert page.locator("#sections ol").count() == 0, "there is no other section to go to"
        if scripts:
            boxes, groups = page.evaluate(INPUTS)
            assert boxes + groups <= MOST_INPUTS
        look(page, scripts)
        for path, text in TOLD.items():
            page.locator(f"[name='{path}']").fill(text)
        page.get_by_label("Local budget", exact=False).first.check()
        row = page.get_by_role("group", name=re.compile("^Features.* 1$"))
        row.get_by_label("Feature").select_option("adaptability")
        row.get_by_label("What shows it").fill("We moved a desk in a week.")
        if scripts:
            row.get_by_label("What shows it").blur()
            saved(page)
        page.get_by_role("button", name="Save and check").click()
        expect(page.get_by_role("status")).to_contain_text("Nothing is missing")
        page.get_by_role("link", name="Go on to hand it in").click()
        page.get_by_role("link", name="Hand in", exact=False).first.click()
        page.get_by_role("main").get_by_role("button").last.click()
        page.wait_for_url(re.compile("/contribute/[0-9a-f-]{36}(\\?.*)?(#.*)?$"))
        case = page.url.split("/contribute/")[1][:36]
    stepped(site, desk(site), {"id": case}, "publish")
    with visits.open(f"/practices/{of['slug']}", device, scripts=scripts) as page:
        words = page.locator("#own-words")
        expect(words).to_contain_text("We listened.")
        expect(words.get_by_role("link", name=re.compile("Cartaya")).first).to_be_visible()
        look(page, scripts)


def shown(client: httpx.Client, of: Json, lang: str = "en", person: Person | None = None) -> str:
    answer = client.get(f"/practices/{of['slug']}?lang={lang}", headers=cookie(person) if person else {})
    assert answer.status_code == 200
    return unescape(answer.text)


def section(text: str) -> str:
    return text.split('<section id="own-words">')[1].split("</section>")[0] if 'id="own-words"' in text else ""


def rows(text: str) -> dict[str, list[str]]:
    """Return both sides by what the question is called."""
    found = {}
    for row in section(text).split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]:
        cells = [" ".join(re.sub("<[^>]*>", " ", one).split()) for one in re.split("<t[hd]", row)[1:]]
        head, *sides = (one.partition(">")[2].strip() for one in cells)
        found[head] = sides
    return found


def test_what_differs_stands_side_by_side(site: Site, client: httpx.Client) -> None:
    number = next(counter)
    lessons = {"challenges": [{"challenge": "Few beds <b>"}]}
    of = practice(site, f"Side by side {number}", lessons=lessons)
    told(
        site,
        officer(site),
        of,
        title=f"side by  side {number}",
        strand="capacities",
        obstacles="Des lits <i>",
        results="Many came.\nSome stayed.",
        features=[{"feature": "adaptability", "statement": "Nous avons <u>changé</u>."}],
    )
    text = shown(client, of)
    words = section(text)
    assert "Told by" in words
    assert "written in French" in words
    assert "<b>" not in client.get(f"/practices/{of['slug']}").text.replace("&lt;b&gt;", "")
    table = rows(text)
    labels = {one.path: FORM.label(one.path) for one in FORM.questions}
    assert labels["account.title"] not in table, "the same words are no difference"
    assert labels["account.results"] not in table
    assert labels["account.debate"] not in table, "neither says anything"
    assert "Both say the same" in words
    theirs, own = table[labels["account.strand"]]
    assert theirs.endswith("Rights")
    assert own.endswith("Capacities")
    theirs, own = table[labels["account.obstacles"]]
    assert "Few beds" in theirs
    assert "Des lits" in own
    theirs, own = table[labels["account.description"]]
    assert "A desk at which those who return are heard." in theirs
    assert 'lang="fr"' in words
    assert "own-words" in section(shown(client, of, "fr"))


def test_what_it_says_of_a_feature_is_evidence_of_its_own_kind(site: Site, client: httpx.Client) -> None:
    of = practice(site, f"Evidence {next(counter)}")
    assert shown(client, of).count("No evidence recorded yet") == 8
    told(site, officer(site), of, features=[{"feature": "adaptability", "statement": "Nous avons changé."}])
    text = shown(client, of)
    feature = next(one for one in text.split("<li class=") if "Nous avons changé." in one).split("</li>")[0]
    assert feature.startswith('"known"')
    assert "No evidence recorded yet" not in feature
    assert "Own account" in feature
    assert "Cartaya" in feature
    assert '<div class="own-words" lang="fr" dir="ltr">' in feature
    assert text.count("No evidence recorded yet") == 7
    assert "Relato propio" in shown(client, of, "es")


def test_a_revision_is_previewed_with_it(site: Site, client: httpx.Client) -> None:
    network, of = desk(site), practice(site, f"Previewed {next(counter)}")
    told(site, officer(site), of, features=[{"feature": "adaptability", "statement": "Nous avons changé."}])
    with site.as_(network) as api:
        case = api.post("/submissions", json={"record": of["slug"]}).json()
    preview = unescape(client.get(f"/contribute/{case['id']}/preview", headers=cookie(network)).text)
    assert "Our words." in section(preview)
    assert preview.count("No evidence recorded yet") == 7


def test_who_has_no_part_in_it_is_not_asked_to_tell(site: Site, client: httpx.Client) -> None:
    of, number = practice(site, f"Not theirs {next(counter)}"), next(counter)
    stranger = site.person(f"stranger-{number}", "officer", "milan")
    assert "Tell it yourself" in shown(client, of, person=officer(site))
    for person in (None, stranger, desk(site)):
        assert "Tell it yourself" not in shown(client, of, person=person)
    begun = send(client, stranger, of)
    assert begun.status_code == 303, "a draft always begins, and tells what is wrong"
    first = client.get(begun.headers["location"], headers=cookie(stranger)).headers["location"]
    form = client.get(first, headers=cookie(stranger)).text
    assert 'name="account.authority"' in form, "what is wrong is asked for, so that it can be set right"
    assert "neither names the authority" in unescape(form)
    assert send(client, desk(site), of).status_code == 403
    assert send(client, officer(site), of, "practice").status_code == 403


def test_a_draft_begins_in_the_language_of_the_interface(site: Site, client: httpx.Client) -> None:
    ana, number = officer(site), next(counter)
    of = practice(site, f"Begun {number}")
    where = send(client, ana, of, lang="es").headers["location"]
    with site.as_(ana) as api:
        case = api.get(f"/submissions/{where.split('/')[2]}").json()
    named = {"practice": of["slug"], "authority": "cartaya"}
    assert case["content"] == {
        "language": "es",
        "account": named | {"title": f"Begun {number} (es)", "strand": "rights"},
    }
    assert case["owner"] == "cartaya"
    two = [{"priority": one, "assessed_by": "authority"} for one in ("rights", "capacities")]
    where = send(client, ana, practice(site, f"Both {number}", what={"priorities": two})).headers["location"]
    with site.as_(ana) as api:
        assert "strand" not in api.get(f"/submissions/{where.split('/')[2]}").json()["content"]["account"]


def test_whoever_tells_already_goes_on_with_that(site: Site, client: httpx.Client) -> None:
    ana, of = officer(site), practice(site, f"Once {next(counter)}")
    first = send(client, ana, of).headers["location"]
    assert send(client, officer(site), of).headers["location"] == first, "a colleague goes on with the same draft"
    case = {"id": first.split("/")[2]}
    with site.as_(ana) as api:
        read = api.get(f"/submissions/{case['id']}").json()
        read["content"]["account"]["description"] = "Our words."
        body, headers = {"content": read["content"]}, {"If-Match": f'"{read["version"]}"'}
        assert api.put(f"/submissions/{case['id']}", json=body, headers=headers).is_success
    stepped(site, ana, case, "submit")
    assert send(client, ana, of).headers["location"] == f"/contribute/{case['id']}", "what is handed in can be read"
    stepped(site, desk(site), case, "publish")
    assert "Change what you told" in shown(client, of, person=ana)
    again = send(client, ana, of).headers["location"]
    on = client.get(again, headers=cookie(ana))
    assert on.status_code == 303
    assert on.headers["location"] == f"/contribute/{case['id']}/step/revise"


def test_its_own_page_leads_to_the_practice(site: Site, client: httpx.Client) -> None:
    number = next(counter)
    of = practice(site, f"Led to {number}")
    case = told(site, officer(site), of)
    page = unescape(client.get(f"/own-accounts/{case['record']}?lang=es", follow_redirects=True).text)
    assert page.count(f'<a href="/practices/{of["slug"]}">Led to {number} (es)</a>') >= 1
    assert of["slug"] not in re.sub("<[^>]*>", "", page), "it is called by its title"


def test_a_page_with_an_account_takes_one_more_question_and_no_more_time(site: Site) -> None:
    of = practice(site, f"Quick {next(counter)}")

    def rounds() -> tuple[int, list[str]]:
        with fresh(site) as (get, asked):
            assert get(f"/practices/{of['slug']}").status_code == 200
            asked.clear()  # what is kept is asked for once
            assert get(f"/practices/{of['slug']}").status_code == 200
            return len(asked.rounds), list(asked)

    before = rounds()
    told(site, officer(site), of)
    after = rounds()
    assert len(after[1]) == len(before[1]) + 1
    assert after[0] <= before[0] + 1


@pytest.mark.parametrize("lang", ["en", "es", "fr", "it"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_reads_well(visits: Visits, site: Site, device: Device, lang: str, theme: Theme) -> None:
    of = practice(site, f"Read well {next(counter)}")
    told(site, officer(site), of, obstacles="Des lits.", features=[{"feature": "adaptability", "statement": "Changé."}])
    with visits.open(f"/practices/{of['slug']}?lang={lang}", device, theme=theme) as page:
        expect(page.locator("#own-words")).to_contain_text("Des lits.")
        look(page, True)
