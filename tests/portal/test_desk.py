"""The secretariat's desk: who sees it, what it counts, and that its pages stand what every page must stand."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

import httpx
import pytest

from services.api.kit.moments import now
from services.api.submissions.models import Submission
from services.portal.desk import AREAS
from tests.harness.ports import PLAIN
from tests.portal.links import behind, number, read
from tests.portal.site import Device, Person, Site, Visits, check_accessible, counter, no_sideways_scroll
from tests.portal.test_casework import begun, stepped

Theme = Literal["light", "dark"]
HERE = {"Sec-Fetch-Site": "same-origin"}
ID = "00000000-0000-4000-8000-000000000000"
PATHS = [
    *(area.path for area in AREAS),
    "/desk/people/new",
    f"/desk/people/{ID}",
    f"/desk/practices/{ID}",
    "/desk/authorities/new",
    "/desk/authorities/cartaya",
    f"/desk/hand-over/practices/{ID}",
    "/desk/thesaurus/new",
    "/desk/thesaurus/import",
    "/desk/thesaurus/concepts/some",
]
POSTS = [
    "/desk/import",
    "/desk/people/new",
    f"/desk/people/{ID}",
    f"/desk/people/{ID}/deactivate",
    f"/desk/people/{ID}/reactivate",
    f"/desk/people/{ID}/reset",
    *(f"/desk/practices/{ID}/{act}" for act in ("publish", "unpublish", "archive", "reopen", "rename")),
    "/desk/authorities/new",
    "/desk/authorities/cartaya",
    f"/desk/claims/{ID}/grant",
    f"/desk/claims/{ID}/refuse",
    "/desk/hand-over",
    f"/desk/hand-over/practices/{ID}",
    "/desk/thesaurus/new",
    "/desk/thesaurus/import",
    "/desk/thesaurus/concepts/some",
    "/desk/thesaurus/concepts/some/delete",
    *(f"/desk/messages/{ID}/{act}" for act in ("dismiss", "block")),
    "/desk/keys",
    "/desk/keys/0123456789ab/revoke",
]


def somebody(site: Site, role: Literal["officer", "reviewer", "secretariat", "admin"]) -> Person:
    return site.person(f"{role}-of-desk-{next(counter)}", role, "cartaya" if role == "officer" else None)


def client(site: Site, person: Person | None) -> httpx.Client:
    """A visitor without a browser, who follows nothing."""
    cookies = {"praxis_session": person.token} if person else {}
    return httpx.Client(verify=PLAIN, base_url=site.url, headers=HERE, cookies=cookies, timeout=60)


def test_who_may_not_see_it_sees_nothing(site: Site) -> None:
    hidden = somebody(site, "secretariat").email
    for person in (None, somebody(site, "officer"), somebody(site, "reviewer")):
        with client(site, person) as visitor:
            for answer in (*(visitor.get(path) for path in PATHS), *(visitor.post(path) for path in POSTS)):
                asked = f"{answer.request.method} {answer.request.url.path}"
                if person is None:
                    assert answer.status_code == 303, asked
                    assert answer.headers["location"].startswith("/sign-in"), asked
                else:
                    assert answer.status_code == 403, asked
                    assert 'class="areas"' not in answer.text, asked
                assert hidden not in answer.text, asked


def test_each_role_is_offered_what_it_may_enter(site: Site) -> None:
    for role in ("secretariat", "admin"):
        with client(site, somebody(site, role)) as visitor:
            home = read(visitor.get("/desk"))
            offered = [link.attributes["href"] for link in home.all("nav", "areas")[0].all("a")]
            assert offered == [area.path for area in AREAS if role in area.roles]
            for area in AREAS:
                assert visitor.get(area.path).status_code == (200 if role in area.roles else 403), area


def test_the_pipeline_counts_what_its_links_list(site: Site) -> None:
    office, desk = somebody(site, "officer"), somebody(site, "secretariat")
    for days in (0, 8, 40):
        case = stepped(site, office, begun(site, office, f"A case of {days} days {next(counter)}"), "submit")
        with site.database.transaction() as session:
            row = session.get(Submission, UUID(case["id"]))
            assert row is not None
            row.state_since = now() - timedelta(days=days)
            session.add(row)
    with client(site, desk) as visitor:
        home = read(visitor.get("/desk"))
        links = home.all("table", "pipeline")[0].all("a")
        addresses = [link.attributes["href"] for link in links]
        assert "/desk/cases?state=submitted&older_than=7&younger_than=30" in addresses
        for link in links:
            address: str | None = link.attributes["href"]
            listed = 0
            while address:
                page = read(visitor.get(address))
                listed += len(page.all("p", "case-title"))
                further = [one for one in page.all("a") if one.attributes.get("rel") == "next"]
                address = further[0].attributes["href"] if further else None
            assert listed == number(link.text.split(": ")[1]), link.attributes["href"]
        first = home.all("p", "case-title")[0]
        with site.as_(desk) as api:
            assert first.all("a")[0].attributes["href"] == (
                f"/contribute/{api.get('/inbox').json()['waiting_for_me']['items'][0]['id']}"
            )


def test_the_list_of_cases_says_what_it_cannot_take(site: Site) -> None:
    with client(site, somebody(site, "secretariat")) as visitor:
        for query in ("older_than=x", "practice=no-such", "owner=no-such", "state=lost", "cursor=!"):
            answer = visitor.get(f"/desk/cases?{query}")
            assert answer.status_code == 422, query
            assert "This cannot be done yet" in answer.text, query
        assert visitor.get("/desk/cases?older_than=3000").status_code == 200


def test_gaps_are_counted_as_the_search_finds(site: Site) -> None:
    with client(site, somebody(site, "secretariat")) as visitor:
        page = read(visitor.get("/desk/gaps"))
    tables = page.all("table", "gap")
    assert len(tables) == 6
    for table in tables:
        counts = []
        for row in table.all("tr")[1:]:
            link = row.all("a")[0]
            if row.all("th"):
                told = link.text.split(": ")[1]
                counts.append(0 if told == "none yet" else number(told))
                assert counts[-1] == behind(site.http, link.attributes["href"])
        assert counts == sorted(counts)
    for link in page.all("details", "narrow-by")[0].all("a")[:3]:
        assert behind(site.http, link.attributes["href"]) == 0


@pytest.mark.parametrize(("device", "theme"), [("desktop", "light"), ("phone", "dark")])
def test_its_pages_are_accessible(visits: Visits, site: Site, device: Device, theme: Theme) -> None:
    admin = somebody(site, "admin")
    begun(site, somebody(site, "officer"), f"A case to be looked at {next(counter)}")
    with site.as_(admin) as api:
        api.post("/keys", json={"name": f"Portal {next(counter)}", "role": "reviewer"}).raise_for_status()
        person = api.get("/accounts", params={"role": "officer"}).json()["items"][0]["id"]
    paths = [*(area.path for area in AREAS), "/desk/people/new", f"/desk/people/{person}", "/desk/cases?owner=no-such"]
    paths += ["/desk/thesaurus/new", "/desk/thesaurus/import"]
    with visits.open("/desk", device, person=admin, theme=theme) as page:
        for path in paths:
            page.goto(path)
            for folded in page.locator("main details > summary").all():
                folded.click()
            check_accessible(page)
            no_sideways_scroll(page)
