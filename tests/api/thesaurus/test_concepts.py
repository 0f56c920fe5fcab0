"""Concepts: written one by one, both sides of a tie kept, published as one record with every write."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest

from services.api.vocabularies import service as vocabularies
from tests.api.thesaurus.support import (
    CIRCULAR,
    CONCEPTS,
    NEW,
    SEASONAL,
    WORKERS,
    add,
    add_three,
    change,
    terms,
)
from tests.harness.support import Api, Json, Template, check_problem

pytestmark = pytest.mark.each_database


def test_concepts_are_a_vocabulary(api: Api, template: Template) -> None:
    add_three(api, template.secretariat)
    read = api.get("/vocabularies/thesaurus").json()
    assert (read["type"], read["id"]) == ("vocabulary", "thesaurus")
    assert list(terms(api)) == ["circular-migration", "migrant-workers", "seasonal-workers"]
    assert terms(api)["seasonal-workers"] == {
        "code": "seasonal-workers",
        "labels": SEASONAL["labels"],
        "alternatives": {"es": ["jornaleros", "temporeros"]},
        "broader": ["migrant-workers"],
        "narrower": [],
        "related": ["circular-migration"],
    }
    assert terms(api)["migrant-workers"]["narrower"] == ["seasonal-workers"]
    assert terms(api)["circular-migration"]["related"] == ["seasonal-workers"], "though it did not say so itself"
    assert {"name": "thesaurus", "terms": 3} in api.get("/vocabularies").json()
    assert change(api)["record"] == read


def test_each_write_is_published_once(api: Api, template: Template) -> None:
    key = template.secretariat
    marks = [api.get("/changes?limit=1").json()["head"]]
    answers = [
        add(api, key, "migrant-workers", WORKERS),
        add(api, key, "circular-migration", CIRCULAR),
        add(api, key, "seasonal-workers", SEASONAL),
        api.put(f"{CONCEPTS}/seasonal-workers", key, version=1, json=SEASONAL | {"alternatives": {}}),
        api.delete(f"{CONCEPTS}/seasonal-workers", key, version=2),
    ]
    for answer in answers:
        epoch, seq = answer.headers["praxis-seq"].split(".")
        marks.append(int(seq))
        assert epoch
    assert [after - before for before, after in pairwise(marks)] == [1] * len(answers)
    assert change(api)["seq"] == marks[-1]
    assert "seasonal-workers" not in terms(api)


def test_a_refused_write_publishes_nothing(api: Api, template: Template) -> None:
    add_three(api, template.secretariat)
    before = change(api)
    wrong = SEASONAL | {"broader": ["nobody"]}
    refused = api.put(f"{CONCEPTS}/seasonal-workers", template.secretariat, version=1, json=wrong)
    assert check_problem(refused, 422)["errors"][0]["field"] == "broader"
    assert change(api) == before


def test_who_was_slower_is_told(api: Api, template: Template) -> None:
    key, path = template.secretariat, f"{CONCEPTS}/migrant-workers"
    first = add(api, key, "migrant-workers", WORKERS)
    assert first.headers["etag"] == '"1"'
    assert first.headers["location"] == f"/api/v1{path}"
    check_problem(api.put(path, key, json=WORKERS), 428)
    check_problem(api.put(path, key, json=WORKERS, headers=NEW), 412)
    check_problem(api.put(path, key, json=WORKERS, headers=NEW, version=1), 422)
    check_problem(api.put(path, key, json=WORKERS, headers={"If-None-Match": '"1"'}), 422)
    changed = api.put(path, key, version=1, json=CIRCULAR)
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    check_problem(api.put(path, template.colleague, version=1, json=WORKERS), 412)
    check_problem(api.delete(path, key, version=1), 412)
    check_problem(api.delete(path, key), 428)
    assert api.delete(path, key, version=2).status_code == 204
    check_problem(api.get(path), 404)
    check_problem(api.put(path, key, version=3, json=WORKERS), 412)
    check_problem(api.delete(path, key, version=3), 412)
    assert add(api, key, "migrant-workers", WORKERS).headers["etag"] == '"4"', "never a version that it had before"


def test_both_sides_of_a_tie_follow(api: Api, template: Template) -> None:
    key = template.secretariat
    add_three(api, key)
    assert api.get(f"{CONCEPTS}/circular-migration", key).headers["etag"] == '"2"', "it has changed"
    body = CIRCULAR | {"related": []}
    assert api.put(f"{CONCEPTS}/circular-migration", key, version=2, json=body).status_code == 200
    assert terms(api)["seasonal-workers"]["related"] == []
    check_problem(api.put(f"{CONCEPTS}/seasonal-workers", key, version=1, json=SEASONAL), 412)


def test_what_others_fall_under_is_not_deleted(api: Api, template: Template) -> None:
    key = template.secretariat
    add_three(api, key)
    refused = check_problem(api.delete(f"{CONCEPTS}/migrant-workers", key, version=1), 409)
    assert "seasonal-workers" in refused["detail"]
    assert api.delete(f"{CONCEPTS}/circular-migration", key, version=2).status_code == 204
    assert terms(api)["seasonal-workers"]["related"] == []


def test_the_same_said_otherwise_changes_nothing(api: Api, template: Template) -> None:
    key = template.secretariat
    add_three(api, key)
    before = change(api)
    other = SEASONAL | {
        "alternatives": {"es": ["jornaleros", "temporeros"], "fr": []},
        "broader": ["migrant-workers"] * 2,
    }
    answer = api.put(f"{CONCEPTS}/seasonal-workers", key, version=1, json=other)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    assert change(api) == before


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "labels"),
        ({"labels": {}}, "labels"),
        ({"labels": {"english": "word"}}, "BCP 47"),
        ({"labels": {"xx": "word"}}, "BCP 47"),
        ({"labels": {"en": "w" * 101}}, "100"),
        ({"labels": {"en": "  "}}, "labels.en"),
        ({"labels": {"en": "two\nlines"}}, "one line"),
        ({"labels": {"en": "\u202eword"}}, "U+202E"),
        ({"labels": {"en": "word"}, "alternatives": {"en": [f"w{n}" for n in range(31)]}}, "30"),
        ({"labels": {"en": "word"}, "alternatives": {"en": ["Word"]}}, "alternatives: en: 'Word' stands here twice"),
        ({"labels": {"en": "word"}, "alternatives": {"fr": ["été", "e\u0301te\u0301"]}}, "stands here twice"),
        ({"labels": {"en": "word"}, "broader": ["No Code"]}, "broader"),
        ({"labels": {"en": "word"}, "broader": ["nobody"]}, "there is no concept 'nobody'"),
        ({"labels": {"en": "word"}, "related": ["nobody"]}, "there is no concept 'nobody'"),
        ({"labels": {"en": "word"}, "related": ["odd"]}, "not related to itself"),
        ({"labels": {"en": "word"}, "broader": ["odd"]}, "odd → odd"),
        ({"labels": {"en": "word"}, "narrower": []}, "narrower"),
    ],
)
def test_what_is_wrong_is_named(api: Api, template: Template, body: Json, told: str) -> None:
    refused = check_problem(api.put(f"{CONCEPTS}/odd", template.secretariat, json=body, headers=NEW), 422)
    assert any(told in f"{fault['field']}: {fault['message']}" for fault in refused["errors"]), refused


@pytest.mark.parametrize("code", ["Seasonal", "a--b", "-a", "a_b", "w" * 81])
def test_codes_are_kebab_case(api: Api, template: Template, code: str) -> None:
    check_problem(api.put(f"{CONCEPTS}/{code}", template.secretariat, json=WORKERS, headers=NEW), 422)


def test_concepts_do_not_fall_under_each_other(api: Api, template: Template) -> None:
    add_three(api, template.secretariat)
    body = WORKERS | {"broader": ["seasonal-workers"]}
    refused = api.put(f"{CONCEPTS}/migrant-workers", template.secretariat, version=1, json=body)
    message = check_problem(refused, 422)["errors"][0]["message"]
    assert "migrant-workers → seasonal-workers → migrant-workers" in message or (
        "seasonal-workers → migrant-workers → seasonal-workers" in message
    )


def test_a_word_may_stand_for_several_concepts(api: Api, template: Template) -> None:
    add(api, template.secretariat, "one", {"labels": {"en": "settlement"}})
    add(api, template.secretariat, "two", {"labels": {"en": "settlement"}})


def test_writers_at_once_lose_nothing(api: Api, template: Template) -> None:
    codes = [f"concept-{number}" for number in range(8)]
    add(api, template.secretariat, "hub", WORKERS)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda code: add(api, template.secretariat, code, CIRCULAR | {"related": ["hub"]}), codes))
    assert terms(api)["hub"]["related"] == codes
    assert change(api)["record"] == api.get("/vocabularies/thesaurus").json()


def test_a_start_leaves_the_thesaurus_alone(api: Api, template: Template) -> None:
    add_three(api, template.secretariat)
    before = change(api)
    with api.database.transaction(write=False) as session:
        stale: dict[str, Any] = vocabularies.stale(session)
    assert stale == {}
    with api.database.transaction() as session:
        vocabularies.publish(session)
    assert change(api) == before
