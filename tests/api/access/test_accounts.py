"""Accounts: who may give whom which rights, what ends sessions, and that the last admin stays."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlmodel import col

from services.api.access import accounts
from services.api.access import service as access
from services.api.access.accounts import Person
from services.api.access.models import Account, AuditEvent
from services.api.access.service import MANAGES, ROLES
from services.api.kit.moments import now
from services.web.problems import Unauthorized
from tests.harness.depth import examples
from tests.harness.people import account_body, make_person, person, session_of
from tests.harness.support import Api, Template, check_problem, make_key


@pytest.fixture
def admin(api: Api) -> str:
    return person(api, "ada", "admin")


@pytest.fixture
def secretary(api: Api) -> str:
    return person(api, "sara", "secretariat")


def create(api: Api, key: str, name: str, role: str, **more: Any) -> httpx.Response:
    return api.post("/accounts", key, json=account_body(name, role, **more))


def test_an_account_is_made_read_and_changed(api: Api, secretary: str) -> None:
    made = create(api, secretary, "omar", "officer", authority="alba")
    assert made.status_code == 201, made.text
    account = made.json()
    assert made.headers["location"] == f"/api/v1/accounts/{account['id']}"
    assert made.headers["etag"] == '"1"'
    assert account["authority"]["slug"] == "alba"
    assert account["organisation"] is None
    assert (account["active"], account["has_password"]) == (True, False)
    assert api.get(f"/accounts/{account['id']}", secretary).json() == account
    body = account_body("omar", "reviewer", organisation="Peers")
    check_problem(api.put(f"/accounts/{account['id']}", secretary, json=body), 428)
    check_problem(api.put(f"/accounts/{account['id']}", secretary, version=2, json=body), 412)
    changed = api.put(f"/accounts/{account['id']}", secretary, version=1, json=body)
    assert changed.status_code == 200
    assert changed.headers["etag"] == '"2"'
    assert (changed.json()["authority"], changed.json()["organisation"]) == (None, "Peers")


def test_emails_are_one_whatever_their_case(api: Api, secretary: str) -> None:
    assert create(api, secretary, "omar", "reviewer", email="Omar.Diop@Example.ORG").json()["email"] == (
        "omar.diop@example.org"
    )
    check_problem(create(api, secretary, "omar", "reviewer", email="OMAR.diop@example.org"), 409)
    other = create(api, secretary, "other", "reviewer").json()
    body = account_body("other", "reviewer", email="omar.DIOP@example.org")
    check_problem(api.put(f"/accounts/{other['id']}", secretary, version=1, json=body), 409)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"role": "officer"}, "authority"),
        ({"role": "officer", "organisation": None}, "authority"),
        ({"organisation": None}, "authority"),
        ({"authority": "alba", "organisation": "Both"}, "authority"),
        ({"authority": "atlantis"}, "authority"),
        ({"role": "king"}, "role"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b@c.org"}, "email"),
        ({"email": "x" * 250 + "@example.org"}, "email"),
        ({"name": "two\nlines"}, "name"),
        ({"organisation": "x" * 301}, "organisation"),
        ({"password": "of my own choice"}, "password"),
    ],
)
def test_faults_are_named(api: Api, admin: str, more: dict[str, Any], field: str) -> None:
    problem = check_problem(api.post("/accounts", admin, json=account_body("omar", "reviewer") | more), 422)
    assert problem["errors"][0]["field"] == field
    assert "of my own choice" not in str(problem)


@pytest.mark.parametrize("caller", ROLES)
@pytest.mark.parametrize("role", ROLES)
def test_nobody_gives_more_than_they_look_after(api: Api, caller: access.Role, role: access.Role) -> None:
    """Neither by making an account, nor by changing, ending, waking or resetting one, as a person or by a key."""
    make_person(api.database, "root@example.org", "admin")  # so that there is always another one
    id = make_person(api.database, "target@example.org", role, "alba")
    keys = [
        person(api, "caller", caller, "alba" if caller == "officer" else None),
        make_key(api.database, "alba" if caller == "officer" else None, role=caller),
    ]
    allowed = role in MANAGES[caller]
    target, body = f"/accounts/{id}", account_body("target", role, authority="alba")
    for number, key in enumerate(keys):
        made = api.post("/accounts", key, json=account_body(f"new{number}", role, authority="alba"))
        assert made.status_code == (201 if allowed else 403)
        version = 3 * number + 1
        changes = [
            api.put(target, key, version=version, json=body),
            api.post(f"{target}/deactivate", key, version=version + 1),
            api.post(f"{target}/reactivate", key, version=version + 2),
            api.post(f"{target}/reset", key),
        ]
        assert [answer.status_code for answer in changes] == ([200, 200, 200, 201] if allowed else [403] * 4)
    for other in set(ROLES) - {role}:
        answer = api.put(target, keys[0], version=7 if allowed else 1, json=body | {"role": other})
        if not allowed or other not in MANAGES[caller]:
            check_problem(answer, 403)
            continue
        assert answer.status_code == 200
        back = api.put(target, keys[0], version=answer.json()["version"], json=body)
        assert back.status_code == 200
        version = back.json()["version"]
        break


def test_who_gets_other_rights_signs_in_again(api: Api, secretary: str) -> None:
    id = make_person(api.database, "omar@example.org", "reviewer", "alba")
    body, version = account_body("omar", "reviewer", authority="alba"), 1
    for change, ends in (
        ({"name": "Omar Diop"}, False),
        ({"role": "officer"}, True),
        ({"authority": "boca", "role": "officer"}, True),
        ({"email": "diop@example.org", "authority": "boca", "role": "officer"}, True),
    ):
        email = api.get(f"/accounts/{id}", secretary).json()["email"]
        token = session_of(api.database, email)
        answer = api.put(f"/accounts/{id}", secretary, version=version, json=body | change)
        assert answer.status_code == 200, answer.text
        version = answer.json()["version"]
        assert api.get("/me", token).status_code == (401 if ends else 200)
    token = session_of(api.database, "diop@example.org")
    assert api.post(f"/accounts/{id}/deactivate", secretary, version=version).status_code == 200
    check_problem(api.get("/me", token), 401)
    check_problem(api.post(f"/accounts/{id}/deactivate", secretary, version=version + 1), 409)
    assert api.post(f"/accounts/{id}/reactivate", secretary, version=version + 1).status_code == 200
    check_problem(api.get("/me", token), 401)


@pytest.mark.each_database
def test_lists_page_and_filter(api: Api, admin: str) -> None:
    for number in range(7):
        create(api, admin, f"p{number}", "officer" if number % 2 else "reviewer", authority="alba")
    gone = create(api, admin, "gone", "reviewer", authority="boca").json()
    api.post(f"/accounts/{gone['id']}/deactivate", admin, version=1)

    def listed(query: str = "") -> list[str]:
        found, path = [], f"/accounts?limit=2{query}"
        while True:
            page = api.get(path, admin)
            found += [one["email"] for one in page.json()["items"]]
            if page.json()["next"] is None:
                return found
            path = page.headers["link"].partition(">")[0].lstrip("<")

    assert listed() == sorted(["ada@example.org", "gone@example.org", *(f"p{n}@example.org" for n in range(7))])
    assert len(listed("&role=officer")) == 3
    assert listed("&active=false") == listed("&authority=boca") == ["gone@example.org"]
    assert listed("&q=P3") == ["p3@example.org"]
    assert listed("&q=gone%40&role=officer") == listed("&q=%25") == listed("&q=p_") == []
    check_problem(api.get("/accounts?q=", admin), 422)
    check_problem(api.get("/accounts?q=%00", admin), 422)
    check_problem(api.get("/accounts?role=king", admin), 422)
    check_problem(api.get("/accounts?cursor=x", admin), 422)
    check_problem(api.get("/accounts?authority=atlantis", admin), 404)


@pytest.mark.each_database
def test_a_person_is_found_by_a_part_of_the_name_in_any_case(api: Api, admin: str) -> None:
    made = api.post("/accounts", admin, json=account_body("edith", "reviewer") | {"name": "Élodie Édith ŞEN"})
    assert made.status_code == 201
    for part in ("élodie", "ÉDITH", "Élodie éd", "şen", "edith@EXAMPLE"):
        found = api.get("/accounts", admin, params={"q": part}).json()["items"]
        assert [one["email"] for one in found] == ["edith@example.org"], part


@pytest.mark.each_database
def test_a_repeated_creation_happens_once(api: Api, secretary: str) -> None:
    sent = {"json": account_body("omar", "reviewer"), "headers": {"Idempotency-Key": "once"}}
    first, again = (api.post("/accounts", secretary, **sent) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()


def admins(api: Api) -> int:
    with api.database.transaction(write=False) as session:
        active = col(Account.role) == "admin", col(Account.deactivated_at).is_(None)
        return session.execute(select(func.count()).select_from(Account).where(*active)).scalar_one()


def test_the_last_admin_stays(api: Api, admin: str) -> None:
    me = api.get("/me", admin).json()["id"]
    body = account_body("ada", "secretariat")
    for act in (
        lambda: api.put(f"/accounts/{me}", admin, version=1, json=body),
        lambda: api.post(f"/accounts/{me}/deactivate", admin, version=1),
        lambda: api.post(f"/accounts/{me}/deactivate", make_key(api.database, role="admin"), version=1),
    ):
        assert "last active admin" in check_problem(act(), 409)["detail"]
    other = create(api, admin, "ben", "admin").json()
    assert api.post(f"/accounts/{other['id']}/deactivate", admin, version=1).status_code == 200
    check_problem(api.put(f"/accounts/{me}", admin, version=1, json=body), 409)
    api.post(f"/accounts/{other['id']}/reactivate", admin, version=2)
    assert api.put(f"/accounts/{me}", admin, version=1, json=body).status_code == 200
    check_problem(api.get("/me", admin), 401)
    assert admins(api) == 1


def alone(api: Api, *ids: str) -> None:
    """Leave no other account active."""
    with api.database.transaction() as session:
        for other in session.scalars(select(Account).where(col(Account.id).not_in([UUID(id) for id in ids]))):
            other.deactivated_at = now()
            session.add(other)


@pytest.mark.each_database
@pytest.mark.parametrize("each", ["removes the other", "goes"])
@pytest.mark.parametrize("how", ["deactivate", "demote", "mixed"])
def test_of_admins_who_go_at_once_one_stays(api: Api, how: str, each: str) -> None:
    def go(admin: tuple[str, str, str], act: str) -> int:
        id, name, token = admin
        if act == "deactivate":
            return api.post(f"/accounts/{id}/deactivate", token, version=1).status_code
        body = account_body(name, "secretariat")
        return api.put(f"/accounts/{id}", token, version=1, json=body).status_code

    acts = {"mixed": ["deactivate", "demote"]}.get(how, [how] * 2)
    for round in range(5):
        names = [f"a{round}{number}" for number in range(2)]
        tokens = [person(api, name, "admin") for name in names]
        ids = [api.get("/me", token).json()["id"] for token in tokens]
        alone(api, *ids)
        by = tokens if each == "goes" else tokens[::-1]
        with ThreadPoolExecutor(2) as pool:
            statuses = sorted(pool.map(go, zip(ids, names, by, strict=True), acts))
        assert statuses[0] == 200
        assert statuses[1] in (401, 403, 409), statuses
        assert admins(api) == 1


def test_rights_lost_while_a_request_waits_are_lost(api: Api, admin: str) -> None:
    """A request that came in with an admin's rights finds them gone when its turn comes."""
    with api.database.transaction(write=False) as session:
        caller = access.authenticate(session, admin)
    with api.database.transaction() as session:
        session.get_one(Account, UUID(caller.id)).role = "reviewer"
    person = Person("new@example.org", "New", "admin", organisation="The network")
    with pytest.raises(Unauthorized), api.database.transaction() as session:
        accounts.create(session, caller, person)


@settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from([*ROLES, "off", "on"])), max_size=12))
def test_whatever_admins_do_one_stays_and_nobody_rises_alone(api: Api, steps: list[tuple[int, int, str]]) -> None:
    ids = [make_person(api.database, f"{uuid4()}@example.org", "admin") for _ in range(3)]
    alone(api, *ids)
    for by, of, what in steps:
        with api.database.transaction(write=False) as session:
            caller, target = (session.get_one(Account, UUID(ids[number])) for number in (by, of))
        if caller.deactivated_at is not None:
            continue
        token, path, role = session_of(api.database, caller.email), f"/accounts/{ids[of]}", target.role
        if what in ("off", "on"):
            act = "deactivate" if what == "off" else "reactivate"
            answer = api.post(f"{path}/{act}", token, version=target.version)
        else:
            role = what
            body = {"email": target.email, "name": "X", "role": role, "authority": "alba"}
            answer = api.put(path, token, version=target.version, json=body)
        assert answer.status_code in (200, 403, 409)
        manages = MANAGES[cast(access.Role, caller.role)]
        assert (answer.status_code == 403) == (not {role, target.role} <= set(manages))
        assert admins(api) >= 1


def test_the_trail_tells_who_did_what(api: Api, admin: str, template: Template) -> None:
    me = api.get("/me", admin).json()["id"]
    made = create(api, admin, "omar", "reviewer").json()
    api.put(f"/accounts/{made['id']}", admin, version=1, json=account_body("omar", "secretariat"))
    api.post(f"/accounts/{made['id']}/deactivate", admin, version=2)
    api.post(f"/accounts/{made['id']}/reactivate", admin, version=3)
    api.post(f"/accounts/{made['id']}/reset", admin)
    check_problem(create(api, template.alba, "new", "officer", authority="alba"), 403)
    with api.database.transaction(write=False) as session:
        mine = select(AuditEvent).where(col(AuditEvent.target_id) == made["id"]).order_by(col(AuditEvent.at))
        events = session.scalars(mine).all()
        refused = session.scalars(select(AuditEvent).where(col(AuditEvent.action) == "refused")).all()
    acts = ["create", "update", "deactivate", "reactivate"]
    assert [(event.caller, event.action) for event in events] == [
        *((me, f"account.{act}") for act in acts),
        (me, "password.token"),
    ]
    assert events[1].detail["changed"] == ["role"]
    assert [event.target_id for event in refused] == ["/api/v1/accounts"]


def test_callers_have_names(api: Api, template: Template, admin: str) -> None:
    me, key = api.get("/me", admin).json()["id"], template.alba.split("_")[1]
    with api.database.transaction(write=False) as session:
        found = access.names(session, [me, key, "operator", "nobody", "gone", "x" * 36])
    assert found == {
        me: "Ada",
        key: "officer alba",
        "operator": "command line",
        "nobody": "somebody unknown",
        "gone": "gone",
        "x" * 36: "x" * 36,
    }
