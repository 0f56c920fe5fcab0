"""Passwords: guessed by nobody, hashed a few at once, set by tokens that work once, and nowhere kept in plain."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from statistics import median
from uuid import UUID

import httpx
import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlmodel import SQLModel

from services.api.access import lockout, passwords
from services.api.access.models import Account, OneTimeToken, SignInFailures
from services.api.access.rules import Rules
from services.api.kit.moments import now
from services.web.problems import Invalid
from tests.harness.people import ANA, PASSWORD, actions, logging, make_person, person, session_of, shift, sign_in
from tests.harness.support import Api, Template, check_problem, running


def test_refusals_do_not_tell_what_is_wrong(api: Api, ana: str) -> None:
    make_person(api.database, "invited@example.org", "reviewer")
    gone = make_person(api.database, "gone@example.org", "reviewer", password=PASSWORD)
    with api.database.transaction() as session:
        session.get_one(Account, UUID(gone)).deactivated_at = now()
    answers = [
        sign_in(api, password="wrong"),
        sign_in(api, "nobody@example.org"),
        sign_in(api, "invited@example.org"),
        sign_in(api, "gone@example.org"),
    ]
    bodies = [check_problem(answer, 401) | {"request_id": ""} for answer in answers]
    assert all(body == bodies[0] for body in bodies)


def test_a_wrong_password_and_an_unknown_email_take_as_long(api: Api, ana: str) -> None:
    """Loosely: hashing takes most of the time, and happens in each case."""
    emails = [
        make_person(api.database, f"p{n}@example.org", "reviewer", password=PASSWORD) and f"p{n}@example.org"
        for n in range(8)
    ]

    def seconds(email: str) -> float:
        started = time.perf_counter()
        check_problem(sign_in(api, email, "wrong password"), 401)
        return time.perf_counter() - started

    seconds("warm@example.org")
    known, unknown = [], []
    for number, email in enumerate(emails):
        known.append(seconds(email))
        unknown.append(seconds(f"u{number}@example.org"))
    assert 0.5 < median(known) / median(unknown) < 2


@pytest.mark.parametrize("email", [ANA, "nobody@example.org"])
def test_wrong_passwords_lock_an_email_for_longer_each_time(api: Api, ana: str, email: str) -> None:
    first, longest = 60, 3600
    for _ in range(4):
        check_problem(sign_in(api, email, "wrong"), 401)
    waits = []
    for _ in range(9):
        check_problem(sign_in(api, email, "wrong"), 401)
        locked = sign_in(api, email)
        check_problem(locked, 429)
        waits.append(int(locked.headers["retry-after"]))
        shift(api, SignInFailures, waits[-1], "locked_until")
    expected = [min(first * 2**n, longest) for n in range(9)]
    assert all(wait - 5 <= got <= wait + 1 for got, wait in zip(waits, expected, strict=True)), waits
    target = ana if email == ANA else "unknown"
    assert ("nobody", "sign-in.locked", target) in actions(api)
    assert ("nobody", "sign-in.refused", target) in actions(api)
    if email == ANA:
        assert sign_in(api).status_code == 201
        check_problem(sign_in(api, email, "wrong"), 401)
        assert sign_in(api).status_code == 201, "it counts anew"


def test_many_guesses_at_once_are_no_more_than_one_after_another(api: Api, ana: str) -> None:
    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(lambda n: sign_in(api, password=f"guess {n}").status_code, range(20)))
    assert sorted(statuses) == [401] * 5 + [429] * 15
    check_problem(sign_in(api), 429)


def test_wrong_attempts_are_limited_by_address(template: Template, tmp_path: Path) -> None:
    strict = template.copy(tmp_path).model_copy(update={"refusals_per_minute": 3})
    with running(strict) as api:
        make_person(api.database, ANA, "reviewer", password=PASSWORD)
        statuses = [sign_in(api, f"x{n}@example.org", "wrong").status_code for n in range(5)]
        assert statuses == [401, 401, 401, 429, 429]
        check_problem(sign_in(api), 429)
        redeem = {"token": "praxis_r_x", "password": PASSWORD}
        assert [api.post("/password-resets/redeem", json=redeem).status_code for _ in range(5)] == [422] * 3 + [429] * 2
        assert [api.post("/password-resets", json={"email": ANA}).status_code for _ in range(4)] == [202] * 3 + [429]


@given(st.lists(st.floats(0, 10_000), max_size=40), st.integers(1, 8))
def test_lock_out_grows_and_ends(pauses: list[float], most: int) -> None:
    """By the clock alone: fewer wrong ones lock nothing, each further one locks no shorter, and no lock is for ever."""
    rules = Rules(wrong_passwords=most)
    waits = [lockout.lock_of(count, rules).total_seconds() for count in range(1, len(pauses) + most + 1)]
    assert all(wait == 0 for wait in waits[: most - 1])
    assert waits[most - 1] == 60
    assert waits == sorted(waits)
    assert max(waits) <= 3600


@pytest.mark.parametrize(
    "steps", [[0.5] * 12, [30.0] * 12, [61.0] * 12, [4000.0] * 12, [90_000.0] * 12, [1, 70, 200, 1]]
)
def test_lock_out_by_the_clock(api: Api, steps: list[float]) -> None:
    rules, moment, count, until = Rules(), now(), 0, now()
    last = moment
    for step in steps:
        moment += timedelta(seconds=step)
        with api.database.transaction() as session:
            locked, locks = lockout.attempt(session, "x@example.org", rules, moment)
        if until > moment:
            assert locked == until - moment
            assert not locks
            continue
        count = 1 if moment - last >= lockout.FORGOTTEN else count + 1
        last = moment
        assert (locked, locks) == (timedelta(), count >= 5)
        until = moment + timedelta(seconds=min(60 * 2 ** (count - 5), 3600)) if locks else moment


def test_another_password_ends_all_sessions(api: Api, ana: str) -> None:
    tokens = [session_of(api.database, ANA) for _ in range(3)]
    change = {"present_password": PASSWORD, "password": "another good pass phrase"}
    wrong = api.put("/me/password", tokens[0], json=change | {"present_password": "wrong"})
    assert check_problem(wrong, 422)["errors"][0]["field"] == "present_password"
    changed = api.put("/me/password", tokens[0], json=change)
    assert changed.status_code == 200, changed.text
    for token in tokens:
        check_problem(api.get("/me", token), 401)
    assert api.get("/me", changed.json()["token"]).status_code == 200
    check_problem(sign_in(api), 401)
    assert sign_in(api, password="another good pass phrase").status_code == 201
    assert (ana, "password.change", ana) in actions(api)


def test_guessing_the_present_password_locks_too(api: Api, ana: str) -> None:
    token = session_of(api.database, ANA)
    change = {"present_password": "wrong", "password": "another good pass phrase"}
    statuses = [api.put("/me/password", token, json=change).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    check_problem(sign_in(api), 429)


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "12 to 200"),
        ("x" * 201, "12 to 200"),
        ("ana@EXAMPLE.org", "the e-mail"),
        ("Ana Alba-Ruiz", "the name"),
        ("analbaruizANA ALBA RUIZ"[10:], "the name"),
        ("aaaabbbbcccc", "different characters"),
    ],
)
def test_poor_passwords_are_refused(password: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        passwords.check(password, ANA, "Ana Alba Ruiz")


@pytest.mark.parametrize(
    "password", ["twelve chars", "x1" * 50 + "yzw" * 33, "пароль из двенадцати", "🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧"]
)
def test_good_passwords_are_taken(password: str) -> None:
    passwords.check(password, ANA, "Ana")
    kept = passwords.hash_of(password)
    assert kept.startswith("$argon2id$")
    assert passwords.verify(kept, password)
    assert not passwords.verify(kept, password + " ")
    assert not passwords.verify(None, password)
    assert not passwords.verify("damaged", password)


def test_a_password_hashed_otherwise_is_hashed_anew(api: Api, ana: str) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)
    with api.database.transaction() as session:
        session.execute(update(Account).values(password_hash=old))
    assert sign_in(api).status_code == 201
    with api.database.transaction(write=False) as session:
        kept = session.get_one(Account, UUID(ana)).password_hash
    assert kept is not None
    assert not passwords.outdated(kept)
    assert sign_in(api).status_code == 201


def test_hashing_is_bounded(template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many who sign in at once few are hashed at a time, few wait, and the others are told to come again."""
    running_now, most = 0, 0
    verify = passwords.verify

    def watched(kept: str | None, password: str) -> bool:
        nonlocal running_now, most
        running_now += 1
        most = max(most, running_now)
        time.sleep(0.05)
        try:
            return verify(kept, password)
        finally:
            running_now -= 1

    monkeypatch.setattr(passwords, "verify", watched)
    bounds = {"hashes_at_once": 2, "hashes_waiting": 3}
    with running(template.copy(tmp_path).model_copy(update=bounds)) as api, ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(lambda n: sign_in(api, f"x{n}@example.org").status_code, range(12)))
        assert set(statuses) == {401, 503}
        assert most == 2
        assert api.get("/practices").status_code == 200
        with api.database.transaction(write=False) as session:
            counted = len(session.scalars(select(SignInFailures)).all())
        assert counted == statuses.count(401), "who was not looked at was not counted"


def token_for(api: Api, id: str) -> str:
    made = api.post(f"/accounts/{id}/reset", person(api, f"s{time.time_ns()}", "secretariat"))
    assert made.status_code == 201, made.text
    assert made.headers["cache-control"] == "no-store"
    token: str = made.json()["token"]
    return token


def redeem(api: Api, token: str, password: str = "another good pass phrase") -> httpx.Response:
    return api.post("/password-resets/redeem", json={"token": token, "password": password})


def test_a_token_sets_a_password_once(api: Api, ana: str) -> None:
    opened = session_of(api.database, ANA)
    for _ in range(5):
        check_problem(sign_in(api, password="wrong"), 401)
    first, token = token_for(api, ana), token_for(api, ana)
    assert check_problem(redeem(api, first), 422)["errors"][0]["field"] == "token", "the later one makes it void"
    problem = check_problem(redeem(api, token, "short"), 422)
    assert problem["errors"][0]["field"] == "password"
    check_problem(redeem(api, token, "ana-alba@example.org".replace("-alba", "")), 422)
    assert api.get("/me", opened).status_code == 200
    assert redeem(api, token).status_code == 204
    check_problem(api.get("/me", opened), 401)
    assert sign_in(api, password="another good pass phrase").status_code == 201, "and is locked no more"
    check_problem(redeem(api, token, "a third good pass phrase"), 422)


def test_of_two_who_redeem_at_once_one_does(api: Api, ana: str) -> None:
    token = token_for(api, ana)
    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(lambda n: redeem(api, token, f"good pass phrase {n}").status_code, range(4)))
    assert statuses == [204, 422, 422, 422]


def test_tokens_expire(api: Api, ana: str) -> None:
    token = token_for(api, ana)
    shift(api, OneTimeToken, 3599, "expires_at")
    with api.database.transaction(write=False) as session:
        assert session.scalars(select(OneTimeToken)).one().expires_at > now()
    shift(api, OneTimeToken, 2, "expires_at")
    check_problem(redeem(api, token), 422)
    new = make_person(api.database, "new@example.org", "reviewer")
    invitation = token_for(api, new)
    shift(api, OneTimeToken, 6 * 86400, "expires_at")
    assert redeem(api, invitation).status_code == 204
    assert sign_in(api, "new@example.org", "another good pass phrase").status_code == 201


def test_who_is_deactivated_is_let_in_by_nothing(api: Api, ana: str) -> None:
    secretary = person(api, "sara", "secretariat")
    token = token_for(api, ana)
    assert api.post(f"/accounts/{ana}/deactivate", secretary, version=1).status_code == 200
    check_problem(redeem(api, token), 422)
    check_problem(api.post(f"/accounts/{ana}/reset", secretary), 409)
    check_problem(sign_in(api), 401)


def test_without_a_server_for_letters_the_secretariat_is_asked(api: Api, ana: str) -> None:
    for email in (ANA, "nobody@example.org"):
        answer = api.post("/password-resets", json={"email": email})
        assert (answer.status_code, answer.json()) == (202, {"delivery": "secretariat"})


@pytest.mark.parametrize("json_lines", [True, False])
def test_nothing_secret_is_stored_or_logged(
    api: Api, ana: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, json_lines: bool
) -> None:
    """Of all that is shown once, or typed, neither the database's files nor the log hold anything."""
    admin = person(api, "ada", "admin")
    secrets = {admin, PASSWORD, "another good pass phrase", "a wrong pass phrase", "the last good pass phrase"}
    with logging(json_lines):
        token = sign_in(api).json()["token"]
        check_problem(sign_in(api, password="a wrong pass phrase"), 401)
        change = {"present_password": PASSWORD, "password": "another good pass phrase"}
        changed = api.put("/me/password", token, json=change).json()["token"]
        check_problem(api.get("/me", token), 401)
        reset = api.post(f"/accounts/{ana}/reset", admin, headers={"Idempotency-Key": "x"}).json()["token"]
        check_problem(redeem(api, reset, "ana"), 422)
        key = api.post("/keys", admin, json={"name": "portal", "role": "reviewer"}).json()["token"]
        assert redeem(api, reset, "the last good pass phrase").status_code == 204
        check_problem(redeem(api, reset, "the last good pass phrase"), 422)

        def crash(session: object) -> None:
            raise RuntimeError("the inner fault")

        api.database.before_commit.append(crash)
        check_problem(sign_in(api, password="the last good pass phrase"), 500)
        api.database.before_commit.remove(crash)
        answers = [
            api.post("/sessions", json={"email": ANA, "password": "the last good pass phrase" * 20}),
            api.post("/sessions", json={"email": ANA, "code": "the last good pass phrase"}),
            api.put("/me/password", admin, json=change | {"password": "the last good pass phrase" * 20}),
        ]
    for answer in answers:
        assert "pass phrase" not in answer.text
    secrets |= {token, changed, reset, key}
    logged = capsys.readouterr()
    assert "the inner fault" in logged.err
    with api.database.transaction(write=False) as session:
        rows = str([list(session.execute(table.select())) for table in SQLModel.metadata.sorted_tables])
    stored = [rows.encode(), *(file.read_bytes() for file in tmp_path.glob("praxis.db*"))]
    if api.database.engine.dialect.name == "sqlite":
        assert len(stored) > 1
    for secret in secrets:
        bare = secret.split("_", 2)[-1]
        assert bare not in logged.err + logged.out
        assert not any(bare.encode() in held for held in stored)
