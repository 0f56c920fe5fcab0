"""Letters over a real SMTP server: they bring tokens to whom they belong, are never waited for, and never logged."""

import re
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import unquote

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session
from sqlalchemy import select

from services.api.access.mail import Postman, Smtp
from services.api.access.models import OneTimeToken
from services.api.settings import Settings
from services.web.problems import Unavailable
from tests.harness.people import ANA, PASSWORD, account_body, actions, logging, make_person, person, sign_in
from tests.harness.ports import free_port
from tests.harness.support import Api, Template, check_problem, running
from tests.harness.waiting import SOON, until

LINK = "https://portal.example.org/password#token={token}"
AWAY = "nobody@example.org"


class Inbox:
    """What arrived at the server, which may refuse or take its time."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuse = False
        self.pause = 0.0

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        time.sleep(self.pause)  # noqa: ASYNC251 - the server is one of one client
        if self.refuse:
            return "554 not this one"
        content = envelope.content
        assert isinstance(content, bytes)
        letter = BytesParser(policy=default).parsebytes(content)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 taken"


@contextmanager
def serving_mail(inbox: Inbox, **more: Any) -> Iterator[str]:
    """Serve SMTP on a free port of this machine; return host and port."""
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port(), **more)
    controller.start()
    try:
        yield f"127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def all_handled(api: Api) -> None:
    """Wait until every letter that was asked for is sent, or is not going to be."""
    handled = threading.Event()
    api.app.state.desk.postman.post(handled.set)
    assert handled.wait(SOON)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def server(inbox: Inbox) -> Iterator[str]:
    with serving_mail(inbox) as server:
        yield server


def with_mail(template: Template, folder: Path, server: str, **more: Any) -> Settings:
    options = {"smtp_url": f"smtp://{server}", "mail_from": "Praxis <praxis@example.org>", "smtp_timeout": 2}
    return template.copy(folder).model_copy(update=options | more)


@pytest.fixture
def api(template: Template, tmp_path: Path, server: str) -> Iterator[Api]:
    with running(with_mail(template, tmp_path, server, reset_link=LINK)) as api:
        yield api


def token_in(letter: EmailMessage) -> str:
    (found,) = re.findall(r"https://portal.example.org/password#token=(\S+)", letter.get_content())
    return unquote(found)


def test_a_reset_comes_by_letter(api: Api, ana: str, inbox: Inbox) -> None:
    answer = api.post("/password-resets", json={"email": "ANA@example.org"})
    assert (answer.status_code, answer.json()) == (202, {"delivery": "e-mail"})
    assert api.get("/sign-in").json()["delivery"] == "e-mail"
    until(lambda: len(inbox.letters) == 1)
    (letter,) = inbox.letters
    assert (letter["to"], letter["from"]) == (ANA, "Praxis <praxis@example.org>")
    assert "contraseña" in letter["subject"]
    assert "(1 h)" in letter.get_content()
    new = "another good pass phrase"
    redeemed = api.post("/password-resets/redeem", json={"token": token_in(letter), "password": new})
    assert redeemed.status_code == 204
    assert sign_in(api, password=new).status_code == 201
    assert (ana, "password.request", ana) in actions(api)


def test_an_invitation_comes_by_letter_once(api: Api, inbox: Inbox) -> None:
    secretary = person(api, "sara", "secretariat")
    sent = {"json": account_body("omar", "reviewer"), "headers": {"Idempotency-Key": "once"}}
    made = [api.post("/accounts", secretary, **sent) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    until(lambda: len(inbox.letters) == 1)
    (letter,) = inbox.letters
    assert letter["to"] == "omar@example.org"
    assert "invitation" in letter["subject"]
    assert "(7 d)" in letter.get_content()
    token = token_in(letter)
    assert token not in made[0].text
    redeemed = api.post("/password-resets/redeem", json={"token": token, "password": PASSWORD})
    assert redeemed.status_code == 204
    assert sign_in(api, "omar@example.org").status_code == 201
    all_handled(api)
    assert len(inbox.letters) == 1


def test_an_account_that_was_not_made_is_not_invited(api: Api, inbox: Inbox) -> None:
    secretary = person(api, "sara", "secretariat")
    check_problem(api.post("/accounts", secretary, json=account_body("sara", "reviewer")), 409)
    check_problem(api.post("/accounts", secretary, json=account_body("omar", "admin")), 403)
    all_handled(api)
    assert not inbox.letters


def test_letters_go_to_active_accounts_and_are_few(api: Api, ana: str, inbox: Inbox) -> None:
    for email in [AWAY, *[ANA] * 5]:
        assert api.post("/password-resets", json={"email": email}).json() == {"delivery": "e-mail"}
    until(lambda: len(inbox.letters) == 3)
    admin = person(api, "ada", "admin")
    assert api.post(f"/accounts/{ana}/deactivate", admin, version=1).status_code == 200
    api.post("/password-resets", json={"email": ANA})
    all_handled(api)
    assert [letter["to"] for letter in inbox.letters] == [ANA] * 3
    with api.database.transaction(write=False) as session:
        assert not session.scalars(select(OneTimeToken)).all(), "and none is left of who may call no more"


def test_asking_takes_as_long_for_anybody(api: Api, ana: str, inbox: Inbox) -> None:
    """The server takes its time; nobody who asks can tell by theirs."""
    inbox.pause = 0.3

    def seconds(email: str) -> float:
        started = time.perf_counter()
        answer = api.post("/password-resets", json={"email": email})
        assert (answer.status_code, answer.json()) == (202, {"delivery": "e-mail"})
        return time.perf_counter() - started

    seconds(AWAY)
    known, unknown = ([seconds(email) for _ in range(3)] for email in (ANA, AWAY))
    assert max(known + unknown) < 0.3
    assert median(known) < 10 * median(unknown)


@pytest.mark.parametrize("fault", ["refuses", "is not there", "hangs"])
def test_a_letter_that_cannot_be_sent_is_logged_without_what_it_says(
    template: Template, tmp_path: Path, inbox: Inbox, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    inbox.refuse = fault == "refuses"
    inbox.pause = 1.0 if fault == "hangs" else 0
    with serving_mail(inbox) as server:
        address = f"127.0.0.1:{free_port()}" if fault == "is not there" else server
        with logging(), running(with_mail(template, tmp_path, address, smtp_timeout=0.3)) as api:
            make_person(api.database, ANA, "reviewer", password=PASSWORD)
            assert api.post("/password-resets", json={"email": ANA}).status_code == 202
            logged = ""

            def told() -> bool:
                nonlocal logged
                logged += capsys.readouterr().err
                return "letter not sent" in logged

            until(told)
            assert "praxis_r_" not in logged
            assert ANA not in logged
            inbox.refuse, inbox.pause = False, 0
            if fault == "refuses":
                assert api.post("/password-resets", json={"email": ANA}).status_code == 202
                until(lambda: len(inbox.letters) == 1)
                assert "praxis_r_" in inbox.letters[0].get_content(), "without a link a letter brings the token"
            started = time.monotonic()
        assert time.monotonic() - started < SOON, "and the end of the process waits for no letter"


def certificate(folder: Path) -> tuple[Path, Path]:
    key, cert = folder / "key.pem", folder / "cert.pem"
    named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *named]
    subprocess.run([*made, "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)
    return key, cert


def letter() -> EmailMessage:
    written = EmailMessage()
    written["From"], written["To"], written["Subject"] = "a@example.org", "b@example.org", "x"
    written.set_content("x")
    return written


def test_a_password_is_shown_over_tls_alone(inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, cert = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    shown: list[tuple[bool, Any]] = []

    def check(server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        shown.append((session.ssl is not None, (data.login, data.password)))
        return AuthResult(success=True)

    with serving_mail(inbox, tls_context=context, authenticator=check, auth_require_tls=True) as server:
        with pytest.raises(ssl.SSLError):
            Smtp.read(f"smtp://user:p%40ss@{server}", "a@example.org", 2).send(letter())
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        Smtp.read(f"smtp://user:p%40ss@{server}", "a@example.org", 2).send(letter())
    assert shown == [(True, (b"user", b"p@ss"))]
    assert len(inbox.letters) == 1
    monkeypatch.setattr("services.api.access.mail.is_loopback", lambda host: False)
    with serving_mail(inbox, authenticator=check, auth_require_tls=False) as server:
        with pytest.raises(Exception, match="STARTTLS"):
            Smtp.read(f"smtp://user:pass@{server}", "a@example.org", 2).send(letter())
        Smtp.read(f"smtp://{server}", "a@example.org", 2).send(letter())
    assert len(shown) == 1
    assert len(inbox.letters) == 2


def test_too_many_letters_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.api.access.mail.MOST_WAITING", 2)
    postman = Postman(Smtp.read("smtp://127.0.0.1", "a@example.org", 1))
    held: list[bool] = []
    go = threading.Event()

    def slow() -> None:
        held.append(True)
        assert go.wait(SOON)

    postman.post(slow)
    until(lambda: held == [True])
    for _ in range(2):
        postman.post(slow)
    with pytest.raises(Unavailable):
        postman.post(slow)
    go.set()
    until(lambda: len(held) == 3)
    postman.close()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", ("mail.example", 587, False, None)),
        ("smtp://mail.example:25", ("mail.example", 25, False, None)),
        ("smtps://us%40x:p%2Fw@mail.example", ("mail.example", 465, True, "us@x")),
    ],
)
def test_addresses_of_servers(url: str, expected: tuple[str, int, bool, str | None]) -> None:
    smtp = Smtp.read(url, "a@example.org", 1)
    assert (smtp.host, smtp.port, smtp.tls, smtp.user) == expected
