"""Search: answers from the cache, and questions that nobody asked before."""

from collections.abc import Iterator
from itertools import islice

from tools.bench import compare, questions
from tools.bench.client import Measured, ask_each, body_of, get
from tools.bench.compare import Pace
from tools.bench.servers import at_head, plain, standalone
from tools.bench.stock import Collection
from tools.bench.table import Row

HOT = 0.6
COLD = {10_000: (15.0, 40.0), 100_000: (80.0, 200.0)}
"""Milliseconds at p95 by number of records: two words, sentences."""

WARM_UP = 20


def hot(collection: Collection, pace: Pace) -> Iterator[Row]:
    """Compare cached answers with a bare ASGI callable whose body has the same size."""
    with standalone(collection.database, collection.index) as ours:
        at_head(ours)
        path = questions.path(next(questions.two_words(collection)))
        body = body_of(ours.port, path)
        with plain("bare", body) as theirs:
            found = compare.hot(pace, ours.port, get(path), theirs.port, get(path))
    name = f"hot search, {collection.count:,} records ({len(body) / 1e3:.0f} kB)"
    yield Row.at_least(name, found.ours(), f"bare ASGI: {found.theirs()}", found.ratio, HOT)
    yield Row("", f"client busy {found.client_share:.0%}", "", None)


def cold(collection: Collection, pace: Pace) -> Iterator[Row]:
    """Ask questions one by one, each another, with all facets; then the bare ASGI callable as often."""
    kinds = {"two words": questions.two_words(collection), "a sentence": questions.sentences(collection)}
    with standalone(collection.database, collection.index) as ours:
        at_head(ours)
        body = body_of(ours.port, questions.path(next(questions.two_words(collection))))
        with plain("bare", body) as theirs:
            for (kind, asked), most in zip(kinds.items(), COLD.get(collection.count, (None, None)), strict=True):
                requests = [get(questions.path(question)) for question in islice(asked, pace.questions + WARM_UP)]
                ask_each(ours.port, requests[:WARM_UP])
                used = ours.cpu_seconds()
                found = ask_each(ours.port, requests[WARM_UP:])
                used = (ours.cpu_seconds() - used) / found.count * 1e3
                bare = ask_each(theirs.port, requests[WARM_UP:])
                yield _cold(f"cold search, {kind}, {collection.count:,} records", found, used, bare, most)


def _cold(name: str, found: Measured, used: float, bare: Measured, most: float | None) -> Row:
    p50, p95, bare_p95 = found.quantile(0.5), found.quantile(0.95), bare.quantile(0.95)
    measured = f"p95 {p95:.1f} ms, p50 {p50:.1f} ms, processor {used:.1f} ms each"
    cells = (name, measured, f"bare ASGI: p95 {bare_p95:.2f} ms", p95 / bare_p95)
    return Row(*cells) if most is None else Row.below(*cells, p95, most, "ms")
