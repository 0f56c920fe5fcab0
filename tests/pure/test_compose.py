"""docker-compose.yml: the Compose schema holds, and so does what a schema cannot say."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from services.api.settings import Settings as ApiSettings
from services.portal.settings import Settings as PortalSettings
from services.search.settings import Settings as SearchSettings
from tests.harness.dockerfile import ROOT, Dockerfile
from tools import secrets_file

Service = dict[str, Any]
FILE = ROOT / "docker-compose.yml"
BIN = Path(sys.executable).parent
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, Service] = COMPOSE["services"]
ONCE = {name for name, service in SERVICES.items() if service["restart"] == "no"}
OURS = {name for name, service in SERVICES.items() if "build" in service}
SECRETS = set(secrets_file.generate())
SETTINGS = {"praxis-api": ApiSettings, "praxis-search": SearchSettings, "praxis-portal": PortalSettings}

every = pytest.mark.parametrize("name", SERVICES)


def schema_check(path: Path) -> int:
    command = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", path]
    return subprocess.run(command, capture_output=True).returncode


def variables(value: Any) -> Iterator[tuple[str, str]]:
    """Yield every ${NAME…} below a value with what stands behind its name."""
    yield from re.findall(r"\$\{(\w+)([^}]*)\}", json.dumps(value))


def test_the_schema_of_compose_holds(tmp_path: Path) -> None:
    assert schema_check(FILE) == 0
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(FILE.read_text().replace("depends_on:", "depends:"))
    assert schema_check(wrong) != 0


def test_all_parts_are_there() -> None:
    assert {
        "gateway",
        "api",
        "search",
        "portal",
        "follower",
        "postgres",
        "meilisearch",
        "migrate",
        "search-keys",
    } <= set(SERVICES)
    assert {"migrate", "search-keys"} <= ONCE


@every
def test_nobody_runs_as_root(name: str) -> None:
    user = SERVICES[name]["user"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    if name in OURS:
        assert Dockerfile(ROOT / SERVICES[name]["build"]["dockerfile"]).last("USER") == user


@every
def test_least_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "gateway" else [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "pid", "ipc", "devices", "extra_hosts"} & set(service)
    assert "docker.sock" not in str(service)


@every
def test_bounded(name: str) -> None:
    limits = SERVICES[name]["deploy"]["resources"]["limits"]
    assert {"cpus", "memory", "pids"} == set(limits)
    assert set(SERVICES[name]["logging"]["options"]) == {"max-size", "max-file"}
    for mount in SERVICES[name]["tmpfs"]:
        assert "size=" in mount, "a tmpfs takes memory"


@every
def test_images_are_pinned(name: str) -> None:
    image = SERVICES[name]["image"]
    if name in OURS:
        version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
        assert image.endswith(f":${{PRAXIS_VERSION:-{version}}}")
        assert (ROOT / SERVICES[name]["build"]["dockerfile"]).is_file()
    else:
        assert re.search(r":v?\d+\.\d+(\.\d+)?(-\w+)?$", image)


@every
def test_health_is_asked(name: str) -> None:
    check = SERVICES[name].get("healthcheck", {})
    if name in ONCE:
        assert check == {"disable": True}, "what ends by itself has no health"
    elif name in OURS:
        assert not check, "its image knows"
    else:
        assert check["test"][0] == "CMD"


@every
def test_restarts(name: str) -> None:
    assert SERVICES[name]["restart"] == ("no" if name in ONCE else "unless-stopped")


@every
def test_starts_when_what_it_needs_is_there(name: str) -> None:
    for other, need in SERVICES[name].get("depends_on", {}).items():
        expected = "service_completed_successfully" if other in ONCE else "service_healthy"
        if (name, other) in {("gateway", "search"), ("gateway", "portal"), ("portal", "search")}:
            expected = "service_started"
        assert need == {"condition": expected}


def test_start_order_has_no_circle() -> None:
    waiting = {name: set(service.get("depends_on", {})) for name, service in SERVICES.items()}
    while free := {name for name, needs in waiting.items() if not needs}:
        waiting = {name: needs - free for name, needs in waiting.items() if name not in free}
    assert not waiting


def test_only_the_gateway_faces_outside() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"gateway"}
    assert {name for name, network in COMPOSE["networks"].items() if not network.get("internal")} == {"outside"}
    assert {name for name, service in SERVICES.items() if "outside" in service.get("networks", [])} == {"gateway"}
    assert not any(service.get("network_mode", "none") != "none" for service in SERVICES.values())


def test_who_reaches_whom() -> None:
    def reached_by(name: str) -> set[str]:
        own = set(SERVICES[name]["networks"])
        return {
            other for other, service in SERVICES.items() if own & set(service.get("networks", [])) and other != name
        }

    assert reached_by("postgres") == {"api", "migrate", "seed"}
    assert reached_by("meilisearch") == {"search", "follower", "search-keys"}
    assert reached_by("gateway") == {"api", "search", "portal"}
    assert reached_by("portal") == {"gateway", "api", "search"}
    assert reached_by("follower") == {"api", "search", "meilisearch", "search-keys"}


def test_secrets_have_no_defaults_and_are_those_that_are_made() -> None:
    used = set()
    for name, behind in variables(SERVICES):
        if re.search(r"KEY|PASSWORD|SECRET", name):
            used.add(name)
            assert behind == ":?run make secrets", name
    assert used == SECRETS


def test_secrets_go_only_where_they_are_needed() -> None:
    def holders(secret: str) -> set[str]:
        return {name for name, service in SERVICES.items() if secret in {found for found, _ in variables(service)}}

    assert holders("POSTGRES_PASSWORD") == {"postgres"}
    assert holders("DATABASE_PASSWORD") == {"postgres", "api", "migrate", "seed"}
    assert holders("MEILI_MASTER_KEY") == {"meilisearch", "search-keys"}
    assert holders("MEILI_WRITE_KEY") == holders("MEILI_TASKS_KEY") == {"follower"}
    assert holders("MEILI_SEARCH_KEY") == {"search", "follower"}
    for service in SERVICES.values():
        assert "env_file" not in service
        assert not any(name in str(service.get("command")) for name in SECRETS), "arguments are seen by all"
        assert "args" not in service.get("build", {}), "what an image is built with stays in it"


@pytest.mark.parametrize("name", sorted(OURS))
def test_settings_exist_and_are_valid(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    image = SERVICES[name]["image"].partition(":")[0]
    settings: type[BaseSettings] = SETTINGS[image]
    prefix = str(settings.model_config.get("env_prefix"))
    given = {key: value for key, value in SERVICES[name].get("environment", {}).items() if key.startswith("PRAXIS_")}
    alone = {"PRAXIS_SEARCH_MEILI_MASTER_KEY"} if name == "search-keys" else set()  # the command's, not the service's
    for key in set(given) - alone:
        assert key.removeprefix(prefix).lower() in settings.model_fields, key
    if name in ONCE:
        return
    for key in [key for key in os.environ if key.startswith("PRAXIS_")]:
        monkeypatch.delenv(key)
    for key, value in given.items():
        monkeypatch.setenv(key, re.sub(r"\$\{\w+[^}]*\}", "0123456789abcdef", value))
    settings(_env_file=None)


def test_one_follower_and_readers() -> None:
    follows = {
        name: SERVICES[name]["environment"].get("PRAXIS_SEARCH_FOLLOW", "true") for name in ("search", "follower")
    }
    assert follows == {"search": "false", "follower": "true"}
    assert SERVICES["follower"]["deploy"]["replicas"] == 1
    assert "container_name" not in SERVICES["search"], "it could not be scaled"


@pytest.mark.parametrize("name", sorted(ONCE))
def test_commands_exist(name: str) -> None:
    words = SERVICES[name]["command"]
    if words[0] == "python":
        assert find_spec(words[2])
        helped = subprocess.run([sys.executable, *words[1:], "--help"], capture_output=True, cwd=ROOT)
        assert helped.returncode == 0, helped.stderr


def test_volumes_are_named_and_files_exist() -> None:
    for name, service in SERVICES.items():
        for mount in service.get("volumes", []):
            source = mount["source"] if isinstance(mount, dict) else mount.split(":")[0]
            if source.startswith("./"):
                assert mount.endswith(":ro"), name
                assert (ROOT / source).is_file()
            else:
                assert source in COMPOSE["volumes"], name


def test_new_volumes_get_an_owner_who_is_not_root() -> None:
    owned = re.findall(r"/volumes/(\w+)", Dockerfile(ROOT / "services/search/Dockerfile").last("RUN"))
    mounted = [mount.split(":") for mount in SERVICES["volume-owner"]["volumes"]]
    assert sorted(mounted) == [[name, f"/volumes/{name}"] for name in sorted(owned)]
    for name, service in SERVICES.items():
        for mount in service.get("volumes", []):
            if isinstance(mount, dict):
                assert mount["volume"] == {"nocopy": True}
                assert mount["source"] in owned
                assert "volume-owner" in service["depends_on"], name


def test_secrets_are_made_once(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    command = [sys.executable, "-m", "tools.secrets_file", str(path)]
    assert subprocess.run(command, capture_output=True, cwd=ROOT).returncode == 0
    assert path.stat().st_mode & 0o777 == 0o600
    made = path.read_text()
    again = subprocess.run(command, capture_output=True, cwd=ROOT, text=True)
    assert again.returncode == 1
    assert "is kept" in again.stderr
    assert path.read_text() == made
    values = secrets_file.read(path)
    assert len(set(values.values())) == len(values) == len(SECRETS)
    assert all(re.fullmatch(r"[0-9a-f]{48,64}", value) for value in values.values()), "no character needs quoting"
    assert SearchSettings.model_fields["meili_index"].default == secrets_file.INDEX


def test_secrets_stay_out_of_git_and_images() -> None:
    for path in (".env", "data/local/secrets.env"):
        assert subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT).returncode == 0
    assert "**/.env*" in (ROOT / ".dockerignore").read_text().splitlines()
