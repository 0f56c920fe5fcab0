"""What the Meilisearch engine relies on, asked of a real server: rights of keys, folding of codes, places of words."""

import random
import secrets
from typing import Any

import httpx
import pytest

from services.search.engines.base import Document, EngineUnavailable
from services.search.engines.meilisearch.engine import MeilisearchEngine
from services.search.engines.meilisearch.keys import ACTIONS, KeysRefused, create, derive, uid
from services.search.engines.meilisearch.schema import (
    DELETED,
    LONGEST_CHUNK,
    MOST_POSITIONS,
    facet_field,
    lay_out,
    plain,
    safe,
    settings,
)
from tests.harness.meili import Meili
from tests.harness.ports import NEVER_IDLE
from tests.search.engine_support import document


@pytest.fixture(scope="module")
def secured(meili: Meili) -> Meili:
    if not meili.master_key:
        pytest.skip("the server runs without a master key, and makes no keys")
    return meili


@pytest.fixture
def name(meili: Meili) -> str:
    """An index with the engine's settings."""
    name = meili.index()
    meili.settle(meili.ask("POST", "/indexes", {"uid": name, "primaryKey": "pk"}))
    assert meili.settle(meili.ask("PATCH", f"/indexes/{name}/settings", settings()))["status"] == "succeeded"
    return name


def add(meili: Meili, name: str, documents: list[Document]) -> None:
    ended = meili.settle(meili.ask("POST", f"/indexes/{name}/documents", [lay_out(one) for one in documents]))
    assert ended["status"] == "succeeded", ended


def search(meili: Meili, name: str, q: str = "", **more: Any) -> Any:
    question = {"q": q, "page": 1, "hitsPerPage": 100, "matchingStrategy": "all", "attributesToRetrieve": ["id"]}
    return meili.ask("POST", f"/indexes/{name}/search", question | more)


FOREIGN = "somebodyelses"
DEEDS: dict[str, list[tuple[str, str, Any]]] = {
    "search": [("POST", "/indexes/{}/search", {}), ("POST", "/multi-search", {"queries": [{"indexUid": "{}"}]})],
    "write": [
        ("POST", "/indexes", {"uid": "{}"}),
        ("POST", "/indexes/{}/documents", [{"pk": "a"}]),
        ("POST", "/indexes/{}/documents/delete-batch", ["a"]),
        ("PATCH", "/indexes/{}/settings", {}),
        ("POST", "/swap-indexes", [{"indexes": ["{}", "{}_" + "0" * 32]}]),
        ("DELETE", "/indexes/{}", None),
    ],
    "tasks": [("GET", "/tasks", None), ("GET", "/tasks?indexUids={}", None)],
    "nobody": [
        ("GET", "/indexes/{}/documents", None),
        ("GET", "/keys", None),
        ("POST", "/keys", {"actions": ["*"], "indexes": ["*"], "expiresAt": None}),
        ("POST", "/dumps", None),
        ("POST", "/snapshots", None),
        ("POST", "/tasks/cancel?statuses=enqueued", None),
        ("DELETE", "/tasks?statuses=succeeded", None),
        ("GET", "/stats", None),
        ("PATCH", "/experimental-features", {}),
        ("GET", "/webhooks", None),
    ],
}


def filled(wanted: Any, name: str) -> Any:
    if isinstance(wanted, str):
        return wanted.replace("{}", name)
    if isinstance(wanted, dict):
        return {key: filled(value, name) for key, value in wanted.items()}
    return [filled(value, name) for value in wanted] if isinstance(wanted, list) else wanted


def test_each_key_may_do_its_part_and_on_its_index_alone(secured: Meili) -> None:
    index = f"test{secrets.token_hex(4)}"
    keys = create(secured.url, secured.master_key, index)
    secured.settle(secured.ask("POST", "/indexes", {"uid": index, "primaryKey": "pk"}))
    with httpx.Client(base_url=secured.url, limits=NEVER_IDLE) as client:
        for role in ACTIONS:
            headers = {"Authorization": f"Bearer {getattr(keys, role)}"}

            def status(method: str, path: str, body: Any, name: str, headers: Any = headers) -> int:
                return client.request(method, filled(path, name), json=filled(body, name), headers=headers).status_code

            for whose, deeds in DEEDS.items():
                for deed in deeds:
                    assert (status(*deed, index) < 300) == (role == whose), (role, deed)
                    assert "tasks" in (role, whose) or status(*deed, FOREIGN) == 403, (role, deed)
    secured.drop(index)


def test_keys_are_known_beforehand_and_made_once(secured: Meili) -> None:
    index = f"test{secrets.token_hex(4)}"
    for _ in range(2):
        made = create(secured.url, secured.master_key, index)
        derived = derive(secured.master_key, index)
        assert (made.search, made.write, made.tasks) == (derived.search, derived.write, derived.tasks)
    assert len({made.search, made.write, made.tasks}) == 3
    assert made != derive(secured.master_key, index + "x")


@pytest.mark.parametrize(
    "other",
    [{"actions": ["*"]}, {"indexes": ["*"]}, {"expiresAt": "2099-01-01T00:00:00Z"}],
    ids=lambda one: next(iter(one)),
)
def test_a_key_with_other_rights_is_refused(secured: Meili, other: dict[str, Any]) -> None:
    index = f"test{secrets.token_hex(4)}"
    rights = {"actions": ["search"], "indexes": [index, f"{index}_*"], "expiresAt": None}
    secured.ask("POST", "/keys", {"uid": uid("search", index), **rights, **other})
    with pytest.raises(KeysRefused, match=f"{uid('search', index)}.*delete it"):
        create(secured.url, secured.master_key, index)
    secured.ask("DELETE", f"/keys/{uid('search', index)}")
    create(secured.url, secured.master_key, index)


def test_keys_are_made_with_the_master_key_alone(secured: Meili) -> None:
    with pytest.raises(KeysRefused, match="invalid_api_key"):
        create(secured.url, "not the master key", "test")
    with pytest.raises(EngineUnavailable, match="no answer"):
        create("http://127.0.0.1:9", "whatever", "test")


def test_codes_are_neither_merged_nor_changed(meili: Meili, name: str) -> None:
    draw = random.Random(3)
    signs = "aAbBéÉe\u0301ßẞſıİiI ﬁfi_-:/.,'\"\\\n\tأاﻷΩÅ漢０0９①½١٢"
    codes = {"".join(draw.choices(signs, k=draw.randint(1, 6))) for _ in range(300)}
    codes |= {"EUR:100k-1m", "eur:100k-1m", " a", "a ", "a", "A", "1", "01", "1.0", "1e0", "NaN", "inf", "true", "null"}
    codes |= {"x" * 455, "NOT a", "a OR b", "_5f_", "_"}
    records = [document(code, facets={"code": (code,), "all": (code, "same")}) for code in codes]
    add(meili, name, records)
    found = search(meili, name, facets=[facet_field("code"), facet_field("all")])
    counts = found["facetDistribution"]
    assert {plain(code): n for code, n in counts["facets.code"].items()} == dict.fromkeys(codes, 1)
    assert counts["facets.all"]["same"] == len(codes)
    for code in codes:
        for filter in (f'facets.code = "{safe(code)}"', f'pk = "{safe(f"practice/{code}")}"'):
            assert [plain(hit["id"]) for hit in search(meili, name, filter=filter)["hits"]] == [code]


def test_records_are_in_the_order_of_their_keys_page_by_page(meili: Meili, name: str) -> None:
    keys = ["0", "-", "a", "a-", "a0", "aa", "A", "É", "_", "z", "10", "9", "1"]
    add(meili, name, [document(key) for key in keys])
    ordered = sorted(keys, key=safe)
    assert [plain(hit["id"]) for hit in search(meili, name)["hits"]] == ordered
    found = search(meili, name, filter=f'pk > "{safe("practice/a")}"', sort=["pk:asc"])["hits"]
    after = [plain(hit["id"]) for hit in found]
    assert after == ordered[ordered.index("a") + 1 :]


HOSTILE = {
    "separated": "a;",
    "sentences": "a. ",
    "lines": "b\n",
    "spaces": "a  ",
    "pointed": "مَ",
    "unspaced": "漢",
    "mixed": "aB1",
    "apostrophes": "l'",
    "hyphens": "a-",
    "dots": "a.",
    "prose": "Remittances, sent home; build houses. ",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_the_last_word_of_a_long_text_is_found(meili: Meili, name: str, piece: str) -> None:
    long = piece * (60_000 // len(piece))
    add(meili, name, [document("long", texts=(("body", "en", f"{long} zyzzyva"),))])
    assert [hit["id"] for hit in search(meili, name, "zyzzyva")["hits"]] == ["long"]


def test_the_server_finds_no_word_beyond_its_last_place(meili: Meili, name: str) -> None:
    """Tells that the test above could fail, and where."""
    for pk, separated in (("within", MOST_POSITIONS // 8 - 1), ("beyond", 65_535 // 8 + 10)):
        text = "a;" * separated + "zyzzyva"
        laid = {"pk": pk, "id": pk, "type": "practice", "body": {"0": {"en": text}}}
        meili.settle(meili.ask("POST", f"/indexes/{name}/documents", [laid]))
        assert len(text) < LONGEST_CHUNK
    assert [hit["id"] for hit in search(meili, name, "zyzzyva")["hits"]] == ["within"]


def test_heavier_parts_come_first_whatever_their_number_and_language(meili: Meili, name: str) -> None:
    records = [
        document("1", "other", texts=(("name", "en", "walnut"),)),
        document("2", "other", texts=(("body", "es", "walnut"),)),
        document("3", "other", texts=(("key", "fr", "walnut"),)),
        document("4", "other", summaries={"sq": "walnut"}),
        document("5", titles={"en": "other", "it": "walnut"}),
    ]
    add(meili, name, records)
    assert [hit["id"] for hit in search(meili, name, "walnut")["hits"]] == ["5", "4", "3", "2", "1"]


def test_ten_thousand_records_come_and_go(meili: Meili) -> None:
    engine = MeilisearchEngine(meili.url, meili.index(), meili.keys, "1")
    try:
        records = [document(f"{n:05}", f"Record {n}", seq=n, facets={"f": (str(n % 9),)}) for n in range(10_000)]
        rebuild = engine.begin_rebuild()
        for at in range(0, len(records), 500):
            rebuild.apply(records[at : at + 500], [one.key for one in records[at - 50 : at]])
        rebuild.swap("e", 1)
        kept = [n for n in range(10_000) if n % 500 < 450 or n >= 9_950]
        assert [seq for _, seq in engine.documents()] == kept
        engine.apply(records[:5], [f"practice/{n:05}" for n in range(10_000) if n % 2], "e", 2)
        held = sorted({*(n for n in kept if n % 2 == 0), 0, 1, 2, 3, 4})
        assert [seq for _, seq in engine.documents()] == held
        engine.apply((), (), "e", 3)
        assert search(meili, engine.index, filter=f'type = "{DELETED}"')["totalHits"] == 0
    finally:
        engine.close()
