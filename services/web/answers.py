"""Public answers, kept ready in front of a service: cached, tagged, compressed, and readable from any origin.

An answer is a pure function of the service's *generation* (the state of what it answers from) and the address. So a
200 is kept until the generation moves, its weak ETag is made of the generation, and an answer during which the
generation moved is asked for again. Requests that carry a key pass by. This layer stands before routing, because a hit
must cost next to nothing.
"""

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache, partial

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.web.head import Head

Headers = list[tuple[bytes, bytes]]

LEAST_COMPRESSED = 1024
"""Bytes; smaller bodies are not worth compressing."""

COMPRESSED_ASIDE = 32_768
"""Bytes; larger bodies are compressed on a thread of their own."""

ATTEMPTS = 3

_OVERHEAD = 1_000  # bytes that an entry takes besides its bodies
_OPEN: Headers = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Link, Praxis-Seq, Retry-After, X-Request-Id"),
]
_PREFLIGHT: Headers = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"Accept, Accept-Language, Authorization, If-None-Match, X-Request-Id"),
    (b"access-control-max-age", b"86400"),
]
_REPLACED = frozenset((b"etag", b"vary", b"content-length", b"x-request-id", b"date", b"server"))


class _Answer:
    """A 200: its body, that body compressed once somebody asked for it, and the headers of each."""

    __slots__ = ("_common", "_encoded", "body", "etag", "headers", "not_modified", "packed", "packed_headers")

    def __init__(self, headers: Headers, body: bytes, etag: bytes) -> None:
        given = dict(headers)
        vary = given.get(b"vary")
        common = [
            (b"etag", b'W/"%b"' % etag),
            (b"vary", b"%b, Accept-Encoding" % vary if vary else b"Accept-Encoding"),
            (b"cache-control", given.pop(b"cache-control", b"public, no-cache")),
            *_OPEN,
        ]
        kept = [(name, value) for name, value in headers if name in given and name not in _REPLACED]
        self.etag = b'"%b"' % etag
        self.body = body
        self.headers = [*kept, *common, (b"content-length", b"%d" % len(body))]
        self.not_modified = common
        self.packed: bytes | None = None
        self.packed_headers: Headers = []
        self._encoded = b"content-encoding" in given
        self._common = [*kept, *common, (b"content-encoding", b"gzip")]

    async def pack(self) -> int:
        """Compress the body and return the bytes that this adds: none when another request was faster."""
        if len(self.body) > COMPRESSED_ASIDE:
            packed = await asyncio.to_thread(gzip.compress, self.body, 6, mtime=0)
        else:
            packed = gzip.compress(self.body, 6, mtime=0)
        if self.packed is not None:
            return 0
        self.packed_headers = [*self._common, (b"content-length", b"%d" % len(packed))]
        self.packed = packed
        return len(packed)

    @property
    def packable(self) -> bool:
        """Tell whether compressing is still to be done, and worth it."""
        return self.packed is None and len(self.body) >= LEAST_COMPRESSED and not self._encoded

    @property
    def size(self) -> int:
        return len(self.body) + len(self.packed or b"") + _OVERHEAD


class AnswerCache:
    """The layer; `services.web.head` stands before it.

    `generation` names the state that answers come from now, None when nothing may be kept; `cacheable` tells which
    addresses are public and pure; `max_bytes` bounds what is kept; `on_hit` is called for each answer given from it.
    """

    def __init__(
        self,
        app: ASGIApp,
        generation: Callable[[], str | None],
        cacheable: Callable[[Scope], bool],
        max_bytes: int = 32_000_000,
        on_hit: Callable[[], None] = lambda: None,
    ) -> None:
        self.app = app
        self._generation = generation
        self._cacheable = cacheable
        self._max_bytes = max_bytes
        self._on_hit = on_hit
        self._kept: OrderedDict[tuple[bytes, bytes], _Answer] = OrderedDict()
        self._kept_for: str | None = None
        self._kept_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["method"] != "GET":
            await self._other(scope, receive, send)
            return
        packed, known, private = _asked(scope["headers"])
        generation = None if private else self._generation()
        if generation is None:
            await self._pass(scope, receive, send)
            return
        key = (scope.get("raw_path") or scope["path"].encode(), scope["query_string"])
        answer = self._kept.get(key) if generation == self._kept_for else None
        if answer is not None:
            self._kept.move_to_end(key)
            self._on_hit()
        elif self._cacheable(scope):
            answer = await self._fresh(key, scope, receive, send)
            if answer is None:
                return
        else:
            await self._pass(scope, receive, send)
            return
        if known is not None and (answer.etag in known or known.strip() == b"*"):
            await send({"type": "http.response.start", "status": 304, "headers": answer.not_modified})
            await send({"type": "http.response.body", "body": b""})
            return
        if packed and answer.packable:
            await self._pack(key, answer)
        if packed and answer.packed is not None:
            headers, body = answer.packed_headers, answer.packed
        else:
            headers, body = answer.headers, answer.body
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _fresh(self, key: tuple[bytes, bytes], scope: Scope, receive: Receive, send: Send) -> _Answer | None:
        """Ask the service and keep what it says; none when that was no answer to keep, and has been sent."""
        for _ in range(ATTEMPTS):
            before = self._generation()
            start, body = await self._collect(scope, receive)
            steady = before == self._generation()
            if steady:
                break
        headers: Headers = [(bytes(name).lower(), bytes(value)) for name, value in start.get("headers", ())]
        if start["status"] != 200 or not steady or before is None or _no_store(headers):
            await send({**start, "headers": [*headers, *_OPEN]})
            await send({"type": "http.response.body", "body": body})
            return None
        answer = _Answer(headers, body, _tag(before))
        self._keep(before, key, answer)
        return answer

    async def _collect(self, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
        start: Message = {"type": "http.response.start", "status": 500, "headers": []}
        parts: list[bytes] = []

        async def gather(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))

        # The service fills its scope (route, parameters): each attempt gets one of its own.
        await self.app({**scope}, receive, gather)
        return start, b"".join(parts)

    def _keep(self, generation: str, key: tuple[bytes, bytes], answer: _Answer) -> None:
        if generation != self._kept_for:
            self._kept.clear()
            self._kept_for, self._kept_bytes = generation, 0
        if answer.size > self._max_bytes // 8:
            return
        if former := self._kept.pop(key, None):
            self._kept_bytes -= former.size
        self._kept[key] = answer
        self._kept_bytes += answer.size
        self._shrink()

    async def _pack(self, key: tuple[bytes, bytes], answer: _Answer) -> None:
        added = await answer.pack()
        if self._kept.get(key) is answer:
            self._kept_bytes += added
            self._shrink()

    def _shrink(self) -> None:
        while self._kept_bytes > self._max_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= oldest.size

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the service answer by itself."""

        async def opened(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *_OPEN]}
            await send(message)

        await self.app(scope, receive, opened)

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        names = {name for name, _ in scope["headers"]} if scope["method"] == "OPTIONS" else set()
        if b"origin" in names and b"access-control-request-method" in names:
            await send({"type": "http.response.start", "status": 204, "headers": _PREFLIGHT})
            await send({"type": "http.response.body", "body": b""})
        else:
            await self._pass(scope, receive, send)


class _ReadyApp(FastAPI):
    """A FastAPI app with the layer before all of it."""

    ready: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.ready(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def keep_answers(
    app: FastAPI,
    generation: Callable[[], str | None],
    cacheable: Callable[[Scope], bool],
    max_bytes: int,
    on_hit: Callable[[], None],
) -> None:
    """Put the layer before all of an app, where FastAPI's own first steps, dearer than a hit, do not come first."""
    ready = Head(AnswerCache(partial(FastAPI.__call__, app), generation, cacheable, max_bytes, on_hit))
    app.__class__ = _ReadyApp  # an app that exists already is to answer otherwise, under its own name
    app.ready = ready  # type: ignore[attr-defined]  # its class has just become one that has it


def _asked(headers: Headers) -> tuple[bool, bytes | None, bool]:
    """Return whether a compressed body is welcome, what If-None-Match says, and whether a key is shown."""
    packed, known, private = False, None, False
    for name, value in headers:
        if name == b"accept-encoding":
            packed = _takes_gzip(value)
        elif name == b"if-none-match":
            known = value if known is None else known + b"," + value
        elif name == b"authorization":
            private = True
    return packed, known, private


@lru_cache(maxsize=256)
def _takes_gzip(value: bytes) -> bool:
    wanted: dict[bytes, bool] = {}
    for part in value.lower().split(b","):
        coding, _, quality = part.partition(b";")
        weight = quality.strip().removeprefix(b"q=")
        wanted[coding.strip()] = weight.strip(b"0. ") != b"" if quality else True
    return wanted.get(b"gzip", wanted.get(b"*", False))


@lru_cache(maxsize=4)
def _tag(generation: str) -> bytes:
    return hashlib.blake2b(generation.encode(), digest_size=9).hexdigest().encode()


def _no_store(headers: Headers) -> bool:
    return any(name == b"cache-control" and b"no-store" in value.lower() for name, value in headers)
