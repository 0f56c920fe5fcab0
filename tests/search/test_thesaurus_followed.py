"""The thesaurus in an index: kept whole, however large, and no reason to build anything again."""

import asyncio
from pathlib import Path
from typing import Any

import orjson

from tests.search.engine_support import Places
from tests.search.support import DictFeed, Json, practice, searching, vocabulary


def thesaurus(concepts: int, word: str = "word") -> Json:
    """Return a thesaurus of so many concepts, each of about 600 bytes."""
    terms: list[Any] = [
        {
            "code": f"concept-{number}",
            "labels": {
                tag: f"{word} {number} {tag} {'x' * 20}" for tag in ("en", "es", "fr", "it", "de", "ar", "pt-BR")
            },
            "alternatives": {"es": [f"otra palabra {number} {place}" for place in range(5)]},
            "broader": [],
            "narrower": [],
            "related": [],
        }
        for number in range(concepts)
    ]
    return {"type": "vocabulary", "id": "thesaurus", "terms": terms}


def test_it_is_followed_and_nothing_is_built_again(places: Places, tmp_path: Path) -> None:
    async def run() -> None:
        feed = DictFeed()
        feed.put(vocabulary("priorities"))
        feed.put(practice(1, "Seasonal work"))
        with places.settings() as place:
            async with searching(feed, tmp_path, **place) as search:
                built = search.node.upkeep.rebuilds
                for written in (thesaurus(700), thesaurus(701, "another")):
                    assert len(orjson.dumps(written)) > 300_000
                    feed.put(written)
                    await search.settled()
                    stored = [orjson.loads(one) for one in search.node.engine.stored("vocabulary")]
                    assert {one["id"]: one["terms"] for one in stored}["thesaurus"] == written["terms"]
                feed.put(practice(2, "More work"))
                await search.settled()
                assert (await search.json("/records", {"q": "work"}))["total"] == 2
                assert search.node.upkeep.rebuilds == built
                assert (await search.json("/search/readyz"))["troubles"] == []
            async with searching(feed, tmp_path, **place) as again:
                assert again.node.upkeep.rebuilds == 0
                feed.delete("vocabulary", "thesaurus")
                await again.settled()
                assert "thesaurus" not in {orjson.loads(one)["id"] for one in again.node.engine.stored("vocabulary")}
                assert again.node.upkeep.rebuilds == 0

    asyncio.run(run())
