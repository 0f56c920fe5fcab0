"""A case on its way, as its office, the secretariat and a reviewer take it there in a browser."""

import re
from collections.abc import Iterator
from typing import Literal

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.harness.ports import PLAIN
from tests.harness.support import Json
from tests.portal.site import Device, Person, Site, Visits, check_accessible, counter, no_sideways_scroll

Theme = Literal["light", "dark"]
HERE = {"Sec-Fetch-Site": "same-origin"}


def content(title: str) -> Json:
    """Return all that a case must answer."""
    return {
        "language": "en",
        "initiative": {"title": title},
        "what": {"priorities": [{"priority": "rights", "assessed_by": "authority"}]},
        "who": {"authorities": [{"name": "Municipality of Cartaya", "authority": "cartaya"}]},
        "how": {"summary": "A desk at which those who return are heard.", "results": ["Many came.", "Some stayed."]},
        "provenance": {"kind": "submitted"},
    }


def officer(site: Site) -> Person:
    return site.person(f"officer-{next(counter)}", "officer", "cartaya")


def desk(site: Site) -> Person:
    return site.person(f"desk-{next(counter)}", "secretariat")


def begun(site: Site, person: Person, title: str, **more: Json) -> Json:
    """Begin a case over HTTP."""
    with site.as_(person) as api:
        answer = api.post("/submissions", json={"content": content(title) | more})
        assert answer.status_code == 201, answer.text
        case: Json = answer.json()
        return case


def stepped(site: Site, person: Person, case: Json, action: str, **more: object) -> Json:
    """Take a step over HTTP."""
    with site.as_(person) as api:
        version = api.get(f"/submissions/{case['id']}").json()["version"]
        path, headers = f"/submissions/{case['id']}/transitions", {"If-Match": f'"{version}"'}
        answer = api.post(path, json={"action": action} | more, headers=headers)
        assert answer.is_success, answer.text
        taken: Json = answer.json()
        return taken


def go(page: Page, name: str) -> None:
    """Follow a link by keyboard alone."""
    link = page.get_by_role("main").get_by_role("link", name=name, exact=True).first
    link.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def press(page: Page, name: str) -> None:
    """Press a button by keyboard alone."""
    button = page.get_by_role("main").get_by_role("button", name=name, exact=True).first
    button.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def remark(page: Page, place: str, kind: str, label: str, text: str, send: str) -> None:
    """Unfold a form at a place of the answers and send it, by keyboard alone."""
    spot = page.locator(f"#talk-{place}")
    spot.locator("summary", has_text=kind).first.focus()
    page.keyboard.press("Enter")
    spot.get_by_label(label).first.focus()
    page.keyboard.type(text)
    page.keyboard.press("Tab")
    if kind == "Comment":
        assert page.locator(":focus").get_attribute("name") == "internal"
        page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == send
    page.keyboard.press("Enter")
    spot.get_by_text(text).first.wait_for()


@pytest.mark.parametrize("scripts", [True, False])
def test_request_changes_and_publish(visits: Visits, site: Site, device: Device, scripts: bool) -> None:
    title = f"A desk for those who return {next(counter)}"
    office, network = officer(site), desk(site)
    case = begun(site, office, title)
    path = f"/contribute/{case['id']}"

    with visits.open("/contribute", device, person=office, scripts=scripts) as page:
        go(page, title)
        go(page, "Hand in")
        press(page, "Hand in")
        assert page.locator("h1").inner_text() == title
        assert "Handed in" in page.locator(".case-head").inner_text()

    with visits.open("/contribute", device, person=network, scripts=scripts) as page:
        go(page, title)
        assert "It waits for you." in page.locator(".next").inner_text()
        go(page, "Take up")
        press(page, "Take up")
        go(page, "Request changes")
        go(page, "Answers and comments")
        remark(page, "f-how-results", "Comment", "Your comment", "How many is many?", "Send the comment")
        page.goto(path)
        go(page, "Request changes")
        page.get_by_label("Why").focus()
        page.keyboard.type("One number is missing.")
        press(page, "Request changes")
        assert "Changes requested" in page.locator(".case-head").inner_text()

    with visits.open("/contribute", device, person=office, scripts=scripts) as page:
        go(page, title)
        assert "One number is missing." in page.locator(".next").inner_text()
        go(page, "Results")
        remark(page, "f-how-results", "Answer", "Your answer", "Forty.", "Send the answer")
        page.get_by_role("button", name=re.compile("^Resolve")).focus()
        page.keyboard.press("Enter")
        page.get_by_text("Resolved by").wait_for()
        changed = content(title)
        changed["how"]["results"] = ["Forty came.", "Some stayed."]
        with site.as_(office) as api:  # the form to fill in has tests of its own
            now = api.get(f"/submissions/{case['id']}").json()
            saved = api.put(
                f"/submissions/{case['id']}", json={"content": changed}, headers={"If-Match": f'"{now["version"]}"'}
            )
            assert saved.is_success, saved.text
        page.goto(path)
        go(page, "Hand in")
        press(page, "Hand in")

    with visits.open(path, device, person=network, scripts=scripts) as page:
        go(page, "History")
        go(page, "what changed in state 2")
        told = page.locator(".differences").inner_text()
        assert "Many came." in told
        assert "Forty came." in told
        go(page, "Where it stands")
        go(page, "Take up")
        press(page, "Take up")
        go(page, "Publish")
        press(page, "Publish")
        assert "Published" in page.locator(".case-head").inner_text()
        go(page, "The case as it is public now")
        assert page.locator("h1").inner_text() == title
        assert "Forty came." in page.locator("main").inner_text()
        public = page.url

    with visits.open(public, device, scripts=scripts) as page:
        assert page.locator("h1").inner_text() == title


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_its_pages_are_accessible(visits: Visits, site: Site, device: Device, theme: Theme) -> None:
    office, network = officer(site), desk(site)
    case = begun(site, office, f"A case with comments {next(counter)}")
    stepped(site, office, case, "submit")
    stepped(site, network, case, "take-up")
    with site.as_(network) as api:
        for where in ("how.results[0]", "who.target_groups", None):
            body = {"text": "Say more.", **({"path": where} if where else {})}
            assert api.post(f"/submissions/{case['id']}/comments", json=body).is_success
    path = f"/contribute/{case['id']}"
    paths = (path, f"{path}/read", f"{path}/history", f"{path}/preview", f"{path}/step/publish")
    with visits.open("/contribute", device, theme=theme) as page:
        check_accessible(page)
        no_sideways_scroll(page)
    with visits.open("/contribute", device, person=network, theme=theme) as page:
        for one in ("/contribute?state=draft&waiting=others&older_than=7", *paths, f"{path}/step/take-up"):
            check_accessible(page)
            no_sideways_scroll(page)
            page.goto(one)
        page.goto(f"{path}/step/request-changes")
        check_accessible(page)
        for box in page.get_by_role("checkbox").all():
            box.uncheck()
        page.locator("textarea").evaluate("one => one.required = false")
        page.get_by_role("button", name="Request changes").click()
        expect(page.locator("#faults")).to_be_focused()
        assert page.locator("#faults li").count() == 2
        check_accessible(page)


@pytest.fixture
def client(site: Site) -> Iterator[httpx.Client]:
    """A visitor without a browser, who follows nothing."""
    with httpx.Client(verify=PLAIN, base_url=site.url, headers=HERE, timeout=20) as client:
        yield client


def cookie(person: Person) -> dict[str, str]:
    return {"Cookie": f"praxis_session={person.token}"}


def test_who_was_overtaken_sees_by_whom_and_what(site: Site, client: httpx.Client) -> None:
    office, network = officer(site), desk(site)
    case = begun(site, office, "An overtaken case")
    shown = client.get(f"/contribute/{case['id']}/step/submit", headers=cookie(office)).text
    assert f'name="version" value="{case["version"]}"' in shown
    changed = content("An overtaken case, named anew")
    with site.as_(network) as api:
        path, headers = f"/submissions/{case['id']}", {"If-Match": f'"{case["version"]}"'}
        assert api.put(path, json={"content": changed}, headers=headers).is_success
    form = {"version": case["version"], "reason": "Done"}
    answer = client.post(f"/contribute/{case['id']}/step/submit", data=form, headers=cookie(office))
    assert answer.status_code == 412
    assert network.name in answer.text
    assert "named anew" in answer.text
    assert f'name="version" value="{case["version"] + 1}"' in answer.text
    assert ">Done</textarea>" in answer.text
    again = client.post(
        f"/contribute/{case['id']}/step/submit", data={"version": case["version"] + 1}, headers=cookie(office)
    )
    assert again.headers["location"] == f"/contribute/{case['id']}?said=submit"
    twice = client.post(
        f"/contribute/{case['id']}/step/submit", data={"version": case["version"] + 2}, headers=cookie(office)
    )
    assert twice.status_code == 409
    assert "not possible now" in twice.text


def test_an_unfinished_case_says_what_is_missing_and_where(site: Site, client: httpx.Client) -> None:
    office = officer(site)
    created = client.post("/contribute", headers=cookie(office))
    path = created.headers["location"]
    shown = client.get(path, headers=cookie(office)).text
    assert f'href="{path}/answers/how#f-how-summary"' in shown
    assert "not answered: a case needs it" not in shown
    spanish = client.get(f"{path}?lang=es", headers=cookie(office)).text
    assert "Todavía sin respuesta. Es necesario para poder presentar el caso." in spanish
    assert client.get(f"{path}/preview", headers=cookie(office)).status_code == 200
    answer = client.post(f"{path}/step/submit", data={"version": 1}, headers=cookie(office))
    assert answer.status_code == 422
    assert f'href="{path}/answers/how#f-how-summary"' in answer.text
    assert "not answered: a case needs it" not in answer.text


@pytest.mark.parametrize(
    "odd",
    [
        {"how": {"summary": 3, "results": "one", "activities": {"a": 1}}},
        {"initiative": {"title": ["a"], "budget": [1, {"amount": "many"}], "countries": [{"roles": "x"}]}},
        {"when": "once", "who": [], "what": None, "unheard_of": {"a": [1]}},
        {"initiative": {"title": "T", "budget": [{"note": "No sum"}], "partners": [{}]}, "language": "xx-invalid-tag"},
        {"language": {"a": 1}, "initiative": {"title": "T", "partners": [{"name": "ANAPEC"}]}},
        {"language": None, "initiative": {"title": "T", "partners": [{"name": "ANAPEC"}]}},
        {
            "links": [
                {"relation": 5, "to": ["a"]},
                {"relation": "part-of", "to": "practice/nothing-here"},
                {"name": "N"},
            ]
        },
        {"why": {"features": [{"feature": 5, "statement": {}}, 3]}},
    ],
)
def test_whatever_a_draft_holds_can_be_shown(site: Site, client: httpx.Client, odd: Json) -> None:
    office = officer(site)
    case = begun(site, office, "Odd", **odd)
    for part in ("", "/read", "/history?before=1", "/preview", "/step/submit", "/step/archive"):
        answer = client.get(f"/contribute/{case['id']}{part}", headers=cookie(office))
        assert answer.status_code == 200, (part, answer.text[-500:])


def test_the_seven_case_studies_are_previewed_as_they_are_read(site: Site, client: httpx.Client) -> None:
    network = desk(site)
    found = site.http.get("/search/v1/records?type=practice&per_page=50").json()["hits"]
    public = [site.http.get(f"/api/v1/practices/{one['slug']}").json() for one in found]
    for one in [one for one in public if not one["incoming"]][:7]:  # what others tell of it is told of a record alone
        case = begun(site, network, "Seed", **one["content"])
        shown = client.get(f"/contribute/{case['id']}/preview", headers=cookie(network))
        read = client.get(f"/practices/{one['slug']}", headers=cookie(network))
        assert (shown.status_code, read.status_code) == (200, 200)
        bodies = [
            text[text.index('<div class="practice-body"') : text.index('<section id="sources"')]
            for text in (shown.text, read.text)
        ]
        assert bodies[0] == bodies[1]


def test_evidence_is_shown_with_its_kind_and_what_it_says_where_given(site: Site, client: httpx.Client) -> None:
    said = {"feature": "adaptability", "statement": "Two towns took it over.", "assessed_by": "authority"}
    for more, shown in (
        ({}, "Stated by the authority</p>"),
        ({"evidence": None, "says": None}, "Stated by the authority</p>"),
        ({"evidence": "monitoring"}, "Stated by the authority · Monitoring</p>"),
        ({"evidence": "peer", "says": "mixed"}, "Stated by the authority · Judgement of peers · Mixed</p>"),
    ):
        case = begun(site, desk(site), "Evidence", why={"features": [said | more]})
        page = client.get(f"/contribute/{case['id']}/preview", headers=cookie(desk(site)))
        assert shown in page.text


def test_the_secretariat_hands_a_case_to_a_reviewer(site: Site, client: httpx.Client) -> None:
    office, network = officer(site), desk(site)
    peer = site.person(f"peer-{next(counter)}", "reviewer")
    case = begun(site, office, "A case to hand over")
    stepped(site, office, case, "submit")
    path = f"/contribute/{case['id']}/step/take-up"
    shown = client.get(path, headers=cookie(network)).text
    (id,) = [part[-36:] for part in shown.split(f'">{peer.name} (')[:1]]
    answer = client.post(path, data={"version": case["version"] + 1, "reviewer": id}, headers=cookie(network))
    assert answer.status_code == 303, answer.text
    shown = client.get(f"/contribute/{case['id']}", headers=cookie(office)).text
    assert f"<strong>{peer.name}</strong>" in shown
    mine = client.get("/contribute", headers=cookie(peer)).text
    assert "A case to hand over" in mine.split("Waits for me")[1].split("I wait for")[0]


def test_nobody_sees_what_is_not_theirs(site: Site, client: httpx.Client) -> None:
    office = officer(site)
    stranger = site.person(f"stranger-{next(counter)}", "officer", "zacatecas")
    case = begun(site, office, "A case of one's own")
    for part in ("", "/read", "/history", "/preview", "/step/submit"):
        assert client.get(f"/contribute/{case['id']}{part}", headers=cookie(stranger)).status_code == 404
        answer = client.get(f"/contribute/{case['id']}{part}")
        assert answer.headers["location"].startswith("/sign-in?next=%2Fcontribute%2F")
    assert "A case of one" not in client.get("/contribute", headers=cookie(stranger)).text


def test_lists_are_filtered_and_paged_by_address(site: Site, client: httpx.Client) -> None:
    office = site.person(f"officer-{next(counter)}", "officer", "veneto")
    for number in range(23):
        begun(site, office, f"Listed {number:02}")
    first = client.get("/contribute?state=draft&sort=age", headers=cookie(office)).text
    seen = {f"Listed {number:02}" for number in range(23) if f"Listed {number:02}" in first}
    assert len(seen) == 20
    following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = client.get(following, headers=cookie(office)).text
    rest = {f"Listed {number:02}" for number in range(23) if f"Listed {number:02}" in second}
    assert len(seen | rest) == 23
    assert not seen & rest
    found = client.get("/contribute?q=LISTED+07&state=draft", headers=cookie(office)).text
    assert [f"Listed {number:02}" in found for number in range(23)] == [number == 7 for number in range(23)]
    assert 'value="LISTED 07"' in found
    assert "There are no such cases." in client.get("/contribute?older_than=90", headers=cookie(office)).text


def test_an_empty_comment_keeps_what_was_typed_elsewhere(site: Site, client: httpx.Client) -> None:
    office = officer(site)
    case = begun(site, office, "A case to talk about")
    path = f"/contribute/{case['id']}/comments"
    answer = client.post(
        path, data={"text": "  ", "question": "how.summary", "path": "how.summary"}, headers=cookie(office)
    )
    assert answer.status_code == 422
    assert "Write a comment" in answer.text
    part = client.post(
        path,
        data={"text": "By <b>script</b>", "question": "how.results", "path": "how.results[1]"},
        headers={**cookie(office), "HX-Request": "true"},
    )
    assert part.status_code == 200
    assert "By &lt;b&gt;script&lt;/b&gt;" in part.text
    assert "<h1" not in part.text


def test_editors_read_what_everybody_reads(site: Site, client: httpx.Client) -> None:
    office, network = officer(site), desk(site)
    case = begun(site, office, f"What is public {next(counter)}")
    for person, action in ((office, "submit"), (network, "take-up"), (network, "publish")):
        case = stepped(site, person, case, action)
    with site.as_(network) as api:
        practice = api.get(f"/practices/{case['practice']}/latest").json()
        body = {"content": content("Not yet public"), "translations": {}}
        path, headers = f"/practices/{practice['slug']}", {"If-Match": f'"{practice["version"]}"'}
        assert api.put(path, json=body, headers=headers).is_success
    for person in (office, network):
        shown = client.get(f"/practices/{case['practice']}", headers=cookie(person))
        assert shown.status_code == 200
        assert "What is public" in shown.text
        assert "Not yet public" not in shown.text
        assert "Propose a change" in shown.text
    assert "Propose a change" not in client.get(f"/practices/{case['practice']}").text
