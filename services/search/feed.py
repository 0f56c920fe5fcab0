"""The api's change feed, read over HTTP."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from services.search.threads import Worker


class FeedUnavailable(Exception):
    """The api cannot be reached, or answers with something other than its feed."""


@dataclass(frozen=True, slots=True)
class Page:
    """Changes after a cursor, in order, and the feed's last number when they were read."""

    epoch: str
    head: int
    changes: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Digest:
    """What the feed holds: the number of live records, and a hash over their types, ids and numbers."""

    epoch: str
    head: int
    count: int
    digest: str


class Feed:
    """Reads the feed of one api; large pages are decoded by the worker, off the event loop."""

    def __init__(self, client: httpx.AsyncClient, api_url: str, worker: Worker, seconds: float = 10) -> None:
        self._client = client
        self._url = f"{api_url.rstrip('/')}/api/v1/changes"
        self._worker = worker
        self._seconds = seconds

    async def page(self, after: int, limit: int, wait: float = 0) -> Page:
        """Return changes after a cursor, waiting up to `wait` seconds for one; raise `FeedUnavailable`."""
        parameters = {"after": after, "limit": limit, "wait": f"{wait:g}"}
        body = await self._get(self._url, parameters, self._seconds + wait)
        try:
            return Page(str(body["epoch"]), int(body["head"]), list(body["changes"]))
        except (KeyError, TypeError, ValueError) as error:
            raise FeedUnavailable(f"{self._url} does not answer with a page of changes: {error!r}") from error

    async def digest(self) -> Digest:
        """Return the summary of all live records; raise `FeedUnavailable`."""
        body = await self._get(f"{self._url}/digest", {}, self._seconds)
        try:
            return Digest(str(body["epoch"]), int(body["head"]), int(body["count"]), str(body["digest"]))
        except (KeyError, TypeError, ValueError) as error:
            raise FeedUnavailable(f"{self._url}/digest does not answer with a digest: {error!r}") from error

    async def _get(self, url: str, parameters: dict[str, Any], seconds: float) -> Any:
        try:
            response = await self._client.get(url, params=parameters, timeout=seconds)
        except httpx.HTTPError as error:
            raise FeedUnavailable(f"{url} cannot be reached: {error!r}") from error
        if response.status_code != 200:
            raise FeedUnavailable(f"{url} answers {response.status_code}")
        try:
            return await self._worker.run(orjson.loads, response.content)
        except ValueError as error:
            raise FeedUnavailable(f"{url} does not answer with JSON: {error}") from error


def digest_of(records: Iterable[tuple[str, str, int]]) -> tuple[int, str]:
    """Return count and hash of (type, id, seq) as the feed computes them."""
    lines = [f"{type} {id} {seq}\n" for type, id, seq in sorted(records)]
    return len(lines), hashlib.sha256("".join(lines).encode()).hexdigest()
