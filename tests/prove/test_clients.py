"""Clients that are generated from the OpenAPI documents have types, and read, search and follow a base in service."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from services.api.app import open_database
from tests.harness.paths import ROOT
from tests.harness.processes import Process, serving
from tests.harness.support import Json, Template, practice_body, settings_for
from tools.openapi import FOLDER

PINNED = ROOT / "tools" / "clients"
PROGRAMS = Path(__file__).parent / "clients"
SERVICES = ("api", "search")


def run(*words: str | Path, **more: str | Path) -> str:
    """Run a command to its end and return what it says; fail with it when it fails."""
    folder = more.pop("folder", ROOT)
    env = os.environ | {name: str(value) for name, value in more.items()}
    done = subprocess.run(words, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert not done.returncode, f"{' '.join(map(str, words))}\n{done.stdout[-4_000:]}"
    return done.stdout


@dataclass(frozen=True)
class Base:
    """A base in service."""

    url: str
    key: str

    def publish(self, title: str) -> Json:
        """Add a practice, make it public, and return it as everybody sees it once it can be found."""
        with httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {self.key}"}, timeout=30) as http:
            made = http.post("/api/v1/practices", json=practice_body(title))
            address = f"/api/v1/practices/{made.json()['id']}"
            done = http.post(f"{address}/publish", headers={"If-Match": made.headers["etag"]})
            http.get("/search/v1/records", params={"min_seq": done.headers["praxis-seq"]}).raise_for_status()
            read: Json = http.get(address).raise_for_status().json()
        return read


@pytest.fixture(scope="module")
def base(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    folder = tmp_path_factory.mktemp("base")
    settings = template.copy(folder)
    open_database(settings_for(settings.database_url)).close()
    env = {"PRAXIS_API_DATABASE_URL": settings.database_url, "PRAXIS_SEARCH_INDEX_DIR": f"{folder}/index"}
    praxis = Process("praxis", ["-m", "services.standalone"], env)
    with serving(praxis, ready="/search/readyz"):
        found = Base(praxis.url, template.secretariat)
        for title in ("Workshops for returning migrants", "A desk for newcomers", "Seasonal work with two countries"):
            found.publish(title)
        yield found


def check_reading(base: Base, *program: str | Path, **env: str | Path) -> None:
    """Run a partner's program, tell it of one change while it follows, and compare what it saw with what is there."""
    there = httpx.get(f"{base.url}/api/v1/practices", params={"limit": 100}).json()["items"]
    facets = httpx.get(f"{base.url}/search/v1/records").json()["facets"]
    reader = subprocess.Popen(
        [*program, base.url],
        env=os.environ | {name: str(value) for name, value in env.items()},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout
    told: Json = {}
    try:
        while "head" not in told:
            line = reader.stdout.readline()
            assert line, f"it ended after {told}"
            told |= json.loads(line)
        added = base.publish(f"Told to whom reads by {Path(program[0]).name}")
        told |= json.loads(reader.stdout.readline())
        assert reader.wait(30) == 0
    finally:
        reader.kill()
        reader.wait()
        reader.stdout.close()
    assert told["listed"] == [one["slug"] for one in there]
    assert (told["read"], told["completeness"]) == (there[0]["title"], there[0]["completeness"]["full"])
    assert (told["missing"], told["workbook"]) == (404, "PK")
    assert told["found"][0] == there[0]["slug"]
    assert told["facets"] == sorted(facets)
    assert told["followed"] == told["head"]
    assert (told["told"], told["id"], told["title"]) == ("practice", added["id"], added["title"])


def test_a_python_client_is_generated_and_reads(base: Base, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    run(sys.executable, "-m", "uv", "venv", "--quiet", environment)
    python = environment / "bin" / "python"
    lock = PINNED / "python.lock"
    run(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", lock)
    path = f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
    for service in SERVICES:
        said = run(
            *(environment / "bin" / "openapi-python-client", "generate", "--meta", "none"),
            *("--config", PINNED / "python.yaml", "--path", FOLDER / f"{service}.json"),
            *("--output-path", tmp_path / f"praxis_{service}"),
            PATH=path,
        )
        assert "omitted" not in said, said
    program = shutil.copy(PROGRAMS / "reader.py", tmp_path)
    checked = run(
        *(sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent"),
        *("--python-executable", python, "--cache-dir", tmp_path / "mypy", program),
        MYPYPATH=tmp_path,
        folder=tmp_path,
    )
    assert "no issues found in 1 source file" in checked
    check_reading(base, python, program, PYTHONPATH=tmp_path)


@pytest.mark.needs("node")
def test_a_typescript_client_is_generated_and_reads(base: Base, tmp_path: Path) -> None:
    for file in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(PINNED / file, tmp_path)
    run("npm", "ci", folder=tmp_path)
    programs = tmp_path / "node_modules" / ".bin"
    for service in SERVICES:
        run(programs / "openapi-typescript", FOLDER / f"{service}.json", "-o", tmp_path / f"{service}.d.ts")
    program = shutil.copy(PROGRAMS / "reader.ts", tmp_path)
    run(
        *(programs / "tsc", "--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes"),
        *("--module", "nodenext", "--target", "es2022", "--types", "node", program),
        folder=tmp_path,
    )
    check_reading(base, "node", tmp_path / "reader.js")
