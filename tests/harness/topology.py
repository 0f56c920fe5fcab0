"""The whole topology, run by `make up-local`'s program in a folder of its own, and its parts by name."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.harness.paths import ROOT
from tests.harness.ports import free_port
from tests.harness.waiting import until
from tools import secrets_file
from tools.local import topology

ENGINE = "PRAXIS_TOPOLOGY_ENGINE"
"""Environment variable that names the search engine to run on; by default the best that is installed."""


@dataclass(frozen=True)
class Running:
    """A running topology."""

    folder: Path
    port: int
    engine: str
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        """The gateway's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def nodes(self) -> list[str]:
        """Names of the query nodes."""
        return [name for name in topology.QUERY_NODES if name in self._listed()]

    def node(self, name: str) -> str:
        """Return the address of one process, past the gateway."""
        return f"http://127.0.0.1:{self._listed()[name]['port']}"

    def pid(self, name: str) -> int:
        """Return the present id of one process."""
        return self._listed()[name]["pid"]

    def pids(self) -> list[int]:
        """Return the ids of all processes."""
        return [listed["pid"] for listed in self._listed().values()]

    def kill(self, name: str) -> int:
        """Kill a process as a lack of memory would; return its id."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def make_key(self) -> str:
        """Make a key of the secretariat, as an operator does."""
        password = secrets_file.read(self.folder / "secrets.env")["DATABASE_PASSWORD"]
        port = self._listed()["postgres"]["port"]
        database = {"PRAXIS_API_DATABASE_URL": f"postgresql+psycopg://praxis:{password}@127.0.0.1:{port}/praxis"}
        command = [sys.executable, "-m", "services.api.cli", "key", "create", "test", "--role", "secretariat"]
        made = subprocess.run(command, env=os.environ | database, cwd=ROOT, capture_output=True, text=True, check=True)
        return made.stdout.strip()

    def _listed(self) -> dict[str, dict[str, int]]:
        listed: dict[str, dict[str, int]] = json.loads((self.folder / "processes.json").read_text())
        return listed


@contextmanager
def running() -> Iterator[Running]:
    """Run everything on the best engine that is here; afterwards check that nothing is left."""
    folder = Path(tempfile.mkdtemp(prefix="praxis-topology-"))
    folder.chmod(0o755)  # PostgreSQL's own user must get through
    port, engine = free_port(), os.environ.get(ENGINE) or topology.best_engine()
    command = [sys.executable, "-m", "tools.local", "--folder", str(folder / "local"), "--port", str(port)]
    command += ["--engine", engine]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--seeds", str(ROOT / "seeds")], cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )
    try:
        until(lambda: _serves(port) or process.poll() is not None, 120)
        assert process.poll() is None, (folder / "log").read_text()
        one = Running(folder / "local", port, engine, process)
        yield one
        pids = one.pids()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert not [pid for pid in pids if alive(pid)]
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that has ended with all its threads and is not yet waited for does not."""
    with suppress(FileNotFoundError, ProcessLookupError):
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return state[0] != "Z" or int(state[17]) > 1
    return False


def _serves(port: int) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}/search/v1/records", timeout=5).status_code == 200
    return False
