"""The pipeline: cases counted by state and age, each number that of the list which it stands for."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import select

from services.api.kit.moments import now
from services.api.kit.workflow import State
from services.api.submissions.models import Submission
from tests.api.submissions.support import begin
from tests.harness.support import Api, Json, Template, check_problem

pytestmark = pytest.mark.each_database

DAYS = (0, 6.9, 7.1, 29.9, 30.1, 400)


def counted(api: Api, key: str) -> list[Json]:
    answer = api.get("/submissions/summary", key)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    states: list[Json] = answer.json()["states"]
    return states


def test_an_empty_pipeline_has_every_state(api: Api, template: Template) -> None:
    states = counted(api, template.secretariat)
    assert [one["state"] for one in states] == [state.value for state in State]
    assert all(one["total"] == 0 and one["longest_since"] is None for one in states)


def test_each_number_is_that_of_its_list(api: Api, template: Template) -> None:
    chance = random.Random(7)
    for number in range(40):
        begin(api, template.secretariat, {"initiative": {"title": f"Case {number}"}})
    with api.database.transaction() as session:
        for number, row in enumerate(session.scalars(select(Submission))):
            row.state = chance.choice([*State])
            row.state_since = now() - timedelta(days=DAYS[number % len(DAYS)])
            session.add(row)
    states = counted(api, template.secretariat)
    assert sum(one["total"] for one in states) == 40
    for one in states:
        asked = {"state": one["state"], "limit": "100", "sort": "age"}
        listed = api.get("/submissions", template.secretariat, params=asked).json()["items"]
        assert one["total"] == len(listed) == sum(band["count"] for band in one["ages"])
        assert one["longest_since"] == (listed[0]["state_since"] if listed else None)
        for band in one["ages"]:
            bounds = {name: str(band[name]) for name in ("older_than", "younger_than") if band[name] is not None}
            narrowed = api.get("/submissions", template.secretariat, params=asked | bounds).json()["items"]
            assert band["count"] == len(narrowed), (one["state"], band)


def test_bounds_are_checked(api: Api, template: Template) -> None:
    for bounds in ("younger_than=-1", "younger_than=4000", "younger_than=x"):
        problem = check_problem(api.get(f"/submissions?{bounds}", template.secretariat), 422)
        assert problem["errors"][0]["field"] == "younger_than"
