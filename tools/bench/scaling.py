"""`python -m tools.bench.scaling`: what one node holds, by engine and number of records.

Each measurement starts a search service without an index on a feed of woven records (`tools.bench.multiplied`), waits
until it has followed all of it, looks at disk and memory, asks questions one by one, and looks at memory again.
"""

import argparse
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tools.bench import questions
from tools.bench.client import Measured, ask_each, get
from tools.bench.servers import Server, at_head, meilisearch, multiplied, search
from tools.bench.stock import Collection

BASE = Collection(10_000)
QUESTIONS, WARM_UP = 200, 20
HEADINGS = (
    "| engine | records | build | disk | memory after the build / after searches "
    "| two words p50 / p95 | a sentence p50 / p95 |"
)


@dataclass(frozen=True)
class Held:
    """One measurement; memory and disk in MB, `built` in seconds."""

    engine: str
    records: int
    built: float
    disk: float
    memory: tuple[str, str]
    words: Measured
    sentence: Measured

    def line(self) -> str:
        """Return it as a row of a table."""
        rate = f"{self.built:,.0f} s ({self.records / self.built:,.0f}/s)"
        asked = [f"{one.quantile(0.5):.0f} / {one.quantile(0.95):.0f} ms" for one in (self.words, self.sentence)]
        cells = (
            self.engine,
            f"{self.records:,}",
            rate,
            f"{self.disk:,.0f} MB",
            " / ".join(self.memory),
            *asked,
        )
        return f"| {' | '.join(cells)} |"


def measure(engine: str, records: int) -> Held:
    """Build an index of so many records with one engine, and look at it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="praxis-bench-")))
        feed = stack.enter_context(multiplied(BASE.database, records))
        meili = stack.enter_context(meilisearch()) if engine == "meilisearch" else None
        began = time.perf_counter()
        service = stack.enter_context(search(f"http://127.0.0.1:{feed.port}", folder, meili))
        at_head(service, 14_400, feed.port)
        built = time.perf_counter() - began
        kept = meili.folder if meili is not None and meili.folder is not None else folder
        disk = sum(path.stat().st_blocks * 512 for path in kept.rglob("*") if path.is_file()) / 1e6
        before = _memory(service, meili)
        words, sentence = (_asked(service, found) for found in (questions.two_words(BASE), questions.sentences(BASE)))
        return Held(engine, records, built, disk, (before, _memory(service, meili)), words, sentence)


def _asked(service: Server, found: questions.Questions) -> Measured:
    requests = [get(questions.path(question)) for question in islice(found, QUESTIONS + WARM_UP)]
    ask_each(service.port, requests[:WARM_UP])
    return ask_each(service.port, requests[WARM_UP:])


def _memory(service: Server, meili: Server | None) -> str:
    told = []
    for server in (service, meili):
        if server is not None:
            used = server.memory()
            told.append(f"{used['rss']:,.0f} MB ({used['anonymous']:,.0f} its own)")
    return " + ".join(told)


def main() -> None:
    """Measure what was asked for, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench.scaling", description="Measure what one node holds.")
    parser.add_argument("--engine", choices=("embedded", "meilisearch"), default="embedded")
    parser.add_argument("--records", nargs="+", type=int, default=[10_000, 100_000])
    asked = parser.parse_args()
    BASE.prepare()
    print(f"{HEADINGS}\n|{'---|' * 7}", flush=True)
    for records in asked.records:
        print(measure(asked.engine, records).line(), flush=True)


if __name__ == "__main__":
    main()
