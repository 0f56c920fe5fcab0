"""The one process under mixed load for minutes: nothing fails, memory, open files and threads stay what they were."""

import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from services.api.app import open_database
from tests.harness.depth import SEED
from tests.harness.paths import ROOT, SEEDS
from tests.harness.processes import Process, serving
from tests.harness.support import Json, make_key, migrate, practice_body, settings_for

ROUNDS, CLIENTS, REQUESTS = 8, 4, 1_500
"""Rounds of so many requests of each client; the first half lets caches and connections fill and is not measured."""
MOST_MORE = 1.03
"""Times what memory was after the first half: a leak of two hundred bytes a request is more."""
PAGES = ("/", "/practices", "/map", "/matrix", "/practices.atom", "/compare", "/embed/search", "/developers")
WORDS = ("seasonal", "migration", "return", "diaspora", "remittances", "women", "rights", "youth", "migratnes")


class Client:
    """Asks for pages, searches, feeds and records at random, and now and then writes; keeps what went wrong."""

    def __init__(self, base: str, number: int, key: str) -> None:
        self.chance = random.Random(f"{SEED} {number}")
        self.http = httpx.Client(base_url=base, timeout=30)
        self.key = {"Authorization": f"Bearer {key}"}
        self.number = number
        self.wrong: list[str] = []
        self.made: Json | None = None

    def run(self, requests: int) -> None:
        for turn in range(requests):
            try:
                answer = self.write() if turn % 50 == 0 else self.http.get(self.address())
            except httpx.HTTPError as error:
                self.wrong.append(repr(error))
                continue
            if answer.status_code >= 500:
                self.wrong.append(f"{answer.request.url}: {answer.status_code} {answer.text[:200]}")

    def address(self) -> str:
        words = "+".join(self.chance.choices(WORDS, k=self.chance.randint(1, 5)))
        return self.chance.choice(
            (
                self.chance.choice(PAGES),
                f"/practices?q={words}",
                f"/search/v1/records?q={words}&page={self.chance.randint(1, 3)}",
                f"/search/v1/suggest?q={words[: self.chance.randint(1, 5)]}",
                f"/api/v1/changes?after={self.chance.randint(0, 80)}",
                "/api/v1/practices?limit=5",
            )
        )

    def write(self) -> httpx.Response:
        """Change the client's own practice."""
        body = practice_body(f"Soaked {self.number} {self.chance.random()}", authority="cartaya")
        if self.made is None:
            answer = self.http.post("/api/v1/practices", json=body, headers=self.key)
        else:
            version = {"If-Match": f'"{self.made["version"]}"'}
            answer = self.http.put(f"/api/v1/practices/{self.made['id']}", json=body, headers=self.key | version)
        self.made = answer.json()
        return answer


def held(process: Path) -> tuple[int, int, int]:
    """Return a process' own memory in kB (the index' files are mapped beside it), its open files and its threads."""
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    files = len(list((process / "fd").iterdir()))
    return int(status["RssAnon"].split()[0]), files, int(status["Threads"])


def test_minutes_of_load_leave_nothing_behind(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/praxis.db"
    migrate(url)
    settings = {"PRAXIS_API_DATABASE_URL": url, "PRAXIS_SEARCH_INDEX_DIR": f"{tmp_path}/index"}
    settings |= {"PRAXIS_API_WRITES_PER_MINUTE": "1000000"}
    # Answers that are kept would fill memory up to their bound for as long as this lasts.
    settings |= {f"PRAXIS_{service}_ANSWER_CACHE_BYTES": "1000000" for service in ("API", "SEARCH")}
    seed = [sys.executable, "-m", "services.api.cli", "seed", str(SEEDS)]
    subprocess.run(seed, env=settings | {"PATH": ""}, cwd=ROOT, check=True)
    database = open_database(settings_for(url))
    key = make_key(database)
    database.close()
    praxis = Process("praxis", ["-m", "services.standalone"], settings)
    with serving(praxis, ready="/search/readyz"), ThreadPoolExecutor(CLIENTS) as pool:
        clients = [Client(praxis.url, number, key) for number in range(CLIENTS)]
        rounds = []
        for _ in range(ROUNDS):
            list(pool.map(lambda client: client.run(REQUESTS), clients))
            rounds.append(held(Path(f"/proc/{praxis.pid}")))
        for client in clients:
            client.http.close()
    print("\nmemory in kB, open files, threads by round:", *rounds)
    assert [wrong for client in clients for wrong in client.wrong] == []
    (memory, files, threads), last = rounds[ROUNDS // 2 - 1], rounds[-1]
    assert last[0] <= MOST_MORE * memory, rounds
    assert last[1] <= files + 10, rounds
    assert last[2] <= threads + 5, rounds
