"""Forms of the feed: whenever they come, change or go, what is found is what the forms of the moment call text."""

import asyncio
import copy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harness.depth import examples
from tests.search.support import FORM, DictFeed, Json, Search, practice, searching, vocabulary

RECORDS: list[Json] = [
    FORM,
    vocabulary("priorities"),
    practice(1, "First", {"what": {"keywords": ["integration"]}}),
    practice(2, "Second", {"what": {"keywords": ["welcoming"]}}),
]
"""A keyword of one small word looks like a code to who is not told."""


def without_keywords() -> Json:
    form = copy.deepcopy(FORM)
    for section in form["sections"]:
        section["questions"] = [one for one in section["questions"] if one["path"] != "what.keywords"]
    return form


async def total(search: Search, q: str) -> int:
    found: int = (await search.json("/records", {"q": q, "type": "practice"}))["total"]
    return found


@settings(max_examples=examples(12), deadline=None)
@given(order=st.permutations(RECORDS), batch=st.sampled_from([1, 2, 100]))
def test_a_rebuild_ends_alike_in_whatever_order_the_feed_tells(
    tmp_path_factory: pytest.TempPathFactory, order: list[Json], batch: int
) -> None:
    async def live() -> None:
        feed = DictFeed()
        for record in order:
            feed.put(record)
        async with searching(feed, tmp_path_factory.mktemp("index"), feed_batch=batch) as search:
            assert [await total(search, q) for q in ("integration", "welcoming", "en", "rights")] == [1, 1, 0, 2]
            assert search.node.upkeep.refused == {}

    asyncio.run(live())


def test_a_changed_form_makes_the_records_of_its_type_anew(tmp_path: Path) -> None:
    async def live() -> None:
        feed = DictFeed()
        for record in RECORDS[1:]:
            feed.put(record)
        async with searching(feed, tmp_path) as search:
            rebuilds = search.node.upkeep.rebuilds
            assert await total(search, "integration") == 0, "nobody told that it is text"
            for form, found in ((FORM, 1), (without_keywords(), 0), (FORM, 1)):
                feed.put(form)
                await search.settled()
                assert await total(search, "integration") == found
            assert search.node.upkeep.rebuilds == rebuilds + 3
            feed.put(FORM | {"titles": {"en": "Called otherwise"}})
            await search.settled()
            assert search.node.upkeep.rebuilds == rebuilds + 3, "of what is text it tells the same"
            feed.delete("form", "practice")
            await search.settled()
            assert await total(search, "integration") == 0
        async with searching(feed, tmp_path) as search:
            assert search.node.upkeep.rebuilds == 0, "an index that is opened again knows what it was read with"

    asyncio.run(live())


def test_a_form_that_cannot_be_read_is_refused_and_told_of(tmp_path: Path) -> None:
    async def live() -> None:
        feed = DictFeed()
        for record in (FORM | {"sections": [{"name": "x"}]}, *RECORDS[1:]):
            feed.put(record)
        async with searching(feed, tmp_path) as search:
            assert search.node.upkeep.refused.keys() == {"form/practice"}
            assert await total(search, "first") == 1
            feed.put(FORM)
            await search.settled()
            assert (search.node.upkeep.refused, await total(search, "integration")) == ({}, 1)

    asyncio.run(live())
