"""Sign-in at an issuer, a real one on this machine: who comes back good is let in, and nobody else."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import select
from sqlmodel import SQLModel

from services.api.access.models import Account, AccountIdentity, OneTimeToken, SignInBegun
from services.api.access.service import hashed
from services.api.kit.moments import now
from tests.harness.oidc import CLIENT_ID, CLIENT_SECRET, Browser, Issuer, query_of, serving_issuer
from tests.harness.people import actions, logging, make_person, person, session_of, shift
from tests.harness.ports import free_port
from tests.harness.support import Api, Template, check_problem, running
from tests.harness.waiting import SOON

PAGE = "http://127.0.0.1/portal/signed-in?from=praxis"


@pytest.fixture(scope="module")
def server() -> Iterator[Issuer]:
    with serving_issuer() as issuer:
        yield issuer


@pytest.fixture
def issuer(server: Issuer) -> Issuer:
    """The issuer as it is without changes."""
    fresh = Issuer(0)
    for name in ("signing", "header", "claims", "person", "userinfo", "metadata", "asked", "codes"):
        setattr(server, name, getattr(fresh, name))
    return server


def options(issuer: Issuer, **more: Any) -> dict[str, Any]:
    return {
        "oidc_issuer": issuer.url,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
        "public_url": "http://127.0.0.1",
        "return_to": (PAGE,),
    } | more


@pytest.fixture
def api(issuer: Issuer, template: Template, tmp_path: Path) -> Iterator[Api]:
    with running(template.copy(tmp_path).model_copy(update=options(issuer))) as api:
        yield api


@pytest.fixture
def browser(api: Api, ana: str) -> Browser:
    return Browser(api)


def test_a_person_signs_in_at_an_issuer(api: Api, browser: Browser, ana: str, issuer: Issuer) -> None:
    assert api.get("/sign-in").json() == {"password": True, "oidc": True, "delivery": "secretariat"}
    opened = browser.sign_in()
    assert opened.status_code == 200, opened.text
    assert opened.headers["cache-control"] == "no-store"
    assert api.get("/me", opened.json()["token"]).json()["id"] == ana
    assert browser.cookies == {}, "the cookie is gone"
    issuer.person = {"sub": "s-1"}  # who is known by the subject needs no e-mail
    assert browser.sign_in().json()["account"] == ana
    done = [action for _, action, _ in actions(api)]
    assert done.count("account.link") == 1
    assert done.count("session.open") == 2


def test_the_cookie_is_for_the_way_back_only(browser: Browser) -> None:
    answer = browser.begin()
    assert answer.headers["cache-control"] == "no-store"
    attributes = {part.strip().lower() for part in browser.set_cookie.split(";")[1:]}
    assert attributes == {"httponly", "samesite=lax", "path=/", "max-age=600"}
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["redirect_uri"] == ["http://127.0.0.1/api/v1/sign-in/oidc/callback"]
    assert asked["code_challenge_method"] == ["S256"]


def test_over_https_no_other_host_can_set_the_cookie(issuer: Issuer, template: Template, tmp_path: Path) -> None:
    settings = template.copy(tmp_path).model_copy(update=options(issuer, public_url="https://praxis.example.org/"))
    with running(settings) as api:
        browser = Browser(api)
        location = browser.begin().headers["location"]
    assert browser.set_cookie.startswith("__Host-praxis-sign-in=")
    assert "secure" in browser.set_cookie.lower()
    asked = parse_qs(urlsplit(location).query)
    assert asked["redirect_uri"] == ["https://praxis.example.org/api/v1/sign-in/oidc/callback"]


def test_a_page_is_returned_to_with_a_code(api: Api, browser: Browser, ana: str) -> None:
    back = browser.sign_in(f"?return_to={PAGE}")
    assert back.status_code == 302
    assert back.headers["location"].startswith(f"{PAGE}&code=praxis_c_")
    assert back.headers["referrer-policy"] == "no-referrer"
    code = query_of(back)["code"]
    opened = api.post("/sessions", json={"code": code})
    assert opened.status_code == 201, opened.text
    assert api.get("/me", opened.json()["token"]).json()["id"] == ana
    check_problem(api.post("/sessions", json={"code": code}), 422)


def test_a_code_goes_with_its_verifier(api: Api, browser: Browser) -> None:
    query = f"?return_to={PAGE}&challenge={hashed('the verifier')}"
    for verifier in ({}, {"verifier": "another"}):
        code = query_of(browser.sign_in(query))["code"]
        check_problem(api.post("/sessions", json={"code": code, **verifier}), 422)
    code = query_of(browser.sign_in(query))["code"]
    assert api.post("/sessions", json={"code": code, "verifier": "the verifier"}).status_code == 201


def test_a_code_is_good_for_a_minute(api: Api, browser: Browser) -> None:
    code = query_of(browser.sign_in(f"?return_to={PAGE}"))["code"]
    shift(api, OneTimeToken, 61, "expires_at")
    check_problem(api.post("/sessions", json={"code": code}), 422)
    reset = {"token": code, "password": "another good pass phrase"}
    check_problem(api.post("/password-resets/redeem", json=reset), 422)


@pytest.mark.parametrize(
    "page",
    [
        "https://evil.example",
        "//evil.example",
        f"{PAGE}.evil.example",
        f"{PAGE}&x=1",
        "http://127.0.0.1",
        "/",
        "javascript:1",
    ],
)
def test_other_pages_are_not_returned_to(browser: Browser, page: str) -> None:
    answer = browser.api.get("/sign-in/oidc", params={"return_to": page})
    assert check_problem(answer, 422)["errors"][0]["field"] == "return_to"
    assert "set-cookie" not in answer.headers


def other_key(issuer: Issuer) -> None:
    issuer.signing = RSAKey.generate_key(2048, {"kid": "first"})


def shared_secret(issuer: Issuer) -> None:
    issuer.signing = OctKey.import_key(CLIENT_SECRET)  # type: ignore[assignment]
    issuer.header = {"alg": "HS256"}


def said(**claims: Any) -> Callable[[Issuer], None]:
    def change(issuer: Issuer) -> None:
        issuer.claims = claims

    return change


BAD: dict[str, Callable[[Issuer], None]] = {
    "wrong signature": other_key,
    "signed with the shared secret": shared_secret,
    "unknown key": lambda issuer: issuer.header.update(kid="other"),
    "expired": said(exp=int(time.time()) - 120),
    "no expiry": said(exp=None),
    "issued in the future": said(iat=int(time.time()) + 3600),
    "wrong audience": said(aud="another client"),
    "one of many audiences": said(aud=[CLIENT_ID, "another client"]),
    "for another party": said(azp="another client"),
    "no audience": said(aud=None),
    "wrong issuer": said(iss="https://evil.example"),
    "wrong nonce": said(nonce="another"),
    "no nonce": said(nonce=None),
    "no subject": said(sub=None),
    "empty subject": said(sub=""),
    "endless subject": said(sub="x" * 256),
    "wrong access token": said(at_hash="AAAA"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_token_that_is_not_good_lets_nobody_in(browser: Browser, issuer: Issuer, fault: str) -> None:
    BAD[fault](issuer)
    problem = check_problem(browser.sign_in(), 400)
    assert "not good" in problem["detail"]
    assert query_of(browser.sign_in(f"?return_to={PAGE}")) == {"from": "praxis", "error": "refused"}
    assert ("nobody", "sign-in.refused", "unknown") in actions(browser.api)


def test_without_a_signature_nobody_gets_in(browser: Browser, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuer, "id_token", lambda nonce: "eyJhbGciOiJub25lIn0.eyJzdWIiOiJzLTEifQ.")
    check_problem(browser.sign_in(), 400)


def test_who_comes_back_must_have_gone(api: Api, browser: Browser) -> None:
    """A wrong state, no cookie or another browser's, and coming back twice or too late are refused alike."""
    back = browser.visit(browser.begin().headers["location"])
    own = dict(browser.cookies)
    (name,) = own
    browser.cookies = {}
    check_problem(browser.come_back(back), 400)
    other = Browser(api)
    other.begin()
    check_problem(other.come_back(back), 400)
    browser.cookies = own
    wrong = back.replace("state=", "state=x")
    check_problem(browser.come_back(wrong), 400)
    browser.cookies = own
    assert browser.come_back(back).status_code == 200, "nobody else could end it"
    browser.cookies = own
    check_problem(browser.come_back(back), 400)
    late = browser.visit(browser.begin().headers["location"])
    shift(api, SignInBegun, 601, "expires_at")
    check_problem(browser.come_back(late), 400)
    assert name == "praxis-sign-in"


def test_a_code_of_the_issuer_works_once(browser: Browser, issuer: Issuer) -> None:
    used = browser.visit(browser.begin().headers["location"])
    code = parse_qs(urlsplit(used).query)["code"][0]
    assert browser.come_back(used).status_code == 200
    fresh = browser.visit(browser.begin().headers["location"])
    again = fresh.replace(parse_qs(urlsplit(fresh).query)["code"][0], code)
    check_problem(browser.come_back(again), 400)


def test_a_code_begun_elsewhere_is_of_no_use(api: Api, browser: Browser) -> None:
    """A code that was got in another browser does not fit this one's verifier and nonce."""
    stolen = browser.visit(browser.begin().headers["location"])
    thief = Browser(api)
    own = thief.visit(thief.begin().headers["location"])
    code = {name: parse_qs(urlsplit(path).query)["code"][0] for name, path in (("stolen", stolen), ("own", own))}
    check_problem(thief.come_back(own.replace(code["own"], code["stolen"])), 400)


def test_who_turns_back_is_told_so(browser: Browser) -> None:
    for query, check in (
        ("", lambda answer: check_problem(answer, 400)),
        (f"?return_to={PAGE}", lambda answer: query_of(answer)["error"] == "cancelled" or pytest.fail(answer.text)),
    ):
        state = parse_qs(urlsplit(browser.begin(query).headers["location"]).query)["state"][0]
        check(browser.come_back(f"/api/v1/sign-in/oidc/callback?error=access_denied&state={state}&more=1"))
    state = parse_qs(urlsplit(browser.begin().headers["location"]).query)["state"][0]
    mixed = f"/api/v1/sign-in/oidc/callback?code=x&state={state}&iss=https://evil.example"
    check_problem(browser.come_back(mixed), 400)


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ({"email_verified": False}, "unverified_email"),
        ({"email_verified": "yes"}, "unverified_email"),
        ({"email_verified": None}, "unverified_email"),
        ({"email": "nobody@example.org"}, "no_account"),
        ({"email": "not an e-mail"}, "no_account"),
        ({"email": 7}, "unverified_email"),
    ],
)
def test_who_has_no_account_gets_none(browser: Browser, issuer: Issuer, who: dict[str, Any], error: str) -> None:
    issuer.claims = who
    assert query_of(browser.sign_in(f"?return_to={PAGE}"))["error"] == error
    check_problem(browser.sign_in(), 403)
    with browser.api.database.transaction(write=False) as session:
        assert len(session.scalars(select(Account)).all()) == 1
        assert not session.scalars(select(AccountIdentity)).all()


def test_the_email_may_come_by_userinfo(browser: Browser, issuer: Issuer, ana: str) -> None:
    issuer.claims = {"email": None, "email_verified": None}
    issuer.userinfo = {"sub": "another", "email": "ana@example.org", "email_verified": True}
    check_problem(browser.sign_in(), 403)
    issuer.userinfo = {"sub": "s-1", "email": "ANA@Example.org", "email_verified": True}
    assert browser.sign_in().json()["account"] == ana


def test_a_deactivated_account_stays_shut(api: Api, browser: Browser, ana: str) -> None:
    def set_active(at: Any) -> None:
        with api.database.transaction() as session:
            session.get_one(Account, UUID(ana)).deactivated_at = at

    set_active(now())
    check_problem(browser.sign_in(), 403)
    set_active(None)
    code = query_of(browser.sign_in(f"?return_to={PAGE}"))["code"]
    set_active(now())
    check_problem(browser.sign_in(), 403)
    check_problem(api.post("/sessions", json={"code": code}), 422)


def test_an_email_given_to_another_person_does_not_open_the_account(browser: Browser, issuer: Issuer, ana: str) -> None:
    assert browser.sign_in().json()["account"] == ana
    issuer.person = {"sub": "s-2", "email": "ana@example.org", "email_verified": True}
    check_problem(browser.sign_in(), 403)


def test_an_account_of_another_email_is_linked_anew(api: Api, browser: Browser, issuer: Issuer, ana: str) -> None:
    assert browser.sign_in().status_code == 200
    admin = person(api, "ada", "admin")
    body = {"email": "new@example.org", "name": "New", "role": "reviewer", "authority": "alba"}
    assert api.put(f"/accounts/{ana}", admin, version=1, json=body).status_code == 200
    check_problem(browser.sign_in(), 403)
    issuer.person = {"sub": "s-9", "email": "new@example.org", "email_verified": True}
    assert browser.sign_in().json()["account"] == ana


def test_changed_keys_are_asked_for_again(browser: Browser, issuer: Issuer, api: Api) -> None:
    assert browser.sign_in().status_code == 200
    assert browser.sign_in().status_code == 200
    assert issuer.asked.count("discovery") == issuer.asked.count("keys") == 1
    former, issuer.key = issuer.key, RSAKey.generate_key(2048, {"kid": "second", "use": "sig"})
    issuer.header = {"kid": "second"}
    try:
        check_problem(browser.sign_in(), 400)
        api.app.state.elsewhere.issuer._keys_at -= 61
        assert browser.sign_in().status_code == 200
    finally:
        issuer.key = former


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "ftp://evil.example"},
    ],
)
def test_an_issuer_that_is_not_itself_is_not_used(browser: Browser, issuer: Issuer, metadata: dict[str, Any]) -> None:
    issuer.metadata = metadata
    answer = browser.begin()
    check_problem(answer, 503)
    assert int(answer.headers["retry-after"]) > 0


def test_an_issuer_that_is_gone_is_waited_for_no_longer(template: Template, tmp_path: Path, issuer: Issuer) -> None:
    settings = template.copy(tmp_path).model_copy(
        update=options(issuer, oidc_issuer=f"http://127.0.0.1:{free_port()}", oidc_timeout=0.5)
    )
    with running(settings) as api:
        started = time.monotonic()
        check_problem(api.get("/sign-in/oidc"), 503)
        assert time.monotonic() - started < SOON


def test_where_there_is_no_issuer_there_is_no_sign_in(template: Template, tmp_path: Path) -> None:
    with running(template.copy(tmp_path)) as plain:
        assert plain.get("/sign-in").json() == {"password": True, "oidc": False, "delivery": "secretariat"}
        check_problem(plain.get("/sign-in/oidc"), 404)
        check_problem(plain.get("/sign-in/oidc/callback?state=x&code=y"), 404)


def test_nothing_secret_of_a_sign_in_is_kept(
    api: Api, browser: Browser, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def held(*secrets: str) -> None:
        with api.database.transaction(write=False) as session:
            rows = str([list(session.execute(table.select())) for table in SQLModel.metadata.sorted_tables])
        stored = [rows.encode(), *(file.read_bytes() for file in tmp_path.glob("praxis.db*"))]
        for one in secrets:
            assert not any(one.encode() in part for part in stored), one

    with logging():
        begun = browser.begin(f"?return_to={PAGE}")
        asked = {name: value for name, (value,) in parse_qs(urlsplit(begun.headers["location"]).query).items()}
        (secret,) = browser.cookies.values()

        held(asked["state"], asked["nonce"], secret)
        back = browser.come_back(browser.visit(begun.headers["location"]))
        code = query_of(back)["code"]
        held(code, code.split("_", 2)[2])
        again = parse_qs(urlsplit(browser.begin().headers["location"]).query)["state"][0]
        check_problem(browser.come_back(f"/api/v1/sign-in/oidc/callback?code=a-code-of-mine&state={again}"), 400)
    said = capsys.readouterr().err
    assert "sign-in refused" in said
    for one in (asked["state"], again, asked["nonce"], secret, code, CLIENT_SECRET, "a-code-of-mine"):
        assert one not in said


def test_beginnings_are_limited_and_go(issuer: Issuer, template: Template, tmp_path: Path) -> None:
    settings = template.copy(tmp_path).model_copy(update=options(issuer, refusals_per_minute=3))
    with running(settings) as api:
        statuses = [api.get("/sign-in/oidc").status_code for _ in range(4)]
        assert statuses == [302, 302, 302, 429]
        shift(api, SignInBegun, 601, "expires_at")
        make_person(api.database, "bo@example.org", "reviewer")
        session_of(api.database, "bo@example.org")
        with api.database.transaction(write=False) as session:
            assert not session.scalars(select(SignInBegun)).all()
