"""What is shown of records: translations with their texts, tiers, completeness, and where a record came from."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.api.access.service import OPERATOR
from services.api.records import schemas, service
from services.api.types import TYPES
from services.web.problems import Conflict
from tests.api.records.model import ORIGINALS, SUBJECTS, TRANSLATIONS, Revision, Subject, carried
from tests.harness.depth import examples
from tests.harness.support import Api, Json, Template, check_problem, practice_body

PRACTICE = TYPES["practice"]


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(st.tuples(ORIGINALS, st.none() | TRANSLATIONS), min_size=2, max_size=5))
def test_translations_are_carried_over(
    api: Api, template: Template, subject: Subject, edits: list[tuple[Json, Json | None]]
) -> None:
    """A translation stays with its text; when only the text changed, it is outdated, and it goes with the text."""
    before: Revision | None = None
    for version, (originals, translations) in enumerate(edits):
        texts = subject.texts(originals)
        given = subject.placed(translations, texts)
        body = subject.body(originals, given)
        if before is None:
            answer = api.post(f"/{subject.type.plural}", template.secretariat, json=body)
            address = f"/{subject.type.plural}/{answer.json()['id']}"
        else:
            answer = api.put(address, template.secretariat, version=version, json=body)
        before = Revision(texts[subject.title], texts, carried(before, given, texts))
        assert answer.json()["translations"] == before.translations


def test_what_is_not_there_is_not_found(api: Api, template: Template) -> None:
    for name in ("never-seen", "00000000-0000-4000-8000-000000000000"):
        for key, status in ((None, 401), (template.alba, 403), (template.secretariat, 404)):
            check_problem(api.get(f"/practices/{name}", key), 404)
            check_problem(api.put(f"/practices/{name}", key, version=1, json=practice_body()), status)


def published(api: Api, key: str, body: Json) -> str:
    id: str = api.post("/practices", key, json=body).json()["id"]
    api.post(f"/practices/{id}/publish", key, version=1).raise_for_status()
    return id


@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tiers=st.lists(st.sampled_from([None, "network", "peer-reviewed"]), min_size=1, max_size=6))
def test_a_revision_keeps_its_highest_tier(api: Api, template: Template, tiers: list[Any]) -> None:
    """None stands for an edit; whatever a revision was published as, readers see the best of it, and it alone."""
    id = api.post("/practices", template.secretariat, json=practice_body()).json()["id"]
    reached: dict[int, str] = {}
    number = 1
    for version, tier in enumerate(tiers, 1):
        if tier is None:
            api.put(f"/practices/{id}", template.secretariat, version=version, json=practice_body(f"Title {version}"))
            number += 1
            continue
        with api.database.transaction() as session:
            service.publish(session, OPERATOR, service.find(session, PRACTICE, id, OPERATOR), version, tier)
        reached[number] = "peer-reviewed" if "peer-reviewed" in (tier, reached.get(number)) else "network"
        assert api.get(f"/practices/{id}").json()["tier"] == reached[number]
        assert api.get("/practices?limit=1").json()["items"][0]["tier"] == reached[number]
    revisions = api.get(f"/practices/{id}/revisions", template.secretariat).json()
    assert {one["number"]: one["tier"] for one in revisions if one["tier"]} == reached


def test_completeness_is_that_of_the_revision_shown(api: Api, template: Template) -> None:
    key, body = template.secretariat, practice_body()
    id = published(api, key, body)
    first = api.get(f"/practices/{id}").json()["completeness"]
    stored = api.get(f"/practices/{id}").json()["content"]
    counted = PRACTICE.form.completeness(stored)
    assert first == {"snapshot": counted.snapshot, "full": counted.full}
    assert 0 < first["full"] < first["snapshot"] < 100
    body["content"]["when"] = {"start": "2008"}
    body["content"]["lessons"] = {"key_lessons": ["One"]}
    edited = api.put(f"/practices/{id}", key, version=2, json=body).json()["completeness"]
    assert all(edited[form] > first[form] for form in first)
    assert api.get(f"/practices/{id}").json()["completeness"] == first, "what is public is the revision before"
    assert api.get("/practices", key).json()["items"][0]["completeness"] == edited
    api.post(f"/practices/{id}/publish", key, version=3).raise_for_status()
    assert api.get(f"/practices/{id}").json()["completeness"] == edited


def test_why_a_practice_is_archived_is_for_those_who_see_drafts(api: Api, template: Template) -> None:
    id = published(api, template.secretariat, practice_body() | {"owner": "alba"})
    body = {"reason": "The office was closed."}
    api.post(f"/practices/{id}/archive", template.secretariat, version=2, json=body).raise_for_status()
    for key in (template.alba, template.secretariat):
        shown = api.get(f"/practices/{id}/latest", key).json()
        assert shown["status"] == "archived"
        assert shown["archived"]["reason"] == body["reason"]
    for key in (template.alba, template.boca, None):
        answer = api.get(f"/practices/{id}", key)
        assert answer.json()["state"] == "archived"
        assert body["reason"] not in answer.text
    for reason in ("", "x" * 2001, None):
        wrong = api.post(f"/practices/{id}/reopen", template.secretariat, version=3, json={"reason": reason})
        assert check_problem(wrong, 422)["errors"][0]["field"] == "reason"


def test_an_external_id_is_one_records_alone(api: Api, template: Template) -> None:
    body = schemas.of(PRACTICE).create.model_validate(practice_body())
    with api.database.transaction() as session:
        made = service.create(session, OPERATOR, PRACTICE, body, external_id="net:42")
        assert made.id == PRACTICE.id_of("net:42") == uuid5(NAMESPACE_URL, "praxis:net:42")
        assert service.by_external_id(session, PRACTICE, "net:42") is made
        assert service.by_external_id(session, PRACTICE, "42") is None
        with pytest.raises(Conflict, match="net:42"):
            service.create(session, OPERATOR, PRACTICE, body, external_id="net:42")
    assert api.get(f"/practices/{made.id}/latest", template.secretariat).json()["external_id"] == "net:42"
    api.post(f"/practices/{made.id}/publish", template.secretariat, version=1).raise_for_status()
    assert "external_id" not in api.get(f"/practices/{made.id}").json()
