"""The embedded engine with vectors of its records: what it finds by words and by meaning, counted and paged as one."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.search.embedding import Encoder
from services.search.engines.base import Query
from services.search.engines.embedded.engine import EmbeddedEngine
from tests.search.engine_support import document, found

TOPICS = {
    "harvest": "Workers from abroad pick strawberries on farms each spring and go home after the harvest.",
    "nurses": "The hospital recruits nurses from Colombia and trains them together with a university there.",
    "money": "Families pay less when they send money home through a bank of their own village.",
    "housing": "The town gives refugees a flat and a lawyer during their first months.",
    "school": "Children of newcomers learn the language in class before they join the others.",
    "waste": "A harbour sorts its rubbish and sells the metal.",
}
ORDERS = ("relevance", "newest", "title", "start", "completeness")
QUESTIONS = (
    "Erntehelfer für Erdbeeren",
    "infirmières étrangères à l'hôpital",
    "how can families pay less for transfers to relatives",
    "alojamiento para refugiados",
    "strawbery harvset",
    "children language",
    "what did towns do about rubbish, refugees and schools together?",
)


@pytest.fixture(scope="module")
def engine(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEngine]:
    draw = random.Random(7)
    records = [
        document(
            f"{topic}-{n}",
            f"{topic.title()} {n}",
            texts=(
                ("body", "en", text if n < 3 else f"{text} {draw.choice(list(TOPICS.values()))}", "how.activities"),
            ),
            facets={"topic": (topic,), "size": (("small", "large")[n % 2],)},
            published=n,
        )
        for topic, text in TOPICS.items()
        for n in range(8)
    ]
    engine = EmbeddedEngine(tmp_path_factory.mktemp("index"), "1", encoder)
    engine.apply(records, (), "e", 1)
    assert engine.understood(60)
    yield engine
    engine.close()


@pytest.mark.parametrize(
    ("asked", "topic"),
    [
        ("Erntehelfer für Erdbeeren", "harvest"),
        ("infirmières étrangères", "nurses"),
        ("basura del puerto", "waste"),
        ("enviar dinero a la familia", "money"),
    ],
)
def test_records_are_found_in_other_languages(engine: EmbeddedEngine, asked: str, topic: str) -> None:
    assert found(engine, asked)[0].startswith(topic)


@pytest.mark.parametrize("asked", ["asdfgh jklö", "qwrtz pfgh", '"strawberries on the moon"', "123456"])
def test_nonsense_finds_nothing(engine: EmbeddedEngine, asked: str) -> None:
    assert engine.search(Query(asked)).total == 0


def test_a_name_in_quotes_that_nothing_holds_is_understood(engine: EmbeddedEngine) -> None:
    assert found(engine, 'wer hilft auf dem Feld bei der Ernte von "Erdbeeren und Beeren"?')[0].startswith("harvest")


def test_signs_ask_for_words_alone(engine: EmbeddedEngine) -> None:
    assert {id.split("-")[0] for id in found(engine, '"sell the metal" OR', per_page=100)} <= {"waste"}
    assert all("harvest" not in id for id in found(engine, "fruit -strawberries", per_page=100))
    assert found(engine, "Erdbeeren", titles_only=True) == []


@pytest.mark.parametrize("asked", QUESTIONS)
@pytest.mark.parametrize("narrow", [{}, {"size": ("small",)}, {"topic": ("harvest", "nurses"), "size": ("large",)}])
def test_totals_counts_and_pages_are_of_the_same_records(
    engine: EmbeddedEngine, asked: str, narrow: dict[str, tuple[str, ...]]
) -> None:
    def search(**more: Any) -> Query:
        return Query(asked, selected=narrow, any_of=frozenset(("topic",)), **more)

    whole = engine.search(search(per_page=100, facets=("topic", "size")))
    ids = [hit.id for hit in whole.hits]
    assert whole.total == len(ids) == len(set(ids))
    pages = [engine.search(search(per_page=3, page=page)) for page in range(1, len(ids) // 3 + 3)]
    assert [hit.id for page in pages for hit in page.hits] == ids
    assert {page.total for page in pages} == {whole.total}
    assert {page.close for page in pages} == {whole.close}
    for order in ORDERS:
        assert {hit.id for hit in engine.search(search(per_page=100, sort=order)).hits} == set(ids)
    sizes = dict(whole.facets["size"].values)
    for size in ("small", "large"):
        assert sizes.get(size, 0) == sum((int(id[-1]) % 2 == 1) is (size == "large") for id in ids)
    unnarrowed = engine.search(Query(asked, selected={k: v for k, v in narrow.items() if k != "topic"}, per_page=100))
    topics = [hit.id.split("-")[0] for hit in unnarrowed.hits]
    assert dict(whole.facets["topic"].values) == {
        topic: topics.count(topic) for topic in {*topics, *narrow.get("topic", ())}
    }
    assert engine.facet_values(search(), "size", None, 10).values == whole.facets["size"].values
    close = engine.search(search(per_page=100, close_only=True))
    assert [hit.id for hit in close.hits] == ids[: whole.close]
    assert close.total == close.close == whole.close


def test_filters_choose_among_what_is_found_without_them(engine: EmbeddedEngine) -> None:
    for asked in QUESTIONS:
        whole = [hit.id for hit in engine.search(Query(asked, per_page=100)).hits]
        small = [hit.id for hit in engine.search(Query(asked, per_page=100, selected={"size": ("small",)})).hits]
        assert small == [id for id in whole if int(id[-1]) % 2 == 0]


def test_similar_records_mean_alike(engine: EmbeddedEngine) -> None:
    for topic in TOPICS:
        alike = engine.similar(f"{topic}-0", ("practice",), 2)
        assert {hit.id for hit in alike} == {f"{topic}-1", f"{topic}-2"}


def test_each_publishing_of_vectors_is_a_state_of_its_own(encoder: Encoder, tmp_path: Path) -> None:
    asked = "Erdbeeren ernten"
    others = [document(topic, texts=(("body", "en", TOPICS[topic]),)) for topic in TOPICS if topic != "harvest"]
    engine = EmbeddedEngine(tmp_path, "1", encoder)
    try:
        engine.apply([*others, document("a", texts=(("body", "en", TOPICS["harvest"]),))], (), "e", 1)
        assert engine.understood(60)
        before = engine.generation()
        assert before is engine.generation()
        assert before == engine.search(Query(asked)).generation
        assert found(engine, asked)[0] == "a"
        engine.apply([document("a", texts=(("body", "en", TOPICS["waste"]),))], ["practice/b"], "e", 2)
        assert engine.understood(60)
        assert engine.generation() != before
        assert "a" not in found(engine, asked)
        built = engine.begin_rebuild()
        built.apply([*others, document("c", texts=(("body", "en", TOPICS["harvest"]),))], ())
        built.swap("e", 3)
        assert engine.understood(60)
        assert found(engine, asked)[0] == "c"
    finally:
        engine.close()
    again = EmbeddedEngine(tmp_path, "1", encoder)
    try:
        assert again.understood(60)
        assert found(again, asked)[0] == "c"
    finally:
        again.close()
