"""Words find one set of records, whatever is counted of it, and however it is ordered and cut into pages."""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.search.engines.base import Answer, Document, Engine, Query, Range, Sort
from services.search.facets import any_of, facets, visible
from services.search.words import written_words
from tests.harness.depth import examples
from tests.search.engine_support import Places, document
from tests.search.seeds import seed_documents

FACET, ANY_OF, SEARCHABLE_TYPES = facets(), any_of(), visible()
NAMES = tuple(FACET)
SORTS: tuple[Sort, ...] = get_args(Sort)
ALL = 1_000
UNKNOWN = ("zzyzx", "qwertyuiopas", "x7", "12.500", "ñññññ")
SMALL = ("the", "of", "and", "with", "de", "la", "in", "per")


class Base:
    """An engine, the documents that it holds by id, and their texts: the words as they are written."""

    def __init__(self, engine: Engine, documents: list[Document]) -> None:
        self.engine = engine
        self.documents = {one.id: one for one in documents}
        self.texts = [written_words(text.value) for one in documents for text in one.texts]


@pytest.fixture(scope="module")
def base(places: Places) -> Iterator[Base]:
    seeds = seed_documents()
    with places.holding([*seeds, document("gone", "Migrants are gone")]) as engine:
        # What was replaced and deleted stays in an index for a while: it must not count.
        engine.apply(seeds[::3], ("practice/gone",), "e", 2)
        yield Base(engine, seeds)


@st.composite
def misspelt(draw: st.DrawFn, word: str) -> str:
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(word) - 1))
        before, letter, after = word[:at], word[at], word[at + 1 :]
        instead = (after, "x" + after, letter + letter + after, after[:1] + letter + after[1:])
        word = before + draw(st.sampled_from(instead)) or word
    return word


@st.composite
def asked(draw: st.DrawFn, base: Base) -> str:
    """Draw a question of words of the records, some begun or misspelt, and of others; or a passage of one of them."""
    text = draw(st.sampled_from(base.texts))
    if draw(st.booleans()):
        start = draw(st.integers(0, len(text) - 1))
        said = text[start : start + draw(st.integers(4, 14))]
    else:
        said = [
            draw(st.sampled_from(draw(st.sampled_from(base.texts)))) for _ in range(draw(st.sampled_from((0, 0, 1, 2))))
        ]
        said.append(draw(st.sampled_from(text)))
    for at, word in enumerate(said):
        ways = (st.just(word), misspelt(word), st.just(word[:4]), st.sampled_from((*UNKNOWN, *SMALL)))
        said[at] = draw(ways[draw(st.sampled_from((0, 0, 1, 1, 1, 1, 2, 3)))])
    return " ".join(said) + draw(st.sampled_from(("", "", " ", "?")))


@st.composite
def narrowed(draw: st.DrawFn, base: Base) -> Query:
    """Draw a question of filters alone, or of nothing."""
    one = draw(st.sampled_from([*base.documents.values()]))
    chosen = {}
    for facet in draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True)):
        others = [*one.facets.get(facet, ()), "none-has-it"]
        chosen[facet] = tuple(draw(st.lists(st.sampled_from(others), min_size=1, max_size=2, unique=True)))
    return Query(
        types=SEARCHABLE_TYPES,
        selected=chosen,
        any_of=ANY_OF,
        ranges=draw(st.sampled_from(((), (), (Range("year_to", low=2005),), (Range("completeness", low=40),)))),
        language=draw(st.sampled_from((None, "en", "es", "fr", "it", "sq"))),
        per_page=ALL,
        facets=NAMES,
        values_per_facet=ALL,
    )


def counted(answer: Answer, facet: str) -> dict[str, int]:
    return {code: count for code, count in answer.facets[facet].values if count}


def without(query: Query, facet: str) -> Query:
    return dataclasses.replace(query, selected={name: codes for name, codes in query.selected.items() if name != facet})


def adding(query: Query, facet: str, code: str) -> Query:
    """Return the question with a value as an any-of facet's only one, or beside the others of an all-of facet."""
    others = query.selected.get(facet, ()) if FACET[facet].all_of else ()
    return dataclasses.replace(query, selected={**query.selected, facet: tuple({*others, code})}, facets=())


def check(base: Base, query: Query) -> Answer:
    """Check that all counts of an answer are those of the records found, and return it."""
    answer = base.engine.search(query)
    held = [base.documents[hit.id] for hit in answer.hits]
    assert answer.total == len(held) == len({one.id for one in held})
    for facet in NAMES:
        among = held
        if facet in ANY_OF and facet in query.selected:
            among = [base.documents[hit.id] for hit in base.engine.search(without(query, facet)).hits]
        assert counted(answer, facet) == Counter(code for one in among for code in one.facets.get(facet, ())), facet
    return answer


@settings(max_examples=examples(360))
@given(data=st.data())
def test_totals_pages_and_counts_are_of_the_same_records(base: Base, data: st.DataObject) -> None:
    query = dataclasses.replace(data.draw(narrowed(base)), text=data.draw(asked(base)))
    facet, sort, per_page = data.draw(st.tuples(st.sampled_from(NAMES), st.sampled_from(SORTS), st.integers(6, 20)))
    answer = check(base, query)
    assert base.engine.facet_values(query, facet, None, ALL) == answer.facets[facet]
    for code, count in answer.facets[facet].values[:3]:
        assert base.engine.search(adding(query, facet, code)).total == count, (facet, code)
    paged = list[str]()
    for page in range(1, 2 + answer.total // per_page):
        found = base.engine.search(dataclasses.replace(query, sort=sort, page=page, per_page=per_page, facets=()))
        assert (found.total, found.relaxed) == (answer.total, answer.relaxed)
        paged += [hit.id for hit in found.hits]
    assert sorted(paged) == sorted(hit.id for hit in answer.hits)
    assert sort != "relevance" or paged == [hit.id for hit in answer.hits]


# What each is near to is also held in forms that are further from it than that word itself.
@pytest.mark.parametrize(
    "text",
    ["migratnes", "remittnce", "migratnes remittnce", "which remittnce do migratnes send to their families at home?"],
)
def test_a_misspelt_word_that_nothing_holds_counts_for_what_it_finds(base: Base, text: str) -> None:
    query = Query(text, SEARCHABLE_TYPES, any_of=ANY_OF, per_page=ALL, facets=NAMES, values_per_facet=ALL)
    answer = check(base, query)
    assert 0 < answer.total == counted(answer, "type")["practice"]
    for sort in SORTS:
        assert base.engine.search(dataclasses.replace(query, sort=sort, per_page=1)).total == answer.total
