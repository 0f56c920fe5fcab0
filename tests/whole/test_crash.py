"""Killed at random moments while writing: nothing acknowledged is lost, and feed and search equal the database.

All runs go on with the same database.
"""

import os
import random
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from tests.harness.depth import SEED, either
from tests.harness.mirror import Mirror, public_state
from tests.harness.paths import ROOT
from tests.harness.ports import PLAIN
from tests.harness.support import Json, Template, practice_body

RUNS = either(2, 50)
"""How often the server is killed."""
WRITERS = 3


@dataclass(frozen=True)
class State:
    """A practice as its writer knows it."""

    version: int
    title: str
    public: str | None
    """The title that everybody reads, none when it is not public."""


@dataclass
class Known:
    """What was acknowledged of a practice, and what the last request would make of it if it was not answered."""

    acknowledged: State
    asked: State | None = None


class Writer:
    """Writes practices of its own until the server is gone; remembers every acknowledgement."""

    def __init__(self, name: str, key: str) -> None:
        self.name, self.key = name, key
        self.chance = random.Random(f"{SEED} {name}")
        self.known: dict[str, Known] = {}
        self.seq = 0
        self.count = 0
        self.fault: BaseException | None = None

    def run(self, base: str) -> None:
        """Write until the connection breaks; keep whatever else goes wrong."""
        try:
            with httpx.Client(base_url=base, timeout=10, headers={"Authorization": f"Bearer {self.key}"}) as client:
                while True:
                    self.act(client)
        except httpx.TransportError:
            return
        except BaseException as fault:
            self.fault = fault
            raise

    def act(self, client: httpx.Client) -> None:
        """Do one write and remember its outcome."""
        self.count += 1
        title = f"{self.name} {self.count}"
        kind = self.chance.choice(["create", "edit", "edit", "publish", "publish", "publish", "unpublish"])
        if kind == "create" or not self.known:
            made = client.post("/api/v1/practices", json=practice_body(title))
            assert made.status_code == 201, made.text
            self.known[made.json()["id"]] = Known(State(1, title, None))
            return
        id = self.chance.choice(list(self.known))
        known = self.known[id]
        now = known.acknowledged
        body = None
        if kind == "edit":
            known.asked, body = replace(now, version=now.version + 1, title=title), practice_body(title)
        elif kind == "publish":
            known.asked = State(now.version + 1, now.title, now.title)
        elif now.public is None:
            return
        else:
            known.asked = replace(now, version=now.version + 1, public=None)
        method, path = ("PUT", "") if kind == "edit" else ("POST", f"/{kind}")
        headers = {"If-Match": f'"{now.version}"'}
        answer = client.request(method, f"/api/v1/practices/{id}{path}", headers=headers, json=body)
        assert answer.status_code == 200, answer.text
        known.acknowledged, known.asked = known.asked, None
        if kind != "edit":
            self.seq = int(answer.headers["praxis-seq"].split(".")[1])

    def check(self, client: httpx.Client) -> None:
        """Check that all that was acknowledged is there, and take over what was not answered but done."""
        for id, known in self.known.items():
            answer = client.get(f"/api/v1/practices/{id}/latest", headers={"Authorization": f"Bearer {self.key}"})
            assert answer.status_code == 200, f"{id} was acknowledged and is gone"
            shown = answer.json()
            public = client.get(f"/api/v1/practices/{id}")
            found = State(
                shown["version"],
                shown["content"]["initiative"]["title"],
                public.json()["content"]["initiative"]["title"] if public.status_code == 200 else None,
            )
            assert found in (known.acknowledged, known.asked)
            known.acknowledged, known.asked = found, None


class Server:
    """The one process on a database and an index of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.database = folder / "praxis.db"
        self.base = f"http://127.0.0.1:{port}"
        self.environment = os.environ | {
            "PRAXIS_API_DATABASE_URL": f"sqlite:///{self.database}",
            "PRAXIS_API_WRITES_PER_MINUTE": "1000000",
            "PRAXIS_SEARCH_INDEX_DIR": str(folder / "index"),
            "PORT": str(port),
        }

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen[bytes]]:
        """Start the process; it is killed at the end, whatever it does."""
        command = [sys.executable, "-m", "services.standalone"]
        process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.kill()
            process.wait(10)

    def wait(self, process: subprocess.Popen[bytes], path: str) -> None:
        """Wait until an address answers 200."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert process.poll() is None, f"the server ended by itself: {process.returncode}"
            with suppress(httpx.TransportError):
                if httpx.get(self.base + path, timeout=5, verify=PLAIN).status_code == 200:
                    return
            time.sleep(0.05)
        raise TimeoutError(f"{path} does not answer 200")


def check_file(path: Path) -> None:
    """Check that the database file itself is whole."""
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def check_feed(client: httpx.Client, mirror: Mirror, writers: list[Writer]) -> Json:
    """Check that the feed gives the public state, to a new reader and to one that read before the crash."""

    def get(path: str) -> Any:
        return client.get(f"/api/v1{path}").raise_for_status().json()

    new = Mirror()
    new.catch_up(get, 1000)
    mirror.catch_up(get, 1000)
    state = public_state(get)
    assert new.records == mirror.records == state
    new.check_digest(get)
    assert mirror.head >= max(writer.seq for writer in writers), "acknowledged numbers are never given twice"
    return {id: record for (type, id), record in state.items() if type == "practice"}


def check_search(client: httpx.Client, practices: Json, mirror: Mirror) -> None:
    """Check that search finds exactly the public practices, as they are."""
    found: dict[str, str] = {}
    mark = f"{mirror.epoch}.{mirror.head}"
    deadline = time.monotonic() + 20
    for page in range(1, 2 + len(practices) // 100):
        query = {"type": "practice", "per_page": "100", "page": str(page), "sort": "title", "min_seq": mark}
        while (answer := client.get("/search/v1/records", params=query)).status_code == 503:
            assert time.monotonic() < deadline, answer.text
        body = answer.raise_for_status().json()
        assert body["total"] == len(practices)
        found |= {hit["id"]: hit["title"] for hit in body["hits"]}
    assert found == {id: record["content"]["initiative"]["title"] for id, record in practices.items()}


def check_all(server: Server, writers: list[Writer], mirror: Mirror) -> None:
    """Check database, feed and search against what the writers know."""
    with httpx.Client(base_url=server.base, timeout=10) as client:
        for writer in writers:
            writer.check(client)
        practices = check_feed(client, mirror, writers)
        check_search(client, practices, mirror)


def write_until_killed(server: Server, process: subprocess.Popen[bytes], writers: list[Writer], seconds: float) -> None:
    """Let all write at once, and kill the process after a while."""
    threads = [threading.Thread(target=writer.run, args=[server.base]) for writer in writers]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    process.kill()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    for writer in writers:
        assert writer.fault is None


def test_nothing_acknowledged_is_lost(template: Template, tmp_path: Path) -> None:
    template.copy(tmp_path)
    server, chance, mirror = Server(tmp_path), random.Random(SEED), Mirror()
    writers = [Writer(f"writer {number}", template.secretariat) for number in range(WRITERS)]
    for _ in range(RUNS):
        if chance.random() < 0.2:
            with server.started():  # killed while it starts
                time.sleep(chance.uniform(0, 2))
        with server.started() as process:
            server.wait(process, "/search/readyz")
            check_all(server, writers, mirror)
            write_until_killed(server, process, writers, chance.uniform(0.05, 1.0))
        check_file(server.database)
    with server.started() as process:
        server.wait(process, "/search/readyz")
        check_all(server, writers, mirror)
    assert sum(writer.count for writer in writers) > RUNS
