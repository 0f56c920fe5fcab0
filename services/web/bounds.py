"""Bounds on what callers may send and ask for: the size of a body and the time to send it, how often, and at once."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.web.problems import TooManyRequests, Unavailable, problem_response


class BoundedBody:
    """Refuses bodies larger than `most` bytes (413) and senders slower than `seconds` (408).

    `larger` names paths that take more, with their own bounds.
    """

    def __init__(self, app: ASGIApp, most: int, seconds: float = 30, larger: Mapping[str, int] | None = None) -> None:
        self.app = app
        self.most = most
        self.larger = dict(larger or {})
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
            return
        most = self.larger.get(scope["path"], self.most)
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if declared.isdigit() and int(declared) > most:
            await self._refuse(scope, receive, send, 413, f"The body exceeds {most} bytes")
            return
        body = bytearray()
        try:
            async with asyncio.timeout(self.seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return
                    body += message.get("body", b"")
                    if len(body) > most:
                        await self._refuse(scope, receive, send, 413, f"The body exceeds {most} bytes")
                        return
                    if not message.get("more_body"):
                        break
        except TimeoutError:
            await self._refuse(scope, receive, send, 408, f"The body did not arrive within {self.seconds:g} seconds")
            return
        given = False

        async def replay() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self.app(scope, replay, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, status: int, detail: str) -> None:
        refusal = problem_response(status, detail, request_id=scope.get("request_id"), headers={"Connection": "close"})
        await refusal(scope, receive, send)


class Places:
    """Bounds how much of a dear kind of work is done at once, and how many wait for it, each for so many `seconds`.

    `busy` tells those who are one too many why they are refused.
    """

    def __init__(self, at_once: int, waiting: int, busy: str, seconds: float | None = None) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._most = at_once + waiting
        self._here = 0
        self._busy = busy
        self._seconds = seconds

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place; raise `Unavailable` when too many wait for one already, or when waiting takes too long."""
        if self._here >= self._most:
            raise self._unavailable()
        self._here += 1
        try:
            await self._wait()
            try:
                yield
            finally:
                self._free.release()
        finally:
            self._here -= 1

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await self._free.acquire()
        except TimeoutError:
            raise self._unavailable() from None

    def _unavailable(self) -> Unavailable:
        return Unavailable(self._busy, retry_after=2)


class RateLimit:
    """At most so many of one kind of act a minute, or a day, for each caller, in this process."""

    def __init__(self, most: int, *, daily: bool = False) -> None:
        self._item: RateLimitItem = RateLimitItemPerDay(most) if daily else RateLimitItemPerMinute(most)
        self._told = (f"More than {most} requests of this kind a {'day' if daily else 'minute'}", 3600 if daily else 60)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def check(self, act: str, caller: str) -> None:
        """Raise `TooManyRequests` when no further act of a caller would be borne; counts nothing."""
        if not self._limiter.test(self._item, act, caller):
            raise self._too_many()

    def hit(self, act: str, caller: str) -> None:
        """Count one act of a caller; raise `TooManyRequests` when it is one too many."""
        if not self._limiter.hit(self._item, act, caller):
            raise self._too_many()

    def _too_many(self) -> TooManyRequests:
        return TooManyRequests(*self._told)
