"""Search engines side by side on the same records: embedded, Meilisearch through our service, Meilisearch by itself."""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from tools.bench import questions
from tools.bench.client import ask_each, get, quantile
from tools.bench.compare import Pace
from tools.bench.recorder import recording
from tools.bench.servers import NotServing, Server, at_head, meilisearch, multiplied, search
from tools.bench.stock import Collection
from tools.bench.table import Row

ADDED_SHARE, ADDED_MS = 0.15, 2.0
"""What our service may add to the server's own p50: the larger of a share and milliseconds."""

WARM_UP = 20


def engines(collection: Collection, pace: Pace) -> Iterator[Row]:
    """Ask all three the same questions, each question in turn of all three."""
    kinds = {"two words": questions.two_words(collection), "a sentence": questions.sentences(collection)}
    asked = {kind: list(islice(found, pace.questions + WARM_UP)) for kind, found in kinds.items()}
    try:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="praxis-bench-")))
            feed = stack.enter_context(multiplied(collection.database, 0))
            url = f"http://127.0.0.1:{feed.port}"
            meili = stack.enter_context(meilisearch())
            embedded = stack.enter_context(search(url, folder / "embedded"))
            ours = stack.enter_context(search(url, folder / "unused", meili))
            for server in (embedded, ours):
                at_head(server, 1_800, feed.port)
            raw = {kind: _recorded(found, url, folder, meili) for kind, found in asked.items()}
            for kind, found in asked.items():
                yield from _rows(f"{kind}, {collection.count:,} records", found, raw[kind], embedded, ours, meili)
    except NotServing as missing:
        print(f"         left out: {missing}", file=sys.stderr, flush=True)


def _recorded(asked: Sequence[str], feed: str, folder: Path, meili: Server) -> list[list[bytes]]:
    """Return what our service asks the server for each question."""
    found = []
    with recording(meili.port, "/multi-search") as recorder:
        url = f"http://127.0.0.1:{recorder.port}"
        with search(feed, folder / "unused", meili, url) as service:
            service.wait(lambda: bool(ask_each(service.port, [get("/search/readyz")]).count), 60)
            for question in asked:
                recorder.taken()
                ask_each(service.port, [get(questions.path(question))])
                found.append([request for request in recorder.taken() if b'"q"' in request])
    return found


def _rows(
    name: str, asked: Sequence[str], raw: Sequence[list[bytes]], embedded: Server, ours: Server, meili: Server
) -> Iterator[Row]:
    times: dict[str, list[float]] = {"embedded": [], "ours": [], "raw": []}
    for number, (question, requests) in enumerate(zip(asked, raw, strict=True)):
        request = [get(questions.path(question))]
        turns = [("embedded", embedded.port, request), ("ours", ours.port, request), ("raw", meili.port, requests)]
        # Whoever asks second finds the server's pages in memory: each is second as often.
        for turn, port, sent in turns if number % 2 else turns[::-1]:
            measured = ask_each(port, sent)
            if number >= WARM_UP:
                times[turn].append(sum(measured.milliseconds))
    p50 = {turn: quantile(values, 0.5) for turn, values in times.items()}
    p95 = {turn: quantile(values, 0.95) for turn, values in times.items()}
    told = {turn: f"p50 {p50[turn]:.1f}, p95 {p95[turn]:.1f} ms" for turn in times}
    each = sum(len(requests) for requests in raw) / len(raw)
    theirs = f"Meilisearch raw, {each:.1f} requests each: {told['raw']}"
    added, most = p50["ours"] - p50["raw"], max(ADDED_SHARE * p50["raw"], ADDED_MS)
    yield Row(
        f"Meilisearch through search, {name}",
        told["ours"],
        theirs,
        p50["ours"] / p50["raw"],
        f"p50 + {most:.1f} ms (adds {added:.1f})",
        added <= most,
    )
    cells = (f"embedded, {name}", told["embedded"], theirs, p50["embedded"] / p50["raw"])
    yield Row.below(*cells, p50["embedded"], p50["raw"], "ms")
