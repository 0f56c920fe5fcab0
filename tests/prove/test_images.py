"""The images: what their Dockerfiles promise, and that each holds all that its service needs and nothing more."""

import os
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.harness.dockerfile import ROOT, Dockerfile, Replay, sources
from tests.harness.ports import free_port
from tests.harness.postgres import Postgres

SERVICES = ("api", "portal", "search")
FILES = {name: ROOT / "services" / name / "Dockerfile" for name in SERVICES}
BIN = Path(sys.executable).parent
RUNS = os.environ.get("PRAXIS_IMAGE_RUNS")
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


@pytest.fixture(params=SERVICES)
def file(request: pytest.FixtureRequest) -> Dockerfile:
    return Dockerfile(FILES[request.param])


@pytest.mark.parametrize("path", FILES.values(), ids=SERVICES)
def test_hadolint_finds_nothing(path: Path) -> None:
    found = subprocess.run([BIN / "hadolint", path], capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (0, "")


def test_hadolint_would_find_something(tmp_path: Path) -> None:
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM python\nRUN cd /tmp\nCMD python\n")
    assert subprocess.run([BIN / "hadolint", bad], capture_output=True).returncode == 1


def test_base_is_pinned_and_slim(file: Dockerfile) -> None:
    for base in file.all("FROM"):
        assert re.match(r"python:3\.11\.\d+-slim-bookworm( AS \w+)?$", base)


def test_runs_as_nobody_special(file: Dockerfile) -> None:
    assert re.fullmatch(r"\d{5}:\d{5}", file.last("USER"))
    names = [word for word, _ in file.stages[-1]]
    assert names.index("USER") > max(place for place, name in enumerate(names) if name in ("RUN", "COPY"))


def test_has_all_that_an_orchestrator_needs(file: Dockerfile) -> None:
    assert file.last("STOPSIGNAL") == "SIGTERM"
    assert file.command()[:2] == file.health()[:1] + ["-m"]  # exec form: signals reach the service itself
    assert "/readyz" in file.health()[-1]
    assert file.environment()["PYTHONDONTWRITEBYTECODE"] == "1"
    assert file.environment()["PORT"] == file.last("EXPOSE")


def test_final_stage_installs_nothing(file: Dockerfile) -> None:
    for word, rest in file.stages[-1]:
        assert word != "RUN" or rest.startswith("install -d ")
        assert word != "COPY" or rest.startswith("--from=made ")


def test_packages_come_before_code_and_by_hash(file: Dockerfile) -> None:
    made = [(word, rest) for word, rest in file.stages[0] if word in ("RUN", "COPY")]
    assert made[0][1].split()[0].endswith("requirements.lock")
    assert "--require-hashes --only-binary :all:" in made[1][1]
    assert not re.search(r"https?:", "".join(rest for _, rest in made))


def test_what_is_copied_exists_and_is_not_ignored(file: Dockerfile) -> None:
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert "*" in (ROOT / ".dockerignore").read_text().splitlines()
    for source in sources(file):
        assert (ROOT / source).exists()
        assert any(source == name or source.startswith(f"{name}/") for name in kept), source
    assert {source.partition("/")[0] for one in FILES.values() for source in sources(Dockerfile(one))} == set(kept)


@pytest.mark.parametrize("service", SERVICES)
def test_lock_is_a_part_of_the_whole(service: str) -> None:
    own, whole = (
        path.read_text() for path in (FILES[service].with_name("requirements.lock"), ROOT / "requirements.lock")
    )
    assert set(PIN.findall(own)) < set(PIN.findall(whole)), "run `make lock`"
    assert own.count("--hash=sha256:") >= len(PIN.findall(own))
    assert "://" not in own
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"][service]]
    names = {name for name, _ in PIN.findall(own)}
    assert {re.split(r"[\[<>=]", want)[0] for want in wanted} <= names, "run `make lock`"
    others = (project["optional-dependencies"][name] for name in SERVICES if name != service)
    strangers = set().union(*others) - set(project["optional-dependencies"][service])
    assert not {re.split(r"[\[<>=]", name)[0] for name in strangers} & names


@contextmanager
def serving(image: Replay, file: Dockerfile, **settings: str) -> Iterator[str]:
    """Run what an image runs until its own health check is content."""
    environment = image.environment(**{**settings, "HOST": "127.0.0.1", "PORT": str(free_port())})
    process = subprocess.Popen(image.arguments(file.command()), cwd=image.place, env=environment)
    try:
        until = time.monotonic() + 30
        while subprocess.run(image.arguments(file.health()), env=environment, capture_output=True).returncode:
            assert process.poll() is None
            assert time.monotonic() < until, "the health check never became content"
        yield f"http://127.0.0.1:{environment['PORT']}"
        process.terminate()
        assert process.wait(10) in (0, -15)
    finally:
        process.kill()
        process.wait()


@pytest.mark.skipif(not RUNS, reason="installs packages: set PRAXIS_IMAGE_RUNS=1")
def test_each_image_serves_with_its_own_packages_alone(tmp_path: Path, postgres: Postgres) -> None:
    files = {name: Dockerfile(path) for name, path in FILES.items()}
    api, portal, search = (Replay(files[name], tmp_path / name) for name in SERVICES)
    postgres.create("images")
    database = {"PRAXIS_API_DATABASE_URL": postgres.url("images")}
    for command in ("migrate", "seed"):
        words = api.arguments(["python", "-m", "services.api.cli", command])
        subprocess.run(words, cwd=api.place, env=api.environment(**database), check=True)
    index = {"PRAXIS_SEARCH_INDEX_DIR": str(tmp_path / "index")}
    with (
        serving(api, files["api"], **database) as url,
        serving(search, files["search"], PRAXIS_SEARCH_API_URL=url, **index) as searched,
    ):
        found = httpx.get(f"{searched}/search/v1/records", params={"q": "seasonal migration"}).json()
        assert found["total"] > 0
        asked = {"PRAXIS_PORTAL_API_URL": url, "PRAXIS_PORTAL_SEARCH_URL": searched}
        with serving(portal, files["portal"], **asked) as visited:
            assert "Cartaya" in httpx.get(f"{visited}/practices", params={"q": "seasonal migration"}).text
    engine = search.arguments(["python", "-c", "import services.search.engines.meilisearch"])
    subprocess.run(engine, cwd=search.place, env=search.environment(), check=True)
    for image, stranger in ((api, "tantivy"), (search, "sqlalchemy"), (portal, "sqlalchemy"), (portal, "tantivy")):
        asked = image.arguments(["python", "-c", f"import {stranger}"])
        assert subprocess.run(asked, env=image.environment(), capture_output=True).returncode
