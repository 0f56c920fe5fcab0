"""The printed cases: each file is valid and referenced throughout; loading them is all or nothing, and repeatable."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel
from typer.testing import CliRunner, Result

from services.api import cli
from services.api.changes import service as changes
from services.api.exchange.sources import SEED_PREFIX
from services.api.records import schemas
from services.api.records import service as practices
from services.api.settings import Settings
from services.api.types.practice.content import PracticeContent
from services.api.types.practice.type import TYPE
from tests.harness.paths import SEEDS
from tests.harness.support import Api
from tools.seeds import Seeds

PRACTICES = sorted((SEEDS / "practices").glob("*.yaml"))
EVIDENCED = {("why", "features"), ("what", "policy_areas")}
"""Fields that need no reference: features carry their own, policy areas are the editor's choice."""


@pytest.fixture(scope="module")
def seeds() -> Seeds:
    """All seed files; reading them refuses any that is not valid."""
    return Seeds.read(SEEDS)


def test_all_seeds_are_valid(seeds: Seeds) -> None:
    assert len(seeds.practices) == len(PRACTICES) >= 30
    for kind, records in seeds.records.items():
        assert records.keys() == {path.stem for path in (SEEDS / kind).glob("*.yaml")}
    assert len(seeds.authorities) == len(list((SEEDS / "authorities").glob("*.yaml"))) >= 20


def filled(content: PracticeContent) -> Iterator[tuple[str, Any]]:
    """Yield path and value of every filled field of the questionnaire."""
    for section, fields in content:
        if isinstance(fields, BaseModel) and section != "provenance":
            for name, value in fields:
                if value not in (None, []) and name != "comment" and (section, name) not in EVIDENCED:
                    yield f"{section}.{name}", value


@pytest.mark.parametrize("name", [path.stem for path in PRACTICES])
def test_every_fact_has_its_source(seeds: Seeds, name: str) -> None:
    content = seeds.practices[name].content
    references = {reference.field for reference in content.references}
    for path, value in filled(content):
        items = [f"{path}[{number}]" for number in range(len(value))] if isinstance(value, list) else []
        assert path in references or (items and references.issuperset(items)), f"{path} has no reference"
    for evidence in content.why.features:
        assert evidence.source, f"{evidence.feature} names no source"
        assert evidence.place, f"{evidence.feature} names no place"
    assert content.sources
    assert content.provenance.kind == "extracted"
    assert content.provenance.source_year
    assert content.rights


@pytest.mark.parametrize("name", [path.stem for path in PRACTICES])
def test_title_and_summary_in_four_languages(seeds: Seeds, name: str) -> None:
    practice = seeds.practices[name]
    translated = {
        language
        for language, fields in (practice.translations or {}).items()
        if fields.keys() >= {"initiative.title", "how.summary"}
    }
    assert translated | {practice.content.language} >= {"en", "es", "fr", "it"}


def test_authorities_have_real_coordinates(seeds: Seeds) -> None:
    for name, authority in seeds.authorities.items():
        if authority.level not in ("association-of-municipalities", "other"):
            assert authority.coordinates is not None, name
            assert (authority.coordinates.latitude, authority.coordinates.longitude) != (0, 0)


class Loading:
    """A folder with a few seeds, and the command that loads it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("practices/cartaya", "practices/veneto"):
            self._take(name)
            data = yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
            for involved in data["content"]["who"]["authorities"]:
                self._take_authority(involved.get("authority"))

    def _take_authority(self, slug: str | None) -> None:
        if slug and not (self.folder / f"authorities/{slug}.yaml").exists():
            self._take(f"authorities/{slug}")
            text = (self.folder / f"authorities/{slug}.yaml").read_text(encoding="utf-8")
            self._take_authority(yaml.safe_load(text).get("parent"))

    def _take(self, name: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SEEDS / f"{name}.yaml", self.folder / f"{name}.yaml")

    def change(self, name: str, **parts: Any) -> None:
        """Replace parts of a file, such as `content__initiative__title`."""
        path = self.folder / name
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        for steps, value in parts.items():
            *way, last = steps.split("__")
            here = data
            for step in way:
                here = here[step]
            here[last] = value
        path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")

    def run(self) -> Result:
        return CliRunner().invoke(cli.app, ["seed", str(self.folder)])


@pytest.fixture
def loading(api_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loading:
    monkeypatch.setenv("PRAXIS_API_DATABASE_URL", api_settings.database_url)
    monkeypatch.chdir(tmp_path)
    return Loading(tmp_path / "seeds")


def digest(api: Api) -> Any:
    """Return the feed's digest, past any answer that is kept."""
    with api.database.transaction(write=False) as session:
        return changes.digest(session)


def practice(api: Api, seed: str) -> Any:
    with api.database.transaction(write=False) as session:
        found = practices.by_external_id(session, TYPE, f"{SEED_PREFIX}{seed}")
        assert found is not None
        return found


def test_loading_again_changes_nothing(loading: Loading, api: Api) -> None:
    first = loading.run()
    assert first.exit_code == 0, first.output
    assert "seed records" in first.output
    assert "0 unchanged" in first.output
    before = digest(api)
    assert practice(api, "cartaya").published_revision == 1
    again = loading.run()
    assert "0 added, 0 changed" in again.output
    assert digest(api) == before


def test_a_changed_file_becomes_a_new_revision(loading: Loading, api: Api) -> None:
    loading.run()
    former = practice(api, "cartaya")
    loading.change("practices/cartaya.yaml", content__how__goal="Another goal.")
    loading.change("authorities/cartaya.yaml", website="https://example.org/new")
    assert "0 added, 2 changed" in loading.run().output
    now = practice(api, "cartaya")
    assert (now.id, now.slug) == (former.id, former.slug)
    assert (now.latest_revision, now.published_revision) == (2, 2)
    record = api.get(f"/practices/{now.id}").json()
    assert record["content"]["how"]["goal"] == "Another goal."
    assert "https://example.org/new" in {authority["website"] for authority in record["authorities"]}


def test_what_people_changed_is_kept(loading: Loading, api: Api, template: Any) -> None:
    loading.run()
    found = practice(api, "cartaya")
    shown = api.get(f"/practices/{found.id}/latest", template.secretariat).json()
    edited = shown["content"] | {"rights": "Edited by hand"}
    answer = api.put(f"/practices/{found.id}", template.secretariat, version=found.version, json={"content": edited})
    assert answer.status_code == 200, answer.text
    api.post(f"/practices/{practice(api, 'veneto').id}/unpublish", template.secretariat, version=2)
    loading.change("practices/cartaya.yaml", content__how__goal="Another goal.")
    loading.change("practices/veneto.yaml", content__how__goal="Another goal.")
    assert loading.run().exit_code == 0
    assert practice(api, "cartaya").latest_revision == 2
    assert practice(api, "veneto").published_revision is None, "what was taken back stays so"


@pytest.mark.parametrize(
    ("name", "parts", "said"),
    [
        ("practices/cartaya.yaml", {"content__initiative__title": ""}, ["initiative.title", "at least 1"]),
        ("practices/cartaya.yaml", {"content__language": "xx"}, ["language", "BCP 47"]),
        ("practices/cartaya.yaml", {"surprise": 1}, ["surprise", "unknown"]),
        (
            "practices/cartaya.yaml",
            {"content__what__priorities": [{"priority": "x", "assessed_by": "editor"}]},
            ["what.priorities[0].priority", "allowed", "remittances"],
        ),
        (
            "practices/cartaya.yaml",
            {"content__who__authorities": [{"name": "Atlantis", "authority": "atlantis"}]},
            ["who.authorities[0].authority", "atlantis"],
        ),
        ("authorities/cartaya.yaml", {"country": "XX"}, ["country", "allowed"]),
        ("authorities/cartaya.yaml", {"parent": "atlantis"}, ["parent", "atlantis"]),
        ("authorities/cartaya.yaml", {"parent": "cartaya"}, ["parent", "circle"]),
    ],
)
def test_a_broken_file_is_refused_whole(
    loading: Loading, api: Api, name: str, parts: dict[str, Any], said: list[str]
) -> None:
    before = digest(api)
    loading.change(name, **parts)
    refused = loading.run()
    assert refused.exit_code == 1, refused.output
    line = next(line for line in refused.stderr.splitlines() if line.startswith(f"{name} ("))
    for part in said:
        assert part in line
    assert "nothing was loaded" in refused.stderr
    assert digest(api) == before


@pytest.mark.parametrize("text", ["a: [", "a: \x00", "\t- x", "", "just words", "a: &x [*x]"])
def test_files_that_are_no_yaml_mapping_are_refused(loading: Loading, api: Api, text: str) -> None:
    before = digest(api)
    (loading.folder / "practices" / "broken.yaml").write_text(text, encoding="utf-8")
    refused = loading.run()
    assert refused.exit_code == 1, refused.output
    assert any(line.startswith("practices/broken.yaml: ") for line in refused.stderr.splitlines())
    assert digest(api) == before


def test_an_empty_folder_is_refused(loading: Loading, api: Api, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused = CliRunner().invoke(cli.app, ["seed", str(tmp_path / "empty")])
    assert refused.exit_code == 1
    assert "holds no authorities/*.yaml, practices/*.yaml, " in refused.stderr


def test_references_must_name_filled_fields(seeds: Seeds) -> None:
    written = seeds.practices["cartaya"].model_dump(mode="json")
    for field in ("how.nothing", "how.results[999]", "nowhere.summary"):
        changed = written | {
            "content": written["content"]
            | {"references": [{"field": field, "source": written["content"]["sources"][0]["key"], "place": "1"}]}
        }
        with pytest.raises(ValueError, match="not a filled field"):
            schemas.of(TYPE).write.model_validate(changed)
