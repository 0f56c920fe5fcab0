"""The servers that are not ours: how PostgreSQL, Meilisearch and Caddy are run, and when they are ready."""

import os
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tools.local.processes import NotRunning, Process, Processes

ROOT = Path(__file__).parent.parent.parent
GATEWAY = ROOT / "deploy" / "Caddyfile"
ROLES = ROOT / "deploy" / "roles.sql"
LOCALE = ("--encoding=UTF8", "--locale=C.UTF-8")
"""Text sorts by code point: an index then survives a system whose dictionaries have changed."""


def postgres_programs() -> Path | None:
    """Return the folder of PostgreSQL's programs: that on PATH, or the newest that Debian installed."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((path.parent for path in installed), key=lambda path: float(path.parent.name), default=None)


def missing() -> list[str]:
    """Return what must be installed before anything can run."""
    needed = {"caddy": shutil.which("caddy"), "postgresql": postgres_programs()}
    return [name for name, found in needed.items() if not found]


def answers(port: int, path: str) -> bool:
    """Tell whether an address on this machine answers 200; raise `OSError` when nobody listens."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=2).status_code == 200
    except httpx.TransportError as error:
        raise ConnectionError(str(error)) from None


class Postgres:
    """A private cluster below a folder, kept from run to run."""

    def __init__(self, processes: Processes, port: int, secrets: Mapping[str, str]) -> None:
        programs = postgres_programs()
        if programs is None:
            raise NotRunning("PostgreSQL is not installed")
        self._programs = programs
        self._processes = processes
        self._secrets = secrets
        self._data = processes.folder / "postgres" / "data"
        self.port = port
        self._account: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self._account = {"user": "postgres", "group": "postgres", "extra_groups": []}

    def process(self) -> Process:
        """Return how to run it; make the cluster first when there is none."""
        if not self._data.exists():
            self._make()
        options = ("listen_addresses=127.0.0.1", "unix_socket_directories=", f"port={self.port}")
        settings = [part for option in options for part in ("-c", option)]
        return Process(
            "postgres",
            [self._programs / "postgres", "-D", self._data, *settings],
            self.port,
            self._ready,
            ends_on=signal.SIGINT,  # to it, this means: now, but in good order
            account={**self._account, "cwd": self._data},
        )

    def make_roles(self) -> None:
        """Give the api its role and its database."""
        command: list[str | Path] = [
            self._programs / "psql",
            "-X",
            "-v",
            "ON_ERROR_STOP=1",
            "-f",
            ROLES,
            self._address("postgres"),
        ]
        passwords = {"PGPASSWORD": self._secrets["POSTGRES_PASSWORD"]}
        self._processes.once("roles", command, passwords | {"DATABASE_PASSWORD": self._secrets["DATABASE_PASSWORD"]})

    def url(self) -> str:
        """Return SQLAlchemy's address of the api's database."""
        return f"postgresql+psycopg://praxis:{self._secrets['DATABASE_PASSWORD']}@127.0.0.1:{self.port}/praxis"

    def _address(self, user: str) -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/postgres"

    def _make(self) -> None:
        home, new = self._data.parent, self._data.with_suffix(".new")
        home.mkdir(exist_ok=True)
        shutil.rmtree(new, ignore_errors=True)
        secret = home / "password"
        secret.touch(0o600)
        secret.write_text(self._secrets["POSTGRES_PASSWORD"])
        if self._account:
            _require_open(home)
            shutil.chown(home, "postgres", "postgres")
            shutil.chown(secret, "postgres", "postgres")
        command: list[str | Path] = [
            self._programs / "initdb",
            "-D",
            new,
            "-U",
            "postgres",
            "--auth=scram-sha-256",
            *LOCALE,
        ]
        try:
            self._processes.once("initdb", [*command, f"--pwfile={secret}"], {}, **self._account | {"cwd": home})
        finally:
            secret.unlink()
        new.rename(self._data)

    def _ready(self) -> bool:
        try:
            psycopg.connect(self._address("postgres"), password=self._secrets["POSTGRES_PASSWORD"]).close()
        except psycopg.OperationalError:
            return False
        return True


def _require_open(folder: Path) -> None:
    closed = [path for path in folder.resolve().parents if not path.stat().st_mode & 0o001]
    if closed:
        raise NotRunning(f"PostgreSQL does not run as root, and its user `postgres` cannot enter {closed[0]}")


def meilisearch(processes: Processes, port: int, secrets: Mapping[str, str]) -> Process:
    """Return how to run Meilisearch on a folder that is kept from run to run."""
    data = processes.folder / "meilisearch"
    data.mkdir(exist_ok=True)
    environment = {
        "MEILI_ENV": "production",
        "MEILI_NO_ANALYTICS": "true",
        "MEILI_MASTER_KEY": secrets["MEILI_MASTER_KEY"],
        "MEILI_MAX_INDEXING_MEMORY": "1GiB",
        "MEILI_HTTP_ADDR": f"127.0.0.1:{port}",
        "MEILI_DB_PATH": str(data / "data.ms"),
        "MEILI_DUMP_DIR": str(data / "dumps"),
        "MEILI_SNAPSHOT_DIR": str(data / "snapshots"),
    }
    return Process("meilisearch", ["meilisearch"], port, lambda: answers(port, "/health"), environment)


def gateway(processes: Processes, port: int, health: int, nodes: Mapping[str, list[Process]]) -> Process:
    """Return how to run the gateway in front of the nodes of `api`, `search` and `portal`."""
    data = str(processes.folder / "gateway")
    environment = {
        "SITE_ADDRESS": f":{port}",
        "BIND": "127.0.0.1",
        "HEALTH_PORT": str(health),
        "NODES": "fixed",
        **{
            f"{name.upper()}_NODES": " ".join(f"127.0.0.1:{node.port}" for node in found)
            for name, found in nodes.items()
        },
        "XDG_CONFIG_HOME": data,
        "XDG_DATA_HOME": data,
    }
    command: list[str | Path] = ["caddy", "run", "--config", GATEWAY, "--adapter", "caddyfile"]
    return Process("gateway", command, port, lambda: answers(health, "/healthz"), environment)
