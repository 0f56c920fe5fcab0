"""The images: what their Dockerfiles promise, and that their packages are those which the services import."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.harness.dockerfile import ROOT, Dockerfile, sources

SERVICES = ("api", "portal", "search")
FILES = {name: ROOT / "services" / name / "Dockerfile" for name in SERVICES}
OPTIONAL = {
    ROOT / "services/search" / name
    for name in ("embedding.py", "engines/meaning.py", "engines/vectors.py", "engines/vector_making.py")
}
"""Imported where an embedder is wanted alone."""
BIN = Path(sys.executable).parent
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


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_imports_is_in_its_image(service: str) -> None:
    files = {*(ROOT / "services" / service).rglob("*.py"), *(ROOT / "services" / "web").glob("*.py")}
    assert strangers(files - OPTIONAL, FILES[service].with_name("requirements.lock")) == {}


@pytest.mark.parametrize("embedder", ["e5", "use"])
def test_what_an_embedder_needs_is_in_its_lock_beside_what_the_service_needs(embedder: str) -> None:
    plain, lock = (FILES["search"].with_name(f"{name}.lock") for name in ("requirements", embedder))
    assert set(PIN.findall(plain.read_text())) < set(PIN.findall(lock.read_text())), "run `make lock`"
    assert "://" not in lock.read_text()
    assert strangers(OPTIONAL, lock) == {}


def test_what_embedders_need_is_imported_for_them_alone() -> None:
    there = "import sys, services.search.app, services.search.engines.embedded; print('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", there], capture_output=True, text=True, cwd=ROOT).stdout == "False\n"


def strangers(files: Iterable[Path], lock: Path) -> dict[str, str]:
    """Return what files import that belongs to no package of a lock, each name with a file."""
    owners = packages_distributions()
    listed = {name for name, _ in PIN.findall(lock.read_text())}
    return {
        name: str(path.relative_to(ROOT))
        for path in files
        for name in imported(path)
        if (owned := {re.sub(r"[-_.]+", "-", owner).lower() for owner in owners.get(name, ())}) and not owned & listed
    }


def imported(path: Path) -> set[str]:
    """Return the top-level packages that a file imports."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return {name.partition(".")[0] for name in names} - {"services"}
