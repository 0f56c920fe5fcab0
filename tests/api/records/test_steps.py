"""What happens to public records after their publication: who may tell of what, and where it is shown."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from services.api.access.models import AuditEvent
from services.api.kit.moments import now
from services.api.records import progress
from tests.api.records.support import ACTIONS, Desk, pledge_body
from tests.harness.support import Json, Template, check_problem, practice_body

KEPT = {"kind": "kept", "value": "partly"}
DONE = {"kind": "done", "path": "plan.actions[key=3.1]"}
REFERENCES = [{"field": "promise.title", "source": "print", "place": "Page 1"}]


@pytest.fixture
def pledge(desk: Desk) -> str:
    """The address of a public pledge of `alba` to `boca`."""
    return f"/pledges/{desk.make(pledge_body(), 'pledges')}"


def test_a_step_is_shown_in_the_public_record_and_listed(desk: Desk, pledge: str, template: Template) -> None:
    before = desk.head()
    told = desk.api.post(f"{pledge}/steps", template.alba, json=DONE | {"note": "On time"})
    assert told.status_code == 201, told.text
    step = told.json()
    assert step | {"at": ""} == {
        "path": "plan.actions[key=3.1]", "kind": "done", "value": None, "note": "On time", "date": None, "at": "",
    }  # fmt: skip
    second = desk.api.post(f"{pledge}/steps", template.boca, json=KEPT).json()
    shown = desk.api.get(pledge).json()
    assert shown["progress"] == [step, second], "the first first"
    assert desk.api.get(f"{pledge}/steps").json() == shown["progress"], "for everybody"
    own = [change for change in desk.feed(before) if change["type"] == "pledge"]
    assert [change["record"] for change in own] == [shown], "the feed tells it with the record"
    assert told.headers["Praxis-Seq"].rpartition(".")[2] <= str(own[0]["seq"])


def test_a_step_tells_when_it_happened_as_precisely_as_that_is_known(
    desk: Desk, pledge: str, template: Template
) -> None:
    for date in ("2020", "2020-07", "2020-07-14", None):
        told = desk.api.post(f"{pledge}/steps", template.alba, json=DONE | ({"date": date} if date else {}))
        assert told.status_code == 201, told.text
        assert told.json()["date"] == date
    assert [step["date"] for step in desk.api.get(pledge).json()["progress"]] == ["2020", "2020-07", "2020-07-14", None]
    assert [step["date"] for step in desk.feed()[-1]["record"]["progress"]] == ["2020", "2020-07", "2020-07-14", None]


def test_what_is_yet_to_come_cannot_be_told(desk: Desk, pledge: str, template: Template) -> None:
    today = now().date()
    this_year, this_month = f"{today:%Y}", f"{today:%Y-%m}"  # their first days are not to come
    for date in (this_year, this_month, f"{today}"):
        assert desk.api.post(f"{pledge}/steps", template.alba, json=DONE | {"date": date}).status_code == 201
    for date in (f"{today + timedelta(days=2)}", f"{today.year + 2}", f"{today.year + 2}-01"):
        answer = desk.api.post(f"{pledge}/steps", template.alba, json=DONE | {"date": date})
        (fault,) = check_problem(answer, 422)["errors"]
        assert (fault["location"], fault["field"], fault["value"]) == ("body", "date", date)
        assert "future" in fault["message"]
    assert len(desk.api.get(f"{pledge}/steps").json()) == 3


def test_steps_stay_through_later_revisions_and_absences(desk: Desk, pledge: str, template: Template) -> None:
    step = desk.api.post(f"{pledge}/steps", template.alba, json=DONE).json()
    id = pledge.rpartition("/")[2]
    desk.update(id, pledge_body(actions=ACTIONS[1:]), "pledges")
    assert desk.read(id, "pledges")["progress"] == [step], "its row is gone, what happened is not"
    check_problem(desk.api.post(f"{pledge}/steps", template.alba, json=DONE), 422)
    desk.act(id, "unpublish", "pledges")
    check_problem(desk.api.get(f"{pledge}/steps"), 404)
    assert desk.api.get(f"{pledge}/steps", template.alba).json() == [step], "who sees drafts sees what happened"
    check_problem(desk.api.post(f"{pledge}/steps", template.alba, json=KEPT), 409)
    desk.act(id, "publish", "pledges")
    assert desk.read(id, "pledges")["progress"] == [step]


CALLERS = ("alba", "boca", "secretariat")


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        (KEPT, "alba boca"),
        (DONE, "alba secretariat"),
        ({"kind": "doubted", "path": "plan.actions[key=b]", "value": "aloud"}, "boca"),
    ],
)
def test_those_tell_whom_the_type_names(desk: Desk, pledge: str, template: Template, body: Json, allowed: str) -> None:
    for name in CALLERS:
        answer = desk.api.post(f"{pledge}/steps", getattr(template, name), json=body)
        if name in allowed.split():
            assert answer.status_code == 201, (name, answer.text)
        else:
            check_problem(answer, 403)
    check_problem(desk.api.post(f"{pledge}/steps", json=body), 401)
    assert len(desk.api.get(f"{pledge}/steps").json()) == len(allowed.split())


@pytest.mark.parametrize(
    ("body", "field", "allowed"),
    [
        ({"kind": "sung"}, "kind", ["kept", "done", "doubted", "rehearsed", "cited"]),
        ({"kind": "kept"}, "value", ["wholly", "partly"]),
        ({"kind": "kept", "value": "never"}, "value", ["wholly", "partly"]),
        (KEPT | {"path": "plan.actions[key=b]"}, "path", None),
        (DONE | {"value": "wholly"}, "value", None),
        ({"kind": "done"}, "path", ["plan.actions[…]"]),
        ({"kind": "done", "path": "promise.title"}, "path", ["plan.actions[…]"]),
        *(
            ({"kind": "done", "path": path}, "path", ["plan.actions[key=3.1]", "plan.actions[key=b]"])
            for path in ("plan.actions[key=zz]", "plan.actions[0]", "plan.actions")
        ),
        ({"kind": "rehearsed", "path": "plan.steps[0]"}, "path", []),
        ({"kind": "cited", "path": "references[1]"}, "path", ["references[0]"]),
        (DONE | {"note": " "}, "note", None),
        (DONE | {"date": "2026-02-30"}, "date", None),
        (DONE | {"date": "9000"}, "date", None),
    ],
)
def test_a_step_that_the_type_does_not_have_is_refused(
    desk: Desk, template: Template, body: Json, field: str, allowed: Any
) -> None:
    made = pledge_body(steps=["Inside"])
    made["content"]["references"] = REFERENCES
    answer = desk.api.post(f"/pledges/{desk.make(made, 'pledges')}/steps", template.alba, json=body)
    (fault,) = check_problem(answer, 422)["errors"]
    assert (fault["location"], fault["field"], fault.get("allowed")) == ("body", field, allowed)


def test_rows_without_keys_are_named_by_number(desk: Desk, template: Template) -> None:
    made = pledge_body()
    made["content"]["references"] = REFERENCES
    id = desk.make(made, "pledges")
    body = {"kind": "cited", "path": "references[0]"}
    assert desk.api.post(f"/pledges/{id}/steps", template.alba, json=body).status_code == 201
    assert desk.read(id, "pledges")["progress"][0]["path"] == "references[0]"


def test_a_practice_is_told_to_be_still_true(desk: Desk, template: Template) -> None:
    id = desk.make(practice_body())
    address = f"/practices/{id}/steps"
    for key in (template.alba, template.secretariat):
        assert desk.api.post(address, key, json={"kind": "still-true"}).status_code == 201
    check_problem(desk.api.post(address, template.boca, json={"kind": "still-true"}), 403)
    assert [step["kind"] for step in desk.read(id)["progress"]] == ["still-true", "still-true"]
    draft = desk.make(practice_body("Draft"), publish=False)
    check_problem(desk.api.post(f"/practices/{draft}/steps", template.alba, json={"kind": "still-true"}), 409)
    check_problem(desk.api.post(f"/practices/{draft}/steps", template.boca, json={"kind": "still-true"}), 404)


def test_a_step_told_twice_under_one_key_happens_once(desk: Desk, pledge: str, template: Template) -> None:
    headers = {"Idempotency-Key": "one"}
    first = desk.api.post(f"{pledge}/steps", template.alba, json=DONE, headers=headers)
    again = desk.api.post(f"{pledge}/steps", template.alba, json=DONE, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(desk.api.get(f"{pledge}/steps").json()) == 1


@pytest.mark.each_database
def test_steps_told_at_once_all_stand(desk: Desk, pledge: str, template: Template) -> None:
    notes = [f"Note {number}" for number in range(12)]

    def tell(note: str) -> int:
        return desk.api.post(f"{pledge}/steps", template.alba, json=DONE | {"note": note}).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(tell, notes)) == {201}
    shown = desk.api.get(pledge).json()["progress"]
    assert sorted(step["note"] for step in shown) == sorted(notes)


def test_a_step_leaves_a_trace_without_its_note(desk: Desk, pledge: str, template: Template) -> None:
    desk.api.post(f"{pledge}/steps", template.alba, json=DONE | {"note": "On time"}).raise_for_status()
    check_problem(desk.api.post(f"{pledge}/steps", template.alba, json={"kind": "sung"}), 422)
    with desk.api.database.transaction(write=False) as session:
        events = session.scalars(select(AuditEvent).where(col(AuditEvent.action) == "pledge.step")).all()
        assert [(one.target_id, one.detail) for one in events] == [(pledge.rpartition("/")[2], DONE | {"step": 1})]


def test_a_record_takes_only_so_many(
    desk: Desk, pledge: str, template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "MOST_STEPS", 2)
    answers = [desk.api.post(f"{pledge}/steps", template.alba, json=DONE).status_code for _ in range(3)]
    assert answers == [201, 201, 409]
