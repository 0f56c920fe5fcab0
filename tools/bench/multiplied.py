"""A change feed of as many records as wanted, woven from the sections of a collection's records.

    python -m tools.bench.multiplied PORT DATABASE COUNT

Writing a million different records takes an hour; weaving them, sections of records of one language joined anew, takes
a minute, and no two of them are alike. The first records are the collection's own.
"""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import orjson
import uvicorn
from starlette.types import Receive, Scope, Send

from services.api.app import open_database
from services.api.changes import service as changes
from services.api.settings import Settings

EPOCH = "multiplied"
TOGETHER = (
    ("initiative", "rights", "references", "sources", "provenance", "acronyms"),
    ("how", "context"),
    ("who",),
    ("what", "when", "where"),
    ("why", "lessons", "replication"),
)
"""Sections that stay together; translations go with the first, authorities with the one of who was involved."""

Json = dict[str, Any]


class Multiplied:
    """Records by their number, from 1 to `count`."""

    def __init__(self, database: Path, count: int) -> None:
        opened = open_database(Settings(database_url=f"sqlite:///{database}"))
        with opened.transaction(write=False) as session:
            rows = [change for change in changes.page(session, 0, 10_000_000)[1] if change.body is not None]
        opened.close()
        self.count = max(count, len(rows))
        self._own = [(row.type, row.id, row.body or b"") for row in rows]
        self._by_language: dict[str, list[Json]] = {}
        for row in rows:
            if row.type == "practice":
                record = orjson.loads(row.body or b"")
                self._by_language.setdefault(record["content"]["language"], []).append(record)
        self._practices = [record for records in self._by_language.values() for record in records]

    def page(self, after: int, limit: int) -> Iterator[bytes]:
        """Yield the changes after a number as JSON."""
        for seq in range(after + 1, min(after + limit, self.count) + 1):
            type, id, body = self._own[seq - 1] if seq <= len(self._own) else self._woven(seq)
            yield b'{"seq":%d,"op":"upsert","type":"%s","id":"%s","record":%s}' % (
                seq,
                type.encode(),
                id.encode(),
                body,
            )

    def _woven(self, seq: int) -> tuple[str, str, bytes]:
        random = Random(seq)
        first = random.choice(self._practices)
        content = dict(first["content"])
        alike = self._by_language[content["language"]]
        authorities = first["authorities"]
        for sections in TOGETHER[1:]:
            other = random.choice(alike)
            content |= {section: other["content"][section] for section in sections if section in other["content"]}
            if "who" in sections:
                authorities = other["authorities"]
        id = f"{seq:08x}-0000-4000-8000-{random.getrandbits(48):012x}"
        record = first | {"id": id, "slug": f"woven-{seq}", "content": content, "authorities": authorities}
        return "practice", id, orjson.dumps(record)


class Feed:
    """The change feed over HTTP, as far as a follower asks it."""

    def __init__(self, records: Multiplied) -> None:
        self._records = records

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        asked = dict(pair.split("=") for pair in scope["query_string"].decode().split("&") if pair)
        after = int(asked.get("after", 0))
        if after >= self._records.count:
            # A follower that is answered at once asks again at once, and takes a processor from what is measured.
            await asyncio.sleep(float(asked.get("wait", 0)))
        page = self._records.page(after, int(asked.get("limit", 100)))
        head = b'{"epoch":"%s","head":%d,"changes":[' % (EPOCH.encode(), self._records.count)
        body = head + b",".join(page) + b"]}"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})


def main() -> None:
    """Serve until stopped."""
    port, database, count = sys.argv[1:]
    feed = Feed(Multiplied(Path(database), int(count)))
    uvicorn.run(feed, port=int(port), log_level="warning", lifespan="off", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
