"""What the embedded engine finds, in what order, and what it marks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.search.engines.base import Query
from services.search.engines.embedded import EmbeddedEngine
from tests.search.engine_support import document


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    engine = EmbeddedEngine(tmp_path, "1")
    yield engine
    engine.close()


def found(engine: EmbeddedEngine, text: str, **more: object) -> list[str]:
    return [hit.id for hit in engine.search(Query(text, **more)).hits]  # type: ignore[arg-type] # any field of Query


def test_exact_words_come_before_other_forms_and_those_before_misspelt_ones(engine: EmbeddedEngine) -> None:
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
    assert found(engine, "strawberry") == ["exact", "stem", "typo"]


def test_title_weighs_more_than_summary_than_key_than_body(engine: EmbeddedEngine) -> None:
    filler = "one two three four five six"
    engine.apply(
        [
            document("4", filler, texts=(("body", "en", f"remittances {filler}"),)),
            document("3", filler, texts=(("key", "en", f"remittances {filler}"),)),
            document("2", filler, summaries={"en": f"remittances {filler}"}),
            document("1", f"remittances {filler}", texts=(("body", "en", filler),)),
        ],
        (),
        "e",
        1,
    )
    assert found(engine, "remittances") == ["1", "2", "3", "4"]


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


def test_words_may_stand_in_different_parts(engine: EmbeddedEngine) -> None:
    engine.apply(
        [
            document("a", "Cartaya", texts=(("body", "en", "strawberry pickers"),)),
            document("b", "Cartaya", texts=(("body", "en", "olive oil"),)),
        ],
        (),
        "e",
        1,
    )
    assert found(engine, "cartaya strawberry") == ["a"]


def test_a_question_is_relaxed_by_its_words_alone(engine: EmbeddedEngine) -> None:
    engine.apply(
        [
            document("a", "remittances for schools", facets={"priority": ("x",)}),
            document("b", "remittances for housing", facets={"priority": ("y",)}),
            document("c", "schools and housing", facets={"priority": ("z",)}),
        ],
        (),
        "e",
        1,
    )
    both = Query(
        "remittances schools", selected={"priority": ("y",)}, facets=("priority",), any_of=frozenset({"priority"})
    )
    answer = engine.search(both)
    assert (answer.total, answer.relaxed) == (0, False)
    assert answer.facets["priority"].values == (("x", 1), ("y", 0))
    answer = engine.search(Query("remittances elephants", facets=("priority",)))
    assert (answer.total, answer.relaxed) == (2, True)
    assert answer.facets["priority"].values == (("x", 1), ("y", 1))
    answer = engine.search(Query("elephants giraffes"))
    assert (answer.total, answer.relaxed) == (0, False)


def test_filters_do_not_change_scores(engine: EmbeddedEngine) -> None:
    engine.apply(
        [document(id, "seasonal work " * n, facets={"f": ("x",)}) for n, id in enumerate("abc", 1)], (), "e", 1
    )
    plain = engine.search(Query("seasonal"))
    filtered = engine.search(Query("seasonal", selected={"f": ("x",)}))
    assert [(hit.id, hit.score) for hit in plain.hits] == [(hit.id, hit.score) for hit in filtered.hits]


def test_long_texts_are_found_to_their_last_word(engine: EmbeddedEngine) -> None:
    long = " ".join(f"word{n}" for n in range(80_000)) + " finisterre"
    engine.apply([document("a", "Long", texts=(("body", "en", long),))], (), "e", 1)
    assert found(engine, "finisterre") == ["a"]


def test_highlights_are_escaped_and_in_the_reader_s_language(engine: EmbeddedEngine) -> None:
    engine.apply(
        [
            document(
                "a",
                titles={"es": "Fresas <b> & retorno", "en": "Strawberries <i> & return"},
                summaries={"es": "Trabajo de fresas"},
                language="es",
                texts=(("body", "es", "<script> " + "nada " * 200 + "las fresas 'rojas' " + "nada " * 200),),
            )
        ],
        (),
        "e",
        1,
    )
    spanish = engine.search(Query("fresas")).hits[0].highlights
    assert spanish["title"] == "<mark>Fresas</mark> &lt;b&gt; &amp; retorno"
    assert spanish["summary"] == "Trabajo de <mark>fresas</mark>"
    assert "las <mark>fresas</mark> &#x27;rojas&#x27;" in spanish["text"]
    assert len(spanish["text"]) < 400
    assert spanish["text"].startswith("…")
    english = engine.search(Query("strawberies", language="en")).hits[0].highlights
    assert english == {"title": "<mark>Strawberries</mark> &lt;i&gt; &amp; return"}


def test_highlights_fall_back_as_what_is_shown_does(engine: EmbeddedEngine) -> None:
    engine.apply([document("a", titles={"en": "Strawberries", "es": "Fresas rojas"}, language="en")], (), "e", 1)
    for language in ("es", "es-MX"):
        hit = engine.search(Query("fresas", language=language)).hits[0]
        assert hit.highlights == {"title": "<mark>Fresas</mark> rojas"}


def test_passages_tell_their_language_and_are_lists_of_names_only_for_want_of_better(engine: EmbeddedEngine) -> None:
    engine.apply(
        [
            document(
                "a",
                "Title",
                texts=(
                    ("body", "en", "They send remittances home"),
                    ("body", "es", "Envían remittances a casa"),
                    ("name", "en", "Remittances\nSenegal\nRemittances of migrants in Senegal"),
                ),
            )
        ],
        (),
        "e",
        1,
    )

    def text(asked: str, language: str | None) -> tuple[str, str]:
        highlights = engine.search(Query(asked, language=language)).hits[0].highlights
        return highlights["text_language"], highlights["text"]

    assert text("remittances", None) == ("en", "They send <mark>remittances</mark> home")
    assert text("remittances", "es-MX") == ("es", "Envían <mark>remittances</mark> a casa")
    assert text("senegal remittances", "en") == ("en", "They send <mark>remittances</mark> home")
    assert set(engine.search(Query("title senegal")).hits[0].highlights) == {"title"}
    assert text("senegal", "en")[1].startswith("Remittances\n<mark>Senegal</mark>")


def test_similar_records_share_words_and_leave_the_record_out(engine: EmbeddedEngine) -> None:
    engine.apply(
        [
            document(
                "a",
                "Strawberry pickers from Morocco",
                texts=(("body", "en", "seasonal contracts in Huelva"),),
                slug="strawberries",
            ),
            document("b", "Pickers of oranges", texts=(("body", "en", "seasonal contracts in Valencia"),)),
            document("c", "Bank for migrants"),
            document("d", "Strawberry pickers from Morocco", type="need"),
        ],
        (),
        "e",
        1,
    )
    assert [hit.id for hit in engine.similar("a", 5)] == ["b"]
    assert engine.similar("strawberries", 5) == engine.similar("a", 5)
    with pytest.raises(KeyError):
        engine.similar("gone", 5)


def test_completions_look_at_titles_alone(engine: EmbeddedEngine) -> None:
    engine.apply(
        [document("a", "Remittances"), document("b", "Else", texts=(("body", "en", "remittances"),))], (), "e", 1
    )
    assert found(engine, "remit", titles_only=True) == ["a"]


HOSTILE = [
    "x" * 1_000_000,
    "word " * 200_000,
    " ".join(f"w{n}" for n in range(5_000)),
    "\0\0\0",
    "a\0b",
    "\ud800 lone \udfff",
    'AND OR NOT (title:"x"^5 ~2 [* TO *] {} \\ / + - ! : ?',
    "🍓👩‍🌾🇪🇸",
    "\u202e\u200b\ufeff",
    "ﷺ" * 1000,
    "a\u0301" * 5000,
    "移" * 5000,
    "%s{}$",
    "*",
    "'; DROP TABLE practices; --",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_are_only_words(engine: EmbeddedEngine, text: str) -> None:
    engine.apply(
        [document(text[:200] or "id", text, texts=(("body", "en", text),), facets={"f": (text[:300],)})], (), "e", 1
    )
    for query in (
        Query(text),
        Query("x", selected={"f": (text[:300],)}),
        Query(text, sort="title", language=text[:99]),
    ):
        assert engine.search(query).total in (0, 1)
    engine.facet_values(Query(text), "f", [text[:300]], 5)
    assert len(list(engine.documents())) <= 1


def test_a_document_that_cannot_be_held_is_refused_alone(engine: EmbeddedEngine) -> None:
    wrong = document("wrong", "Wrong", seq=-1)
    refused = engine.apply([document("a", "Right"), wrong, document("x" * 300, "Long id")], (), "e", 1)
    assert set(refused) == {"wrong", "x" * 300}
    assert [id for _, id, _ in engine.documents()] == ["a"]
