"""Search over HTTP, on each engine: true counts, answers that are pure, faults that are named, and no waiting."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from anyio.from_thread import BlockingPortal
from hypothesis import given, settings
from hypothesis import strategies as st

from services.search.codes import completeness, totals
from services.search.engines.base import Sort
from services.search.facets import facets, visible
from services.search.types import TYPES
from services.search.types.practice import years
from tests.harness.depth import examples
from tests.harness.support import check_problem
from tests.search.engine_support import Places
from tests.search.support import TERMS, DictFeed, Json, Search, codes_of, practice, searching, uid, vocabulary
from tests.search.varied import PLACES, RECORDS

FACET = facets()
FACETS = tuple(FACET.values())
EVERY = [*RECORDS, *PLACES]
"""What is found where no type is named, by relevance in this order of types."""

Place = Mapping[str, Any]
"""What tells a search service which engine to use, and where."""


@pytest.fixture
def place(places: Places) -> Iterator[Place]:
    with places.settings() as place:
        yield place


def has(record: Json, facet: str, codes: list[str]) -> bool:
    held = codes_of(record, facet)
    return held.issuperset(codes) if FACET[facet].all_of else not held.isdisjoint(codes)


def selected(records: list[Json], filters: dict[str, list[str]], but: str | None = None) -> list[Json]:
    return [
        record
        for record in records
        if all(has(record, facet, codes) for facet, codes in filters.items() if codes and facet != but)
    ]


CODES = {name: sorted({code for record in EVERY for code in codes_of(record, name)}) for name in FACET}
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        facet: st.lists(st.sampled_from(codes), max_size=2, unique=True) for facet, codes in CODES.items() if codes
    },
)
YEARS = st.tuples(st.none() | st.integers(1975, 2030), st.none() | st.integers(1975, 2030)).filter(
    lambda span: None in span or span[0] <= span[1]  # type: ignore[operator]  # neither is none
)
SORTS = get_args(Sort)
BUDGET = st.none() | st.tuples(st.sampled_from(["EUR", "USD"]), st.integers(0, 320_000))


def in_years(record: Json, low: int | None, high: int | None) -> bool:
    span = years(record) if record["type"] == "practice" else None
    if low is None and high is None:
        return True
    return span is not None and (low is None or span[1] >= low) and (high is None or span[0] <= high)


def complete(record: Json, percent: int | None) -> bool:
    known = completeness(record)
    return percent is None or (known is not None and known >= percent)


def in_budget(record: Json, budget: tuple[str, int] | None) -> bool:
    return budget is None or totals(record).get(budget[0], -1) >= budget[1]


@settings(max_examples=examples(150))
@given(filters=FILTERS, span=YEARS, budget=BUDGET, percent=st.none() | st.integers(0, 100))
def test_totals_and_counts_are_those_of_the_records(
    portal: BlockingPortal,
    search: Search,
    filters: dict[str, list[str]],
    span: tuple[int | None, int | None],
    budget: tuple[str, int] | None,
    percent: int | None,
) -> None:
    filters = {**filters, "currency": [budget[0]]} if budget else filters
    parameters = [(facet, code) for facet, codes in filters.items() for code in codes] + [("per_page", "100")]
    parameters += [(name, str(year)) for name, year in zip(("year_from", "year_to"), span, strict=True) if year]
    if budget:
        parameters += [("budget_from", str(budget[1]))]
    parameters += [] if percent is None else [("completeness_from", str(percent))]
    body = portal.call(search.json, "/records", parameters)
    ranged = [one for one in EVERY if in_years(one, *span) and in_budget(one, budget) and complete(one, percent)]
    expected = selected(ranged, filters)
    assert body["total"] == len(expected)
    assert {hit["id"] for hit in body["hits"]} == {record["id"] for record in expected}
    assert body["relaxed"] is False
    types = filters.get("type") or visible()
    assert {*body["facets"]} == {facet.name for type in types for facet in TYPES[type].facets}
    for facet in (FACET[name] for name in body["facets"]):
        among = selected(ranged, filters, None if facet.all_of else facet.name)
        counts = Counter(code for record in among for code in codes_of(record, facet.name))
        shown = body["facets"][facet.name]
        check_facet(facet.name, shown, counts, filters.get(facet.name, []))


def check_facet(name: str, shown: Json, counts: Counter[str], asked: list[str]) -> None:
    values = shown["values"]
    assert [(-one["count"], one["value"]) for one in values] == sorted((-one["count"], one["value"]) for one in values)
    assert {one["value"]: one["count"] for one in values if one["count"]}.items() <= counts.items()
    assert {one["value"] for one in values if one["selected"]} == set(asked)
    best = sorted(counts, key=lambda code: (-counts[code], code))[:20]
    assert set(best) <= {one["value"] for one in values}
    known = sum(len(TERMS[vocabulary]) for vocabulary in FACET[name].vocabularies) if FACET[name].zeros else 0
    if known and name not in ("type", "ongoing"):
        assert len(values) == min(20, known) or len(counts) > 20
        assert shown["truncated"] == (known > len(values))
    assert all(one["label"] for one in values)


@given(st.integers(1, 12), st.sampled_from(SORTS), st.sampled_from(["", "water"]))
@settings(max_examples=examples(20))
def test_pages_never_overlap(portal: BlockingPortal, search: Search, per_page: int, sort: str, q: str) -> None:
    held, seen = RECORDS if q else EVERY, list[str]()
    for page in range(1, 2 + len(held) // per_page):
        body = portal.call(search.json, "/records", {"q": q, "sort": sort, "page": page, "per_page": per_page})
        seen += [hit["id"] for hit in body["hits"]]
    assert sorted(seen) == sorted(record["id"] for record in held)


def test_titles_are_shown_in_the_readers_language_and_say_so(portal: BlockingPortal, search: Search) -> None:
    hits = {hit["id"]: hit for hit in portal.call(search.json, "/records", {"lang": "it", "per_page": 100})["hits"]}
    translated, original = hits[uid(1)], hits[uid(2)]
    assert (translated["title"], translated["title_language"]) == ("Pratica 1", "it")
    assert (translated["summary_language"], translated["translation"]) == ("en", "machine")
    assert (original["title_language"], original["translation"]) == ("es", None)
    assert translated["countries"][0]["label"] == "Marocco"


def test_hits_tell_when_they_became_public_and_when_they_changed(portal: BlockingPortal, search: Search) -> None:
    hits = portal.call(search.json, "/records", {"type": "practice", "per_page": 100})["hits"]
    kept = {record["id"]: record for record in RECORDS}
    for hit in hits:
        record = kept[hit["id"]]
        assert (hit["published_at"], hit["updated_at"]) == (record["published_at"], record["updated_at"])


def test_words_are_found_by_label_and_typo(portal: BlockingPortal, search: Search) -> None:
    tagged = {record["id"] for record in RECORDS if has(record, "priority", ["remittances"])}
    hits = portal.call(search.json, "/records", {"q": "rimesse", "per_page": 100})["hits"]
    assert tagged <= {hit["id"] for hit in hits}
    assert len(hits) < len(RECORDS)
    hit = portal.call(search.json, "/records", {"q": "watter"})["hits"][0]
    assert "<mark>water</mark>" in hit["highlights"]["title"]


def test_facet_search(portal: BlockingPortal, search: Search) -> None:
    body = portal.call(search.json, "/facets/country", {"q": "senég", "lang": "es", "level": "region"})
    count = sum(has(one, "country", ["SN"]) and has(one, "level", ["region"]) for one in RECORDS)
    assert body["values"] == [{"value": "SN", "label": "Senegal", "count": count, "selected": False}]
    bands = portal.call(search.json, "/facets/budget_band", {"q": "EUR", "limit": 1})
    assert len(bands["values"]) == 1
    assert bands["truncated"]
    unused = portal.call(search.json, "/facets/priority", {"q": "rights", "query": "nothing at all"})["values"]
    assert [(one["value"], one["count"]) for one in unused] == [("rights", 0)]
    body = portal.call(search.json, "/facets/country", {"q": "", "country": "SN", "limit": 100})
    assert {one["value"] for one in body["values"]} == {code for one in EVERY for code in codes_of(one, "country")}


def test_corridors_are_filtered_by_counted_and_called_in_the_readers_language(
    portal: BlockingPortal, search: Search
) -> None:
    counts = Counter(code for one in RECORDS for code in codes_of(one, "corridor"))
    assert len(counts) == 6
    body = portal.call(search.json, "/facets/corridor", {"q": "marru", "lang": "es", "limit": 500})
    assert {one["value"]: (one["label"], one["count"]) for one in body["values"]} == {
        "MA-ES": ("Marruecos → España", counts["MA-ES"]),
        "MA-IT": ("Marruecos → Italia", counts["MA-IT"]),
    }
    either = portal.call(search.json, "/records", [("corridor", "MA-ES"), ("corridor", "SN-IT"), ("per_page", 1)])
    assert either["total"] == sum(has(one, "corridor", ["MA-ES", "SN-IT"]) for one in RECORDS) > 0
    assert portal.call(search.json, "/records", {"corridor": "ES-MA"})["total"] == 0, "the origin comes first"
    shown = portal.call(search.json, "/records", {"corridor": "ES-MA"})["facets"]["corridor"]["values"]
    assert {one["value"]: one["count"] for one in shown} == {**counts, "ES-MA": 0}, "no zeros but those selected"


def test_many_corridors_and_countries_are_counted_in_one_answer(place: Place, tmp_path: Path) -> None:
    codes = list(TERMS["countries"])

    async def scenario() -> None:
        feed = DictFeed()
        feed.put(vocabulary("countries"))
        for number in range(len(codes)):
            ends = [(codes[number], "origin"), (codes[number - 1], "destination"), (codes[number - 2], "destination")]
            involved = [{"country": code, "roles": [role]} for code, role in ends]
            feed.put(practice(number, content={"initiative": {"countries": involved}}))
        async with searching(feed, tmp_path, **place) as search:
            corridors = await search.json("/facets/corridor", {"limit": 500})
            countries = await search.json("/facets/country", {"limit": 250})
            assert (len(corridors["values"]), corridors["truncated"]) == (2 * len(codes), False)
            assert ({one["value"] for one in countries["values"]}, countries["truncated"]) == (set(codes), False)
            assert {one["count"] for one in corridors["values"]} == {1}
            check_problem(await search.get("/facets/corridor", {"limit": 501}), 422)

    asyncio.run(scenario())


@pytest.mark.parametrize("q", ["", "water", "nothing at all holds this"])
def test_only_the_facets_named_are_counted(portal: BlockingPortal, search: Search, q: str) -> None:
    asked = [("q", q), ("country", "SN"), ("feature", "adaptability")]
    whole = portal.call(search.json, "/records", asked)
    assert list(whole["facets"]) == list(FACET)
    for named in (["corridor"], ["type", "country", "feature", "country"], ["none"]):
        body = portal.call(search.json, "/records", [*asked, *(("facets", name) for name in named)])
        kept = {name: counts for name, counts in whole["facets"].items() if name in named}
        assert body == {**whole, "facets": kept}
        assert list(body["facets"]) == list(kept), "in the order of the table"


def test_suggestions(portal: BlockingPortal, search: Search) -> None:
    def suggested(q: str, **more: Any) -> list[tuple[Any, ...]]:
        found = portal.call(search.json, "/suggest", {"q": q, **more})["suggestions"]
        return [(one["kind"], one["value"], one["label"], one["parameter"]) for one in found]

    assert ("country", "SN", "Sénégal", "country") in suggested("sene", lang="fr")
    assert ("authority", "milano", "Milan", "authority") in suggested("comune", lang="en")
    assert ("priorities", "rights", "Diritti", "priority") in suggested("dirit", lang="it")
    assert ("title", "practice-1", "Practice 1 of water", None) in suggested("practi", limit=20)
    assert ("title", "practice-7", "Practice 7 of water", None) in suggested("practice 7")
    assert ("authority", "cartaya", "Cartaya", "authority") in suggested("cartya", lang="en")
    assert ("authority", "cartaya", "Cartaya", "authority") in suggested("cratay", lang="en"), "misspelt and only begun"
    assert {one[1] for one in suggested("practice 7 of w", limit=20)} == {"practice-7"}, "titles keep their small words"
    assert suggested("  ") == suggested("?!") == []
    assert not [one for one in suggested("fra") if one[1] == "FR"], "no record involves France"


RECORD_ALONE = {"provenance", "tier", "state", "completeness", "ongoing", "relation", "language", "type"}


def test_similar_records_tell_what_they_have_in_common(portal: BlockingPortal, search: Search) -> None:
    told = set[str]()
    for one in RECORDS[::4]:
        own = {facet.name: list(dict.fromkeys(facet.codes(one))) for facet in FACETS if facet.name not in RECORD_ALONE}
        for hit in portal.call(search.json, f"/records/{one['id']}/similar", {"limit": 20})["hits"]:
            other = RECORDS[int(hit["id"][-2:], 16) - 1]
            common = {name: [code for code in codes if has(other, name, [code])] for name, codes in own.items()}
            assert hit["shared"] == {name: codes for name, codes in common.items() if codes}
            told |= set(hit["shared"])
    assert told >= {"priority", "feature", "country", "policy_area", "target_group", "corridor", "authority", "sdg"}
    assert not any("shared" in hit for hit in portal.call(search.json, "/records")["hits"])


def test_similar(portal: BlockingPortal, search: Search) -> None:
    hits = portal.call(search.json, f"/records/{uid(1)}/similar", {"limit": 3})["hits"]
    assert len(hits) == 3
    assert uid(1) not in {hit["id"] for hit in hits}
    by_slug = portal.call(search.json, "/records/practice-1/similar", {"limit": 3})["hits"]
    assert by_slug == hits
    for missing in (uid(77), "priorities", "praxis-made-with", "practice-77"):
        check_problem(portal.call(search.get, f"/records/{missing}/similar"), 404)


@pytest.mark.parametrize(
    ("path", "parameters", "status", "named"),
    [
        ("/records", {"colour": "red"}, 422, "colour"),
        ("/records", {"corridor": "ma-es"}, 422, "corridor"),
        ("/records", {"facets": ["country", "colour"]}, 422, "facets"),
        ("/records", {"facets": ["country", "none"]}, 422, "facets"),
        ("/facets/corridor", {"facets": "none"}, 422, "facets"),
        ("/records", {"country": "Senegal"}, 422, "country"),
        ("/records", {"budget_from": "1"}, 422, "currency"),
        ("/records", {"q": "\x00"}, 422, "q"),
        ("/records", {"min_seq": "x"}, 422, "min_seq"),
        ("/suggest", {}, 422, "q"),
        ("/facets/priority", {"page": "1"}, 422, "page"),
        ("/facets/colour", {}, 404, "colour"),
        ("/records", {"min_seq": "other.1"}, 409, "other"),
        ("/records", {"min_seq": "other.1", "sort": "size"}, 422, "sort"),
        ("/facets/level", {"min_seq": "other.1", "limit": "0"}, 422, "limit"),
        ("/nothing", {}, 404, ""),
    ],
)
def test_faults_are_named(
    portal: BlockingPortal, search: Search, path: str, parameters: Json, status: int, named: str
) -> None:
    body = check_problem(portal.call(search.get, path, parameters), status)
    assert named in {fault["field"] for fault in body["errors"]} or named in body["detail"]


def test_an_answer_from_the_cache_is_the_answer(portal: BlockingPortal, search: Search) -> None:
    addresses = [
        ("/records", {"q": "water", "lang": "it"}),
        ("/records", {"priority": "rights", "sort": "title"}),
        ("/suggest", {"q": "se"}),
        ("/facets/country", {}),
        (f"/records/{uid(1)}/similar", {}),
    ]

    async def check() -> None:
        for path, parameters in addresses:
            first = await search.get(path, parameters)
            again = await search.get(path, parameters)
            assert (first.content, first.headers["etag"]) == (again.content, again.headers["etag"])
            assert "x-request-id" not in again.headers, "the second came from the cache"
            known = await search.get(path, parameters, If_None_Match=first.headers["etag"])
            assert (known.status_code, known.content) == (304, b"")
            with_key = await search.get(path, parameters, Authorization="Bearer x")
            assert with_key.content == first.content, "past the cache"

    portal.call(check)


def test_what_is_published_is_found_at_once_when_waited_for(place: Place, tmp_path: Path) -> None:
    async def scenario() -> None:
        feed = DictFeed()
        feed.put(vocabulary("priorities"))
        async with searching(feed, tmp_path, **place) as search:
            before = await search.get("/records")
            for number in range(1, 6):
                seq = feed.put(practice(number))
                body = await search.json("/records", {"min_seq": f"first.{seq}"})
                assert body["total"] == number
                assert body["index"]["seq"] >= seq
            late = await search.get("/records", {"min_seq": "first.999"})
            assert check_problem(late, 503)
            assert late.headers["retry-after"]
            after = await search.get("/records", None, If_None_Match=before.headers["etag"])
            assert after.status_code == 200

    asyncio.run(scenario())


def test_slow_searches_are_bounded_and_delay_no_health_check(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        feed = DictFeed()
        feed.put(practice(1))
        limits = {"search_threads": 1, "search_queue": 1, "search_seconds": 2}
        async with searching(feed, tmp_path, **place, **limits) as search:
            release, asking = threading.Event(), type(search.node.engine)
            plain = search.node.engine.search
            slow_search = property(lambda engine: lambda query: release.wait() and plain(query))
            monkeypatch.setattr(asking, "search", slow_search)
            try:
                slow = [asyncio.create_task(search.get("/records", {"page": page})) for page in (1, 2, 3)]
                assert (await search.get("/search/healthz")).status_code == 200
                assert not slow[0].done(), "nothing waits for a search that hangs"
                for answer in await asyncio.gather(*slow):
                    check_problem(answer, 503)
                    assert answer.headers["retry-after"]
            finally:
                release.set()

    asyncio.run(scenario())


def test_nothing_is_answered_before_there_is_an_index(place: Place, tmp_path: Path) -> None:
    async def scenario() -> None:
        feed = DictFeed()
        feed.away = True
        async with searching(feed, tmp_path, settled=False, **place) as search:
            for path in ("/records", "/suggest?q=a", "/facets/level", f"/records/{uid(1)}/similar", "/search/readyz"):
                check_problem(await search.get(path), 503)
            feed.away = False
            await search.settled()
            assert (await search.json("/records"))["total"] == 0
            assert (await search.json("/search/readyz"))["index"]["epoch"] == feed.epoch

    asyncio.run(scenario())


def test_openapi_lists_the_values_that_the_index_knows(portal: BlockingPortal, search: Search) -> None:
    document = portal.call(search.json, "/search/openapi.json")
    listed = {one["name"]: one["schema"] for one in document["paths"]["/search/v1/records"]["get"]["parameters"]}
    assert listed["priority"]["items"]["enum"] == list(TERMS["priorities"])
    assert "SN" in listed["country"]["items"]["enum"]
    assert {"200", "304", "409", "422", "503"} <= set(document["paths"]["/search/v1/records"]["get"]["responses"])
