"""Visibility: every reading route is walked by every kind of caller, as the tables in `visibility.py` say."""

import io
import zipfile
from collections.abc import Iterator
from typing import get_args

import httpx
import pytest

from services.api.access.service import ROLES
from services.api.records.schemas import Status
from services.api.submissions.policy import State
from tests.api.rights import ROWS
from tests.api.visibility import (
    CALLERS,
    CASE_LISTS,
    CASE_ROUTES,
    CASES,
    NO_WORDS,
    PRACTICE_LISTS,
    PRACTICE_ROUTES,
    PRACTICES,
    STATES,
    STATUS,
    Many,
    One,
    Record,
    World,
    seen_of,
)
from tests.harness.people import account_body, person, session_of
from tests.harness.support import Api, Template, check_problem, make_key, practice_body, running


@pytest.fixture(scope="module")
def world(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One api with a record of every owner and state; what reads changes none of them."""
    with running(template.copy(tmp_path_factory.mktemp("visibility"))) as api:
        tokens: dict[str, list[str | None]] = {"nobody": [None]}
        for name, home in CALLERS.items():
            if home is not None:
                role, authority = home
                tokens[name] = [make_key(api.database, authority, role=role)]
                if name != "judge":  # who took the cases up is one caller, not two
                    tokens[name].append(person(api, name, role, authority))
        made = World(api, tokens)
        made.practices = [made.make_practice(*which) for which in PRACTICES]
        made.cases = [made.make_case(*which) for which in CASES]
        yield made


def text_of(answer: httpx.Response) -> str:
    """Return all that an answer says, a workbook's too."""
    if not answer.content.startswith(b"PK"):
        return answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        return "".join(file.read(name).decode() for name in file.namelist())


def check_one(world: World, row: One, record: Record, caller: str, seen: str, path: str) -> None:
    answer = world.api.get(path, world.tokens[caller][0])
    shown = row.shows(record, seen) if seen != "-" else None
    refusal = 401 if caller == "nobody" and row in CASE_ROUTES else 404
    assert answer.status_code == (refusal if shown is None else 200), f"{caller}: {path} of {record}"
    if shown is None:
        check_problem(answer, refusal)
    text = text_of(answer)
    assert text
    assert {word for word in (*record.words, record.said) if word and word in text} == (shown or set())


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("row", PRACTICE_ROUTES, ids=lambda row: row.route)
def test_one_practice(world: World, row: One, caller: str) -> None:
    for record in world.practices:
        path = row.path(record)
        if path is not None and (not row.only or record.state in row.only):
            check_one(world, row, record, caller, seen_of(record, PRACTICES, caller), path)


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("row", CASE_ROUTES, ids=lambda row: row.route)
def test_one_case(world: World, row: One, caller: str) -> None:
    for record in world.cases:
        path = row.path(record)
        if path is not None and (not row.only or record.state in row.only):
            check_one(world, row, record, caller, seen_of(record, CASES, caller), path)


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("row", PRACTICE_LISTS, ids=lambda row: row.path)
def test_many_practices(world: World, row: Many, caller: str) -> None:
    for token in world.tokens[caller]:
        answer = world.api.get(row.path, token)
        assert answer.status_code == 200
        for record in world.practices:
            seen = seen_of(record, PRACTICES, caller) if row.holds(record) else "-"
            shown = {"latest": record.words[-1], "public": record.words[0]}.get(seen)
            listed = [word for word in record.words if word in answer.text]
            assert listed == ([shown] if shown else []), f"{caller}: {row.path} shows {listed} of {record}"
        assert not [case for case in world.cases if case.said in answer.text]


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("row", CASE_LISTS, ids=lambda row: row.path)
def test_many_cases(world: World, row: Many, caller: str) -> None:
    for token in world.tokens[caller]:
        answer = world.api.get(row.path, token)
        assert answer.status_code == (200 if token else 401)
        for record in world.cases:
            seen = seen_of(record, CASES, caller) == "seen" and row.holds(record)
            listed = record.id in answer.text or any(word in answer.text for word in record.words)
            assert not listed or seen, f"{caller}: {row.path} shows {record}"
            assert listed or not (seen and row.sure), f"{caller}: {row.path} lacks {record}"


@pytest.mark.parametrize("caller", CALLERS)
def test_cases_of_a_practice(world: World, caller: str) -> None:
    """Who asks for the case of a practice learns of it no more than by asking for all."""
    for record in world.cases:
        if record.slug is not None and caller != "nobody":
            found = world.api.get(f"/submissions?practice={record.slug}", world.tokens[caller][0]).json()["items"]
            seen = seen_of(record, CASES, caller) == "seen"
            assert [one["id"] for one in found] == ([record.id] if seen else [])


def test_the_feed_shows_what_nobody_in_particular_sees(world: World) -> None:
    text = world.api.get("/changes?limit=1000").text
    for record in world.practices:
        seen = seen_of(record, PRACTICES, "nobody")
        assert [word for word in record.words if word in text] == ([record.words[0]] if seen == "public" else [])
    for case in world.cases:
        public = {case.words[1]} if case.state in ("published", "archived", "revised") else set()
        assert {word for word in (*case.words, case.said) if word in text} == public


def test_every_role_state_and_route_is_expected(world: World) -> None:
    assert {home[0] for home in CALLERS.values() if home} == {*ROLES}
    assert {*STATUS.values()} == {*get_args(Status)}
    assert {*STATES.values()} == {*State}
    for table, states in ((PRACTICES, STATUS), (CASES, STATES)):
        assert {*table} == {(owner, state) for owner in ("alba", None) for state in states}
        assert all(len(row.split()) == len(CALLERS) for row in table.values())
    walked = {row.route for row in (*PRACTICE_ROUTES, *CASE_ROUTES, *PRACTICE_LISTS, *CASE_LISTS)} | {"GET /changes"}
    reading = {row.route for row in ROWS if row.route.startswith("GET ")}  # test_rights.py: every route has a row
    assert not reading - walked - {*NO_WORDS}, "a new reading route needs its place in visibility.py"
    assert not (walked | {*NO_WORDS}) - reading, "routes that are gone"
    assert not walked & {*NO_WORDS}


def test_who_joins_the_authority_reads_its_case_no_more(api: Api, template: Template) -> None:
    """A reviewer who took a case up, and belongs to the authority that owns it now, judges it no more."""
    judge, admin = person(api, "judge", "reviewer"), make_key(api.database, role="admin")
    body = {"content": practice_body()["content"], "owner": "alba"}
    case = api.post("/submissions", template.secretariat, json=body).json()
    for action, key in (("submit", template.alba), ("take-up", judge)):
        path = f"/submissions/{case['id']}/transitions"
        case = api.post(path, key, version=case["version"], json={"action": action}).json()
    path = f"/submissions/{case['id']}"
    assert api.get(path, judge).status_code == 200
    moved = account_body("judge", "reviewer", authority="alba")
    api.put(f"/accounts/{case['reviewer']['id']}", admin, version=1, json=moved).raise_for_status()
    fellow = session_of(api.database, "judge@example.org")
    check_problem(api.get(path, fellow), 404)
    assert api.get("/submissions", fellow).json()["items"] == []
