"""What docker-compose.yml runs, and in which order, as processes of this machine."""

import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from shutil import which

from tools import secrets_file
from tools.local import servers
from tools.local.processes import Process, Processes
from tools.ports import free_port

API_WORKERS = ("api-1", "api-2")
QUERY_NODES = ("search-1", "search-2")


def best_engine() -> str:
    """Name the search engine that can be had here."""
    return (
        "meilisearch"
        if which("meilisearch") and find_spec("services.search.engines.meilisearch.engine")
        else "embedded"
    )


def start(processes: Processes, port: int, engine: str, seeds: Path | None) -> None:
    """Start everything behind a gateway on `port`, each stage once the one before is ready.

    Raises `NotRunning` when something does not start. With the embedded engine one node searches, and follows the
    feed itself: an embedded index belongs to one process.
    """
    secrets = _secrets(processes.folder)
    postgres = servers.Postgres(processes, free_port(), secrets)
    meilisearch = [servers.meilisearch(processes, free_port(), secrets)] if engine == "meilisearch" else []
    processes.start(postgres.process(), *meilisearch)
    postgres.make_roles()

    database = {"PRAXIS_API_DATABASE_URL": postgres.url()}
    _once(processes, "migrate", "services.api.cli", "migrate", environment=database)
    if seeds:
        _once(processes, "seed", "services.api.cli", "seed", str(seeds), environment=database)
    asking = {"PRAXIS_API_SEARCH_URL": f"http://127.0.0.1:{port}"}
    api = [_service(name, "api", database | asking) for name in API_WORKERS]
    feed = {"PRAXIS_SEARCH_API_URL": f"http://127.0.0.1:{api[0].port}"}
    if engine == "meilisearch":
        server = f"http://127.0.0.1:{meilisearch[0].port}"
        master = {"PRAXIS_SEARCH_MEILI_MASTER_KEY": secrets["MEILI_MASTER_KEY"], "PRAXIS_SEARCH_MEILI_URL": server}
        _once(processes, "search-keys", "services.search.cli", "keys", environment=master)
        follower = [_service("follower", "search", feed | _engine(server, secrets, "SEARCH", "WRITE", "TASKS"))]
        reading = _engine(server, secrets, "SEARCH") | {"PRAXIS_SEARCH_FOLLOW": "false"}
        nodes = [_service(name, "search", reading) for name in QUERY_NODES]
    else:
        own = {"PRAXIS_SEARCH_INDEX_DIR": str(processes.folder / "index")}
        follower, nodes = [], [_service(QUERY_NODES[0], "search", feed | own)]
    processes.start(*api)
    processes.start(*follower, *nodes)
    services = {"API": api[0].port, "SEARCH": nodes[0].port}
    asked = {f"PRAXIS_PORTAL_{name}_URL": f"http://127.0.0.1:{port}" for name, port in services.items()}
    portal = [_service("portal", "portal", asked)]
    processes.start(*portal)
    processes.start(servers.gateway(processes, port, free_port(), {"api": api, "search": nodes, "portal": portal}))


def _secrets(folder: Path) -> dict[str, str]:
    path = folder / "secrets.env"
    if not path.exists():
        secrets_file.write(path)
    return secrets_file.read(path)


def _engine(server: str, secrets: Mapping[str, str], *keys: str) -> dict[str, str]:
    """Return the settings of a node on Meilisearch, with those keys alone that it needs."""
    given = {f"PRAXIS_SEARCH_MEILI_{key}_KEY": secrets[f"MEILI_{key}_KEY"] for key in keys}
    return {"PRAXIS_SEARCH_ENGINE": "meilisearch", "PRAXIS_SEARCH_MEILI_URL": server, **given}


def _service(name: str, service: str, settings: Mapping[str, str]) -> Process:
    port = free_port()
    return Process(
        name,
        [sys.executable, "-m", f"services.{service}"],
        port,
        lambda: servers.answers(port, f"/{service}/readyz"),
        {
            "PYTHONPATH": str(servers.ROOT),
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "FORWARDED_ALLOW_IPS": "*",
            **settings,
        },
    )


def _once(processes: Processes, name: str, module: str, *arguments: str, environment: Mapping[str, str]) -> None:
    settings = {"PYTHONPATH": str(servers.ROOT), **environment}
    processes.once(name, [sys.executable, "-m", module, *arguments], settings)
