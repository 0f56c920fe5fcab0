"""No reader's language hides a record: it chooses labels, texts and the order of titles, and nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from hypothesis import given, settings
from hypothesis import strategies as st

from services.search.facets import facets
from tests.harness.depth import examples
from tests.search.engine_support import Places
from tests.search.support import DictFeed, Json, Search, searching
from tests.search.varied import RECORDS

LANGUAGES = ("en", "es", "fr", "it", "de", "ar", "sq", "pt-BR", "zh-Hant-TW", "es-MX", "en-001")
WORDS = ("water", "práctica 7", "pratica", "acqua", "who has practised water with Senegal?", "sénégal", "watter", "水")
SORTS = ("relevance", "newest", "title", "start", "completeness")
FEW = RECORDS[:12]
"""So few that all others are among those most like one."""


@pytest.fixture
def few(portal: BlockingPortal, places: Places, tmp_path: Path) -> Iterator[Search]:
    """The search service over a few records."""
    feed = DictFeed()
    for record in FEW:
        feed.put(record)
    with places.settings() as place, portal.wrap_async_context_manager(searching(feed, tmp_path, **place)) as search:
        yield search


def plain(values: list[Json]) -> list[tuple[str, int, bool]]:
    return [(one["value"], one["count"], one["selected"]) for one in values]


def found(answer: Json) -> Any:
    """Return what of an answer to `/records` no language may change, its order apart."""
    facets = {name: (facet["truncated"], plain(facet["values"])) for name, facet in answer["facets"].items()}
    return answer["total"], answer["relaxed"], facets


@settings(max_examples=examples(60), deadline=None)
@given(
    q=st.sampled_from(["", *WORDS]),
    sort=st.sampled_from(SORTS),
    filters=st.dictionaries(
        st.sampled_from(["priority", "country", "keyword", "language", "feature"]), st.integers(0, 9), max_size=2
    ),
    lang=st.sampled_from(LANGUAGES),
    page=st.integers(1, 3),
)
def test_records_are_found_whatever_the_readers_language(
    portal: BlockingPortal, search: Search, q: str, sort: str, filters: dict[str, int], lang: str, page: int
) -> None:
    codes = {name: sorted({code for record in RECORDS for code in facets()[name].codes(record)}) for name in filters}
    chosen = {name: codes[name][number % len(codes[name])] for name, number in filters.items()}
    whole = {"q": q, "sort": sort, "per_page": 100, **chosen}
    plainly, answer = (portal.call(search.json, "/records", whole | more) for more in ({}, {"lang": lang}))
    assert found(answer) == found(plainly)
    ids, plain_ids = ([hit["id"] for hit in one["hits"]] for one in (answer, plainly))
    assert sorted(ids) == sorted(plain_ids)
    if sort != "title":
        assert ids == plain_ids
        few = whole | {"per_page": 7, "page": page}
        part, plain_part = (portal.call(search.json, "/records", few | more) for more in ({}, {"lang": lang}))
        assert [hit["id"] for hit in part["hits"]] == [hit["id"] for hit in plain_part["hits"]]


@settings(max_examples=examples(30), deadline=None)
@given(
    name=st.sampled_from(sorted(facets())),
    lang=st.sampled_from(LANGUAGES),
    q=st.sampled_from(["", "s", "marru", "droits"]),
)
def test_facets_hold_the_same_values_whatever_the_readers_language(
    portal: BlockingPortal, search: Search, name: str, lang: str, q: str
) -> None:
    asked = {"q": q, "query": "water", "limit": 500}
    plainly, answer = (portal.call(search.json, f"/facets/{name}", asked | more) for more in ({}, {"lang": lang}))
    assert plain(answer["values"]) == plain(plainly["values"])
    assert answer["truncated"] == plainly["truncated"]


@pytest.mark.parametrize("q", ["s", "se", "pra", "prác", "ital", "rights", "cart", "diritt", "sennegal"])
def test_as_much_is_suggested_whatever_the_readers_language(portal: BlockingPortal, search: Search, q: str) -> None:
    def suggested(more: Json) -> tuple[list[str], list[int]]:
        found = portal.call(search.json, "/suggest", {"q": q, **more})["suggestions"]
        titles = [one["value"] for one in found if one["kind"] == "title"]
        return titles, [one["count"] for one in found if one["kind"] != "title"]

    assert all(suggested({"lang": lang}) == suggested({}) for lang in LANGUAGES)


def test_similar_records_are_the_same_whatever_the_readers_language(portal: BlockingPortal, few: Search) -> None:
    def alike(more: Json) -> list[Any]:
        hits = portal.call(few.json, f"/records/{RECORDS[0]['id']}/similar", {"limit": 20, **more})["hits"]
        return sorted((hit["id"], hit["language"], hit["shared"]) for hit in hits)

    assert len(alike({})) == len(FEW) - 1
    assert all(alike({"lang": lang}) == alike({}) for lang in LANGUAGES)
