"""Migrations: they build what the models say, can be undone, run one at a time, and the database keeps its promises."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Inspector, create_engine, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from services.api import cli
from services.api.access.models import ApiKey
from services.api.app import SCHEMA, open_database
from services.api.kit.db import Database
from services.api.kit.moments import now
from services.api.settings import Settings
from tests.harness.databases import Databases
from tests.harness.support import Api, Template, check_problem, migrate, practice_body, running, settings_for
from tests.harness.waiting import until

pytestmark = pytest.mark.each_database

ALEMBIC = Config(cli.ROOT / "alembic.ini")


@pytest.fixture
def url(databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty database, which the settings name."""
    url = databases.new(tmp_path / "new")
    monkeypatch.setenv("PRAXIS_API_DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    return url


@contextmanager
def looking(url: str) -> Iterator[Inspector]:
    engine = create_engine(url)
    try:
        yield inspect(engine)
    finally:
        engine.dispose()


def schema(url: str) -> dict[str, Any]:
    """Return all that the database knows of each table."""
    with looking(url) as inspector:
        return {
            table: [
                [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(table)],
                *(sorted(json.dumps(one, default=str) for one in found(table)) for found in constraints(inspector)),
            ]
            for table in inspector.get_table_names()
        }


def constraints(inspector: Inspector) -> list[Any]:
    return [
        inspector.get_indexes,
        inspector.get_foreign_keys,
        inspector.get_unique_constraints,
        inspector.get_check_constraints,
        lambda table: [inspector.get_pk_constraint(table)],
    ]


def test_up_down_and_up_again(url: str) -> None:
    command.upgrade(ALEMBIC, "head")
    built = schema(url)
    assert set(built) == set(SQLModel.metadata.tables) | {"alembic_version"}
    command.downgrade(ALEMBIC, "base")
    assert set(schema(url)) == {"alembic_version"}
    command.upgrade(ALEMBIC, "head")
    assert schema(url) == built
    cli.migrate()  # once more changes nothing
    assert schema(url) == built


def test_models_and_migrations_agree(url: str) -> None:
    command.upgrade(ALEMBIC, "head")
    command.check(ALEMBIC)
    assert ScriptDirectory.from_config(ALEMBIC).get_current_head() == SCHEMA


def test_every_constraint_has_a_name(url: str) -> None:
    command.upgrade(ALEMBIC, "head")
    with looking(url) as inspector:
        for table in inspector.get_table_names():
            found = [one["name"] for constraint in constraints(inspector) for one in constraint(table)]
            assert found
            if table != "alembic_version":
                assert all(name[:3] in ("pk_", "fk_", "uq_", "ck_", "ix_") for name in found), found


def test_a_migration_keeps_what_is_there(template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = template.copy(tmp_path)
    with running(settings) as api:
        made = api.post("/practices", template.secretariat, json=practice_body()).json()
    migrate(settings.database_url)
    with running(settings) as api:
        assert api.get(f"/practices/{made['id']}/latest", template.secretariat).json() == made


def start_migrating(url: str, **more: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PRAXIS_API_DATABASE_URL": url, **more}
    return subprocess.Popen(
        [sys.executable, "-m", "services.api.cli", "migrate"],
        env=environment,
        cwd=cli.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_processes_that_migrate_at_once_do_not_clash(url: str) -> None:
    processes = [start_migrating(url) for _ in range(2)]
    said = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    command.check(ALEMBIC)


def test_who_cannot_migrate_says_why(url: str) -> None:
    command.upgrade(ALEMBIC, "head")
    holder = open_database(settings_for(url))
    with holder.migration(60):
        process = start_migrating(url, PRAXIS_API_BUSY_TIMEOUT="0.3")
        said = process.communicate(timeout=60)[0]
    holder.close()
    assert process.returncode == 1
    assert "nothing was migrated: The database is locked" in said
    assert "Traceback" not in said


def test_a_failed_migration_leaves_nothing(url: str) -> None:
    database = open_database(settings_for(url))

    def fail() -> None:
        with database.migration(60) as connection:
            connection.exec_driver_sql("CREATE TABLE half (id INTEGER)")
            raise RuntimeError("after all, no")

    with pytest.raises(RuntimeError, match="after all"):
        fail()
    database.close()
    assert schema(url) == {}


def test_foreign_keys_hinder_no_migration_and_are_checked_after_it(template: Template, tmp_path: Path) -> None:
    """SQLite rebuilds a table by dropping it, which rows that refer to it would forbid."""
    database = open_database(template.copy(tmp_path))
    if database.engine.dialect.name != "sqlite":
        database.close()
        pytest.skip("only SQLite rebuilds tables")

    def rebuild(*statements: str) -> None:
        with database.migration(60) as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    rebuild(
        "CREATE TABLE made_anew (id CHAR(32) PRIMARY KEY, slug TEXT)",
        "INSERT INTO made_anew SELECT id, slug FROM authority",
        "DROP TABLE authority",
        "ALTER TABLE made_anew RENAME TO authority",
    )
    with pytest.raises(RuntimeError, match="without what they refer to"):
        rebuild("DELETE FROM authority")
    with database.transaction(write=False) as session:
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert session.execute(text("SELECT count(*) FROM authority")).scalar() == 2
    database.close()


def test_connections_are_set_up(api: Api) -> None:
    sqlite = {"PRAGMA journal_mode": "wal", "PRAGMA foreign_keys": 1, "PRAGMA synchronous": 2}
    postgresql = {
        "SHOW lock_timeout": "10s",
        "SHOW statement_timeout": "30s",
        "SHOW idle_in_transaction_session_timeout": "1min",
        "SHOW timezone": "UTC",
        "SHOW application_name": "praxis-api",
        "SHOW transaction_isolation": "repeatable read",
        "SHOW transaction_read_only": "on",
    }
    expected = sqlite if api.database.engine.dialect.name == "sqlite" else postgresql
    with api.database.transaction(write=False) as session:
        assert {asked: session.execute(text(asked)).scalar() for asked in expected} == expected


def test_rows_cannot_refer_to_nothing(api: Api, template: Template) -> None:
    def orphan() -> None:
        with api.database.transaction() as session:
            moment = now()
            session.add(
                ApiKey(
                    id="orphan",
                    name="x",
                    role="officer",
                    authority_id=uuid4(),
                    secret_hash="",
                    created_at=moment,
                    expires_at=moment,
                )
            )

    with pytest.raises(IntegrityError):
        orphan()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must be a file"):
        Database(url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_addresses_of_postgresql_need_no_driver(scheme: str) -> None:
    database = Database(f"{scheme}://praxis:secret@db.example:5433/praxis")
    assert database.engine.driver == "psycopg"
    assert "secret" not in repr(database.engine)
    assert "secret" not in repr(Settings(_env_file=None, database_url=f"{scheme}://praxis:secret@db.example/praxis"))


def test_a_locked_file_is_unavailable_and_recovers(template: Template, tmp_path: Path) -> None:
    settings = template.copy(tmp_path).model_copy(update={"busy_timeout": 0.2})
    if not settings.database_url.startswith("sqlite"):
        pytest.skip("locks of PostgreSQL have tests of their own")
    with running(settings) as api:
        connection = sqlite3.connect(tmp_path / "praxis.db", isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        locked = api.post("/practices", template.secretariat, json=practice_body())
        assert int(locked.headers["retry-after"]) > 0
        check_problem(locked, 503)
        assert api.get("/practices").status_code == 200, "readers are not held up"
        connection.execute("ROLLBACK")
        connection.close()
        assert api.post("/practices", template.secretariat, json=practice_body()).status_code == 201


def test_an_api_waits_for_its_schema(url: str) -> None:
    with running(settings_for(url)) as api:
        assert api.get("/api/healthz").status_code == 200
        assert "praxis migrate" in check_problem(api.get("/api/readyz"), 503)["detail"]
        assert "praxis migrate" in check_problem(api.get("/practices"), 503)["detail"]
        migrate(url)
        until(lambda: api.get("/api/readyz").status_code == 200)
        assert api.get("/vocabularies").status_code == 200
        assert api.get("/changes?limit=1").json()["changes"]


def test_an_api_is_not_ready_on_an_older_schema(template: Template, tmp_path: Path) -> None:
    settings = template.copy(tmp_path)

    def set_schema(number: str) -> None:
        database = open_database(settings)
        with database.transaction() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :number"), {"number": number})
        database.close()

    set_schema("0000")
    with running(settings) as api:
        assert f"not {SCHEMA}" in check_problem(api.get("/api/readyz"), 503)["detail"]
        set_schema(SCHEMA)
        until(lambda: api.get("/api/readyz").status_code == 200)
    set_schema("9999")
    with running(settings) as api:
        assert api.get("/api/readyz").status_code == 200, "the next version has migrated, and will take over"
