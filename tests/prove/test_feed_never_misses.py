"""The feed never misses: 16 writers through three processes on PostgreSQL, and two followers that read meanwhile.

Each public write makes one change or, renaming an authority, many. `PRAXIS_SEED` makes every thread choose alike; how
the threads meet is the machine's choice, so a failure shows the record's history.
"""

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import Sequence, select
from sqlalchemy.schema import CreateSequence
from sqlmodel import Session, col

from services.api.access.models import AuditEvent
from services.api.access.service import OPERATOR
from services.api.app import open_database
from services.api.authorities import service as authorities
from services.api.authorities.models import Authority
from services.api.authorities.schemas import AuthorityCreate
from services.api.changes import service as changes
from services.api.changes.models import FeedState, PublicRecord
from services.api.records import forms, rendering
from services.api.records.models import Record, RecordMention, RecordPublication, RecordRevision
from services.api.records.rendering import Around
from services.api.types import TYPES
from services.api.vocabularies import service as vocabularies
from tests.harness.databases import OnPostgres
from tests.harness.delayed_api import SEQUENCE
from tests.harness.depth import SEED, either
from tests.harness.feed_run import (
    LONGEST_HISTORY,
    ONE_RECORD_EACH,
    PARENTS,
    REGIONS,
    SECRETARIAT,
    Follower,
    Key,
    Row,
    Run,
)
from tests.harness.mirror import State, public_state
from tests.harness.postgres import Postgres
from tests.harness.processes import Process, serving
from tests.harness.support import authority_body, build_template, make_key, settings_for

CHANGES = either(500, 20_000)
"""Public writes."""
DELAYED_CHANGES = 100


@dataclass(frozen=True)
class Base:
    """A migrated database with authorities, to be copied, and keys of those who write."""

    databases: OnPostgres
    url: str
    keys: Mapping[str, str]

    @contextmanager
    def served(self, processes: int, *args: str) -> Iterator[tuple[str, list[str]]]:
        """Serve a copy by several processes; yield the copy's address and theirs."""
        url = self.databases.copy(self.url, Path())
        environment = {"PRAXIS_API_DATABASE_URL": url, "PRAXIS_API_WRITES_PER_MINUTE": "1000000"}
        apis = [Process(f"api {number}", ["-m", *args], environment) for number in range(processes)]
        with serving(*apis, ready="/api/readyz"):
            yield url, [api.url for api in apis]


@pytest.fixture(scope="module")
def base(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    """The database that tests copy."""
    databases = OnPostgres(postgres)
    template = build_template(databases, tmp_path_factory.mktemp("template"))
    database = open_database(settings_for(template.url))
    with database.transaction() as session:
        session.execute(CreateSequence(Sequence(SEQUENCE, start=100_000)))  # beyond the numbers given by then
        for slug in (*REGIONS, *PARENTS):
            body = authority_body(slug.title(), slug=slug, parent=PARENTS.get(slug))
            authorities.create(session, OPERATOR, AuthorityCreate.model_validate(body))
    keys = {name: make_key(database) for name in (*PARENTS, SECRETARIAT)}
    database.close()
    yield Base(databases, template.url, keys)
    databases.clear(0)


def followers_of(run: Run) -> list[Follower]:
    """Return a follower by long polls and small pages, and one by plain polls and others."""
    return [Follower(run, "long polls", (3, 10, 30), 0.03, wait=1), Follower(run, "plain polls", (7, 40, 250), 0.1)]


@contextmanager
def reading(url: str) -> Iterator[Session]:
    """Read a database past the api."""
    database = open_database(settings_for(url))
    try:
        with database.transaction(write=False) as session:
            yield session
    finally:
        database.close()


def rows_of(session: Session) -> dict[Key, Row]:
    """Return number and operation of every row of the feed."""
    columns = (col(PublicRecord.type), col(PublicRecord.id), col(PublicRecord.seq), col(PublicRecord.op))
    return {(type, id): (seq, op) for type, id, seq, op in session.execute(select(*columns))}


def rendered(session: Session) -> State:
    """Return every public record as the rooms' tables make it now, whatever was rendered before."""
    found = [vocabularies.public(session, one["name"]) for one in vocabularies.names(session)]
    found += [authorities.public(session, one) for one in session.scalars(select(Authority))]
    found += [forms.public(type) for type in TYPES.values()]
    naming: set[tuple[Any, Any]] = set()
    for record in session.scalars(select(Record).where(col(Record.published_revision).is_not(None))):
        key = (record.id, record.published_revision)
        revision, publication = session.get_one(RecordRevision, key), session.get_one(RecordPublication, key)
        involved = revision.content["who"]["authorities"]
        shown = [authorities.find(session, one["authority"]) for one in involved]
        naming |= {(record.id, authority.id) for authority in shown}
        around = Around(authorities=[authorities.public(session, authority) for authority in shown])
        found.append(rendering.public_record(TYPES[record.type], record, revision, publication, around))
    kept = select(col(RecordMention.record_id), col(RecordMention.to_id))
    assert {(row[0], row[1]) for row in session.execute(kept)} == naming
    return {(record["type"], record["id"]): record for record in (orjson.loads(changes.render(one)) for one in found)}


def getter(run: Run, clients: list[httpx.Client]) -> Any:
    """Return what reads an address through any process, once all of them know of the last change."""
    for client in clients:
        until = time.monotonic() + 10
        while client.get("/../readyz").json().get("head", 0) < run.newest:
            assert time.monotonic() < until, "a process does not learn of the last change"
            time.sleep(0.05)
    return lambda path: random.choice(clients).get(path).raise_for_status().json()


def explain(run: Run, session: Session, keys: list[Key]) -> str:
    """Tell what is known of some records: rows, trail, what writers were answered and followers saw."""
    told = [f"seed {run.seed}, {run.done} changes, {len(keys)} records differ; the first of them:"]
    for type, id in keys[:3]:
        row = session.get(PublicRecord, (type, id))
        told.append(f"{type} {id}: {row and (row.seq, row.op, row.changed_at.isoformat(), row.body)}")
        trail = select(AuditEvent).where(col(AuditEvent.target_id) == id).order_by(col(AuditEvent.at))
        told += [f"  trail {one.at.isoformat()} {one.action} {one.detail}" for one in session.scalars(trail)]
        told += [f"  {line}" for line in run.journal[id][-LONGEST_HISTORY:]]
    return "\n".join(told)


def different(left: State, right: State) -> list[Key]:
    """Return which records are not the same in two states."""
    return [key for key in {**left, **right} if left.get(key) != right.get(key)]


def check_all(run: Run, followers: list[Follower], url: str) -> None:
    """Check that followers, rooms, tables and writers' knowledge are of one mind."""
    with run.clients() as clients, reading(url) as session:
        get = getter(run, clients)
        truth, rows = rendered(session), rows_of(session)
        newest = session.execute(select(col(FeedState.head))).scalar_one()
        assert newest == run.newest == max(seq for seq, _ in rows.values())
        shown = public_state(get)
        assert not (wrong := different(shown, truth)), explain(run, session, wrong)
        for follower in followers:
            lacking = follower.missed | follower.lacks(rows)
            assert not lacking, explain(run, session, [*lacking]) + "\n" + "\n".join(lacking.values())
            assert not (wrong := different(follower.mirror.records, truth)), explain(run, session, wrong)
            assert follower.rows == rows
            follower.mirror.check_digest(get)
        known = {id: one["published_revision"] for id, one in run.known.items() if one["type"] == "practice"}
        public = {id: record["revision"] for (type, id), record in truth.items() if type == "practice"}
        assert {id: revision for id, revision in known.items() if revision} == public, "what was acknowledged is there"


def test_nothing_is_missed(base: Base) -> None:
    with base.served(3, "services.api") as (url, urls):
        run = Run(SEED, urls, base.keys, CHANGES)
        followers = followers_of(run)
        started = time.monotonic()
        run.all(followers)
        seconds = time.monotonic() - started
        check_all(run, followers, url)
    print(
        f"\nseed {SEED}: {run.done} public writes, {run.newest} numbers in {seconds:.1f} s, "
        f"{run.done / seconds:.0f} a second; pages {[follower.pages for follower in followers]}, "
        f"answers {dict(sorted(run.outcomes.items()))}"
    )
    assert {kind for kind, status in run.outcomes if status < 300} == {*run.weights}
    assert sum(count for (_, status), count in run.outcomes.items() if status == 412) > CHANGES / 100


def test_writers_that_are_held_before_their_commit_hide_nothing(base: Base) -> None:
    with base.served(2, "tests.harness.delayed_api", "counter") as (url, urls):
        run = Run(1, urls, base.keys, DELAYED_CHANGES, ONE_RECORD_EACH)
        followers = followers_of(run)
        run.all(followers)
        check_all(run, followers, url)


def test_a_plain_sequence_would_miss_changes(base: Base) -> None:
    """The same writers, delays and followers: what they find is the sequence's fault."""
    with base.served(2, "tests.harness.delayed_api", "sequence") as (url, urls):
        run = Run(1, urls, base.keys, DELAYED_CHANGES, ONE_RECORD_EACH)
        followers = followers_of(run)
        run.all(followers)
        with reading(url) as session:
            rows = rows_of(session)
    missed = [len(follower.lacks(rows)) for follower in followers]
    print(f"\na plain sequence: {missed} of {len(rows)} records missed")
    for follower in followers:
        assert follower.mirror.cursor == max(seq for seq, _ in rows.values()), "it has read to the end"
        assert follower.lacks(rows), "and lacks what was committed behind its back"
