"""Backup and restore: every row comes back, on either kind of database, of one moment; a restore is all or nothing."""

import os
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlmodel import SQLModel

from services.api import backup
from services.api.access.models import AuditEvent, GivenAnswer
from services.api.app import open_database
from services.api.authorities.models import Authority
from services.api.cli import MIGRATIONS
from services.api.kit import archive
from services.api.kit.archive import BackupRefused
from services.api.kit.moments import now
from services.api.settings import Settings
from tests.api.any_rows import ANSWER, AUTHORITY, EVENT
from tests.api.filling import fill
from tests.harness.databases import Databases, Files, OnPostgres
from tests.harness.depth import either, examples
from tests.harness.mirror import Mirror, public_state
from tests.harness.support import Api, Json, Template, make_key, practice_body, running, settings_for
from tests.harness.waiting import SOON, until

pytestmark = pytest.mark.each_database

Rows = dict[str, list[str]]


@pytest.fixture(params=either(["to the other"], ["to the other", "to its own"]))
def other(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[Settings]:
    """Settings for a database of the other or the same kind that has no tables yet."""
    sqlite = isinstance(databases, Files) == (request.param == "to its own")
    target: Databases = Files() if sqlite else OnPostgres(request.getfixturevalue("postgres"))
    folder = tmp_path / "other"
    yield settings_for(target.new(folder))
    target.clear(0)


@pytest.fixture
def filled(template: Template, tmp_path: Path) -> Settings:
    """Settings for a database in which there is something of everything."""
    made = template.copy(tmp_path)
    with running(made) as api:
        fill(api, template)
    return made


def rows(of: Settings) -> Rows:
    """Return every row of every table, as the models see it."""
    database = open_database(of)
    with database.transaction(write=False) as session:
        found = {
            table.name: sorted(repr(tuple(row)) for row in session.execute(select(table)))
            for table in SQLModel.metadata.sorted_tables
        }
    database.close()
    return found


def check_restored(found: Rows, of: Rows) -> None:
    """Check that rows are those of a backup, but for the new epoch and the mention of the restore."""
    (trace,) = set(found["audit_event"]) - set(of["audit_event"])
    assert "database.restore" in trace
    found = found | {"audit_event": [row for row in found["audit_event"] if row != trace]}
    assert found.pop("feed_state") != of["feed_state"]
    assert found == {name: held for name, held in of.items() if name != "feed_state"}


def test_every_row_comes_back(filled: Settings, other: Settings, tmp_path: Path) -> None:
    before = rows(filled)
    assert [name for name, held in before.items() if not held] == [], "there is something of everything"
    file = tmp_path / "backup.zip"
    made = backup.back_up(filled, MIGRATIONS, file)
    assert rows(filled) == before
    mark = backup.restore(other, MIGRATIONS, file)
    assert (mark.seq, mark.epoch != made.epoch) == (made.head, True)
    check_restored(rows(other), before)
    with running(filled) as api, running(other) as restored:
        state = public_state(lambda path: api.get(path).json())
        assert state == public_state(lambda path: restored.get(path).json())
        mirror = Mirror()
        mirror.catch_up(lambda path: restored.get(path).json())
        assert (mirror.records, mirror.epoch) == (state, mark.epoch)


@given(
    events=st.lists(EVENT, max_size=5),
    answers=st.lists(ANSWER, max_size=5),
    authorities=st.lists(AUTHORITY, max_size=5),
    chance=st.randoms(use_true_random=False),
)
@settings(max_examples=examples(10), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_of_any_values_come_back(
    api_settings: Settings,
    other: Settings,
    tmp_path: Path,
    events: list[Json],
    answers: list[Json],
    authorities: list[Json],
    chance: Any,
) -> None:
    for one in authorities:
        one["id"], one["slug"] = uuid4(), str(uuid4())
    ids = [one["id"] for one in authorities]
    others = [{name: chance.choice([None, *ids]) for name in ("parent_id", "successor_id")} for _ in ids]
    for event in events:
        event["id"] = uuid4()
    for answer in answers:
        answer["caller"] = str(uuid4())
    database = open_database(api_settings)
    with database.transaction() as session:
        for model, made in ((AuditEvent, events), (GivenAnswer, answers)):
            if made:
                session.execute(insert(model), made)
        if authorities:
            session.execute(insert(Authority), authorities)
        for id, named in zip(ids, others, strict=True):  # anywhere, themselves too
            one = session.get_one(Authority, id)
            one.parent_id, one.successor_id = named["parent_id"], named["successor_id"]
    database.close()
    file = tmp_path / "any.zip"
    backup.back_up(api_settings, MIGRATIONS, file, overwrite=True)
    backup.restore(other, MIGRATIONS, file, replace=True)
    check_restored(rows(other), rows(api_settings))


class Done(list[tuple[str, int]]):
    """Practices that were published, and their numbers, as they are acknowledged."""

    def __init__(self) -> None:
        super().__init__()
        self.fault: BaseException | None = None

    def wait_for(self, count: int) -> None:
        """Wait until so many are there."""
        until = time.monotonic() + 30
        while len(self) < count:
            assert self.fault is None
            assert time.monotonic() < until
            time.sleep(0.01)


@contextmanager
def writing(api: Api, template: Template, count: int = 3) -> Iterator[Done]:
    """Let some write all the while."""
    done = Done()
    ended = threading.Event()

    def write(name: str) -> None:
        try:
            for number in range(10**6):
                if ended.is_set():
                    return
                made = api.post("/practices", template.secretariat, json=practice_body(f"{name} {number}"))
                if made.status_code != 201:  # a restore may come in between
                    assert made.status_code in (401, 503), made.text
                    continue
                id = made.json()["id"]
                public = api.post(f"/practices/{id}/publish", template.secretariat, version=1)
                assert public.status_code in (200, 404, 503), public.text
                if public.status_code == 200:
                    done.append((id, int(public.headers["praxis-seq"].split(".")[1])))
        except BaseException as fault:
            done.fault = fault
            raise

    threads = [threading.Thread(target=write, args=[f"writer {number}"]) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        ended.set()
        for thread in threads:
            thread.join(30)
    assert done.fault is None


def check_feed(api: Api) -> Mirror:
    """Check that feed and records are one state."""

    def get(path: str) -> Any:
        answer = api.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    mirror = Mirror()
    mirror.catch_up(get, 1000)
    assert mirror.records == public_state(get)
    mirror.check_digest(get)
    return mirror


def test_a_backup_is_of_one_moment_while_others_write(
    api: Api, api_settings: Settings, template: Template, other: Settings, tmp_path: Path
) -> None:
    with writing(api, template) as done:
        for number in range(3):
            done.wait_for(4 * (number + 1))
            before = list(done)
            made = backup.back_up(api_settings, MIGRATIONS, tmp_path / f"{number}.zip")
            assert made.head >= max(seq for _, seq in before)
            backup.restore(other, MIGRATIONS, tmp_path / f"{number}.zip", replace=True)
            with running(other) as restored:
                mirror = check_feed(restored)
                assert mirror.head == made.head
                assert {("practice", id) for id, _ in before} <= set(mirror.records)


def test_a_restore_comes_in_under_readers_and_writers(
    api: Api, api_settings: Settings, template: Template, tmp_path: Path
) -> None:
    kept = api.post("/practices", template.secretariat, json=practice_body("Kept")).json()["id"]
    api.post(f"/practices/{kept}/publish", template.secretariat, version=1).raise_for_status()
    backup.back_up(api_settings, MIGRATIONS, tmp_path / "backup.zip")
    api.put(f"/practices/{kept}", template.secretariat, version=2, json=practice_body("Lost")).raise_for_status()
    api.post(f"/practices/{kept}/publish", template.secretariat, version=3).raise_for_status()
    assert api.get(f"/practices/{kept}").json()["content"]["initiative"]["title"] == "Lost"
    with writing(api, template) as done:
        for _ in range(3):
            written = len(done)
            mark = backup.restore(api_settings, MIGRATIONS, tmp_path / "backup.zip", replace=True)
            done.wait_for(written + 4)
    assert check_feed(api).epoch == mark.epoch
    assert api.get(f"/practices/{kept}").json()["content"]["initiative"]["title"] == "Kept"


def test_what_is_being_written_is_replaced_too(api: Api, api_settings: Settings, tmp_path: Path) -> None:
    backup.back_up(api_settings, MIGRATIONS, tmp_path / "backup.zip")
    before = rows(api_settings)
    restoring = threading.Thread(
        target=backup.restore, args=[api_settings, MIGRATIONS, tmp_path / "backup.zip"], kwargs={"replace": True}
    )
    with api.database.transaction() as session:
        session.add(AuditEvent(at=now(), caller="late", action="", target_type="", target_id="", detail={}))
        session.flush()
        restoring.start()
        restoring.join(1)
        assert restoring.is_alive(), "it waits for who writes"
    restoring.join(20)
    check_restored(rows(api_settings), before)


def test_those_who_wait_for_changes_learn_of_a_restore(
    api: Api, api_settings: Settings, template: Template, tmp_path: Path
) -> None:
    backup.back_up(api_settings, MIGRATIONS, tmp_path / "backup.zip")
    head = api.get("/changes").json()["head"]
    answers: list[Json] = []
    waiting = threading.Thread(
        target=lambda: answers.append(api.get(f"/changes?after={head}&wait=20").json()), daemon=True
    )
    waiting.start()
    until(lambda: api.app.state.watcher.waiters == 1)
    assert not answers
    mark = backup.restore(api_settings, MIGRATIONS, tmp_path / "backup.zip", replace=True)
    waiting.join(SOON)
    assert [answer["epoch"] for answer in answers] == [mark.epoch]


def test_keys_are_as_they_were(api: Api, api_settings: Settings, template: Template, tmp_path: Path) -> None:
    backup.back_up(api_settings, MIGRATIONS, tmp_path / "backup.zip")
    later = make_key(api.database)
    assert api.post("/practices", later, json=practice_body()).status_code == 201
    backup.restore(api_settings, MIGRATIONS, tmp_path / "backup.zip", replace=True)
    assert api.post("/practices", later, json=practice_body()).status_code == 401
    assert api.post("/practices", template.secretariat, json=practice_body()).status_code == 201


def test_a_file_is_its_owners_alone_and_is_not_written_over(api_settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    file = folder / "backup.zip"
    file.write_text("precious")
    with pytest.raises(BackupRefused, match="is there already"):
        backup.back_up(api_settings, MIGRATIONS, file)
    assert file.read_text() == "precious"
    backup.back_up(api_settings, MIGRATIONS, file, overwrite=True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    late = folder / "late.zip"
    with pytest.raises(BackupRefused, match="is there already"), archive.writing(late):
        late.write_text("precious")
    assert late.read_text() == "precious"
    late.unlink()
    with pytest.raises(BackupRefused, match=r"cannot write .*no folder"):
        backup.back_up(api_settings, MIGRATIONS, tmp_path / "no folder" / "backup.zip")
    assert os.listdir(folder) == ["backup.zip"]


def test_rows_are_replaced_only_when_told_so(filled: Settings, tmp_path: Path) -> None:
    backup.back_up(filled, MIGRATIONS, tmp_path / "backup.zip")
    before = rows(filled)
    with pytest.raises(BackupRefused, match=r"holds rows \(.*4 in record_revision.*--replace"):
        backup.restore(filled, MIGRATIONS, tmp_path / "backup.zip")
    assert rows(filled) == before
    backup.restore(filled, MIGRATIONS, tmp_path / "backup.zip", replace=True)
    check_restored(rows(filled), before)
