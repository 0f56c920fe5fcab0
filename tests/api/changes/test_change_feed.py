"""The change feed: whoever polls it from any cursor ends with exactly what is public."""

import random
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.api.changes import service as changes
from services.api.changes.models import FeedState, PublicRecord
from services.api.kit.moments import now
from services.api.settings import Settings
from services.web.problems import Problem
from tests.harness.depth import either, examples
from tests.harness.mirror import Get, Json, Mirror, public_state
from tests.harness.paths import ROOT
from tests.harness.support import Api, Template, authority_body, check_problem, practice_body, running
from tests.harness.waiting import SOON, until

pytestmark = pytest.mark.each_database


def reader(api: Api) -> Get:
    def get(path: str) -> Json:
        answer = api.get(path)
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body

    return get


class Writer:
    """Does random public and private writes on one api; several may work at once."""

    def __init__(self, api: Api, template: Template, name: str) -> None:
        self.api, self.key, self.name = api, template.secretariat, name
        self.mine: list[str] = []

    def act(self, choice: int) -> None:
        """Do one of the writes, on a practice chosen by the number."""
        kind, which = choice % 7, choice // 7
        if kind == 6:
            self.update_authority(("alba", "boca")[which % 2], f"{self.name} {choice}")
        elif kind <= 1 or not self.mine:
            authority = ("alba", "boca")[which % 2]
            made = self.api.post("/practices", self.key, json=practice_body(f"By {self.name}", authority=authority))
            self.mine.append(made.json()["id"])
            self.done(made.status_code)
            if kind == 1:
                self.publish(self.mine[-1])
        elif kind in (2, 3):
            self.publish(self.mine[which % len(self.mine)])
        elif kind == 4:
            id = self.mine[which % len(self.mine)]
            body = practice_body(f"Anew {choice}", authority=("alba", "boca")[which % 2])
            self.done(self.api.put(f"/practices/{id}", self.key, version=self.version(id), json=body).status_code)
        else:
            id = self.mine[which % len(self.mine)]
            answer = self.api.post(f"/practices/{id}/unpublish", self.key, version=self.version(id))
            self.done(answer.status_code, 409)

    def publish(self, id: str) -> None:
        self.done(self.api.post(f"/practices/{id}/publish", self.key, version=self.version(id)).status_code)

    def update_authority(self, slug: str, name: str) -> None:
        version = self.api.get(f"/authorities/{slug}").json()["version"]
        answer = self.api.put(f"/authorities/{slug}", self.key, version=version, json=authority_body(name))
        self.done(answer.status_code, 412)  # another writer may be faster

    def version(self, id: str) -> int:
        version: int = self.api.get(f"/practices/{id}/latest", self.key).json()["version"]
        return version

    def done(self, status: int, *also: int) -> None:
        assert status in (200, 201, *also)


@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    history=st.lists(st.lists(st.integers(0, 200), max_size=6), min_size=1, max_size=5),
    limits=st.lists(st.integers(1, 40), min_size=1, max_size=4),
)
def test_every_cursor_leads_to_the_public_state(
    template: Template, tmp_path_factory: pytest.TempPathFactory, history: list[list[int]], limits: list[int]
) -> None:
    with running(template.copy(tmp_path_factory.mktemp("api"))) as api:
        get, writer = reader(api), Writer(api, template, "one")
        mirrors = [Mirror()]
        for number, part in enumerate(history):
            for choice in part:
                writer.act(choice)
            standing = mirrors[-1].copy()  # others stay where they are until the end
            standing.poll(get, limits[number % len(limits)])
            mirrors.append(standing)
        expected = public_state(get)
        for mirror in mirrors:
            mirror.catch_up(get, limits[0])
            assert mirror.records == expected
            mirror.check_digest(get)


@pytest.mark.parametrize("seed", range(either(2, 4)))
def test_nothing_is_missed_while_several_write(api: Api, template: Template, seed: int) -> None:
    get = reader(api)
    stop = threading.Event()

    def write(name: str) -> None:
        chance, writer = random.Random(f"{seed} {name}"), Writer(api, template, name)
        for _ in range(15):
            writer.act(chance.randrange(200))

    def follow(limit: int) -> Mirror:
        mirror = Mirror()
        while not stop.is_set():
            mirror.poll(get, limit)
        return mirror

    with ThreadPoolExecutor(6) as pool:
        following = [pool.submit(follow, limit) for limit in (1, 3, 1000)]
        writing = [pool.submit(write, name) for name in ("one", "two", "three")]
        try:
            for task in writing:
                task.result(60)
        finally:
            stop.set()
        expected = public_state(get)
        for follower in following:
            mirror = follower.result(60)
            mirror.catch_up(get)
            assert mirror.records == expected
            mirror.check_digest(get)


def test_a_number_taken_too_early_would_be_noticed(api: Api) -> None:
    """Numbers that do not follow commits lose a record: the checks above can fail."""
    get, mirror = reader(api), Mirror()
    mirror.catch_up(get)

    def commit(seq: int) -> None:
        api.database.before_commit.clear()
        with api.database.transaction() as session:
            state = session.get(FeedState, 1)
            assert state is not None
            state.head = mirror_head + 2
            body = b'{"type":"note","id":"%d"}' % seq
            session.add(PublicRecord(type="note", id=str(seq), seq=seq, op="upsert", body=body, changed_at=now()))

    mirror_head = mirror.head
    early, late = mirror_head + 1, mirror_head + 2
    commit(late)
    mirror.catch_up(get)
    commit(early)
    mirror.catch_up(get)
    assert ("note", str(late)) in mirror.records
    assert ("note", str(early)) not in mirror.records
    with pytest.raises(AssertionError):
        mirror.check_digest(get)


def test_the_digest_goes_by_bytes_whatever_the_database_sorts_by(api: Api) -> None:
    with api.database.transaction() as session:
        for id in ("a", "B", "a-b", "a_b", "ab", "Ab", "é", "z", "Z", "10", "9"):
            changes.publish(session, "note", id, b'{"type":"note","id":"%b"}' % id.encode())
    mirror = Mirror()
    mirror.catch_up(reader(api))
    mirror.check_digest(reader(api))


def test_a_failed_write_leaves_neither_records_nor_numbers(api: Api) -> None:
    before = api.get("/changes/digest").json()

    def fail() -> None:
        with api.database.transaction() as session:
            changes.publish(session, "note", "1", b"{}")
            changes.withdraw(session, "vocabulary", "features")
            raise Problem("after all, no")

    with pytest.raises(Problem):
        fail()
    assert api.get("/changes/digest?").json() == before


def test_authorities_carry_their_practices_along(api: Api, template: Template) -> None:
    ids = {}
    for title, published in (("Shown", True), ("Draft", False), ("Gone", True), ("Elsewhere", True)):
        authority = "boca" if title == "Elsewhere" else "alba"
        ids[title] = api.post(
            "/practices", template.secretariat, json=practice_body(title, authority=authority)
        ).json()["id"]
        if published:
            api.post(f"/practices/{ids[title]}/publish", template.secretariat, version=1)
    api.post(f"/practices/{ids['Gone']}/unpublish", template.secretariat, version=2)
    before = api.get("/changes?limit=1").json()["head"]
    answer = api.put("/authorities/alba", template.secretariat, version=1, json=authority_body("Alba Nuova"))
    page = api.get(f"/changes?after={before}").json()
    assert answer.headers["praxis-seq"] == f"{page['epoch']}.{page['head']}"
    assert [(one["type"], one["seq"] - before) for one in page["changes"]] == [("authority", 1), ("practice", 2)]
    practice = page["changes"][1]
    assert practice["id"] == ids["Shown"]
    shown = answer.json()
    own = {name: shown.pop(name) for name in ("ended", "successor", "contact_office")}
    assert page["changes"][0]["record"] == shown | own
    assert practice["record"]["authorities"] == [shown], "a practice shows what it always showed of an authority"
    assert api.get(f"/practices/{ids['Shown']}").json() == practice["record"]


def test_deletions_stay_as_rows(api: Api, template: Template) -> None:
    id = api.post("/practices", template.secretariat, json=practice_body()).json()["id"]
    for version, act in enumerate(("publish", "unpublish"), 1):
        api.post(f"/practices/{id}/{act}", template.secretariat, version=version)
    rows = [one for one in api.get("/changes?limit=1000").json()["changes"] if one["id"] == id]
    assert [(one["op"], one["record"]) for one in rows] == [("delete", None)]


def test_a_new_epoch_keeps_records_and_numbers(api: Api) -> None:
    before = api.get("/changes?limit=1000").json()
    with api.database.transaction() as session:
        name = changes.new_epoch(session)
    deadline = time.monotonic() + 2  # the page is asked for with a cursor that no cache knows
    while (after := api.get("/changes?limit=999").json())["epoch"] != name and time.monotonic() < deadline:
        time.sleep(0.05)
    assert after["epoch"] == name != before["epoch"]
    assert (after["head"], after["changes"]) == (before["head"], before["changes"])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("after=-1", "after"),
        (f"after={2**63}", "after"),
        ("after=1e3", "after"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("wait=-1", "wait"),
        ("wait=25.5", "wait"),
        ("wait=nan", "wait"),
        ("since=3", "since"),
    ],
)
def test_bounds(api: Api, query: str, field: str) -> None:
    errors = check_problem(api.get(f"/changes?{query}"), 422)["errors"]
    assert [(one["location"], one["field"]) for one in errors] == [("query", field)]


def test_a_cursor_beyond_the_head_finds_nothing(api: Api) -> None:
    page = api.get(f"/changes?after={2**62}").json()
    assert page["changes"] == []
    assert 0 < page["head"] < 2**62


def test_no_news_comes_back_after_the_wait(api: Api) -> None:
    head = api.get("/changes?limit=1").json()["head"]
    started = time.monotonic()
    answer = api.get(f"/changes?after={head}&wait=0.4")
    assert 0.35 <= time.monotonic() - started < SOON
    assert answer.json()["changes"] == []
    assert answer.headers["cache-control"] == "no-store"
    started = time.monotonic()
    assert api.get("/changes?after=0&limit=1&wait=20").json()["changes"]
    assert time.monotonic() - started < SOON, "what is there already is not waited for"


def test_a_commit_in_this_process_wakes_readers(api: Api, template: Template) -> None:
    head = api.get("/changes?limit=1").json()["head"]
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(api.get, f"/changes?after={head}&wait=20") for _ in range(3)]
        until(lambda: api.app.state.watcher.waiters == 3)
        assert not any(task.done() for task in waiting)
        api.post("/authorities", template.secretariat, json=authority_body("New"))
        committed = time.monotonic()
        for task in waiting:
            assert [one["record"]["name"] for one in task.result(SOON).json()["changes"]] == ["New"]
        assert time.monotonic() - committed < SOON


OTHER_PROCESS = """
import sys, time
from services.api.app import open_database
from services.api.changes import service as changes
from services.api.settings import Settings

database = open_database(Settings(_env_file=None, database_url=sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
with database.transaction() as session:
    changes.publish(session, "note", "1", b'{"type":"note","id":"1"}')
print(time.time(), flush=True)
"""


def test_a_commit_in_another_process_wakes_readers(api: Api, api_settings: Settings) -> None:
    head = api.get("/changes?limit=1").json()["head"]
    arguments = [sys.executable, "-c", OTHER_PROCESS, api_settings.database_url]
    with (
        subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process,
        ThreadPoolExecutor(1) as pool,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        waiting = pool.submit(api.get, f"/changes?after={head}&wait=20")
        until(lambda: api.app.state.watcher.waiters == 1)
        process.stdin.write("\n")
        process.stdin.flush()
        committed = float(process.stdout.readline())
        assert [one["id"] for one in waiting.result(SOON).json()["changes"]] == ["1"]
        assert time.time() - committed < SOON


def test_waiting_readers_are_capped_and_sent_home(template: Template, tmp_path: Path) -> None:
    few = template.copy(tmp_path).model_copy(update={"most_waiters": 2})
    with running(few) as api, ThreadPoolExecutor(2) as pool:
        head = api.get("/changes?limit=1").json()["head"]
        waiting = [pool.submit(api.get, f"/changes?after={head}&wait=20") for _ in range(2)]
        until(lambda: api.app.state.watcher.waiters == 2)
        refused = api.get(f"/changes?after={head}&wait=1")
        check_problem(refused, 503)
        assert int(refused.headers["retry-after"]) > 0
        assert api.get(f"/changes?after={head}").status_code == 200, "who does not wait is answered"
        started = time.monotonic()
        api.portal.call(api.app.state.watcher.close)
        assert [task.result(SOON).status_code for task in waiting] == [200, 200]
        assert time.monotonic() - started < SOON


def test_the_feed_never_goes_back_from_one_process_to_another(
    api: Api, api_settings: Settings, template: Template
) -> None:
    def head(one: Api) -> int:
        return int(one.get("/changes?after=0&limit=1").json()["head"])

    if not api.database.shared:
        pytest.skip("one process alone serves from a file")
    with running(api_settings) as other:
        for number in range(20):
            assert head(other) <= head(api)
            made = api.post("/practices", template.secretariat, json=practice_body(f"Number {number}")).json()
            assert api.post(f"/practices/{made['id']}/publish", template.secretariat, version=1).status_code == 200
            assert head(other) == head(api), "what one process tells, every other knows"
