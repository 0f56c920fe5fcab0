"""Writes that meet, on PostgreSQL, where none waits from its start: nothing stale is published or happens twice."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any, TypeVar

import pytest
from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from services.api.access.models import GivenAnswer
from services.api.access.service import OPERATOR
from services.api.app import prepare
from services.api.authorities import service as authorities
from services.api.changes import service as changes
from services.api.changes.models import PublicRecord
from services.api.exchange.entries import Entry
from services.api.exchange.importing import Importer
from services.api.exchange.items import Options, Outcome
from services.api.kit.moments import now
from services.api.records import publishing, schemas
from services.api.records import service as practices
from services.api.records.models import Record
from services.api.types.practice.type import TYPE
from services.web.problems import Problem
from tests.harness.support import Api, Template, authority_body, check_problem, in_a_request, practice_body

pytestmark = pytest.mark.parametrize("databases", ["postgresql"], indirect=True, scope="session")
PAUSE, PATIENCE = 0.3, 20
"""Seconds that a write stands still before its commit for others that wait for it, and for others that overtake it."""
T = TypeVar("T")


class Meeting:
    """Writes that meet: the others begin once the first one has done all but take its numbers and commit."""

    def __init__(self, api: Api, pool: ThreadPoolExecutor) -> None:
        self.api, self.pool = api, pool

    def of(
        self, first: Callable[[], T], *others: Callable[[], T], fails: bool = False, overtaken: bool = False
    ) -> list[T]:
        """Return what the writes return, in this order.

        `fails` makes the first one fail at its commit, `overtaken` wants the others to end while it stands still.
        """
        begun, go = threading.Event(), threading.Event()

        def stand_still(session: Session) -> None:
            if not begun.is_set() and in_a_request():
                begun.set()
                go.wait(2 * PATIENCE)
                if fails:
                    raise Problem("after all, no")

        self.api.database.before_commit.insert(0, stand_still)
        try:
            tasks: list[Future[T]] = [self.pool.submit(first)]
            assert begun.wait(PATIENCE)
            tasks += [self.pool.submit(other) for other in others]
            _, waiting = wait(tasks[1:], PATIENCE if overtaken else PAUSE)
            assert not (overtaken and waiting), "others waited for the first one"
            go.set()
            return [task.result(20) for task in tasks]
        finally:
            go.set()
            self.api.database.before_commit.remove(stand_still)


@pytest.fixture
def meeting(api: Api) -> Iterator[Meeting]:
    api.app.state.clerk.close()
    with ThreadPoolExecutor(8) as pool:
        yield Meeting(api, pool)


class Base:
    """The secretariat's writes on one api."""

    def __init__(self, api: Api, template: Template) -> None:
        self.api, self.key = api, template.secretariat

    def practice(self, title: str = "A practice", *, published: bool = False, authority: str = "alba") -> str:
        made = self.api.post("/practices", self.key, json=practice_body(title, authority=authority))
        id: str = made.json()["id"]
        if published:
            assert self.act(id, "publish", 1).status_code == 200
        return id

    def act(self, id: str, act: str, version: int, **more: Any) -> Any:
        return self.api.post(f"/practices/{id}/{act}", self.key, version=version, **more)

    def edit(self, id: str, title: str, version: int) -> Any:
        return self.api.put(f"/practices/{id}", self.key, version=version, json=practice_body(title))

    def authority(self, slug: str, name: str, version: int = 1, **more: Any) -> Any:
        return self.api.put(f"/authorities/{slug}", self.key, version=version, json=authority_body(name, **more))

    def check_feed(self) -> None:
        """Render everything that is public anew: the feed must hold just that."""

        def compare() -> None:
            with self.api.database.transaction() as session:
                rows = authorities.every(session)
                expected = {
                    ("authority", str(row.id)): changes.render(authorities.public(session, row)) for row in rows
                }
                for row in rows:
                    publishing.render_anew(session, row.id)
                expected |= {key: body for key, body in changes._pending(session).items() if body is not None}
                found = {
                    (type, id): body
                    for type in ("authority", "practice")
                    for id, body in changes.public_bodies(session, type)
                }
                assert found == expected
                public = practices.page(session, TYPE, None, "published", None, None, 1000)
                assert {id for type, id in found if type == "practice"} == {str(one.id) for one, _, _ in public}
                raise Problem("that was a rehearsal")

        with suppress(Problem):
            compare()


@pytest.fixture
def base(api: Api, template: Template) -> Base:
    return Base(api, template)


def statuses(answers: list[Any]) -> list[int]:
    return [answer.status_code for answer in answers]


@pytest.mark.parametrize("first", ["authority", "practice"])
@pytest.mark.parametrize("act", ["publish", "publish again", "unpublish", "rename"])
def test_practices_and_their_authority_are_published_as_they_end(
    meeting: Meeting, base: Base, act: str, first: str
) -> None:
    id = base.practice(published=act != "publish")
    version = 2 if act != "publish" else 1
    if act == "publish again":
        base.edit(id, "Another title", 2)
        version, act = 3, "publish"
    more = {"json": {"slug": "other"}} if act == "rename" else {}
    writes = [partial(base.authority, "alba", "Alba Nuova"), partial(base.act, id, act, version, **more)]
    if first == "practice":
        writes.reverse()
    assert statuses(meeting.of(*writes)) == [200, 200]
    base.check_feed()


@pytest.mark.parametrize("first", ["parent", "child"])
def test_an_authority_shows_its_parent_as_it_ends(meeting: Meeting, base: Base, first: str) -> None:
    base.practice(published=True)
    writes = [partial(base.authority, "boca", "Boca Nueva"), partial(base.authority, "alba", "Alba", parent="boca")]
    if first == "child":
        writes.reverse()
    assert statuses(meeting.of(*writes)) == [200, 200]
    base.check_feed()


def test_two_authorities_cannot_come_to_belong_to_each_other(meeting: Meeting, base: Base) -> None:
    answers = meeting.of(
        partial(base.authority, "alba", "Alba", parent="boca"), partial(base.authority, "boca", "Boca", parent="alba")
    )
    assert statuses(answers) == [200, 422]


def test_a_read_before_the_wait_is_read_again(api: Api, base: Base) -> None:
    id = base.practice(published=True)
    with api.database.transaction(write=False) as session:
        name = authorities.find(session, "alba").name
    with api.database.transaction() as session:
        found = authorities.find(session, "alba")
        assert found.name == name
        assert base.authority("alba", "Alba Nuova").status_code == 200
        changes.hold(session)
        assert found.name == "Alba Nuova"
        publishing.render_anew(session, found.id)
    assert api.get(f"/practices/{id}").json()["authorities"][0]["name"] == "Alba Nuova"


def test_an_edit_goes_on_from_the_latest_revision(api: Api, base: Base) -> None:
    id = base.practice()
    with api.database.transaction() as session:
        found = practices.find(session, TYPE, id, OPERATOR)
        assert base.edit(id, "Meanwhile", 1).status_code == 200
        practices.update(session, OPERATOR, found, schemas.of(TYPE).write.model_validate(practice_body("Anew")), 2)
    assert [one["number"] for one in api.get(f"/practices/{id}/revisions", base.key).json()] == [3, 2, 1]


def test_who_publishes_nothing_waits_for_nobody(meeting: Meeting, base: Base) -> None:
    published, draft = base.practice(published=True), base.practice()
    writes = [partial(base.authority, "alba", "Alba Nuova"), partial(base.edit, published, "Anew", 2)]
    writes.append(partial(base.edit, draft, "Anew", 1))
    assert statuses(meeting.of(*writes, overtaken=True)) == [200, 200, 200]
    base.check_feed()


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("expired", [False, True])
def test_a_request_sent_twice_at_once_happens_once(
    meeting: Meeting, api: Api, base: Base, template: Template, fails: bool, expired: bool
) -> None:
    def send() -> Any:
        return api.post(
            "/practices", template.secretariat, headers={"Idempotency-Key": "a"}, json=practice_body("Once")
        )

    if expired:
        send()
        with api.database.transaction() as session:
            session.execute(update(GivenAnswer).values(at=now() - timedelta(days=1, seconds=1)))
    first, *others = meeting.of(send, send, send, fails=fails)
    if fails:
        check_problem(first, 500)
        first, others = next((one, others) for one in others if "idempotent-replayed" not in one.headers)
        others = [one for one in others if one is not first]
    assert first.status_code == 201
    for other in others:
        assert (other.status_code, other.content) == (201, first.content)
        assert other.headers["idempotent-replayed"] == "true"
    assert len(api.get("/practices", template.secretariat).json()["items"]) == (2 if expired else 1)


def test_old_answers_are_forgotten_by_whoever_comes_first(meeting: Meeting, api: Api, template: Template) -> None:
    def send(key: str) -> Any:
        return api.post("/practices", template.secretariat, headers={"Idempotency-Key": key}, json=practice_body())

    for key in "abc":
        send(key)
    with api.database.transaction() as session:
        session.execute(update(GivenAnswer).values(at=now() - timedelta(days=2)))
    # Who finds them being forgotten does not wait.
    assert statuses(meeting.of(partial(send, "d"), partial(send, "e"), overtaken=True)) == [201, 201]
    with api.database.transaction() as session:
        session.execute(update(GivenAnswer).values(at=now() - timedelta(days=2)))
    assert statuses(meeting.of(partial(send, "d"), partial(send, "e"), partial(send, "a"))) == [201, 201, 201]
    with api.database.transaction(write=False) as session:
        assert set(session.scalars(select(col(GivenAnswer.key)))) == {"a", "d", "e"}


def test_names_that_are_given_get_another_suffix(meeting: Meeting, api: Api, base: Base) -> None:
    def create(**more: Any) -> Any:
        return api.post("/authorities", base.key, json=authority_body("Same Name") | more)

    answers = meeting.of(create, create, create)
    assert statuses(answers) == [201, 201, 201]
    assert {one.json()["slug"] for one in answers} == {"same-name", "same-name-2", "same-name-3"}
    answers = meeting.of(partial(create, slug="asked-for"), partial(create, slug="asked-for"))
    assert statuses(answers) == [201, 409]
    ids = [base.practice("Same title") for _ in range(3)]
    answers = meeting.of(*(partial(base.act, id, "publish", 1) for id in ids))
    assert statuses(answers) == [200, 200, 200]
    assert {one.json()["slug"] for one in answers} == {"same-title", "same-title-2", "same-title-3"}
    answers = meeting.of(*(partial(base.act, id, "rename", 2, json={"slug": "wanted"}) for id in ids[:2]))
    assert statuses(answers) == [200, 409]
    late = base.practice("Newest")
    answers = meeting.of(
        partial(base.act, ids[2], "rename", 2, json={"slug": "newest"}), partial(base.act, late, "publish", 1)
    )
    assert [one.json()["slug"] for one in answers] == ["newest", "newest-2"]
    base.check_feed()


def test_of_two_changes_of_one_version_the_first_is_taken(meeting: Meeting, base: Base) -> None:
    writes: list[tuple[str, Callable[[str], Any]]] = [
        ("edit", lambda id: base.edit(id, "Anew", 2)),
        ("publish", lambda id: base.act(id, "publish", 2)),
        ("unpublish", lambda id: base.act(id, "unpublish", 2)),
        ("rename", lambda id: base.act(id, "rename", 2, json={"slug": f"slug-{id}"})),
    ]
    for (one, first), (other, second) in pairwise([*writes, *writes[::-1], writes[0]]):
        id = base.practice(published=True)
        answers = meeting.of(partial(first, id), partial(second, id))
        assert statuses(answers) == [200, 412], (one, other)
        assert "The version is 3, not 2" in check_problem(answers[1], 412)["detail"]
    answers = meeting.of(partial(base.authority, "boca", "One"), partial(base.authority, "boca", "Two"))
    assert statuses(answers) == [200, 412]
    assert "The version is 2, not 1" in answers[1].text
    base.check_feed()


def test_seeding_twice_at_once_loads_each_record_once(meeting: Meeting, api: Api) -> None:
    entries = [
        Entry(name, 1, {"external_id": name, **practice_body(name)}, kind="practices") for name in ("one", "two")
    ]

    def load() -> dict[Outcome, int]:
        return Importer(api.database, Options(publish=True, whole=True)).run(entries)

    first, second = meeting.of(load, load)
    assert (first, second) == ({"added": 2}, {"unchanged": 2})


def test_processes_that_start_at_once_publish_vocabularies_once(meeting: Meeting, api: Api) -> None:
    with api.database.transaction() as session:
        session.execute(delete(PublicRecord).where(col(PublicRecord.type) == "vocabulary"))
        before = changes.head(session)
    meeting.of(*[partial(prepare, api.database)] * 3)
    with api.database.transaction(write=False) as session:
        published = changes.public_bodies(session, "vocabulary")
        assert changes.head(session).seq == before.seq + len(published)


def test_processes_that_start_at_once_render_anew_once(meeting: Meeting, api: Api, base: Base) -> None:
    ids = [base.practice(f"Practice {number}", published=True) for number in range(3)]
    with api.database.transaction() as session:
        session.execute(update(Record).values(rendering=0))
        session.execute(update(PublicRecord).where(col(PublicRecord.type) == "practice").values(body=b"{}"))
        before = changes.head(session)
    meeting.of(*[partial(prepare, api.database)] * 3)
    with api.database.transaction(write=False) as session:
        assert changes.head(session).seq == before.seq + len(ids)
    base.check_feed()
