"""Memory of the one process that `make run` starts."""

from collections.abc import Iterator
from itertools import chain, islice

from tools.bench import questions
from tools.bench.client import ask_each, get
from tools.bench.compare import Pace
from tools.bench.servers import at_head, plain, standalone
from tools.bench.stock import Collection
from tools.bench.table import Row

MOST = {0: 250.0, 100_000: 1_000.0}
"""MB by number of synthetic records."""


def memory(collection: Collection, pace: Pace) -> Iterator[Row]:
    """Look at the process after its start and after searches, all different, with a bare uvicorn beside it."""
    # The seed records alone are asked about in the words of synthetic ones, which come from theirs.
    asked = collection if collection.count else Collection(pace.searches)
    mixed = chain.from_iterable(zip(questions.two_words(asked), questions.sentences(asked), strict=False))
    requests = [get(questions.path(question)) for question in islice(mixed, pace.searches)]
    with standalone(collection.database, collection.index) as server, plain("bare", b"{}") as bare:
        at_head(server)
        started = server.memory()
        ask_each(server.port, requests, 4)
        after, beside = server.memory(), bare.memory()
    name = f"{collection.count:,} synthetic records" if collection.count else "the seed records"
    yield _row(f"memory, {name}, started", started, beside, collection.count)
    yield _row(f"memory, {name}, after {len(requests):,} searches", after, beside, collection.count)


def _row(name: str, used: dict[str, float], bare: dict[str, float], count: int) -> Row:
    cells = (
        name,
        f"RSS {used['rss']:.0f} MB ({used['anonymous']:.0f} its own, the rest files)",
        f"bare ASGI: RSS {bare['rss']:.0f} MB",
        used["rss"] / bare["rss"],
    )
    return Row.below(*cells, used["rss"], MOST[count], "MB") if count in MOST else Row(*cells)
