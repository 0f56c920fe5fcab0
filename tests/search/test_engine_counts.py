"""Totals, counts, ranges, orders and pages of the embedded engine against a plain reading of the same documents."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.search import words
from services.search.engines.base import Document, FacetCounts, Query, Range, Sort
from services.search.engines.embedded import EmbeddedEngine
from tests.search.engine_support import document

CODES = {"priority": ["a", "b", "c"], "feature": ["f-1", "f-2", "f-3", "f-4"], "country": [f"C{n}" for n in range(9)]}
ANY_OF = frozenset({"priority", "country"})
NUMBERS = ["year_from", "budget:EUR", "budget:MAD"]
TITLES = ["Zürich", "zurich", "Ávila", "avila", "Élan vital", "elan", "", "Ελλάδα", "  spaced", "a-b", "A b"]


def codes(facet: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(CODES[facet]), unique=True, max_size=3).map(tuple)


DOCUMENTS = st.lists(
    st.builds(
        lambda title, words_, facets, numbers, published, start: document(
            "?",
            title,
            texts=(("body", "en", words_),),
            facets=facets,
            numbers=numbers,
            published=published,
            start=start,
        ),
        st.sampled_from(TITLES),
        st.lists(st.sampled_from(["apple", "apples", "pear", "plum"]), max_size=3).map(" ".join),
        st.fixed_dictionaries({facet: codes(facet) for facet in CODES}),
        st.dictionaries(st.sampled_from(NUMBERS), st.sampled_from([-5.0, 0.0, 0.5, 1.0, 7.25, 1e6, 1e12])),
        st.integers(0, 3),
        st.none() | st.sampled_from([20000000, 20000500, 20000517, 19990000]),
    ),
    min_size=1,
    max_size=40,
)
BOUND = st.none() | st.sampled_from([-5.0, 0.0, 0.25, 0.5, 1.0, 1e6, 1e13])
QUERIES = st.builds(
    Query,
    selected=st.fixed_dictionaries({}, optional={facet: codes(facet) for facet in CODES}),
    any_of=st.just(ANY_OF),
    ranges=st.lists(st.builds(Range, st.sampled_from(NUMBERS), BOUND, BOUND), max_size=2).map(tuple),
    sort=st.sampled_from(["relevance", "newest", "title", "start"]),
    page=st.integers(1, 4),
    per_page=st.integers(1, 15),
    facets=st.just(tuple(CODES)),
    values_per_facet=st.integers(1, 5),
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    engine = EmbeddedEngine(tmp_path, "1")
    yield engine
    engine.close()


def passes(document: Document, query: Query, ignoring: str | None = None) -> bool:
    for facet, asked in query.selected.items():
        own = set(document.facets[facet])
        if asked and facet != ignoring and not (own & set(asked) if facet in ANY_OF else own >= set(asked)):
            return False
    for wanted in query.ranges:
        number = document.numbers.get(wanted.field)
        low, high = wanted.low, wanted.high
        if number is None or (low is not None and number < low) or (high is not None and number > high):
            return False
    return True


def counted(documents: list[Document], query: Query, facet: str) -> FacetCounts:
    own = facet if facet in ANY_OF else None
    counts = Counter(code for found in documents if passes(found, query, own) for code in found.facets[facet])
    best = sorted(counts, key=lambda code: (-counts[code], code))[: query.values_per_facet]
    listed = set(best) | set(query.selected.get(facet, ()))
    values = sorted(((code, counts[code]) for code in listed), key=lambda value: (-value[1], value[0]))
    return FacetCounts(tuple(values), bool(set(counts) - listed))


def order(sort: Sort, found: Document) -> tuple[object, ...]:
    keys: dict[str, object] = {
        "relevance": 0,
        "newest": -found.published,
        "title": " ".join(words.words(found.sort_titles[""])),
        "start": 99999999 if found.start is None else found.start,
    }
    return keys[sort], found.id


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DOCUMENTS, st.lists(QUERIES, min_size=3, max_size=6))
def test_answers_equal_a_plain_reading(engine: EmbeddedEngine, made: list[Document], queries: list[Query]) -> None:
    # Ids that share their beginning, added in an order that is not theirs, in several commits.
    documents = [replaced(one, f"document-{number * 37 % 41:02d}") for number, one in enumerate(made)]
    old = [id for _, id, _ in engine.documents()]
    engine.apply(documents[::2], old, "e", 1)
    engine.apply(documents[1::2], (), "e", 2)
    for query in queries:
        answer = engine.search(query)
        expected = sorted((one for one in documents if passes(one, query)), key=lambda one: order(query.sort, one))
        first = (query.page - 1) * query.per_page
        assert answer.total == len(expected)
        assert [hit.id for hit in answer.hits] == [one.id for one in expected[first : first + query.per_page]]
        assert answer.facets == {facet: counted(documents, query, facet) for facet in CODES}
        asked = {"C1", "C2"}
        among = engine.facet_values(query, "country", asked, 9)
        plain = dict(counted(documents, query, "country").values)
        assert all(code in asked and plain.get(code, count) == count for code, count in among.values)


def replaced(made: Document, id: str) -> Document:
    fields = {name: getattr(made, name) for name in made.__dataclass_fields__}
    return Document(**(fields | {"id": id}))


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DOCUMENTS, st.sampled_from(["apple", "apple pear", "plu", "which pear and apples are plums"]), st.integers(1, 7))
def test_pages_of_a_ranking_neither_overlap_nor_skip(
    engine: EmbeddedEngine, made: list[Document], text: str, per_page: int
) -> None:
    documents = [replaced(one, f"document-{number * 37 % 41:02d}") for number, one in enumerate(made)]
    engine.apply(documents, [id for _, id, _ in engine.documents()], "e", 1)
    whole = engine.search(Query(text, per_page=100, facets=("country",), any_of=ANY_OF))
    assert list(whole.hits) == sorted(whole.hits, key=lambda hit: (-hit.score, hit.id))
    assert len(whole.hits) == whole.total
    paged = [
        hit.id
        for page in range(1, whole.total // per_page + 2)
        for hit in engine.search(Query(text, page=page, per_page=per_page)).hits
    ]
    assert paged == [hit.id for hit in whole.hits]
    found = [one for one in documents if one.id in set(paged)]
    counts = Counter(code for one in found for code in one.facets["country"])
    assert dict(whole.facets["country"].values) == counts


def test_titles_are_ordered_in_the_reader_s_language(engine: EmbeddedEngine) -> None:
    engine.apply(
        [
            document("1", titles={"en": "Zebra", "es": "Árbol"}, language="en"),
            document("2", titles={"en": "apple", "es": "Manzana"}, language="en"),
            document("3", titles={"fr": "école"}, language="fr"),
        ],
        (),
        "e",
        1,
    )

    def ordered(language: str | None) -> list[str]:
        return [hit.id for hit in engine.search(Query(sort="title", language=language)).hits]

    assert ordered("en") == ordered("en-GB") == ["2", "3", "1"]
    assert ordered("es") == ["1", "3", "2"]
    assert ordered(None) == ordered("xx") == ["2", "3", "1"]


def test_pages_far_beyond_the_end_are_empty(engine: EmbeddedEngine) -> None:
    engine.apply([document("1", "One")], (), "e", 1)
    for text in ("", "one"):
        answer = engine.search(Query(text, page=10**12, per_page=100))
        assert (answer.total, answer.hits) == (1, ())
    assert engine.search(Query(per_page=10**9)).total == 1
