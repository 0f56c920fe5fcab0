"""What one hears of by letter: chosen on the account page, and stopped by whoever holds a letter, by one click."""

from typing import Literal

import pytest
from sqlalchemy import select
from sqlmodel import col

from services.api.access.models import Account
from services.api.kit.moments import now
from services.api.letters import stops
from services.api.letters.models import RefusedAddress
from services.api.letters.writers import Stop
from services.api.notices.kinds import DEFAULTS
from services.portal.notices import KINDS, OFTEN, named
from tests.portal.site import Device, Person, Site, Visits, check_accessible, counter, no_sideways_scroll
from tests.portal.test_desk import HERE, client, somebody

Often = dict[str, str]


def reader(site: Site) -> Person:
    return site.person(f"reader-{next(counter)}", "reviewer")


def often(site: Site, person: Person) -> Often:
    with site.as_(person) as api:
        told: Often = api.get("/me/notices").json()["often"]
        return told


def token_of(site: Site, person: Person) -> str:
    with site.database.transaction() as session:
        account = session.scalars(select(Account).where(col(Account.email) == person.email)).one()
        return stops.issue(session, Stop("notices", {"account": str(account.id), "kinds": ["decided"]}))


def test_every_kind_has_a_name() -> None:
    assert list(KINDS) == list(DEFAULTS)
    assert set(OFTEN) == {"at-once", "daily", "weekly", "never"}
    assert named(["decided", "of another room", "and another"]) == [KINDS["decided"], "Other letters of Praxis"]


@pytest.mark.parametrize("scripts", [True, False])
def test_people_choose_what_they_hear_of(visits: Visits, site: Site, device: Device, scripts: bool) -> None:
    person = reader(site)
    with visits.open("/account", device, person=person, scripts=scripts) as page:
        assert page.get_by_label("Somebody commented on a case").input_value() == "daily"
        page.get_by_label("Somebody commented on a case").select_option("Never")
        page.get_by_label("Language of letters").select_option("it")
        page.get_by_role("button", name="Save").click()
        assert page.get_by_role("status").inner_text() == "Your wishes for letters are kept."
        assert page.get_by_label("Somebody commented on a case").input_value() == "never"
        assert page.get_by_label("Language of letters").input_value() == "it"
        if scripts:
            check_accessible(page)
            no_sideways_scroll(page)
    assert often(site, person) == DEFAULTS | {"commented": "never"}
    with site.as_(person) as api:
        assert api.get("/me").json()["language"] == "it"


def test_a_language_that_is_chosen_is_that_of_letters(site: Site) -> None:
    person = reader(site)
    with client(site, person) as visitor, site.as_(person) as api:
        visitor.get("/?lang=fr", headers={"Sec-Fetch-Site": "cross-site"})
        assert api.get("/me").json()["language"] == "en", "another site's link chooses nothing"
        visitor.get("/?lang=fr", headers=HERE)
        assert api.get("/me").json()["language"] == "fr"


def test_a_look_stops_nothing_and_the_button_does(visits: Visits, site: Site, device: Device) -> None:
    person = reader(site)
    path = f"/letters/stop/{token_of(site, person)}"
    with visits.open(path, device) as page:
        assert "A case of my authority was decided on" in page.get_by_role("main").inner_text()
        assert person.email not in page.content()
        check_accessible(page)
        no_sideways_scroll(page)
        assert often(site, person)["decided"] == "at-once"
        page.get_by_role("button", name="Stop these letters").click()
        page.get_by_role("heading", name="You get no more of these letters").wait_for()
        assert often(site, person)["decided"] == "never"
        assert often(site, person)["commented"] == "daily"
        check_accessible(page)
        page.get_by_role("button", name="Stop all such letters").click()
        page.get_by_role("status").wait_for()
        assert set(often(site, person).values()) == {"never"}


@pytest.mark.parametrize("form", ["typed", "in parts", "nothing"])
def test_a_mail_program_stops_letters(site: Site, form: Literal["typed", "in parts", "nothing"]) -> None:
    """It sends no cookie and tells no origin."""
    person = reader(site)
    path = f"/letters/stop/{token_of(site, person)}"
    if form == "typed":
        answer = site.http.post(path, data={"List-Unsubscribe": "One-Click"})
    elif form == "in parts":
        answer = site.http.post(path, files={"List-Unsubscribe": (None, "One-Click")})
    else:
        answer = site.http.post(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert often(site, person)["decided"] == "never"


def test_a_wrong_address_stops_nothing(site: Site) -> None:
    for method in ("GET", "POST"):
        assert site.http.request(method, "/letters/stop/wrong").status_code == 404


def test_the_desk_shows_whose_letters_come_back(site: Site) -> None:
    person = reader(site)
    with site.database.transaction() as session:
        session.add(RefusedAddress(address=person.email, at=now(), code="550"))
    with client(site, somebody(site, "secretariat")) as desk:
        assert "Letters come back" in desk.get("/desk/people", params={"q": person.email}).text
        assert "Letters come back" not in desk.get("/desk/people", params={"q": reader(site).email}).text
