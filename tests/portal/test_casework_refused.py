"""Steps that cannot be taken, as pages: somebody was faster, or the practice went on without the case."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.harness.support import Json
from tests.portal.site import CARTAYA, Person, Site, Visits, check_accessible
from tests.portal.test_casework import begun, content, counter, desk, officer, stepped


def saved(site: Site, person: Person, path: str, title: str, latest: str = "") -> None:
    """Change a case or a practice meanwhile, over HTTP; the latter's version stands in its latest revision."""
    with site.as_(person) as api:
        version = api.get(path + latest).json()["version"]
        body = {"content": content(title), "translations": {}}
        assert api.put(path, json=body, headers={"If-Match": f'"{version}"'}).is_success


def overtaken(site: Site, office: Person, network: Person, case: Json) -> tuple[Person, str, Callable[[], None]]:
    return office, "submit", lambda: saved(site, network, f"/submissions/{case['id']}", "Named anew meanwhile")


def taken_already(site: Site, office: Person, network: Person, case: Json) -> tuple[Person, str, Callable[[], None]]:
    return office, "submit", lambda: (stepped(site, office, case, "submit"), None)[1]


def passed_by(site: Site, office: Person, network: Person, case: Json) -> tuple[Person, str, Callable[[], None]]:
    """The public practice is edited while its revision waits to be published."""
    for person, action in (
        (office, "submit"),
        (network, "take-up"),
        (network, "publish"),
        (office, "revise"),
        (office, "submit"),
        (network, "take-up"),
    ):
        case = stepped(site, person, case, action)
    return (
        network,
        "publish",
        lambda: saved(site, network, f"/practices/{case['practice']}", "Edited beside it", "/latest"),
    )


SAID = {
    overtaken: "The case was changed while you were reading it",
    taken_already: "The case was changed while you were reading it",
    passed_by: "The practice was changed since this case was begun",
}


def in_both_themes(page: Page) -> None:
    check_accessible(page)
    page.emulate_media(color_scheme="dark")
    check_accessible(page)


@pytest.mark.parametrize("made", SAID)
def test_a_step_that_is_refused_says_why(
    visits: Visits, site: Site, made: Callable[..., tuple[Person, str, Callable[[], None]]]
) -> None:
    office, network = officer(site), desk(site)
    case = begun(site, office, f"A case that is refused {next(counter)}")
    person, action, happen = made(site, office, network, case)
    with visits.open(f"/contribute/{case['id']}/step/{action}", person=person) as page:
        happen()
        page.locator("main form button").last.click()
        expect(page.locator("#faults")).to_contain_text(SAID[made])
        expect(page.locator("#faults")).to_be_focused()
        in_both_themes(page)
        if made is taken_already:
            expect(page.locator("main")).to_contain_text("The case does not stand where this can be done")
        if made is passed_by:
            expect(page.locator("#faults ins")).to_have_text(["Edited beside it"])


def test_whether_to_revise_is_asked_accessibly(visits: Visits, site: Site) -> None:
    office, network = officer(site), desk(site)
    slug = CARTAYA.rsplit("/", 1)[1]
    for person in (office, network):
        with visits.open(f"/contribute/begin?practice={slug}", person=person) as page:
            expect(page.locator("h1")).to_have_text("Propose a change")
            in_both_themes(page)


def test_what_changed_between_revisions_is_told_by_question(site: Site) -> None:
    network = desk(site)
    with site.as_(network) as api:
        body = {
            "content": content(f"First {next(counter)}"),
            "translations": {"es": {"initiative.title": {"text": "Uno", "status": "human"}}},
        }
        made = api.post("/practices", json=body).json()
        path = f"/practices/{made['id']}"
        for title in ("Second", "Third"):
            version = api.get(f"{path}/latest").json()["version"]
            assert api.post(f"{path}/publish", headers={"If-Match": f'"{version}"'}).is_success
            translated = {"es": {"initiative.title": {"text": f"En {title}", "status": "human"}}}
            changed = {"content": content(title), "translations": translated}
            assert api.put(path, json=changed, headers={"If-Match": f'"{version + 1}"'}).is_success
        slug = api.get(path).json()["slug"]
    text = site.http.get(f"/practices/{slug}/history").text
    headings = re.findall(r'<th scope="row">([^<]*)</th>', text)
    assert headings == ["Title", "Title (es)"]
