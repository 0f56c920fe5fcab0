"""Records of several types: by relevance, one type after the other, on whatever pages; some types stand aside."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import get_args

import pytest

from services.search.engines.base import Document, Engine, Query, Sort
from tests.search import plain_reading
from tests.search.engine_support import Places, document

TYPES = ("practice", "authority", "action")
VISIBLE = TYPES[:2]
WORDS = ("water", "harvest", "school", "seasonal", "remittances")


def documents() -> Iterator[Document]:
    draw = Random("types")
    for number in range(60):
        rank = number % 3
        text = " ".join(draw.choices(WORDS, k=draw.randrange(1, 30)))
        yield document(
            f"{number:02d}",
            f"{draw.choice(WORDS)} {number}",
            texts=(("body", "en", text),),
            type=TYPES[rank],
            rank=rank,
            group=rank,
            aside=rank == 2,
            slug=f"slug-{number}",
            published=draw.randrange(9),
            facets={"type": (TYPES[rank],), "country": tuple(draw.sample(("SN", "IT", "ES"), 2))},
        )
    yield document("vocabulary", "", type="vocabulary", facets={"type": ("vocabulary",)}, titles={"en": "water"})
    yield document("only", "Zebra crossing", type="action", rank=2, group=2, aside=True, facets={"type": ("action",)})


DOCUMENTS = tuple(documents())
BY_ID = {one.id: one for one in DOCUMENTS}


@pytest.fixture(scope="module")
def engine(places: Places) -> Iterator[Engine]:
    with places.holding(DOCUMENTS) as engine:
        yield engine


def asked(text: str = "", *types: str, **more: object) -> Query:
    selected = {"type": types or VISIBLE, **more.pop("selected", {})}  # type: ignore[dict-item]  # as it is written below
    return replace(
        Query(text, TYPES, selected, frozenset(("type", "country")), facets=("type", "country"), per_page=100), **more
    )


@pytest.mark.parametrize("text", ["", "water", "water harvest", "which water and seasonal harvest remittances school?"])
def test_by_relevance_types_follow_each_other_on_whatever_pages(engine: Engine, text: str) -> None:
    whole = engine.search(asked(text))
    ranks = [BY_ID[hit.id].rank for hit in whole.hits]
    assert len(ranks) == whole.total > 20
    assert ranks == sorted(ranks)
    assert set(ranks) == {0, 1}
    for per_page in (1, 3, 7, 19):
        paged = list[str]()
        for page in range(1, 2 + whole.total // per_page):
            found = engine.search(asked(text, page=page, per_page=per_page))
            assert (found.total, found.close, found.facets) == (whole.total, whole.close, whole.facets)
            paged += [hit.id for hit in found.hits]
        assert paged == [hit.id for hit in whole.hits]
    for type in VISIBLE:
        alone = engine.search(asked(text, type))
        assert [hit.id for hit in alone.hits] == [hit.id for hit in whole.hits if BY_ID[hit.id].type == type]
        assert alone.facets["type"] == replace(whole.facets["type"])
        assert dict(whole.facets["type"].values)[type] == alone.total
    newest = engine.search(asked(text, sort="newest"))
    published = [BY_ID[hit.id].published for hit in newest.hits]
    assert published == sorted(published, reverse=True)


@pytest.mark.parametrize("sort", get_args(Sort))
@pytest.mark.parametrize("types", [(), ("authority",), ("action",), ("practice", "action")])
def test_totals_pages_and_counts_are_those_of_the_records(engine: Engine, sort: Sort, types: tuple[str, ...]) -> None:
    for page in (1, 2, 3):
        query = asked("", *types, sort=sort, page=page, per_page=13, selected={"country": ("SN", "IT")})
        answer = engine.search(query)
        assert (answer.total, [hit.id for hit in answer.hits]) == plain_reading.page(DOCUMENTS, query)
        for facet in query.facets:
            assert answer.facets[facet] == plain_reading.counted(DOCUMENTS, query, facet)


def test_what_stands_aside_chooses_no_reading_and_is_like_nothing(engine: Engine) -> None:
    relaxed = engine.search(asked("zebra crossing water"))
    assert relaxed.total > 0
    assert relaxed.relaxed
    assert [hit.id for hit in engine.search(asked("zebra", "action")).hits] == ["only"]
    for name in ("02", "slug-2", "only"):
        with pytest.raises(KeyError):
            engine.similar(name, VISIBLE, 5)
    assert {BY_ID[hit.id].type for hit in engine.similar("00", VISIBLE, 50)} == {"practice"}


def test_types_abreast_compete_by_relevance_and_follow_each_other_without_words(places: Places) -> None:
    far = "Water " + "of many hills and valleys " * 5 + "for a harvest"
    told = [
        document(id, title, texts=(("body", "en", far),), type=type, rank=rank, group=group, facets={"type": (type,)})
        for id, title, type, rank, group in (
            ("a", "One", "practice", 0, 0),
            ("b", "Water harvest", "plan", 1, 0),
            ("c", "Two", "practice", 0, 0),
            ("d", "Water harvest", "authority", 2, 2),
        )
    ]
    query = Query(
        types=("practice", "plan", "authority"),
        selected={"type": ("practice", "plan", "authority")},
        any_of=frozenset(("type",)),
        abreast=frozenset(("practice", "plan")),
        sort="relevance",
        facets=("type",),
    )
    with places.holding(told) as engine:
        assert [hit.id for hit in engine.search(query).hits] == ["a", "c", "b", "d"]
        asked = replace(query, text="water harvest")
        whole = engine.search(asked)
        assert [hit.id for hit in whole.hits][::3] == ["b", "d"], "an authority comes last however well it answers"
        paged = [engine.search(replace(asked, page=page, per_page=1)).hits[0].id for page in (1, 2, 3, 4)]
        assert paged == [hit.id for hit in whole.hits]
        chosen = replace(asked, selected={"type": ("plan", "authority")})
        assert [hit.id for hit in engine.search(chosen).hits] == ["b", "d"]
