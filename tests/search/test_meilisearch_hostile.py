"""The Meilisearch engine on a real server, whatever it is asked: the server refuses nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.search.engines.base import Engine, Query, Range
from services.search.words import clean
from tests.harness.depth import examples
from tests.harness.meili import Meili
from tests.search.engine_support import MeilisearchPlaces, document

HOSTILE = [
    '"',
    "\\",
    '\\"',
    '"\\',
    "\n",
    "\0",
    "\ud800",
    "-minus",
    '-"minus phrase"',
    '"phrase',
    "a" * 10_000,
    "a " * 5_000,
    '"a" ' * 2_500,
    "移" * 10_000,
    "(" * 300,
    "facets.f = x AND NOT (type = y)",
    " OR ".join(["f = x"] * 400),
    "x' OR facets.f EXISTS OR 'x",
    "\u202e\u200b\ufeff",
    "ﷺ" * 500,
    "e\u0301" * 500,
    "_geoRadius(1,1,1)",
    "\\u0000\\n",
    "*",
    "\ue000\ue001",
]
ODD = st.one_of(st.integers(0, len(HOSTILE) - 1).map(HOSTILE.__getitem__), st.text(max_size=40))
CODES = st.lists(ODD, max_size=4).map(tuple)
NUMBER = st.none() | st.floats()


@pytest.fixture(scope="module")
def hostile(meili: Meili) -> Iterator[Engine]:
    records = [document(f"{n:02d}", text, facets={"f": (text[:60],)}) for n, text in enumerate(HOSTILE)]
    with MeilisearchPlaces(meili).holding(records) as engine:
        yield engine


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ODD,
    st.dictionaries(st.sampled_from(["f", "g", "a b"]), CODES, max_size=3),
    st.lists(st.builds(Range, ODD, NUMBER, NUMBER), max_size=2).map(tuple),
    st.sampled_from(["relevance", "newest", "title", "start"]),
    st.integers(1, 10**20),
    st.integers(1, 10**20),
    st.none() | ODD,
    st.booleans(),
    st.booleans(),
)
def test_nothing_is_refused(
    hostile: Engine,
    text: str,
    selected: dict[str, tuple[str, ...]],
    ranges: tuple[Range, ...],
    sort: Any,
    page: int,
    per_page: int,
    language: str | None,
    titles_only: bool,
    alternatives: bool,
) -> None:
    query = Query(
        text,
        selected=selected,
        any_of=frozenset(selected) if alternatives else frozenset(),
        ranges=ranges,
        sort=sort,
        page=page,
        per_page=per_page,
        language=language,
        facets=("f", *selected),
        titles_only=titles_only,
    )
    answer = hostile.search(query)
    assert 0 <= len(answer.hits) <= answer.total <= len(HOSTILE)
    assert set(answer.facets) == {"f", *selected}
    hostile.facet_values(query, "f", None, 10)
    with pytest.raises(KeyError):
        hostile.similar(f"no {text}", ("practice",), 5)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_codes_are_found_and_hostile_words_only_words(hostile: Engine, text: str) -> None:
    found = hostile.search(Query(selected={"f": (text[:60],)}, facets=("f",)))
    assert found.total == sum(other[:60] == text[:60] for other in HOSTILE)
    assert (clean(text[:60]), found.total) in found.facets["f"].values
    assert hostile.search(Query(text)).total <= len(HOSTILE)


def test_a_thousand_values_of_one_facet_are_asked_for_at_once(hostile: Engine) -> None:
    many = (*(f"code {n}" for n in range(1_000)), "*")
    either = Query(selected={"f": many, "g": ()}, any_of=frozenset("fg"), facets=("f",), values_per_facet=1)
    answer = hostile.search(either)
    assert answer.total == 1
    assert set(dict(answer.facets["f"].values)) >= set(many)
    assert hostile.search(Query(selected={"f": many})).total == 0
    assert hostile.search(Query(ranges=tuple(Range(f"r{n}", n, n) for n in range(300)))).total == 0
    every = {f"facet {n}": (f"code {n}",) for n in range(300)}
    assert hostile.search(Query(selected=every)).total == 0
