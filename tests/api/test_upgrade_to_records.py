"""A base from before records had types comes over whole: every row of every table, there and back, and by a backup."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine

from services.api import backup, cli
from services.api.app import open_database
from services.api.kit import bulk
from services.api.kit.archive import State, writing
from services.api.records import publishing
from services.api.settings import Settings
from tests.harness.databases import Databases
from tests.harness.support import Json, make_key, practice_body, running, settings_for

pytestmark = pytest.mark.each_database

ALEMBIC = Config(cli.ROOT / "alembic.ini")
MOMENT = datetime(2026, 11, 24, 10, 30, 15, 123456, UTC)
ALBA = UUID(int=1)
BOCA = UUID(int=2)

Row = dict[str, Any]
Tables = dict[str, list[Row]]

STATES = ("draft", "submitted", "in-review", "changes-requested", "approved", "published", "rejected", "archived")
CASES = [(state, owner, reviewer) for state in STATES for owner in (ALBA, None) for reviewer in ("key:r", None)]

PRACTICES: list[tuple[int, int | None, str | None, bool]] = [
    # revisions, the public one, the tier it was published in, whether it is archived
    (1, None, None, False),
    (2, None, None, False),
    (1, 1, "network", False),
    (3, 2, "network", False),
    (3, 3, "peer-reviewed", False),
    (2, None, "peer-reviewed", False),  # no longer public
    (2, 2, "network", True),
]


def id_of(*parts: object) -> UUID:
    return uuid5(ALBA, " ".join(map(str, parts)))


def turn_before(row: Row) -> str | None:
    """Return whose turn it was, as it was told from a submission's row when there was no column for it."""
    if row["state"] in ("draft", "changes-requested"):
        return "office" if row["owner_id"] else "secretariat"
    if row["state"] == "in-review":
        return "reviewer" if row["reviewer"] else "secretariat"
    return "secretariat" if row["state"] in ("submitted", "approved") else None


def practices() -> Iterator[tuple[str, Row]]:
    times = {"created_at": MOMENT, "updated_at": MOMENT + timedelta(days=1)}
    for number, (revisions, public, tier, archived) in enumerate(PRACTICES):
        id = id_of("practice", number)
        slug, external = (f"case-{number}" if tier else None), (f"seed:{number}" if number % 2 else None)
        row: Row = {
            "id": id,
            "slug": slug,
            "external_id": external,
            "version": 3,
            "owner_id": (ALBA, BOCA, None)[number % 3],
        }
        row |= {"latest_revision": revisions, "published_revision": public, "rendering": "0123456789abcdef"}
        row |= {"first_published_at": MOMENT if tier else None, "archived_at": MOMENT if archived else None}
        yield "practice", row | times | {"archived_because": "«Ended»" if archived else None}
        for one in range(1, revisions + 1):
            content = practice_body(f"Case {number}, {one} · 漢字")["content"] | {"unknown before": [None, 1.5, "é"]}
            spanish = {"es": {"initiative.title": {"text": f"Caso {one}", "status": "outdated"}}}
            revision = {
                "practice_id": id,
                "number": one,
                "content": content,
                "translations": spanish if one > 1 else {},
            }
            yield "practice_revision", revision | {"created_at": MOMENT, "created_by": "operator"}
            if tier and one <= (public or 1):
                earlier = "network" if one < (public or 1) else tier
                yield "practice_publication", {"practice_id": id, "number": one, "at": MOMENT, "tier": earlier}
        if tier:
            for led in (f"case-{number}", f"former-name-{number}"):
                yield "practice_slug", {"slug": led, "practice_id": id}
        if public:
            yield "practice_authority", {"practice_id": id, "authority_id": ALBA}


def submissions() -> Iterator[tuple[str, Row]]:
    for number, (state, owner, reviewer) in enumerate(CASES):
        id = id_of("submission", number)
        of = id_of("practice", number) if number < len(PRACTICES) else None
        row = {"id": id, "version": 4, "practice_id": of, "base_revision": 1 if of else None, "owner_id": owner}
        row |= {"state": state, "state_since": MOMENT, "reviewer": reviewer, "revision": 2, "title": f"Draft {number}"}
        row |= {"approved_revision": 2 if state == "approved" else None, "snapshot": 40, "full": 20}
        row |= {"ready": number % 2 == 0, "created_at": MOMENT, "created_by": "key:o"}
        yield "submission", row | {"updated_at": MOMENT, "updated_by": "key:o"}
        for one in (1, 2):
            saved = {"submission_id": id, "number": one, "version": one, "kept": one == 1, "created_at": MOMENT}
            content = {
                "language": "it",
                "initiative": {"title": f"Bozza {one}"},
                "what": {"priorities": ["no such", 5]},
            }
            yield "submission_revision", saved | {"content": content, "translations": {}, "created_by": "key:o"}
        said = {"submission_id": id, "revision": 1, "text": "Who paid?\n— «é»", "at": MOMENT, "caller": "key:r"}
        asked = id_of("comment", number)
        more: Row = {"path": "how.results[1]", "parent_id": None, "resolved_at": MOMENT, "resolved_by": "key:o"}
        yield "submission_comment", {"id": asked} | said | more
        more = {"path": None, "parent_id": asked, "resolved_at": None, "resolved_by": None}
        yield "submission_comment", {"id": id_of("answer", number)} | said | more
        event = {"submission_id": id, "version": 1, "at": MOMENT, "caller": "key:o", "action": "create"}
        event |= {"from_state": None, "to_state": "draft", "revision": 1, "reason": None, "reviewer": None}
        yield "submission_event", event | {"comments": []}
        event |= {"version": 2, "action": "request-changes", "from_state": "in-review", "reason": "Too little"}
        yield "submission_event", event | {"to_state": state, "reviewer": reviewer, "comments": [str(asked)]}


def others() -> Iterator[tuple[str, Row]]:
    times = {"created_at": MOMENT, "updated_at": MOMENT, "updated_by": "operator"}
    for id, slug, parent in ((ALBA, "alba", None), (BOCA, "boca", ALBA)):
        row = {"id": id, "slug": slug, "version": 1, "name": slug.title(), "names": {"it": slug}, "country": "IT"}
        place = {"latitude": 44.5, "longitude": -10.25, "population_count": 2_000_000_000, "population_year": 2020}
        row |= place | {"level": "municipality", "parent_id": parent, "website": None}
        yield "authority", row | {"migration_roles": ["origin"], "networks": ["EUROCITIES"]} | times
    account = {"id": id_of("account"), "version": 2, "email": "ana@example.org", "name": "Ana", "role": "officer"}
    account |= {"authority_id": ALBA, "organisation": None, "password_hash": "$argon2", "deactivated_at": None}
    yield "account", account | times
    own, later = {"account_id": account["id"], "created_at": MOMENT}, {"expires_at": MOMENT + timedelta(days=9)}
    yield "account_identity", own | {"issuer": "https://x.example", "subject": "ö"}
    session = {"id": id_of("session"), "secret_hash": "s", "address": "::1", "agent": "é", "idle_until": MOMENT}
    yield "account_session", own | later | session
    yield "one_time_token", own | later | {"secret_hash": "t", "purpose": "session", "challenge": "c"}
    yield "sign_in_failures", {"email_hash": "h", "count": 3, "last_at": MOMENT, "locked_until": MOMENT}
    yield "sign_in_begun", later | {"state_hash": "s", "browser_hash": "b", "return_to": "/desk", "challenge": None}
    key = {"id": "r", "name": "Peer", "role": "reviewer", "authority_id": None, "organisation": "The network"}
    yield "api_key", key | later | {"secret_hash": "k", "created_at": MOMENT, "revoked_at": None}
    about = {"action": "practice.create", "target_type": "practice", "target_id": str(id_of("practice", 0))}
    yield "audit_event", about | {"id": id_of("event"), "at": MOMENT, "caller": "key:o", "detail": {"revision": 1}}
    answer = {"caller": "key:o", "key": "first", "fingerprint": "f", "status": 201, "headers": {"etag": '"1"'}}
    yield "given_answer", answer | {"body": b"\x00\xff{}", "at": MOMENT}
    concept: Json = {"labels": {"en": "Return"}, "alternatives": {"es": ["Regreso"]}, "broader": [], "related": []}
    yield "thesaurus_concept", {"code": "return", "version": 1, "content": concept} | times
    public = {"type": "practice", "id": str(id_of("practice", 2)), "seq": 1, "op": "upsert", "changed_at": MOMENT}
    yield "public_record", public | {"body": b'{"as":"it was rendered"}'}


@contextmanager
def reflected(url: str) -> Iterator[tuple[Connection, sa.MetaData]]:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            schema = sa.MetaData()
            schema.reflect(connection)
            yield connection, schema
    finally:
        engine.dispose()


def plain(value: Any) -> Any:
    """Return a value as either database gives it: SQLite keeps ids as their digits, and moments in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return value.hex if isinstance(value, UUID) else value


def held(url: str) -> Tables:
    """Return every row of every table, whatever the schema."""
    with reflected(url) as (connection, schema):
        found = {
            table.name: [{name: plain(value) for name, value in row.items()} for row in rows.mappings()]
            for table in schema.sorted_tables
            if table.name != "alembic_version" and (rows := connection.execute(sa.select(table)))
        }
    return {name: in_order(rows) for name, rows in found.items()}


def in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: repr(sorted(row.items())))


@pytest.fixture
def older(databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings for a base of version 0006 with rows of every kind in every table."""
    settings = settings_for(databases.new(tmp_path / "older"))
    monkeypatch.setenv("PRAXIS_API_DATABASE_URL", settings.database_url)
    monkeypatch.chdir(tmp_path)
    command.upgrade(ALEMBIC, "0006")
    with reflected(settings.database_url) as (connection, schema):
        digits = connection.dialect.name == "sqlite"
        for name, row in (*others(), *practices(), *submissions()):
            values = {key: plain(value) if digits else value for key, value in row.items()}
            connection.execute(schema.tables[name].insert().values(values))
        connection.execute(sa.text("UPDATE feed_state SET head = 1"))
    return settings


def renamed(row: Row, without: str | None = None, **more: Any) -> Row:
    names = {"practice_id": "record_id"}
    return {names.get(key, key): value for key, value in row.items() if key != without} | more


def as_records(before: Tables) -> Tables:
    """Return the rows that a base of version 0006 must have become."""
    owned = [row for row in before["practice"] if row["owner_id"]]
    whole = {"part": "owner", "place": 0, "name": None, "unit": None}
    parties = [whole | {"record_id": row["id"], "authority_id": row["owner_id"]} for row in owned]
    own = [row for row in before["submission"] if row["owner_id"]]
    after = {name: rows for name, rows in before.items() if not name.startswith(("practice", "submission"))} | {
        "record": [renamed(row, "owner_id", type="practice", rendering=None) for row in before["practice"]],
        "record_revision": [renamed(row) for row in before["practice_revision"]],
        "record_publication": [renamed(row, statements=[]) for row in before["practice_publication"]],
        "record_slug": [renamed(row, type="practice") for row in before["practice_slug"]],
        "record_party": parties,
        "record_mention": [],
        "record_step": [],
        "record_withdrawal": [],
        "submission": [
            renamed(row, "owner_id", type="practice", turn=turn_before(row), statements=[])
            for row in before["submission"]
        ],
        "submission_party": [
            {"submission_id": row["id"], "part": "owner", "authority_id": row["owner_id"]} for row in own
        ],
        "submission_revision": before["submission_revision"],
        "submission_event": [renamed(row, statements=[]) for row in before["submission_event"]],
        "submission_comment": [renamed(row, internal=None) for row in before["submission_comment"]],
    }
    return {name: in_order(rows) for name, rows in after.items()}


def test_every_row_comes_over_and_goes_back(older: Settings) -> None:
    url = older.database_url
    before = held(url)
    assert [name for name, rows in before.items() if not rows] == [], "there is something of everything"
    assert len(before["submission"]) == len(CASES)
    command.upgrade(ALEMBIC, "0007")
    after = held(url)
    assert after.keys() == as_records(before).keys()
    for name, rows in as_records(before).items():
        assert after[name] == rows, name
    command.downgrade(ALEMBIC, "0006")
    shown = {"practice_authority": [], "practice": [row | {"rendering": None} for row in before["practice"]]}
    back, expected = held(url), before | shown  # what is public is rendered anew, which says whom it shows
    assert back.keys() == expected.keys()
    for name, rows in expected.items():
        assert back[name] == in_order(rows), name


def read(settings: Settings) -> dict[str, Any]:
    """Return what the api tells of every practice and every submission to the secretariat, and to everybody."""
    told: dict[str, Any] = {}
    with running(settings) as api:
        key = make_key(api.database)
        paths = [f"/practices/{id_of('practice', number)}" for number in range(len(PRACTICES))]
        for path in paths:
            told[f"{path}/latest"] = api.get(f"{path}/latest", key).json()
            told[f"{path}/revisions"] = api.get(f"{path}/revisions", key).json()
            told[path] = {k: v for k, v in api.get(path).json().items() if k != "request_id"}
        for number in range(len(CASES)):
            path = f"/submissions/{id_of('submission', number)}"
            told |= {
                path + part: api.get(path + part, key).json() for part in ("", "/revisions", "/events", "/comments")
            }
        told["feed"] = {one["id"]: one["record"] for one in api.get("/changes?limit=1000").json()["changes"]}
    return told


def test_the_api_tells_of_it_what_it_was(older: Settings) -> None:
    command.upgrade(ALEMBIC, "head")
    told = read(older)
    for number, (revisions, public, tier, archived) in enumerate(PRACTICES):
        path = f"/practices/{id_of('practice', number)}"
        latest = told[f"{path}/latest"]
        assert latest["content"]["initiative"]["title"] == f"Case {number}, {revisions} · 漢字"
        assert (latest["owner"], latest["revision"]) == (("alba", "boca", None)[number % 3], revisions)
        assert [one["number"] for one in told[f"{path}/revisions"]] == list(range(revisions, 0, -1))
        assert told[path].get("revision") == public, "drafts stay hidden, and what was public is so still"
        if public:
            assert told["feed"][str(id_of("practice", number))] == told[path]
            assert (told[path]["tier"], told[path]["state"]) == (tier, "archived" if archived else "published")
            assert [one["slug"] for one in told[path]["authorities"]] == ["alba"]
    for number, (state, owner, reviewer) in enumerate(CASES):
        path = f"/submissions/{id_of('submission', number)}"
        assert (told[path]["state"], told[path]["owner"]) == (state, "alba" if owner else None)
        assert told[path]["turn"] == turn_before({"state": state, "owner_id": owner, "reviewer": reviewer})
        assert len(told[f"{path}/revisions"]) == len(told[f"{path}/events"]) == 2


def back_up(older: Settings, path: Path) -> None:
    """Write a backup as that version did: ids are ids there, though SQLite describes them as characters."""
    database = open_database(older)
    with writing(path, overwrite=False) as writer, database.transaction(write=False) as session:
        schema = bulk.present(session)
        schema.remove(schema.tables["alembic_version"])
        for table in schema.tables.values():
            for column in table.columns:
                column.type = sa.Uuid() if isinstance(column.type, sa.CHAR) else column.type
        for shape in bulk.shapes(schema):
            with closing(bulk.rows(session, shape)) as rows:
                writer.add(shape, rows)
        epoch, head = session.execute(sa.text("SELECT epoch, head FROM feed_state")).one()
        kind = database.engine.dialect.name
        writer.finish(State(revision="0006", epoch=epoch, head=head, moment=MOMENT, database=kind))
    database.close()


def test_a_backup_of_it_is_restored_as_the_base_itself_comes_over(
    older: Settings, databases: Databases, tmp_path: Path
) -> None:
    back_up(older, tmp_path / "older.zip")
    to = settings_for(databases.new(tmp_path / "new"))
    backup.restore(to, ALEMBIC, tmp_path / "older.zip")
    database = open_database(to)
    with database.transaction(write=False) as session:
        assert not publishing.rendered_otherwise(session), "what the older version rendered is rendered anew"
    database.close()
    command.upgrade(ALEMBIC, "head")
    restored, expected = held(to.database_url), held(older.database_url)
    touched = {"authority", "record", "record_mention", "public_record", "feed_state", "audit_event"}
    assert restored.keys() == expected.keys()
    for name, rows in expected.items():
        if name not in touched:
            assert restored[name] == rows, name
    assert len(restored["record_mention"]) == sum(public is not None for _, public, _, _ in PRACTICES)
    assert read(to) == read(older)
