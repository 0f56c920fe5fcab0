"""Exporting: all of one moment, always the same, and whole or not at all; what was exported is imported unchanged."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from services.api import cli
from services.api.exchange.exporting import Asked, written
from services.api.exchange.formats import jsonl
from services.api.settings import Settings
from services.api.types import TYPES
from services.api.types.practice.type import TYPE
from tests.harness.paths import SEEDS
from tests.harness.support import Api, Template, practice_body, running

OTHERS = sum(len([*(SEEDS / type.plural).glob("*.yaml")]) for type in TYPES.values() if type is not TYPE)
"""Printed records of other types than practices, which an export of a folder holds too."""


def praxis(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


@pytest.fixture
def loaded(api_settings: Settings, api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Api:
    """An api with the seeds, and two records that people made here: one public, one a draft."""
    monkeypatch.setenv("PRAXIS_API_DATABASE_URL", api_settings.database_url)
    monkeypatch.chdir(tmp_path)
    assert praxis("seed", SEEDS).exit_code == 0
    return api


def make(api: Api, template: Template, title: str, *, publish: bool) -> Any:
    record = api.post("/practices", template.secretariat, json={**practice_body(title), "owner": "alba"}).json()
    if publish:
        api.post(f"/practices/{record['id']}/publish", template.secretariat, version=1).raise_for_status()
    return record


def lines(path: Path) -> list[Any]:
    return [entry.data for entry in jsonl.read(path)]


@pytest.mark.parametrize("name", ["all.jsonl", "all.csv", "all.xlsx", "all.yaml", "folder"])
def test_an_export_is_imported_unchanged_here_and_elsewhere(
    loaded: Api, template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    make(loaded, template, "Made here", publish=True)
    make(loaded, template, "A draft", publish=False)
    target = tmp_path / name
    done = praxis("export", target, "--state", "all")
    assert done.exit_code == 0, done.output
    assert "37 practices" in done.output
    again = praxis("import", target)
    assert again.exit_code == 0, again.output
    assert f"{37 + (26 + OTHERS if name == 'folder' else 0)} unchanged" in again.output
    assert "added" not in again.output
    if name == "folder":
        elsewhere = template.copy(tmp_path / "elsewhere")
        monkeypatch.setenv("PRAXIS_API_DATABASE_URL", elsewhere.database_url)
        assert praxis("import", target, "--publish").exit_code == 0
        with running(elsewhere):
            assert praxis("export", tmp_path / "again").exit_code == 0
            assert praxis("export", tmp_path / "again.jsonl").exit_code == 0
        files = sorted(path.relative_to(target) for path in target.rglob("*.yaml"))
        assert files == sorted(path.relative_to(tmp_path / "again") for path in (tmp_path / "again").rglob("*.yaml"))
        unlike = [
            str(file) for file in files if (target / file).read_bytes() != (tmp_path / "again" / file).read_bytes()
        ]
        assert len(unlike) <= 1, "only the draft, which was published there, has a tier now"


@pytest.mark.each_database
def test_exports_are_the_same_and_in_order(loaded: Api, tmp_path: Path) -> None:
    for name in ("one.jsonl", "two.jsonl", "one.csv", "two.csv"):
        assert praxis("export", tmp_path / name).exit_code == 0
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    names = [record["external_id"] for record in lines(tmp_path / "one.jsonl")]
    assert names == sorted(names)
    assert (tmp_path / "one.jsonl").stat().st_mode & 0o777 == 0o600


def test_the_public_state_is_that_of_the_public(loaded: Api, template: Template, tmp_path: Path) -> None:
    record = make(loaded, template, "First", publish=True)
    make(loaded, template, "A draft", publish=False)
    path = f"/practices/{record['id']}"
    loaded.put(path, template.secretariat, version=2, json=practice_body("Second")).raise_for_status()
    for state, titles in (("published", {"First"}), ("all", {"Second", "A draft"})):
        assert praxis("export", tmp_path / f"{state}.jsonl", "--state", state).exit_code == 0
        made = [one for one in lines(tmp_path / f"{state}.jsonl") if one["external_id"].startswith("urn:uuid:")]
        assert {one["content"]["initiative"]["title"] for one in made} == titles
        assert {one["owner"] for one in made} == {"alba"}


@pytest.mark.each_database
def test_an_export_is_of_one_moment(loaded: Api, template: Template) -> None:
    with loaded.database.transaction(write=False) as session:
        rows = written(session, TYPE, Asked(published=False))
        first = next(rows)
        make(loaded, template, "Meanwhile", publish=True)
        rest = list(rows)
        assert len([first, *rest]) == len(list(written(session, TYPE, Asked(published=False)))) == 35


def test_a_copy_to_read_is_not_taken_for_the_original(loaded: Api, tmp_path: Path) -> None:
    assert praxis("export", tmp_path / "es.jsonl", "--lang", "es").exit_code == 0
    assert praxis("export", tmp_path / "es.csv", "--lang", "es").exit_code == 0
    cuenca = next(one for one in lines(tmp_path / "es.jsonl") if one["external_id"] == "seed:cuenca")
    assert cuenca["localized"] == "es"
    assert "derechos de los migrantes" in cuenca["content"]["initiative"]["title"]
    for name in ("es.jsonl", "es.csv"):
        refused = praxis("import", tmp_path / name)
        assert refused.exit_code == 1
        assert "35 records: 35 rejected" in refused.output
        assert "without --lang" in refused.output
    assert praxis("export", tmp_path / "x.jsonl", "--lang", "xx").exit_code == 2


def test_nothing_half_written(loaded: Api, template: Template, tmp_path: Path) -> None:
    body = {**practice_body("Long", description="😀" * 20_000)}
    loaded.post("/practices", template.secretariat, json=body).raise_for_status()
    out = tmp_path / "out"
    out.mkdir()
    refused = praxis("export", out / "all.xlsx", "--state", "all")
    assert refused.exit_code == 1
    assert "how.description has 40000 characters" in refused.output
    assert list(out.iterdir()) == []
    (out / "there.jsonl").write_text("mine")
    refused = praxis("export", out / "there.jsonl")
    assert (refused.exit_code, "is there already" in refused.output) == (1, True)
    assert (out / "there.jsonl").read_text() == "mine"
    assert praxis("export", out / "there.jsonl", "--overwrite").exit_code == 0
    assert len(lines(out / "there.jsonl")) == 35
    for name, said in (("folder", "is there already"), ("a.docx", "must end in"), ("none/a.jsonl", "No such file")):
        (out / "folder").mkdir(exist_ok=True)
        refused = praxis("export", out / name)
        assert refused.exit_code == 1, refused.output
        assert said in refused.output
    assert sorted(path.name for path in out.iterdir()) == ["folder", "there.jsonl"]


def test_records_of_a_folder_are_named_after_their_files(loaded: Api, tmp_path: Path) -> None:
    body = practice_body("Odd")
    odd = ["../../etc/passwd", "CON", "ALBA", "alba", "a" * 150, "x/y"]
    (tmp_path / "odd.jsonl").write_text("".join(json.dumps({"external_id": name, **body}) + "\n" for name in odd))
    assert praxis("import", tmp_path / "odd.jsonl").exit_code == 0
    assert praxis("export", tmp_path / "folder", "--state", "all").exit_code == 0
    files = list((tmp_path / "folder" / "practices").iterdir())
    assert len(files) == len({file.name.lower() for file in files}) == 35 + len(odd)
    assert "external_id" not in (tmp_path / "folder/practices/alba.yaml").read_text()
    assert f"{41 + 26 + OTHERS} unchanged" in praxis("import", tmp_path / "folder").output
