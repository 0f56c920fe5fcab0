"""Road maps, programmes and own accounts on each engine: facets, cards, and one meaning of `currency`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from anyio.from_thread import BlockingPortal

from services.api.records import forms
from services.api.types import TYPES
from services.search.types.road_map import TYPE as ROAD_MAP
from tests.harness.support import check_problem
from tests.search.engine_support import Places
from tests.search.support import TERMS, DictFeed, Json, Search, authority, practice, searching, uid, vocabulary

TIRANA = authority(51, "tirana", "Bashkia Tiranë", {"en": "Tirana"}, country="AL")
MILAN = authority(52, "milano", "Comune di Milano", {"en": "Milan"}, country="IT")


def record(type: str, number: int, content: Json, **more: Any) -> Json:
    """Return the public record of a type, what is not answered filled in as the api does."""
    return {
        "type": type,
        "id": uid(number),
        "slug": f"{type}-{number}",
        "published_at": "2026-03-01T00:00:00Z",
        "updated_at": "2026-03-02T00:00:00Z",
        "tier": "network",
        "state": "published",
        "completeness": {"snapshot": 50, "full": 60},
        "content": TYPES[type].form.model.model_validate({"language": "en", **content}).model_dump(mode="json"),
        "translations": {},
        "authorities": [],
        "links": [],
        "incoming": [],
        "progress": [],
    } | more


def step(kind: str, key: str) -> Json:
    path = f"plan.activities[key={key}]"
    return {"path": path, "kind": kind, "value": None, "note": None, "at": "2026-04-01T00:00:00Z"}


def road_map(number: int, owner: Json, about: Json, plan: Json, **content: Any) -> Json:
    more = {name: content.pop(name) for name in ("progress", "translations") if name in content}
    told = {"about": {"authority": owner["slug"], **about}, "plan": plan, "provenance": {"kind": "extracted"}}
    return record("road-map", number, {**told, **content}, authorities=[owner], **more)


AREAS = ("institutional-coordination", "culture-and-heritage")
ONE = road_map(
    1,
    TIRANA,
    {
        "title": "Road map of Tirana",
        "summary": "What the city plans",
        "sdgs": ["11"],
        "elaboration_start": "2020",
        "start": "2021-03",
    },
    {
        "areas": [{"area": AREAS[0], "name": "Coordination"}],
        "activities": [
            {"key": "a", "area": AREAS[0], "text": "Set up a unit", "state": "planned"},
            {"key": "b", "area": AREAS[0], "text": "Train clerks", "state": "planned"},
            {"key": "c", "area": AREAS[0], "text": "Count those who return", "end": "2023"},
        ],
    },
    budget={"total": 34_400, "currency": "EUR", "lines": [{"kind": "experts", "amount": 90_000}]},
    outcome={"adoption": [{"what": "Working paper", "state": "before-council"}]},
    translations={"fr": {"about.title": {"text": "Feuille de route de Tirana", "status": "human"}}},
    progress=[step("begun", "a"), step("done", "a"), step("dropped", "b")],
)
TWO = road_map(
    2,
    MILAN,
    {"title": "Road map of Milan", "summary": "What else is planned"},
    {
        "areas": [{"area": area, "name": area} for area in AREAS],
        "activities": [{"area": AREAS[1], "text": "Open museums", "state": "begun"}],
    },
    budget={"currency": "EUR", "lines": [{"kind": "experts", "amount": 10}]},
    translations={"es": {"about.title": {"text": "Hoja de ruta de Milán", "status": "machine"}}},
)
PROGRAMME = record(
    "programme",
    3,
    {
        "about": {"title": "A network of cities", "summary": "They learn", "kind": "network", "launched": "2020"},
        "people": {"cities": [{"authority": "tirana", "name": "Tirana"}, {"name": "Lisbon", "country": "PT"}]},
        "provenance": {"kind": "extracted"},
    },
    authorities=[TIRANA],
)
ACCOUNT = record(
    "own-account",
    4,
    {
        "account": {
            "practice": "practice-5",
            "authority": uid(52),
            "strand": "rights",
            "title": "Our desk",
            "description": "We receive people",
        }
    },
    authorities=[MILAN],
    links=[{"path": "account.practice", "to": f"practice/{uid(5)}", "relation": "account-of"}],
)
SUMS = [
    {"amount": 40_000, "currency": "EUR", "scope": "total"},
    {"amount": 9, "currency": "MAD", "scope": "part"},
]
RECORDS = (
    ONE,
    TWO,
    PROGRAMME,
    ACCOUNT,
    practice(7, "A plan of Tirana", {"how": {"summary": "What the city plans"}}),
    practice(8, "Presupuestos de la ciudad", authorities=(MILAN,)),
    practice(5, "A desk", {"initiative": {"budget": SUMS}}),
    practice(6, "Dirhams", {"initiative": {"budget": [{"amount": 5_000, "currency": "MAD", "scope": "total"}]}}),
)


@pytest.fixture(scope="module")
def search(portal: BlockingPortal, places: Places, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Search]:
    feed = DictFeed()
    for name in TERMS:
        feed.put(vocabulary(name))
    for type in TYPES.values():
        feed.put(orjson.loads(forms.rendered(type)))
    for one in (TIRANA, MILAN, *RECORDS):
        feed.put(one)
    folder: Path = tmp_path_factory.mktemp("index")
    with (
        places.settings() as place,
        portal.wrap_async_context_manager(searching(feed, folder, **place)) as search,
    ):
        yield search


def counts(body: Json, facet: str) -> dict[str, int]:
    return {one["value"]: one["count"] for one in body["facets"][facet]["values"] if one["count"]}


def numbers(body: Json) -> set[int]:
    return {int(hit["id"][-2:], 16) for hit in body["hits"]}


def test_the_facets_of_road_maps(portal: BlockingPortal, search: Search) -> None:
    body = portal.call(search.json, "/records", {"type": "road-map", "lang": "es"})
    assert numbers(body) == {1, 2}
    expected = {
        "area": {AREAS[0]: 2, AREAS[1]: 1},
        "adoption": {"before-council": 1},
        "lead_authority": {"tirana": 1, "milano": 1},
        "activity_state": {"done": 1, "dropped": 1, "begun": 1},
        "currency": {"EUR": 1},
        "budget_band": {"EUR:10k-100k": 1},
        "authority": {"tirana": 1, "milano": 1},
        "country": {"AL": 1, "IT": 1},
        "sdg": {"11": 1},
        "state": {"published": 2},
    }
    assert {facet: counts(body, facet) for facet in expected} == expected
    labels = {one["value"]: one["label"] for one in body["facets"]["adoption"]["values"]}
    assert labels["before-council"] == TERMS["adoption-states"]["before-council"]["es"]
    for facet, codes in expected.items():
        for code, count in codes.items():
            narrowed = portal.call(search.json, "/records", {"type": "road-map", facet: code, "facets": "none"})
            assert narrowed["total"] == count, (facet, code)


@pytest.mark.parametrize(
    ("own", "told", "state"),
    [
        (None, [], []),
        ("planned", [], ["planned"]),
        ("planned", ["begun"], ["begun"]),
        (None, ["begun", "dropped", "begun"], ["begun"]),
        ("done", ["begun", "done"], ["done"]),
        ("begun", ["elsewhere"], ["begun"]),
    ],
)
def test_an_activity_is_in_the_state_that_was_told_last(own: str | None, told: list[str], state: list[str]) -> None:
    steps = [step("done", "other") if kind == "elsewhere" else step(kind, "a") for kind in told]
    content = {"plan": {"activities": [{"key": "a", "state": own}]}}
    codes = next(facet.codes for facet in ROAD_MAP.facets if facet.name == "activity_state")
    assert list(codes({"content": content, "progress": steps})) == state


def test_a_step_is_found_once_it_is_told(tmp_path: Path, portal: BlockingPortal) -> None:
    feed = DictFeed()
    feed.put(vocabulary("activity-states"))
    feed.put(ONE)
    with portal.wrap_async_context_manager(searching(feed, tmp_path)) as search:
        asked = {"activity_state": "begun", "facets": "none"}
        assert portal.call(search.json, "/records", asked)["total"] == 0
        feed.put({**ONE, "progress": [*ONE["progress"], step("begun", "c")]})
        portal.call(search.settled)
        assert portal.call(search.json, "/records", asked)["total"] == 1


def test_currency_is_that_of_totals_for_every_type(portal: BlockingPortal, search: Search) -> None:
    def found(**asked: Any) -> set[int]:
        return numbers(portal.call(search.json, "/records", asked))

    assert found(currency="EUR") == {1, 5}, "lines and parts are no totals"
    assert found(currency="MAD") == {6}
    assert found(currency=["EUR", "MAD"]) == {1, 5, 6}
    assert found(currency="EUR", budget_from="35000") == {5}
    assert found(currency="EUR", budget_to="35000") == {1}
    assert found(currency="EUR", budget_from="34400", type="road-map") == {1}
    assert found(currency="CHF") == set()
    body = portal.call(search.json, "/records", {"currency": "EUR", "lang": "fr"})
    assert counts(body, "currency") == {"EUR": 2, "MAD": 1}
    told = {one["value"]: (one["label"], one["selected"]) for one in body["facets"]["currency"]["values"]}
    assert told["EUR"] == ("euro", True)
    assert counts(portal.call(search.json, "/records", {"type": "practice"}), "currency") == {"EUR": 1, "MAD": 1}
    assert [one["value"] for one in portal.call(search.json, "/facets/currency", {"q": "dirh"})["values"]] == ["MAD"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"currency": ["EUR", "MAD"], "budget_from": "1"}, "more than one"),
        ({"budget_to": "1"}, "missing"),
        ({"currency": "eur"}, "'EUR'"),
    ],
)
def test_amounts_compare_within_one_currency(portal: BlockingPortal, search: Search, asked: Json, message: str) -> None:
    body = check_problem(portal.call(search.get, "/records", asked), 422)
    [fault] = body["errors"]
    assert fault["field"] == "currency"
    assert message in fault["message"]


def test_years_and_start(portal: BlockingPortal, search: Search) -> None:
    def found(**asked: Any) -> list[str]:
        return [hit["id"] for hit in portal.call(search.json, "/records", {"type": "road-map", **asked})["hits"]]

    assert found(year_to="2020") == found(year_from="2023") == [uid(1)]
    assert found(year_from="2024") == found(year_to="2019") == []
    assert found(sort="start") == [uid(1), uid(2)]


def test_cards(portal: BlockingPortal, search: Search) -> None:
    def card(type: str, name: str) -> Json:
        hits = portal.call(search.json, "/records", {"type": type, "lang": "en", "facets": "none"})["hits"]
        return next(hit for hit in hits if hit["slug"] == name)

    tirana = card("road-map", "road-map-1")
    assert {name: tirana[name] for name in ("authorities", "areas", "adoption", "activities", "total", "currency")} == {
        "authorities": [{"slug": "tirana", "name": "Tirana"}],
        "areas": [AREAS[0]],
        "adoption": ["before-council"],
        "activities": {"total": 3, "states": {"done": 1, "dropped": 1}},
        "total": 34_400,
        "currency": "EUR",
    }
    assert (tirana["start"], tirana["end"]) == ("2021-03", None)
    assert card("road-map", "road-map-2")["total"] is None, "a sum of its lines is none"
    network = card("programme", "programme-3")
    assert network["cities"] == [
        {"slug": "tirana", "name": "Tirana", "country": "AL"},
        {"slug": None, "name": "Lisbon", "country": "PT"},
    ]
    assert (network["kind"], network["launched"], network["end"]) == ("network", "2020", None)
    account = card("own-account", "own-account-4")
    assert (account["practice"], account["strand"]) == (uid(5), "rights")
    assert account["authorities"] == [{"slug": "milano", "name": "Milan"}]


def test_programmes_and_accounts_narrow(portal: BlockingPortal, search: Search) -> None:
    programme = portal.call(search.json, "/records", {"type": "programme"})
    assert counts(programme, "country") == {"AL": 1, "PT": 1}
    assert counts(programme, "authority") == {"tirana": 1}
    account = portal.call(search.json, "/records", {"type": "own-account"})
    assert counts(account, "priority") == {"rights": 1}
    assert counts(account, "relation") == {"account-of": 1}
    assert numbers(portal.call(search.json, "/records", {"linked": f"practice/{uid(5)}"})) == {4}


@pytest.mark.parametrize("type", [(), ("road-map",)])
@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("what does the road map of Tirana plan", 1),
        ("presupuesto de la hoja de ruta de Milán", 2),
        ("la feuille de route de Tirana", 1),
    ],
)
def test_questions_find_the_right_road_map_first(
    portal: BlockingPortal, search: Search, text: str, first: int, type: tuple[str, ...]
) -> None:
    body = portal.call(search.json, "/records", {"q": text, "type": type})
    assert body["hits"][0]["id"] == uid(first)


def test_suggestions_hold_titles_and_areas(portal: BlockingPortal, search: Search) -> None:
    def suggested(text: str, **more: str) -> set[tuple[str, str]]:
        body = portal.call(search.json, "/suggest", {"q": text, **more})
        return {(one["kind"], one["value"]) for one in body["suggestions"]}

    assert ("title", "road-map-1") in suggested("road map of tir")
    assert ("title", "programme-3") in suggested("network of")
    assert ("title", "own-account-4") in suggested("our desk")
    assert ("road-map-areas", AREAS[1]) in suggested("herit", type="road-map")
