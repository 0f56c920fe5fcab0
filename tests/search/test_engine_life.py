"""What every engine does with changes: cursor, states, deletes, refusals, rebuilds beside the live index, reopening."""

import threading
from collections.abc import Iterator

import orjson
import pytest

from services.search.document import document as searchable
from services.search.document import kept
from services.search.engines.base import Document, Engine, Query
from services.search.labels import Labels
from services.search.suggest import suggestions
from tests.search.engine_support import Places, document, found, hold, ids, keys
from tests.search.support import TERMS, authority, practice


@pytest.fixture(scope="module")
def lived_in(places: Places) -> Iterator[Engine]:
    with places.open() as engine:
        yield engine


@pytest.fixture
def engine(lived_in: Engine) -> Engine:
    """An engine in use, empty again."""
    hold(lived_in, ())
    return lived_in


def at(engine: Engine) -> tuple[str, int]:
    generation = engine.generation()
    return generation.epoch, generation.seq


def test_a_new_index_needs_a_rebuild_until_something_is_applied(places: Places) -> None:
    place = places.new()
    with places.open(place) as engine:
        assert engine.needs_rebuild()
        assert at(engine) == ("", 0)
        engine.apply([document("a", "A", seq=7)], (), "epoch", 7)
        assert not engine.needs_rebuild()
        assert engine.trouble is None
    with places.open(place) as engine:
        assert at(engine) == ("epoch", 7)
        assert list(engine.documents()) == [("practice/a", 7)]
        assert not engine.needs_rebuild()
        assert engine.search(Query("a")).generation == engine.generation()
    with places.open(place, schema="2") as engine:
        assert engine.needs_rebuild()
        assert at(engine)[0] == ""
        rebuild = engine.begin_rebuild()
        rebuild.apply([document("b", "B")], ())
        rebuild.swap("epoch", 8)
        assert ids(engine) == ["b"]
        assert not engine.needs_rebuild()


def test_each_batch_is_seen_at_once_and_names_a_new_state(engine: Engine) -> None:
    seen = {engine.generation()}
    for seq in range(1, 5):
        engine.apply([document("a", f"Title{seq}", seq=seq)], ["practice/gone"], "e", seq)
        answer = engine.search(Query(f"title{seq} "))
        assert (answer.generation, answer.total) == (engine.generation(), 1)
        assert at(engine) == ("e", seq)
        assert engine.search(Query("a")).total == 0
        seen.add(engine.generation())
    assert len(seen) == 5
    assert engine.search(Query(f"title{1} ")).total == 0
    assert list(engine.documents()) == [("practice/a", 4)]


def test_a_batch_without_changes_moves_the_cursor_alone(engine: Engine) -> None:
    engine.apply([document("a", "Same")], (), "e", 10)
    engine.apply((), (), "e", 12)
    assert at(engine) == ("e", 12)
    assert ids(engine) == ["a"]


def test_the_same_batch_twice_is_harmless(engine: Engine) -> None:
    batch = [document("a", "Kept", facets={"f": ("x",)}), document("b", "Kept", facets={"f": ("x", "y")})]
    for _ in range(2):
        engine.apply(batch, ["practice/c", "practice/d"], "e", 20)
    answer = engine.search(Query("kept", facets=("f",)))
    assert (answer.total, answer.facets["f"].values) == (2, (("x", 2), ("y", 1)))
    assert ids(engine) == ["a", "b"]


def test_the_last_of_several_versions_in_a_batch_stays(engine: Engine) -> None:
    engine.apply([document("a", "First"), document("b", "Other"), document("a", "Second")], (), "e", 30)
    assert ids(engine) == ["a", "b"]
    assert (found(engine, "first "), found(engine, "second ")) == ([], ["a"])


def test_what_is_deleted_is_gone_from_everything_and_may_come_back(engine: Engine) -> None:
    records = [
        document("a", "Walnut harvest", facets={"f": ("x", "y")}, numbers={"n": 1.0}, slug="walnut"),
        document("b", "Walnut trade", facets={"f": ("y",)}, numbers={"n": 2.0}),
        document("c", "Other things"),
    ]
    engine.apply(records, (), "e", 40)
    engine.apply((), ["practice/a"], "e", 41)
    answer = engine.search(Query("walnut", facets=("f",)))
    assert ([hit.id for hit in answer.hits], answer.facets["f"].values) == (["b"], (("y", 1),))
    assert found(engine, "", selected={"f": ("x",)}) == []
    assert (ids(engine), len(list(engine.stored("practice")))) == (["b", "c"], 2)
    assert [hit.id for hit in engine.similar("b", ("practice",), 5)] == []
    with pytest.raises(KeyError):
        engine.similar("walnut", ("practice",), 5)
    assert not engine.search(Query("harvest ")).relaxed, "nothing holds the word any more"
    engine.apply(records[:1], (), "e", 42)
    assert sorted(found(engine, "walnut")) == ["a", "b"]
    assert found(engine, "", selected={"f": ("x",)}) == ["a"]
    assert [hit.id for hit in engine.similar("b", ("practice",), 5)] == ["a"]


def test_similar_records_are_found_after_changes_to_most_of_them(engine: Engine) -> None:
    records = [document(f"{n:02d}", f"Practice {'of beekeeping' if n < 2 else f'number{n}'}") for n in range(12)]
    for seq in (45, 46, 47):
        engine.apply(records if seq == 45 else records[:-1], (), "e", seq)
        assert engine.similar("00", ("practice",), 5)[0].id == "01", "though deleted documents may still be counted"


def test_what_changes_is_found_by_what_it_is_now_alone(engine: Engine) -> None:
    old = document("a", "Chestnut", facets={"f": ("x",)}, numbers={"n": 1.0}, texts=(("body", "en", "roasting"),))
    engine.apply([old], (), "e", 50)
    new = document("a", "Hazelnut", facets={"g": ("x",)}, numbers={"m": 1.0}, texts=(("body", "es", "tostado"),))
    engine.apply([new], (), "e", 51)
    assert [found(engine, one) for one in ("chestnut", "roasting", "hazelnut", "tostado")] == [[], [], ["a"], ["a"]]
    assert engine.search(Query(facets=("f", "g"))).facets["f"].values == ()
    assert engine.facet_values(Query(), "g", None, 5).values == (("x", 1),)
    assert list(engine.stored("practice")) == [new.hit]


def test_documents_of_every_type_are_listed_and_stored(engine: Engine) -> None:
    others = [
        kept(type, f"{type}-{n}", n, {"id": f"{type}-{n}", "slug": "s"}) for type in ("one", "two") for n in (1, 2)
    ]
    engine.apply([*others, document("a", "A", seq=9)], (), "e", 60)
    expected = sorted([("practice/a", 9), *((one.key, one.seq) for one in others)])
    assert sorted(engine.documents()) == expected
    assert list(engine.stored("one")) == [one.hit for one in others[:2]]
    assert [orjson.loads(one) for one in engine.stored("practice")] == [
        hit.stored for hit in engine.search(Query("a")).hits
    ]
    assert list(engine.stored("three")) == []


def test_thousands_of_documents_are_listed(engine: Engine) -> None:
    records = [document(f"{n:05d}", f"Record {n}", seq=n, facets={"f": (str(n % 7),)}) for n in range(2_500)]
    assert not engine.apply(records, (), "e", 70)
    assert sorted(engine.documents()) == [(one.key, one.seq) for one in records]
    assert sum(1 for _ in engine.stored("practice")) == 2_500
    answer = engine.search(Query(page=2_500, per_page=1, facets=("f",)))
    assert (answer.total, [hit.id for hit in answer.hits]) == (2_500, ["02499"])
    assert sum(count for _, count in answer.facets["f"].values) == 2_500
    engine.apply((), [one.key for one in records[1:]], "e", 71)
    assert ids(engine) == ["00000"]


WRONG = {
    "no id": document("", "Wrong"),
    "id too long": document("x" * 5_000, "Wrong"),
    "unreadable hit": document("wrong", "Wrong", hit=b'{"id": '),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_document_that_cannot_be_held_is_refused_alone(engine: Engine, wrong: Document) -> None:
    refused = engine.apply([document("a", "Right"), wrong, document("b", "Right")], (), "e", 80)
    assert refused.keys() == {wrong.key}
    assert refused[wrong.key]
    assert (ids(engine), at(engine)) == (["a", "b"], ("e", 80))
    assert found(engine, "wrong") == []
    rebuild = engine.begin_rebuild()
    assert rebuild.apply([wrong, document("c", "Right")], ()).keys() == {wrong.key}
    rebuild.discard()


def test_a_refused_document_does_not_leave_its_former_self(engine: Engine) -> None:
    engine.apply([document("a", "Former")], (), "e", 85)
    assert engine.apply([document("a", "Latter", hit=b"{")], (), "e", 86).keys() == {"practice/a"}
    assert ids(engine) == []
    assert found(engine, "former") == []


def test_a_batch_that_fails_leaves_no_trace_and_the_next_one_goes_on(engine: Engine) -> None:
    engine.apply([document("a", "A")], (), "e", 90)
    before = engine.generation()

    def broken() -> Iterator[Document]:
        yield document("half", "Half")
        raise OSError("the feed broke off")

    with pytest.raises(OSError, match="broke off"):
        engine.apply(broken(), ["practice/a"], "e", 91)
    assert engine.generation() == before
    assert ids(engine) == ["a"]
    engine.apply([document("b", "B")], (), "e", 92)
    assert ids(engine) == ["a", "b"]


def test_a_rebuild_replaces_the_live_index_which_follows_meanwhile(places: Places) -> None:
    place = places.new()
    with places.open(place) as engine:
        engine.apply([document("old", "Old")], (), "e", 1)
        before = engine.generation()
        rebuild = engine.begin_rebuild()
        rebuild.apply([document("a", "A"), document("b", "B"), document("a", "Again")], ())
        engine.apply([document("live", "Live")], (), "e", 2)
        assert ids(engine) == ["live", "old"]
        assert engine.search(Query("again")).total == 0
        rebuild.apply([document("c", "C")], ["practice/b"])
        rebuild.swap("new", 3)
        assert ids(engine) == ["a", "c"]
        assert found(engine, "again") == ["a"]
        assert at(engine) == ("new", 3)
        assert engine.generation().index != before.index
        engine.apply([document("d", "D")], ["practice/c"], "new", 4)
        assert ids(engine) == ["a", "d"]
    with places.open(place) as engine:
        assert ids(engine) == ["a", "d"]
        assert at(engine) == ("new", 4)


def test_a_rebuild_that_is_given_up_changes_nothing(engine: Engine) -> None:
    engine.apply([document("a", "A")], (), "e", 100)
    before = engine.generation()
    for _ in range(2):
        rebuild = engine.begin_rebuild()
        rebuild.apply([document("b", "B")], ())
        rebuild.discard()
    assert (engine.generation(), ids(engine)) == (before, ["a"])


def test_an_unfinished_rebuild_is_no_part_of_a_later_one(places: Places) -> None:
    place = places.new()
    with places.open(place) as engine:
        engine.apply([document("a", "A")], (), "e", 1)
        engine.begin_rebuild().apply([document("b", "B")], ())
    with places.open(place) as engine:
        assert ids(engine) == ["a"]
        rebuild = engine.begin_rebuild()
        rebuild.apply([document("c", "C")], ())
        rebuild.swap("e", 2)
        assert ids(engine) == ["c"]


def test_an_index_built_of_nothing_stands(places: Places) -> None:
    with places.open() as engine:
        engine.begin_rebuild().swap("e", 5)
        assert (engine.needs_rebuild(), at(engine), ids(engine)) == (False, ("e", 5), [])
        assert engine.search(Query("word", facets=("f",))).total == 0


def test_readers_see_whole_states_while_changes_and_rebuilds_go_on(places: Places) -> None:
    torn: list[object] = []
    over = threading.Event()
    with places.open() as engine:
        engine.apply([document(str(n), "Round 0", facets={"round": ("0",)}) for n in range(20)], (), "e", 0)

        def read() -> None:
            while not over.is_set():
                for text in ("round", ""):
                    answer = engine.search(Query(text, facets=("round",)))
                    if answer.total != 20 or answer.facets["round"].values != ((str(answer.generation.seq), 20),):
                        torn.append(answer)

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        try:
            for seq in range(1, 13):
                changed = [document(f"{seq}-{n}", f"Round {seq}", facets={"round": (str(seq),)}) for n in range(20)]
                if seq % 4:
                    engine.apply(changed, keys(engine), "e", seq)
                else:
                    rebuild = engine.begin_rebuild()
                    rebuild.apply(changed, ())
                    rebuild.swap("e", seq)
        finally:
            over.set()
            for reader in readers:
                reader.join()
    assert torn == []


def test_suggestions_are_values_then_titles(engine: Engine) -> None:
    cartaya = authority(901, "cartaya", "Ayuntamiento de Cartaya", {"en": "Cartaya"})
    senegal = {"initiative": {"countries": [{"country": "SN", "roles": ["origin"]}]}}
    remittances = {"what": {"priorities": [{"priority": "remittances", "assessed_by": "editor"}]}}
    records = [
        practice(1, "Seasonal work in Cartaya", senegal, authorities=(cartaya,)),
        practice(2, "Senegal: sending money", senegal | remittances),
        practice(3, "Rural schools"),
    ]
    engine.apply([searchable(seq, record, TERMS) for seq, record in enumerate(records)], (), "e", 110)
    labels = Labels(TERMS, {"cartaya": cartaya})

    def suggested(text: str, language: str = "en") -> list[object]:
        made = suggestions(engine, labels, text, 8, language)
        return [(one["parameter"], one["value"], one["count"]) for one in made]

    assert suggested("seneg") == [("country", "SN", 2), (None, "practice-2", None)]
    assert suggested("sénég", "fr") == suggested("seneg")
    assert suggested("cart") == [("authority", "cartaya", 1), (None, "practice-1", None)]
    assert suggested("cratay")[0] == ("authority", "cartaya", 1)
    assert suggested("rimes", "it") == [("priority", "remittances", 1)]
    assert suggested("rural sch") == [(None, "practice-3", None)]
    assert suggested("fra") == suggested("?!") == []
