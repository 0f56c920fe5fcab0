"""The services as processes on a PostgreSQL server of their own, and everything that may befall them meanwhile."""

import copy
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx

from services.api.app import open_database
from services.search.engines.meilisearch import keys as meilisearch_keys
from tests.harness.between import Answer, Passing, between, pass_on
from tests.harness.databases import OnPostgres
from tests.harness.meili import Meili
from tests.harness.postgres import Postgres
from tests.harness.processes import ROOT, Process
from tests.harness.support import build_template, make_key, settings_for
from tests.whole.test_crash import Known, Writer

WRITERS = 3
LONGEST_FAULT = 0.8
INDEX = "faults"
ROOM = 400
"""MB of the small disk that an index is kept on, where one can be mounted."""


class Unanswered(httpx.TransportError):
    """A service answered that it cannot answer now, as it should."""


def _heed(response: httpx.Response) -> None:
    if response.status_code == 503:
        raise Unanswered("503")


class Writers:
    """Threads that write through all faults, and remember what was acknowledged."""

    def __init__(self, api: str, key: str) -> None:
        self._api, self._key = api, key
        self.all = [Writer(f"writer {number}", key) for number in range(WRITERS)]
        self._going, self._ended = threading.Event(), False
        self._resting = threading.Semaphore(0)
        self._threads = [threading.Thread(target=self._write, args=[writer]) for writer in self.all]

    def _client(self, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=self._api, timeout=15, headers=headers, event_hooks={"response": [_heed]})

    def _write(self, writer: Writer) -> None:
        while not self._ended:
            try:
                with self._client() as anybody, self._client(Authorization=f"Bearer {self._key}") as client:
                    writer.check(anybody)
                    while self._going.is_set():
                        writer.act(client)
                        time.sleep(0.02)
                if not self._ended:
                    self._resting.release()
                    self._going.wait()
            except httpx.TransportError:
                time.sleep(0.3)  # what was under way may still be done
            except BaseException as fault:
                writer.fault = fault
                self._resting.release()
                return

    def go(self) -> None:
        """Write, or go on writing."""
        self._going.set()
        for thread in self._threads:
            if not thread.ident:
                thread.start()

    def rest(self) -> None:
        """Return when nobody writes, and all that was asked is acknowledged or known to be undone."""
        self._going.clear()
        for writer in self.all:
            assert self._resting.acquire(timeout=90), "the writers do not come to rest"
            assert writer.fault is None, writer.fault

    def end(self) -> None:
        """Write no more."""
        self._ended = True
        self._going.set()
        for thread in self._threads:
            thread.join(60)


class World:
    """PostgreSQL, the api and search on one engine; search reaches the api and its engine through what can fail."""

    def __init__(self, engine: str, stack: ExitStack, folder: Path, chance: random.Random) -> None:
        self.engine, self.chance, self._folder = engine, chance, folder
        self.happened: Counter[str] = Counter()
        self.postgres = Postgres.start(durable=True)
        stack.callback(self.postgres.stop)
        databases = OnPostgres(self.postgres)
        template = build_template(databases, folder)
        self._environment = {
            "PRAXIS_API_DATABASE_URL": template.url,
            "PRAXIS_API_WRITES_PER_MINUTE": "1000000",
            "PRAXIS_API_LOG_SAMPLE": "100000",
        }
        database = open_database(settings_for(template.url))
        key = make_key(database)
        database.close()
        self.api = self._process(stack, "api", "services.api", self._environment)
        self.feed = stack.enter_context(between(self.api.url))
        self.small = stack.enter_context(_small_disk(folder / "small"))
        self.meili: Meili | None = None
        self.nodes = self._search(stack)
        self.writers = Writers(self.api.url, key)
        stack.callback(self.writers.end)
        self._saved: list[dict[str, Known]] = []
        for process in (self.api, *self.nodes):
            process.start()
        self.api.wait("/api/readyz")
        for node in self.nodes:
            node.wait("/search/readyz")

    def _process(self, stack: ExitStack, name: str, module: str, environment: dict[str, str]) -> Process:
        process = Process(name, ["-m", module], environment)
        stack.callback(process.close)
        return process

    def _search(self, stack: ExitStack) -> list[Process]:
        environment = {
            "PRAXIS_SEARCH_API_URL": self.feed.url,
            "PRAXIS_SEARCH_INDEX_DIR": str(self.small / "index"),
            "PRAXIS_SEARCH_FEED_WAIT": "2",
            "PRAXIS_SEARCH_COMPARE_MINUTES": "0.05",
            "PRAXIS_SEARCH_LOG_SAMPLE": "100000",
        }
        if self.engine == "embedded":
            return [self._process(stack, "search", "services.search", environment)]
        self.meili = Meili.start(self.small / "meili")
        stack.callback(self.meili.stop)
        self.server = stack.enter_context(between(self.meili.url))
        keys = meilisearch_keys.create(self.meili.url, self.meili.master_key, INDEX)
        environment |= {
            "PRAXIS_SEARCH_ENGINE": "meilisearch",
            "PRAXIS_SEARCH_MEILI_URL": self.server.url,
            "PRAXIS_SEARCH_MEILI_INDEX": INDEX,
            "PRAXIS_SEARCH_MEILI_SEARCH_KEY": keys.search,
            "PRAXIS_SEARCH_MEILI_SECONDS": "2",
            "PRAXIS_SEARCH_MEILI_WRITE_SECONDS": "3",
        }
        writing = {"PRAXIS_SEARCH_MEILI_WRITE_KEY": keys.write or "", "PRAXIS_SEARCH_MEILI_TASKS_KEY": keys.tasks or ""}
        follower = self._process(stack, "follower", "services.search", environment | writing)
        node = self._process(stack, "node", "services.search", environment | {"PRAXIS_SEARCH_FOLLOW": "false"})
        return [follower, node]

    @property
    def faults(self) -> Sequence[Callable[[], None]]:
        """Return what may happen; each returns when it is over, and everything runs again."""
        faults = [self.search_killed, self.api_killed, self.postgres_killed, self.feed_refuses, self.feed_hangs]
        faults += [self.feed_breaks, self.feed_is_slow, self.restored]
        if os.path.ismount(self.small):
            faults.append(self.disk_full)
        if self.engine == "meilisearch":
            faults += [self.server_killed, self.server_hangs, self.server_refuses, self.server_is_slow]
            faults += [self.answers_lost, self.requests_lost]
        return faults

    def _lasting(self) -> None:
        time.sleep(self.chance.uniform(0.05, LONGEST_FAULT))

    def search_killed(self) -> None:
        """Kill a search process; perhaps once more while it starts."""
        node = self.chance.choice(self.nodes)
        node.kill()
        for _ in range(self.chance.choice((0, 0, 1))):
            node.start()
            self._lasting()
            node.kill()
        node.start()
        self._lasting()

    def api_killed(self) -> None:
        """Kill the api."""
        self.api.kill()
        self._lasting()
        self.api.start()

    def postgres_killed(self) -> None:
        """Kill the database server."""
        self.postgres.kill()
        self._lasting()
        self.postgres.restart()

    def feed_refuses(self) -> None:
        """Let the feed answer with an error."""
        with self._ruled("feed", lambda passing: (self.chance.choice((500, 502, 503, 404)), b"{}")):
            self._lasting()

    def feed_hangs(self) -> None:
        """Let the feed take requests and answer late, or never."""

        def hang(passing: Passing) -> Answer | None:
            time.sleep(2)
            return None

        with self._ruled("feed", hang):
            self._lasting()

    def feed_breaks(self) -> None:
        """Cut connections to the feed once they are answered, or cut what they answer."""
        with self._ruled("feed", lambda passing: (200, passing.forward()[1][:-3]) if self._heads() else None):
            self._lasting()

    def feed_is_slow(self) -> None:
        """Answer late."""
        with self._ruled("feed", _late):
            self._lasting()

    def restored(self) -> None:
        """Restore the backup that was made the last time, and make another: all since is undone, in a new epoch."""
        self.writers.rest()
        backup = self._folder / "backup.zip"
        if backup.exists():
            self._praxis("restore", str(backup), "--replace")
            for writer, known in zip(self.writers.all, self._saved, strict=True):
                writer.known, writer.seq = copy.deepcopy(known), 0
            backup.unlink()
            time.sleep(0.5)  # public answers may be those of a moment ago
        self._praxis("backup", str(backup))
        self._saved = [copy.deepcopy(writer.known) for writer in self.writers.all]
        self.writers.go()

    def _praxis(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "services.api.cli", *arguments]
        for _ in range(20):  # the database may just be starting
            run = subprocess.run(command, env=os.environ | self._environment, cwd=ROOT, capture_output=True, text=True)
            if run.returncode == 0:
                return
            time.sleep(0.5)
        raise AssertionError(run.stderr[-2_000:])

    def disk_full(self) -> None:
        """Fill the disk that the index is on."""
        ballast = self.small / "ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 20))
        self._lasting()
        ballast.unlink()

    def server_killed(self) -> None:
        """Kill the search server; perhaps once more while it starts."""
        assert self.meili is not None
        self.meili.kill()
        self._lasting()
        self.meili.restart()

    def server_hangs(self) -> None:
        """Stop the search server for a while: it takes connections and answers nothing."""
        assert self.meili is not None
        self.meili.pause()
        time.sleep(self.chance.choice((0.3, 1, 3)))
        self.meili.resume()

    def server_refuses(self) -> None:
        """Let the search server answer with errors that it knows."""
        status, code = self.chance.choice(
            ((503, "too_many_search_requests"), (422, "no_space_left_on_device"), (429, "x"), (500, "internal"))
        )
        with self._ruled("server", lambda passing: (status, b'{"message":"no","code":"%s"}' % code.encode())):
            self._lasting()

    def server_is_slow(self) -> None:
        """Answer late."""
        with self._ruled("server", _late):
            self._lasting()

    def answers_lost(self) -> None:
        """Let the search server do what it is asked, and lose most of its answers."""

        def lose(passing: Passing) -> Answer | None:
            answer = passing.forward()
            return None if self._heads() or passing.method != "GET" else answer

        with self._ruled("server", lose):
            self._lasting()

    def requests_lost(self) -> None:
        """Lose requests before they reach the search server."""
        with self._ruled("server", lambda passing: None if self._heads() else passing.forward()):
            self._lasting()

    def _heads(self) -> bool:
        return self.chance.random() < 0.5

    @contextmanager
    def _ruled(self, which: str, rule: Callable[[Passing], Answer | None]) -> Iterator[None]:
        standing = self.feed if which == "feed" else self.server
        standing.rule = rule
        try:
            yield
        finally:
            standing.rule = pass_on


def _late(passing: Passing) -> Answer | None:
    time.sleep(0.4)
    return passing.forward()


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """Mount a small disk where that is allowed; else it is a plain folder."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}m,mode=1777", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
    try:
        yield folder
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


class Probes:
    """Asks everything all the time, and notes what is answered."""

    def __init__(self, world: World) -> None:
        self.statuses: Counter[tuple[str, int]] = Counter()
        self.wrong: list[str] = []
        self._ended = threading.Event()
        asked = [(world.api.url, "/api/v1/practices?limit=1")]
        asked += [(node.url, "/search/v1/records?q=writer") for node in world.nodes]
        self._threads = [threading.Thread(target=self._ask, args=one) for one in asked]

    def __enter__(self) -> "Probes":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, url: str, path: str) -> None:
        with httpx.Client(base_url=url, timeout=15) as client:
            while not self._ended.wait(0.1):
                with suppress(httpx.TransportError):
                    answer = client.get(path)
                    self.statuses[path.split("/")[1], answer.status_code] += 1
                    if answer.status_code != 200 and not (
                        answer.status_code == 503 and "retry-after" in answer.headers
                    ):
                        self.wrong.append(f"{url}{path}: {answer.status_code} {answer.text[:300]}")
