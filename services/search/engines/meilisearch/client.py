"""How the Meilisearch engine speaks to its server: a pool of connections for questions, the official client for the
rest; and what each failure means. No message names a key.
"""

import math
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import meilisearch
import orjson
import requests
import urllib3
from meilisearch.errors import MeilisearchApiError, MeilisearchError

from services.search.engines.base import EngineUnavailable
from services.search.engines.meilisearch.schema import KEY, STATE_QUERY, Json, State, settings, state_of

MOST_CONNECTIONS = 64
LONGEST_CONNECT = 2.0

LONGEST_TASK = 600.0
"""Seconds that a task may take; one that takes longer is waited for again before anything else is written."""

FIRST_PAUSE, LONGEST_PAUSE = 0.004, 0.1
"""Seconds between looks at a task."""

LONGEST_MESSAGE = 300

TOO_LARGE = 413
"""The one refusal that something between us and the server may give for what it was sent."""

_MISSING = "index_not_found"
_NO_SETTINGS = ("invalid_search_filter", "invalid_search_sort")
_NOT_ITS_FAULT = frozenset(("internal", "system", "auth"))
"""Types of errors that no record causes."""


class Refused(Exception):
    """The server refuses what it was sent; sent again, it would be refused again. `code` is the server's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message[:LONGEST_MESSAGE]}")
        self.code = code


class IndexMissing(EngineUnavailable):
    """The index is not there."""


def failure(status: int, error: Mapping[str, Any]) -> Exception:
    """Return the exception for an answer's status (zero for a task's) and the server's error object."""
    code, message = str(error.get("code") or f"status {status}"), str(error.get("message") or "")
    if code == _MISSING:
        return IndexMissing("the index is not on the server")
    if status in (401, 403):
        return EngineUnavailable(f"the server refuses the key ({code}); `praxis-search keys` makes the right ones")
    away = status >= 500 or status in (408, 429) or error.get("type") in _NOT_ITS_FAULT
    if away or not (error.get("code") or status == TOO_LARGE):
        return EngineUnavailable(f"the server cannot now ({code}): {message[:LONGEST_MESSAGE]}")
    return Refused(code, message)


class Questions:
    """A pool of connections that questions are asked through, from any number of threads."""

    def __init__(self, url: str, key: str, seconds: float) -> None:
        self._path = (urllib3.util.parse_url(url).path or "").rstrip("/")
        self._seconds = seconds
        self._pool = urllib3.connection_from_url(
            url,
            headers={
                "Authorization": f"Bearer {key}",
                "Content-Type": "application/json",
                # A compressed answer comes in pieces, and waits 40 ms for the first to be acknowledged.
                "Accept-Encoding": "identity",
            },
            timeout=urllib3.Timeout(connect=min(seconds, LONGEST_CONNECT), read=seconds),
            maxsize=MOST_CONNECTIONS,
            block=True,
        )

    def post(self, path: str, body: Mapping[str, Any]) -> Json:
        """Ask the server.

        Raise `EngineUnavailable` when it cannot answer now, `IndexMissing` among them; `Refused` when it refuses the
        question.
        """
        content = orjson.dumps(body)
        try:
            try:
                answer = self._send(path, content)
            except urllib3.exceptions.ProtocolError:
                # Most often an idle connection of a server that was started again meanwhile, or that just closed it.
                answer = self._send(path, content)
        except urllib3.exceptions.HTTPError as error:
            raise EngineUnavailable(f"the search server does not answer: {type(error).__name__}") from None
        found = _json(answer.data)
        if answer.status != 200:
            raise failure(answer.status, found)
        return found

    def _send(self, path: str, content: bytes) -> urllib3.BaseHTTPResponse:
        return self._pool.urlopen(
            "POST", self._path + path, content, retries=False, redirect=False, pool_timeout=math.ceil(self._seconds)
        )

    def state(self, index: str) -> State | None:
        """Return the state that an index is in; none when it is missing, or was not made by this engine.

        Raise `EngineUnavailable` when the server cannot tell now.
        """
        try:
            return state_of(self.post(f"/indexes/{index}/search", STATE_QUERY))
        except IndexMissing:
            return None
        except Refused as refused:
            if refused.code in _NO_SETTINGS:
                return None
            raise EngineUnavailable(f"the state cannot be read: {refused}") from None

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


def _json(content: bytes) -> Json:
    try:
        found = orjson.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class Writing:
    """What only a writer asks for: indexes, settings, documents and tasks. `closed` ends all waiting."""

    def __init__(self, url: str, write_key: str, tasks_key: str, seconds: float, closed: threading.Event) -> None:
        self._url = url
        self._keys = (write_key, tasks_key)
        self._seconds = math.ceil(seconds)
        self._closed = closed
        self._own = threading.local()

    def add(self, index: str, documents: bytes) -> int:
        """Send documents, a JSON array; return the task that will add them, each in place of its former self."""
        with _failures():
            return self._writer().index(index).add_documents_json(documents, KEY).task_uid

    def sweep(self, index: str, filter: str) -> None:
        """Send word to delete documents; nobody waits for it."""
        with _failures():
            self._writer().index(index).delete_documents(filter=filter)

    def create(self, index: str) -> None:
        """Make an index, with the settings that make it one of this engine's, and wait until it is there."""
        with _failures():
            self._writer().create_index(index, {"primaryKey": KEY})
            task = self._writer().index(index).update_settings(settings()).task_uid
        self.wait(task)

    def ensure(self, index: str) -> None:
        """Make an index without anything, to be swapped, where there is none, and wait until it is there."""
        with _failures():
            if index in self._names():
                return
            task = self._writer().create_index(index, {"primaryKey": KEY}).task_uid
        self.wait(task)

    def swap(self, one: str, other: str) -> int:
        """Let two indexes take each other's name; return the task that will do it."""
        with _failures():
            return self._writer().swap_indexes([{"indexes": [one, other]}]).task_uid

    def drop(self, index: str) -> None:
        """Send word to delete an index; nobody waits for it."""
        with _failures():
            self._writer().delete_index(index)

    def unfinished(self, index: str) -> list[str]:
        """Return the indexes that were built, or are being built, to replace one."""
        name = re.compile(f"{re.escape(index)}_[0-9a-f]{{32}}")
        with _failures():
            return [one for one in self._names() if name.fullmatch(one)]

    def _names(self) -> list[str]:
        return [one["uid"] for one in self._writer().http.get("indexes?limit=100000")["results"]]

    def wait(self, task: int) -> None:
        """Wait until a task has succeeded.

        Raise `Refused` when it failed for what it was given, else `EngineUnavailable`: also when it was canceled, takes
        too long, nobody knows how it ended, or the engine is being closed.
        """
        for _ in self._looks(f"task {task}"):
            try:
                with _failures():
                    found = self._looker().http.get(f"tasks/{task}")
            except Refused as refused:
                raise EngineUnavailable(f"the server does not know the task {task}: {refused}") from None
            status = found.get("status")
            if status == "succeeded":
                return
            if status == "failed":
                raise failure(0, found.get("error") or {})
            if not isinstance(status, str):
                raise EngineUnavailable(f"the server does not tell of the task {task}")
            if status == "canceled":
                raise EngineUnavailable(f"the task {task} was canceled on the server")

    def wait_for_all(self, index: str) -> None:
        """Wait until no task on an index is left, whoever sent it; raise `EngineUnavailable` as `wait` does."""
        for _ in self._looks("a task of somebody else"):
            with _failures():
                # A swap is of no index, so it has to be looked for apart.
                own, swaps = (
                    self._looker().http.get(f"tasks?{which}&statuses=enqueued,processing&limit=1000")["results"]
                    for which in (f"indexUids={index}", "types=indexSwap")
                )
            if not own and not any(index in str(swap.get("details")) for swap in swaps):
                return

    def _looks(self, what: str) -> Iterator[None]:
        until, pause = time.monotonic() + LONGEST_TASK, FIRST_PAUSE
        while time.monotonic() < until:
            yield
            if self._closed.wait(pause):
                raise EngineUnavailable("the engine is being closed")
            pause = min(pause * 1.25, LONGEST_PAUSE)
        raise EngineUnavailable(f"{what} has not ended after {LONGEST_TASK:g} seconds")

    def _writer(self) -> meilisearch.Client:
        return self._client("writer", self._keys[0])

    def _looker(self) -> meilisearch.Client:
        return self._client("looker", self._keys[1])

    def _client(self, name: str, key: str) -> meilisearch.Client:
        """Return this thread's client: shared ones lose headers."""
        if not hasattr(self._own, name):
            setattr(self._own, name, meilisearch.Client(self._url, key, timeout=self._seconds))
        client: meilisearch.Client = getattr(self._own, name)
        return client


@contextmanager
def _failures() -> Iterator[None]:
    """Raise what the official client raises as what it means."""
    try:
        yield
    except MeilisearchApiError as error:
        found = {"code": error.code, "type": error.type, "message": error.message}
        raise failure(error.status_code, found) from None
    except (MeilisearchError, requests.RequestException, ValueError, LookupError) as error:
        raise EngineUnavailable(f"the search server does not answer: {type(error).__name__}") from None
