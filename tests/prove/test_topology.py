"""End to end through the gateway: every process apart, on PostgreSQL, and on Meilisearch where it is installed."""

import gzip
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

import httpx
import pytest

from tests.harness.ports import NEVER_IDLE
from tests.harness.programs import require
from tests.harness.support import check_problem, practice_body
from tests.harness.topology import Running, alive, running
from tests.harness.waiting import until

pytestmark = pytest.mark.needs("caddy", "postgresql")
WAIT = 25
"""Seconds that the most patient reader waits: what the api lets it."""


@pytest.fixture(scope="module")
def topology() -> Iterator[Running]:
    with running() as topology:
        yield topology


@pytest.fixture(scope="module")
def http(topology: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=topology.url, timeout=60, limits=NEVER_IDLE) as client:
        yield client


@pytest.fixture(scope="module")
def key(topology: Running) -> dict[str, str]:
    return {"Authorization": f"Bearer {topology.make_key()}"}


def publish(http: httpx.Client, key: dict[str, str], title: str) -> httpx.Response:
    """Publish a practice; return the answer to that."""
    authorities = http.get("/api/v1/authorities").json()["items"]
    made = http.post("/api/v1/practices", json=practice_body(title, authority=authorities[0]["slug"]), headers=key)
    assert made.status_code == 201, made.text
    published = http.post(f"/api/v1/practices/{made.json()['id']}/publish", headers={**key, "If-Match": '"1"'})
    assert published.status_code == 200, published.text
    return published


def titles(url: str, **parameters: Any) -> list[str]:
    """Search; ask again, as a client should, when a state is not searchable within the 2 s that a node waits for it."""
    for _ in range(10):
        answer = httpx.get(f"{url}/search/v1/records", params=parameters, timeout=10)
        if answer.status_code != 503 or "min_seq" not in parameters:
            break
        time.sleep(int(answer.headers["retry-after"]))
    assert answer.status_code == 200, answer.text
    return [hit["title"] for hit in answer.json()["hits"]]


def test_seeds_are_found(topology: Running, http: httpx.Client) -> None:
    assert titles(topology.url, q="seasonal migration country of origin")[0].startswith("Cartaya")
    assert "ROI" in titles(topology.url, q="micro-crédito retorno", lang="es", country_of_origin="RO")[0]
    suggested = http.get("/search/v1/suggest?q=sene&limit=3").json()["suggestions"]
    assert suggested[0]["label"] == "Senegal"
    practice = http.get("/api/v1/practices/cartaya-managing-seasonal-migration-for-the-strawberry").json()
    assert len(practice["content"]["why"]["success_factors"]) == 6
    changed = http.get("/api/v1/changes?after=0&limit=1000").json()["changes"]
    kinds = Counter(change["type"] for change in changed)
    assert (kinds["vocabulary"], kinds["authority"]) == (len(http.get("/api/v1/vocabularies").json()), 24)
    assert kinds["practice"] >= 35, "tests that publish may have come first"
    assert "Cartaya" in http.get("/practices?q=seasonal+migration").text


def test_what_is_published_is_found_on_every_node(topology: Running, http: httpx.Client, key: dict[str, str]) -> None:
    for number in range(3):
        title = f"Zweigstelle Nummer {number}{number}{number}"
        at = publish(http, key, title).headers["praxis-seq"]
        for node in (*topology.nodes, "gateway"):
            assert titles(topology.node(node), q=f"zweigstelle {number}{number}{number}", min_seq=at) == [title], node


def test_a_waiting_reader_is_told_at_once(topology: Running, http: httpx.Client, key: dict[str, str]) -> None:
    head = http.get("/api/v1/changes/digest").json()["head"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(httpx.get, f"{topology.url}/api/v1/changes?after={head}&wait=20", timeout=30)
        time.sleep(0.5)
        assert not waiting.done()
        started = time.monotonic()
        publish(http, key, "News for who waits")
        assert waiting.result(10).json()["changes"][0]["seq"] == head + 1
        assert time.monotonic() - started < 3


@pytest.mark.parametrize("path", ["/api/v1/practices?limit=50", "/search/v1/records?q=migration"])
def test_tags_and_compression_are_the_services_own(http: httpx.Client, path: str) -> None:
    for _ in range(25):  # what tests before have published may still be on its way to the nodes
        plain = http.get(path, headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        with http.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as packed:
            assert packed.headers["content-encoding"] == "gzip"
            content = gzip.decompress(b"".join(packed.iter_raw()))
        if packed.headers["etag"] == plain.headers["etag"]:
            break
        time.sleep(0.2)
    assert packed.headers["etag"] == plain.headers["etag"]
    assert content == plain.content, "compressed once, not twice"
    unchanged = http.get(path, headers={"If-None-Match": plain.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_versions_are_not_touched(http: httpx.Client, key: dict[str, str]) -> None:
    id = http.get("/api/v1/practices").json()["items"][0]["id"]
    seen = http.get(f"/api/v1/practices/{id}", headers={**key, "Accept-Encoding": "gzip"})
    assert seen.headers["etag"].startswith('"'), "an editor's read carries its version as a strong tag"
    assert "content-encoding" not in seen.headers


def test_documentation_is_compressed_and_may_run_its_scripts(http: httpx.Client) -> None:
    page = http.get("/api/docs")
    assert page.headers["content-encoding"] == "gzip"
    assert "script-src 'self' 'unsafe-inline'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/api/v1/practices", "/search/v1/records", "/", "/nothing", "/api/metrics"])
def test_browsers_are_told_to_be_careful(http: httpx.Client, path: str) -> None:
    headers = http.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] in ("no-referrer", "strict-origin-when-cross-origin")
    assert "server" not in headers


@pytest.mark.parametrize("size", [2_000_000, 2_000_001, 3_000_000, 9_000_000])
def test_bodies_are_bounded_at_the_door(http: httpx.Client, key: dict[str, str], size: int) -> None:
    headers = {**key, "Content-Type": "application/json"}
    for body in (b" " * size, iter([b" " * 100_000] * (size // 100_000) + [b" " * (size % 100_000)])):
        check_problem(http.post("/api/v1/practices", content=body, headers=headers), 413 if size > 2_000_000 else 422)


@pytest.mark.parametrize("size", [9_999_999, 10_000_001, 12_000_000])
def test_workbooks_may_be_larger(http: httpx.Client, key: dict[str, str], size: int) -> None:
    headers = {**key, "Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    for body in (b" " * size, iter([b" " * 100_000] * (size // 100_000) + [b" " * (size % 100_000)])):
        answer = http.post("/api/v1/submissions/import", content=body, headers=headers)
        assert (answer.status_code == 413) == (size > 10_000_000), answer.text


@pytest.mark.parametrize("path", ["/desk/import", "/desk/thesaurus/import", "/contribute/4f1c/answers/excel"])
def test_forms_with_files_may_be_larger(http: httpx.Client, path: str) -> None:
    here = {"Sec-Fetch-Site": "same-origin"}
    for size in (20_500_000, 21_000_001):
        answer = http.post(path, content=b" " * size, headers=here)
        assert (answer.status_code == 413) == (size > 21_000_000), answer.text
    assert http.post("/sign-in", content=b" " * 2_000_001, headers=here).status_code == 413


@pytest.mark.parametrize(
    "path", [f"/{service}/{what}" for service in ("api", "search", "portal") for what in ("metrics", "readyz")]
)
def test_what_operators_ask_is_for_the_inside(topology: Running, http: httpx.Client, path: str) -> None:
    service = path.split("/")[1]
    node = "portal" if service == "portal" else f"{service}-1"
    assert httpx.get(topology.node(node) + path).status_code == 200
    for hidden in (path, path.replace("api", "%61pi"), f"/{path}", f"{path}?x", path.replace("/", "/./", 1)):
        assert http.get(hidden).status_code == 404
    assert http.get(f"/{service}/healthz").json() == {"status": "ok"}


def test_nothing_else_is_there(http: httpx.Client) -> None:
    check_problem(http.get("/api/nothing"), 404)
    for path in ("/nothing", "/config/"):
        assert http.get(path).status_code == 404


def test_only_embeds_may_be_framed(http: httpx.Client) -> None:
    for path in ("/", "/practices", "/sign-in", "/embed", "/embedded"):
        headers = http.get(path).headers
        assert headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    headers = http.get("/embed/search").headers
    assert "x-frame-options" not in headers
    assert "frame-ancestors *" in headers["content-security-policy"]


def test_the_portal_knows_where_visitors_come_from(http: httpx.Client) -> None:
    answer = http.post("/sign-in", data={"email": "a", "password": "b"})
    assert answer.status_code == 403, "no browser sends a form without a word about its origin"


def test_a_caller_cannot_pass_for_others(http: httpx.Client) -> None:
    statuses = set()
    for number in range(140):  # each of two workers counts 60 a minute for an address
        faked = {"X-Forwarded-For": f"10.0.0.{number}", "Authorization": "Bearer praxis_wrong"}
        statuses.add(http.get("/api/v1/practices", headers=faked).status_code)
    assert statuses == {401, 429}


class Traffic:
    """Requests that go on from several threads until it is closed, each a new one, and what became of them."""

    def __init__(self, *requests: Callable[[int], httpx.Response]) -> None:
        self.answers: list[tuple[float, int]] = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=[request]) for request in requests]

    def __enter__(self) -> "Traffic":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self, request: Callable[[int], httpx.Response]) -> None:
        number = 0
        while not self._over.wait(0.01):
            number += 1
            try:
                status = request(number).status_code
            except httpx.TransportError:
                status = 0
            self.answers.append((time.monotonic(), status))


def test_reads_outlive_a_worker_and_a_node(topology: Running, http: httpx.Client, key: dict[str, str]) -> None:
    killed = ["api-2", *topology.nodes[1:]]  # the embedded engine has one node, which nobody could stand in for
    publish(http, key, "Before the blow")
    with (
        Traffic(
            lambda n: http.get(
                "/search/v1/records", params={"q": "migration", "page": n % 3 + 1, "per_page": n % 50 + 1}
            ),
            lambda n: http.get("/api/v1/practices", params={"limit": n % 50 + 1}),
            lambda n: http.get("/api/v1/changes", params={"after": n % 80, "limit": 3}),
        ) as reads,
        Traffic(lambda n: http.post("/api/v1/practices", json=practice_body(f"Draft {n}"), headers=key)) as writes,
    ):
        time.sleep(1)
        gone = {name: topology.kill(name) for name in killed}
        at = time.monotonic()
        until(lambda: all(topology.pid(name) != pid for name, pid in gone.items()))
        time.sleep(3)
    assert {status for _, status in reads.answers} == {200}
    assert len(reads.answers) > 20
    failed = [moment - at for moment, status in writes.answers if status not in (201, 422)]
    assert all(0 <= moment < 2 for moment in failed), "a write may fail with the worker that had it, not later"
    for name, pid in gone.items():
        assert not alive(pid)
        until(partial(answers, topology, name))


def answers(topology: Running, name: str) -> bool:
    """Tell whether a node, past the gateway, is alive."""
    with suppress(httpx.TransportError):
        return httpx.get(f"{topology.node(name)}/{name.split('-')[0]}/healthz").is_success
    return False


def test_reads_of_the_api_go_on_while_the_engine_hangs(topology: Running, http: httpx.Client) -> None:
    if topology.engine != "meilisearch":
        require("meilisearch")  # the embedded engine cannot be away by itself
    engine = topology.pid("meilisearch")
    os.kill(engine, signal.SIGSTOP)
    try:
        problem = http.get("/search/v1/records?q=engine+away")
        assert check_problem(problem, 503)["title"] == "Service Unavailable"
        assert int(problem.headers["retry-after"]) > 0
        assert http.get("/api/v1/practices?limit=7").status_code == 200
    finally:
        os.kill(engine, signal.SIGCONT)
    until(lambda: http.get("/search/v1/records?q=engine+back").status_code == 200)


def test_a_reader_may_wait_for_long(http: httpx.Client) -> None:
    head = http.get("/api/v1/changes/digest").json()["head"]
    started = time.monotonic()
    answer = http.get(f"/api/v1/changes?after={head}&wait={WAIT}")
    assert answer.json()["changes"] == []
    assert WAIT - 0.1 < time.monotonic() - started < WAIT + 5
