"""A search that is followed, from the portal's form to a letter that stops by one click, on the real search service."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from services.api.kit.moments import now
from services.api.readers.models import FollowedSearch, ReaderRequest
from tests.api.readers.support import LEA, token_in
from tests.harness.letters import PUBLIC, SENDER, all_handled
from tests.harness.people import shift
from tests.harness.smtp import Inbox, serving_mail, text_of
from tests.harness.support import Template, practice_body
from tests.harness.whole import Answer, Whole, running_whole

OTHER = "other.reader@example.org"
WEEK = timedelta(days=7)
FORM = [(b"sec-fetch-site", b"same-origin"), (b"content-type", b"application/x-www-form-urlencoded")]
FROM_ELSEWHERE = [(b"content-type", b"application/x-www-form-urlencoded")]


class Site:
    """The whole site with a mailbox."""

    def __init__(self, whole: Whole, inbox: Inbox, key: str) -> None:
        self.whole = whole
        self.api = whole.site.apps["/api"]
        self.database = self.api.state.database
        self.inbox = inbox
        self.key = key

    def send(self, path: str, **form: str) -> Answer:
        """Send a form of the portal."""
        return self.whole.ask("POST", path, FORM, urlencode(form).encode())

    def read(self, path: str) -> str:
        """Read a page of the portal."""
        answer = self.whole.ask("GET", path)
        assert answer.status == 200, (path, answer.status)
        return answer.body.decode()

    def posted(self) -> list[EmailMessage]:
        """Return the letters that have arrived since this was asked last."""
        self.whole.loop.call(self.api.state.letters.send_due)
        all_handled(self.database)
        found, self.inbox.letters = self.inbox.letters, []
        return found

    def look(self, weeks: int) -> None:
        """Do what is due so many weeks from now."""
        self.whole.loop.call(self.api.state.clerk.work, now() + weeks * WEEK)

    def publish(self, title: str) -> None:
        made = self.whole.call("POST", "/api/v1/practices", practice_body(title), key=self.key)
        address = made.header(b"location").decode()
        self.whole.call("POST", f"{address}/publish", key=self.key, version=made)

    def held(self) -> str:
        """Return all that readers have left in the database."""
        with self.database.transaction(write=False) as session:
            return str([session.scalars(select(table)).all() for table in (FollowedSearch, ReaderRequest)])


@contextmanager
def running_site(template: Template, folder: Path) -> Iterator[Site]:
    inbox = Inbox()
    with serving_mail(inbox) as server:
        options = {"smtp_url": f"smtp://{server}", "mail_from": SENDER, "public_url": PUBLIC}
        with running_whole(template, folder, **options) as whole:
            yield Site(whole, inbox, template.secretariat)


@pytest.fixture
def site(template: Template, tmp_path: Path) -> Iterator[Site]:
    with running_site(template, tmp_path) as site:
        yield site


def path_in(letter: EmailMessage, beginning: str) -> str:
    """Return the path of the one link of a letter that begins so."""
    (found,) = re.findall(rf"{re.escape(PUBLIC + beginning)}\S*", text_of(letter))
    return str(found).removeprefix(PUBLIC)


def test_a_newcomer_follows_a_search_gets_what_is_new_and_stops_it(site: Site) -> None:
    page = site.read("/practices?q=nurses")
    assert 'href="/follow?q=nurses&amp;type=practice"' in page
    form = site.read("/follow?q=nurses")
    assert "“nurses”" in form
    sent = site.send("/follow", question="q=nurses", email=LEA, every="weekly")
    assert (sent.status, sent.header(b"location")) == (303, b"/readers/sent?what=search")
    assert "A letter with a link is on its way" in site.read("/readers/sent?what=search")
    (letter,) = site.posted()
    link = path_in(letter, "/readers/confirm")
    for _ in range(2):
        assert "Follow this search?" in site.read(link)
    assert FollowedSearch.__name__ not in site.held(), "nothing is followed by reading"
    token = token_in(letter)
    assert site.send("/readers/confirm", token=token).header(b"location") == b"/readers/done?what=search"
    site.send("/follow", question="q=nurses", email=OTHER, every="weekly")
    (letter,) = site.posted()
    site.send("/readers/confirm", token=token_in(letter))
    site.publish("A desk for nurses")
    site.publish("Something about teachers")
    site.look(1)
    digest, others = sorted(site.posted(), key=lambda letter: letter["to"] != LEA)
    assert (digest["to"], others["to"]) == (LEA, OTHER)
    text = text_of(digest)
    assert "A desk for nurses" in text
    assert f"{PUBLIC}/practices/a-desk-for-nurses" in text
    assert "teachers" not in text
    shown = site.whole.ask("GET", path_in(digest, "/readers/search"))
    assert shown.header(b"location") == b"/practices?q=nurses"
    site.look(2)
    assert site.posted() == [], "nothing is new"

    one_click = str(digest["list-unsubscribe"]).strip("<>").removeprefix(PUBLIC)
    assert digest["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    site.whole.ask("GET", one_click)
    site.whole.ask("GET", f"/api/v1{one_click}")
    assert LEA in site.held(), "a GET never acts"
    stopped = site.whole.ask("POST", f"/api/v1{one_click}", FROM_ELSEWHERE, b"List-Unsubscribe=One-Click")
    assert stopped.status == 200
    assert LEA not in site.held()
    site.publish("Another desk for nurses")
    shift(site, FollowedSearch, 3 * WEEK.total_seconds(), "told_until", "due_at")
    site.look(1)
    (letter,) = site.posted()
    assert (letter["to"], "Another desk" in text_of(letter)) == (OTHER, True)


def test_whoever_follows_sees_and_stops_it_all(site: Site) -> None:
    for question in ("q=nurses&priority=rights", ""):
        site.send("/follow", question=question, email=LEA, every="monthly")
        (letter,) = site.posted()
        assert site.send("/readers/confirm", token=token_in(letter)).status == 303
    assert site.send("/readers/follows", email=LEA).header(b"location") == b"/readers/sent?what=overview"
    (letter,) = site.posted()
    page = site.read(path_in(letter, "/readers/confirm"))
    assert "“nurses”, Priority: rights" in page
    assert "all practices" in page
    assert page.count("every month") == 2
    stopped = site.send("/readers/stop", token=token_in(letter))
    page = site.read(stopped.header(b"location").decode())
    assert "the address is forgotten" in page
    assert LEA not in site.held()


@pytest.mark.parametrize(
    ("path", "form", "said"),
    [
        ("/follow", {"question": "q=nurses", "email": "nobody", "every": "weekly"}, "Write your e-mail"),
        ("/follow", {"question": "q=nurses", "email": LEA, "every": "daily"}, "Choose how often"),
        ("/readers/follows", {"email": "nobody"}, "Write your e-mail"),
        ("/write?type=authority&to=alba", {"name": "", "email": LEA, "text": "?"}, "Write a name"),
        ("/write?type=authority&to=alba", {"name": "Lea", "email": LEA, "text": "x" * 4001}, "at most 4000 characters"),
    ],
)
def test_what_is_wrong_with_a_form_is_said_beside_it(site: Site, path: str, form: dict[str, str], said: str) -> None:
    answer = site.send(path, **form)
    page = answer.body.decode()
    assert answer.status == 422
    assert said in page
    assert 'aria-invalid="true"' in page
    assert site.posted() == []


def test_a_message_is_written_confirmed_reported_and_its_address_shut_out(site: Site) -> None:
    slug = site.whole.slugs[0]
    assert f"/write?type=practice&amp;to={slug}" in site.read(f"/practices/{slug}")
    assert "goes to the secretariat" in site.read(f"/write?type=practice&to={slug}")
    form = {"name": "Lea", "email": LEA, "text": "Which forms?\r\n<script>"}
    sent = site.send(f"/write?type=practice&to={slug}", **form)
    assert sent.header(b"location") == b"/readers/sent?what=message"
    (letter,) = site.posted()
    page = site.read(path_in(letter, "/readers/confirm"))
    assert "&lt;script&gt;" in page
    assert "<script>" not in page.partition("<main")[2]
    assert site.posted() == []
    assert site.send("/readers/confirm", token=token_in(letter)).status == 303
    (handed,) = site.posted()
    assert (handed["to"], handed["reply-to"]) == ("admin@example.org", LEA)
    report = path_in(handed, "/readers/report")
    assert "Report this message?" in site.read(report)
    desk = site.whole.ask("GET", "/desk/messages", site.whole.signed_in).body.decode()
    assert "No message is reported." in desk
    assert site.send("/readers/report", token=token_in(handed)).header(b"location") == b"/readers/done?what=report"
    desk = site.whole.ask("GET", "/desk/messages", site.whole.signed_in).body.decode()
    assert LEA in desk
    (block,) = re.findall(r'action="(/desk/messages/\S+/block)"', desk)
    done = site.whole.ask("POST", block, [*site.whole.signed_in, *FORM])
    assert done.header(b"location") == b"/desk/messages?said=block"
    assert site.send(f"/write?type=practice&to={slug}", **form).header(b"location") == sent.header(b"location")
    assert site.posted() == []


def test_a_link_that_is_no_good_says_so(site: Site) -> None:
    for path in ("/readers/confirm?token=nothing", "/readers/confirm"):
        answer = site.whole.ask("GET", path)
        assert answer.status == 404
        assert b"no longer good" in answer.body
    for path in ("/readers/confirm", "/readers/report", "/readers/stop"):
        assert site.send(path, token="nothing").status == 404
