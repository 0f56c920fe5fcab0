"""What every engine finds, of the same documents: the contract of the engines, each case run on each kind.

Engines may rank differently, and need not know the same other forms of a word: order is asserted only where a reader
would call any other one wrong, and what is sought by another form begins alike or is a typing mistake away.
"""

from collections.abc import Iterator

import pytest

from services.search.document import kept
from services.search.engines.base import Engine, Query
from tests.search.engine_support import Places, document, found

WRITTEN = {
    "en-1": ("en", "Seasonal strawberry harvest"),
    "en-2": ("en", "Coöperation behind the façade of Sénégal"),
    "en-3": ("en", "Transnational entrepreneurship"),
    "es-1": ("es", "Migración y educación en Cañada"),
    "es-2": ("es", "Vergüenza de los pingüinos pequeños"),
    "fr-1": ("fr", "Théâtre des élèves à Besançon"),
    "fr-2": ("fr", "Sœurs et œuvres d'été"),
    "it-1": ("it", "Città più felicità per la gioventù"),
    "it-2": ("it", "Perché le rimesse tornano"),
    "ar-1": ("ar", "المُهَاجِرُونَ في المدينة"),
    "ar-2": ("ar", "إدارة الأعمال الصغيرة"),
    "sq-1": ("sq", "Zhvillimi i bashkësisë në Shqipëri"),
    "sq-2": ("sq", "Çështje të gruas fshatare"),
    "mx-1": ("es-MX", "Jornaleros agrícolas"),
    "el-1": ("el", "Μετανάστευση και ανάπτυξη"),
    "ru-1": ("ru", "Трудовая кооперация"),
    "zh-1": ("zh", "国际移民与发展"),
    "ff-1": ("ff", "Ɓiɓɓe leydi"),
    "xx-1": ("xx", "Kooperativa kulturore"),
    "nr-1": ("en", "Resolution 123456"),
    "hy-1": ("en", "Co-development fund"),
    "hy-2": ("en", "Overseasaid fund"),
}

ASKED = [
    # as written, in another case, one of several words, in another order
    ("seasonal strawberry harvest", "en-1"),
    ("STRAWBERRY", "en-1"),
    ("strawberry", "en-1"),
    ("harvest strawberry", "en-1"),
    ("  strawberry,  (harvest)!  ", "en-1"),
    # accents, in six languages: left out, or written where there are none
    ("cooperation facade senegal", "en-2"),
    ("sénégal façade", "en-2"),
    ("stràwberry", "en-1"),
    ("migracion educacion", "es-1"),
    ("MIGRACIÓN", "es-1"),
    ("canada", "es-1"),
    ("verguenza pinguinos pequenos", "es-2"),
    ("theatre eleves besancon", "fr-1"),
    ("Thea\u0302tre e\u0301le\u0300ves", "fr-1"),
    ("soeurs oeuvres", "fr-2"),
    ("œuvres", "fr-2"),
    ("citta felicita gioventu", "it-1"),
    ("perche rimesse", "it-2"),
    ("المهاجرون", "ar-1"),
    ("المدينه", "ar-1"),
    ("ادارة الاعمال", "ar-2"),
    ("bashkesise shqiperi", "sq-1"),
    ("ceshtje fshatare", "sq-2"),
    # typing mistakes: a letter left out, doubled, exchanged, two swapped; two of them in a long word
    ("strawbery", "en-1"),
    ("strrawberry", "en-1"),
    ("strawbarry", "en-1"),
    ("starwberry", "en-1"),
    ("strawbery harvset", "en-1"),
    ("transnattionall", "en-3"),
    ("migrasion", "es-1"),
    ("pinguinso", "es-2"),
    ("theatrre", "fr-1"),
    ("felicta", "it-1"),
    ("المهاجرن", "ar-1"),
    ("zhvilimi", "sq-1"),
    ("bashkesize", "sq-1"),
    # the last word being typed
    ("strawb", "en-1"),
    ("seasonal straw", "en-1"),
    ("entrep", "en-3"),
    ("migra", "es-1"),
    ("theat", "fr-1"),
    ("felic", "it-1"),
    ("المهاجر", "ar-1"),
    ("bashk", "sq-1"),
    ("jornal", "mx-1"),
    ("koop", "xx-1"),
    # other scripts and languages without a stemmer
    ("μεταναστευση", "el-1"),
    ("ТРУДОВАЯ", "ru-1"),
    ("移民", "zh-1"),
    ("leydi", "ff-1"),
    ("123456", "nr-1"),
    # hyphens come and go
    ("co-development", "hy-1"),
    ("codevelopment", "hy-1"),
    ("overseas-aid", "hy-2"),
]


@pytest.fixture(scope="module")
def library(places: Places) -> Iterator[Engine]:
    """An engine that nobody writes to, with texts in many languages."""
    with places.holding(document(id, text, language=tag) for id, (tag, text) in WRITTEN.items()) as engine:
        yield engine


@pytest.mark.parametrize(("asked", "id"), ASKED, ids=[f"{id}-{asked}" for asked, id in ASKED])
def test_words_are_found_and_marked(library: Engine, asked: str, id: str) -> None:
    answer = library.search(Query(asked))
    assert [hit.id for hit in answer.hits] == [id]
    assert (answer.total, answer.relaxed) == (1, False)
    assert "<mark>" in answer.hits[0].highlights["title"]


@pytest.mark.parametrize(
    "asked",
    [
        "hrvast ",  # two mistakes in a short word
        "123457 ",  # a number is another number
        "straw ",  # a space ends the word
        "elephants",
        "🍓",
    ],
)
def test_other_words_are_not_found(library: Engine, asked: str) -> None:
    answer = library.search(Query(asked, facets=("f",)))
    assert (answer.total, answer.hits, answer.relaxed) == (0, (), False)


def test_only_the_last_word_may_be_begun(library: Engine) -> None:
    assert library.search(Query("harv seasonal ")).relaxed
    assert not library.search(Query("seasonal harv")).relaxed


def test_a_question_without_words_finds_everything_or_nothing(library: Engine) -> None:
    everything = library.search(Query("", per_page=100))
    assert [hit.id for hit in everything.hits] == sorted(WRITTEN)
    assert library.search(Query("  \t ")).total == everything.total == len(WRITTEN)
    for signs in ("?!", "...", "\u200b", "-", '"'):
        assert (library.search(Query(signs)).total, found(library, signs)) == (0, []), signs


RELAXING = [
    document("a", "remittances for schools", facets={"priority": ("x",)}),
    document("b", "remittances for housing", facets={"priority": ("y",)}),
    document("c", "schools and housing", facets={"priority": ("z",)}),
    document("d", "The Who and other bands", facets={"priority": ("z",)}),
]


@pytest.fixture(scope="module")
def relaxing(places: Places) -> Iterator[Engine]:
    with places.holding(RELAXING) as engine:
        yield engine


def test_all_words_are_wanted_while_one_record_holds_them(relaxing: Engine) -> None:
    assert set(found(relaxing, "remittances")) == {"a", "b"}
    assert found(relaxing, "remittances schools") == ["a"]
    assert found(relaxing, "schools remittances") == ["a"]


def test_filters_relax_nothing(relaxing: Engine) -> None:
    narrowed = Query(
        "remittances schools", selected={"priority": ("y",)}, facets=("priority",), any_of=frozenset({"priority"})
    )
    answer = relaxing.search(narrowed)
    assert (answer.total, answer.hits, answer.relaxed) == (0, (), False)
    assert answer.facets["priority"].values == (("x", 1), ("y", 0))


def test_words_that_nothing_holds_are_given_up_for_hits_totals_and_counts_alike(relaxing: Engine) -> None:
    for asked in ("remittances elephants ", "elephants remittances "):
        answer = relaxing.search(Query(asked, facets=("priority",)))
        assert ({hit.id for hit in answer.hits}, answer.total, answer.relaxed) == ({"a", "b"}, 2, True)
        assert answer.facets["priority"].values == (("x", 1), ("y", 1))
    for code, total in (("x", 1), ("z", 0)):
        answer = relaxing.search(
            Query("remittances elephants ", selected={"priority": (code,)}, any_of=frozenset({"priority"}))
        )
        assert (answer.total, answer.relaxed) == (total, True), "the words alone choose the step"


def test_nothing_is_relaxed_to_everything(relaxing: Engine) -> None:
    answer = relaxing.search(Query("elephants giraffes", facets=("priority",)))
    assert (answer.total, answer.hits, answer.relaxed) == (0, (), False)
    assert answer.facets["priority"].values == ()


def test_stop_words_ask_for_nothing_unless_nothing_else_is_asked(relaxing: Engine) -> None:
    for asked in ("the remittances of the schools", "what are the remittances for the schools?"):
        assert found(relaxing, asked)[0] == "a"
        assert not relaxing.search(Query(asked)).relaxed
    assert "d" in found(relaxing, "the who")
    assert "d" in found(relaxing, "Who and other")


def test_a_whole_question_finds_first_what_answers_most_of_it(places: Places) -> None:
    texts = ["managed seasonal migration with countries of origin", "seasonal migration made to work together"]
    noise = [f"{word} is told of in many cases" for word in ("managed", "countries", "work", "together") for _ in "abc"]
    records = [document(f"{n:02d}", "Case", texts=(("body", "en", text),)) for n, text in enumerate([*texts, *noise])]
    with places.holding(records) as engine:
        question = "who has managed seasonal migration together with countries of origin, and what made it work?"
        assert found(engine, question)[0] == "00"
        few = engine.search(Query("who managed elephants, giraffes, zebras and antelopes together with hunters"))
        assert few.relaxed
        assert few.total > 0


@pytest.fixture(scope="module")
def parts(places: Places) -> Iterator[Engine]:
    filler = "one two three four five six"
    long = " ".join(f"word{n}" for n in range(80_000)) + " finisterre"
    sought = f"remittances {filler}"
    records = [
        document("4", filler, texts=(("body", "en", sought),)),
        document("3", filler, texts=(("key", "en", sought),)),
        document("2", filler, summaries={"en": sought}),
        document("1", sought, texts=(("body", "en", filler),)),
        document("5", filler, texts=(("name", "en", "Morocco\nQuota system"), ("body", "it", "pomodoro"))),
        document("long", "Long", texts=(("body", "en", long),)),
        document("exact", "About blueberry here"),
        document("typo", "About bluebery here"),
        document("none", "About bananas here"),
        document("both", "Cartaya", texts=(("body", "es", "naranjas dulces"),)),
        document("one", "Cartaya", texts=(("body", "es", "aceite puro"),)),
        document("two-tongues", titles={"es": "Puentes", "fr": "Ponts", "und": "Brücken"}, language="es"),
    ]
    with places.holding(records) as engine:
        yield engine


def test_the_heaviest_part_comes_first_and_the_lightest_last(parts: Engine) -> None:
    assert found(parts, "remittances") == ["1", "2", "3", "4"]


def test_names_of_codes_are_found(parts: Engine) -> None:
    assert found(parts, "quota system") == found(parts, "morocco") == ["5"]


def test_words_as_asked_come_first(parts: Engine) -> None:
    assert found(parts, "blueberry ")[0] == "exact"


def test_words_may_stand_in_different_parts(parts: Engine) -> None:
    assert found(parts, "cartaya naranjas") == ["both"]


def test_a_record_is_found_in_each_of_its_languages(parts: Engine) -> None:
    for asked in ("puentes", "ponts", "brucken"):
        for language in (None, "es", "fr", "sq"):
            assert found(parts, asked, language=language) == ["two-tongues"]


def test_long_texts_are_found_to_their_last_word(parts: Engine) -> None:
    assert found(parts, "finisterre") == found(parts, "word79999 ") == ["long"]


def test_completions_look_at_titles_alone_and_keep_small_words(parts: Engine, relaxing: Engine) -> None:
    assert found(parts, "remit", titles_only=True) == ["1"]
    assert found(parts, "r", titles_only=True) == ["1"], "one letter begins a title"
    assert found(parts, "naranjas", titles_only=True) == []
    assert found(relaxing, "remittances for h", titles_only=True) == ["b"]
    assert found(relaxing, "remitances for", titles_only=True) in (["a", "b"], ["b", "a"])


@pytest.fixture(scope="module")
def alike(places: Places) -> Iterator[Engine]:
    body = "seasonal contracts for pickers in"
    huelva, valencia = ((("body", "en", f"{body} {place}"),) for place in ("Huelva", "Valencia"))
    one = {"f": ("z", "A", "a", "m"), "g": ("MA-ES", 'é_"1'), "h": ("2026-01-01T00:00:00Z",), "alone": ("x",)}
    other = {"f": ("a", "m", "z", "y"), "g": ("ma-es", 'é_"1'), "h": ("2026-01-01T00:00:00Z",), "apart": ("x",)}
    records = [
        document("a", "Strawberry pickers", texts=huelva, slug="strawberries", facets=one),
        document("b", "Pickers of oranges", texts=valencia, slug="oranges", facets=other),
        document("c", "Bank accounts", texts=(("body", "en", "loans to returning families"),)),
        document("d", "Strawberry pickers", texts=huelva, type="need"),
        document("e", "Loans to families", texts=(("body", "en", "bank accounts for returning workers"),)),
        kept("authority", "mute", 1, {"id": "mute", "slug": "silent"}),
    ]
    with places.holding(records) as engine:
        yield engine


def test_similar_records_come_first_without_the_record_and_other_types(alike: Engine) -> None:
    for id, nearest in (("a", "b"), ("b", "a"), ("c", "e"), ("e", "c")):
        similar = [hit.id for hit in alike.similar(id, ("practice",), 5)]
        assert similar[0] == nearest
        assert not {id, "d", "mute"} & set(similar)
        assert len(set(similar)) == len(similar)


def test_similar_records_are_named_by_id_or_slug_and_as_many_as_wanted(alike: Engine) -> None:
    assert [hit.id for hit in alike.similar("strawberries", ("practice",), 5)] == [
        hit.id for hit in alike.similar("a", ("practice",), 5)
    ]
    assert [hit.id for hit in alike.similar("a", ("practice",), 1)] == ["b"]
    assert alike.similar("a", ("practice",), 0) == ()
    assert all(not hit.highlights and hit.stored for hit in alike.similar("a", ("practice",), 5))


def test_similar_records_tell_the_codes_that_both_have(alike: Engine) -> None:
    shared = {"f": ("z", "a", "m"), "g": ('é_"1',), "h": ("2026-01-01T00:00:00Z",)}
    assert [hit.shared for hit in alike.similar("a", ("practice",), 1)] == [shared]
    assert [hit.shared for hit in alike.similar("b", ("practice",), 1)] == [shared | {"f": ("a", "m", "z")}]
    assert [hit.shared for hit in alike.similar("c", ("practice",), 1)] == [{}]
    assert all(hit.shared == {} for hit in alike.search(Query("pickers")).hits)


@pytest.mark.parametrize("name", ["gone", "mute", "", 'a" OR id = "b', "\0", "A"])
def test_what_is_not_there_or_has_no_texts_is_similar_to_nothing(alike: Engine, name: str) -> None:
    with pytest.raises(KeyError):
        alike.similar(name, ("practice",), 5)


def test_scores_of_a_question_do_not_depend_on_filters(relaxing: Engine) -> None:
    plain = relaxing.search(Query("remittances"))
    filtered = relaxing.search(Query("remittances", selected={"priority": ("x", "y")}, any_of=frozenset({"priority"})))
    assert [(hit.id, hit.score) for hit in plain.hits] == [(hit.id, hit.score) for hit in filtered.hits]
    assert [hit.score for hit in plain.hits] == sorted((hit.score for hit in plain.hits), reverse=True)
