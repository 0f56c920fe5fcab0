"""Hand-overs: of one record, and of all that an office has which ends; nobody judges what is theirs."""

import pytest

from services.api.claims import service
from tests.api.claims.support import Claiming, refused
from tests.api.kinds import BY_THEMSELVES, Kind
from tests.api.submissions.support import JUDGED, begin, step, taken
from tests.harness.support import Api, Json, authority_body, make_key

pytestmark = pytest.mark.each_database
KIND = pytest.mark.parametrize("kind", BY_THEMSELVES.values(), ids=BY_THEMSELVES)


def reviewed(api: Api, desk: Claiming, reviewer: str, *more: str) -> Json:
    """Return a case of `alba` that a reviewer has taken up, and perhaps gone on with."""
    case = taken(api, desk.alba, begin(api, desk.alba), "submit")
    case = taken(api, reviewer, case, "take-up")
    for action in more:
        case = taken(api, reviewer, case, action, **({"statements": JUDGED} if action == "approve" else {}))
    return case


@KIND
def test_a_record_goes_from_office_to_office_and_to_nobody(api: Api, desk: Claiming, kind: Kind) -> None:
    record = desk.record(kind, owner="alba")
    feed = api.get("/changes/digest").json()
    for before, after in (("alba", "boca"), ("boca", None), (None, "alba")):
        done = desk.hand_over(record, after, f"Now {after}'s.")
        assert done.status_code == 200, done.text
        assert done.json()["owner"] == after == desk.latest(record)["owner"]
        case = desk.case(record)
        assert case["owner"] == after
        event = desk.events(case)[-1]
        assert (event["action"], event["reason"]) == ("hand-over", f"Now {after}'s.")
        assert event["owners"] == {"before": before, "after": after}
    assert api.get("/changes/digest").json() == feed, "nothing that is public has changed"
    listed = api.get(f"/{kind.type.plural}?owner=alba").json()["items"]
    assert [one["id"] for one in listed] == [record["id"]]


def test_what_a_hand_over_needs(desk: Claiming) -> None:
    record = desk.record(owner="alba")
    refused(desk.hand_over(record, "alba"), 409, "alba")
    refused(desk.hand_over(record, "nowhere"), 422, "authority", "nowhere")
    refused(desk.hand_over(record, "boca", " "), 422, "reason")
    refused(desk.hand_over(record, "boca", version=1), 412)
    refused(desk.api.post(f"{desk.path(record)}/owner", desk.desk, json={"authority": None, "reason": "x"}), 428)
    assert desk.latest(record) == record


def test_a_draft_waits_for_its_new_office(api: Api, desk: Claiming) -> None:
    record = desk.record(owner="alba")
    case = api.post("/submissions", desk.alba, json={"practice": record["id"]}).json()
    assert desk.hand_over(record, "boca").status_code == 200
    assert desk.case(record, desk.boca)["turn"] == "office"
    refused(step(api, desk.alba, case, "submit"), 404)
    assert desk.hand_over(record, None).status_code == 200
    assert desk.case(record)["turn"] == "secretariat"


def test_its_own_claim_is_granted_by_a_hand_over_and_others_stand(desk: Claiming) -> None:
    record = desk.record()
    for key in (desk.alba, desk.boca):
        desk.asked(record, key)
    desk.hand_over(record, "boca").raise_for_status()
    assert [one["state"] for one in (*desk.claims(desk.boca), *desk.claims(desk.alba))] == ["granted", "asked"]


@pytest.mark.parametrize("approves", [False, True])
def test_nobody_of_the_new_owner_goes_on_judging(api: Api, desk: Claiming, approves: bool) -> None:
    peer = make_key(api.database, "boca", role="reviewer")
    case = reviewed(api, desk, peer, *(["approve"] if approves else []))
    ended = api.post("/authorities/alba/hand-over", desk.desk, json={"to": "boca", "reason": "Merged."})
    assert ended.json() == {"authority": "boca", "records": 0, "cases": 1}
    after = api.get(f"/submissions/{case['id']}", desk.boca).json()
    assert (after["state"], after["turn"], after["reviewer"]) == ("in-review", "secretariat", None)
    assert [one["action"] for one in desk.events(case)][-2:] == ["hand-over", "put-back"]
    refused(api.get(f"/submissions/{case['id']}", peer), 404)
    published = taken(api, desk.desk, after, "publish")
    assert api.get(f"/practices/{published['practice']}").json()["tier"] == "network"


def test_who_judges_goes_on_when_another_approved_before(api: Api, desk: Claiming) -> None:
    """What somebody of the new owner approved counts no more; the reviewer at hand is somebody else."""
    peer, other = make_key(api.database, "boca", role="reviewer"), make_key(api.database, role="reviewer")
    case = taken(api, desk.alba, reviewed(api, desk, peer, "approve"), "withdraw")
    case = taken(api, other, taken(api, desk.alba, case, "submit"), "take-up")
    api.post("/authorities/alba/hand-over", desk.desk, json={"to": "boca", "reason": "Merged."}).raise_for_status()
    after = api.get(f"/submissions/{case['id']}", desk.desk).json()
    assert (after["turn"], after["reviewer"]) == ("reviewer", case["reviewer"])
    published = taken(api, desk.desk, after, "publish")
    assert api.get(f"/practices/{published['practice']}").json()["tier"] == "network"


def test_what_others_judged_stands(api: Api, desk: Claiming) -> None:
    peer = make_key(api.database, role="reviewer")
    case = reviewed(api, desk, peer, "approve")
    api.post("/authorities/alba/hand-over", desk.desk, json={"to": "boca", "reason": "Merged."}).raise_for_status()
    published = taken(api, desk.desk, api.get(f"/submissions/{case['id']}", desk.desk).json(), "publish")
    assert api.get(f"/practices/{published['practice']}").json()["tier"] == "peer-reviewed"
    assert api.get("/practices?owner=boca").json()["items"][0]["slug"] == published["practice"]


def test_an_office_that_ends_leaves_all_to_its_heir(api: Api, desk: Claiming) -> None:
    api.post("/authorities", desk.desk, json={"slug": "capo"} | authority_body("Capo")).raise_for_status()
    records = [desk.record(kind, owner="alba") for kind in BY_THEMSELVES.values()]
    api.post("/submissions", desk.alba, json={"practice": records[0]["id"]}).raise_for_status()
    draft, others = begin(api, desk.alba), desk.record(owner="capo")
    wanted = [desk.asked(records[0], desk.boca), desk.asked(others, desk.alba), desk.asked(others, desk.boca)]
    body = {"to": "boca", "reason": "The regions merged."}
    for _ in range(2):  # once more hands over nothing
        ended = api.post("/authorities/alba/hand-over", desk.desk, json=body, headers={"Idempotency-Key": "end"})
        assert ended.json() == {"authority": "boca", "records": len(records), "cases": 1}
    assert {desk.latest(one)["owner"] for one in records} == {"boca"}
    assert desk.latest(others)["owner"] == "capo"
    assert api.get(f"/submissions/{draft['id']}", desk.boca).json()["owner"] == "boca"
    assert api.get("/submissions?owner=alba", desk.desk).json()["items"] == []
    states = [api.get(f"/claims/{one['id']}", desk.desk).json()["state"] for one in wanted]
    assert states == ["granted", "withdrawn", "asked"]


def test_what_handing_over_all_needs(api: Api, desk: Claiming, monkeypatch: pytest.MonkeyPatch) -> None:
    for slug, body, status in (
        ("alba", {"to": "alba", "reason": "x"}, 422),
        ("alba", {"to": "nowhere", "reason": "x"}, 422),
        ("alba", {"to": "boca"}, 422),
        ("nowhere", {"to": "boca", "reason": "x"}, 404),
    ):
        refused(api.post(f"/authorities/{slug}/hand-over", desk.desk, json=body), status)
    monkeypatch.setattr(service, "AT_ONCE", 1)
    records = [desk.record(owner="alba") for _ in range(2)]
    refused(api.post("/authorities/alba/hand-over", desk.desk, json={"to": "boca", "reason": "x"}), 409, "one by one")
    assert {desk.latest(one)["owner"] for one in records} == {"alba"}
