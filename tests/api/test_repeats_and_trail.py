"""Repeated POSTs happen once; every write leaves a row in the audit trail."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update
from sqlmodel import col

from services.api.access.models import AuditEvent, GivenAnswer
from services.api.kit.moments import now
from tests.harness.support import Api, Template, authority_body, check_problem, practice_body

pytestmark = pytest.mark.each_database


def repeated(api: Api, path: str, key: str, name: str, **more: Any) -> httpx.Response:
    return api.post(path, key, headers={"Idempotency-Key": name}, **more)


def same(first: httpx.Response, again: httpx.Response) -> None:
    assert again.status_code == first.status_code
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    for name in ("etag", "location", "content-type", "cache-control"):
        assert again.headers.get(name) == first.headers.get(name)


def count(api: Api, key: str) -> int:
    return len(api.get("/practices?limit=100", key).json()["items"])


def test_a_repeated_post_happens_once(api: Api, template: Template) -> None:
    first = repeated(api, "/practices", template.secretariat, "a", json=practice_body("One"))
    same(first, repeated(api, "/practices", template.secretariat, "a", json=practice_body("One")))
    assert count(api, template.secretariat) == 1
    other = repeated(api, "/practices", template.secretariat, "a", json=practice_body("Another"))
    assert check_problem(other, 422)["errors"][0]["field"] == "Idempotency-Key"
    assert repeated(api, "/practices", template.secretariat, "b", json=practice_body("One")).json() != first.json()
    by_other = repeated(api, "/practices", template.colleague, "a", json=practice_body("One"))
    assert by_other.json()["id"] != first.json()["id"], "keys of one caller are not another's"
    assert count(api, template.secretariat) == 3


def test_acts_on_a_practice_are_repeated_too(api: Api, template: Template) -> None:
    key = template.secretariat
    id = api.post("/practices", key, json=practice_body()).json()["id"]
    acts: list[tuple[str, str, Any]] = [
        ("publish", '"1"', None),
        ("rename", '"2"', {"slug": "other"}),
        ("unpublish", '"3"', None),
    ]
    for act, tag, body in acts:
        headers = {"Idempotency-Key": act, "If-Match": tag}
        first = api.post(f"/practices/{id}/{act}", key, headers=headers, json=body)
        assert first.status_code == 200
        same(first, api.post(f"/practices/{id}/{act}", key, headers=headers, json=body))
        check_problem(api.post(f"/practices/{id}/{act}", key, headers=headers | {"If-Match": '"9"'}, json=body), 422)
    assert api.get(f"/practices/{id}/latest", key).json()["version"] == 4
    made = repeated(api, "/authorities", key, "new", json=authority_body("New"))
    same(made, repeated(api, "/authorities", key, "new", json=authority_body("New")))


def test_a_refused_act_may_be_tried_again(api: Api, template: Template) -> None:
    id = api.post("/practices", template.secretariat, json=practice_body()).json()["id"]
    path = f"/practices/{id}/publish"
    check_problem(repeated(api, path, template.secretariat, "p"), 428)
    headers = {"Idempotency-Key": "p", "If-Match": '"1"'}
    assert api.post(path, template.secretariat, headers=headers).status_code == 200


def test_answers_are_kept_a_day(api: Api, template: Template) -> None:
    first = repeated(api, "/practices", template.secretariat, "a", json=practice_body())
    with api.database.transaction() as session:
        session.execute(update(GivenAnswer).values(at=now() - timedelta(days=1, seconds=1)))
    again = repeated(api, "/practices", template.secretariat, "a", json=practice_body())
    assert again.json()["id"] != first.json()["id"]


def test_repeats_at_the_same_moment_happen_once(api: Api, template: Template) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: repeated(api, "/practices", template.secretariat, "a", json=practice_body()), range(8))
        )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert count(api, template.secretariat) == 1


def test_the_first_of_two_editors_wins(api: Api, template: Template) -> None:
    """Of edits based on the same version exactly one is taken."""
    id = api.post("/practices", template.secretariat, json=practice_body()).json()["id"]

    def edit(number: int) -> int:
        body = practice_body(f"Edit {number}")
        return api.put(f"/practices/{id}", template.secretariat, version=1, json=body).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(edit, range(6))) == [200] + [412] * 5


def trail(api: Api) -> list[tuple[str, str, str, str]]:
    with api.database.transaction(write=False) as session:
        events = session.scalars(select(AuditEvent).order_by(col(AuditEvent.at))).all()
        return [(event.caller, event.action, event.target_type, event.target_id) for event in events]


def test_every_write_leaves_a_row(api: Api, template: Template) -> None:
    secretariat, colleague = template.secretariat.split("_")[1], template.colleague.split("_")[1]
    before = trail(api)
    assert [event[1] for event in before] == ["authority.create"] * 2 + ["key.create"] * 4
    id = api.post("/practices", template.colleague, json=practice_body()).json()["id"]
    api.put(f"/practices/{id}", template.colleague, version=1, json=practice_body("Anew"))
    for version, act in enumerate(("publish", "rename", "unpublish"), 2):
        body = {"slug": "other"} if act == "rename" else None
        assert api.post(f"/practices/{id}/{act}", template.secretariat, version=version, json=body).status_code == 200
    made = api.post("/authorities", template.secretariat, json=authority_body("New")).json()
    api.put(f"/authorities/{made['id']}", template.secretariat, version=1, json=authority_body("Newer"))
    assert trail(api)[len(before) :] == [
        (colleague, "practice.create", "practice", id),
        (colleague, "practice.update", "practice", id),
        (secretariat, "practice.publish", "practice", id),
        (secretariat, "practice.rename", "practice", id),
        (secretariat, "practice.unpublish", "practice", id),
        (secretariat, "authority.create", "authority", made["id"]),
        (secretariat, "authority.update", "authority", made["id"]),
    ]


@pytest.mark.parametrize("act", ["create", "edit", "publish"])
def test_refused_attempts_stay_in_the_trail(api: Api, template: Template, act: str) -> None:
    """Not even an officer of the authority that owns a practice writes it here."""
    body = practice_body() | {"owner": "alba"}
    id = api.post("/practices", template.secretariat, json=body).json()["id"]
    before = trail(api)
    path = {"create": "/practices", "edit": f"/practices/{id}", "publish": f"/practices/{id}/publish"}[act]
    method = "PUT" if act == "edit" else "POST"
    answer = api.request(method, path, template.alba, version=1, json=None if act == "publish" else practice_body())
    check_problem(answer, 403)
    assert trail(api) == [*before, (template.alba.split("_")[1], "refused", "route", f"/api/v1{path}"[:80])]


@pytest.mark.parametrize("name", ["%00", "a%00b", "%00" * 70, "%ED%A0%80", "x" * 200])
def test_refused_addresses_are_kept_as_far_as_they_can(api: Api, template: Template, name: str) -> None:
    before = trail(api)
    check_problem(api.post(f"/practices/{name}/publish", template.alba, version=1), 403)
    after = trail(api)
    assert len(after) == len(before) + 1
    assert after[-1][3].startswith("/api/v1/practices/")


def test_reads_and_faults_leave_no_row(api: Api, template: Template) -> None:
    before = trail(api)
    for path in ("/practices", "/authorities/alba", "/changes", "/practices/nothing"):
        api.get(path, template.alba)
    check_problem(api.post("/practices", template.secretariat, json={}), 422)
    check_problem(api.post("/practices", json=practice_body()), 401)
    assert trail(api) == before
