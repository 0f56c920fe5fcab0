"""Letters that bring tokens to whom they belong: never waited for, never logged, and without a secret at rest."""

import re
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from services.api.access.models import OneTimeToken
from tests.harness.letters import all_handled, outbox, pass_by, with_mail
from tests.harness.people import ANA, PASSWORD, account_body, actions, logging, make_person, person, sign_in
from tests.harness.smtp import Inbox, serving_mail, text_of
from tests.harness.support import Api, Template, check_problem, running
from tests.harness.waiting import SOON, until

AWAY = "nobody@example.org"


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def server(inbox: Inbox) -> Iterator[str]:
    with serving_mail(inbox) as server:
        yield server


@pytest.fixture
def api(template: Template, tmp_path: Path, server: str) -> Iterator[Api]:
    with running(with_mail(template, tmp_path, server)) as api:
        yield api


def token_in(letter: EmailMessage, page: str) -> str:
    (found,) = re.findall(rf"https://praxis.example.org{page}\?token=(\S+)", text_of(letter))
    return unquote(found)


def test_a_reset_comes_by_letter(api: Api, ana: str, inbox: Inbox) -> None:
    answer = api.post("/password-resets", json={"email": "ANA@example.org"})
    assert (answer.status_code, answer.json()) == (202, {"delivery": "e-mail"})
    assert api.get("/sign-in").json()["delivery"] == "e-mail"
    until(lambda: len(inbox.letters) == 1)
    (letter,) = inbox.letters
    assert (letter["to"], letter["from"]) == (ANA, "Praxis <praxis@example.org>")
    assert "new password" in letter["subject"]
    assert "(1 h)" in text_of(letter)
    assert letter["list-unsubscribe"] is None, "what somebody asked for is not stopped"
    new = "another good pass phrase"
    token = token_in(letter, "/password/reset")
    redeemed = api.post("/password-resets/redeem", json={"token": token, "password": new})
    assert redeemed.status_code == 204
    assert sign_in(api, password=new).status_code == 201
    assert (ana, "password.request", ana) in actions(api)


def test_an_invitation_comes_by_letter_once_and_in_their_language(api: Api, inbox: Inbox) -> None:
    secretary = person(api, "sara", "secretariat")
    sent = {"json": account_body("omar", "reviewer", language="fr"), "headers": {"Idempotency-Key": "once"}}
    made = [api.post("/accounts", secretary, **sent) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    until(lambda: len(inbox.letters) == 1)
    (letter,) = inbox.letters
    assert letter["to"] == "omar@example.org"
    assert letter["subject"] == "Praxis : votre compte"
    assert "(7 d)" in text_of(letter)
    token = token_in(letter, "/invitation")
    assert token not in made[0].text
    redeemed = api.post("/password-resets/redeem", json={"token": token, "password": PASSWORD})
    assert redeemed.status_code == 204
    assert sign_in(api, "omar@example.org").status_code == 201
    all_handled(api.database)
    assert len(inbox.letters) == 1


def test_an_account_that_was_not_made_is_not_invited(api: Api) -> None:
    secretary = person(api, "sara", "secretariat")
    check_problem(api.post("/accounts", secretary, json=account_body("sara", "reviewer")), 409)
    check_problem(api.post("/accounts", secretary, json=account_body("omar", "admin")), 403)
    assert not outbox(api.database)


def test_letters_go_to_active_accounts_and_are_few(api: Api, ana: str, inbox: Inbox) -> None:
    for email in [AWAY, *[ANA] * 5]:
        assert api.post("/password-resets", json={"email": email}).json() == {"delivery": "e-mail"}
    all_handled(api.database)
    assert [letter["to"] for letter in inbox.letters] == [ANA] * 3
    admin = person(api, "ada", "admin")
    assert api.post(f"/accounts/{ana}/deactivate", admin, version=1).status_code == 200
    api.post("/password-resets", json={"email": ANA})
    all_handled(api.database)
    assert len(inbox.letters) == 3
    with api.database.transaction(write=False) as session:
        assert not session.scalars(select(OneTimeToken)).all(), "and none is left of who may call no more"


def test_of_who_has_no_account_nothing_is_kept(api: Api, inbox: Inbox) -> None:
    api.post("/password-resets", json={"email": AWAY})
    all_handled(api.database)
    (letter,) = outbox(api.database)
    assert (letter.state, letter.to, letter.data) == ("dropped", "", {})
    assert not inbox.letters


def test_no_secret_is_at_rest(template: Template, tmp_path: Path, inbox: Inbox) -> None:
    inbox.refuse = "451 later"
    with serving_mail(inbox) as server, running(with_mail(template, tmp_path, server)) as api:
        make_person(api.database, ANA, "reviewer", password=PASSWORD)
        api.post("/password-resets", json={"email": ANA})
        until(lambda: [one.last_code for one in outbox(api.database)] == ["451"])
        assert "praxis_r_" not in repr(outbox(api.database))
        inbox.refuse = None
        pass_by(api, 600)
        until(lambda: len(inbox.letters) == 1)
        assert token_in(inbox.letters[0], "/password/reset").startswith("praxis_r_")


def test_who_asked_long_ago_is_not_answered(template: Template, tmp_path: Path, inbox: Inbox) -> None:
    inbox.refuse = "451 later"
    with serving_mail(inbox) as server, running(with_mail(template, tmp_path, server)) as api:
        make_person(api.database, ANA, "reviewer", password=PASSWORD)
        api.post("/password-resets", json={"email": ANA})
        until(lambda: [one.last_code for one in outbox(api.database)] == ["451"])
        inbox.refuse = None
        pass_by(api, 2 * 3600)
        all_handled(api.database)
        assert not inbox.letters


def test_asking_takes_as_long_for_anybody(api: Api, ana: str, inbox: Inbox) -> None:
    """The server takes its time; nobody who asks can tell by theirs."""

    def seconds(email: str) -> float:
        started = time.perf_counter()
        answer = api.post("/password-resets", json={"email": email})
        assert (answer.status_code, answer.json()) == (202, {"delivery": "e-mail"})
        return time.perf_counter() - started

    seconds(AWAY)
    both = [(seconds(ANA), seconds(AWAY)) for _ in range(7)]
    known, unknown = map(min, zip(*both, strict=True))  # the least: a busy machine only adds
    assert known < 10 * unknown
    assert unknown < 10 * known


def test_a_letter_that_cannot_be_sent_is_logged_without_what_it_says(
    template: Template, tmp_path: Path, inbox: Inbox, capsys: pytest.CaptureFixture[str]
) -> None:
    inbox.refuse = "554 not this one"
    with serving_mail(inbox) as server, logging(), running(with_mail(template, tmp_path, server)) as api:
        make_person(api.database, ANA, "reviewer", password=PASSWORD)
        assert api.post("/password-resets", json={"email": ANA}).status_code == 202
        all_handled(api.database)
        logged = ""

        def told() -> bool:
            nonlocal logged
            logged += capsys.readouterr().err
            return "letter bounced" in logged

        until(told)
        assert "praxis_r_" not in logged
        assert ANA not in logged


def test_the_end_of_the_process_waits_for_no_letter(template: Template, tmp_path: Path, inbox: Inbox) -> None:
    with serving_mail(inbox) as server:
        inbox.holds = "letter"
        with running(with_mail(template, tmp_path, server, smtp_timeout=60)) as api:
            make_person(api.database, ANA, "reviewer", password=PASSWORD)
            api.post("/password-resets", json={"email": ANA})
            assert inbox.held.wait(SOON)
            started = time.monotonic()
        assert time.monotonic() - started < SOON
