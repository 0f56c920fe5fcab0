"""Search against the api: totals and facet counts equal a count by hand over the api's own records."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import Session, col

from services.api.access.service import OPERATOR
from services.api.records import service as practices
from services.api.records.models import Record
from tests.harness.depth import examples
from tests.harness.server import serving_seeds

Json = dict[str, Any]
ALL_OF = {"feature", "sdg"}
JUDGED = ("tier", "state", "completeness")
BANDS = ((10_000_000, "10m-or-more"), (1_000_000, "1m-10m"), (100_000, "100k-1m"), (10_000, "10k-100k"), (0, "0-10k"))


def countries(record: Json, *roles: str) -> Iterator[str]:
    for entry in record["content"]["initiative"]["countries"]:
        if {*roles} <= {*entry["roles"]}:
            yield entry["country"] or entry["region"]


def corridors(record: Json) -> set[str]:
    pairs = {f"{one}-{other}" for one in countries(record, "origin") for other in countries(record, "destination")}
    assert len(pairs) <= 50, "more are not counted"
    return {pair for pair in pairs if len(set(pair.split("-"))) == 2}


def of_authorities(record: Json, field: str) -> Iterator[str]:
    known = {authority["slug"]: authority[field] for authority in record["authorities"]}
    for entry in record["content"]["who"]["authorities"]:
        if found := known.get(entry["authority"]) or entry[field]:
            yield found


def bands(record: Json) -> Iterator[str]:
    largest: dict[str, float] = {}
    for amount in record["content"]["initiative"]["budget"]:
        if amount["scope"] == "total":
            largest[amount["currency"]] = max(amount["amount"], largest.get(amount["currency"], 0))
    for currency, amount in largest.items():
        yield f"{currency}:{next(name for least, name in BANDS if amount >= least)}"


def ongoing(record: Json) -> Iterator[str]:
    when = record["content"]["when"]
    if when["ongoing"] is not None:
        yield "true" if when["ongoing"] else "false"
    elif when["end"]:
        yield "false"


def completeness(record: Json) -> Iterator[str]:
    percent = record["completeness"]["full"]
    yield "0-24" if percent < 25 else "25-49" if percent < 50 else "50-74" if percent < 75 else "75-100"


CODES: dict[str, Callable[[Json], Any]] = {
    "priority": lambda r: [tag["priority"] for tag in r["content"]["what"]["priorities"]],
    "feature": lambda r: [tag["feature"] for tag in r["content"]["why"]["features"]],
    "policy_area": lambda r: r["content"]["what"]["policy_areas"],
    "target_group": lambda r: [group for people in r["content"]["who"]["target_groups"] for group in people["groups"]],
    "keyword": lambda r: r["content"]["what"]["keywords"],
    "country_of_origin": lambda r: countries(r, "origin"),
    "country_of_destination": lambda r: countries(r, "destination"),
    "country": lambda r: [*countries(r), *of_authorities(r, "country")],
    "corridor": corridors,
    "authority": lambda r: [authority["slug"] for authority in r["authorities"]],
    "level": lambda r: of_authorities(r, "level"),
    "sdg": lambda r: r["content"]["what"]["sdgs"],
    "budget_source": lambda r: [source["kind"] for source in r["content"]["initiative"]["budget_sources"]],
    "budget_band": bands,
    "currency": lambda r: [band[:3] for band in bands(r)],
    "provenance": lambda r: [r["content"]["provenance"]["kind"]],
    "tier": lambda r: [r["tier"]],
    "state": lambda r: [r["state"]],
    "completeness": completeness,
    "decade": lambda r: [f"{start[:3]}0s"] if (start := r["content"]["when"]["start"]) else [],
    "ongoing": ongoing,
    "relation": lambda r: [link["relation"] for link in (*r["links"], *r["incoming"]) if link.get("to", True)],
    "language": lambda r: [r["content"]["language"]],
    "type": lambda r: [r["type"]],
}


def judge(session: Session) -> None:
    """Let peers have reviewed some practices, one be archived, and one be archived that they have reviewed."""
    for number, practice in enumerate(session.scalars(select(Record).order_by(col(Record.external_id)))):
        if number % 3 == 0:
            practices.publish(session, OPERATOR, practice, practice.version, "peer-reviewed")
        if number in (1, 3):
            practices.archive(session, OPERATOR, practice, practice.version, "It ended.")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving_seeds(tmp_path_factory.mktemp("server"), judge) as client:
        yield client


@pytest.fixture(scope="module")
def records(server: httpx.Client) -> dict[str, Json]:
    """Every public practice of the api by id."""
    items = server.get("/api/v1/practices", params={"limit": 100}).json()["items"]
    return {item["id"]: server.get(f"/api/v1/practices/{item['id']}").json() for item in items}


@pytest.fixture(scope="module")
def base(records: dict[str, Json]) -> dict[str, dict[str, set[str]]]:
    """What every public practice of the api counts for: id -> facet -> codes."""
    return {id: {facet: set(codes(record)) for facet, codes in CODES.items()} for id, record in records.items()}


def passes(codes: dict[str, set[str]], selected: dict[str, set[str]], ignoring: str | None = None) -> bool:
    return all(
        wanted <= codes[facet] if facet in ALL_OF else bool(wanted & codes[facet])
        for facet, wanted in selected.items()
        if facet != ignoring
    )


@given(data=st.data())
@settings(max_examples=examples(300), deadline=None)
def test_counts_equal_a_count_by_hand(
    server: httpx.Client, base: dict[str, dict[str, set[str]]], data: st.DataObject
) -> None:
    known = {facet: sorted({code for codes in base.values() for code in codes[facet]}) for facet in CODES}
    facets = data.draw(st.sets(st.sampled_from([facet for facet in CODES if known[facet]]), max_size=3))
    selected = {
        facet: data.draw(st.sets(st.sampled_from(known[facet]), min_size=1, max_size=3)) for facet in sorted(facets)
    }
    selected["type"] = {"practice"}
    asked = {"per_page": 100, **{facet: sorted(values) for facet, values in selected.items()}}
    answer = server.get("/search/v1/records", params=asked).json()
    expected = {id for id, codes in base.items() if passes(codes, selected)}
    assert answer["total"] == len(expected)
    assert {hit["id"] for hit in answer["hits"]} == expected
    assert set(answer["facets"]) == set(CODES)
    for facet, shown in answer["facets"].items():
        ignoring = None if facet in ALL_OF else facet
        counted = Counter(code for codes in base.values() if passes(codes, selected, ignoring) for code in codes[facet])
        values = {value["value"]: value["count"] for value in shown["values"]}
        if facet == "type":  # which counts records of other types, too
            values = {"practice": values["practice"]}
        assert values == {code: counted[code] for code in values}
        assert selected.get(facet, set()) <= set(values)
        assert {value["value"] for value in shown["values"] if value["selected"]} == selected.get(facet, set())
        missing = set(counted) - set(values)
        assert shown["truncated"] or not missing
        if missing:
            assert max(counted[code] for code in missing) <= sorted(values.values(), reverse=True)[19]


@pytest.mark.parametrize("q", ["migratnes", "remittnce"])
def test_a_misspelt_word_counts_for_what_it_finds(server: httpx.Client, q: str) -> None:
    def answer(**more: str) -> Json:
        found: Json = server.get(
            "/search/v1/records", params={"type": "practice", "q": q, "per_page": 100, **more}
        ).json()
        return found

    whole = answer()
    assert 5 < whole["total"] == len({hit["id"] for hit in whole["hits"]})
    counted = {one["value"]: one["count"] for one in whole["facets"]["type"]["values"]}
    assert counted["practice"] == whole["total"]
    for other in ({"facets": "none"}, {"sort": "newest"}, {"per_page": "1"}):
        assert answer(**other)["total"] == whole["total"]
    for facet in ("priority", "feature"):
        for value in whole["facets"][facet]["values"]:
            assert answer(**{facet: value["value"]})["total"] == value["count"]


def test_hits_tell_how_they_were_judged(server: httpx.Client, records: dict[str, Json]) -> None:
    hits = server.get("/search/v1/records", params={"type": "practice", "per_page": 100}).json()["hits"]
    assert {hit["id"] for hit in hits} == set(records)
    for hit in hits:
        assert {name: hit[name] for name in JUDGED} == {name: records[hit["id"]][name] for name in JUDGED}
    shown = Counter((hit["tier"], hit["state"]) for hit in hits)
    assert shown["peer-reviewed", "archived"] == shown["network", "archived"] == 1
    assert shown["peer-reviewed", "published"] > 5


@pytest.mark.parametrize("least", [0, 40, 60, 100])
def test_the_most_complete_come_first_and_the_least_can_be_left_out(
    server: httpx.Client, records: dict[str, Json], least: int
) -> None:
    asked = {"type": "practice", "sort": "completeness", "completeness_from": least, "per_page": 100}
    hits = server.get("/search/v1/records", params=asked).json()["hits"]
    full = {id: record["completeness"]["full"] for id, record in records.items()}
    assert [hit["id"] for hit in hits] == sorted(
        (id for id in full if full[id] >= least), key=lambda id: (-full[id], id)
    )
