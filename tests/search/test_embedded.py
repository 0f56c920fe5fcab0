"""What only the embedded engine promises: how it ranks, the other forms of words that it knows, what it forgives."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.search.engines.base import Query
from services.search.engines.embedded.engine import EmbeddedEngine
from tests.search.engine_support import document, found


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    engine = EmbeddedEngine(tmp_path, "1")
    yield engine
    engine.close()


def test_exact_words_come_before_other_forms_and_nothing_misspelt_is_found_beside_them(engine: EmbeddedEngine) -> None:
    engine.apply(
        [
            document("typo", "About strawbery here"),
            document("stem", "About strawberries here"),
            document("exact", "About strawberry here"),
            document("none", "About bananas here"),
        ],
        (),
        "e",
        1,
    )
    assert found(engine, "strawberry") == ["exact", "stem"]


def test_a_word_s_rarity_is_judged_over_all_texts(engine: EmbeddedEngine) -> None:
    """A common word is no rarer where it is the only one in a title, or in the texts of another language."""
    common = [document(f"c{n}", f"Number {n}", texts=(("body", "en", "city life"),)) for n in range(20)]
    engine.apply(
        [
            *common,
            document("titled", "City matters", texts=(("body", "fr", "city"),)),
            document("rare", "Other matters", texts=(("body", "en", "against trafficking " + "and so on " * 40),)),
        ],
        (),
        "e",
        1,
    )
    assert found(engine, "which city acts against trafficking there")[0] == "rare"


def test_a_whole_question_finds_what_holds_most_of_what_any_record_holds(engine: EmbeddedEngine) -> None:
    question = "who has managed seasonal migration together with countries of origin, and what made it work?"
    texts = ["managed seasonal migration with countries of origin", "seasonal migration made to work together"]
    noise = [f"{word} is told of in many cases" for word in ("managed", "countries", "work", "together") for _ in "abc"]
    records = [
        document(str(n), "Case", texts=(("body", "en", text),), facets={"f": ("x", "y")[n % 2 :]})
        for n, text in enumerate([*texts, *noise])
    ]
    engine.apply(records, (), "e", 1)
    answer = engine.search(Query(question))
    assert ([hit.id for hit in answer.hits], answer.relaxed) == (["0", "1"], False)
    narrowed = engine.search(Query(question, selected={"f": ("x",)}))
    assert ([hit.id for hit in narrowed.hits], narrowed.relaxed) == (["0"], False)
    few = engine.search(Query("who managed elephants, giraffes, zebras and antelopes together with hunters"))
    assert (few.total, few.relaxed) == (8, True)


@pytest.mark.parametrize(
    ("right", "wrong"), [("remittances", "remitances"), ("bologna", "bolonga"), ("morocco", "omrocco")]
)
def test_misspelt_words_rank_as_the_words_that_were_meant(engine: EmbeddedEngine, right: str, wrong: str) -> None:
    filler = "of other things than the one that is sought here"
    engine.apply(
        [
            document("often", filler, texts=(("body", "en", f"{right} " * 9),)),
            document("title", f"{right} {filler}"),
            document("once", filler, texts=(("body", "en", f"{right} {filler}"),)),
            document("summary", filler, summaries={"en": f"{right} {filler}"}),
            document("none", filler),
        ],
        (),
        "e",
        1,
    )
    assert len(found(engine, right)) == 4
    assert found(engine, wrong) == found(engine, right)


@pytest.mark.parametrize(
    "asked", ["co-development", "codevelopment", "Co\u2010Development", "who funds co-development?"]
)
@pytest.mark.parametrize("written", ["Co-development", "Codevelopment"])
def test_hyphens_in_words_come_and_go(engine: EmbeddedEngine, written: str, asked: str) -> None:
    texts = (("body", "en", f"calls for {written} funds"),)
    engine.apply([document("a", f"{written} matters", texts=texts), document("b", "Rural development")], (), "e", 1)
    hit = engine.search(Query(asked)).hits[0]
    assert (hit.id, found(engine, asked)) == ("a", ["a"])
    assert hit.highlights["title"] == f"<mark>{written}</mark> matters"
    assert f"<mark>{written}</mark>" in hit.highlights["text"]


@pytest.mark.parametrize(
    ("language", "written", "asked"),
    [
        ("en", "seasonal workers", "worker"),
        ("es", "migraciones laborales", "migración"),
        ("fr", "les travailleuses saisonnières", "travailleur saisonnier"),
        ("it", "le rimesse dei migranti", "rimessa migrante"),
        ("ar", "المهاجرون في المدينة", "مهاجر"),
        ("es-MX", "migraciones laborales", "migración"),
        ("en", "coöperation with Sénégal", "cooperation senegal"),
        ("el", "μετανάστευση και ανάπτυξη", "μεταναστευση"),
        ("ru", "Трудовая миграция", "миграция"),
        ("sq", "Zhvillimi i bashkësisë", "bashkesise"),
        ("zh", "国际移民与发展", "移民"),
        ("ja", "移民のまち", "まち"),
        ("th", "การย้ายถิ่น", "ย้ายถิ่น"),
        ("ff", "Ɓiɓɓe leydi", "ɓiɓɓe"),
        ("en", "development", "develpoment"),
        ("en", "transnational", "transnationl entrepreneurs"),
        ("en", "transnational", "trannsnatoinal"),
        ("xx", "kooperativa", "koop"),
    ],
)
def test_every_language_is_found(engine: EmbeddedEngine, language: str, written: str, asked: str) -> None:
    engine.apply([document("a", written, language=language), document("b", "nothing of it", language="en")], (), "e", 1)
    answer = engine.search(Query(asked))
    assert [hit.id for hit in answer.hits] == ["a"]
    assert "<mark>" in answer.hits[0].highlights["title"]


def test_short_words_and_numbers_forgive_no_typo(engine: EmbeddedEngine) -> None:
    engine.apply([document("a", "Work 123456"), document("b", "Remittances")], (), "e", 1)
    assert found(engine, "wark ") == []
    assert found(engine, "123457 ") == []
    assert found(engine, "remitances ") == ["b"]
    assert found(engine, "remitanses ") == ["b"]
    assert found(engine, "ramitanses ") == []
