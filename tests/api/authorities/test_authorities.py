"""Authorities: what is said of them, who took over from whom, how they are found, and what records show of them."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.api import app
from services.api.authorities import service
from services.api.authorities.models import Authority
from services.api.kit.folding import folded
from tests.harness.depth import examples
from tests.harness.support import Api, Json, Template, authority_body, check_problem, practice_body

OFFICE = {
    "name": "Ufficio migrazioni",
    "names": {"en": "Migration office"},
    "website": "https://comune.example.org/migrazioni",
    "phone": "+39 051 219 4000",
}
FULL = {
    "names": {"en": "Town of Àlba", "ar": "ألبا"},
    "population": {"count": 1000, "year": 2011, "source": "Census of 2011, table 3"},
    "networks": ["EUROCITIES", "MedCities, Urban Network"],
    "ended": "2014-12",
    "successor": "boca",
    "contact_office": OFFICE,
}


def add(api: Api, template: Template, slug: str, **more: Any) -> Json:
    answer = api.post("/authorities", template.secretariat, json=authority_body(slug.title(), slug=slug, **more))
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


def found(api: Api, query: str) -> list[str]:
    answer = api.get(f"/authorities?limit=100&{query}")
    assert answer.status_code == 200, answer.text
    on_map = api.get(f"/authorities.geojson?{query}").json()["features"]
    slugs = [one["slug"] for one in answer.json()["items"]]
    assert [one["properties"]["slug"] for one in on_map] == slugs, "a map shows what the list shows"
    return slugs


def feed(api: Api, after: int = 0) -> dict[str, Json]:
    return {one["id"]: one["record"] for one in api.get(f"/changes?limit=1000&after={after}").json()["changes"]}


def head(api: Api) -> int:
    return int(api.get("/changes?limit=1").json()["head"])


@pytest.mark.each_database
def test_all_that_is_said_is_shown_and_stands_in_the_feed(api: Api, template: Template) -> None:
    made = add(api, template, "duca", **FULL)
    boca = api.get("/authorities/boca").json()
    assert made["successor"] == {"id": boca["id"], "slug": "boca", "name": "Boca del Río"}
    assert made["population"] == FULL["population"]
    assert (made["ended"], made["contact_office"]) == ("2014-12", OFFICE)
    assert api.get("/authorities/duca").json() == feed(api)[made["id"]] == made


@pytest.mark.each_database
def test_a_record_shows_of_an_authority_what_it_always_showed(api: Api, template: Template) -> None:
    made = add(api, template, "duca", **FULL)
    id = api.post("/practices", template.secretariat, json=practice_body(authority="duca")).json()["id"]
    latest = api.post(f"/practices/{id}/publish", template.secretariat, version=1).json()
    expected = {name: made[name] for name in made if name not in ("ended", "successor", "contact_office")}
    expected |= {"population": {"count": 1000, "year": 2011}}
    assert api.get(f"/practices/{id}").json()["authorities"] == latest["authorities"] == [expected]
    assert [*expected][-1] == "updated_at"


@pytest.mark.each_database
def test_a_new_name_reaches_those_that_name_it_and_no_other(api: Api, template: Template) -> None:
    child, former = add(api, template, "child", parent="boca"), add(api, template, "former", successor="boca")
    id = api.post("/practices", template.secretariat, json=practice_body(authority="former")).json()["id"]
    api.post(f"/practices/{id}/publish", template.secretariat, version=1).raise_for_status()
    before = head(api)
    api.put("/authorities/boca", template.secretariat, version=1, json=authority_body("Boca Nuova")).raise_for_status()
    told = feed(api, before)
    boca = api.get("/authorities/boca").json()["id"]
    assert told.keys() == {boca, child["id"], former["id"]}, "a record that embeds the former one shows no successor"
    assert told[child["id"]]["parent"]["name"] == told[former["id"]]["successor"]["name"] == "Boca Nuova"


@pytest.mark.parametrize(
    ("field", "value", "where", "said"),
    [
        ("ended", "2014-13", "ended", "date"),
        ("ended", 2014, "ended", "put it in quotes"),
        ("successor", "atlantis", "successor", "no authority"),
        ("successor", "Not a slug", "successor", "lower-case"),
        ("population", {"count": 1, "year": 2011, "source": " "}, "population.source", "at least 1"),
        ("population", {"count": 1, "year": 2011, "source": "x" * 501}, "population.source", "at most 500"),
        ("population", {"count": 1, "year": 2011, "source": "Ana <a@b.org>"}, "population.source", "e-mail"),
        ("contact_office", {"name": "Office"}, "contact_office", "web address or a phone"),
        ("contact_office", {"phone": "+39 051"}, "contact_office.name", "required"),
        ("contact_office", OFFICE | {"phone": "call me"}, "contact_office.phone", "telephone"),
        ("contact_office", OFFICE | {"website": "javascript:alert(1)"}, "contact_office.website", "http"),
        ("contact_office", OFFICE | {"website": "mailto:a@example.org"}, "contact_office.website", "http"),
        ("contact_office", OFFICE | {"website": "https://e.org/?to=a@b.org"}, "contact_office.website", "e-mail"),
        ("contact_office", OFFICE | {"website": "https://e.org/?to=a%40b.org"}, "contact_office.website", "e-mail"),
        ("contact_office", OFFICE | {"name": "Ana, ana@example.org"}, "contact_office.name", "e-mail"),
        ("contact_office", OFFICE | {"names": {"es": "ana@example.org"}}, "contact_office.names.es", "e-mail"),
        ("contact_office", OFFICE | {"email": "ana@example.org"}, "contact_office.email", "no such field"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    api: Api, template: Template, field: str, value: Any, where: str, said: str
) -> None:
    answer = api.post("/authorities", template.secretariat, json=authority_body("New", **{field: value}))
    faults = {fault["field"]: fault["message"] for fault in check_problem(answer, 422)["errors"]}
    assert said in faults[where], faults


@pytest.mark.each_database
def test_what_took_over_leads_back_by_no_way(api: Api, template: Template) -> None:
    key = template.secretariat
    add(api, template, "one", successor="boca")
    add(api, template, "two", parent="one")
    for field, names in {"successor": ("boca", "one", "two"), "parent": ("boca", "one", "two")}.items():
        for name in names:
            answer = api.put("/authorities/boca", key, version=1, json=authority_body("Boca", **{field: name}))
            assert field in {fault["field"] for fault in check_problem(answer, 422)["errors"]}
    answer = api.put("/authorities/boca", key, version=1, json=authority_body("Boca", successor="alba", parent="alba"))
    assert answer.status_code == 200, "an authority may belong to the one that took over from it"


@settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    wanted=st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from(["parent", "successor"]), st.integers(0, 4)), max_size=12
    )
)
def test_however_they_name_each_other_there_is_an_order(api: Api, template: Template, wanted: list[Any]) -> None:
    """What is refused would close a circle, and nothing else is refused."""
    slugs = [str(add(api, template, f"t{head(api)}-{number}")["slug"]) for number in range(5)]
    names: dict[str, Json] = {slug: {} for slug in slugs}
    for one, field, other in wanted:
        said = names[slugs[one]] | {field: slugs[other]}
        version = api.get(f"/authorities/{slugs[one]}").json()["version"]
        body = authority_body(slugs[one], **said)
        answer = api.put(f"/authorities/{slugs[one]}", template.secretariat, version=version, json=body)
        closes = leads_back(names | {slugs[one]: said}, slugs[one])
        assert answer.status_code == (422 if closes else 200), (names, slugs[one], said)
        if not closes:
            names[slugs[one]] = said


def leads_back(names: dict[str, Json], slug: str) -> bool:
    reached, waiting = set(), [*names[slug].values()]
    while waiting:
        if (here := waiting.pop()) not in reached:
            reached.add(here)
            waiting += names[here].values()
    return slug in reached


@pytest.mark.each_database
def test_they_are_found_by_a_part_of_any_name_and_by_what_they_belong_to(api: Api, template: Template) -> None:
    add(api, template, "duca", **FULL)
    add(api, template, "child", parent="duca", networks=["Eurocities "])
    add(api, template, "percent", names={"en": "100%_of\\it"})
    assert found(api, "q=towN of alba") == found(api, "q=  ÀLB ")[1:] == ["duca"]
    assert found(api, "q=ألب") == ["duca"]
    assert found(api, "q=%25_of\\") == ["percent"]
    assert found(api, "q=o_a") == []
    assert found(api, "network=eurocities") == ["child", "duca"]
    assert found(api, "network=MedCities, Urban Network") == ["duca"]
    assert found(api, "network=MedCities") == [], "a network is meant, not a part of its name"
    assert found(api, "parent=duca") == ["child"]
    assert found(api, "successor=boca&q=duca&country=IT&level=municipality") == ["duca"]
    assert found(api, "successor=boca&country=ES") == []
    check_problem(api.get("/authorities?parent=nowhere"), 404)
    check_problem(api.get("/authorities.geojson?network="), 422)


@settings(max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.text(min_size=1, max_size=20), cut=st.tuples(st.integers(0, 19), st.integers(1, 20)))
def test_any_part_of_a_name_finds_it(api: Api, template: Template, name: str, cut: tuple[int, int]) -> None:
    answer = api.post("/authorities", template.secretariat, json=authority_body(name))
    part = name.strip()[cut[0] : cut[0] + cut[1]]
    if answer.status_code == 201 and folded(part) and folded(part) in folded(name):
        slugs = [one["slug"] for one in api.get("/authorities", params={"q": part, "limit": 100}).json()["items"]]
        assert answer.json()["slug"] in slugs or len(slugs) == 100


def test_a_map_has_those_without_coordinates_too(api: Api, template: Template) -> None:
    add(api, template, "duca", coordinates={"latitude": 44.5, "longitude": 11.25}, **FULL)
    answer = api.get("/authorities.geojson?q=duca")
    assert answer.headers["content-type"] == "application/geo+json"
    (one,) = answer.json()["features"]
    assert one["geometry"] == {"type": "Point", "coordinates": [11.25, 44.5]}
    assert one["properties"]["names"] == FULL["names"]
    alba = api.get("/authorities.geojson?q=alba").json()["features"]
    assert alba[0]["geometry"] is None
    assert not answer.json()["truncated"]


def test_a_map_tells_when_it_is_not_all(api: Api, template: Template, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_PLACES", 1)
    shown = api.get("/authorities.geojson").json()
    assert ([one["properties"]["slug"] for one in shown["features"]], shown["truncated"]) == (["alba"], True)


@pytest.mark.each_database
def test_what_another_version_rendered_is_rendered_anew(api: Api, template: Template) -> None:
    made = add(api, template, "duca", **FULL)
    with api.database.transaction() as session:
        for slug in ("duca", "alba"):
            one = service.find(session, slug)
            one.rendering = one.folded_names = one.folded_networks = None
        service.find(session, "duca").ended = "2015"  # would be shown otherwise
    assert found(api, "q=duca") == []
    before = head(api)
    app.prepare(api.database)
    assert feed(api, before) == {made["id"]: made | {"ended": "2015"}}
    assert found(api, "q=duca") == found(api, "network=eurocities") == ["duca"]
    with api.database.transaction(write=False) as session:
        assert not service.rendered_otherwise(session)
        assert session.get_one(Authority, service.find(session, "alba").id).rendering is not None


@pytest.mark.each_database
def test_the_records_of_an_authority(api: Api, template: Template) -> None:
    key = template.secretariat

    def publish(title: str, owner: str | None, authority: str, *links: Json) -> Json:
        body = practice_body(title, authority=authority) | ({"owner": owner} if owner else {})
        body["content"]["links"] = list(links)
        id = api.post("/practices", key, json=body).json()["id"]
        made: Json = api.post(f"/practices/{id}/publish", key, version=1).json()
        return made

    def link(to: str) -> Json:
        return {"relation": "inspired-by", "to": to, "asserted_by": "editor"}

    add(api, template, "duca")
    other = publish("Other", "boca", "boca")
    named = publish("Named", None, "duca", link(f"practice/{other['slug']}"))
    owned = publish("Owned", "duca", "boca", link(f"practice/{named['slug']}"))
    linked = publish("Linked", "boca", "boca", link("authority/duca"))
    api.post("/practices", key, json=practice_body("A draft", authority="duca"))
    shown = api.get("/authorities/duca/records").json()["items"]
    assert [one["title"] for one in shown] == [{"en": "Linked"}, {"en": "Owned"}, {"en": "Named"}]
    assert [one["owned"] for one in shown] == [False, True, False]
    assert [[(at["path"], at["relation"]) for at in one["mentions"]] for one in shown] == [
        [("links[0].to", "inspired-by")],
        [],
        [("who.authorities[0].authority", "authority")],
    ]
    assert [one["id"] for one in shown] == [linked["id"], owned["id"], named["id"]]
    assert shown[1]["links"][0]["to"] == f"practice/{named['id']}"
    assert shown[2]["incoming"][0]["from"] == f"practice/{owned['id']}"
    first = api.get("/authorities/duca/records?limit=2")
    rest = api.get(f"/authorities/duca/records?limit=2&cursor={first.json()['next']}").json()
    assert first.json()["items"] + rest["items"] == shown
    assert rest["next"] is None
    assert 'rel="next"' in first.headers["link"]
    check_problem(api.get("/authorities/nowhere/records"), 404)
    api.post(f"/practices/{owned['id']}/unpublish", key, version=2).raise_for_status()
    assert [one["id"] for one in api.get("/authorities/duca/records").json()["items"]] == [linked["id"], named["id"]]
