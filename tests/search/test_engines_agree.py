"""The two engines beside each other: the same questions to both, over the same records.

What is asked by filters alone must be answered alike to the last count, hit and place. What is asked in words is found
and ranked by each in its own way: there the share that they have in common must not fall below what was measured.
`pytest -s` shows the table.
"""

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import get_args

import pytest
import yaml

from services.search.document import document
from services.search.engines.base import Document, Engine, Query, Range, Sort
from services.search.facets import any_of, facets, visible
from services.search.words import words
from tests.harness.depth import either
from tests.search.engine_support import EmbeddedPlaces, MeilisearchPlaces
from tests.search.engine_support import document as plain_document
from tests.search.seeds import seed_documents
from tests.search.support import TERMS, Json, authority
from tools import evaluate
from tools.bench.stock import writer

QUERIES, RECORDS = either(80, 400), 150

ANY_OF, SEARCHABLE_TYPES = any_of(), visible()
FACETS = tuple(facets().values())
NAMES = tuple(facets())
LANGUAGES = (None, "en", "es", "fr", "it", "es-MX", "sq", "ar")
SORTS: tuple[Sort, ...] = get_args(Sort)
ALL = 10**6


@dataclass(frozen=True)
class Both:
    """Both engines over the same documents."""

    embedded: Engine
    meilisearch: Engine
    documents: tuple[Document, ...]


@pytest.fixture(scope="module")
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    meilisearch = MeilisearchPlaces(request.getfixturevalue("meili"))
    documents = (*seed_documents(), *synthetic(RECORDS), *odd())
    folder = tmp_path_factory.mktemp("agree")
    with EmbeddedPlaces(folder).holding(documents) as one, meilisearch.holding(documents) as other:
        yield Both(one, other, documents)


def synthetic(count: int) -> Iterator[Document]:
    """Make the documents of synthetic practices by the same rules as those of real ones."""
    authorities = {slug: authority(n, slug, slug.title()) for n, slug in enumerate(("alba", "boca", "cala", "dura"))}
    for number in range(count):
        id, body = writer(2_000).practice(number)
        written = body.model_dump(mode="json")
        record: Json = {
            "type": "practice",
            "id": str(id),
            "slug": f"case-{number}",
            "published_at": f"20{10 + number % 7}-03-01T00:00:00Z",
            "updated_at": "2026-02-01T00:00:00Z",
            "content": written["content"],
            "translations": written["translations"],
            "authorities": [authorities[slug] for slug in list(authorities)[: number % 3]],
        }
        yield document(number, record, TERMS)
    yield from (document(count + number, one, TERMS) for number, one in enumerate(authorities.values()))


def odd() -> Iterator[Document]:
    """Make documents such as no authority writes: codes that differ in case, titles in other scripts, equal titles."""
    titles = (
        "",
        "?!",
        "a",
        "A",
        "á",
        "a b",
        "a-b",
        "Ωμέγα",
        "Ямал",
        "مدينة",
        "が",
        "か",
        "中国",
        "한국",
        "10",
        "9",
        "é" * 300,
    )
    for number, title in enumerate(titles * 2):
        yield plain_document(
            f"odd-{number:02d}",
            title,
            facets={
                "type": ("practice",),
                "country": (("sn", "SN", "Sn", "IT", "it")[number % 5],),
                "budget_band": (f"EUR:{number % 4}",),
                "feature": (("adaptability", "Adaptability", "transferability")[number % 3], "cost"),
            },
            numbers={"budget:EUR": (number - 8) * 12_500.5, "year_from": -number, "year_to": 10.0 ** (number % 14)},
            published=number % 3,
            start=(None, 20000101, 10101)[number % 3],
            sort_titles={"": title, "es": titles[-number % 17], "sq": titles[number // 2]},
        )


def filters(draw: Random, documents: Sequence[Document]) -> Query:
    """Draw a question without words, about codes and numbers that are there, and some that are not."""
    chosen: dict[str, tuple[str, ...]] = {}
    for facet in draw.sample(NAMES, draw.choice((0, 1, 1, 2, 2, 3, 4))):
        held = [code for one in draw.sample(documents, 5) for code in one.facets.get(facet, ())]
        chosen[facet] = tuple(dict.fromkeys(draw.sample([*held, "none-has-it"], min(draw.randrange(4), len(held)))))
    ranges = [
        Range("year_to", draw.choice((None, 1990, 2004, 2010))),
        Range("year_from", None, draw.choice((2000, 2015))),
    ]
    amounts = sorted(draw.sample([-100_000.0, 0.0, 12_500.5, 50_000.0, 1e6, 1e7], 2))
    ranges.append(Range(f"budget:{draw.choice(('EUR', 'USD', 'MAD', 'XXX'))}", *amounts))
    per_page = draw.choice((1, 5, 20, 100, ALL))
    return Query(
        types=draw.choice((SEARCHABLE_TYPES, SEARCHABLE_TYPES, ("vocabulary", "practice"), ())),
        selected=chosen,
        any_of=draw.choice((ANY_OF, ANY_OF, frozenset(NAMES), frozenset({"type"}))),
        ranges=tuple(draw.sample(ranges, draw.choice((0, 0, 0, 1, 2)))),
        sort=draw.choice(SORTS),
        page=draw.randrange(1, 2 + len(documents) // per_page),
        per_page=per_page,
        language=draw.choice(LANGUAGES),
        facets=NAMES,
        values_per_facet=draw.choice((1, 3, 20, 1000)),
    )


@pytest.mark.parametrize("part", range(4))
def test_what_is_asked_by_filters_alone_is_answered_alike(both: Both, part: int) -> None:
    draw = Random(f"filters {part}")
    found = 0
    for _ in range(QUERIES):
        query = filters(draw, both.documents)
        one, other = both.embedded.search(query), both.meilisearch.search(query)
        assert one.total == other.total, query
        assert [hit.id for hit in one.hits] == [hit.id for hit in other.hits], query
        assert [(hit.stored, hit.highlights) for hit in one.hits] == [
            (hit.stored, hit.highlights) for hit in other.hits
        ]
        assert one.facets == other.facets, query
        assert not one.relaxed
        assert not other.relaxed
        found += one.total > 0
    assert found > QUERIES // 4, "most questions must find something to compare"


def test_values_of_one_facet_are_counted_alike(both: Both) -> None:
    draw = Random("values")
    for _ in range(QUERIES):
        query, facet = filters(draw, both.documents), draw.choice(NAMES)
        known = sorted({code for one in both.documents for code in one.facets.get(facet, ())})
        among = draw.choice((None, [], draw.sample(known, len(known) // 2), [*known, "none-has-it"]))
        limit = draw.choice((1, 5, 1000))
        one, other = (engine.facet_values(query, facet, among, limit) for engine in (both.embedded, both.meilisearch))
        assert one == other, (query, facet, among, limit)


def test_both_list_and_keep_the_same_documents(both: Both) -> None:
    expected = sorted((one.key, one.seq) for one in both.documents)
    assert sorted(both.embedded.documents()) == sorted(both.meilisearch.documents()) == expected
    assert sorted(both.embedded.stored("practice")) == sorted(both.meilisearch.stored("practice"))


def test_similar_records_tell_the_same_codes_in_common(both: Both) -> None:
    by_id = {one.id: one for one in both.documents}
    told = 0
    for own in Random("similar").sample([one for one in both.documents if one.texts], 12):
        for engine in (both.embedded, both.meilisearch):
            for hit in engine.similar(own.id, ("practice",), 20):
                other = by_id[hit.id].facets
                common = {
                    facet: tuple(code for code in dict.fromkeys(codes) if code in other.get(facet, ()))
                    for facet, codes in own.facets.items()
                }
                assert hit.shared == {facet: codes for facet, codes in common.items() if codes}
                told += len(hit.shared)
    assert told > 100


def one_word(draw: Random, both: Both) -> str:
    return draw.choice(_telling(draw, both))


def two_words(draw: Random, both: Both) -> str:
    return " ".join(draw.sample(_telling(draw, both), 2))


def misspelt(draw: Random, both: Both) -> str:
    word, other = draw.sample(_telling(draw, both), 2)
    at = draw.randrange(1, len(word) - 1)
    return f"{word[:at]}{draw.choice(('', word[at] * 2, word[at + 1] + word[at]))}{word[at + 1 :]} {other} "


def begun(draw: Random, both: Both) -> str:
    word, other = draw.sample(_telling(draw, both), 2)
    return f"{other} {word[: draw.randrange(3, len(word))]}"


def passage(draw: Random, both: Both) -> str:
    text = _text(draw, both)
    start = draw.randrange(len(text))
    return " ".join(text[start : start + draw.randrange(6, 13)]) + "?"


def _text(draw: Random, both: Both) -> list[str]:
    seeds = [one for one in both.documents if not one.id.startswith("odd")]
    return draw.choice([text.value for text in draw.choice(seeds).texts if text.part in ("title", "summary")]).split()


def _telling(draw: Random, both: Both) -> list[str]:
    found = list[str]()
    while len(found) < 2:
        found = [word for word in words(" ".join(_text(draw, both))) if len(word) >= 5 and word.isalpha()]
    return found


@dataclass(frozen=True)
class Floor:
    """The least that the engines must have in common on average, of all that they find and of the first ten hits."""

    found: float
    first_ten: float


FLOORS: dict[str, tuple[Callable[[Random, Both], str], Floor]] = {
    "one word": (one_word, Floor(0.53, 0.55)),
    "two words": (two_words, Floor(0.78, 0.77)),
    "misspelt": (misspelt, Floor(0.79, 0.80)),
    "begun": (begun, Floor(0.55, 0.54)),
    "passages": (passage, Floor(0.61, 0.60)),
}
OFFICERS = Floor(0.29, 0.37)


@pytest.mark.parametrize("kind", FLOORS)
def test_what_is_asked_in_words_finds_much_the_same(both: Both, kind: str) -> None:
    ask, floor = FLOORS[kind]
    draw = Random(kind)
    _compare(both, kind, [ask(draw, both) for _ in range(QUERIES // 2)], floor)


def test_what_officers_ask_finds_much_the_same(both: Both) -> None:
    asked = yaml.safe_load((evaluate.ROOT / "tests/eval/officers.yaml").read_text())
    _compare(both, "officers", [one["question"] for one in asked], OFFICERS)


def _compare(both: Both, kind: str, texts: Sequence[str], floor: Floor) -> None:
    shares = [_common(both, Query(text, per_page=ALL)) for text in texts]
    found, first_ten, first = (statistics.fmean(column) for column in zip(*shares, strict=True))
    print(f"\n{kind:<12} found {found:.3f}  first ten {first_ten:.3f}  first {first:.3f}  of {len(texts)} questions")
    assert found >= floor.found
    assert first_ten >= floor.first_ten


def _common(both: Both, query: Query) -> tuple[float, float, float]:
    """Return the share that is common of all hits, of the first ten, and whether the first is the same."""
    one, other = ([hit.id for hit in engine.search(query).hits] for engine in (both.embedded, both.meilisearch))
    either = set(one) | set(other)
    ten = max(len(one[:10]), len(other[:10]))
    return (
        len(set(one) & set(other)) / len(either) if either else 1.0,
        len(set(one[:10]) & set(other[:10])) / ten if ten else 1.0,
        float(one[:1] == other[:1]),
    )
