"""Server processes: started on a free port, waited for, looked at, and stopped by their process id."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from services.search.engines.meilisearch import keys as meilisearch_keys
from tools.bench.client import UnexpectedAnswer, body_of
from tools.bench.stock import ROOT
from tools.ports import free_port

STOPPED_WITHIN = 10.0

MASTER_KEY = secrets.token_hex(16)
INDEX = "bench"


class NotServing(Exception):
    """A server ended, or was not ready in time."""


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    process: "subprocess.Popen[bytes]"
    log: Path
    folder: Path | None = None
    """Where it keeps its data, if it is known."""

    def wait(self, ready: Callable[[], bool], seconds: float, pause: float = 0.05) -> None:
        """Wait until the server is ready; raise `NotServing` when it ends before, or is not so in time."""
        until = time.monotonic() + seconds
        while True:
            try:
                if ready():
                    return
            except (OSError, UnexpectedAnswer):
                pass
            if self.process.poll() is not None or time.monotonic() > until:
                raise NotServing(f"{self.process.args!r}: {self.log.read_text()[-2_000:]}")
            time.sleep(pause)

    def cpu_seconds(self) -> float:
        """Return the processor time that the process used so far, all threads together."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> dict[str, float]:
        """Return the process' memory in MB: `rss` now, `peak` at most so far, `pss` its share of what others share."""
        status = _fields(Path(f"/proc/{self.process.pid}/status"))
        rollup = _fields(Path(f"/proc/{self.process.pid}/smaps_rollup"))
        known = {"rss": status["VmRSS"], "peak": status["VmHWM"], "anonymous": status["RssAnon"], "pss": rollup["Pss"]}
        return {name: kilobytes / 1_000 * 1.024 for name, kilobytes in known.items()}


def _fields(path: Path) -> dict[str, int]:
    lines = (line.split() for line in path.read_text().splitlines())
    return {line[0].rstrip(":"): int(line[1]) for line in lines if len(line) == 3 and line[2] == "kB"}


@contextmanager
def _started(module: str, arguments: list[str], port: int, environment: Mapping[str, str]) -> Iterator[Server]:
    with _run([sys.executable, "-m", module, *arguments], port, {"PYTHONPATH": str(ROOT), **environment}) as server:
        yield server


@contextmanager
def _run(command: list[str], port: int, environment: Mapping[str, str]) -> Iterator[Server]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PRAXIS_")}
    with tempfile.TemporaryDirectory(prefix="praxis-bench-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env={**inherited, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            yield Server(port, process, log)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOPPED_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def plain(kind: str, body: bytes) -> Iterator[Server]:
    """Run what a service is compared with: `bare` or `handler`, answering with this body."""
    port = free_port()
    with tempfile.NamedTemporaryFile(prefix="praxis-bench-") as file:
        file.write(body)
        file.flush()
        with _started("tools.bench.bare", [kind, str(port), file.name], port, {}) as server:
            server.wait(lambda: bool(body_of(port, "/read/any")), 20)
            yield server


@contextmanager
def standalone(database: Path, index: Path, **environment: str) -> Iterator[Server]:
    """Run all services in one process, as `make run` does, on a database and an index; ready when the api is alive."""
    port = free_port()
    settings = {
        "PORT": str(port),
        "PRAXIS_API_DATABASE_URL": f"sqlite:///{database}",
        "PRAXIS_SEARCH_INDEX_DIR": str(index),
        **environment,
    }
    with _started("services.standalone", [], port, settings) as server:
        server.wait(lambda: bool(body_of(port, "/api/healthz")), 60, pause=0.01)
        yield server


@contextmanager
def meilisearch() -> Iterator[Server]:
    """Run the `meilisearch` found on PATH, in a folder of its own; raise `NotServing` when there is none."""
    if shutil.which("meilisearch") is None:
        raise NotServing("there is no `meilisearch` on PATH")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="praxis-bench-meili-") as folder:
        environment = {
            "MEILI_MASTER_KEY": MASTER_KEY,
            "MEILI_ENV": "production",
            "MEILI_NO_ANALYTICS": "true",
            "MEILI_MAX_INDEXING_MEMORY": "1GiB",
            "MEILI_DB_PATH": f"{folder}/data",
            "MEILI_HTTP_ADDR": f"127.0.0.1:{port}",
            "MEILI_LOG_LEVEL": "WARN",
        }
        with _run(["meilisearch"], port, environment) as server:
            server.wait(lambda: bool(body_of(port, "/health")), 30)
            meilisearch_keys.create(f"http://127.0.0.1:{port}", MASTER_KEY, INDEX)
            yield replace(server, folder=Path(folder))


@contextmanager
def search(api_url: str, index: Path, meili: Server | None = None, url: str | None = None) -> Iterator[Server]:
    """Run a search service that follows the feed of `api_url`: embedded in a folder, or on a Meilisearch server.

    `url` is where that server is asked, if not at its own port.
    """
    port = free_port()
    settings = {"PORT": str(port), "PRAXIS_SEARCH_API_URL": api_url, "PRAXIS_SEARCH_INDEX_DIR": str(index)}
    if meili is not None:
        keys = meilisearch_keys.derive(MASTER_KEY, INDEX)
        settings |= {
            "PRAXIS_SEARCH_ENGINE": "meilisearch",
            "PRAXIS_SEARCH_MEILI_URL": url or f"http://127.0.0.1:{meili.port}",
            "PRAXIS_SEARCH_MEILI_INDEX": INDEX,
            "PRAXIS_SEARCH_MEILI_SEARCH_KEY": keys.search,
            "PRAXIS_SEARCH_MEILI_WRITE_KEY": keys.write or "",
            "PRAXIS_SEARCH_MEILI_TASKS_KEY": keys.tasks or "",
        }
    with _started("services.search", [], port, settings) as server:
        server.wait(lambda: bool(body_of(port, "/search/healthz")), 60, pause=0.01)
        yield server


@contextmanager
def multiplied(database: Path, count: int) -> Iterator[Server]:
    """Run a change feed of so many records woven from a collection's."""
    port = free_port()
    with _started("tools.bench.multiplied", [str(port), str(database), str(count)], port, {}) as server:
        server.wait(lambda: bool(body_of(port, "/api/v1/changes?after=0&limit=1")), 120)
        yield server


def at_head(server: Server, seconds: float = 600, api: int | None = None) -> None:
    """Wait until search has applied everything that the api, at a port of its own or the same, holds."""
    head = json.loads(body_of(api or server.port, "/api/v1/changes?after=0&limit=1"))["head"]

    def reached() -> bool:
        return bool(json.loads(body_of(server.port, "/search/readyz"))["index"]["seq"] >= head)

    server.wait(reached, seconds)
