"""Rights: every route is called by every kind of caller, as the table in `tests/api/rights.py` says."""

from collections.abc import Iterator
from typing import Any

import pytest

from services.api.access import service as access
from services.api.access.service import Role
from services.api.records.workbooks import MEDIA_TYPE
from services.api.types import TYPES
from tests.api import rights_of_readers, rights_of_types
from tests.api.rights import COLUMNS, ROWS, Call, Row, World, routes
from tests.harness.people import PASSWORD, make_person, session_of
from tests.harness.support import Template, authority_body, make_key, running

ROWS = [*ROWS, *rights_of_types.ROWS, *rights_of_readers.ROWS]
PEOPLE: dict[str, tuple[Role, str | None]] = {
    "officer": ("officer", "alba"),
    "partner": ("officer", "boca"),
    "other": ("officer", "capo"),
    "reviewer": ("reviewer", None),
    "secretariat": ("secretariat", None),
    "admin": ("admin", None),
}


@pytest.fixture(scope="module")
def world(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One api for the whole table, with a person of each kind, and an admin who stays whatever is done to others."""
    with running(template.copy(tmp_path_factory.mktemp("rights"))) as api:
        api.post("/authorities", template.secretariat, json={"slug": "capo"} | authority_body("Capo"))
        for name, (role, authority) in PEOPLE.items():
            make_person(api.database, f"{name}@example.org", role, authority, PASSWORD)
        make_person(api.database, "root@example.org", "admin")
        yield World(api, template.secretariat, make_key(api.database, role="admin"))


def session_token(world: World, column: str) -> str | None:
    """Return a token of a new session for a person of a column: a call may end it."""
    if column == "nobody":
        return None
    token = session_of(world.api.database, f"{'admin' if column == 'ended' else column}@example.org")
    if column == "ended":
        assert world.api.request("DELETE", "/sessions/current", token).status_code == 204
    return token


def key_token(world: World, column: str) -> str | None:
    """Return a key's token for a machine of a column."""
    if column == "nobody":
        return None
    role, authority = PEOPLE["admin" if column == "ended" else column]
    token = make_key(world.api.database, authority, role=role)
    if column == "ended":
        with world.api.database.transaction() as session:
            access.revoke_key(session, token.split("_")[1])
    return token


def check(world: World, row: Row, call: Call, token: str | None, expected: str, who: str) -> None:
    path = call.path
    if "{own}" in path:
        sessions = world.api.get("/sessions", token).json().get("items", [])
        path = path.replace("{own}", next((one["id"] for one in sessions), "00000000-0000-0000-0000-000000000000"))
    method = row.route.split()[0]
    body: dict[str, Any] = {"json": call.json}
    if call.workbook is not None:
        body = {"content": call.workbook, "headers": {"Content-Type": MEDIA_TYPE}}
    if call.rdf is not None:
        body = {"content": call.rdf, "headers": {"Content-Type": "text/turtle"}}
    answer = world.api.request(method, path, token, version=call.version, **body)
    told = f"{row.route} as {call} by {who}: {answer.status_code} {answer.text[:300]}"
    assert 200 <= answer.status_code < 400 if expected == "ok" else answer.status_code == int(expected), told


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.route)
def test_who_may_what(world: World, row: Row) -> None:
    call = None
    for column in COLUMNS:
        for kind, token_of in {"session": session_token, "key": key_token}.items():
            expected = row.of(column)
            if kind == "key" and row.people and expected == "ok":
                expected = "403"
            call = call or row.call(world)
            check(world, row, call, token_of(world, column), expected, f"{column} with a {kind}")
            if expected == "ok" and not row.route.startswith("GET"):
                call = None  # what was refused or read has changed nothing; the next call is about something new


def test_every_route_has_a_row(world: World) -> None:
    rows = {row.route for row in ROWS}
    there = routes(world.api)
    assert not there - rows, "a new route needs a row in tests/api/rights.py"
    assert not rows - there, "rows of routes that are gone"
    assert all(len(row.allowed.split()) == len(COLUMNS) for row in ROWS)


def test_every_step_of_every_type_has_a_row() -> None:
    """The workflow says who may; the table says it apart from it."""
    for type in TYPES.values():
        assert {*rights_of_types.STEPS[type.name]} == {row.action for row in type.workflow.transitions}
