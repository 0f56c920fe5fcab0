"""Files of backups that cannot be trusted, of other versions, and restores that die half-way: nothing is changed."""

import hashlib
import io
import json
import random
import re
import resource
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url
from typer.testing import CliRunner

from services.api import backup, cli
from services.api.access.models import AuditEvent
from services.api.app import SCHEMA, open_database
from services.api.cli import MIGRATIONS
from services.api.kit import archive, bulk
from services.api.kit.archive import BackupRefused, Manifest
from services.api.kit.moments import now
from services.api.settings import Settings
from tests.harness.databases import OnPostgres
from tests.harness.depth import either, examples
from tests.harness.paths import ROOT
from tests.harness.postgres import Postgres
from tests.harness.support import Json, Template, practice_body, running, settings_for

LATER = "9000"
"""A schema of a version to come."""
Members = dict[str, bytes]


@pytest.fixture(scope="module")
def made(template: Template, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Manifest]:
    """A backup's bytes and manifest."""
    folder = tmp_path_factory.mktemp("made")
    of = template.copy(folder)
    with running(of) as api:
        for number in range(20):
            api.post("/practices", template.secretariat, json=practice_body(f"Practice {number}")).raise_for_status()
    manifest = backup.back_up(of, MIGRATIONS, folder / "made.zip")
    return (folder / "made.zip").read_bytes(), manifest


def unpacked(file: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(file)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed(members: Members) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in members.items():
            written.writestr(name, content)
    return file.getvalue()


def changed(file: bytes, change: Callable[[Members, Json], Any]) -> bytes:
    """Let `change` alter members and manifest of a backup."""
    members = unpacked(file)
    manifest = json.loads(members["manifest.json"])
    change(members, manifest)
    if "manifest.json" in members:
        members["manifest.json"] = json.dumps(manifest).encode()
    return packed(members)


def dump(held: Settings) -> dict[str, list[str]]:
    """Return all that a database holds, whatever its schema, by table."""
    database = open_database(held)
    with database.transaction(write=False) as session:
        shapes = bulk.shapes(bulk.present(session))
        found = {shape.name: sorted(str(row) for row in bulk.rows(session, shape)) for shape in shapes}
    database.close()
    return found


def table(manifest: Json, name: str = "record") -> Json:
    found: Json
    (found,) = (one for one in manifest["tables"] if one["name"] == name)
    return found


def set_member(members: Members, manifest: Json, content: bytes, name: str = "record") -> None:
    """Put other content into a table's member, the manifest agreeing on all but its lines."""
    members[f"tables/{name}.jsonl"] = content
    digest = hashlib.sha256(content).hexdigest()
    table(manifest, name).update(bytes=len(content), sha256=digest)


def add(name: str, content: bytes = b"") -> Callable[[Members, Json], Any]:
    return lambda members, manifest: members.update({name: content})


DAMAGES: dict[str, tuple[str, Callable[[Members, Json], Any]]] = {
    "a member is missing": ("tables/record.jsonl", lambda members, _: members.pop("tables/record.jsonl")),
    "no manifest": ("no manifest.json", lambda members, _: members.pop("manifest.json")),
    "a member too many": ("tables/more.jsonl", add("tables/more.jsonl")),
    "a member above the folder": (r"\.\./\.\./etc/passwd", add("../../etc/passwd", b"x")),
    "an absolute member": ("/etc/passwd", add("/etc/passwd", b"x")),
    "a member that the terminal obeys": (r"members.*tables/\?\[2J$", add("tables/\x1b[2J")),
    "fewer rows than said": ("does not hold 21 rows", lambda _, manifest: table(manifest).update(rows=21)),
    "more rows than said": ("does not hold 1 rows", lambda _, manifest: table(manifest).update(rows=1)),
    "other bytes than said": ("not packed", lambda _, manifest: table(manifest).update(bytes=5)),
    "other digest": ("SHA-256", lambda _, manifest: table(manifest).update(sha256="0" * 64)),
    "a table twice": ("members", lambda _, manifest: manifest["tables"].append(table(manifest))),
    "a table by another name": ("manifest.json at tables", lambda _, manifest: table(manifest).update(name="a/../b")),
    "a kind that there is none of": (
        "manifest.json at tables",
        lambda _, manifest: table(manifest)["columns"][0].update(kind="pickle"),
    ),
    "another kind": ("row 1", lambda _, manifest: table(manifest)["columns"][0].update(kind="integer")),
    "another kind that fits": (
        "not those of schema",
        lambda _, manifest: table(manifest)["columns"][0].update(kind="text"),
    ),
    "a column by another name": (
        "not those of schema",
        lambda _, manifest: table(manifest)["columns"][1].update(name="slog"),
    ),
    "a column too few": ("row 1", lambda _, manifest: table(manifest)["columns"].pop()),
    "a line that is no row": ("row 1 of record", lambda m, manifest: set_member(m, manifest, b"{\n" * 20)),
    "a feed elsewhere": ("its feed", lambda _, manifest: manifest.update(head=5)),
    "a moment without a zone": ("moment", lambda _, manifest: manifest.update(moment="2026-01-01T00:00:00")),
    "a bomb that hides": ("not packed", lambda members, _: members.update({"tables/record.jsonl": bytes(10**8)})),
    "a bomb that says so": (
        "does not hold 20 rows",
        lambda members, manifest: set_member(members, manifest, bytes(archive._LONGEST_LINE + 10)),
    ),
    "a manifest without end": ("longer", lambda members, manifest: manifest.update(more="x" * 2**21)),
    "another format": ("no backup of Praxis", lambda _, manifest: manifest.update(format="other")),
    "a newer format": (
        "format 2, this version of Praxis reads up to 1",
        lambda _, manifest: manifest.update(version=2),
    ),
    "a newer schema": (
        f"schema 9999, which is newer than this version's {SCHEMA}",
        lambda _, manifest: manifest.update(revision="9999"),
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_what_is_not_as_it_was_written_is_refused(
    made: tuple[bytes, Manifest], template: Template, tmp_path: Path, name: str
) -> None:
    said, change = DAMAGES[name]
    (tmp_path / "backup.zip").write_bytes(changed(made[0], change))
    held = template.copy(tmp_path)
    before = dump(held)
    with pytest.raises(BackupRefused, match=said):
        backup.restore(held, MIGRATIONS, tmp_path / "backup.zip", replace=True)
    assert dump(held) == before


def test_a_member_that_is_there_twice_is_refused(made: tuple[bytes, Manifest], tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    file.write_bytes(made[0])
    with zipfile.ZipFile(file, "a") as written, pytest.warns(UserWarning, match="Duplicate"):
        written.writestr("tables/record.jsonl", b"")
    with pytest.raises(BackupRefused, match="one is there twice"):
        backup.check(MIGRATIONS, file)


@given(place=st.integers(0, 2**40), mask=st.integers(1, 255))
@example(place=0, mask=1)
@example(place=-22, mask=1)
@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_flipped_byte_is_refused_or_means_nothing(
    made: tuple[bytes, Manifest], tmp_path: Path, place: int, mask: int
) -> None:
    file = bytearray(made[0])
    file[place % len(file)] ^= mask
    (tmp_path / "flipped.zip").write_bytes(file)
    try:
        found = backup.check(MIGRATIONS, tmp_path / "flipped.zip")
    except BackupRefused:
        return
    assert found == made[1]
    assert unpacked(bytes(file)) == unpacked(made[0])


@given(share=st.floats(0, 1, exclude_max=True))
@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_that_was_cut_off_is_refused(made: tuple[bytes, Manifest], tmp_path: Path, share: float) -> None:
    (tmp_path / "cut.zip").write_bytes(made[0][: int(share * len(made[0]))])
    with pytest.raises(BackupRefused, match="no backup of Praxis, or was cut off"):
        backup.check(MIGRATIONS, tmp_path / "cut.zip")


def test_a_disk_that_is_full_leaves_no_file(template: Template, tmp_path: Path) -> None:
    held, folder = template.copy(tmp_path), tmp_path / "backups"
    folder.mkdir()
    with running(held) as api, api.database.transaction() as session:
        noise = random.Random(1).randbytes(200_000).hex()
        body = {"caller": "", "action": "", "target_type": "", "target_id": "", "detail": {"noise": noise}}
        session.add(AuditEvent(at=now(), **body))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(BackupRefused, match="cannot write"):
            backup.back_up(held, MIGRATIONS, folder / "backup.zip")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(folder.iterdir())


DIES = """
import os, signal, sys
from pathlib import Path
from services.api import backup
from services.api.cli import MIGRATIONS
from services.api.kit import bulk
from services.api.settings import Settings

insert = bulk._insert
def dying(session, archive, shape, table):
    insert(session, archive, shape, table)
    if table.name == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
bulk._insert = dying
backup.restore(Settings(), MIGRATIONS, Path(sys.argv[1]), replace=True)
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_restore_that_is_killed_leaves_all_as_it_was(
    made: tuple[bytes, Manifest], template: Template, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    (tmp_path / "backup.zip").write_bytes(made[0])
    held = template.copy(tmp_path)
    with running(held) as api:
        kept = api.post("/practices", template.secretariat, json=practice_body("Kept")).json()["id"]
        api.post(f"/practices/{kept}/publish", template.secretariat, version=1).raise_for_status()
    if kind == "postgresql":
        databases = OnPostgres(request.getfixturevalue("postgres"))
        request.addfinalizer(lambda: databases.clear(0))
        held = move(held, databases, tmp_path)
    with running(held) as api:
        before = api.get("/changes?limit=1000").json()
        for name in either(("record_revision",), ("audit_event", "record_revision", "record_mention")):
            arguments = [sys.executable, "-c", DIES, str(tmp_path / "backup.zip"), name]
            environment = {"PRAXIS_API_DATABASE_URL": held.database_url, "PATH": ""}
            died = subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, text=True)
            assert died.returncode == -signal.SIGKILL, died.stderr
            assert api.get("/changes?limit=1000").json() == before
            api.post("/practices", template.secretariat, json=practice_body("Goes on")).raise_for_status()
    mark = backup.restore(held, MIGRATIONS, tmp_path / "backup.zip", replace=True)
    with running(held) as api:
        assert api.get("/changes?limit=1000").json()["epoch"] == mark.epoch != before["epoch"]
        assert api.get(f"/practices/{kept}").status_code == 404


def move(held: Settings, databases: OnPostgres, folder: Path) -> Settings:
    """Move a database to PostgreSQL, by a backup."""
    to = settings_for(databases.new(folder))
    backup.back_up(held, MIGRATIONS, folder / "moved.zip")
    backup.restore(to, MIGRATIONS, folder / "moved.zip")
    return to


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True, scope="session")
def test_text_that_postgresql_cannot_hold_is_refused(template: Template, tmp_path: Path, postgres: Postgres) -> None:
    held, moved = template.copy(tmp_path), OnPostgres(postgres)
    database = open_database(held)
    with database.transaction() as session:
        body = {"caller": "\0", "action": "", "target_type": "", "target_id": "", "detail": {}}
        session.add(AuditEvent(id=uuid4(), at=now(), **body))
    database.close()
    with pytest.raises(BackupRefused, match=r"does not take it.*nothing was restored"):
        move(held, moved, tmp_path)
    moved.clear(0)


@pytest.fixture
def later(tmp_path: Path) -> Config:
    """Migrations of a version to come: an earlier one had `homepage` for `website`, and knew no networks."""
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_bytes((ROOT / "migrations" / "env.py").read_bytes())
    for file in (ROOT / "migrations" / "versions").glob("*.py"):
        text = file.read_text()
        if file.stem.endswith("first_tables"):
            text, count = re.subn(r'\n *sa.Column\("networks".*', "", text.replace('"website"', '"homepage"'))
            assert count == 1
        (folder / "versions" / file.name).write_text(text)
    (folder / "versions" / "later.py").write_text(
        f"""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "{LATER}", "{SCHEMA}"
def upgrade():
    with op.batch_alter_table("authority") as batch:
        batch.alter_column("homepage", new_column_name="website")
        batch.add_column(sa.Column("networks", sa.JSON(), nullable=False, server_default='["added"]'))
    op.execute("UPDATE authority SET name = 'Città di ' || name")
"""
    )
    config = Config()
    config.set_main_option("script_location", str(folder))
    return config


def older(members: Members, manifest: Json) -> None:
    """Make a backup one of the earlier version."""
    one = table(manifest, "authority")
    at = [column["name"] for column in one["columns"]].index("networks")
    del one["columns"][at]
    (website,) = (column for column in one["columns"] if column["name"] == "website")
    website["name"] = "homepage"
    rows = [json.loads(line) for line in members["tables/authority.jsonl"].splitlines()]
    for row in rows:
        del row[at]
    content = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    set_member(members, manifest, content, "authority")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_of_an_earlier_schema_is_migrated(
    made: tuple[bytes, Manifest], later: Config, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    to = settings_for(f"sqlite:///{tmp_path}/praxis.db")
    if kind == "postgresql":
        databases = OnPostgres(request.getfixturevalue("postgres"))
        request.addfinalizer(lambda: databases.clear(0))
        to = settings_for(databases.new(tmp_path))
    (tmp_path / "older.zip").write_bytes(changed(made[0], older))
    mark = backup.restore(to, later, tmp_path / "older.zip")
    assert mark.seq == made[1].head
    with running(to) as api:
        found = api.get("/authorities").json()["items"]
        assert sorted(one["name"] for one in found) == ["Città di Alba Lunga", "Città di Boca del Río"]
        assert [one["networks"] for one in found] == [["added"], ["added"]]
    with pytest.raises(BackupRefused, match=f"the database is at schema {LATER}, this version's is {SCHEMA}"):
        backup.back_up(to, MIGRATIONS, tmp_path / "new.zip")


def test_a_database_of_an_earlier_schema_is_left_alone(
    made: tuple[bytes, Manifest], later: Config, tmp_path: Path
) -> None:
    to = settings_for(f"sqlite:///{tmp_path}/praxis.db")
    later.attributes["settings"] = to
    command.upgrade(later, SCHEMA)
    before = dump(to)
    (tmp_path / "older.zip").write_bytes(changed(made[0], older))
    with pytest.raises(BackupRefused, match=f"at schema {SCHEMA}, this version's is {LATER}: `praxis migrate`"):
        backup.restore(to, later, tmp_path / "older.zip", replace=True)
    assert dump(to) == before


def test_the_command_tells_what_it_did_and_what_it_refuses(
    template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli.app, [str(one) for one in arguments])
        return done.exit_code, done.output

    held, file = template.copy(tmp_path), str(tmp_path / "backup.zip")
    monkeypatch.setenv("PRAXIS_API_DATABASE_URL", held.database_url)
    kind = make_url(held.database_url).get_backend_name()
    code, said = run("backup", file)
    assert (code, f"schema {SCHEMA}, {kind}" in said) == (0, True), said
    assert run("backup", file) == (1, f"refused: {file} is there already\n")
    assert run("backup", file, "--overwrite")[0] == 0
    code, said = run("restore", file, "--check")
    assert (code, "is sound" in said) == (0, True)
    code, said = run("restore", file)
    assert (code, "--replace" in said) == (1, True)
    code, said = run("restore", file, "--replace")
    assert (code, "every follower rebuilds" in said) == (0, True)
    Path(file).write_bytes(random.Random(1).randbytes(1000))
    assert run("restore", file) == (1, f"refused: {file} is no backup of Praxis, or was cut off\n")
    assert run("restore", file + ".not")[0] == 1
