"""A query node beside a follower: it answers from an index that another process writes, and only reads it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.harness.meili import Meili
from tests.search.support import DictFeed, Search, authority, practice, searching, uid, vocabulary


def settings(meili: Meili, index: str, follow: bool) -> dict[str, Any]:
    """Return the settings of a node on the server; a query node gets nothing but the key that searches."""
    keys = {"meili_search_key": meili.keys.search}
    if follow:
        keys |= {"meili_write_key": meili.keys.write or "", "meili_tasks_key": meili.keys.tasks or ""}
    return {"engine": "meilisearch", "meili_url": meili.url, "meili_index": index, "follow": follow, **keys}


async def soon(holds: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while not await holds():
        assert time.monotonic() < until
        await asyncio.sleep(0.02)


async def status(search: Search, path: str = "/records") -> int:
    return (await search.get(path)).status_code


def test_a_query_node_sees_what_the_follower_writes(meili: Meili, tmp_path: Path) -> None:
    async def live() -> None:
        index, feed, unread = meili.index(), DictFeed(), DictFeed()
        unread.away = True
        async with searching(unread, tmp_path, settled=False, **settings(meili, index, follow=False)) as node:
            # Nothing is there before a follower has built it, and the node says so.
            assert await status(node) == await status(node, "/search/readyz") == 503
            feed.put(vocabulary("priorities"))
            alba = authority(7, "alba", "Alba")
            feed.put(alba)
            feed.put(practice(1, "Wells for all", authorities=(alba,)))
            async with searching(feed, tmp_path / "follower", **settings(meili, index, follow=True)) as follower:
                await soon(lambda: answers(node))
                mark = f"{feed.epoch}.{feed.put(practice(2, 'Schools for all'))}"
                found = await node.json("/records", {"q": "schools", "min_seq": mark})
                assert [hit["id"] for hit in found["hits"]] == [uid(2)]
                assert (await node.get("/records", {"min_seq": "other.1"})).status_code == 409
                assert found == (await follower.json("/records", {"q": "schools"}))
                # Labels follow, too.
                feed.put(alba | {"name": "Alba Longa"})
                await soon(lambda: called(node, "Alba Longa"))
                feed.delete("practice", uid(1))
                await soon(lambda: total(node, 1))
            assert (await node.json("/records", {"type": "practice"}))["total"] == 1, (
                "reading goes on without the follower"
            )

    async def answers(node: Search) -> bool:
        return await status(node) == 200

    async def total(node: Search, expected: int) -> bool:
        return bool((await node.json("/records", {"type": "practice"}))["total"] == expected)

    async def called(node: Search, name: str) -> bool:
        values = (await node.json("/facets/authority"))["values"]
        return [value["label"] for value in values] == [name]

    asyncio.run(live())


def test_a_server_that_hangs_is_told_and_forgotten_when_it_is_back(meili: Meili, tmp_path: Path) -> None:
    async def live() -> None:
        index, feed = meili.index(), DictFeed()
        feed.put(vocabulary("priorities"))
        feed.put(practice(1))
        quick = {"meili_seconds": 0.5, "search_seconds": 1}
        async with searching(feed, tmp_path, **settings(meili, index, follow=True), **quick) as search:
            assert (await search.json("/records"))["total"] == 1
            meili.pause()
            try:
                await soon(lambda: refused(search))
                ready = await search.get("/search/readyz")
                assert ready.status_code == 503
                assert ready.json()["detail"]
                assert meili.keys.search not in ready.text
                feed.put(practice(2))
            finally:
                meili.resume()
            await search.settled()
            await soon(lambda: two(search))

    async def refused(search: Search) -> bool:
        answer = await search.get("/records")
        assert answer.status_code in (200, 503)
        return answer.status_code == 503 and "retry-after" in answer.headers

    async def two(search: Search) -> bool:
        answer = await search.get("/records")
        return answer.status_code == 200 and answer.json()["total"] == 2

    asyncio.run(live())
