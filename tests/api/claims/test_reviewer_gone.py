"""A reviewer who left, or may not judge a case any more: it goes back to the secretariat, and its history says so."""

import pytest

from services.api.access import service as access
from tests.api.claims.support import Claiming, refused
from tests.api.submissions.support import begin, step, taken
from tests.harness.people import account_body, make_person, session_of
from tests.harness.support import Api, Json, make_key

pytestmark = pytest.mark.each_database


def in_review(api: Api, desk: Claiming, reviewer: str) -> Json:
    case = taken(api, desk.alba, begin(api, desk.alba), "submit")
    return taken(api, reviewer, case, "take-up")


def changed(api: Api, admin: str, id: str, how: str) -> None:
    if how == "deactivated":
        api.post(f"/accounts/{id}/deactivate", admin, version=2).raise_for_status()
        return
    body = {
        "of another role": account_body("ana", "secretariat"),
        "of its owner": account_body("ana", "reviewer", authority="alba"),
        "renamed": account_body("ana", "reviewer") | {"name": "Anna"},
        "elsewhere": account_body("ana", "reviewer", authority="boca"),
    }[how]
    api.put(f"/accounts/{id}", admin, version=2, json=body).raise_for_status()


@pytest.mark.parametrize("how", ["deactivated", "of another role", "of its owner", "renamed", "elsewhere"])
def test_cases_go_back_when_their_reviewer_may_not_judge_them(api: Api, desk: Claiming, how: str) -> None:
    id, admin = make_person(api.database, "ana@example.org", "reviewer"), make_key(api.database, role="admin")
    body = account_body("ana", "reviewer")
    api.put(f"/accounts/{id}", admin, version=1, json=body).raise_for_status()
    ana, other = session_of(api.database, "ana@example.org"), make_key(api.database, role="reviewer")
    cases = [in_review(api, desk, ana) for _ in range(2)]
    handed_back = taken(api, desk.desk, in_review(api, desk, ana), "reject", reason="No.")
    kept = in_review(api, desk, other)
    changed(api, admin, id, how)
    goes_back = how not in ("renamed", "elsewhere")
    for case in cases:
        after = api.get(f"/submissions/{case['id']}", desk.desk).json()
        assert after["state"] == "in-review"
        assert after["turn"] == ("secretariat" if goes_back else "reviewer")
        assert (after["reviewer"] is None) == goes_back
        assert after["version"] == case["version"] + goes_back
        events = desk.events(case, desk.alba)
        assert (events[-1]["action"] == "put-back") == goes_back
        assert events[-1]["by"]["name"] == ("admin" if goes_back else "Anna" if how == "renamed" else "Ana")
    for case in (handed_back, kept):
        assert api.get(f"/submissions/{case['id']}", desk.desk).json()["version"] == case["version"]
    waiting = {one["id"] for one in api.get("/submissions?waiting=me", desk.desk).json()["items"]}
    assert waiting == ({one["id"] for one in cases} if goes_back else set())


def test_another_reviewer_is_found(api: Api, desk: Claiming) -> None:
    key, other = make_key(api.database, role="reviewer"), make_key(api.database, role="reviewer")
    case = in_review(api, desk, key)
    with api.database.transaction() as session:
        access.revoke_key(session, key.split("_")[1])
    case = api.get(f"/submissions/{case['id']}", desk.desk).json()
    assert (case["turn"], desk.events(case)[-1]["by"]["name"]) == ("secretariat", "command line")
    refused(step(api, desk.desk, case, "take-up", reviewer=key.split("_")[1]), 422, "reviewer")
    case = taken(api, desk.desk, case, "take-up", reviewer=other.split("_")[1])
    assert case["turn"] == "reviewer"
