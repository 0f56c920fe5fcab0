"""`python -m tools.bench`: measure, and print one table.

Every row is a ratio taken within this run, on this machine; times alone would say more about the machine than about
the code. Servers run as processes of their own with the settings of `make run`. The first run makes its synthetic
collections, which takes two or three minutes; they stay in the system's temporary folder.
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

from tools.bench import engines, following, importing, memory, reading, searching, visiting
from tools.bench.compare import Pace
from tools.bench.servers import at_head, standalone
from tools.bench.stock import Collection
from tools.bench.table import Row, table

FULL = Pace(rounds=5, seconds=1.5, questions=300, publications=200, searches=1_000)
QUICK = Pace(rounds=3, seconds=0.5, questions=100, publications=40, searches=200)

Measure = Callable[[Collection, Pace], Iterator[Row]]


def main() -> None:
    """Measure the rows asked for."""
    asked = _parser().parse_args()
    pace = QUICK if asked.quick else FULL
    records: list[int] = asked.records or ([10_000] if asked.quick else [10_000, 100_000])
    plan = [(name, run) for name, run in _plan(records, asked.quick) if not asked.rows or name in asked.rows]
    began = time.monotonic()
    rows: list[Row] = []
    try:
        for name, measure in plan:
            print(f"{time.monotonic() - began:5.0f} s  {name} …", file=sys.stderr, flush=True)
            rows += measure(pace)
    finally:  # what is measured is told, whatever becomes of the rest
        print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, ", end="")
        print(f"load {os.getloadavg()[0]:.1f}, {time.monotonic() - began:.0f} s{', quick' if asked.quick else ''}\n")
        print(table(rows))


def _plan(records: list[int], quick: bool) -> Iterator[tuple[str, Callable[[Pace], Iterator[Row]]]]:
    """Yield what is measured under which name, in order."""
    small = Collection(min(records))
    for count in records:
        yield "hot", partial(_measured, searching.hot, Collection(count))
    for count in records:
        yield "cold", partial(_measured, searching.cold, Collection(count))
    yield "engines", partial(_measured, engines.engines, small)
    yield "practice", partial(_measured, reading.practice, small)
    yield "feed", partial(_measured, reading.feed, small)
    yield "pages", partial(_beside, visiting.SMALL, visiting.pages, small)
    yield "paint", partial(_measured, visiting.paint, small)
    yield "rebuild", partial(_measured, following.rebuild, small)
    yield "rebuild", partial(_measured, following.rebuild, Collection(500 if quick else 3_000, 15_000))
    yield "import", partial(_measured, importing.importing, Collection(0))
    for count in [0] if quick else [0, min(records)]:
        yield "searchable", partial(_measured, following.searchable, Collection(count))
    for count in [0] if quick else [0, *records]:
        yield "memory", partial(_measured, memory.memory, Collection(count))


NAMES = ("hot", "cold", "engines", "practice", "feed", "pages", "paint", "rebuild", "import", "searchable", "memory")


def _measured(measure: Measure, collection: Collection, pace: Pace) -> Iterator[Row]:
    _prepare(collection)
    yield from measure(collection, pace)


def _beside(other: Collection, measure: Measure, collection: Collection, pace: Pace) -> Iterator[Row]:
    _prepare(other)
    yield from _measured(measure, collection, pace)


def _prepare(collection: Collection) -> None:
    """Make a collection and the index of it, unless they are there."""
    if not collection.database.exists():
        print(f"         making {collection.count:,} records …", file=sys.stderr, flush=True)
        collection.prepare()
    if not collection.index.exists():
        with standalone(collection.database, collection.index) as server:
            at_head(server)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description="Measure speed, as ratios in one run.")
    parser.add_argument("--rows", nargs="+", choices=NAMES, help="measure these alone")
    parser.add_argument("--records", nargs="+", type=int, help="synthetic records, by default 10000 and 100000")
    parser.add_argument("--quick", action="store_true", help="fewer records and shorter rounds: a first impression")
    return parser


if __name__ == "__main__":
    main()
