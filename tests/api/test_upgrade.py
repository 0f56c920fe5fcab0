"""A base of an earlier version comes through: its rows are migrated, what it rendered is rendered anew by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import orjson
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine

from services.api import app, backup, cli
from services.api.app import open_database
from services.api.changes.models import PublicRecord
from services.api.exchange.sources import SEED_PREFIX
from services.api.records import publishing, repository
from services.api.records.models import Record, RecordPublication, RecordRevision
from services.api.settings import Settings
from services.api.types import default
from services.api.types.practice.content import PracticeContent
from tests.harness.databases import Databases
from tests.harness.support import Api, Json, Template, practice_body, running, settings_for

pytestmark = pytest.mark.each_database

ALEMBIC = Config(cli.ROOT / "alembic.ini")
MOMENT = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
ALBA = UUID(int=1)


def table(name: str, *columns: sa.ColumnClause[Any]) -> Any:
    return sa.table(name, *columns)


def moment(name: str) -> sa.ColumnClause[Any]:
    return sa.column(name, sa.DateTime(timezone=True))


def uuid(name: str) -> sa.ColumnClause[Any]:
    return sa.column(name, sa.Uuid())


def json(name: str) -> sa.ColumnClause[Any]:
    return sa.column(name, sa.JSON())


PLAIN = sa.column
AUTHORITY = table(
    "authority",
    uuid("id"),
    *map(PLAIN, ("slug", "version", "name", "level", "country", "updated_by")),
    *map(json, ("names", "migration_roles", "networks")),
    *map(moment, ("created_at", "updated_at")),
)
PRACTICE = table(
    "practice",
    uuid("id"),
    uuid("owner_id"),
    *map(PLAIN, ("slug", "seed", "version", "latest_revision", "published_revision")),
    *map(moment, ("first_published_at", "created_at", "updated_at")),
)
REVISION = table(
    "practice_revision",
    uuid("practice_id"),
    *map(PLAIN, ("number", "created_by")),
    *map(json, ("content", "translations")),
    moment("created_at"),
)
PUBLICATION = table("practice_publication", uuid("practice_id"), PLAIN("number"), moment("at"))
SLUG = table("practice_slug", PLAIN("slug"), uuid("practice_id"))
SHOWN = table("practice_authority", uuid("practice_id"), uuid("authority_id"))
PUBLIC = table("public_record", *map(PLAIN, ("type", "id", "seq", "op", "body")), moment("changed_at"))

KEPT = ("practice", "practice_revision", "practice_publication", "practice_slug")

CASES: list[tuple[str | None, int, int | None, bool]] = [
    # seed, revisions, the published one, whether one ever was
    ("cartaya", 1, 1, True),
    ("veneto", 2, 1, True),
    (None, 3, 3, True),
    ("modena", 2, None, True),
    (None, 1, None, False),
]


def id_of(number: int) -> UUID:
    return uuid5(ALBA, f"{number}")


def content(title: str) -> Json:
    """Return a content as it was stored before keywords were asked for."""
    made = PracticeContent.model_validate(practice_body(title)["content"]).model_dump(mode="json")
    del made["what"]["keywords"]
    return made


def fill(connection: Connection) -> None:
    """Write rows as version 0002 did, with public records as it rendered them."""
    times = {"created_at": MOMENT, "updated_at": MOMENT}
    authority = {"id": ALBA, "slug": "alba", "version": 1, "name": "Alba", "level": "municipality", "country": "IT"}
    more = {"names": {}, "migration_roles": [], "networks": [], "updated_by": "operator"}
    connection.execute(AUTHORITY.insert().values(authority | more | times))
    public: list[tuple[str, str, bytes | None]] = [("authority", str(ALBA), b'{"id":"alba"}')]
    for number, (seed, revisions, published, ever) in enumerate(CASES):
        id, slug = id_of(number), f"case-{number}" if ever else None
        row = {"id": id, "owner_id": ALBA, "slug": slug, "seed": seed, "version": revisions + 1}
        state = {"latest_revision": revisions, "published_revision": published, "first_published_at": None}
        state |= {"first_published_at": MOMENT} if ever else {}
        connection.execute(PRACTICE.insert().values(row | state | times))
        for one in range(1, revisions + 1):
            written = {"content": content(f"Case {number}, {one}"), "translations": {}, "created_by": "operator"}
            revision = {"practice_id": id, "number": one, "created_at": MOMENT}
            connection.execute(REVISION.insert().values(revision | written))
        if ever:
            connection.execute(PUBLICATION.insert().values(practice_id=id, number=published or 1, at=MOMENT))
            connection.execute(SLUG.insert().values(slug=slug, practice_id=id))
            body = orjson.dumps({"type": "practice", "id": str(id), "revision": published}) if published else None
            public.append(("practice", str(id), body))
        if published:
            connection.execute(SHOWN.insert().values(practice_id=id, authority_id=ALBA))
    for seq, (type, name, shown) in enumerate(public, 1):
        op = "upsert" if shown else "delete"
        connection.execute(PUBLIC.insert().values(type=type, id=name, seq=seq, op=op, body=shown, changed_at=MOMENT))
    connection.execute(sa.text("UPDATE feed_state SET head = :head"), {"head": len(public)})


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


@pytest.fixture
def older(databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings for a base of version 0002."""
    settings = settings_for(databases.new(tmp_path / "older"))
    monkeypatch.setenv("PRAXIS_API_DATABASE_URL", settings.database_url)
    monkeypatch.chdir(tmp_path)
    command.upgrade(ALEMBIC, "0002")
    with connected(settings.database_url) as connection:
        fill(connection)
    return settings


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    with connected(url) as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement))]


def feed(api: Api) -> dict[tuple[str, str], Json]:
    page: Json = api.get("/changes?limit=1000").json()
    return {(one["type"], one["id"]): one for one in page["changes"]}


def test_every_row_comes_through(older: Settings) -> None:
    url = older.database_url
    names = {name: name.replace("practice", "record") for name in (*KEPT, "public_record", "authority")}
    counts = {new: rows(url, f"SELECT count(*) FROM {old}") for old, new in names.items()}
    identity = "SELECT id, slug, version, created_at FROM {} ORDER BY id"
    owners = "SELECT id, owner_id FROM practice ORDER BY id"
    before, owned = rows(url, identity.format("practice")), rows(url, owners)
    command.upgrade(ALEMBIC, "head")
    assert {new: rows(url, f"SELECT count(*) FROM {new}") for new in names.values()} == counts
    assert rows(url, identity.format("record")) == before
    assert rows(url, "SELECT record_id, authority_id FROM record_party WHERE part = 'owner' ORDER BY 1") == owned
    found = rows(url, "SELECT external_id FROM record WHERE external_id IS NOT NULL ORDER BY 1")
    assert [name for (name,) in found] == ["seed:cartaya", "seed:modena", "seed:veneto"]
    assert rows(url, "SELECT DISTINCT tier FROM record_publication") == [("network",)]
    command.downgrade(ALEMBIC, "0002")
    found = rows(url, "SELECT seed FROM practice WHERE seed IS NOT NULL ORDER BY 1")
    assert [name for (name,) in found] == ["cartaya", "modena", "veneto"]
    assert rows(url, identity.format("practice")) == before
    assert rows(url, owners) == owned


def test_an_upgraded_base_shows_what_is_new(older: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "AT_ONCE", 2)
    command.upgrade(ALEMBIC, "head")
    with running(older) as api:
        shown = feed(api)
        for number, (seed, _, published, ever) in enumerate(CASES):
            id = str(id_of(number))
            if published is None:
                assert shown.get(("practice", id), {"op": "delete"})["op"] == "delete"
                assert (("practice", id) in shown) == ever
                continue
            record = shown["practice", id]["record"]
            assert record["content"] == content(f"Case {number}, {published}")
            assert (record["slug"], record["tier"], record["state"]) == (f"case-{number}", "network", "published")
            assert record["completeness"].keys() == {"snapshot", "full"}
            assert [one["slug"] for one in record["authorities"]] == ["alba"]
            if seed:
                with api.database.transaction(write=False) as session:
                    found = repository.by_external_id(session, default().name, f"{SEED_PREFIX}{seed}")
                    assert found is not None
                    assert str(found.id) == id
        alba = shown["authority", str(ALBA)]["record"]
        assert alba == api.get("/authorities/alba").json()
        assert (alba["name"], alba["successor"], alba["contact_office"]) == ("Alba", None, None)
        assert [one["slug"] for one in api.get("/authorities?q=ALB").json()["items"]] == ["alba"]
        head = api.get("/changes?limit=1").json()["head"]
    with running(older) as api:
        assert api.get("/changes?limit=1").json()["head"] == head, "the next start finds nothing to do"


def test_a_backup_of_it_is_restored_as_it_would_be_shown_now(
    older: Settings, databases: Databases, tmp_path: Path
) -> None:
    command.upgrade(ALEMBIC, "head")
    backup.back_up(older, ALEMBIC, tmp_path / "older.zip")
    to = settings_for(databases.new(tmp_path / "new"))
    with running(older) as api:
        expected = {key: one["record"] for key, one in feed(api).items()}
    mark = backup.restore(to, ALEMBIC, tmp_path / "older.zip")
    database = open_database(to)
    with database.transaction(write=False) as session:
        assert not publishing.rendered_otherwise(session)
    database.close()
    with running(to) as api:
        assert {key: one["record"] for key, one in feed(api).items()} == expected
        assert api.get("/changes?limit=1").json()["head"] == mark.seq


def test_only_what_is_rendered_otherwise_is_published_again(api: Api, template: Template) -> None:
    ids = []
    for title in ("One", "Two", "Three"):
        ids.append(api.post("/practices", template.secretariat, json=practice_body(title)).json()["id"])
        api.post(f"/practices/{ids[-1]}/publish", template.secretariat, version=1).raise_for_status()
    before = feed(api)
    with api.database.transaction() as session:
        assert publishing.bring_up_to_date(session, 10) == 0
        for id in ids[:2]:
            session.get_one(Record, UUID(id)).rendering = -1
        session.get_one(RecordPublication, (UUID(ids[0]), 1)).tier = "peer-reviewed"  # would be shown otherwise
    app.prepare(api.database)
    after = feed(api)
    assert {key for key in after if after[key] != before[key]} == {("practice", ids[0])}
    assert after["practice", ids[0]]["record"] == before["practice", ids[0]]["record"] | {"tier": "peer-reviewed"}
    with api.database.transaction(write=False) as session:
        assert {session.get_one(Record, UUID(id)).rendering for id in ids} == {default().rendering}


def test_links_and_steps_from_before_they_told_revisions_and_dates_are_published_again(
    api: Api, template: Template
) -> None:
    linking = practice_body("Linking")
    ids = []
    for body in (practice_body("Named"), practice_body("Lasting"), linking):
        ids.append(api.post("/practices", template.secretariat, json=body).json()["id"])
        api.post(f"/practices/{ids[-1]}/publish", template.secretariat, version=1).raise_for_status()
        linking["content"]["links"] = [{"relation": "inspired-by", "to": f"practice/{ids[0]}", "asserted_by": "editor"}]
    told = api.post(f"/practices/{ids[1]}/steps", template.secretariat, json={"kind": "still-true"})
    told.raise_for_status()
    now = feed(api)
    with api.database.transaction() as session:
        for row in session.scalars(sa.select(PublicRecord).where(PublicRecord.type == "practice")):  # type: ignore[arg-type]
            record = orjson.loads(row.body)
            for shown, new in ((record["links"], "revision"), (record["progress"], "date")):
                for one in shown:
                    del one[new]
            row.body = orjson.dumps(record)
        for one in session.scalars(sa.select(Record)):
            one.rendering = default().rendering - 1
    app.prepare(api.database)
    after = feed(api)
    assert {id for (_, id), one in after.items() if one["seq"] > max(one["seq"] for one in now.values())} == {*ids[1:]}
    assert {key: one["record"] for key, one in after.items()} == {key: one["record"] for key, one in now.items()}


def test_a_revision_from_before_keywords_stays_as_it_is_and_differs_by_what_is_said_alone(
    api: Api, template: Template
) -> None:
    id = api.post("/practices", template.secretariat, json=practice_body("One")).json()["id"]
    with api.database.transaction() as session:
        session.get_one(RecordRevision, (UUID(id), 1)).content = content("One")
    api.post(f"/practices/{id}/publish", template.secretariat, version=1).raise_for_status()
    shown = api.get(f"/practices/{id}").json()
    assert shown["content"] == feed(api)["practice", id]["record"]["content"] == content("One")

    def edit(version: int, *keywords: str) -> Json:
        body = practice_body("One")
        body["content"]["what"]["keywords"] = list(keywords)
        edited: Json = api.put(f"/practices/{id}", template.secretariat, version=version, json=body).json()
        assert edited["completeness"] == shown["completeness"], "keywords do not count"
        return edited

    edit(2)
    assert edit(3, " Seasonal work ")["content"]["what"]["keywords"] == ["Seasonal work"]
    diffs = [
        api.get(f"/practices/{id}/diff?before=1&after={number}", template.secretariat).json()["differences"]
        for number in (2, 3)
    ]
    added = {"path": "content.what.keywords", "change": "added", "before": None, "after": ["Seasonal work"]}
    assert diffs == [[], [added]]


def test_evidence_from_before_its_kind_was_asked_for_stays_as_it_is(api: Api, template: Template) -> None:
    body = practice_body("One")
    said = {"feature": "adaptability", "statement": "It was taken over elsewhere.", "assessed_by": "authority"}
    body["content"]["why"] = {"features": [said]}
    id = api.post("/practices", template.secretariat, json=body).json()["id"]
    with api.database.transaction() as session:
        revision = session.get_one(RecordRevision, (UUID(id), 1))
        stored: Json = orjson.loads(orjson.dumps(revision.content))
        for key in ("evidence", "says"):
            assert stored["why"]["features"][0].pop(key) is None
        revision.content = stored
    api.post(f"/practices/{id}/publish", template.secretariat, version=1).raise_for_status()
    assert api.get(f"/practices/{id}").json()["content"] == feed(api)["practice", id]["record"]["content"] == stored

    first = said | {"feature": "transferability", "evidence": "external-evaluation", "says": "mixed"}
    body["content"]["why"]["features"] = [first, said]
    edited = api.put(f"/practices/{id}", template.secretariat, version=2, json=body)
    edited.raise_for_status()
    (added,) = api.get(f"/practices/{id}/diff?before=1&after=2", template.secretariat).json()["differences"]
    assert (added["path"], added["change"]) == ("content.why.features[0]", "added")
    assert added["after"] == edited.json()["content"]["why"]["features"][0]
    assert (added["after"]["evidence"], added["after"]["says"]) == ("external-evaluation", "mixed")
