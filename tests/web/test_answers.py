"""The layer of ready answers: it says what the service would say, faster."""

import asyncio
import gzip
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from services.web.answers import LEAST_COMPRESSED, AnswerCache
from services.web.head import Head
from tests.harness.depth import examples

LONG = b"a long body " * 400


class Service:
    """A service whose answer is a function of its generation and the address; counts what it is asked."""

    def __init__(self) -> None:
        self.generation: str | None = "1"
        self.asked = 0
        self.headers: list[tuple[bytes, bytes]] = [(b"content-type", b"text/plain"), (b"x-request-id", b"r")]
        self.during: Callable[[], None] = lambda: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        self.asked += 1
        body = f"{self.generation} {scope['path']}?{scope['query_string'].decode()} ".encode()
        self.during()
        await asyncio.sleep(0)
        status = 404 if "missing" in scope["path"] else 405 if scope["method"] not in ("GET",) else 200
        if "long" in scope["path"]:
            body += LONG
        await send({"type": "http.response.start", "status": status, "headers": self.headers})
        await send({"type": "http.response.body", "body": body[:3], "more_body": True})
        await send({"type": "http.response.body", "body": body[3:]})

    def layer(self, max_bytes: int = 10**6) -> AnswerCache:
        self.hits = 0

        def hit() -> None:
            self.hits += 1

        return AnswerCache(self, lambda: self.generation, lambda scope: "private" not in scope["path"], max_bytes, hit)


def ask(layer: AnswerCache, *requests: tuple[Any, ...]) -> list[httpx.Response]:
    """Send requests one after another, each a method, a path and headers; compression is asked for explicitly."""

    async def send() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(Head(layer)), base_url="http://t") as client:
            client.headers.pop("accept-encoding")
            return [
                await client.request(method, path, headers=more[0] if more else None)
                for method, path, *more in requests
            ]

    return asyncio.run(send())


def test_an_answer_is_asked_for_once_a_generation() -> None:
    service = Service()
    layer = service.layer()
    first, second = ask(layer, ("GET", "/a?x=1"), ("GET", "/a?x=1"))
    assert (first.content, first.headers["etag"]) == (second.content, second.headers["etag"])
    assert (service.asked, service.hits) == (1, 1)
    service.generation = "2"
    [third] = ask(layer, ("GET", "/a?x=1"))
    assert third.content == b"2 /a?x=1 "
    assert third.headers["etag"] != first.headers["etag"]
    assert service.asked == 2


def test_headers() -> None:
    [answer] = ask(Service().layer(), ("GET", "/a"))
    assert re.fullmatch(r'W/"[0-9a-f]{18}"', answer.headers["etag"])
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert {"ETag", "Link", "Praxis-Seq"} <= set(answer.headers["access-control-expose-headers"].split(", "))
    assert answer.headers["content-type"] == "text/plain"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert "x-request-id" not in answer.headers


def test_if_none_match() -> None:
    service = Service()
    layer = service.layer()
    [first] = ask(layer, ("GET", "/a"))
    tag = first.headers["etag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        [answer] = ask(layer, ("GET", "/a", {"If-None-Match": known}))
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    [other] = ask(layer, ("GET", "/a", {"If-None-Match": '"other"'}))
    assert other.status_code == 200
    [missing] = ask(layer, ("GET", "/missing", {"If-None-Match": tag}))
    assert missing.status_code == 404


@pytest.mark.parametrize("path", ["/a", "/long", "/missing", "/private"])
def test_head_is_a_get_without_a_body(path: str) -> None:
    for order in (("GET", "HEAD"), ("HEAD", "GET")):
        answers = {answer.request.method: answer for answer in ask(Service().layer(), *((one, path) for one in order))}
        assert answers["HEAD"].content == b""
        assert answers["HEAD"].status_code == answers["GET"].status_code
        assert answers["HEAD"].headers == answers["GET"].headers


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("*", True), ("gzip;q=0", False), ("br", False), ("", False)],
)
def test_compression_on_request(accepted: str, packed: bool) -> None:
    layer = Service().layer()
    for _ in range(2):
        plain, answer = ask(layer, ("GET", "/long"), ("GET", "/long", {"Accept-Encoding": accepted}))
        assert answer.content == plain.content
        assert answer.headers.get("content-encoding") == ("gzip" if packed else None)
        assert answer.headers["etag"] == plain.headers["etag"]
        assert (int(answer.headers["content-length"]) < len(plain.content)) == packed


def test_small_and_encoded_bodies_are_left_alone() -> None:
    service = Service()
    [small] = ask(service.layer(), ("GET", "/a", {"Accept-Encoding": "gzip"}))
    assert "content-encoding" not in small.headers
    assert len(small.content) < LEAST_COMPRESSED
    service.headers.append((b"content-encoding", b"identity"))
    [encoded] = ask(service.layer(), ("GET", "/long", {"Accept-Encoding": "gzip"}))
    assert encoded.headers["content-encoding"] == "identity"


def test_what_must_not_be_kept_is_not() -> None:
    service = Service()
    layer = service.layer()
    key = {"Authorization": "Bearer x"}
    for request in (("GET", "/a", key), ("GET", "/missing"), ("GET", "/private"), ("POST", "/a")):
        before = service.asked
        first, second = ask(layer, request, request)
        assert service.asked == before + 2
        assert "etag" not in second.headers
        assert first.headers["x-request-id"] == "r"
        assert second.headers["access-control-allow-origin"] == "*"
    service.headers.append((b"cache-control", b"private, no-store"))
    ask(layer, ("GET", "/b"), ("GET", "/b"))
    assert service.hits == 0
    service.generation = None
    ask(layer, ("GET", "/a"))
    assert service.hits == 0


def test_a_key_never_fills_nor_reads_the_cache() -> None:
    service = Service()
    layer = service.layer()
    ask(layer, ("GET", "/a"))
    [answer] = ask(layer, ("GET", "/a", {"Authorization": "Bearer x", "If-None-Match": "*"}))
    assert answer.status_code == 200
    assert service.asked == 2


def test_an_answer_during_which_the_generation_moved_is_asked_for_again() -> None:
    service = Service()
    layer = service.layer()

    def move() -> None:
        service.generation = "2"
        service.during = lambda: None

    service.during = move
    [answer] = ask(layer, ("GET", "/a"))
    assert answer.content == b"2 /a? "
    assert service.asked == 2
    [again] = ask(layer, ("GET", "/a"))
    assert (again.content, again.headers["etag"]) == (answer.content, answer.headers["etag"])


def test_an_answer_in_ceaseless_change_is_given_and_not_kept() -> None:
    service = Service()
    layer = service.layer()

    def move() -> None:
        service.generation = f"moved {service.asked}"

    service.during = move
    [answer] = ask(layer, ("GET", "/a"))
    assert answer.status_code == 200
    assert "etag" not in answer.headers
    ask(layer, ("GET", "/a"))
    assert service.hits == 0


def test_preflight() -> None:
    service = Service()
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    answer, plain = ask(service.layer(), ("OPTIONS", "/a", asked), ("OPTIONS", "/a"))
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "GET" in answer.headers["access-control-allow-methods"]
    assert plain.status_code == 405
    assert service.asked == 1


@settings(max_examples=examples(60))
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["GET", "HEAD", "move"]),
            st.sampled_from(["/a", "/b", "/long", "/long2", "/missing"]),
            st.booleans(),
        ),
        max_size=25,
    ),
    st.sampled_from([0, 3_000, 10**6]),
)
def test_with_and_without_the_layer_answers_are_alike(steps: list[tuple[str, str, bool]], max_bytes: int) -> None:
    service = Service()
    layer = service.layer(max_bytes)
    for number, (method, path, packed) in enumerate(steps):
        if method == "move":
            service.generation = f"{number}"
            continue
        [answer] = ask(layer, (method, path, {"Accept-Encoding": "gzip"} if packed else {}))
        body = f"{service.generation} {path}? ".encode() + (LONG if "long" in path else b"")
        assert answer.content == (body if method == "GET" else b"")
        assert answer.status_code == (404 if path == "/missing" else 200)
        assert layer._kept_bytes == sum(one.size for one in layer._kept.values()) <= max_bytes


def test_compressing_is_the_same_every_time() -> None:
    service = Service()
    [one] = ask(service.layer(), ("GET", "/long", {"Accept-Encoding": "gzip"}))
    [two] = ask(service.layer(), ("GET", "/long", {"Accept-Encoding": "gzip"}))
    assert one.headers["content-length"] == two.headers["content-length"]
    assert gzip.decompress(gzip.compress(one.content)) == two.content
