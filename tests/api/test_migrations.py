"""Migrations: they build what the models say, can be undone, and the database keeps its promises."""

import sqlite3
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import IntegrityError

from services.api import cli
from services.api.access.models import ApiKey
from services.api.kit.db import Database, now
from services.api.settings import Settings
from tests.support import Api, Template, check_problem, practice_body, running, settings_for

ALEMBIC = Config(cli.ROOT / "alembic.ini")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database file that is not there yet, which the settings name."""
    path = tmp_path / "new" / "praxis.db"
    monkeypatch.setenv("PRAXIS_API_DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.chdir(tmp_path)
    return path


def schema(path: Path) -> dict[str, str]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
    connection.close()
    return dict(rows)


def test_up_down_and_up_again(path: Path) -> None:
    command.upgrade(ALEMBIC, "head")
    built = schema(path)
    assert {"practice", "practice_revision", "public_record", "audit_event"} <= set(built)
    command.downgrade(ALEMBIC, "base")
    assert set(schema(path)) == {"alembic_version"}
    command.upgrade(ALEMBIC, "head")
    assert schema(path) == built
    cli.migrate()  # once more changes nothing
    assert schema(path) == built


def test_models_and_migrations_agree(path: Path) -> None:
    command.upgrade(ALEMBIC, "head")
    command.check(ALEMBIC)


def test_every_constraint_has_a_name(path: Path) -> None:
    command.upgrade(ALEMBIC, "head")
    for name, sql in schema(path).items():
        unnamed = [
            line
            for line in (sql or "").splitlines()
            if any(word in line for word in ("PRIMARY KEY", "FOREIGN KEY", "UNIQUE (", "CHECK ("))
            and "CONSTRAINT" not in line
        ]
        assert not unnamed or name == "alembic_version", unnamed


def test_a_migration_keeps_what_is_there(path: Path, template: Template) -> None:
    settings = template.copy(path.parent)
    with running(settings) as api:
        made = api.post("/practices", template.alba, json=practice_body()).json()
    cli.migrate()
    with running(settings) as api:
        assert api.get(f"/practices/{made['id']}", template.alba).json() == made


def test_the_log_is_written_ahead_and_keys_are_checked(api: Api) -> None:
    with api.database.engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous")
        }
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2}


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


def test_a_locked_database_is_unavailable_and_recovers(template: Template, tmp_path: Path) -> None:
    settings: Settings = template.copy(tmp_path).model_copy(update={"busy_timeout": 0.2})
    with running(settings) as api:
        connection = sqlite3.connect(tmp_path / "praxis.db", isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        locked = api.post("/practices", template.alba, json=practice_body())
        assert int(locked.headers["retry-after"]) > 0
        check_problem(locked, 503)
        assert api.get("/practices").status_code == 200, "readers are not held up"
        connection.execute("ROLLBACK")
        connection.close()
        assert api.post("/practices", template.alba, json=practice_body()).status_code == 201


def test_an_api_without_its_schema_says_so(tmp_path: Path) -> None:
    with running(settings_for(tmp_path / "empty.db")) as api:
        assert "praxis migrate" in check_problem(api.get("/api/readyz"), 503)["detail"]
