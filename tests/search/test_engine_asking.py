"""Signs and words in which people ask: phrases, exclusions, beginnings, numbers, mistakes, other words for the same."""

from collections.abc import Iterator

import pytest

from services.search.engines.base import Engine, Query, Synonyms
from tests.search.engine_support import Places, document, found

RECORDS = [
    document("shop", "A one-stop shop for newcomers", texts=(("body", "en", "Opened with 1,000 euros in 2016."),)),
    document("stop", "One shop at the last stop", texts=(("body", "en", "It took 1.500 euros and a covid-19 test."),)),
    document("care", "Beekeeping", texts=(("body", "en", "C.A.R.E. sells honey with the 3×1 programme."),)),
    document("bank", "Savings", texts=(("body", "en", "Money of C.A.R.E. and a public bank, health first."),)),
    document(
        "heath", "Beekeepers of the heath", texts=(("body", "en", "honey co\u00adope\u200brative for 12'500 euros"),)
    ),
    document(
        "sun", "Sol y sombra", language="es", texts=(("body", "es", "Los soles de la ciudad y del campo, al sol."),)
    ),
    document("solar", "Solar lamps", texts=(("body", "en", "The lamps of the village are solar."),)),
]


@pytest.fixture(scope="module")
def engine(places: Places) -> Iterator[Engine]:
    with places.holding(RECORDS) as engine:
        yield engine


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ('"one stop shop"', {"shop"}),
        ("“One-Stop Shop”", {"shop"}),
        ('"shop one"', set()),
        ('"last stop" shop', {"stop"}),
        ('shop "public bank"', set()),
        ('"honey"', {"care", "heath"}),
        ("shop -newcomers", {"stop"}),
        ('shop -"last stop"', {"shop"}),
        ("-shop", {"care", "bank", "heath", "sun", "solar"}),
        ("honey -bank -heath", {"care"}),
        ("bee*", {"care", "heath"}),
        ("bee* heath", {"heath"}),
        ("beekeep* -heath", {"care"}),
        ("1000 euros", {"shop"}),
        ("1,000 euros", {"shop"}),
        ("1.000 ", {"shop"}),
        ('"1,000 euros"', {"shop"}),
        ("1500 ", {"stop"}),
        ("12 500", set()),
        ("12500", {"heath"}),
        ("100 ", set()),
        ("covid19", {"stop"}),
        ("covid-19", {"stop"}),
        ("CARE ", {"care", "bank"}),
        ("C.A.R.E. ", {"care", "bank"}),
        ("care honey", {"care"}),
        ("3x1", {"care"}),
        ("3×1", {"care"}),
        ("3 X 1 programme", {"care"}),
        ("cooperative", {"heath"}),
        ("co\u00adoperative", {"heath"}),
    ],
)
def test_signs_mean_what_people_mean_by_them(engine: Engine, asked: str, ids: set[str]) -> None:
    answer = engine.search(Query(asked))
    assert {hit.id for hit in answer.hits} == ids
    assert answer.total == answer.close == len(ids)
    assert not answer.meant


@pytest.mark.parametrize(
    ("asked", "id", "marked"),
    [
        ('"one stop shop"', "shop", "A <mark>one-stop shop</mark> for newcomers"),
        ("1000", "shop", "Opened with <mark>1,000</mark> euros in 2016."),
        ("3x1", "care", "C.A.R.E. sells honey with the <mark>3×1</mark> programme."),
        ("cooperative", "heath", "honey <mark>co\u00adope\u200brative</mark> for 12&#x27;500 euros"),
    ],
)
def test_what_is_written_otherwise_is_marked_as_it_is_written(engine: Engine, asked: str, id: str, marked: str) -> None:
    (hit,) = engine.search(Query(asked)).hits
    assert hit.id == id
    assert marked in hit.highlights.values()


def test_a_word_that_a_record_holds_is_not_forgiven(kind: str, engine: Engine) -> None:
    if kind == "meilisearch":
        pytest.skip("the server forgives mistakes in every record")
    assert set(found(engine, "honey ")) == {"care", "heath"}
    assert set(found(engine, "money ")) == {"bank"}
    assert set(found(engine, "heath ")) == {"heath"}
    assert set(found(engine, "health ")) == {"bank"}
    (hit,) = engine.search(Query("money ")).hits
    assert "honey" not in str(hit.highlights)


def test_forms_of_a_word_are_those_of_its_language(engine: Engine) -> None:
    assert found(engine, "solar ") == ["solar"]
    assert found(engine, "the solar lamps of a village")[0] == "solar"


@pytest.mark.parametrize(
    ("asked", "meant", "id"),
    [
        ("beekeping ", {"beekeping": "beekeeping"}, "care"),
        ("solra lamps", {"solra": "solar"}, "solar"),
        ("newcomrs", {"newcomrs": "newcomers"}, "shop"),
    ],
)
def test_what_was_meant_is_told_for_words_that_no_record_holds(
    engine: Engine, asked: str, meant: dict[str, str], id: str
) -> None:
    answer = engine.search(Query(asked))
    assert (answer.meant, answer.hits[0].id) == (meant, id)


def test_a_beginning_may_hold_a_mistake_when_nothing_begins_so(kind: str, engine: Engine) -> None:
    assert found(engine, "beekepin") == ["care"]
    assert set(found(engine, "beekepi", titles_only=True)) == {"care"}
    # The server forgives mistakes in every record.
    nearly = {"care"} if kind == "meilisearch" else set()
    assert set(found(engine, "beekeepe", titles_only=True)) == {"heath"} | nearly


SEASONAL = Synonyms(("temporeros",), (("en", "seasonal workers"), ("fr", "saisonniers"), ("en", "pickers")))
FIELD = [
    document("a", "Hiring", texts=(("body", "en", "A seasonal worker comes back. Others stay."),)),
    document("b", "Recrutement", texts=(("body", "fr", "Un saisonnier revient."),), language="fr"),
    document("c", "Seasons", texts=(("body", "en", "Workers of all seasons, seasonal fruit."),)),
    document("d", "Pickers", texts=(("body", "en", "Fruit of Morocco"),)),
    document("e", "Ribera", texts=(("body", "es", "Los temporeros de Marruecos"),), language="es"),
]


@pytest.fixture(scope="module")
def field(places: Places) -> Iterator[Engine]:
    with places.holding(FIELD) as engine:
        yield engine


def test_other_words_for_what_is_asked_are_found_and_marked(kind: str, field: Engine) -> None:
    assert found(field, "temporeros") == ["e"]
    answer = field.search(Query("temporeros", synonyms=(SEASONAL,)))
    expected = {"a", "b", "d", "e"} if kind == "embedded" else {"d", "e"}
    assert {hit.id for hit in answer.hits} == expected
    assert answer.hits[0].id == "e", "what was asked comes first"
    assert all("<mark>" in str(hit.highlights) for hit in answer.hits)
    assert answer.meant == {}


def test_other_words_stand_for_the_word_beside_others(field: Engine) -> None:
    morocco = Synonyms(("marruecos",), (("en", "Morocco"),))
    assert found(field, "temporeros marruecos") == ["e"]
    both = field.search(Query("temporeros marruecos", synonyms=(SEASONAL, morocco)))
    assert {hit.id for hit in both.hits} == {"d", "e"}
    assert not both.relaxed


SENTENCE = "who has managed seasonal migration together with countries of origin, and what made it work?"


@pytest.fixture(scope="module")
def sentences(places: Places) -> Iterator[Engine]:
    texts = ["managed seasonal migration with countries of origin", "seasonal migration made to work together"]
    noise = [f"{word} is told of in many cases" for word in ("managed", "countries", "work", "together") for _ in "abc"]
    some = [f"managed seasonal migration of {word}" for word in ("herders", "fishers", "birds")]
    records = [
        document(f"{n:02d}", f"Case {n:02d}", texts=(("body", "en", text),), facets={"f": ("x", "y")[n % 2 :]})
        for n, text in enumerate([*texts, *noise, *some])
    ]
    with places.holding(records) as engine:
        yield engine


def test_a_sentence_finds_what_is_related_and_begins_with_what_is_close(sentences: Engine) -> None:
    wide = sentences.search(Query(SENTENCE, facets=("f",), per_page=100))
    close = sentences.search(Query(SENTENCE, facets=("f",), per_page=100, close_only=True))
    assert wide.total == len(wide.hits) > wide.close == close.total == close.close == len(close.hits)
    assert [hit.id for hit in wide.hits[: wide.close]] == [hit.id for hit in close.hits]
    assert {hit.id for hit in wide.hits[: wide.close]} == {"00", "01"}
    assert {hit.id for hit in wide.hits[wide.close :]} == {"14", "15", "16"}
    paged = [sentences.search(Query(SENTENCE, per_page=2, page=page)) for page in range(1, wide.total // 2 + 2)]
    assert [hit.id for page in paged for hit in page.hits] == [hit.id for hit in wide.hits]
    for answer in (wide, close):
        assert dict(answer.facets["f"].values)["y"] == sum(True for _ in answer.hits)
        assert dict(answer.facets["f"].values)["x"] == sum(int(hit.id) % 2 == 0 for hit in answer.hits)


def test_close_counts_follow_the_filters(sentences: Engine) -> None:
    narrow = Query(SENTENCE, selected={"f": ("x",)}, any_of=frozenset(("f",)))
    answer = sentences.search(narrow)
    assert answer.close == sentences.search(Query(SENTENCE, selected={"f": ("x",)}, close_only=True)).total
    assert answer.close <= answer.total < sentences.search(Query(SENTENCE)).total


WHY = "They came for work. Our office sends remittances home every month! It closed later."
REASONS = [
    document(
        "a",
        "Case",
        texts=(
            ("body", "en", WHY, "how.activities"),
            ("body", "es", "Mandan remittances a casa. Nada más.", "why.obstacles"),
            ("name", "en", "Aid for migrants\nMoney transfers\nSchools", "target_group\npolicy_area\npolicy_area"),
        ),
    )
]


@pytest.mark.parametrize(
    ("asked", "language", "place", "text"),
    [
        (
            "remittances home",
            "en",
            "how.activities",
            "Our office sends <mark>remittances</mark> <mark>home</mark> every month!",
        ),
        ("remittances", "es", "why.obstacles", "Mandan <mark>remittances</mark> a casa."),
        ("transfers ", "en", "policy_area", "Money <mark>transfers</mark>"),
    ],
)
def test_a_reason_is_the_sentence_that_answers_in_the_reader_s_language(
    places: Places, asked: str, language: str, place: str, text: str
) -> None:
    with places.holding(REASONS) as engine:
        (hit,) = engine.search(Query(asked, language=language)).hits
        told = hit.highlights
        assert (told["text_place"], told["text_language"], told["text"]) == (place, language, text)


def test_a_phrase_that_no_record_holds_is_given_up_in_a_sentence_alone(engine: Engine) -> None:
    assert engine.search(Query('"shop one stop"')).total == 0
    assert engine.search(Query('newcomers "shop one stop"')).total == 0
    answer = engine.search(Query('where is there a "shop one stop" for the newcomers of a town?'))
    assert (answer.hits[0].id, answer.relaxed) == ("shop", True)
    shops = Synonyms(("shop",), (("en", "store"), ("en", "one-stop")))
    answer = engine.search(Query('where is there a "shop one stop" for the newcomers of a town?', synonyms=(shops,)))
    assert answer.hits[0].id == "shop"


def test_a_misspelt_name_stands_for_what_it_was_meant_to_name(kind: str, field: Engine) -> None:
    if kind == "meilisearch":
        pytest.skip("the server forgives mistakes in what records hold alone")
    guess = Synonyms(("guestworkrs",), (("en", "pickers"),), meant=("guestworkers",))
    answer = field.search(Query("guestworkrs", synonyms=(guess,)))
    assert ([hit.id for hit in answer.hits], answer.meant) == (["d"], {"guestworkrs": "guestworkers"})
    held = Synonyms(("fruit",), (("en", "seasons"),), meant=("fruits",))
    assert set(found(field, "fruit ", synonyms=(held,))) == set(found(field, "fruit ")) == {"c", "d"}


def test_words_akin_stand_in_by_the_nearest_kin_that_is_held(field: Engine) -> None:
    near, far = (("en", "pickers"),), (("en", "fruit"),)
    camps = Synonyms(("lagernde",), (("fr", "travailleurs invités"),), ((("en", "zebras"),), near, far))
    assert found(field, "lagernde", synonyms=(camps,)) == ["d"]
    assert found(field, "lagernde", synonyms=(Synonyms(("lagernde",), near, (far,)),)) == ["d"]


def test_a_name_that_nothing_holds_begins_no_other_word(kind: str, field: Engine) -> None:
    if kind == "meilisearch":
        pytest.skip("the server takes every last word for a beginning")
    fund = Synonyms(("sea",), (("en", "Fruit of Morocco"),))
    assert found(field, "sea", synonyms=(fund,)) == ["d"]
