"""Concepts from files: checked with all other seeds, loaded once, and never over what people did."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from services.api import cli
from services.api.settings import Settings
from services.api.thesaurus import network
from tests.api.thesaurus.support import CIRCULAR, CONCEPTS, SEASONAL, WORKERS, change, terms
from tests.harness.paths import SEEDS
from tests.harness.support import Api, Json, Template
from tools.seeds import Seeds

pytestmark = pytest.mark.each_database

ALL: dict[str, Json] = {"migrant-workers": WORKERS, "seasonal-workers": SEASONAL, "circular-migration": CIRCULAR}


class Folder:
    """A folder of seeds with a thesaurus, and the command that loads it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, concepts: Any) -> None:
        (self.path / "thesaurus").mkdir(parents=True, exist_ok=True)
        text = concepts if isinstance(concepts, str) else yaml.safe_dump(concepts, allow_unicode=True)
        (self.path / "thesaurus" / name).write_text(text, encoding="utf-8")

    def load(self, *more: str) -> Result:
        return CliRunner().invoke(cli.app, [*(more or ("seed",)), str(self.path)])


@pytest.fixture
def folder(api_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setenv("PRAXIS_API_DATABASE_URL", api_settings.database_url)
    monkeypatch.chdir(tmp_path)
    made = Folder(tmp_path / "seeds")
    made.write("work.yaml", {"migrant-workers": WORKERS, "seasonal-workers": SEASONAL})
    made.write("ways.yaml", {"circular-migration": CIRCULAR})
    return made


def test_loading_again_changes_nothing(api: Api, folder: Folder) -> None:
    assert "3 added, 0 changed, 0 unchanged" in folder.load().output
    assert list(terms(api)) == sorted(ALL)
    assert terms(api)["circular-migration"]["related"] == ["seasonal-workers"]
    before = change(api)
    assert "0 added, 0 changed, 3 unchanged" in folder.load().output
    assert "3 unchanged" in folder.load("import").output
    assert change(api) == before


def test_what_people_did_is_kept(api: Api, folder: Folder, template: Template) -> None:
    key = template.secretariat
    folder.load()
    edited = SEASONAL | {"labels": {"en": "edited here"}, "related": []}
    assert api.put(f"{CONCEPTS}/seasonal-workers", key, version=1, json=edited).status_code == 200
    folder.write("more.yaml", {"gone": {"labels": {"en": "gone"}}, "stays": {"labels": {"en": "stays"}}})
    folder.load()
    assert api.delete(f"{CONCEPTS}/gone", key, version=1).status_code == 204
    before = change(api)
    assert "0 added, 0 changed, 2 unchanged, 3 edited here and kept" in folder.load().output
    assert change(api) == before
    folder.write(
        "more.yaml",
        {
            "gone": {"labels": {"en": "gone"}},
            "stays": {"labels": {"en": "it stays"}, "broader": ["gone"], "related": ["seasonal-workers"]},
            "new": {"labels": {"en": "new"}, "broader": ["seasonal-workers"]},
        },
    )
    assert "1 added, 1 changed" in folder.load().output
    now = terms(api)
    assert "gone" not in now
    assert (now["stays"]["labels"], now["stays"]["broader"], now["stays"]["related"]) == ({"en": "it stays"}, [], [])
    assert now["new"]["broader"] == ["seasonal-workers"]
    assert (now["seasonal-workers"]["labels"], now["seasonal-workers"]["related"]) == ({"en": "edited here"}, [])


def test_a_circle_with_what_people_did_stops_nothing(api: Api, folder: Folder, template: Template) -> None:
    folder.load()
    body = CIRCULAR | {"broader": ["seasonal-workers"], "related": ["seasonal-workers"]}
    api.put(f"{CONCEPTS}/circular-migration", template.secretariat, version=1, json=body).raise_for_status()
    folder.write("work.yaml", {"migrant-workers": WORKERS | {"broader": ["circular-migration"]}})
    again = folder.load()
    assert (again.exit_code, "edited here and kept" in again.output) == (0, True)
    assert terms(api)["migrant-workers"]["broader"] == []


@pytest.mark.parametrize(
    ("concepts", "told"),
    [
        ({"Wrong Code": WORKERS}, "thesaurus/odd.yaml, Wrong Code"),
        ({"odd": {"labels": {}}}, "labels"),
        ({"odd": "word"}, "odd"),
        ({"odd": {"code": "other", "labels": {"en": "word"}, "surprise": 1}}, "surprise"),
        ({"odd": WORKERS | {"broader": ["nobody"]}}, "there is no concept 'nobody'"),
        ({"a": WORKERS | {"broader": ["b"]}, "b": WORKERS | {"broader": ["a"]}}, "circle"),
        ({"migrant-workers": WORKERS}, "given twice"),
        ("- a list", "not concepts by their codes"),
        ("a: [", "not valid YAML"),
    ],
)
def test_a_broken_file_is_refused_whole(api: Api, folder: Folder, concepts: Any, told: str) -> None:
    before = change(api)
    folder.write("odd.yaml", concepts)
    refused = folder.load()
    assert (refused.exit_code, told in refused.stderr) == (1, True), refused.stderr
    assert change(api) == before


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}\n", "---\n"])
def test_a_file_may_hold_nothing_yet(api: Api, folder: Folder, text: str) -> None:
    folder.write("empty.yaml", text)
    assert "3 added" in folder.load().output


def test_the_concepts_of_this_base_are_valid() -> None:
    concepts = Seeds.read(SEEDS).concepts
    together = network.joined({}, {code: network.content_of(concept) for code, concept in concepts.items()})
    assert [(code, *network.loose_ends(code, together)) for code in together] == [(code,) for code in together]
    assert network.circle(together) is None
