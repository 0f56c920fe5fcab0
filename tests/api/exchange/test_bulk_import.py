"""Importing: known by external id, again and again the same, stopped anywhere and run again; people have precedence."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from services.api import cli
from services.api.access.service import OPERATOR
from services.api.changes import service as changes
from services.api.exchange.importing import AT_ONCE
from services.api.kit.moments import now
from services.api.records import schemas
from services.api.records import service as practices
from services.api.settings import Settings
from services.api.types.practice.type import TYPE
from tests.harness.paths import ROOT
from tests.harness.support import Api, Template, authority_body, practice_body, running

Json = dict[str, Any]


def body(title: str, **more: Any) -> Json:
    return {**practice_body(title, **more.pop("how", {})), **more}


class Exchange:
    """A folder with files, and the commands on the api's database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, records: dict[str, Json] | list[Json], name: str = "cases.jsonl") -> Path:
        rows = records if isinstance(records, list) else [{"external_id": key, **one} for key, one in records.items()]
        path = self.folder / name
        path.write_bytes(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows))
        return path

    def run(self, *arguments: object) -> Result:
        return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])

    def load(self, records: dict[str, Json] | list[Json], *options: object, code: int = 0) -> str:
        """Import records, and return what was said."""
        done = self.run("import", self.write(records), *options)
        assert done.exit_code == code, (done.output, done.exception)
        return done.output

    def report(self) -> list[Json]:
        path = self.folder / "cases.jsonl.rejected.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def exchange(api_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Exchange:
    monkeypatch.setenv("PRAXIS_API_DATABASE_URL", api_settings.database_url)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "files").mkdir()
    return Exchange(tmp_path / "files")


def feed(api: Api) -> Any:
    with api.database.transaction(write=False) as session:
        return changes.digest(session)


def found(api: Api, external_id: str) -> Any:
    with api.database.transaction(write=False) as session:
        return practices.by_external_id(session, TYPE, external_id)


def here(api: Api, external_id: str) -> Any:
    practice = found(api, external_id)
    assert practice is not None, external_id
    return practice


@pytest.mark.each_database
def test_an_import_again_changes_nothing(exchange: Exchange, api: Api) -> None:
    records = {f"case {number}": body(f"Title {number}") for number in range(3)}
    assert "3 records: 3 added" in exchange.load(records, "--publish")
    before = feed(api)
    assert here(api, "case 1").published_revision == 1
    assert "3 records: 3 unchanged" in exchange.load(records, "--publish")
    assert feed(api) == before
    assert exchange.report() == []


def test_without_publish_records_wait(exchange: Exchange, api: Api, template: Template) -> None:
    before = feed(api)
    assert "not public" in exchange.load({"one": body("One")})
    assert feed(api) == before
    practice = here(api, "one")
    assert practice.slug is None
    assert api.get(f"/practices/{practice.id}").status_code == 404
    assert api.get(f"/practices/{practice.id}/latest", template.secretariat).json()["external_id"] == "one"
    assert "1 published" in exchange.load({"one": body("One")}, "--publish")
    assert api.get(f"/practices/{practice.id}").json()["slug"] == "one"


def test_a_changed_record_becomes_a_revision(exchange: Exchange, api: Api) -> None:
    exchange.load({"one": body("One"), "two": body("Two")}, "--publish")
    assert "1 changed, 1 unchanged" in exchange.load({"one": body("Another"), "two": body("Two")})
    practice = here(api, "one")
    assert (practice.latest_revision, practice.published_revision) == (2, 1)
    assert "1 published, 1 unchanged" in exchange.load({"one": body("Another"), "two": body("Two")}, "--publish")
    assert api.get(f"/practices/{practice.id}").json()["content"]["initiative"]["title"] == "Another"


def test_what_people_made_of_a_record_is_theirs(exchange: Exchange, api: Api, template: Template) -> None:
    names = ("edited", "taken-back", "archived")
    exchange.load({name: body(name) for name in names}, "--publish")
    key = template.secretariat
    edited, back, archived = (here(api, name) for name in names)
    api.put(f"/practices/{edited.id}", key, version=2, json=practice_body("By hand")).raise_for_status()
    api.post(f"/practices/{back.id}/unpublish", key, version=2).raise_for_status()
    api.post(f"/practices/{archived.id}/archive", key, version=2, json={"reason": "Ended"}).raise_for_status()
    said = exchange.load({name: body(f"{name} again") for name in names}, "--publish")
    assert "2 changed, 1 edited here and kept" in said
    assert here(api, "edited").latest_revision == 2
    assert here(api, "taken-back").published_revision is None
    assert here(api, "archived").archived_at is not None
    assert here(api, "archived").published_revision == 1


def test_translations_stay_until_a_record_brings_its_own(exchange: Exchange, api: Api, template: Template) -> None:
    def translations() -> Any:
        return api.get(f"/practices/{here(api, 'one').id}/latest", template.secretariat).json()["translations"]

    spanish = {"es": {"initiative.title": {"text": "Uno", "status": "human"}}}
    exchange.load({"one": body("One", translations=spanish)}, "--publish")
    assert "1 unchanged" in exchange.load({"one": body("One")}, "--publish")
    assert translations() == spanish
    changed = {"one": body("Two", translations=spanish)}
    assert "1 changed" in exchange.load(changed, "--publish")
    assert translations()["es"]["initiative.title"]["status"] == "outdated"
    assert "1 unchanged" in exchange.load(changed, "--publish"), "the same file again brings nothing new"
    assert "1 changed" in exchange.load({"one": body("Two", translations={})}, "--publish")
    assert translations() == {}


def test_tiers_and_owners(exchange: Exchange, api: Api, template: Template) -> None:
    def shown(name: str) -> Any:
        return api.get(f"/practices/{here(api, name).id}/latest", template.secretariat).json()

    exchange.load({"a": body("A", owner="alba"), "b": body("B", tier="peer-reviewed")}, "--publish")
    assert (shown("a")["tier"], shown("b")["tier"], shown("a")["owner"]) == ("network", "peer-reviewed", "alba")
    assert "1 published" in exchange.load({"a": body("A")}, "--publish", "--tier", "peer-reviewed")
    assert shown("a")["tier"] == "peer-reviewed"
    said = exchange.load({"a": body("A", owner="boca"), "c": body("C", owner="atlantis")}, code=1)
    assert "2 rejected" in said
    assert [line["faults"][0]["field"] for line in exchange.report()] == ["owner", "owner"]
    assert "alba" in exchange.report()[0]["faults"][0]["message"]


def test_rejected_records_are_reported_and_others_taken(exchange: Exchange, api: Api) -> None:
    wrong = body("Wrong")
    wrong["content"]["what"]["priorities"][0]["priority"] = "x"
    elsewhere = body("Elsewhere")
    elsewhere["content"]["who"]["authorities"][0]["authority"] = "atlantis"
    rows = [
        {"external_id": "good", **body("Good")},
        {"external_id": "wrong", **wrong},
        {"external_id": "elsewhere", **elsewhere},
        {"external_id": "good", **body("Good again")},
        body("Nameless"),
        {"external_id": "last", **body("Last")},
    ]
    said = exchange.load(rows, "--publish", code=1)
    assert "6 records: 2 added, 4 rejected" in said
    assert here(api, "good").slug == "good"
    assert here(api, "last").slug == "last"
    report = exchange.report()
    assert [(line["place"], line["external_id"]) for line in report] == [
        ("line 2", "wrong"),
        ("line 3", "elsewhere"),
        ("line 4", "good"),
        ("line 5", None),
    ]
    (fault,) = report[0]["faults"]
    assert (fault["field"], fault["question"], fault["value"]) == ("what.priorities[0].priority", "2.1", "x")
    assert "remittances" in fault["allowed"]
    assert report[1]["faults"][0]["question"] == "5.3"
    assert "line 1" in report[2]["faults"][0]["message"]
    assert report[3]["faults"][0]["field"] == "external_id"
    assert "line 2 (wrong): what.priorities[0].priority (question 2.1): not one of the allowed values" in said
    exchange.load({"good": body("Good")}, "--publish")
    assert exchange.report() == [], "the report of an earlier run would mislead"


def test_a_dry_run_tells_the_same_and_writes_nothing(exchange: Exchange, api: Api) -> None:
    exchange.load({"old": body("Old"), "same": body("Same")}, "--publish")
    records = {"old": body("New"), "same": body("Same"), "more": body("More"), "bad": {"content": {}}}
    before = feed(api)
    tried = exchange.load(records, "--publish", "--dry-run", code=1)
    report = exchange.report()
    assert feed(api) == before
    assert found(api, "more") is None
    done = exchange.load(records, "--publish", code=1)
    assert "nothing was written" in tried
    assert "4 records: 1 added, 1 changed, 1 unchanged, 1 rejected" in tried
    assert "4 records: 1 added, 1 changed, 1 unchanged, 1 rejected" in done
    assert exchange.report() == report


@pytest.mark.each_database
def test_the_type_of_a_file_is_named_or_the_first_of_all(exchange: Exchange) -> None:
    records = {"one": body("One")}
    assert "1 added" in exchange.load(records, "--type", "practice")
    assert "1 unchanged" in exchange.load(records)
    said = exchange.load(records, "--type", "treaty", code=2)
    assert "'treaty' is no type of record" in said
    assert "practice" in said


def test_all_or_nothing(exchange: Exchange, api: Api) -> None:
    before = feed(api)
    unknown = body("Unknown", owner="atlantis")
    for bad in ({"content": {}}, unknown):
        said = exchange.load({"good": body("Good"), "bad": bad}, "--publish", "--all-or-nothing", code=1)
        assert "nothing was taken in" in said
        assert found(api, "good") is None
        assert feed(api) == before
    assert "1 added" in exchange.load({"good": body("Good")}, "--publish", "--all-or-nothing")


def rows_of(api: Api) -> dict[str, list[Any]]:
    """Return every row that an import may leave, without times."""
    asked = {
        "record": "id, type, slug, external_id, version, latest_revision, published_revision, rendering",
        "record_revision": "record_id, number, content, translations, created_by",
        "record_publication": "record_id, number, tier",
        "record_slug": "type, slug, record_id",
        "record_party": "record_id, part, place, authority_id, name, unit",
        "record_mention": "record_id, path, relation, to_type, to_id, to_path",
        "audit_event": "caller, action, target_type, target_id, detail",
        "public_record": "type, id, seq, op, body",
    }
    with api.database.transaction(write=False) as session:
        return {
            table: sorted(map(repr, session.execute(text(f"SELECT {columns} FROM {table}")).all()))
            for table, columns in asked.items()
        }


@pytest.mark.each_database
def test_many_at_once_leave_what_one_by_one_does(
    exchange: Exchange, api: Api, template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spanish = {"es": {"initiative.title": {"text": "Uno", "status": "human"}}, "fr": {}}
    titles = ("One", "One", "One", "One 2", "One", "ab" * 16, "Dos", "…", "…")
    records = {f"n{number}": body(title) for number, title in enumerate(titles)}
    records["owned"] = body("Owned", owner="boca", translations=spanish)
    fixed = now()
    for room in ("records.service", "records.batches", "changes.service", "access.service"):
        monkeypatch.setattr(f"services.api.{room}.now", lambda: fixed)
    with running(template.copy(tmp_path / "other")) as other:
        for name, one in records.items():
            with other.database.transaction() as session:
                created = schemas.of(TYPE).create.model_validate(one)
                made = practices.create(session, OPERATOR, TYPE, created, name)
                practices.publish(session, OPERATOR, made, made.version)
        expected = rows_of(other)
    exchange.load(records, "--publish")
    assert rows_of(api) == expected


def start(path: Path, settings: Settings) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from services.api.cli import app; app()", "import", str(path), "--publish"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PRAXIS_API_DATABASE_URL": settings.database_url}
    return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_a_killed_import_is_run_again(
    exchange: Exchange,
    api: Api,
    api_settings: Settings,
    template: Template,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count = 3 * AT_ONCE
    records = {f"case {number}": body(f"Title {number % 700}") for number in range(count)}
    path = exchange.write(records)

    def stored() -> int:
        with api.database.transaction(write=False) as session:
            found: int = session.execute(text("SELECT count(*) FROM record")).scalar_one()
            return found

    importing = start(path, api_settings)
    until = time.monotonic() + 120
    while not stored() and importing.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
    importing.send_signal(signal.SIGKILL)
    importing.wait()
    half = stored()
    assert half % AT_ONCE == 0, "a transaction is stored whole or not at all"
    assert 0 < half < count
    done = exchange.run("import", path, "--publish")
    assert f"{count - half} added, {half} unchanged" in done.output
    undisturbed = template.copy(tmp_path / "undisturbed")
    monkeypatch.setenv("PRAXIS_API_DATABASE_URL", undisturbed.database_url)
    assert f"{count} added" in exchange.run("import", path, "--publish").output
    with running(undisturbed) as other:
        assert feed(other)[1:] == feed(api)[1:]
        kept = ("record", "record_slug", "record_publication", "record_mention")
        assert {table: rows_of(other)[table] for table in kept} == {table: rows_of(api)[table] for table in kept}


def test_a_folder_brings_its_authorities(exchange: Exchange, api: Api) -> None:
    folder = exchange.folder / "cases"
    for kind in ("authorities", "practices"):
        (folder / kind).mkdir(parents=True)
    for slug, more in {"child": {"parent": "parent"}, "parent": {}, "lost": {"parent": "nowhere"}}.items():
        (folder / f"authorities/{slug}.yaml").write_text(json.dumps(authority_body(slug.title(), **more)))
    (folder / "practices/one.yaml").write_text(json.dumps(practice_body("One", authority="child")))
    (folder / "practices/two.yml").write_text(json.dumps(practice_body("Two", authority="lost")))
    before = feed(api)
    tried = exchange.run("import", folder, "--publish", "--dry-run")
    assert feed(api) == before
    done = exchange.run("import", folder, "--publish")
    for result in (tried, done):
        assert result.exit_code == 1
        assert "5 records: 3 added, 2 rejected" in result.output
        assert "authorities/lost.yaml (lost): parent: There is no authority 'nowhere'" in result.output
    record = api.get(f"/practices/{here(api, 'one').id}").json()
    assert record["authorities"][0]["parent"]["slug"] == "parent"
    again = exchange.run("import", folder, "--publish")
    assert "5 records: 3 unchanged, 2 rejected" in again.output
