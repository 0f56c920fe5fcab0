"""Following the change feed: how fast an index is rebuilt from it, and how soon a publication is found."""

import json
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import orjson

from services.api.access import service as access
from services.api.app import open_database
from services.api.changes import service as changes
from services.api.settings import Settings
from tools.bench.client import body_of, quantile
from tools.bench.compare import Pace
from tools.bench.servers import Server, at_head, standalone
from tools.bench.stock import Collection, writer
from tools.bench.table import Row

REBUILT = {2_000: 5_000.0, 15_000: 800.0}
"""Records a second by their size."""

SEARCHABLE = 1_000.0
"""Milliseconds at p99 from published to found."""


def rebuild(collection: Collection, pace: Pace) -> Iterator[Row]:
    """Time a process that starts without an index until it has followed the whole feed; then just parse the records."""
    with tempfile.TemporaryDirectory(prefix="praxis-bench-") as folder:
        with standalone(collection.database, Path(folder) / "index") as server:
            began, used = time.perf_counter(), server.cpu_seconds()
            at_head(server)
            seconds, used = time.perf_counter() - began, server.cpu_seconds() - used
            peak = server.memory()["peak"]
        parsed, bytes_each = _parsed(collection)
    rate, least = collection.count / seconds, REBUILT.get(collection.size, 0.0)
    yield Row(
        f"rebuild, {collection.count:,} records, {collection.size / 1e3:.0f} kB text, {bytes_each / 1e3:.0f} kB JSON",
        f"{rate:,.0f}/s, processor {used / collection.count * 1e3:.2f} ms each, peak {peak:,.0f} MB",
        f"parsing their JSON: {parsed:,.0f} records/s",
        rate / parsed,
        f"≥ {least:,.0f} records/s ({rate / least:.0%} of it)",
        rate >= least,
    )


def _parsed(collection: Collection) -> tuple[float, float]:
    """Return the records a second that a loop parses that does nothing else, and their bytes each."""
    opened = open_database(Settings(database_url=f"sqlite:///{collection.database}"))
    with opened.transaction(write=False) as session:
        bodies = [change.body for change in changes.page(session, 0, collection.count)[1] if change.body]
    opened.close()
    began = time.perf_counter()
    for body in bodies:
        orjson.loads(body)
    return len(bodies) / (time.perf_counter() - began), sum(map(len, bodies)) / len(bodies)


def searchable(collection: Collection, pace: Pace) -> Iterator[Row]:
    """Publish records over HTTP, and time each from the answer until a search that asks for it is answered."""
    with tempfile.TemporaryDirectory(prefix="praxis-bench-") as folder:
        database, index = collection.copy(Path(folder))
        token = _token(database)
        unbounded = {"PRAXIS_API_WRITES_PER_MINUTE": "1000000"}
        with standalone(database, index, **unbounded) as server:
            at_head(server)
            found, written = _publish(server, token, pace.publications)
    p50, p99 = quantile(found, 0.5), quantile(found, 0.99)
    publish = quantile(written, 0.5)
    yield Row.below(
        f"published to searchable, {collection.count:,} synthetic records",
        f"p99 {p99:.0f} ms, p50 {p50:.0f} ms",
        f"the publishing request: p50 {publish:.0f} ms",
        p50 / publish,
        p99,
        SEARCHABLE,
        "ms",
    )


def _publish(server: Server, token: str, count: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds until found, and of the publishing request, of each record."""
    found, written = [], []
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", headers=headers, timeout=30) as client:
        for number in range(1_000_000, 1_000_000 + count):
            body = writer(2_000).practice(number)[1].model_dump(mode="json")
            draft = client.post("/api/v1/practices", json=body).raise_for_status().json()
            began = time.perf_counter()
            published = client.post(f"/api/v1/practices/{draft['id']}/publish", headers={"If-Match": '"1"'})
            answered = time.perf_counter()
            mark = published.raise_for_status().headers["praxis-seq"]
            total = json.loads(body_of(server.port, f"/search/v1/records?min_seq={mark}"))["total"]
            found.append((time.perf_counter() - answered) * 1e3)
            written.append((answered - began) * 1e3)
            if not total:
                raise AssertionError("the index has reached the publication and holds nothing")
    return found, written


def _token(database: Path) -> str:
    opened = open_database(Settings(database_url=f"sqlite:///{database}"))
    with opened.transaction() as session:
        token = access.create_key(session, "bench", "secretariat", None, timedelta(days=1))[1]
    opened.close()
    return token
