"""Rows that are published beside their records: actions of pledges."""

import copy

import pytest
from sqlmodel import Session

from services.api.records import publishing, repository, service
from services.api.records.models import RecordRevision
from tests.api.records.support import ACTIONS, Desk, pledge_body
from tests.harness.support import Json, Template, authority_body, practice_body


def actions(desk: Desk, after: int = 0) -> dict[str, Json | None]:
    """Return what the feed tells of actions after a number, by id."""
    return {change["id"]: change["record"] for change in desk.feed(after) if change["type"] == "action"}


def pledge(desk: Desk, **plan: object) -> str:
    return desk.make(pledge_body(**plan), "pledges")


@pytest.mark.each_database
def test_each_row_is_a_record_of_the_feed(desk: Desk) -> None:
    id = pledge(desk)
    assert actions(desk) == {
        f"{id}#{key}": {
            "type": "action",
            "id": f"{id}#{key}",
            "derived_from": {"type": "pledge", "id": id, "path": f"plan.actions[key={key}]"},
            "language": "en",
            "content": next(row for row in desk.read(id, "pledges")["content"]["plan"]["actions"] if row["key"] == key),
            "translations": {},
        }
        for key in ("3.1", "b")
    }
    assert "never-to-be-seen" not in desk.api.get("/changes?limit=1000").text
    assert not any("doubts" in row["content"] for row in actions(desk).values() if row)


def test_a_draft_has_none(desk: Desk) -> None:
    id = desk.make(pledge_body(), "pledges", publish=False)
    assert actions(desk) == {}
    desk.act(id, "publish", "pledges")
    head = desk.head()
    desk.update(id, pledge_body(actions=[]), "pledges", publish=False)
    assert actions(desk, head) == {}, "what is not public changes nothing"


def test_rows_leave_with_their_record_and_come_back(desk: Desk) -> None:
    id = pledge(desk)
    other = pledge(desk)
    desk.act(id, "unpublish", "pledges")
    found = actions(desk)
    assert {key: one is None for key, one in found.items()} == {
        f"{id}#3.1": True, f"{id}#b": True, f"{other}#3.1": False, f"{other}#b": False,
    }  # fmt: skip
    desk.act(id, "publish", "pledges")
    assert all(actions(desk).values())


def test_only_what_changed_is_told_again(desk: Desk, template: Template) -> None:
    id = pledge(desk)
    head = desk.head()
    changed = [ACTIONS[1] | {"text": "Learn"}, {"text": "Rest"}]
    desk.update(id, pledge_body(actions=changed), "pledges")
    told = actions(desk, head)
    made = desk.read(id, "pledges")["content"]["plan"]["actions"][1]["key"]
    assert {key: one and one["content"]["text"] for key, one in told.items()} == {
        f"{id}#3.1": None, f"{id}#b": "Learn", f"{id}#{made}": "Rest",
    }  # fmt: skip
    head = desk.head()
    step = {"kind": "done", "path": "plan.actions[key=b]"}
    desk.api.post(f"/pledges/{id}/steps", template.alba, json=step).raise_for_status()
    desk.api.put("/authorities/alba", desk.key, version=1, json=authority_body("Alba")).raise_for_status()
    desk.update(id, pledge_body("Another title", actions=[{**changed[1], "key": made}, changed[0]]), "pledges")
    assert actions(desk, head) == {}, "a row that moves, or whose record changes elsewhere, reads as it did"
    rows = [change for change in desk.feed() if change["id"] == f"{id}#b"]
    assert len(rows) == 1, "one row of the feed"


def test_rows_follow_what_is_taken_out_of_a_public_revision(desk: Desk) -> None:
    id = pledge(desk)
    head = desk.head()
    with desk.api.database.transaction() as session:
        redact(session, id)
    told = actions(desk, head)
    assert {key: one and one["content"].get("text") for key, one in told.items()} == {f"{id}#b": "[…]"}


def redact(session: Session, id: str) -> None:
    """Take a text out of the public revision, wherever it is shown."""
    record = repository.get(session, publishing.UUID(id))
    assert record is not None
    publishing.changes.hold(session)
    revision = service.latest(session, record)
    assert isinstance(revision, RecordRevision)
    content = copy.deepcopy(revision.content)
    content["plan"]["actions"][1]["text"] = "[…]"
    revision.content = content
    session.flush()
    service.show(session, [record])


def test_rows_come_though_their_record_reads_as_it_did(desk: Desk) -> None:
    """A type may begin to publish rows: its records are rendered anew, and may be the same."""
    id = pledge(desk)
    with desk.api.database.transaction() as session:
        for key in ("3.1", "b"):
            publishing.changes.withdraw(session, "action", f"{id}#{key}")
    head = desk.head()
    with desk.api.database.transaction() as session:
        publishing.changes.hold(session)
        publishing.show(session, repository.published(session, {publishing.UUID(id)}), unless_same=True)
    assert {change["type"] for change in desk.feed(head)} == {"action"}


def test_practices_have_none(desk: Desk) -> None:
    desk.make(practice_body())
    assert {change["type"] for change in desk.feed()} == {"vocabulary", "form", "authority", "practice"}
