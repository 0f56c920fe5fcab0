"""Reading from the api: one practice, and the change feed."""

from collections.abc import Iterator
from itertools import cycle, islice
from random import Random

from tools.bench import compare
from tools.bench.client import Measured, ask_each, body_of, get
from tools.bench.compare import CONNECTIONS, Pace
from tools.bench.servers import plain, standalone
from tools.bench.stock import Collection
from tools.bench.table import Row

READ = 0.5
READS = 1_000
"""Practices read in one round of cold reads."""

PAGES = 100
"""Pages of the feed read in one round."""


def practice(collection: Collection, pace: Pace) -> Iterator[Row]:
    """Compare reading a practice with a FastAPI handler of the same bytes: the same one again, then always another."""
    with standalone(collection.database, collection.index) as ours:
        path = "/api/v1/practices/case-1"
        body = body_of(ours.port, path)
        with plain("handler", body) as theirs:
            asked = get("/read/case-1")
            found = compare.hot(pace, ours.port, get(path), theirs.port, asked)
            yield _row(f"practice read, hot ({len(body) / 1e3:.0f} kB)", found)
            others = list(range(2, collection.count))
            Random(1).shuffle(others)
            reads = cycle(get(f"/api/v1/practices/case-{number}") for number in others)
            found = _in_turn(pace, ours.port, list(islice(reads, READS * pace.rounds)), theirs.port, asked, READS)
            yield _row("practice read, always another", found)


def feed(collection: Collection, pace: Pace) -> Iterator[Row]:
    """Compare pages of the feed with a FastAPI handler of the same bytes: the same one again, then as mirrors read."""
    with standalone(collection.database, collection.index) as ours:
        path = "/api/v1/changes?after=100&limit=100"
        body = body_of(ours.port, path)
        with plain("handler", body) as theirs:
            asked = get("/read/page")
            found = compare.hot(pace, ours.port, get(path), theirs.port, asked)
            yield _row(f"feed read, hot (100 records, {len(body) / 1e3:.0f} kB)", found)
            pages = range(100, collection.count - 100, 7)
            reads = cycle(get(f"/api/v1/changes?after={after}&limit=100&wait=1") for after in pages)
            found = _in_turn(pace, ours.port, list(islice(reads, PAGES * pace.rounds)), theirs.port, asked, PAGES)
            yield _row("feed read, from the database", found)


def _in_turn(
    pace: Pace, our_port: int, reads: list[bytes], their_port: int, asked: bytes, count: int
) -> compare.Compared:
    """Let both answer so many requests in turn, ours never one that it was asked before."""
    left = iter(reads)

    def ours() -> Measured:
        return ask_each(our_port, islice(left, count), CONNECTIONS)

    return compare.in_turn(pace.rounds, ours, lambda: ask_each(their_port, [asked] * count, CONNECTIONS))


def _row(name: str, found: compare.Compared) -> Row:
    return Row.at_least(name, found.ours(), f"FastAPI handler: {found.theirs()}", found.ratio, READ)
