"""Server processes: started on a free port, waited for, looked at, and stopped by their process id."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.bench.client import UnexpectedAnswer, body_of
from tools.bench.stock import ROOT

STOPPED_WITHIN = 10.0


class NotServing(Exception):
    """A server ended, or was not ready in time."""


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    process: "subprocess.Popen[bytes]"
    log: Path

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
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PRAXIS_")}
    with tempfile.TemporaryDirectory(prefix="praxis-bench-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=folder,
                env={**inherited, "PYTHONPATH": str(ROOT), **environment},
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
    port = _free_port()
    with tempfile.NamedTemporaryFile(prefix="praxis-bench-") as file:
        file.write(body)
        file.flush()
        with _started("tools.bench.bare", [kind, str(port), file.name], port, {}) as server:
            server.wait(lambda: bool(body_of(port, "/read/any")), 20)
            yield server


@contextmanager
def standalone(database: Path, index: Path, **environment: str) -> Iterator[Server]:
    """Run all services in one process, as `make run` does, on a database and an index; ready when the api is alive."""
    port = _free_port()
    settings = {
        "PORT": str(port),
        "PRAXIS_API_DATABASE_URL": f"sqlite:///{database}",
        "PRAXIS_SEARCH_INDEX_DIR": str(index),
        **environment,
    }
    with _started("services.standalone", [], port, settings) as server:
        server.wait(lambda: bool(body_of(port, "/api/healthz")), 60, pause=0.01)
        yield server


def at_head(server: Server, seconds: float = 600) -> None:
    """Wait until search has applied everything that the api holds."""
    head = json.loads(body_of(server.port, "/api/v1/changes/digest"))["head"]

    def reached() -> bool:
        return bool(json.loads(body_of(server.port, "/search/readyz"))["index"]["seq"] >= head)

    server.wait(reached, seconds)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
