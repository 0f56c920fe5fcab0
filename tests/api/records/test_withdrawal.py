"""Revisions that were public are withdrawn: nobody without rights reads them any more, and the record says so."""

from pathlib import Path

import pytest
from sqlalchemy import select

from services.api.access.models import AuditEvent
from services.api.access.service import OPERATOR
from services.api.records import service
from services.api.types import TYPES
from tests.api.records.taking_out import REASON, draft, everything_public, published, told
from tests.harness.support import Api, Template, check_problem, practice_body

pytestmark = pytest.mark.each_database


def test_an_earlier_revision_is_read_by_nobody_any_more(api: Api, template: Template, tmp_path: Path) -> None:
    case = published(api, template.secretariat, told("Zebra"), told("Yak"))
    assert "Zebra" in everything_public(case, tmp_path), "and its answers are kept ready"
    case.withdraw(1)
    shown = case.public()
    assert shown is not None
    assert (shown["revision"], shown["withdrawn"]) == (2, [1])
    everybody = everything_public(case, tmp_path)
    assert "Zebra" not in everybody
    assert "Yak" in everybody
    for address in ("/revisions/1", "/diff?before=1&after=2"):
        for key in (None, template.boca):
            check_problem(api.get(f"{case.path}{address}", key), 404)
    assert list(case.revisions()) == [2]


def test_editors_still_see_it_marked(api: Api, template: Template) -> None:
    case = published(api, template.secretariat, told("Zebra"), told("Yak"))
    case.withdraw(1)
    for key in (template.alba, template.secretariat):
        marked = case.revisions(key)
        assert marked[1]["withdrawn"]["reason"] == REASON["reason"]
        assert marked[2]["withdrawn"] is None
        one = api.get(f"{case.path}/revisions/1", key).json()
        assert one["withdrawn"]["reason"] == REASON["reason"]
        assert one["content"]["how"]["results"][0].startswith("Zebra")


def test_the_newest_other_one_takes_the_place_of_the_public_one(api: Api, template: Template, tmp_path: Path) -> None:
    """In the tier in which it was, with what was stated of it."""
    case = draft(api, template.secretariat, told("Zebra"))
    judged = [{"feature": "positive-impact", "statement": "It worked."}]
    with api.database.transaction() as session:
        record = service.find(session, TYPES["practice"], case.id, OPERATOR)
        service.publish(session, OPERATOR, record, 1, "peer-reviewed", judged)
    case.reload()
    case.publish(told("Yak"))
    case.update(told("Never"))
    case.publish(told("Xerus"))
    case.withdraw(2)
    assert case.withdraw(4)["published_revision"] == 1
    shown = case.public()
    assert shown is not None
    assert (shown["revision"], shown["tier"], shown["review"]) == (1, "peer-reviewed", judged)
    assert shown["withdrawn"] == [2, 4]
    everybody = everything_public(case, tmp_path)
    assert "Zebra" in everybody
    assert not any(word in everybody for word in ("Yak", "Xerus", "Never"))


def test_a_record_of_which_nothing_is_left_is_public_no_longer(api: Api, template: Template, tmp_path: Path) -> None:
    case = published(api, template.secretariat, told("Zebra"))
    case.do("archive", REASON)
    left = case.withdraw(1)
    assert (left["status"], left["published_revision"], left["archived"]) == ("unpublished", None, None)
    assert case.public() is None
    assert "Zebra" not in everything_public(case, tmp_path)
    (row,) = [one for one in api.get("/changes?limit=500").json()["changes"] if one["id"] == case.id]
    assert row["op"] == "delete"
    check_problem(case.post("publish"), 409)
    case.publish(told("Yak"))
    shown = case.public()
    assert shown is not None
    assert (shown["revision"], shown["withdrawn"]) == (2, [1])


def test_what_is_refused(api: Api, template: Template) -> None:
    case = published(api, template.secretariat, told("Zebra"), told("Yak"))
    case.update(told("Draft"))
    for number, status in ((3, 409), (4, 404)):
        check_problem(case.post(f"revisions/{number}/withdraw", REASON), status)
    check_problem(case.post("revisions/1/withdraw", REASON, version=1), 412)
    check_problem(case.post("revisions/1/withdraw", REASON, version=None), 428)
    check_problem(case.post("revisions/1/withdraw", {"reason": " "}), 422)
    check_problem(case.post("revisions/1/withdraw", REASON, template.alba), 403)
    case.withdraw(1)
    again = check_problem(case.post("revisions/1/withdraw", REASON), 409)
    assert "already" in again["detail"]


def test_it_is_done_once_and_kept_in_the_trail(api: Api, template: Template) -> None:
    case = published(api, template.secretariat, told("Zebra"), told("Yak"))
    repeated = {"headers": {"Idempotency-Key": "gone"}, "version": case.version}
    first, second = (case.post("revisions/1/withdraw", REASON, **repeated) for _ in range(2))
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    (event,) = trail(api, "practice.withdraw")
    assert event == {"revision": 1} | REASON


def trail(api: Api, action: str) -> list[dict[str, object]]:
    """Return the details of what the trail holds of an action."""
    with api.database.transaction(write=False) as session:
        return [dict(one.detail) for one in session.scalars(select(AuditEvent)) if one.action == action]


def test_those_that_a_withdrawn_one_named_tell_of_it_no_longer(api: Api, template: Template) -> None:
    target = published(api, template.secretariat, practice_body("Model"))
    linking = told("Zebra")
    linking["content"]["links"] = [
        {"relation": "inspired-by", "to": f"practice/{target.id}", "asserted_by": "authority"}
    ]
    case = published(api, template.secretariat, told("Yak"), linking)
    shown = target.public()
    assert shown is not None
    assert [one["from"] for one in shown["incoming"]] == [f"practice/{case.id}"]
    case.withdraw(2)
    shown = target.public()
    assert shown is not None
    assert shown["incoming"] == []
