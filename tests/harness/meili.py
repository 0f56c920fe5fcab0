"""A Meilisearch server of the tests' own, or one that runs already, for tests to search, to fill and to kill."""

import os
import random
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import httpx

from services.search.engines.meilisearch import keys as meilisearch_keys
from services.search.engines.meilisearch.keys import Keys
from tests.harness.ports import NEVER_IDLE, free_port

PREFIX = "test"


def available() -> bool:
    """Tell whether there is a server to use, or one to start."""
    return bool(os.environ.get("MEILI_URL")) or Meili.installed()


class Meili:
    """A server. `keys` have the rights of a service whose indexes' names begin with `test`."""

    def __init__(self, url: str, master_key: str, folder: Path | None = None) -> None:
        self.url = url
        self.master_key = master_key
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        headers = {"Authorization": f"Bearer {master_key}"}
        self._admin = httpx.Client(base_url=url, headers=headers, timeout=30, limits=NEVER_IDLE)
        self._named: list[str] = []

    @classmethod
    def start(cls, folder: Path, port: int | None = None) -> Self:
        """Start a server whose data are in a folder, and wait until it answers."""
        server = cls(f"http://127.0.0.1:{port or free_port()}", secrets.token_hex(16), folder)
        server.restart()
        return server._prepared()

    @classmethod
    def running(cls) -> Self | None:
        """Return the server that `MEILI_URL` names, if any."""
        url = os.environ.get("MEILI_URL")
        return cls(url, os.environ.get("MEILI_MASTER_KEY", ""))._prepared() if url else None

    @staticmethod
    def installed() -> bool:
        """Tell whether `start` finds a binary."""
        return shutil.which("meilisearch") is not None

    def _prepared(self) -> Self:
        self.keys = Keys("", "", "")
        if self.master_key:
            self.keys = meilisearch_keys.create(self.url, self.master_key, PREFIX)
        self.version = str(self.ask("GET", "/version")["pkgVersion"])
        return self

    def restart(self) -> None:
        """Start the server again on its data, after `kill` or `stop`."""
        assert self._folder is not None
        assert self._process is None
        self._folder.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {
            "MEILI_MASTER_KEY": self.master_key,
            "MEILI_HTTP_ADDR": self.url.removeprefix("http://"),
            "MEILI_DB_PATH": str(self._folder / "data"),
            "MEILI_DUMP_DIR": str(self._folder / "dumps"),
            "MEILI_SNAPSHOT_DIR": str(self._folder / "snapshots"),
            "MEILI_NO_ANALYTICS": "true",
            # With its default, two thirds of the machine's memory, the server takes ten times as long for small tasks.
            "MEILI_MAX_INDEXING_MEMORY": "100MiB",
        }
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(["meilisearch"], env=environment, cwd=self._folder, stdout=log, stderr=log)
        self._wait()

    def _wait(self) -> None:
        assert self._folder is not None
        assert self._process is not None
        for _ in range(600):
            try:
                if self._admin.get("/health").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        self.kill()
        raise AssertionError(f"the server did not start: {(self._folder / 'log').read_text()[-2000:]}")

    def kill(self) -> None:
        """End the server at once, as a power cut does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End the server in order, or drop what tests made on one that goes on."""
        if self._folder is None:
            for name in self._named:
                self.drop(name)
        self._end(signal.SIGTERM)
        self._admin.close()

    def pause(self) -> None:
        """Let the server hang: it takes connections and answers nothing, until `resume`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let the server go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(20)
            self._process = None

    def index(self) -> str:
        """Return the name of an index that nobody uses."""
        self._named.append(f"{PREFIX}_{secrets.token_hex(5)}")
        return self._named[-1]

    def indexes(self, name: str) -> list[str]:
        """Return the names of an index and of those that were built for it, as far as they are there."""
        listed = self.ask("GET", "/indexes?limit=100000")["results"]
        return sorted(one["uid"] for one in listed if one["uid"] == name or one["uid"].startswith(f"{name}_"))

    def drop(self, name: str) -> None:
        """Delete an index and those that were built for it."""
        for uid in self.indexes(name):
            self.settle(self.ask("DELETE", f"/indexes/{uid}"))

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the server with every right, and return what it answers; raise `httpx.HTTPStatusError` for a refusal."""
        response = self._admin.request(method, path, json=body)
        response.raise_for_status()
        return response.json() if response.content else None

    @contextmanager
    def occupied(self) -> Iterator[None]:
        """Give the server work for a second or more, so that tasks queue up behind it; what is left is canceled."""
        words = [f"word{n:x}" for n in range(3_000)]
        draw = random.Random(1)
        records = [{"id": n, "text": " ".join(draw.choices(words, k=150))} for n in range(1_500)]
        name = self.index()
        self.ask("POST", f"/indexes/{name}/documents?primaryKey=id", records)
        try:
            yield
        finally:
            self.ask("POST", f"/tasks/cancel?indexUids={name}&statuses=enqueued,processing")

    def settle(self, task: Any) -> Any:
        """Wait until a task has ended, and return it."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            found = self.ask("GET", f"/tasks/{task['taskUid']}")
            if found["status"] not in ("enqueued", "processing"):
                return found
            time.sleep(0.005)
        raise AssertionError(f"the task did not end: {task}")
