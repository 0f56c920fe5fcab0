"""A mirror of a base that does not tell yet how practices were judged, and of the same base once it does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from tests.harness.support import check_problem
from tests.search.engine_support import Places
from tests.search.support import TERMS, DictFeed, Json, Search, practice, searching, uid, vocabulary

TOLD = ("tier", "state", "completeness")
VOCABULARIES = ("publication-tiers", "publication-states")
RECORDS = [
    practice(number, f"Practice {number}", completeness={"snapshot": 100, "full": 20 * number}) for number in (1, 2, 3)
]


@pytest.fixture
def search(portal: BlockingPortal, places: Places, tmp_path: Path) -> Iterator[Search]:
    """A search service over the feed of an older base."""
    feed = DictFeed()
    for name in TERMS.keys() - set(VOCABULARIES):
        feed.put(vocabulary(name))
    for record in RECORDS:
        feed.put({name: held for name, held in record.items() if name not in TOLD})
    with places.settings() as place, portal.wrap_async_context_manager(searching(feed, tmp_path, **place)) as search:
        yield search


def values(body: Json, facet: str) -> dict[str, int]:
    return {one["value"]: one["count"] for one in body["facets"][facet]["values"]}


def test_what_a_base_does_not_tell_is_left_open_until_it_does(portal: BlockingPortal, search: Search) -> None:
    body = portal.call(search.json, "/records", {"sort": "completeness"})
    assert [hit["id"] for hit in body["hits"]] == [uid(1), uid(2), uid(3)]
    assert all(hit[name] is None for hit in body["hits"] for name in TOLD)
    assert values(body, "tier") == values(body, "state") == {}
    assert set(values(body, "completeness").values()) == {0}
    assert portal.call(search.json, "/records", {"completeness_from": 0})["total"] == 0
    check_problem(portal.call(search.get, "/records", {"tier": "network"}), 422)
    for name in VOCABULARIES:
        search.feed.put(vocabulary(name))
    for record in RECORDS:
        search.feed.put(record)
    portal.call(search.settled)
    body = portal.call(search.json, "/records", {"sort": "completeness", "tier": "network"})
    assert [hit["id"] for hit in body["hits"]] == [uid(3), uid(2), uid(1)]
    assert [{name: hit[name] for name in TOLD} for hit in body["hits"]] == [
        {name: record[name] for name in TOLD} for record in reversed(RECORDS)
    ]
    assert values(body, "tier") == {"network": 3, "peer-reviewed": 0}
    assert values(body, "state") == {"published": 3, "archived": 0}
    assert values(body, "completeness") == {"0-24": 1, "25-49": 1, "50-74": 1, "75-100": 0}
    assert portal.call(search.json, "/records", {"completeness_from": 40})["total"] == 2
