"""Letters over a real SMTP server that refuses, hangs up and takes its time: none is lost, none sent in clear."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.smtp import AuthResult, Envelope, Session

from services.api.kit.moments import now
from services.api.letters import service as letters
from services.api.letters import worker
from services.api.letters.models import Letter, RefusedAddress
from services.api.letters.rendering import message
from services.api.letters.smtp import NotSent, Smtp
from services.api.letters.worker import GIVEN_UP, LONGEST_PAUSE, Worker, pause
from services.api.letters.writers import Later, Link, Quote, Stop, Written
from tests.harness.letters import PUBLIC, SENDER, all_handled, outbox, pass_by, with_mail
from tests.harness.ports import free_port
from tests.harness.smtp import Inbox, certificate, html_of, serving_mail, text_of
from tests.harness.support import Api, Template, running
from tests.harness.waiting import until

pytestmark = pytest.mark.each_database
TO = "ana@example.org"


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


Mailing = Callable[..., AbstractContextManager[Api]]


@pytest.fixture
def mailing(template: Template, tmp_path: Path, inbox: Inbox) -> Mailing:
    """Run an api that sends letters to the inbox."""

    @contextmanager
    def run(**more: Any) -> Iterator[Api]:
        with serving_mail(inbox) as server, running(with_mail(template, tmp_path, server, **more)) as api:
            api.app.state.letters.writers["test"] = writer
            yield api

    return run


def writer(session: Any, letter: Letter) -> Written | Later | None:
    if letter.data.get("nothing"):
        return None
    if letter.data.get("broken"):
        raise RuntimeError("cannot be worded")
    return Written(letter.data.get("subject", "News"), ["Hello & welcome"])


def post(api: Api, to: str = TO, **data: Any) -> None:
    with api.database.transaction() as session:
        letters.post(session, "test", to, "en", data)


def test_a_letter_is_sent_once_its_change_is_committed(mailing: Mailing, inbox: Inbox) -> None:
    with mailing() as api:

        def fails() -> None:
            with api.database.transaction() as session:
                letters.post(session, "test", TO, "en", {"subject": "Never happened"})
                session.flush()
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fails()
        post(api, subject="It happened")
        all_handled(api.database)
        (kept,) = outbox(api.database)
    (letter,) = inbox.letters
    assert letter["subject"] == "It happened"
    assert letter["message-id"] == f"<{kept.id}@example.org>"
    assert letter["auto-submitted"] == "auto-generated"
    assert letter["date"]
    assert inbox.recipients == [TO]
    assert (kept.state, kept.last_code, kept.data) == ("sent", "250", {})


def test_letters_wait_until_they_are_due(mailing: Mailing, inbox: Inbox) -> None:
    with mailing() as api:
        with api.database.transaction() as session:
            letters.post(session, "test", TO, "en", {"subject": "Later"}, due=now() + timedelta(hours=1))
        post(api, "ben@example.org", subject="Now")
        until(lambda: len(inbox.letters) == 1)
        assert inbox.letters[0]["subject"] == "Now"
        pass_by(api, 3600)
        all_handled(api.database)
    assert inbox.letters[1]["subject"] == "Later"


@pytest.mark.parametrize("fault", ["refuses", "knows nobody now", "hangs up", "takes too long", "is not there"])
def test_what_may_pass_is_tried_again_later(mailing: Mailing, inbox: Inbox, fault: str) -> None:
    more: dict[str, Any] = {}
    if fault == "refuses":
        inbox.refuse = "451 later"
    elif fault == "knows nobody now":
        inbox.refuse_recipient = "450 later"
    elif fault == "hangs up":
        inbox.hang_up = True
    elif fault == "takes too long":
        inbox.holds, more = "recipient", {"smtp_timeout": 0.2}
    with mailing(**more) as api:
        if fault == "is not there":
            api.app.state.letters.smtp = Smtp.read(f"smtp://127.0.0.1:{free_port()}", SENDER, 1)
        post(api)
        until(lambda: outbox(api.database)[0].last_code is not None)
        (kept,) = outbox(api.database)
        assert kept.state == "waiting"
        assert kept.attempts == 1
        assert kept.next_at > now() + timedelta(seconds=40), "not at once: others would be held up"
        if fault == "is not there":
            return
        inbox.refuse = inbox.refuse_recipient = inbox.holds = None
        inbox.hang_up = False
        inbox.go.set()
        pass_by(api, 120)
        all_handled(api.database)
        assert outbox(api.database)[0].state == "sent"
    assert len(inbox.letters) == 1


def test_a_letter_that_nobody_takes_is_given_up_after_days(mailing: Mailing, inbox: Inbox) -> None:
    inbox.refuse = "451 later"
    with mailing() as api:
        post(api)
        until(lambda: outbox(api.database)[0].last_code == "451")
        pass_by(api, GIVEN_UP.total_seconds() + 60)
        all_handled(api.database)
        assert outbox(api.database)[0].state == "failed"


def test_pauses_grow_and_differ() -> None:
    assert timedelta(seconds=45) <= pause(1) <= timedelta(seconds=75) < pause(2) < pause(4) < pause(20)
    assert pause(50) <= LONGEST_PAUSE * 1.25
    assert len({pause(3) for _ in range(5)}) > 1


def test_an_address_that_is_unknown_gets_no_more(mailing: Mailing, inbox: Inbox) -> None:
    inbox.refuse_recipient = "550 unknown"
    with mailing() as api:
        post(api)
        all_handled(api.database)
        inbox.refuse_recipient = None
        post(api)
        post(api, "ben@example.org")
        all_handled(api.database)
        assert [one.state for one in outbox(api.database)] == ["bounced", "dropped", "sent"]
        with api.database.transaction() as session:
            assert session.get_one(RefusedAddress, TO).code == "550"
            letters.confirm(session, TO)
        post(api)
        all_handled(api.database)
    assert inbox.recipients == ["ben@example.org", TO]


def test_a_letter_that_is_refused_for_what_it_says_is_not_the_addresss_fault(mailing: Mailing, inbox: Inbox) -> None:
    inbox.refuse = "554 5.7.1 looks odd"
    with mailing() as api:
        post(api)
        all_handled(api.database)
        inbox.refuse = None
        post(api)
        all_handled(api.database)
        assert [one.state for one in outbox(api.database)] == ["bounced", "sent"]


def test_a_letter_that_cannot_be_worded_holds_up_no_other(mailing: Mailing, inbox: Inbox) -> None:
    with mailing() as api:
        post(api, broken=True)
        post(api, nothing=True)
        post(api, subject="Fine")
        until(lambda: len(inbox.letters) == 1)
        until(lambda: outbox(api.database)[2].state == "sent")
        broken, nothing, _ = outbox(api.database)
    assert (broken.state, broken.last_code) == ("waiting", "RuntimeError")
    assert (nothing.state, nothing.to) == ("dropped", "")


def test_metrics_count_letters(mailing: Mailing, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "COUNTED_EVERY", timedelta())
    with mailing() as api:
        post(api)
        all_handled(api.database)

        def told() -> bool:
            api.portal.call(api.app.state.letters.wake)
            return 'praxis_letters{state="sent"} 1.0' in api.get("/api/metrics").text

        until(told)
        assert api.get("/api/readyz").status_code == 200


def test_processes_share_the_work(mailing: Mailing, inbox: Inbox) -> None:
    """Each letter goes out once, whoever looks."""
    with mailing(send_letters=False) as api:
        for number in range(10):
            post(api, f"{number}@example.org")
        smtp = Smtp.read(f"smtp://127.0.0.1:{inbox.port}", SENDER, 5)
        workers = [Worker(api.database, smtp, PUBLIC, {"test": writer}) for _ in range(3)]

        async def all_at_once() -> None:
            await asyncio.gather(*(worker.send_due() for worker in workers))

        api.portal.call(all_at_once)
        assert sorted(inbox.recipients) == sorted(f"{number}@example.org" for number in range(10))
        assert {one.attempts for one in outbox(api.database)} == {1}


def a_letter(**more: Any) -> Letter:
    return Letter(id=uuid4(), kind="test", to=TO, language="es", created_at=now(), due_at=now(), next_at=now(), **more)


def test_text_and_html_say_the_same_and_nothing_gets_out_of_its_place() -> None:
    blocks = [
        "Hola <b>Ana</b>\r\nBcc: x@example.org",
        Link("Un caso & más", "/contribute/cases/1?a=1&b=2"),
        Quote("<i>"),
    ]
    written = Written("Hola\r\nBcc: x@example.org " + "x" * 300, blocks, Stop("test"))
    made = message(a_letter(reply_to="desk@example.org"), written, SENDER, PUBLIC + "/", "t0ken")
    read = message_from_bytes(made.as_bytes(), policy=default)
    assert read.get_content_type() == "multipart/alternative"
    assert read["bcc"] is None
    assert len(read["subject"]) <= 200
    assert (read["to"], read["reply-to"]) == (TO, "desk@example.org")
    assert read["content-language"] == "es"
    assert read["list-unsubscribe"] == "<https://praxis.example.org/letters/stop/t0ken>"
    assert read["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    text, html = text_of(read), html_of(read)
    for said in (text, html):
        assert "Un caso &" in said
        assert "Para no recibir más" in said
        assert "https://praxis.example.org/letters/stop/t0ken" in said
    assert "https://praxis.example.org/contribute/cases/1?a=1&b=2" in text
    assert "&lt;b&gt;Ana&lt;/b&gt;" in html
    assert not re.search(r"<[bi]>", html)
    assert 'href="https://praxis.example.org/contribute/cases/1?a=1&amp;b=2"' in html


def test_what_cannot_be_stopped_says_nothing_of_it() -> None:
    read = message(a_letter(), Written("Hola", ["Hola"]), SENDER, PUBLIC, None)
    assert read["list-unsubscribe"] is None
    assert "/letters/stop/" not in read.as_string()


def send(url: str, api: Api) -> None:
    letter = message(a_letter(), Written("Hola", ["Hola"]), SENDER, PUBLIC, None)
    api.portal.call(Smtp.read(url, SENDER, 2).send, letter, TO)


def test_nothing_is_sent_in_clear(
    mailing: Mailing, inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond this machine: over TLS, with a certificate that is trusted, or not at all; a password the same."""
    cert, context = certificate(tmp_path)
    shown: list[tuple[bool, Any]] = []

    def check(server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        shown.append((session.ssl is not None, (data.login, data.password)))
        return AuthResult(success=True)

    with mailing() as api:
        monkeypatch.setattr("services.api.letters.smtp.is_loopback", lambda host: False)
        tls: dict[str, Any] = {"tls_context": context, "authenticator": check, "auth_require_tls": True}
        with serving_mail(inbox, **tls) as server:
            with pytest.raises(NotSent):
                send(f"smtp://user:p%40ss@{server}", api)
            monkeypatch.setenv("SSL_CERT_FILE", str(cert))
            send(f"smtp://user:p%40ss@{server}", api)
        assert shown == [(True, (b"user", b"p@ss"))]
        assert inbox.encrypted == [True]
        with serving_mail(inbox, authenticator=check, auth_require_tls=False) as server:
            for url in (f"smtp://user:pass@{server}", f"smtp://{server}"):
                with pytest.raises(NotSent):
                    send(url, api)
            monkeypatch.setattr("services.api.letters.smtp.is_loopback", lambda host: True)
            send(f"smtp://{server}", api)
        assert len(shown) == 1
        assert inbox.encrypted == [True, False]


def test_a_wrong_password_of_ours_is_no_fault_of_the_letter(mailing: Mailing, inbox: Inbox) -> None:
    def check(*_: Any) -> AuthResult:
        return AuthResult(success=False, handled=False)

    with (
        mailing() as api,
        serving_mail(inbox, authenticator=check, auth_require_tls=False) as server,
        pytest.raises(NotSent) as refused,
    ):
        send(f"smtp://user:pass@{server}", api)
    assert (refused.value.code, refused.value.for_good) == ("535", False)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", ("mail.example", 587, False, None)),
        ("smtp://mail.example:25", ("mail.example", 25, False, None)),
        ("smtps://us%40x:p%2Fw@mail.example", ("mail.example", 465, True, "us@x")),
    ],
)
def test_addresses_of_servers(url: str, expected: tuple[str, int, bool, str | None]) -> None:
    smtp = Smtp.read(url, SENDER, 1)
    assert (smtp.host, smtp.port, smtp.tls, smtp.user) == expected
    assert smtp.address == "praxis@example.org"
