"""Searches that are followed by letters: asked when they are due, told once, stopped at any time."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from services.api.kit.moments import now, rfc3339
from services.api.letters.models import Letter
from services.api.readers import service
from services.api.readers.clerk import Clerk
from services.api.readers.models import FollowedSearch, ReaderLink, ReaderRequest
from services.api.readers.rules import MOST_FOLLOWED
from tests.api.readers.support import LEA, SEARCH, TAKEN, Correspondence, corresponding, follow
from tests.harness.letters import pass_by
from tests.harness.people import shift
from tests.harness.smtp import text_of
from tests.harness.support import Json, Template, check_problem
from tests.harness.waiting import until

pytestmark = pytest.mark.each_database
WEEK = timedelta(days=7)


@pytest.fixture
def api(template: Template, tmp_path: Path) -> Iterator[Correspondence]:
    with corresponding(template, tmp_path, search_url=SEARCH) as api:
        yield api


def followed(api: Correspondence, question: str = "q=nurses", **more: Any) -> FollowedSearch:
    """Follow a search and return it."""
    assert api.confirm(api.asked("/followed-searches", follow(question, **more))) == 200
    return next(one for one in searches(api) if one.email == more.get("email", LEA))


def searches(api: Correspondence) -> list[FollowedSearch]:
    with api.database.transaction(write=False) as session:
        return list(session.scalars(select(FollowedSearch).order_by(FollowedSearch.created_at)).all())


class Searching:
    """A search service that answers as it is told, and notes what it is asked."""

    def __init__(self, api: Correspondence) -> None:
        self.api = api
        self.asked: list[httpx.QueryParams] = []
        self.answer: Callable[[httpx.QueryParams], httpx.Response] = lambda asked: shown([], asked)
        transport = httpx.MockTransport(self._take)
        client = httpx.AsyncClient(transport=transport, base_url="http://search.example")
        self.clerk = Clerk(api.database, api.app.state.clerk.rules, client)

    def _take(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/search/v1/records"
        self.asked.append(request.url.params)
        return self.answer(request.url.params)

    def has(self, *published: datetime) -> None:
        """Have records that were published at some moments, the newest first."""
        self.answer = lambda asked: shown([hit(number, at) for number, at in enumerate(published)], asked)

    def look(self, moment: datetime) -> None:
        self.api.portal.call(self.clerk.work, moment)


def hit(number: int, at: datetime) -> Json:
    return {"type": "practice", "slug": f"case-{number}", "title": f"Case {number}", "published_at": rfc3339(at)}


def shown(hits: list[Json], asked: httpx.QueryParams) -> httpx.Response:
    """Answer with the page that was asked for."""
    size = int(asked["per_page"])
    first = (int(asked["page"]) - 1) * size
    return httpx.Response(200, json={"total": len(hits), "hits": hits[first : first + size]})


@pytest.fixture
def searching(api: Correspondence) -> Searching:
    return Searching(api)


def test_what_is_new_is_told_once(api: Correspondence, searching: Searching) -> None:
    since = followed(api).created_at
    searching.has(since + WEEK, since + timedelta(days=2), since + timedelta(days=1), since - timedelta(days=1))
    searching.look(since + WEEK - timedelta(minutes=1))
    assert searching.asked == [], "it is not due"
    due = since + WEEK
    searching.look(due)
    (letter,) = api.posted()
    assert letter["to"] == LEA
    text = text_of(letter)
    assert "“nurses”" in letter["subject"]
    assert "/practices/case-1" in text
    assert "/practices/case-2" in text
    assert "case-3" not in text, "it was there before"
    assert "case-0" not in text, "it was published a moment ago: other commits may still come before it"
    assert (since + timedelta(days=2)).date().isoformat() in text
    (params,) = searching.asked
    head = api.get("/changes?limit=1").json()
    assert params["min_seq"] == f"{head['epoch']}.{head['head']}"
    assert (params["q"], params["sort"], params["lang"]) == ("nurses", "newest", "fr")
    searching.look(due + timedelta(hours=1))
    assert len(searching.asked) == 1
    searching.look(due + WEEK)
    (letter,) = api.posted()
    assert "case-0" in text_of(letter)
    assert "case-1" not in text_of(letter)
    searching.look(due + 2 * WEEK)
    assert api.posted() == [], "nothing is new"
    assert len(searching.asked) == 3


def test_a_letter_names_twenty_and_counts_the_others(api: Correspondence, searching: Searching) -> None:
    since = followed(api, every="monthly").created_at
    searching.has(*[since + timedelta(days=1)] * 75, since - WEEK)
    searching.look(since + 2 * WEEK)
    assert searching.asked == []
    searching.look(since + timedelta(days=30))
    assert [params["page"] for params in searching.asked] == ["1", "2"]
    (letter,) = api.posted()
    assert text_of(letter).count("/practices/case-") == 20
    assert "et 55 de plus" in text_of(letter)
    searching.has(*[since + timedelta(days=31)] * 5000)
    searching.look(since + timedelta(days=60))
    (letter,) = api.posted()
    assert "et 180+ de plus" in text_of(letter)
    assert len(searching.asked) == 2 + 4


@pytest.mark.parametrize(
    "fault",
    [
        httpx.Response(503),
        httpx.Response(422, json={"detail": "no such facet"}),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"hits": [{"title": "x"}]}),
        httpx.Response(200, json={"hits": [hit(1, now()) | {"published_at": "yesterday"}]}),
        httpx.Response(200, json={"hits": [hit(1, now() + timedelta(days=1)) | {"type": "song"}]}),
        httpx.ConnectError("away"),
    ],
    ids=["busy", "refused", "no json", "no type", "no moment", "no such type", "away"],
)
def test_what_cannot_be_asked_is_asked_later(api: Correspondence, searching: Searching, fault: Any) -> None:
    since = followed(api).created_at

    def fail(asked: httpx.QueryParams) -> httpx.Response:
        if isinstance(fault, Exception):
            raise fault
        return httpx.Response(fault.status_code, content=fault.content)

    searching.answer = fail
    due = since + WEEK
    for minutes in (0, 5, 15, 35):
        searching.look(due + timedelta(minutes=minutes) - timedelta(seconds=1))
        searching.look(due + timedelta(minutes=minutes))
    assert len(searching.asked) == 4, "each time it waits twice as long"
    assert api.posted() == []
    searching.has(since + timedelta(days=1))
    searching.look(due + timedelta(days=1))
    (letter,) = api.posted()
    assert "case-0" in text_of(letter)
    (search,) = searches(api)
    assert search.attempts == 0
    assert search.due_at == due + timedelta(days=1) + WEEK


def test_a_search_is_taken_up_by_one(api: Correspondence, searching: Searching) -> None:
    since = followed(api).created_at
    other = Searching(api)
    for one in (searching, other):
        one.has(since + timedelta(days=1))
    api.portal.call(_both, searching.clerk, other.clerk, since + WEEK)
    assert len(searching.asked) + len(other.asked) == 1
    assert len(api.posted()) == 1


async def _both(one: Clerk, other: Clerk, moment: datetime) -> None:
    await asyncio.gather(one.work(moment), other.work(moment))


def test_what_is_followed_is_seen_and_stopped_by_its_address_alone(api: Correspondence, searching: Searching) -> None:
    for question in ("q=one", "q=two", "q=three&priority=rights"):
        followed(api, question)
    others = followed(api, email="other@example.org")
    token = api.asked("/followed-searches/overview", {"email": LEA, "language": "en"})
    read = api.post("/reader-requests/read", json={"token": token}).json()
    assert [one["question"] for one in read["follows"]] == ["q=one", "q=two", "q=three&priority=rights"]
    assert api.confirm(token) == 422, "there is nothing to confirm"
    for id in (read["follows"][0]["id"], str(others.id)):
        stopped = api.post("/followed-searches/stop", json={"token": token, "search": id})
        assert stopped.status_code == 204
    assert [one.question for one in searches(api) if one.email == LEA] == ["q=two", "q=three&priority=rights"]
    assert len(searches(api)) == 3, "what others follow is theirs to stop"
    assert api.post("/followed-searches/stop", json={"token": token}).status_code == 204
    assert {one.email for one in searches(api)} == {"other@example.org"}
    check_problem(api.post("/followed-searches/stop", json={"token": token}), 422)
    with api.database.transaction(write=False) as session:
        assert session.scalars(select(ReaderRequest)).all() == session.scalars(select(ReaderLink)).all() == []
    answer = api.post("/followed-searches/overview", json={"email": LEA, "language": "en"})
    assert (answer.status_code, answer.json()) == (202, TAKEN), "it tells nobody who follows"
    assert api.posted() == []


def tried(api: Correspondence) -> bool:
    """Try to send what is due, and tell whether a letter waits that a server has put off."""
    api.portal.call(api.app.state.letters.send_due)
    with api.database.transaction(write=False) as session:
        return any(one.last_code for one in session.scalars(select(Letter).where(col(Letter.state) == "waiting")))


def test_a_stopped_search_is_told_of_no_more(api: Correspondence, searching: Searching) -> None:
    search = followed(api)
    searching.has(search.created_at + timedelta(days=1))
    api.inbox.refuse = "451 later"
    searching.look(search.created_at + WEEK)
    until(lambda: tried(api))  # whoever took the letter up: the worker of the api, or this
    with api.database.transaction() as session:
        service.stop(session, search.id)
        service.stop(session, search.id)
    api.inbox.refuse = None
    pass_by(api, 3600)
    assert api.posted() == [], "not even of what was in the outbox already"
    searching.look(search.created_at + 2 * WEEK)
    assert len(searching.asked) == 1


def test_following_again_changes_how_often(api: Correspondence) -> None:
    followed(api)
    followed(api, every="monthly", language="it")
    ((search),) = searches(api)
    assert (search.every, search.language) == ("monthly", "it")


def test_an_address_follows_so_many(api: Correspondence) -> None:
    first = followed(api, "q=0")
    with api.database.transaction() as session:
        for number in range(1, MOST_FOLLOWED):
            row = first.model_dump(exclude={"id"}) | {"question": f"q={number}"}
            session.add(FollowedSearch(**row))
    shift(api, FollowedSearch, 86_400, "created_at")
    token = api.asked("/followed-searches", follow("q=more"))
    check_problem(api.post("/reader-requests/confirm", json={"token": token}), 409)


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("", ""),
        (
            "?q=seasonal+workers&priority=rights&priority=capacities",
            "q=seasonal+workers&priority=rights&priority=capacities",
        ),
        ("q=a&sort=title&page=3&per_page=9&facets=x&lang=it&min_seq=1", "q=a"),
        ("q=%C3%A9", "q=%C3%A9"),
    ],
)
def test_a_question_is_kept_as_it_is_asked(api: Correspondence, question: str, kept: str) -> None:
    assert followed(api, question).question == kept


@pytest.mark.parametrize(
    "question", ["q=%ff", "Q=x", "q=%00", "&".join(["q=x"] * 51), "q=" + "x" * 2000, "a-b=1", f"{'a' * 41}=1"]
)
def test_what_no_search_asks_is_refused(api: Correspondence, question: str) -> None:
    problem = check_problem(api.post("/followed-searches", json=follow(question)), 422)
    assert problem["errors"][0]["field"] == "question"
