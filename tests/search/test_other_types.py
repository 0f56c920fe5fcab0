"""Records of other types than practices: authorities, a type that its declaration alone tells of, its rows, forms."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import orjson
import pytest

from services.api.records import forms
from services.search.document import document
from services.search.feed import digest_of
from services.search.projection import records
from tests.harness.types.pledge.type import TYPE as PLEDGE
from tests.search.support import (
    FORM,
    DictFeed,
    Json,
    Search,
    authority,
    pledges,
    practice,
    searching,
    uid,
    vocabulary,
)

PLEDGE_FORM: Json = orjson.loads(forms.rendered(PLEDGE))
ALBA = authority(50, "alba", "Comune di Alba", {"en": "Orchard town"}, country="IT", networks=["Hazel League"])


@pytest.fixture(autouse=True)
def _second_type() -> Iterator[None]:
    with pledges():
        yield


def action(number: int, key: str, text: str) -> Json:
    """Return a row that is published beside its record."""
    return {
        "type": "action",
        "id": f"{uid(number)}#{key}",
        "derived_from": {"type": "pledge", "id": uid(number), "path": f"plan.actions[key={key}]"},
        "language": "en",
        "content": {"key": key, "text": text, "due": "2027", "state": "draft"},
    }


def pledge(number: int, title: str, *actions: str, **more: object) -> Json:
    rows = [action(number, str(key), text)["content"] for key, text in enumerate(actions)]
    return {
        "type": "pledge",
        "id": uid(number),
        "slug": f"pledge-{number}",
        "published_at": "2026-03-01T00:00:00Z",
        "updated_at": "2026-03-02T00:00:00Z",
        "tier": "network",
        "state": "published",
        "completeness": {"snapshot": 50, "full": 60},
        "content": {
            "language": "en",
            "promise": {"title": title, "summary": None, "partner": "alba"},
            "plan": {"actions": rows, "comment": None},
        },
        "translations": {"it": {"promise.title": {"text": f"Promessa {number}", "status": "human"}}},
        "authorities": [],
        "links": [],
        "incoming": [],
    } | more


def filled() -> DictFeed:
    feed = DictFeed()
    for name in ("priorities", "countries", "authority-levels", "relations"):
        feed.put(vocabulary(name))
    feed.put(FORM)
    feed.put(PLEDGE_FORM)
    feed.put(ALBA)
    feed.put(practice(1, "Orchard"))
    feed.put(action(2, "3.1", "Orchard of pears"))
    feed.put(action(2, "b", "Teach"))
    feed.put(pledge(2, "Orchard for all", "Orchard of pears", "Teach"))
    feed.put(pledge(3, "Orchards and gardens for all", "Teach"))
    return feed


def run(folder: Path, scenario: Callable[[Search], Awaitable[None]], feed: DictFeed | None = None) -> None:
    async def live() -> None:
        async with searching(feed or filled(), folder) as search:
            await scenario(search)

    asyncio.run(live())


async def equal(search: Search) -> bool:
    """Tell whether the index holds what the feed does."""
    await search.settled()
    return digest_of(records(search.node.engine.documents())) == search.feed.digest()


def counts(body: Json, facet: str) -> dict[str, int]:
    return {one["value"]: one["count"] for one in body["facets"][facet]["values"]}


def found(body: Json) -> list[tuple[str, str]]:
    return [(hit["type"], hit["title"]) for hit in body["hits"]]


def test_a_type_is_found_faceted_suggested_and_likened_by_its_declaration_alone(tmp_path: Path) -> None:
    async def scenario(search: Search) -> None:
        body = await search.json("/records", {"type": "pledge", "q": "teach"})
        assert {hit["id"] for hit in body["hits"]} == {uid(2), uid(3)}
        assert body["hits"][0]["summary"] is None
        assert counts(body, "partner") == {"alba": 2}
        (named,) = body["facets"]["partner"]["values"]
        assert named["label"] == "Comune di Alba"
        assert (await search.json("/records", {"partner": uid(50)}))["total"] == 2
        assert (await search.get("/records", {"partner": "nobody"})).status_code == 422
        titled = await search.json("/suggest", {"q": "orchards and"})
        assert [one["value"] for one in titled["suggestions"]] == ["pledge-3"]
        assert (await search.json("/suggest", {"q": "orchards and", "type": "practice"}))["suggestions"] == []
        alike = (await search.json("/records/pledge-2/similar"))["hits"]
        assert [(hit["id"], hit["shared"]["partner"]) for hit in alike] == [(uid(3), ["alba"])]
        italian = await search.json("/records", {"type": "pledge", "q": "promessa", "lang": "it"})
        assert {hit["title"] for hit in italian["hits"]} == {"Promessa 2", "Promessa 3"}
        assert search.node.upkeep.refused == {}

    run(tmp_path, scenario)


def test_a_text_in_a_row_is_found_in_the_words_and_by_the_rules_of_its_language(tmp_path: Path) -> None:
    feed = filled()
    texts = {"plan.actions[key=0].text": {"text": "Costruiamo scuole", "status": "human"}}
    feed.put(pledge(4, "A promise", "Build schools", translations={"it": texts}))
    row = action(4, "0", "Build schools") | {"translations": {"it": {"text": texts["plan.actions[key=0].text"]}}}
    feed.put(row)

    async def scenario(search: Search) -> None:
        for type, id in (("pledge", uid(4)), ("action", f"{uid(4)}#0")):
            for lang, q, said in (("it", "scuola", "scuole"), ("en", "school", "schools")):
                body = await search.json("/records", {"type": type, "q": q, "lang": lang})
                assert [hit["id"] for hit in body["hits"]] == [id], (type, lang)
                assert f"<mark>{said}</mark>" in str(body["hits"][0]["highlights"]), (type, lang)
        (hit,) = (await search.json("/records", {"type": "action", "q": "scuola", "lang": "it"}))["hits"]
        assert (hit["title"], hit["title_language"], hit["translation"]) == ("Costruiamo scuole", "it", "human")
        assert search.node.upkeep.refused == {}
        assert await equal(search)

    run(tmp_path, scenario, feed)


def test_what_is_of_no_type_by_name_comes_type_by_type(tmp_path: Path) -> None:
    async def scenario(search: Search) -> None:
        for asked in ({}, {"q": "orchard"}):
            whole = await search.json("/records", asked)
            types = [hit["type"] for hit in whole["hits"]]
            assert whole["total"] == len(types) == 4
            assert types == ["practice", "authority", "pledge", "pledge"]
            for per_page in (1, 2, 3):
                pages = [
                    await search.json("/records", asked | {"page": page, "per_page": per_page}) for page in range(1, 6)
                ]
                assert [hit["id"] for page in pages for hit in page["hits"]] == [hit["id"] for hit in whole["hits"]]
                assert {(page["total"], page["close"]) for page in pages} == {(4, 4)}
        mixed = await search.json("/records", {"sort": "title"})
        assert [hit["type"] for hit in mixed["hits"]] == ["authority", "practice", "pledge", "pledge"]

    run(tmp_path, scenario)


def test_types_are_counted_whatever_is_selected_of_them_rows_and_forms_too(tmp_path: Path) -> None:
    async def scenario(search: Search) -> None:
        every = {"practice": 1, "authority": 1, "form": 2, "pledge": 2, "action": 2}
        for asked in ({}, {"type": "pledge"}, {"type": "form"}):
            assert counts(await search.json("/records", asked), "type") == every
        body = await search.json("/records", {"q": "orchard", "type": "practice"})
        assert counts(body, "type") == {"practice": 1, "authority": 1, "pledge": 2, "action": 1}
        assert [one["value"] for one in body["facets"]["type"]["values"] if one["selected"]] == ["practice"]
        assert not [one for one in (await search.json("/records"))["facets"]["type"]["values"] if one["selected"]]
        italian = (await search.json("/facets/type", {"lang": "it", "q": "impe"}))["values"]
        assert italian == [{"value": "pledge", "label": "Impegno", "count": 2, "selected": False}]

    run(tmp_path, scenario)


def test_rows_and_forms_are_found_only_by_their_type(tmp_path: Path) -> None:
    async def scenario(search: Search) -> None:
        body = await search.json("/records", {"type": "action", "q": "pears"})
        assert found(body) == [("action", "Orchard of pears")]
        assert body["hits"][0]["slug"] is None
        assert counts(body, "progress") == {"draft": 1}
        body = await search.json("/records", {"type": "form", "q": "questionario", "lang": "it"})
        assert found(body) == [("form", "Praxis: questionario su una buona pratica")]
        assert (await search.json("/records", {"q": "questionnaire"}))["total"] == 0
        assert (await search.json("/suggest", {"q": "praxis"}))["suggestions"] == []
        assert (await search.json("/suggest", {"q": "pears", "type": "action"}))["suggestions"] == []
        for name in ("practice", f"{uid(2)}%233.1"):
            assert (await search.get(f"/records/{name}/similar")).status_code in (404, 422)

    run(tmp_path, scenario)


def test_an_authority_is_found_by_its_names_its_country_its_level_and_its_networks(tmp_path: Path) -> None:
    async def scenario(search: Search) -> None:
        for q in ("comune di alba", "orchard town", "hazel league", "italia alba", "municipio alba"):
            body = await search.json("/records", {"type": "authority", "q": q, "lang": "en"})
            assert [hit["slug"] for hit in body["hits"]] == ["alba"], q
        (hit,) = body["hits"]
        assert (hit["title"], hit["name"], hit["level"]) == ("Orchard town", "Orchard town", "municipality")
        assert (hit["country"], hit["country_label"], hit["summary"]) == ("IT", "Italy", None)
        (plain,) = (await search.json("/records", {"type": "authority"}))["hits"]
        assert (plain["title"], plain["title_language"]) == ("Comune di Alba", "und")
        assert (await search.json("/records", {"country": "IT", "level": "municipality"}))["total"] == 1

    run(tmp_path, scenario)


def link(relation: str, to: str) -> Json:
    return {"path": "links[0]", "relation": relation, "to": to, "to_path": None, "withdrawn": False, "name": None}


def came(relation: str, other: str) -> Json:
    return {"from": other, "path": "links[0]", "relation": relation, "to_path": None}


def test_records_are_found_by_what_they_are_linked_with(tmp_path: Path) -> None:
    feed = filled()
    one, two = f"practice/{uid(1)}", f"pledge/{uid(2)}"
    feed.put(practice(1, "Orchard", incoming=[came("answers", two), came("replicates", f"pledge/{uid(3)}")]))
    feed.put(
        pledge(
            2, "Orchard for all", links=[link("answers", one), link("cites", f"pledge/{uid(3)}")], authorities=[ALBA]
        )
    )
    feed.put(pledge(3, "Gardens", links=[link("replicates", one)], incoming=[came("cites", two)]))

    async def scenario(search: Search) -> None:
        async def linked(to: str, **more: object) -> set[str]:
            return {hit["id"] for hit in (await search.json("/records", {"linked": to, **more}))["hits"]}

        assert await linked(one) == await linked("practice/practice-1") == {uid(2), uid(3)}
        assert await linked(two) == {uid(1), uid(3)}
        assert await linked("authority/alba") == await linked(f"authority/{uid(50)}") == {uid(2)}
        assert await linked(two, type="action") == {f"{uid(2)}#3.1", f"{uid(2)}#b"}
        assert await linked("practice/nobody") == set()
        assert (
            await linked(one, relation="answers") == await linked("practice/practice-1", relation="answers") == {uid(2)}
        )
        assert await linked(one, relation="cites") == set(), "that is to another record"
        for name in (one, "practice/practice-1"):
            body = await search.json("/records", {"linked": name, "facets": "relation"})
            assert counts(body, "relation") == {"answers": 1, "replicates": 1}
            body = await search.json("/records", {"linked": name, "relation": "answers", "facets": "relation"})
            assert counts(body, "relation") == {"answers": 1, "replicates": 1}
        values = (await search.json("/facets/relation", {"linked": one}))["values"]
        assert {value["value"]: value["count"] for value in values} == {"answers": 1, "replicates": 1}
        whole = await search.json("/records", {"facets": "relation"})
        assert counts(whole, "relation") == {"answers": 2, "replicates": 2, "cites": 2}
        hits = {hit["id"]: hit["links"] for hit in whole["hits"]}
        assert hits[uid(1)] == {"answers": 1, "replicates": 1}
        assert hits[uid(2)] == {"answers": 1, "cites": 1}
        for wrong in ("nobody", "practice/", "/x"):
            assert (await search.get("/records", {"linked": wrong})).status_code == 422

    run(tmp_path, scenario, feed)


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


def test_an_index_keeps_nothing_of_a_type_that_is_not_declared_but_its_number() -> None:
    made = document(7, action(2, "b", "Teach") | {"type": "other"}, {})
    assert (made.type, made.id, made.seq, made.texts) == ("other", f"{uid(2)}#b", 7, ())
    assert len(made.hit) < 100
