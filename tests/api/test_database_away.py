"""PostgreSQL killed, hanging, locked or full: requests are answered 503 with a reason, and all recovers by itself."""

import io
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from services.api.app import open_database
from services.api.kit.outages import unavailable
from services.api.settings import Settings
from tests.harness.databases import OnPostgres
from tests.harness.postgres import ADMIN, Postgres
from tests.harness.support import Api, Template, build_template, check_problem, in_a_request, practice_body, running
from tests.harness.waiting import SOON, until

IDLE = 2.0
"""Seconds after which a transaction that asks nothing is ended."""


@pytest.fixture(scope="module")
def cluster(postgres: Postgres) -> Iterator[Postgres]:
    """A server of this module's own, to be killed; `postgres` skips where there is none."""
    if os.environ.get(ADMIN):
        pytest.skip("a server that is not ours is not killed")
    cluster = Postgres.start()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="module")
def databases(cluster: Postgres) -> OnPostgres:
    return OnPostgres(cluster)


@pytest.fixture(scope="module")
def template(databases: OnPostgres, tmp_path_factory: pytest.TempPathFactory) -> Template:
    return build_template(databases, tmp_path_factory.mktemp("template"))


@pytest.fixture
def api_settings(template: Template, tmp_path: Path) -> Settings:
    """Settings under which nothing waits for long; a busy machine may pause us for a second, which is not idleness."""
    short = {"busy_timeout": 0.3, "pool_timeout": 0.3, "statement_timeout": 1, "idle_timeout": IDLE}
    return template.copy(tmp_path).model_copy(update=short | {"connect_timeout": 2})


@pytest.fixture
def back(cluster: Postgres) -> Iterator[None]:
    """Let the server run again when a test is over."""
    yield
    try:
        os.kill(cluster.pid, 0)
    except RuntimeError:
        cluster.restart()


@contextmanager
def logging() -> Iterator[io.StringIO]:
    """Log into a text."""
    before = structlog.get_config()
    logged = io.StringIO()
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=logged))
    try:
        yield logged
    finally:
        structlog.configure(**before)


def create(api: Api, template: Template, **more: Any) -> httpx.Response:
    return api.post("/practices", template.secretariat, json=practice_body(), **more)


def check_away(answer: httpx.Response) -> str:
    """Check that an answer says 503 and when to come back, without anything secret; return its reason."""
    detail: str = check_problem(answer, 503)["detail"]
    assert int(answer.headers["retry-after"]) > 0
    assert "127.0.0.1" not in answer.text
    return detail


def check_recovers(api: Api, template: Template) -> None:
    until(lambda: api.get("/api/readyz").status_code == 200)
    assert create(api, template).status_code == 201
    assert api.get("/practices").status_code == 200


@pytest.mark.usefixtures("back")
def test_a_killed_server_is_missed_and_found_again(api: Api, template: Template, cluster: Postgres) -> None:
    stop = threading.Event()
    acknowledged: set[str] = set()
    read_well: list[int] = []

    def write() -> set[int]:
        seen = set()
        while not stop.is_set():
            answer = create(api, template)
            seen.add(answer.status_code)
            if answer.status_code == 201:
                acknowledged.add(answer.json()["id"])
            else:
                check_away(answer)
        return seen

    def read() -> set[int]:
        seen = set()
        while not stop.is_set():
            for path in ("/practices?limit=5", "/changes/digest", "/authorities/alba"):
                answer = api.get(path, template.colleague)
                seen.add(answer.status_code)
                if answer.status_code != 200:
                    check_away(answer)
                else:
                    read_well.append(threading.get_ident())
            assert api.get("/api/healthz").status_code == 200
        return seen

    def work_goes_on() -> None:
        written = len(acknowledged)
        read_well.clear()
        until(lambda: len(acknowledged) > written + 4 and len({*read_well}) == 2)

    with logging() as logged, ThreadPoolExecutor(6) as pool:
        working = [pool.submit(work) for work in (write, write, read, read)]
        try:
            for _ in range(2):
                work_goes_on()
                cluster.kill()
                until(lambda: api.get("/api/readyz").status_code == 503)
                assert "does not answer" in check_away(api.get("/api/readyz"))
                assert "does not answer" in check_away(create(api, template))
                cluster.restart()
                until(lambda: api.get("/api/readyz").status_code == 200, 5)
            work_goes_on()
        finally:
            stop.set()
        assert [task.result(20) for task in working] == [{201, 503}] * 2 + [{200, 503}] * 2
    check_recovers(api, template)
    for id in acknowledged:
        assert api.get(f"/practices/{id}/latest", template.secretariat).status_code == 200
    assert '"reason": "The database does not answer"' in logged.getvalue()
    assert "database available" in logged.getvalue()
    assert str(api.database.engine.url.password) not in logged.getvalue()


@pytest.mark.usefixtures("back")
def test_long_polls_outlive_the_server(api: Api, template: Template, cluster: Postgres) -> None:
    head = api.get("/changes?limit=1").json()["head"]
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(api.get, f"/changes?after={head}&wait=20") for _ in range(2)]
        until(lambda: api.app.state.watcher.waiters == 2)
        cluster.kill()
        until(lambda: api.get("/api/readyz").status_code == 503)
        check_away(api.get(f"/changes?after={head}&wait=1"))
        cluster.restart()
        until(lambda: api.get("/api/readyz").status_code == 200)
        assert not any(task.done() for task in waiting)
        id = create(api, template).json()["id"]
        assert api.post(f"/practices/{id}/publish", template.secretariat, version=1).status_code == 200
        for task in waiting:
            assert [one["id"] for one in task.result(5).json()["changes"]] == [id]


@pytest.mark.usefixtures("back")
def test_the_api_starts_before_its_server(api_settings: Settings, template: Template, cluster: Postgres) -> None:
    cluster.kill()
    with running(api_settings) as api:
        assert api.get("/api/healthz").status_code == 200
        assert "does not answer" in check_away(api.get("/api/readyz"))
        check_away(api.get("/practices"))
        cluster.restart()
        check_recovers(api, template)


def test_a_server_that_hangs_is_given_up(
    api_settings: Settings, template: Template, cluster: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.api.kit.postgresql._GRACE", 0)
    with running(api_settings) as api, ThreadPoolExecutor(4) as pool:
        create(api, template)
        backends = [row[0] for row in cluster.execute(sql.SQL("SELECT pid FROM pg_stat_activity"))]
        processes = [cluster.pid, *backends]
        try:
            for process in processes:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGSTOP)
            started = time.monotonic()
            hanging = [pool.submit(create, api, template) for _ in range(4)]
            for task in hanging:
                check_away(task.result(20))
            assert time.monotonic() - started < SOON
            until(lambda: api.get("/api/readyz").status_code == 503)
            assert api.get("/api/healthz").status_code == 200
        finally:
            for process in processes:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)
        check_recovers(api, template)


def test_no_broken_connection_is_handed_out(api_settings: Settings, cluster: Postgres) -> None:
    database = open_database(api_settings)  # which no api looks at
    try:
        with ExitStack() as stack:
            for write in (True, False, True):
                session = stack.enter_context(database.transaction(write=write))
                session.execute(text("SELECT 1"))
        ours = sql.SQL("FROM pg_stat_activity WHERE application_name = 'praxis-api'")
        assert len(cluster.execute(sql.SQL("SELECT pg_terminate_backend(pid, 2000) ") + ours)) == 3
        for write in (True, False, True):
            with database.transaction(write=write) as session:
                assert session.execute(text("SELECT 1")).scalar() == 1
    finally:
        database.close()


def test_a_look_that_outlasts_the_api_leaves_no_connection(api_settings: Settings, cluster: Postgres) -> None:
    patient = api_settings.model_copy(update={"busy_timeout": 4, "statement_timeout": 20, "idle_timeout": 60})
    ours = sql.SQL("SELECT wait_event_type FROM pg_stat_activity WHERE application_name = 'praxis-api'")
    other = open_database(patient)
    with other.transaction() as session, running(patient):
        session.execute(text("LOCK TABLE feed_state IN ACCESS EXCLUSIVE MODE"))
        until(lambda: ("Lock",) in cluster.execute(ours))
    other.close()
    until(lambda: not cluster.execute(ours))


@contextmanager
def before_commit(api: Api, act: Any) -> Iterator[None]:
    def act_in_requests(session: Session) -> None:
        if in_a_request():
            act(session)

    api.database.before_commit.insert(0, act_in_requests)
    yield
    api.database.before_commit.remove(act_in_requests)


def test_who_waits_too_long_is_told(api: Api, template: Template) -> None:
    id = create(api, template).json()["id"]
    publish = {"method": "POST", "path": f"/practices/{id}/publish", "key": template.secretariat, "version": 1}
    with api.database.engine.connect() as holder:
        holder.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        holder.execute(text("SELECT 1 FROM feed_state FOR UPDATE"))
        assert "locked" in check_away(api.request(**publish))
        assert create(api, template).status_code == 201, "who publishes nothing waits for nobody"
        assert api.get("/practices").status_code == 200
    with before_commit(api, lambda session: session.execute(text("SELECT pg_sleep(5)"))):
        assert "busy" in check_away(api.request(**publish))
    with before_commit(api, lambda session: time.sleep(IDLE + 0.5)):
        check_away(api.request(**publish))
    assert api.request(**publish).status_code == 200


def test_a_deadlock_is_told(api: Api, template: Template) -> None:
    turns = iter((("a", "b"), ("b", "a")))
    both = threading.Barrier(2)

    def cross(session: Session) -> None:
        session.execute(text("SET LOCAL lock_timeout = '5s'"))
        session.execute(text("SET LOCAL statement_timeout = '10s'"))
        for name in next(turns):
            session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})
            if not session.info.get("met"):
                session.info["met"] = True
                both.wait(5)

    with before_commit(api, cross), ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: create(api, template), range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 503]
    refused = next(answer for answer in answers if answer.status_code == 503)
    assert "send the request again" in check_away(refused)


def test_a_write_on_another_snapshot_is_told(api: Api) -> None:
    engine = api.database.engine.execution_options(isolation_level="REPEATABLE READ")
    change = text("UPDATE feed_state SET head = head")

    def collide() -> None:
        with engine.connect() as one, engine.connect() as other:
            one.execute(text("SELECT * FROM feed_state"))
            other.execute(change)
            other.commit()
            one.execute(change)

    with pytest.raises(DBAPIError) as raised:
        collide()
    assert "send the request again" in (unavailable(raised.value) or "")


def test_no_connection_left(template: Template, tmp_path: Path) -> None:
    few = {"pool_size": 1, "pool_overflow": 0, "pool_timeout": 0.3}
    with running(template.copy(tmp_path).model_copy(update=few)) as api:
        with api.database.transaction(write=False) as session:
            session.execute(text("SELECT 1"))
            assert "connections" in check_away(create(api, template))
            until(lambda: api.get("/api/readyz").status_code == 503)
            assert "connections" in check_away(api.get("/api/readyz"))
        check_recovers(api, template)
