"""Sessions: opened by a proof of who one is, ended by themselves, by time, or by what changes rights."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from services.api.access.models import AccountSession
from services.api.access.rules import Rules
from tests.harness.people import ANA, PASSWORD, actions, person, session_of, shift, sign_in
from tests.harness.support import Api, Template, authority_body, check_problem


def test_a_person_signs_in_and_out(api: Api, ana: str) -> None:
    opened = sign_in(api, "  ANA@Example.org ", headers={"User-Agent": "a browser"})
    assert opened.status_code == 201, opened.text
    assert opened.headers["cache-control"] == "no-store"
    body = opened.json()
    token = body["token"]
    assert token.startswith("praxis_s_")
    assert body["account"] == ana
    me = api.get("/me", token).json()
    assert (me["id"], me["kind"], me["role"], me["email"]) == (ana, "person", "reviewer", ANA)
    assert me["authority"]["slug"] == "alba"
    assert me["rights"]["manage_accounts"] == []
    (listed,) = api.get("/sessions", token).json()["items"]
    assert (listed["id"], listed["current"], listed["agent"]) == (body["id"], True, "a browser")
    other = sign_in(api).json()["token"]
    assert [one["current"] for one in api.get("/sessions", token).json()["items"]] == [False, True]
    assert api.request("DELETE", "/sessions/current", token).status_code == 204
    check_problem(api.get("/me", token), 401)
    assert api.get("/me", other).status_code == 200
    assert actions(api)[-3:] == [(ana, "session.open", ana)] * 2 + [(ana, "session.end", ana)]


def test_own_sessions_are_ended_and_no_others(api: Api, ana: str) -> None:
    mine, other, stranger = session_of(api.database, ANA), session_of(api.database, ANA), person(api, "bo", "admin")
    ids = {token: api.get("/sessions", token).json()["items"] for token in (mine, stranger)}
    (foreign,) = (one["id"] for one in ids[stranger])
    check_problem(api.request("DELETE", f"/sessions/{foreign}", mine), 404)
    assert api.get("/me", stranger).status_code == 200
    (second,) = (one["id"] for one in ids[mine] if not one["current"])
    assert api.request("DELETE", f"/sessions/{second}", mine).status_code == 204
    check_problem(api.get("/me", other), 401)
    check_problem(api.request("DELETE", f"/sessions/{second}", mine), 404)


def test_machines_have_no_sessions(api: Api, template: Template) -> None:
    for method, path in (("GET", "/sessions"), ("DELETE", "/sessions/current"), ("DELETE", f"/sessions/{UUID(int=1)}")):
        check_problem(api.request(method, path, template.secretariat), 403)
    change = {"present_password": PASSWORD, "password": PASSWORD}
    check_problem(api.put("/me/password", template.secretariat, json=change), 403)
    assert api.get("/me", template.secretariat).json()["kind"] == "key"


def test_a_person_writes_as_a_key_does(api: Api) -> None:
    token = person(api, "sara", "secretariat")
    made = api.post("/authorities", token, json=authority_body("New"))
    assert made.status_code == 201, made.text
    assert actions(api)[-1] == (api.get("/me", token).json()["id"], "authority.create", made.json()["id"])


def test_tokens_are_taken_as_bearers_only(api: Api, ana: str) -> None:
    token = session_of(api.database, ANA)
    for cookie in ("token", "session", "praxis_session", "Authorization"):
        check_problem(api.get("/me", headers={"Cookie": f"{cookie}={token}"}), 401)
    check_problem(api.get(f"/me?token={token}"), 422)
    check_problem(api.get("/me", headers={"Authorization": f"Basic {token}"}), 401)
    assert "set-cookie" not in sign_in(api).headers


def test_sessions_expire(api: Api, ana: str) -> None:
    token = session_of(api.database, ANA)
    rules = Rules()
    shift(api, AccountSession, (rules.idle * 0.9).total_seconds(), "expires_at", "idle_until")
    assert api.get("/me", token).status_code == 200, "which renews it"
    shift(api, AccountSession, (rules.idle * 0.9).total_seconds(), "expires_at", "idle_until")
    assert api.get("/me", token).status_code == 200
    shift(api, AccountSession, (rules.idle * 1.01).total_seconds(), "expires_at", "idle_until")
    check_problem(api.get("/me", token), 401)
    busy = session_of(api.database, ANA)
    for _ in range(11):
        shift(api, AccountSession, 3600, "expires_at", "idle_until")
        assert api.get("/me", busy).status_code == 200
    shift(api, AccountSession, 3600, "expires_at", "idle_until")
    check_problem(api.get("/me", busy), 401)
    session_of(api.database, ANA)
    with api.database.transaction(write=False) as session:
        assert len(session.scalars(select(AccountSession)).all()) == 1, "what is over goes"


def test_a_session_in_use_is_seldom_written_to(api: Api, ana: str) -> None:
    token = session_of(api.database, ANA)
    shift(api, AccountSession, 1.1, "created_at", "idle_until")
    before = idle_until(api)
    assert api.get("/sessions", token).status_code == 200
    assert idle_until(api) == before
    shift(api, AccountSession, 600, "created_at", "idle_until")
    assert api.get("/sessions", token).status_code == 200
    assert idle_until(api) > before, "but before it ends"


def idle_until(api: Api) -> datetime:
    with api.database.transaction(write=False) as session:
        return session.scalars(select(AccountSession)).one().idle_until


def test_the_oldest_of_too_many_sessions_gives_way(api: Api, ana: str) -> None:
    tokens = [session_of(api.database, ANA) for _ in range(23)]
    assert [api.get("/me", token).status_code for token in tokens] == [401] * 3 + [200] * 20
