"""The follower under faults, on both engines: killed, cut off, refused, hanging, on a full disk, or restored.

Random faults befall PostgreSQL, the api, search and its engine while writers go on; then search equals the database and
nothing acknowledged is lost. `PRAXIS_SEED` chooses which.
"""

import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.harness.depth import SEED, either
from tests.harness.faults import Probes, World
from tests.harness.mirror import Mirror
from tests.harness.programs import require
from tests.harness.support import check_problem
from tests.whole.test_crash import check_feed, check_search

FAULTS = either(10, 200)

BACK_WITHIN = 60.0
"""Seconds after the last fault in which everything must run again."""


@pytest.fixture(params=["embedded", "meilisearch"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Everything running, on one engine."""
    require("postgresql")
    if request.param == "meilisearch":
        require("meilisearch")
    with ExitStack() as stack:
        yield World(request.param, stack, tmp_path, random.Random(SEED))


def wait_until(node: str, path: str, status: int, seconds: float = BACK_WITHIN) -> httpx.Response:
    """Wait until a node answers with a status."""
    until = time.monotonic() + seconds
    while True:
        try:
            answer = httpx.get(node + path, timeout=15)
            if answer.status_code == status:
                return answer
            told = answer.text[:500]
        except httpx.TransportError as error:
            told = repr(error)
        assert time.monotonic() < until, f"{node}{path}: {told}"
        time.sleep(0.05)


def check_all(world: World) -> float:
    """Check api, feed and every search node against what the writers know; return how long it took to be so."""
    world.writers.rest()
    began = time.monotonic()
    for node in world.nodes:
        wait_until(node.url, "/search/readyz", 200)
    with httpx.Client(base_url=world.api.url, timeout=15) as api:
        mirror = Mirror()
        practices = check_feed(api, mirror, world.writers.all)
        for node in world.nodes:
            with httpx.Client(base_url=node.url, timeout=15) as search:
                until = time.monotonic() + BACK_WITHIN
                # A rebuild after a restore may be under way still: the former epoch's index is told of by a 409.
                while (
                    search.get("/search/v1/records", params={"min_seq": f"{mirror.epoch}.{mirror.head}"}).status_code
                    != 200
                ):
                    assert time.monotonic() < until, search.get("/search/readyz").text
                    time.sleep(0.1)
                check_search(search, practices, mirror)
                counted = search.get("/search/v1/records").json()
                assert {value["value"]: value["count"] for value in counted["facets"]["priority"]["values"]} == {
                    "rights": len(practices),
                    **dict.fromkeys(("capacities", "communities", "remittances"), 0),
                }
    return time.monotonic() - began


def test_search_equals_the_database_after_faults(world: World) -> None:
    happened: Counter[str] = Counter()
    longest = 0.0
    world.writers.go()
    with Probes(world) as probes:
        kinds = list(world.faults)
        for number in range(FAULTS):
            if number % len(kinds) == 0:
                world.chance.shuffle(kinds)
            fault = kinds[number % len(kinds)]
            happened[fault.__name__] += 1
            fault()
            time.sleep(world.chance.uniform(0, 0.3))
            if number % 20 == 19:
                longest = max(longest, check_all(world))
                world.writers.go()
        longest = max(longest, check_all(world))
    written = sum(writer.count for writer in world.writers.all)
    print(f"\n{world.engine}: {dict(happened)}; {written} writes; back within {longest:.1f} s; {dict(probes.statuses)}")
    assert not probes.wrong, probes.wrong[:5]
    assert written > FAULTS


def test_while_the_engine_is_away_search_says_so_and_the_api_goes_on(world: World) -> None:
    world.writers.go()
    time.sleep(0.5)
    check_all(world)
    node = world.nodes[-1].url
    if world.meili is not None:
        world.meili.kill()
        back = world.meili.restart
    else:
        # The one engine that is part of the process is away when its directory is in other hands.
        world.nodes[0].kill()
        shutil.rmtree(world.small / "index")
        world.feed.rule = lambda passing: (503, b"{}")
        world.nodes[0].start()

        def back() -> None:
            world.feed.rule = lambda passing: passing.forward()

    ready = wait_until(node, "/search/readyz", 503, 20)
    assert len(check_problem(ready, 503)["detail"]) > 20, "it says why"
    asked = httpx.get(f"{node}/search/v1/records?q=anything", timeout=10)
    check_problem(asked, 503)
    assert int(asked.headers["retry-after"]) > 0
    assert httpx.get(f"{world.api.url}/api/v1/practices").status_code == 200
    assert httpx.get(f"{node}/search/healthz").status_code == 200
    back()
    world.writers.go()
    check_all(world)
