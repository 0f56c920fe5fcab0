"""Totals, counts, ranges, orders and pages of every engine: equal to a plain reading of the same documents."""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.search.engines.base import Document, Engine, Query, Range, Sort
from tests.harness.depth import examples
from tests.search import plain_reading
from tests.search.engine_support import Places, document, found, hold

CODES = {"priority": ["a", "b", "c"], "feature": ["f-1", "f-2", "f-3", "f-4"], "country": [f"C{n}" for n in range(9)]}
ANY_OF = frozenset({"priority", "country"})
NUMBERS = ["year_from", "budget:EUR", "budget:MAD"]
VALUES = [-5.0, -0.5, 0.0, 0.5, 1.0, 7.25, 1e6, 1e12]
TITLES = ["Zürich", "zurich", "Ávila", "avila", "Élan vital", "elan", "", "Ελλάδα", "  spaced", "a-b", "A b", "10", "9"]
STARTS = [None, 20000000, 20000500, 20000517, 19990000, 9000000]
SORTS: tuple[Sort, ...] = get_args(Sort)


def made(draw: Random, id: str) -> Document:
    """Return a document of codes, numbers, dates and words of its own."""
    title = draw.choice(TITLES)
    return document(
        id,
        title,
        type=draw.choice(("practice", "practice", "need", "A_b")),
        texts=(("body", "en", " ".join(draw.choices(["apple", "apples", "pear", "plum"], k=draw.randrange(4)))),),
        facets={facet: tuple(draw.sample(codes, draw.randrange(4))) for facet, codes in CODES.items()},
        numbers={field: draw.choice(VALUES) for field in NUMBERS if draw.random() < 0.6},
        published=draw.choice((0, 1, 2, 3, 1_700_000_000)),
        start=draw.choice(STARTS),
        completeness=draw.choice((None, 0, 1, 46, 46, 99, 100)),
        sort_titles={"": title} | ({"es": draw.choice(TITLES)} if draw.random() < 0.5 else {}),
    )


# Ids that share their beginning, applied in an order that is not theirs, in several commits.
DOCUMENTS = [made(Random(number), f"document-{number * 37 % 61:02d}") for number in range(61)]


@pytest.fixture(scope="module")
def engine(places: Places) -> Iterator[Engine]:
    with places.open() as engine:
        engine.apply(
            [dataclasses.replace(made(Random("old"), one.id), type=one.type) for one in DOCUMENTS[::3]], (), "e", 1
        )
        engine.apply([document("gone", "Gone", facets={"country": ("C1",)}), *DOCUMENTS[::2]], (), "e", 2)
        engine.apply(DOCUMENTS[1::2], ("practice/gone", "practice/never-there"), "e", 3)
        yield engine


def codes(facet: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from([*CODES[facet], "none"]), unique=True, max_size=3).map(tuple)


BOUND = st.none() | st.sampled_from([-5.0, -1.0, 0.0, 0.25, 0.5, 1.0, 1e6, 1e13])
QUERIES = st.builds(
    Query,
    types=st.sampled_from([(), ("practice",), ("practice", "A_b"), ("none",)]),
    selected=st.fixed_dictionaries({}, optional={facet: codes(facet) for facet in CODES}),
    any_of=st.just(ANY_OF),
    ranges=st.lists(st.builds(Range, st.sampled_from(NUMBERS), BOUND, BOUND), max_size=2).map(tuple),
    sort=st.sampled_from(SORTS),
    page=st.integers(1, 4),
    per_page=st.integers(1, 15),
    language=st.sampled_from([None, "en", "es", "es-MX", "sq"]),
    facets=st.just((*CODES, "nothing")),
    values_per_facet=st.integers(1, 5),
)


@settings(max_examples=examples(120))
@given(QUERIES)
def test_answers_equal_a_plain_reading(engine: Engine, query: Query) -> None:
    answer = engine.search(query)
    total, ids = plain_reading.page(DOCUMENTS, query)
    assert answer.total == total
    assert [hit.id for hit in answer.hits] == ids
    assert answer.facets == {facet: plain_reading.counted(DOCUMENTS, query, facet) for facet in query.facets}
    assert not answer.relaxed
    assert answer.generation == engine.generation()


@settings(max_examples=examples(60))
@given(QUERIES, st.sampled_from(sorted(CODES)), st.none() | st.sets(st.sampled_from(["C1", "C2", "a", "f-1", "zz"])))
def test_values_of_one_facet_equal_a_plain_reading(
    engine: Engine, query: Query, facet: str, among: set[str] | None
) -> None:
    whole = plain_reading.counted(DOCUMENTS, dataclasses.replace(query, values_per_facet=1000), facet)
    # A facet's own codes that nothing has are listed when they are selected, never when they are looked for.
    counts = Counter({code: count for code, count in whole.values if count and (among is None or code in among)})
    selected = query.selected.get(facet, ()) if among is None else ()
    assert engine.facet_values(query, facet, among, 3) == plain_reading.top(counts, 3, selected)


@pytest.mark.parametrize("text", ["apple", "apple pear", "plu", "which pear and apples are plums"])
@pytest.mark.parametrize("sort", SORTS)
def test_pages_of_what_words_find_neither_overlap_nor_skip(engine: Engine, sort: Sort, text: str) -> None:
    whole = engine.search(Query(text, sort=sort, per_page=100, facets=tuple(CODES), any_of=ANY_OF))
    assert 0 < len(whole.hits) == whole.total
    for per_page in (1, 4, 7):
        last = whole.total // per_page + 2
        paged = [id for page in range(1, last) for id in found(engine, text, sort=sort, page=page, per_page=per_page)]
        assert paged == [hit.id for hit in whole.hits]
        assert found(engine, text, sort=sort, page=last, per_page=per_page) == []
    held = [one for one in DOCUMENTS if one.id in {hit.id for hit in whole.hits}]
    for facet in CODES:
        assert dict(whole.facets[facet].values) == Counter(code for one in held for code in one.facets[facet])
    if sort != "relevance":
        everything = found(engine, "", sort=sort, per_page=100)
        assert [hit.id for hit in whole.hits] == [id for id in everything if id in {hit.id for hit in whole.hits}]


@settings(max_examples=examples(40))
@given(st.sampled_from(["apple", "pear plum"]), QUERIES)
def test_filters_narrow_what_words_find_and_its_counts(engine: Engine, text: str, query: Query) -> None:
    held = {hit.id for hit in engine.search(Query(text, per_page=100)).hits}
    read = [one for one in DOCUMENTS if one.id in held]
    answer = engine.search(dataclasses.replace(query, text=text, page=1, per_page=100))
    expected = [one.id for one in read if plain_reading.passes(one, query)]
    assert (answer.total, {hit.id for hit in answer.hits}) == (len(expected), set(expected))
    assert answer.facets == {facet: plain_reading.counted(read, query, facet) for facet in query.facets}


RANGED = {"a": -5.0, "b": 0.0, "c": 0.1, "d": 2010.0, "e": 1e13, "f": None}
RANGES = [
    ((None, None), "abcde"),
    ((-5, None), "abcde"),
    ((-4.999, None), "bcde"),
    ((None, -5), "a"),
    ((None, -5.001), ""),
    ((0, 0), "b"),
    ((-0.0, 0.1), "bc"),
    ((0.1, 0.1), "c"),
    ((2010, 2010), "d"),
    ((1e13, None), "e"),
    ((1e-300, 1e300), "cde"),
    ((5, 1), ""),
    ((None, float("inf")), "abcde"),
    ((float("-inf"), 0), "ab"),
]


@pytest.fixture(scope="module")
def ranged(places: Places) -> Iterator[Engine]:
    records = [
        document(id, "One", numbers={"other": 7.0} | ({"n": number} if number is not None else {}))
        for id, number in RANGED.items()
    ]
    with places.holding(records) as engine:
        yield engine


@pytest.mark.parametrize(("span", "expected"), RANGES)
def test_ranges_hold_their_ends_and_leave_out_what_has_no_number(
    ranged: Engine, span: tuple[float | None, float | None], expected: str
) -> None:
    assert found(ranged, "", ranges=(Range("n", *span),)) == list(expected)
    assert sorted(found(ranged, "one", ranges=(Range("n", *span),))) == list(expected)
    assert found(ranged, "", ranges=(Range("n", *span), Range("other", 7, 7))) == list(expected)
    assert found(ranged, "", ranges=(Range("n", *span), Range("nothing"))) == []


def test_titles_are_ordered_in_the_reader_s_language(places: Places) -> None:
    records = [
        document("1", titles={"en": "Zebra", "es": "Árbol"}, language="en"),
        document("2", titles={"en": "apple", "es": "Manzana"}, language="en"),
        document("3", titles={"fr": "école"}, language="fr"),
    ]
    with places.holding(records) as engine:
        for language, ids in (("en", "231"), ("en-GB", "231"), ("es", "132"), (None, "231"), ("xx", "231")):
            assert "".join(found(engine, "", sort="title", language=language)) == ids


LONG = "long " * 39
ORDERED = [
    "",
    "0",
    "10",
    "9",
    "a",
    "Á a",
    "ab",
    "b",
    f"{LONG}a",
    f"{LONG}a too",
    "ñandú",
    "nandu b",
    "o",
    "Ω",
    "я",
    "ا",
]
ORDERED += ["が", "き", "中", "한", "𐐷"]


def test_titles_are_ordered_by_their_letters_and_equal_ones_by_id(places: Places) -> None:
    records = [document(f"{n * 8 % 21:02d}", title) for n, title in enumerate(ORDERED)]
    records += [document("e-a", "B"), document("e0", "B"), document("ea", "b"), document("z", "?! b")]
    with places.holding(records) as engine:
        for page in (1, 2):
            query = Query(sort="title", page=page, per_page=15)
            assert (len(records), [hit.id for hit in engine.search(query).hits]) == plain_reading.page(records, query)


def test_many_values_are_counted_exactly(places: Places) -> None:
    draw = Random(7)
    names = [f"authority-{n}" for n in range(700)]
    records = [document(f"{n:03d}", "One", facets={"authority": tuple(draw.sample(names, 12))}) for n in range(300)]
    records = [dataclasses.replace(one, facets={**one.facets, "half": (one.id[-1],)}) for one in records]
    with places.holding(records) as engine:
        for limit in (1, 20, 699, 1000):
            query = Query(facets=("authority",), values_per_facet=limit, selected={"half": ("1", "2")})
            any_of = dataclasses.replace(query, any_of=frozenset({"half", "authority"}))
            for asked in (dataclasses.replace(query, selected={}), any_of):
                expected = plain_reading.counted(records, asked, "authority")
                assert engine.search(asked).facets["authority"] == expected
                assert engine.facet_values(asked, "authority", None, limit) == expected


@pytest.fixture(scope="module")
def refilled(places: Places) -> Iterator[Engine]:
    with places.open() as engine:
        yield engine


@pytest.mark.parametrize("seed", range(3))
def test_answers_equal_a_plain_reading_whatever_was_there_before(refilled: Engine, seed: int) -> None:
    draw = Random(f"refilled {seed}")
    records = [made(draw, f"d{number}") for number in draw.sample(range(40), 25)]
    hold(refilled, records)

    @settings(max_examples=examples(15))
    @given(QUERIES)
    def check(query: Query) -> None:
        answer = refilled.search(query)
        assert (answer.total, [hit.id for hit in answer.hits]) == plain_reading.page(records, query)
        assert answer.facets == {facet: plain_reading.counted(records, query, facet) for facet in query.facets}

    check()
