"""Records of types that search does not find, forms and derived rows: left out of answers, counted as the feed does."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import orjson
import pytest

from services.api.records import forms
from services.api.types import TYPES
from services.api.vocabularies.terms import vocabularies
from services.search.document import document
from services.search.facets import SEARCHABLE_TYPES
from services.search.feed import digest_of
from services.search.projection import records
from tests.search.support import DictFeed, Json, Search, practice, searching, uid, vocabulary

FORM: Json = orjson.loads(forms.rendered(TYPES["practice"]))


def action(number: int, key: str, text: str) -> Json:
    """Return a row that is published beside its record."""
    return {
        "type": "action",
        "id": f"{uid(number)}#{key}",
        "derived_from": {"type": "pledge", "id": uid(number), "path": f"plan.actions[key={key}]"},
        "language": "en",
        "content": {"key": key, "text": text},
    }


def filled() -> DictFeed:
    feed = DictFeed()
    feed.put(vocabulary("priorities"))
    feed.put(FORM)
    feed.put(practice(1, "Orchard"))
    feed.put(action(2, "3.1", "Orchard"))
    feed.put(action(2, "b", "Teach"))
    feed.put({"type": "pledge", "id": uid(2), "content": {"language": "en"}, "title": {"en": "Orchard"}})
    return feed


def run(folder: Path, scenario: Callable[[Search], Awaitable[None]]) -> None:
    async def live() -> None:
        async with searching(filled(), folder) as search:
            await scenario(search)

    asyncio.run(live())


async def equal(search: Search) -> bool:
    """Tell whether the index holds what the feed does."""
    await search.settled()
    return digest_of(records(search.node.engine.documents())) == search.feed.digest()


def test_they_are_in_no_answer_and_no_count(tmp_path: Path) -> None:
    async def scenario(search: Search) -> None:
        for asked in ({}, {"q": "Orchard"}, {"q": "Teach", "facets": "type"}):
            found = await search.json("/records", asked)
            assert {hit["type"] for hit in found["hits"]} <= {*SEARCHABLE_TYPES}
            assert found["total"] == len(found["hits"])
            counted = found["facets"].get("type", {"values": []})["values"]
            assert {one["value"] for one in counted} <= {*SEARCHABLE_TYPES}
        assert [hit["id"] for hit in (await search.json("/records"))["hits"]] == [uid(1)]
        suggested = await search.json("/suggest", {"q": "orch"})
        assert uid(2) not in orjson.dumps(suggested).decode()
        assert search.node.upkeep.refused == {}, "nobody complains of them"
        assert (await search.json("/search/readyz"))["troubles"] == []

    run(tmp_path, scenario)


def test_the_index_counts_them_as_the_feed_does(tmp_path: Path) -> None:
    async def scenario(search: Search) -> None:
        assert await equal(search)
        search.feed.put(action(2, "3.1", "Prune"))
        search.feed.delete("action", f"{uid(2)}#b")
        search.feed.put(FORM | {"rules": []})
        assert await equal(search)
        search.feed.delete("form", "practice")
        search.feed.delete("practice", uid(1))
        assert await equal(search)
        search.feed.restore("second")
        assert await equal(search)

    run(tmp_path, scenario)


def test_a_comparison_finds_no_fault_with_them(tmp_path: Path) -> None:
    async def scenario(search: Search) -> None:
        follower = search.node.upkeep
        rebuilds = follower.rebuilds
        await follower._compare()  # type: ignore[attr-defined]  # what an idle follower does every ten minutes
        assert follower._must_rebuild is None  # type: ignore[attr-defined]  # its finding
        assert follower.rebuilds == rebuilds

    run(tmp_path, scenario)


@pytest.mark.parametrize("record", [FORM, action(2, "b", "Teach")], ids=lambda record: record["type"])
def test_an_index_keeps_nothing_of_them_but_their_number(record: Json) -> None:
    made = document(7, record, {})
    assert (made.type, made.id, made.seq, made.texts) == (record["type"], record["id"], 7, ())
    assert len(made.hit) < 100


def test_no_form_is_called_as_a_vocabulary() -> None:
    """Documents of an index are told apart by their ids."""
    assert not {*TYPES} & {*vocabularies(), "thesaurus"}
