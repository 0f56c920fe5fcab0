"""Who is told of claims, of hand-overs and of cases that came back, in their own language, and who is not."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from services.api.access.models import Account
from services.api.notices.models import Notice
from tests.api.claims.support import Claiming
from tests.api.submissions.support import begin, taken
from tests.harness.people import make_person, person
from tests.harness.support import Api, make_key

DESK, OTHER, AMY, BEN = "desk@example.org", "other@example.org", "amy@example.org", "ben@example.org"


@pytest.fixture
def staff(api: Api) -> None:
    make_person(api.database, DESK, "secretariat")
    make_person(api.database, OTHER, "reviewer", "boca")
    make_person(api.database, AMY, "officer", "alba")
    make_person(api.database, BEN, "officer", "boca")


def told(api: Api) -> list[tuple[str, str, dict[str, Any]]]:
    """Return whom notices are for, of which kind and with what they say, the first first."""
    with api.database.transaction(write=False) as session:
        rows = select(Account, Notice).join(Notice, col(Notice.account_id) == col(Account.id))
        return [(row[0].email, row[1].kind, row[1].data) for row in session.execute(rows.order_by(col(Notice.at)))]


@pytest.mark.usefixtures("staff")
def test_a_claim_and_what_became_of_it(api: Api, desk: Claiming) -> None:
    record = desk.record()
    claim = desk.asked(record, desk.boca)
    other = desk.asked(record, desk.alba)
    asked = told(api)
    assert [one[:2] for one in asked] == [(DESK, "claimed")] * 2
    assert (asked[0][2]["title"], asked[0][2]["path"]) == ("A title", "/desk/claims")
    assert asked[0][2]["text"]["en"] == "Boca del Río says that this case is theirs\nWe run it."
    assert {*asked[0][2]["text"]} == {"en", "es", "fr", "it"}
    desk.decided(claim, desk.desk, "grant")
    answers = {email: data for email, kind, data in told(api)[2:] if kind == "granted"}
    assert {*answers} == {AMY, BEN}
    assert answers[BEN]["text"]["en"].startswith("The case is yours")
    assert answers[BEN]["path"] == f"/contribute/claims/{claim['id']}"
    assert answers[AMY]["text"]["it"] == "La scheda non vi è stata assegnata\nGiven to Boca del Río"
    assert answers[AMY]["path"] == f"/contribute/claims/{other['id']}"
    desk.decided(desk.asked(record, desk.alba), desk.alba, "withdraw")
    assert [one[:2] for one in told(api)[4:]] == [(DESK, "claimed")]


@pytest.mark.usefixtures("staff")
def test_what_an_office_is_given(api: Api, desk: Claiming) -> None:
    desk.hand_over(desk.record(), "alba", "You run it.").raise_for_status()
    ((email, kind, data),) = told(api)
    assert (email, kind, data["title"]) == (AMY, "decided", "A title")
    assert data["text"]["en"] == "Your office keeps this case from now on\nYou run it."
    for _ in range(2):
        body = {"to": "boca", "reason": "They merged."}
        api.post("/authorities/alba/hand-over", desk.desk, json=body).raise_for_status()
    ((email, kind, data),) = told(api)[1:]
    assert (email, kind, data["title"], data["path"]) == (BEN, "decided", "Alba Lunga", "/contribute?owner=boca")
    assert data["text"]["fr"].endswith("1 en tout\nThey merged.")


@pytest.mark.usefixtures("staff")
def test_a_case_that_came_back(api: Api, desk: Claiming) -> None:
    ana, admin = person(api, "ana", "reviewer"), make_key(api.database, role="admin")
    case = taken(api, ana, taken(api, desk.alba, begin(api, desk.alba), "submit"), "take-up")
    before = len(told(api))
    api.post(f"/accounts/{case['reviewer']['id']}/deactivate", admin, version=1).raise_for_status()
    ((email, kind, data),) = told(api)[before:]
    assert (email, kind, data["path"]) == (DESK, "waits-for-me", f"/contribute/{case['id']}")
    assert data["by"] == "admin"
