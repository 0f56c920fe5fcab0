"""Authorities go out to a folder and come in from one with all that is said of them, each after those that it names."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.api import cli
from services.api.settings import Settings
from tests.harness.support import Api, Template, authority_body, running

OFFICE = {"name": "Ufficio", "names": {"en": "Office"}, "website": None, "phone": "+39 051 219"}


def run(settings: Settings, patch: pytest.MonkeyPatch, *arguments: object) -> str:
    patch.setenv("PRAXIS_API_DATABASE_URL", settings.database_url)
    return CliRunner().invoke(cli.app, [str(one) for one in arguments]).output


def said(api: Api) -> dict[str, Any]:
    """Return what is said of each authority, but for what differs between two bases."""
    own = ("id", "version", "updated_at")
    return {
        one["slug"]: json.dumps(
            {name: value["slug"] if name in ("parent", "successor") and value else value for name, value in one.items()}
            | dict.fromkeys(own)
        )
        for one in api.get("/authorities?limit=100").json()["items"]
    }


def test_a_folder_holds_all_that_is_said(
    api: Api, api_settings: Settings, template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    population = {"count": 10, "year": 2011, "source": "Census"}
    more = {"ended": "2014", "successor": "zeta", "population": population, "contact_office": OFFICE}
    for slug, told in {"zeta": {"parent": "alba"}, "duca": more}.items():
        body = authority_body(slug.title(), slug=slug, **told)
        api.post("/authorities", template.secretariat, json=body).raise_for_status()
    run(api_settings, monkeypatch, "export", tmp_path / "out")
    other = template.copy(tmp_path / "other")
    done = run(other, monkeypatch, "import", tmp_path / "out")
    assert "2 added" in done, "the one that took over is taken in first, whatever the files are called"
    with running(other) as there:
        assert said(there) == said(api)
    assert "4 unchanged" in run(other, monkeypatch, "import", tmp_path / "out")


def test_what_a_file_names_must_be_there_and_lead_back_nowhere(
    api: Api, api_settings: Settings, template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.post("/authorities", template.secretariat, json=authority_body("Here", slug="here")).raise_for_status()
    folder = tmp_path / "cases" / "authorities"
    folder.mkdir(parents=True)
    files = {
        "lost": {"successor": "nowhere"},
        "one": {"successor": "two"},
        "two": {"parent": "one"},
        "itself": {"successor": "itself"},
        "three": {"parent": "here"},
    }
    for slug, more in files.items():
        (folder / f"{slug}.yaml").write_text(json.dumps(authority_body(slug.title(), **more)))
    done = run(api_settings, monkeypatch, "import", folder.parent)
    assert "5 records: 1 added, 4 rejected" in done
    assert "authorities/lost.yaml (lost): successor: There is no authority 'nowhere'" in done
    for slug, field in (("one", "successor"), ("two", "parent"), ("itself", "successor")):
        assert f"authorities/{slug}.yaml ({slug}): {field}: these name each other in a circle" in done


def test_a_file_that_would_close_a_circle_with_what_is_here_is_refused_alone(
    api: Api, api_settings: Settings, template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cases" / "authorities"
    folder.mkdir(parents=True)
    (folder / "one.yaml").write_text(json.dumps(authority_body("One")))
    run(api_settings, monkeypatch, "import", folder.parent)
    api.post("/authorities", template.secretariat, json=authority_body("Two", slug="two", parent="one"))
    (folder / "one.yaml").write_text(json.dumps(authority_body("One", successor="two")))
    (folder / "new.yaml").write_text(json.dumps(authority_body("New")))
    done = run(api_settings, monkeypatch, "import", folder.parent)
    assert "2 records: 1 added, 1 rejected" in done
    assert "authorities/one.yaml (one): successor: an authority cannot be its own successor" in done
