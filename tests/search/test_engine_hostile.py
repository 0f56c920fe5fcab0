"""What no engine may stumble over: words, codes, ids and languages that mean something to its own language."""

from collections.abc import Iterator

import pytest

from services.search.engines.base import Engine, Query, Range
from tests.search.engine_support import Places, document, found, hold, ids

TEXTS = [
    "x" * 1_000_000,
    "word " * 20_000,
    " ".join(f"w{n}" for n in range(5_000)),
    "\0\0\0",
    "a\0b",
    "\ud800 lone \udfff",
    'AND OR NOT (title:"x"^5 ~2 [* TO *] {} \\ / + - ! : ?',
    '"quoted phrase" -minus',
    "facets.f = 'x' OR type EXISTS",
    "🍓👩‍🌾🇪🇸",
    "\u202e\u200b\ufeff",
    "ﷺ" * 1000,
    "a\u0301" * 5000,
    "移" * 5000,
    "%s{}$",
    "*",
    "\\",
    '"',
    "\n\t\r",
    "'; DROP TABLE practices; --",
    "praxis_state",
]
SIGNS = {n for n, text in enumerate(TEXTS) if not any(letter.isalnum() for letter in text)}

CODES = [
    *('"', "\\", '\\"', "'", "`", "\n", "\t", "\0", " ", "*", "%", "{}", "[]", "-", "--", "_", "__", ".", ",", "/"),
    *('x" OR facets.f EXISTS', "AND", "NOT", "a TO b", "IN [a]", "null", "true", "praxis_state", "\\u0061", "\\n"),
    *("a", "A", "á", "a\u0301", "Á", " a", "a ", "a-b", "a_b", "a b", "ab", "a--b", "e", "é", "è", "É", "ß", "ss"),
    *("i", "I", "İ", "ı", "1", "01", "1.0", "移", "😀", "𝒳", "X", "x", "ﬀ", "ff", "\u200b", "\u00ad", "ς", "σ"),
    *("x" * 300, "x" * 299 + "y", "é" * 60, "é" * 59 + "e"),
]


@pytest.fixture(scope="module")
def texts(places: Places) -> Iterator[Engine]:
    records = [
        document(f"{n:02d}", text, texts=(("body", "en", text),), facets={"f": (text[:40],)})
        for n, text in enumerate(TEXTS)
    ]
    with places.holding(records) as engine:
        yield engine


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_words_are_only_words(texts: Engine, number: int) -> None:
    text = TEXTS[number]
    for query in (
        Query(text),
        Query(text, titles_only=True),
        Query(text, sort="title", language=text[:99]),
        Query(text, selected={"f": (text[:40],)}, facets=("f",)),
    ):
        answer = texts.search(query)
        assert len(answer.hits) == min(20, answer.total) <= len(TEXTS)
        if number in SIGNS and text.strip():
            assert answer.total == 0, "signs are no words"
    assert found(texts, "", selected={"f": (text[:40],)}) == [f"{number:02d}"]
    assert texts.facet_values(Query(text), "f", [text[:40]], 5).truncated is False
    with pytest.raises(KeyError):
        texts.similar(text, ("practice",), 5)


@pytest.mark.parametrize("asked", ["minus", "quoted phrase", "lone", "drop table", "w4999 ", "null exists type"])
def test_words_among_signs_are_found(texts: Engine, asked: str) -> None:
    assert texts.search(Query(asked)).total >= 1


@pytest.fixture(scope="module")
def codes(places: Places) -> Iterator[Engine]:
    records = [
        document(f"{n:03d}", "One", facets={"f": (code,), "all": (code, CODES[n - 1])}) for n, code in enumerate(CODES)
    ]
    with places.holding(records) as engine:
        yield engine


@pytest.mark.parametrize("number", range(len(CODES)))
def test_a_code_finds_itself_alone(codes: Engine, number: int) -> None:
    code, before = CODES[number], CODES[number - 1]
    answer = codes.search(Query(selected={"f": (code,)}, any_of=frozenset({"f"}), facets=("f", "all")))
    assert [hit.id for hit in answer.hits] == [f"{number:03d}"]
    assert (code, 1) in answer.facets["f"].values
    assert dict(answer.facets["all"].values) == {code: 1, before: 1}
    assert found(codes, "one", selected={"all": (code, before)}) == [f"{number:03d}"]
    either = codes.search(Query("one", selected={"f": (code, before)}, any_of=frozenset({"f"})))
    assert {hit.id for hit in either.hits} == {f"{number:03d}", f"{(number - 1) % len(CODES):03d}"}
    assert codes.facet_values(Query(), "f", [code], 5).values == ((code, 1),)


def test_codes_come_back_as_they_were_given(codes: Engine) -> None:
    counts = codes.search(Query(facets=("f",), values_per_facet=1000)).facets["f"]
    assert [code for code, _ in counts.values] == sorted(CODES)
    assert {count for _, count in counts.values} == {1}
    assert codes.facet_values(Query(), "f", None, 1000) == counts


@pytest.mark.parametrize("code", ["b", "\\\\", '""', "", "a\u0300", "x" * 301, "\ud800", "𝒴", "AND OR"])
def test_a_code_that_no_record_has_finds_nothing(codes: Engine, code: str) -> None:
    for any_of in (frozenset({"f"}), frozenset[str]()):
        assert codes.search(Query(selected={"f": (code,)}, any_of=any_of)).total == 0


IDS = [
    *("a", "A", "á", "a\u0301", "a b", "a-b", "a_b", 'a"b', "a\\b", "a/b", "../a", "a.b", "a,b", "a\nb", "1", "01"),
    *("-", "_", "praxis_state", "praxis:made-with", "😀", "x" * 255, "x" * 254 + "y", "移", "%61", "é" * 100),
]


def test_ids_are_only_ids(places: Places) -> None:
    records = [document(id, f"Record unlike {n}", seq=n, slug=f"s{n}") for n, id in enumerate(IDS)]
    with places.holding(records) as engine:
        assert sorted(engine.documents()) == sorted((f"practice/{id}", n) for n, id in enumerate(IDS))
        assert {hit.id for hit in engine.search(Query(per_page=100)).hits} == set(IDS)
        assert {hit.id for hit in engine.search(Query("unlike", per_page=100)).hits} == set(IDS)
        paged = [id for page in range(1, len(IDS) + 1) for id in found(engine, "unlike", page=page, per_page=1)]
        assert sorted(paged) == sorted(IDS)
        for id in IDS[:8]:
            assert id not in {hit.id for hit in engine.similar(id, ("practice",), 100)}
        in_order = found(engine, "", per_page=100, sort="newest")
        paged = [
            id for page in range(1, len(IDS) + 1) for id in found(engine, "", sort="newest", page=page, per_page=1)
        ]
        assert paged == in_order
        plain = [id for id in IDS if id.isascii() and id.islower() and id.replace("-", "").isalnum()]
        assert [id for id in in_order if id in plain] == sorted(plain), "engines may order odd ids as they like"
        engine.apply((), [f"practice/{id}" for id in IDS[::2]], "e", 2)
        assert ids(engine) == sorted(IDS[1::2])
        assert engine.search(Query("unlike")).total == len(IDS[1::2])


FIELDS = ["year_to", "budget:EUR", "budget:eur", "budget:ÉUR", 'budget:"x', "budget:a.b", "budget:a", "budget:_", "é\\"]


def test_range_fields_are_only_names(places: Places) -> None:
    records = [document(str(n), "One", numbers={field: float(n)}) for n, field in enumerate(FIELDS)]
    with places.holding(records) as engine:
        for n, field in enumerate(FIELDS):
            assert found(engine, "", ranges=(Range(field),)) == [str(n)]
            assert found(engine, "", ranges=(Range(field, n, n),)) == [str(n)]
            assert found(engine, "", ranges=(Range(field, n + 1),)) == []
        assert found(engine, "", ranges=(Range("budget:A"),)) == []


TAGS = ["", "x.y", 'en"', "EN", "en_GB", "*", "title", "zh-Hant-TW", "\\", "a" * 60, "0"]


@pytest.mark.parametrize("tag", TAGS)
def test_languages_are_only_names(places: Places, shared: Engine, tag: str) -> None:
    made = document("odd", "Kingfisher", texts=(("body", tag, "waders"),), language=tag)
    hold(shared, [made, document("even", "Even")])
    for language in (None, tag, "en"):
        answer = shared.search(Query("kingfisher", language=language))
        assert [hit.id for hit in answer.hits] == ["odd"]
        assert answer.hits[0].highlights["title"] == "<mark>Kingfisher</mark>"
        assert found(shared, "waders", language=language, sort="title") == ["odd"]


@pytest.fixture(scope="module")
def shared(places: Places) -> Iterator[Engine]:
    """An engine that each test fills anew."""
    with places.open() as engine:
        yield engine


def test_pages_far_away_and_of_any_size_are_answered(codes: Engine) -> None:
    for text in ("", "one"):
        answer = codes.search(Query(text, page=10**12, per_page=100))
        assert (answer.total, answer.hits) == (len(CODES), ())
        assert len(codes.search(Query(text, per_page=10**9)).hits) == len(CODES)
