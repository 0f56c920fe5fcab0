"""Claims: an office asks for its record, the secretariat grants or refuses, and what is granted is the office's."""

import pytest

from tests.api.claims.support import Claiming, refused
from tests.api.kinds import BY_THEMSELVES, Kind
from tests.api.submissions.support import taken
from tests.harness.people import actions
from tests.harness.support import Api, Template, make_key

pytestmark = pytest.mark.each_database
KIND = pytest.mark.parametrize("kind", BY_THEMSELVES.values(), ids=BY_THEMSELVES)


@KIND
def test_who_is_granted_a_record_revises_it(api: Api, desk: Claiming, kind: Kind) -> None:
    record = desk.record(kind)
    asked = desk.ask(record, desk.boca, "Our council runs it.")
    claim = asked.json()
    assert asked.status_code == 201
    assert asked.headers["location"] == f"/api/v1/claims/{claim['id']}"
    assert claim["record"] == {
        "type": record["type"],
        "id": record["id"],
        "slug": record["slug"],
        "title": {"en": "A title"},
        "owner": None,
    }
    assert (claim["state"], claim["authority"]["slug"], claim["actions"]) == ("asked", "boca", ["withdraw"])
    (seen,) = desk.claims(desk.desk)
    assert seen == claim | {"actions": ["grant", "refuse"]}

    public = api.get(desk.path(record)).json()
    granted = desk.decided(claim, desk.desk, "grant")
    assert (granted["state"], granted["actions"], granted["record"]["owner"]) == ("granted", [], "boca")
    assert granted["decided_by"]["name"] == "secretariat"
    assert desk.latest(record)["owner"] == "boca"
    assert api.get(desk.path(record)).json() == public

    case = desk.case(record, desk.boca)
    assert (case["state"], case["owner"], case["turn"], case["public"]) == ("published", "boca", None, True)
    (event,) = desk.events(case, desk.boca)
    assert (event["action"], event["to_state"], event["reason"]) == ("hand-over", "published", "Our council runs it.")
    assert event["owners"] == {"before": None, "after": "boca"}
    assert taken(api, desk.boca, case, "revise")["state"] == "draft"
    trail = {action for _, action, _ in actions(api)}
    assert {"claim.ask", "claim.granted", f"{record['type']}.hand-over", "submission.hand-over"} <= trail


def test_a_refusal_says_why(desk: Claiming) -> None:
    claim = desk.asked(desk.record(), desk.boca)
    refused(desk.decide(claim, desk.desk, "refuse"), 422)
    said = desk.decided(claim, desk.desk, "refuse", "It is Alba's.")
    assert (said["state"], said["reason"], said["record"]["owner"]) == ("refused", "It is Alba's.", None)
    assert desk.claims(desk.boca) == [said]
    again = desk.asked(said["record"], desk.boca)
    assert desk.claims(desk.boca, "?state=asked") == [again]


def test_an_office_takes_its_claim_back(desk: Claiming) -> None:
    claim = desk.asked(desk.record(), desk.boca)
    assert desk.decided(claim, desk.boca, "withdraw")["state"] == "withdrawn"
    refused(desk.decide(claim | {"version": 2}, desk.desk, "grant"), 409, "withdrawn already")
    refused(desk.decide(claim, desk.desk, "grant"), 412)


def test_one_granted_refuses_the_others(desk: Claiming) -> None:
    record = desk.record()
    boca, alba = desk.asked(record, desk.boca), desk.asked(record, desk.alba)
    desk.decided(boca, desk.desk, "grant")
    (other,) = desk.claims(desk.alba)
    assert (other["state"], other["reason"]) == ("refused", "Given to Boca del Río")
    refused(desk.decide(alba, desk.desk, "grant"), 412)


def test_the_record_of_another_office_is_asked_for_and_handed_over(desk: Claiming) -> None:
    record = desk.record(owner="alba")
    refused(desk.ask(record, desk.alba), 409, "already")
    desk.decided(desk.asked(record, desk.boca), desk.desk, "grant")
    case = desk.case(record)
    assert desk.events(case)[-1]["owners"] == {"before": "alba", "after": "boca"}
    refused(desk.api.get(f"/submissions/{case['id']}", desk.alba), 404)
    refused(desk.api.get(f"{desk.path(record)}/latest", desk.alba), 403)


def test_who_may_ask_for_what(desk: Claiming, api: Api) -> None:
    record = desk.record()
    refused(desk.ask(record, desk.desk), 403, "officers")
    refused(desk.ask(record, make_key(api.database, "boca", role="reviewer")), 403)
    refused(desk.ask(desk.record(publish=False), desk.boca), 404)
    refused(desk.ask(desk.record(publish=False, owner="boca"), desk.boca), 409, "not published")
    refused(desk.ask(record, desk.boca, "  "), 422, "statement")
    refused(desk.ask(record, desk.boca, "x" * 2001), 422, "statement")
    desk.asked(record, desk.boca)
    refused(desk.ask(record, desk.boca), 409, "asks for the practice already")


def test_claims_are_seen_by_the_office_that_asks_and_the_secretariat(api: Api, desk: Claiming) -> None:
    record = desk.record(owner="alba")
    claim = desk.asked(record, desk.boca)
    reviewer = make_key(api.database, "boca", role="reviewer")
    for key in (desk.alba, reviewer):
        assert desk.claims(key) == []
        refused(api.get(f"/claims/{claim['id']}", key), 404)
        refused(desk.decide(claim, key, "withdraw"), 404)
    refused(desk.decide(claim, desk.boca, "grant"), 403)
    refused(desk.decide(claim, desk.desk, "withdraw"), 403)
    refused(api.get("/claims"), 401)
    assert api.get(f"/claims/{claim['id']}", desk.boca).json() == claim
    assert desk.claims(desk.boca, f"?record={record['id']}") == [claim]
    assert desk.claims(desk.boca, f"?record={claim['id']}") == []


def test_lists_go_on_by_cursor(api: Api, desk: Claiming) -> None:
    made = [desk.asked(desk.record(), desk.boca)["id"] for _ in range(3)]
    first = api.get("/claims?limit=2", desk.boca)
    assert 'rel="next"' in first.headers["link"]
    rest = desk.claims(desk.boca, f"?limit=2&cursor={first.json()['next']}")
    assert [one["id"] for one in [*first.json()["items"], *rest]] == made[::-1]


def test_the_same_request_asks_once(desk: Claiming) -> None:
    record, key = desk.record(), {"headers": {"Idempotency-Key": "one"}}
    first, again = desk.ask(record, desk.boca, **key), desk.ask(record, desk.boca, **key)
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    claim = first.json()
    decided = [desk.decide(claim, desk.desk, "grant", headers={"Idempotency-Key": "two"}) for _ in range(2)]
    assert [one.status_code for one in decided] == [200, 200]


def test_a_title_that_is_not_public_any_more_is_not_told(api: Api, desk: Claiming) -> None:
    record = desk.record()
    claim = desk.asked(record, desk.boca)
    api.post(f"{desk.path(record)}/unpublish", desk.desk, version=record["version"]).raise_for_status()
    assert api.get(f"/claims/{claim['id']}", desk.boca).json()["record"]["title"] == {}
    desk.decided(claim, desk.desk, "grant")
    assert desk.case(record, desk.boca)["state"] == "draft"


def test_an_owner_stays_through_an_import(api: Api, desk: Claiming, template: Template) -> None:
    """Whose a record is stands in exports, and a file that does not say so takes it from nobody."""
    line = BY_THEMSELVES["practice"].body("Seeded") | {"external_id": "seed:one", "tier": "network"}
    for _ in range(2):
        sent = api.post("/imports?format=jsonl&name=a.jsonl&publish=true", template.secretariat, json=line)
        assert sent.status_code == 200, sent.text
        (record,) = api.get("/practices?limit=1").json()["items"]
        record["type"] = "practice"
        if desk.latest(record)["owner"] is None:
            desk.decided(desk.asked(record, desk.boca), desk.desk, "grant")
    assert desk.latest(record)["owner"] == "boca"
