"""The relay: a reader writes to an office, which sees who wrote; nobody else does, and nothing happens by itself."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, select

from services.api.kit.moments import now
from services.api.readers.models import BlockedReader, ReaderLink, ReaderMessage, ReaderRequest
from services.api.readers.rules import ASKS_A_DAY, MESSAGES_A_DAY
from tests.api.readers.support import (
    LEA,
    OFFICER,
    QUOTED,
    SEARCH,
    TAKEN,
    TEXT,
    Correspondence,
    corresponding,
    follow,
    message,
    published,
    token_in,
)
from tests.harness.people import logging, make_person, person, shift
from tests.harness.smtp import html_of, text_of
from tests.harness.support import Template, check_problem, practice_body, running

pytestmark = pytest.mark.each_database


@pytest.fixture
def api(template: Template, tmp_path: Path) -> Iterator[Correspondence]:
    with corresponding(template, tmp_path, search_url=SEARCH) as api:
        make_person(api.database, OFFICER, "officer", "alba")
        make_person(api.database, "sara@example.org", "secretariat")
        yield api


@pytest.fixture
def case(api: Correspondence, template: Template) -> str:
    return str(published(api, template.secretariat)["id"])


def rows(api: Correspondence, table: Any) -> list[Any]:
    with api.database.transaction(write=False) as session:
        return list(session.scalars(select(table)).all())


def held(api: Correspondence) -> str:
    """Return all that is in the database."""
    tables = MetaData()
    with api.database.transaction(write=False) as session:
        tables.reflect(session.connection())
        found = [session.connection().execute(select(table)).all() for table in tables.tables.values()]
        return str(found)


def sent(api: Correspondence, case: str, **more: Any) -> Any:
    """Send a message and return the letter that the office gets."""
    assert api.confirm(api.asked("/messages", message(case, **more))) == 200
    (letter,) = api.posted()
    return letter


def test_a_message_goes_to_the_office_once_its_reader_says_so(api: Correspondence, case: str) -> None:
    token = api.asked("/messages", message(case))
    read = api.post("/reader-requests/read", json={"token": token})
    assert read.headers["cache-control"] == "no-store"
    shown = read.json()
    assert (shown["kind"], shown["text"], shown["name"], shown["email"]) == ("message", TEXT, "Lea", LEA)
    assert shown["to"]["title"] == "A desk for nurses"
    assert shown["to"]["path"].startswith("/practices/a-desk-for-nurses")
    assert api.posted() == [], "nothing happens by reading"
    assert api.confirm(token) == 200
    (letter,) = api.posted()
    assert (letter["to"], letter["reply-to"]) == (OFFICER, LEA)
    assert QUOTED in text_of(letter).replace("\r\n", "\n")
    assert "&lt;b&gt;now" in html_of(letter)
    assert 'href="https://town' not in html_of(letter), "a link stays text"
    assert letter["list-unsubscribe"] is None
    assert "“A desk for nurses”" in letter["subject"]
    assert OFFICER not in read.text, "the reader does not learn the office's addresses"
    assert api.confirm(token) == 422, "a link is good once"
    assert api.posted() == []
    assert rows(api, ReaderRequest) == []


def test_what_is_nobody_s_goes_to_the_secretariat_which_is_told(api: Correspondence, template: Template) -> None:
    nobodys = published(api, template.secretariat, None, "Nobody's")["id"]
    letter = sent(api, nobodys)
    assert letter["to"] == "sara@example.org"
    assert "belongs to no authority" in text_of(letter)
    without = published(api, template.secretariat, "boca", "Of Boca")["slug"]
    letter = sent(api, without)
    assert letter["to"] == "sara@example.org"
    assert "Nobody of the authority has an account" in text_of(letter)
    letter = sent(api, "alba", type="authority")
    assert letter["to"] == OFFICER
    assert "Alba Lunga" in letter["subject"]


@pytest.mark.parametrize(("type", "id"), [("practice", "nowhere"), ("authority", "nowhere"), ("nothing", "alba")])
def test_one_writes_about_what_is_public_alone(api: Correspondence, template: Template, type: str, id: str) -> None:
    problem = check_problem(api.post("/messages", json=message(id, type=type)), 422)
    assert problem["errors"][0]["field"] == "to"
    draft = api.post("/practices", template.secretariat, json=practice_body("A draft")).json()
    check_problem(api.post("/messages", json=message(draft["id"])), 422)
    assert rows(api, ReaderRequest) == []
    for name in (f"practice/{draft['id']}", f"{type}/{id}"):
        check_problem(api.get(f"/addressees/{name}", template.secretariat), 404)


def test_who_is_written_to_is_told_before(api: Correspondence, case: str, template: Template) -> None:
    told = api.get(f"/addressees/practice/{case}").json()
    assert (told["title"], told["office"]["name"]) == ("A desk for nurses", "Alba Lunga")
    nobodys = published(api, template.secretariat, None, "Nobody's")["slug"]
    assert api.get(f"/addressees/practice/{nobodys}").json()["office"] is None
    assert OFFICER not in api.get("/addressees/authority/alba").text


@pytest.mark.parametrize(
    "wrong",
    [{"text": "x" * 4001}, {"text": " "}, {"name": "a\nBcc: b@example.org"}, {"email": "nobody"}, {"language": "de"}],
)
def test_what_is_sent_is_bounded(api: Correspondence, case: str, wrong: Any) -> None:
    problem = check_problem(api.post("/messages", json=message(case) | wrong), 422)
    assert problem["errors"][0]["field"] == next(iter(wrong))


def test_a_link_is_good_for_two_days(api: Correspondence, case: str) -> None:
    token = api.asked("/messages", message(case))
    shift(api, ReaderRequest, 48 * 3600, "created_at")
    assert api.confirm(token) == 422
    api.portal.call(api.app.state.clerk.work, now())
    assert rows(api, ReaderRequest) == rows(api, ReaderLink) == []
    assert LEA not in held(api)


def test_a_message_is_forgotten_after_a_while(api: Correspondence, case: str) -> None:
    letter = sent(api, case)
    api.portal.call(api.app.state.clerk.work, now() + timedelta(days=29))
    assert len(rows(api, ReaderMessage)) == 1
    api.portal.call(api.app.state.clerk.work, now() + timedelta(days=31))
    assert rows(api, ReaderMessage) == rows(api, ReaderLink) == []
    assert LEA not in held(api)
    assert TEXT not in held(api)
    check_problem(api.post("/messages/report", json={"token": token_in(letter)}), 422)


def test_a_message_is_reported_and_its_address_blocked(api: Correspondence, case: str, template: Template) -> None:
    secretary = person(api, "sigi", "secretariat")
    letter = sent(api, case)
    assert api.confirm(api.asked("/followed-searches", follow())) == 200
    waiting = api.asked("/messages", message(case))
    assert api.get("/reported-messages", secretary).json()["items"] == []
    for _ in range(2):
        assert api.post("/messages/report", json={"token": token_in(letter)}).status_code == 204
    (one,) = api.get("/reported-messages", secretary).json()["items"]
    assert (one["email"], one["text"], one["to"]["title"]) == (LEA, TEXT, "A desk for nurses")
    blocked = [
        api.post(f"/reported-messages/{one['id']}/block", secretary, headers={"Idempotency-Key": "once"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in blocked] == [204, 204]
    assert LEA not in held(api)
    assert len(rows(api, BlockedReader)) == 1
    assert api.confirm(waiting) == 422, "what waited waits no more"
    for path, body in (("/messages", message(case)), ("/followed-searches", follow())):
        answer = api.post(path, json=body)
        assert (answer.status_code, answer.json()) == (202, TAKEN), "nothing tells who is blocked"
        assert api.posted() == []
    assert LEA not in held(api)
    check_problem(api.post(f"/reported-messages/{one['id']}/dismiss", secretary), 404)


def test_a_report_may_be_dismissed(api: Correspondence, case: str) -> None:
    secretary = person(api, "sigi", "secretariat")
    token = token_in(sent(api, case))
    api.post("/messages/report", json={"token": token}).raise_for_status()
    (one,) = api.get("/reported-messages", secretary).json()["items"]
    assert api.post(f"/reported-messages/{one['id']}/dismiss", secretary).status_code == 204
    assert api.get("/reported-messages", secretary).json()["items"] == []
    assert LEA not in held(api)
    sent(api, case)


def test_reports_come_by_page(api: Correspondence, case: str) -> None:
    secretary = person(api, "sigi", "secretariat")
    for name in "abc":
        token = token_in(sent(api, case, email=f"{name}@example.org"))
        api.post("/messages/report", json={"token": token}).raise_for_status()
    page = api.get("/reported-messages?limit=2", secretary).json()
    rest = api.get(f"/reported-messages?limit=2&cursor={page['next']}", secretary).json()
    assert [one["email"][0] for one in (*page["items"], *rest["items"])] == ["a", "b", "c"]
    assert rest["next"] is None


def test_nobody_s_mailbox_is_filled(api: Correspondence, case: str) -> None:
    for _ in range(ASKS_A_DAY + 2):
        assert api.post("/messages", json=message(case)).status_code == 202
    assert len(api.posted()) == ASKS_A_DAY
    assert len(rows(api, ReaderRequest)) == ASKS_A_DAY
    api.asked("/messages", message(case, email="another@example.org"))
    shift(api, ReaderRequest, 86_400, "created_at")
    api.asked("/messages", message(case))


def test_what_was_sent_counts_too(api: Correspondence, case: str) -> None:
    for _ in range(ASKS_A_DAY):
        sent(api, case)
    assert api.post("/messages", json=message(case)).status_code == 202
    assert api.posted() == []


def test_an_office_gets_so_many_a_day(api: Correspondence, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.api.readers.service.MESSAGES_A_DAY", 2)
    for name in "ab":
        sent(api, case, email=f"{name}@example.org")
    token = api.asked("/messages", message(case, email="c@example.org"))
    answer = api.post("/reader-requests/confirm", json={"token": token})
    check_problem(answer, 429)
    assert int(answer.headers["retry-after"]) > 0
    shift(api, ReaderMessage, 86_400, "sent_at")
    assert api.confirm(token) == 200, "it waited"
    assert MESSAGES_A_DAY > 2


def test_a_place_asks_for_so_much_a_day(template: Template, tmp_path: Path) -> None:
    with corresponding(template, tmp_path, asks_per_place=2) as api:
        case = published(api, template.secretariat)["id"]
        for name in "ab":
            assert api.post("/messages", json=message(case, email=f"{name}@example.org")).status_code == 202
        for email in (LEA, "a@example.org"):
            answer = api.post("/messages", json=message(case, email=email))
            check_problem(answer, 429)
            assert "retry-after" in answer.headers


def test_it_is_offered_where_letters_are_sent(template: Template, tmp_path: Path) -> None:
    with running(template.copy(tmp_path)) as api:
        assert api.get("/offers").json() == {"messages": False, "followed_searches": False}
        case = published(api, template.secretariat)["id"]
        check_problem(api.post("/messages", json=message(case)), 404)
        check_problem(api.post("/followed-searches", json=follow()), 404)
    (tmp_path / "more").mkdir()
    with corresponding(template, tmp_path / "more") as api:
        assert api.get("/offers").json() == {"messages": True, "followed_searches": False}
        check_problem(api.post("/followed-searches", json=follow()), 404)


def test_addresses_and_words_stand_nowhere_else(
    api: Correspondence, case: str, template: Template, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not in what anybody reads, not in the log, not in the trail."""
    with logging():
        letter = sent(api, case)
        api.post("/messages/report", json={"token": token_in(letter)}).raise_for_status()
        wrong = api.post("/messages", json=message(case) | {"text": ""})
        public = [
            api.get(path).text
            for path in ("/changes?limit=1000", f"/practices/{case}", "/practices", "/authorities/alba", "/offers")
        ]
    told = "".join([*public, wrong.text, capsys.readouterr().err])
    assert LEA not in told
    assert TEXT not in told
    trail = held_of(api, "audit_event")
    assert "reader.message.send" in trail
    assert LEA not in trail
    assert "Which forms" not in trail


def held_of(api: Correspondence, name: str) -> str:
    tables = MetaData()
    with api.database.transaction(write=False) as session:
        tables.reflect(session.connection(), only=[name])
        return str(session.connection().execute(select(tables.tables[name])).all())
