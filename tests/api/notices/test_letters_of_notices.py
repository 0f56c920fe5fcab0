"""Notices go out in letters: together, in the reader's language, as often as wanted, stopped by one click."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest

from services.api.access import accounts
from services.api.access.service import OPERATOR
from services.api.kit.moments import now
from services.api.letters.models import RefusedAddress
from services.api.notices import service as notices
from services.api.notices.kinds import KINDS, Kind
from services.api.notices.models import Notice
from tests.harness.letters import all_handled, outbox, pass_by, with_mail
from tests.harness.people import actions, make_person, session_of, shift
from tests.harness.smtp import Inbox, html_of, serving_mail, text_of
from tests.harness.support import Api, Template, check_problem, running
from tests.harness.waiting import until

pytestmark = pytest.mark.each_database
BEN, DORA = "ben@example.org", "dora@example.org"
TOLD = {"en": "Handed in", "es": "Entregado", "fr": "Remis", "it": "Consegnato"}
DAY = 24 * 3600.0


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def api(template: Template, tmp_path: Path, inbox: Inbox) -> Iterator[Api]:
    with (
        serving_mail(inbox) as server,
        running(with_mail(template, tmp_path, server, letters_a_day=2)) as api,
    ):
        yield api


@pytest.fixture
def ben(api: Api) -> str:
    return make_person(api.database, BEN, "reviewer")


def tell(api: Api, *people: str, title: str = "A desk", kind: Kind = "decided", **more: object) -> None:
    with api.database.transaction() as session:
        notices.tell(session, kind, map(UUID, people), title=title, path="/contribute/cases/1", text=TOLD, by=OPERATOR)


def token_in(letter: EmailMessage) -> str:
    (token,) = re.findall(r"https://praxis.example.org/letters/stop/(\S+)", text_of(letter))
    assert letter["list-unsubscribe"] == f"<https://praxis.example.org/letters/stop/{token}>"
    assert letter["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    return str(token)


def later(api: Api, seconds: float) -> None:
    shift(api, Notice, seconds, "at", "due_at")
    pass_by(api, seconds)


@pytest.mark.parametrize(("language", "said"), [*TOLD.items()])
def test_a_letter_is_in_the_language_of_its_reader(api: Api, inbox: Inbox, ben: str, language: str, said: str) -> None:
    key = session_of(api.database, BEN)
    answer = api.put("/me/language", key, json={"language": language})
    assert answer.json()["language"] == language == api.get("/me", key).json()["language"]
    tell(api, ben, title="<b>Cartaya</b>")
    all_handled(api.database)
    (letter,) = inbox.letters
    assert letter["subject"] == f"{said}: <b>Cartaya</b>"
    assert letter["content-language"] == language
    assert "https://praxis.example.org/contribute/cases/1" in text_of(letter)
    assert f"{said} — command line" in text_of(letter)
    assert "&lt;b&gt;Cartaya&lt;/b&gt;" in html_of(letter)


def test_a_language_that_is_not_spoken_is_refused(api: Api, ben: str) -> None:
    check_problem(api.put("/me/language", session_of(api.database, BEN), json={"language": "de"}), 422)


def test_nobody_reads_anothers_address(api: Api, inbox: Inbox, ben: str) -> None:
    dora = make_person(api.database, DORA, "reviewer")
    tell(api, ben, dora)
    all_handled(api.database)
    assert sorted(inbox.recipients) == [BEN, DORA]
    for letter in inbox.letters:
        other = BEN if letter["to"] == DORA else DORA
        assert other not in letter.as_string()


def test_what_happens_at_a_time_goes_together(template: Template, tmp_path: Path, inbox: Inbox) -> None:
    with (
        serving_mail(inbox) as server,
        running(with_mail(template, tmp_path, server, letter_grace_seconds=180)) as api,
    ):
        ben = make_person(api.database, BEN, "reviewer")
        for title in ("One", "Two", "Three"):
            tell(api, ben, title=title)
        until(lambda: all(one.next_at > now() + timedelta(minutes=2) for one in outbox(api.database)))
        assert not inbox.letters
        later(api, 200)
        all_handled(api.database)
    (letter,) = inbox.letters
    assert letter["subject"] == "Praxis: 3 things are new"
    for title in ("One", "Two", "Three"):
        assert title in text_of(letter)


def test_beyond_a_few_letters_a_day_the_rest_is_a_digest(api: Api, inbox: Inbox, ben: str) -> None:
    for number in range(5):
        tell(api, ben, title=f"Case {number}.")
        until(lambda: not any(one.next_at <= now() for one in outbox(api.database) if one.state == "waiting"))
    assert len(inbox.letters) == 2
    later(api, DAY)
    all_handled(api.database)
    assert len(inbox.letters) == 3
    for number in (2, 3, 4):
        assert f"Case {number}." in text_of(inbox.letters[2])


@pytest.mark.parametrize(("often", "days"), [("daily", 1), ("weekly", 7)])
def test_a_digest_collects(api: Api, inbox: Inbox, ben: str, often: str, days: int) -> None:
    key = session_of(api.database, BEN)
    assert api.put("/me/notices", key, json={"often": {"decided": often}}).status_code == 200
    for number in range(60):
        tell(api, ben, title=f"Case {number}.")
    later(api, days * DAY)
    all_handled(api.database)
    (letter,) = inbox.letters
    assert letter["subject"] == "Praxis: 60 things are new"
    assert "Case 0." in text_of(letter)
    assert "… and 10 more." in text_of(letter)


def test_people_say_how_often(api: Api, inbox: Inbox, ben: str) -> None:
    key = session_of(api.database, BEN)
    assert api.get("/me/notices", key).json()["often"]["commented"] == "daily"
    wanted = {"often": {"commented": "at-once", "decided": "never"}}
    for _ in range(2):
        told = api.put("/me/notices", key, json=wanted).json()["often"]
        assert (told["commented"], told["decided"], told["invited"]) == ("at-once", "never", "at-once")
    tell(api, ben, kind="decided")
    tell(api, ben, kind="commented")
    all_handled(api.database)
    assert len(inbox.letters) == 1
    check_problem(api.put("/me/notices", key, json={"often": {"decided": "hourly"}}), 422)
    check_problem(api.put("/me/notices", key, json={"often": {"weather": "daily"}}), 422)
    assert api.put("/me/notices", key, json={"often": {}}).json()["often"]["decided"] == "at-once"


def test_letters_are_stopped_by_whoever_holds_one(api: Api, inbox: Inbox, ben: str) -> None:
    tell(api, ben)
    all_handled(api.database)
    token = token_in(inbox.letters[0])
    key = session_of(api.database, BEN)
    for _ in range(2):
        looked = api.get(f"/letters/stop/{token}")
        assert looked.json() == {"room": "notices", "kinds": ["decided"]}
        assert api.get("/me/notices", key).json()["often"]["decided"] == "at-once", "a look stops nothing"
    assert BEN not in looked.text
    for _ in range(2):
        clicked = api.post(f"/letters/stop/{token}", data={"List-Unsubscribe": "One-Click"})
        assert clicked.status_code == 200
    often = api.get("/me/notices", key).json()["often"]
    assert (often["decided"], often["commented"]) == ("never", "daily")
    tell(api, ben)
    assert api.post(f"/letters/stop/{token}?everything=true").status_code == 200
    assert set(api.get("/me/notices", key).json()["often"]) == set(KINDS)
    assert set(api.get("/me/notices", key).json()["often"].values()) == {"never"}
    assert ("nobody", "notices.stop", ben) in actions(api)
    all_handled(api.database)
    assert len(inbox.letters) == 1
    check_problem(api.post(f"/letters/stop/{token}x"), 404)
    check_problem(api.get("/letters/stop/x"), 404)


def test_what_was_stopped_meanwhile_is_not_told(api: Api, inbox: Inbox, ben: str) -> None:
    key = session_of(api.database, BEN)
    api.put("/me/notices", key, json={"often": {"decided": "daily"}})
    tell(api, ben)
    api.put("/me/notices", key, json={"often": {"decided": "never"}})
    later(api, DAY)
    all_handled(api.database)
    assert not inbox.letters


@pytest.mark.parametrize("change", ["role", "gone"])
def test_who_has_other_rights_by_now_is_not_told(api: Api, inbox: Inbox, ben: str, change: str) -> None:
    key = session_of(api.database, BEN)
    api.put("/me/notices", key, json={"often": {"decided": "daily"}})
    tell(api, ben)
    with api.database.transaction() as session:
        account = accounts.find(session, UUID(ben))
        if change == "gone":
            accounts.deactivate(session, OPERATOR, account, account.version)
        else:
            person = accounts.Person(BEN, "Ben", "secretariat", None, "The network")
            accounts.update(session, OPERATOR, account, person, account.version)
    later(api, DAY)
    all_handled(api.database)
    assert not inbox.letters


def test_a_letter_follows_its_reader_to_another_address(api: Api, inbox: Inbox, ben: str) -> None:
    api.put("/me/notices", session_of(api.database, BEN), json={"often": {"decided": "daily"}})
    tell(api, ben)
    with api.database.transaction() as session:
        account = accounts.find(session, UUID(ben))
        person = accounts.Person(DORA, "Ben", "reviewer", None, "The network")
        accounts.update(session, OPERATOR, account, person, account.version)
    later(api, DAY)
    all_handled(api.database)
    assert inbox.recipients == [DORA]


def test_the_secretariat_sees_who_gets_no_letters_and_mends_it(api: Api, ben: str) -> None:
    key = session_of(api.database, make_person(api.database, DORA, "secretariat") and DORA)
    with api.database.transaction() as session:
        session.add(RefusedAddress(address=BEN, at=now(), code="550"))
    shown = api.get(f"/accounts/{ben}", key).json()
    assert shown["refused_at"]
    assert [one["email"] for one in api.get("/accounts", key).json()["items"] if one["refused_at"]] == [BEN]
    body = {"email": BEN, "name": "Ben", "role": "reviewer", "organisation": "The network"}
    assert api.put(f"/accounts/{ben}", key, version=1, json=body).json()["refused_at"] is None
