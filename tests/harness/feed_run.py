"""Writers that change the same records at once through several api processes, and followers that read meanwhile."""

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.harness.mirror import Json, Mirror
from tests.harness.ports import BRIEFLY_IDLE
from tests.harness.support import authority_body, practice_body

Key = tuple[str, str]
Row = tuple[int, str]
"""Number and operation of a record's last change."""

SECRETARIAT = "secretariat"
REGIONS = {"north": ("nola", "nemi"), "south": ("sora", "susa")}
"""Authorities, by the one that they belong to. No practice shows two of one region: when that is renamed, the practice
would be numbered before the second of them, and a page could end between the two."""
PARENTS = {town: region for region, towns in REGIONS.items() for town in towns}
WRITERS = (*[SECRETARIAT] * 11, *PARENTS, "nola")
"""Keys that write: those that do everything, and those that draft the cases of one town."""
MOST_PRACTICES = 120
MOST_ATTEMPTS = 50
LONGEST_HISTORY = 60
DRAFTS = 0.3
"""Drafts that are written of towns' cases for each public write."""

EVERYTHING = {"create": 8, "edit": 8, "publish": 50, "unpublish": 20, "rename": 4, "authority": 5}
"""What is done, by how often, publishing what is created; keys of one town create and edit."""
ONE_RECORD_EACH = {"create": 60, "edit": 10, "publish": 20, "unpublish": 10}
"""Writes of which each changes one record, and most the last time."""
EXPECTED = {"create": {201}, "unpublish": {200, 409}, "rename": {200, 409}}


@dataclass
class Run:
    """What all threads of one run share."""

    seed: int
    urls: Sequence[str]
    keys: Mapping[str, str]
    changes: int
    """Public writes after which the writers stop."""
    weights: Mapping[str, int] = field(default_factory=lambda: EVERYTHING)
    known: dict[str, Json] = field(default_factory=dict)
    """Each practice by id and each authority by slug, as the newest version that was acknowledged."""
    owned: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    outcomes: Counter[tuple[str, int]] = field(default_factory=Counter)
    done: int = 0
    drafts: int = 0
    newest: int = 0
    """Highest number that a write was answered with."""
    written: threading.Event = field(default_factory=threading.Event)
    faults: list[BaseException] = field(default_factory=list)
    journal: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _started: float = field(default_factory=time.monotonic)

    @property
    def goes_on(self) -> bool:
        return self.done < self.changes and not self.faults

    def chance(self, name: str) -> random.Random:
        """Return a thread's own source of chance."""
        return random.Random(f"{self.seed} {name}")

    def note(self, id: str, text: str) -> None:
        """Write down what happened to a record, for the history that a failure shows."""
        self.journal[id].append(f"{time.monotonic() - self._started:9.4f} {text}")

    def answered(self, kind: str, name: str, answer: httpx.Response) -> None:
        """Take over what a write was answered with."""
        body = answer.json()
        seq = int(answer.headers.get("praxis-seq", ".0").split(".")[1])
        with self._lock:
            self.outcomes[kind, answer.status_code] += 1
            self.done += seq > 0
            self.drafts += kind in ("create", "edit") and answer.is_success
            self.newest = max(self.newest, seq)
            if answer.is_success and body["version"] > self.known.get(name, {"version": 0})["version"]:
                self.known[name] = body
        shown = {part: body.get(part) for part in ("version", "status", "revision", "name") if part in body}
        self.note(body.get("id", name), f"{kind}: {answer.status_code}, number {seq}, {shown}")

    @contextmanager
    def clients(self, who: str | None = None) -> Iterator[list[httpx.Client]]:
        """Open one client a process, with a caller's key."""
        headers = {"Authorization": f"Bearer {self.keys[who]}"} if who else {}
        with ExitStack() as opened:
            yield [
                opened.enter_context(
                    httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=30, limits=BRIEFLY_IDLE)
                )
                for url in self.urls
            ]

    def guarded(self, act: Callable[[], None]) -> threading.Thread:
        """Return a thread whose failure ends the run."""

        def run() -> None:
            try:
                act()
            except BaseException as fault:
                self.faults.append(fault)

        return threading.Thread(target=run)

    def all(self, followers: "Sequence[Follower]") -> None:
        """Let all write and read until the changes are made and read."""
        writers = [self.guarded(Writer(self, number, who).work) for number, who in enumerate(WRITERS)]
        readers = [self.guarded(follower.follow) for follower in followers]
        for thread in (*readers, *writers):
            thread.start()
        for thread in writers:
            thread.join()
        self.written.set()
        for thread in readers:
            thread.join()
        if self.faults:
            raise self.faults[0]


class Writer:
    """Does random writes, each through a random process, on practices that others write too."""

    def __init__(self, run: Run, number: int, who: str) -> None:
        self._run, self._who, self._number = run, who, number
        self._chance = run.chance(f"writer {number}")
        self._weights = run.weights if who == SECRETARIAT else {"create": 1, "edit": 4}
        self._count = 0
        self._clients: list[httpx.Client] = []

    def work(self) -> None:
        """Write until the run has its changes."""
        with self._run.clients(self._who) as self._clients:
            while self._run.goes_on:
                self._count += 1
                self._act(self._chance.choices([*self._weights], [*self._weights.values()])[0])
                while self._who != SECRETARIAT and self._run.goes_on and self._run.drafts > self._run.done * DRAFTS:
                    time.sleep(0.05)  # drafts wait for no lock, and would crowd out the rest

    def _act(self, kind: str) -> None:
        if kind == "authority":
            slug = self._chance.choice([*PARENTS, *REGIONS])
            body = authority_body(f"{slug} {self._text}", parent=PARENTS.get(slug))
            self._change(kind, "PUT", f"/authorities/{slug}", slug, body)
            return
        own = self._run.owned[self._who] if self._who in PARENTS else list(self._run.owned[SECRETARIAT])
        if not own or (kind == "create" and len(self._run.owned[SECRETARIAT]) < MOST_PRACTICES):
            self._create()
            return
        id = self._chance.choice(own[:6] if self._chance.random() < 0.2 else own)  # the first ones are in demand
        known = self._run.known[id]
        if kind in ("unpublish", "rename") and known["status"] != "published" and self._chance.random() < 0.9:
            kind = "publish"  # what would be refused is asked for now and then
        if kind in ("edit", "create"):
            self._change("edit", "PUT", f"/practices/{id}", id, self._practice())
        else:
            body = {"slug": f"slug-{self._chance.randrange(50)}"} if kind == "rename" else None
            self._change(kind, "POST", f"/practices/{id}/{kind}", id, body)

    def _create(self) -> None:
        owner = self._who if self._who in PARENTS else self._chance.choice([*PARENTS])
        answer = self._chance.choice(self._clients).post("/practices", json=self._practice() | {"owner": owner})
        assert answer.status_code == 201, answer.text
        id = answer.json()["id"]
        self._run.answered("create", id, answer)
        self._run.owned[owner].append(id)
        if self._who == SECRETARIAT:
            self._change("publish", "POST", f"/practices/{id}/publish", id, None)
        self._run.owned[SECRETARIAT].append(id)

    def _change(self, kind: str, method: str, path: str, name: str, body: Json | None) -> None:
        """Change a record as the version that is known, or as the present one when that was stale."""
        known = self._run.known.get(name)
        for _ in range(MOST_ATTEMPTS):
            client = self._chance.choice(self._clients)
            if known is None:
                known = client.get(path.removesuffix(f"/{kind}")).raise_for_status().json()
            answer = client.request(method, path, headers={"If-Match": f'"{known["version"]}"'}, json=body)
            self._run.answered(kind, name, answer)
            if answer.status_code != 412:
                assert answer.status_code in EXPECTED.get(kind, {200}), f"{kind} {path}: {answer.text}"
                return
            stale, known = known, self._run.known.get(name)
            if known is None or known["version"] <= stale["version"]:
                known = None
        raise AssertionError(f"{kind} {path}: {MOST_ATTEMPTS} times somebody else was faster")

    @property
    def _text(self) -> str:
        return f"by {self._number}, {self._count}"

    def _practice(self) -> Json:
        body = practice_body(f"Practice {self._text}")
        shown: list[str] = [self._chance.choice(group) for group in REGIONS.values()]
        shown = self._chance.choice([shown[:1], shown[1:], shown, [self._chance.choice([*REGIONS])]])
        body["content"]["who"]["authorities"] = [{"name": slug.title(), "authority": slug} for slug in shown]
        return body


class Follower:
    """Mirrors the feed through a random process at each page, and holds the feed to what it has shown before."""

    def __init__(self, run: Run, name: str, limits: Sequence[int], pause: float, wait: float = 0) -> None:
        self.run, self.name = run, name
        self._limits, self._pause, self._wait = limits, pause, wait
        self._chance = run.chance(name)
        self._clients: list[httpx.Client] = []
        self.mirror = Mirror()
        self.rows: dict[Key, Row] = {}
        """Every record that was ever seen, deletions included."""
        self.missed: dict[Key, str] = {}
        self.pages = 0

    def follow(self) -> None:
        """Read until the last number that a writer was given has been read."""
        with self.run.clients() as self._clients:
            until = float("inf")
            while not (self.run.written.is_set() and self.mirror.cursor >= self.run.newest):
                if self.run.written.is_set():
                    until = min(until, time.monotonic() + 60)
                assert time.monotonic() < until, f"{self.name} never gets to {self.run.newest}"
                if self.run.faults:
                    return
                more = self._read()
                self.pages += 1
                if self.pages % 60 == 0:
                    self._read_again()
                if not more:
                    time.sleep(self._chance.uniform(0, self._pause))

    def _read(self) -> bool:
        """Take one page, and check that its practices show their authorities as they are in the same moment."""
        limit = self._chance.choice(self._limits)
        page, more = self._page(self.mirror, limit, f"&wait={self._wait}" if self._wait else "")
        for change in page:
            key = change["type"], change["id"]
            self.rows[key] = change["seq"], change["op"]
            self.run.note(key[1], f"{self.name}: {change['op']} {change['seq']}, head {self.mirror.head}")
            for shown in (change["record"] or {}).get("authorities", ()):
                present = self.mirror.records["authority", shown["id"]]
                assert shown == present, self._told(key, f"shows {shown}\ninstead of {present}")
        return more

    def _read_again(self) -> None:
        """Read the feed anew from an earlier place: what was shown is there, and nothing else was to be seen."""
        read, start = self.mirror.cursor, self._chance.choice([0, self._chance.randrange(self.mirror.cursor + 1)])
        again, rows, more = Mirror(), dict[Key, Row](), True
        again.cursor = start
        while more:
            page, more = self._page(again, 1000)
            rows |= {(change["type"], change["id"]): (change["seq"], change["op"]) for change in page}
        for key, (seq, _) in self.rows.items():
            if seq > start:
                assert key in rows, self._told(key, f"was seen with {seq}, and after {start} it is missing")
                assert rows[key][0] >= seq, self._told(key, f"was seen with {seq}, and went back to {rows[key]}")
        self.missed |= self.lacks({key: row for key, row in rows.items() if row[0] <= read})

    def lacks(self, rows: Mapping[Key, Row]) -> dict[Key, str]:
        """Tell which of these changes were not seen by now though the follower has read beyond them."""
        return {
            key: f"{self.name} has read up to {self.mirror.cursor}, and of {key} {self.rows.get(key)}, not {row}"
            for key, row in rows.items()
            if row[0] <= self.mirror.cursor and self.rows.get(key) != row
        }

    def _page(self, mirror: Mirror, limit: int, more: str = "") -> tuple[list[Json], bool]:
        page: Json = {}

        def get(path: str) -> Any:
            page.update(self._chance.choice(self._clients).get(path + more).raise_for_status().json())
            return page

        try:
            follows = mirror.poll(get, limit)
        except AssertionError as fault:
            seqs = [change["seq"] for change in page["changes"]]
            message = f"seed {self.run.seed}, {self.name} at {mirror.cursor}, head {mirror.head}, limit {limit}"
            raise AssertionError(f"{message}: {fault}\npage: head {page['head']}, {seqs}") from None
        return page["changes"], follows

    def _told(self, key: Key, what: str) -> str:
        history = "\n".join(self.run.journal[key[1]][-LONGEST_HISTORY:])
        return f"seed {self.run.seed}, {self.name} at {self.mirror.cursor}: {key} {what}\n{history}"
