"""A feed of a test's own behind the real contract, records of the published shape, and the search service over them."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from services.api.records import forms
from services.api.types import TYPES
from services.api.types.practice.content import PracticeContent
from services.api.vocabularies.terms import vocabularies
from services.search.app import create_app
from services.search.feed import digest_of
from services.search.node import Node
from services.search.settings import Settings
from services.search.types import TYPES as SEARCHED
from tests.harness.types.pledge.search import TYPES as PLEDGES

Json = dict[str, Any]

TERMS = vocabularies()
FORM: Json = orjson.loads(forms.rendered(TYPES["practice"]))


class DictFeed:
    """The api's change feed over a dict: (type, id) -> (seq, record or none)."""

    def __init__(self, epoch: str = "first") -> None:
        self.epoch = epoch
        self.head = 0
        self.rows: dict[tuple[str, str], tuple[int, Json | None]] = {}
        self.away = False
        self._news = asyncio.Event()

    def put(self, record: Mapping[str, Any]) -> int:
        return self._change(record["type"], str(record["id"]), orjson.loads(orjson.dumps(record)))

    def delete(self, type: str, id: str) -> int:
        return self._change(type, id, None)

    def _change(self, type: str, id: str, record: Json | None) -> int:
        self.head += 1
        self.rows[type, id] = (self.head, record)
        self.tell()
        return self.head

    def restore(self, epoch: str) -> None:
        """Begin another epoch with the same records, numbered anew from 1."""
        live = [record for _, record in sorted(self.rows.values(), key=lambda row: row[0]) if record is not None]
        self.epoch, self.head, self.rows = epoch, 0, {}
        for record in live:
            self.put(record)
        self.tell()

    def tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    def live(self, type: str) -> dict[str, Json]:
        return {id: record for (kind, id), (_, record) in self.rows.items() if kind == type and record is not None}

    def digest(self) -> tuple[int, str]:
        return digest_of((type, id, seq) for (type, id), (seq, record) in self.rows.items() if record is not None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = httpx.QueryParams(scope["query_string"].decode())
        if self.away:
            await self._send(send, 503, {})
        elif scope["path"] == "/api/v1/changes/digest":
            count, digest = self.digest()
            await self._send(send, 200, {"epoch": self.epoch, "head": self.head, "count": count, "digest": digest})
        else:
            after, limit, wait = int(asked["after"]), int(asked["limit"]), float(asked["wait"])
            if wait and self.head <= after:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._news.wait()
            await self._send(send, 200, self._page(after, limit))

    def _page(self, after: int, limit: int) -> Json:
        rows = sorted((seq, type, id, record) for (type, id), (seq, record) in self.rows.items() if seq > after)
        changes = [
            {"seq": seq, "op": "delete" if record is None else "upsert", "type": type, "id": id, "record": record}
            for seq, type, id, record in rows[:limit]
        ]
        return {"epoch": self.epoch, "head": self.head, "changes": changes}

    async def _send(self, send: Send, status: int, body: Json) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": orjson.dumps(body)})


def uid(number: int) -> str:
    return str(uuid.UUID(int=number))


def vocabulary(name: str, terms: Mapping[str, Mapping[str, str]] | None = None) -> Json:
    printed = TERMS[name] if terms is None else terms
    return {
        "type": "vocabulary",
        "id": name,
        "terms": [{"code": code, "labels": dict(labels)} for code, labels in printed.items()],
    }


def authority(number: int, slug: str, name: str, names: Mapping[str, str] | None = None, **more: Any) -> Json:
    return {
        "type": "authority",
        "id": uid(number),
        "slug": slug,
        "version": 1,
        "name": name,
        "names": dict(names or {}),
        "level": "municipality",
        "country": "ES",
        "parent": None,
        "coordinates": None,
        "population": None,
        "migration_roles": [],
        "website": None,
        "networks": [],
        "updated_at": "2026-01-01T00:00:00Z",
    } | more


def practice(
    number: int,
    title: str = "A practice",
    content: Mapping[str, Any] | None = None,
    *,
    translations: Mapping[str, Any] | None = None,
    authorities: tuple[Json, ...] = (),
    **more: Any,
) -> Json:
    """Return a practice's public record; `content` is merged, section by section, into the least there can be."""
    least: Json = {
        "language": "en",
        "initiative": {"title": title},
        "what": {"priorities": [{"priority": "rights", "assessed_by": "editor"}]},
        "how": {"summary": f"Summary of {title}"},
        "provenance": {"kind": "extracted", "source_year": 2010},
    }
    for section, fields in (content or {}).items():
        held = least.get(section)
        least[section] = held | fields if isinstance(held, dict) and isinstance(fields, dict) else fields
    if authorities:
        named = [{"authority": one["slug"], "name": one["name"]} for one in authorities]
        least["who"] = least.get("who", {}) | {"authorities": named + least.get("who", {}).get("authorities", [])}
    return {
        "type": "practice",
        "id": uid(number),
        "slug": f"practice-{number}",
        "version": 1,
        "revision": 1,
        "published_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-02-01T00:00:00Z",
        "tier": "network",
        "state": "published",
        "completeness": {"snapshot": 100, "full": 46},
        "content": PracticeContent.model_validate(least).model_dump(mode="json"),
        "translations": dict(translations or {}),
        "authorities": list(authorities),
    } | more


@contextmanager
def pledges() -> Iterator[None]:
    """Let search have a second type of records with a form, which no base in service knows, and the rows in them."""
    with pytest.MonkeyPatch.context() as patch:
        for type in PLEDGES:
            patch.setitem(SEARCHED, type.name, type)
        yield


def codes_of(record: Json, facet: str) -> set[str]:
    """Return a record's codes of a facet, as its type declares it."""
    return {code for one in SEARCHED[record["type"]].facets if one.name == facet for code in one.codes(record)}


class Search:
    """The search service over a feed, asked in-process."""

    def __init__(self, app: FastAPI, feed: DictFeed) -> None:
        self.app = app
        self.feed = feed
        self.node: Node = app.state.node
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://search")

    async def get(self, path: str, parameters: Any = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        address = path if path.startswith("/search") else f"/search/v1{path}"
        return await self.client.get(address, params=parameters, headers=named)

    async def json(self, path: str, parameters: Any = None) -> Json:
        answer = await self.get(path, parameters)
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body

    async def settled(self, seconds: float = 20) -> None:
        """Wait until the index is at the feed's head."""
        until = time.monotonic() + seconds
        while True:
            follower = self.node.upkeep
            at = follower.progress.applied
            if (
                self.node.absence is None
                and (at.epoch, at.seq) == (self.feed.epoch, self.feed.head)
                and not follower.rebuilding
                and not getattr(follower, "stale", False)
            ):
                return
            assert time.monotonic() < until, (at, self.feed.epoch, self.feed.head, follower.trouble)
            await asyncio.sleep(0.005)


@asynccontextmanager
async def searching(feed: DictFeed, folder: Path, settled: bool = True, **settings: Any) -> AsyncIterator[Search]:
    """Run the search service, and wait until it has followed the feed to its head."""
    transport = httpx.ASGITransport(feed)
    async with httpx.AsyncClient(transport=transport) as client:
        # A process that has run thousands of tests may stand still for seconds: what it asks is not slow for that.
        patient = {"search_seconds": 30, "meili_seconds": 30}
        chosen = Settings(_env_file=None, **{"index_dir": folder, "feed_wait": 5, **patient, **settings})
        app = create_app(chosen, client)
        async with app.router.lifespan_context(app):
            search = Search(app, feed)
            if settled:
                await search.settled()
            yield search
            await search.client.aclose()
