"""What the Meilisearch engine finds on a real server, beyond the contract of all engines: in how many requests, while
the index moves, and with signs and scripts that the server reads in its own way."""

import html
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from services.search.engines.base import Answer, EngineUnavailable, Query
from services.search.engines.meilisearch.asking import ATTEMPTS
from services.search.engines.meilisearch.engine import MeilisearchEngine
from tests.harness.meili import Meili
from tests.search.engine_support import document

TITLES = {
    "arabic": ("ar", "المدينة والبلديات"),
    "arabic-bare": ("ar", "مدينة صغيرة"),
    "chinese": ("zh", "国际移民与发展"),
    "japanese": ("ja", "移住者のボランティア活動"),
    "korean": ("ko", "이주노동자 지원"),
    "thai": ("th", "การย้ายถิ่นของแรงงาน"),
    "khmer": ("km", "ការធ្វើចំណាកស្រុក"),
    "mixed": ("zh", "NGO企业网络"),
    "german": ("de", "Straße der Größe"),
    "russian": ("ru", "Её йод"),
    "albanian": ("sq", "Çështje të bashkësisë"),
    "persian": ("fa", "توسعه کشور"),
    "pointed": ("ar", "المُهَاجِرُون"),
}

FOUND = [
    ("المدينة", {"arabic", "arabic-bare"}),
    ("مدينة", {"arabic", "arabic-bare"}),
    ("مهاجرون ", {"pointed"}),
    ("المهاجرون ", {"pointed"}),
    ("国际", {"chinese"}),
    ("移民与发展", {"chinese"}),
    ("民与", {"chinese"}),
    ("ボランティア", {"japanese"}),
    ("活動", {"japanese"}),
    ("노동자", {"korean"}),
    ("ย้ายถิ่น", {"thai"}),
    ("แรงงาน", {"thai"}),
    ("ចំណាកស្រុក", {"khmer"}),
    ("ngo 企业", {"mixed"}),
    ("网络", {"mixed"}),
    ("straße", {"german"}),
    ("grosse", set()),
    ("её йод", {"russian"}),
    ("ceshtje bashkesise", {"albanian"}),
    ("کشور", {"persian"}),
]


@contextmanager
def holding(meili: Meili, documents: Sequence[Any]) -> Iterator[MeilisearchEngine]:
    engine = MeilisearchEngine(meili.url, meili.index(), meili.keys, "1")
    try:
        assert not engine.apply(documents, (), "e", 1)
        yield engine
    finally:
        engine.close()


@pytest.fixture(scope="module")
def tongues(meili: Meili) -> Iterator[MeilisearchEngine]:
    with holding(meili, [document(id, text, language=tag) for id, (tag, text) in TITLES.items()]) as engine:
        yield engine


@pytest.mark.parametrize(("asked", "expected"), FOUND, ids=[asked for asked, _ in FOUND])
def test_words_of_many_scripts_are_found_and_marked_however_the_server_was_built(
    tongues: MeilisearchEngine, asked: str, expected: set[str]
) -> None:
    hits = tongues.search(Query(asked)).hits
    assert {hit.id for hit in hits} == expected
    for hit in hits:
        bare = hit.highlights["title"].replace("<mark>", "").replace("</mark>", "")
        assert bare == TITLES[hit.id][1]
        assert bare != hit.highlights["title"]


def test_letters_in_a_row_are_marked_as_one(tongues: MeilisearchEngine) -> None:
    (hit,) = tongues.search(Query("移民")).hits
    assert hit.highlights["title"] == "国际<mark>移民</mark>与发展"


GLUING = (
    "$<=>^|~£€°©®™№¬→←★✓■●▪►\xa0\xad\u200b\u200e\u200f\u2011\u202b\u202c\u202f\u2060\x0b"
    + "«»“”’…–—•·§¶±×÷%&/+\u2009\u200c"
)
"""Signs that stand between words without a space; the server takes the first of them for letters."""


UNSEEN = "\xad\u200b\u200e\u200f\u202b\u202c\u2060\u200c"
"""Those that nobody sees: they end no word."""


def test_signs_end_words_and_are_shown_as_they_were_written(meili: Meili) -> None:
    records = [
        document(f"{n:03d}", f"pepino{sign}tomate{n}", summaries={"en": f"{sign}cebolla{sign} {sign}x"})
        for n, sign in enumerate(GLUING)
    ]
    with holding(meili, records) as engine:
        everything = {one.id for one in records}
        glued = {one.id for one, sign in zip(records, GLUING, strict=True) if sign in UNSEEN}
        for asked, ids in (("pepino ", everything - glued), ("cebolla ", everything)):
            hits = engine.search(Query(asked, per_page=100)).hits
            assert {hit.id for hit in hits} == ids, asked
        for n, sign in enumerate(GLUING):
            if sign in UNSEEN:
                (hit,) = engine.search(Query(f"pepinotomate{n} ")).hits
                assert hit.highlights["title"] == f"<mark>pepino{sign}tomate{n}</mark>"
            else:
                (hit,) = engine.search(Query(f"tomate{n} ")).hits
                assert hit.highlights["title"] == f"pepino{html.escape(sign)}<mark>tomate{n}</mark>"


@contextmanager
def counted(engine: MeilisearchEngine) -> Iterator[list[int]]:
    """Count the searches of each request that an engine sends."""
    plain, sent = engine.questions.post, list[int]()

    def post(path: str, body: Mapping[str, Any]) -> Any:
        if path == "/multi-search":
            sent.append(len(body["queries"]))
        return plain(path, body)

    engine.questions.post = post  # type: ignore[method-assign]  # what is sent is sent all the same
    try:
        yield sent
    finally:
        del engine.questions.post  # type: ignore[method-assign]  # uncovers the method


TOLD = [
    *(f"seasonal workers pick strawberries in town {n}" for n in range(4)),
    *(f"remittances pay for schools in village {n}" for n in range(5)),
    *(f"workers send remittances home to family {n}" for n in range(3)),
    *(f"nothing of this kind happens in place {n}" for n in range(9)),
]


@pytest.fixture
def telling(meili: Meili) -> Iterator[MeilisearchEngine]:
    records = [
        document(
            f"{n:02d}", f"Case {n}", texts=(("body", "en", text),), facets={"f": ("ab"[n % 2],), "g": ("xyz"[n % 3],)}
        )
        for n, text in enumerate(TOLD)
    ]
    with holding(meili, records) as engine:
        yield engine


def ask(engine: MeilisearchEngine, text: str, **more: Any) -> Answer:
    return engine.search(Query(text, any_of=frozenset("fg"), facets=("f", "g"), per_page=100, **more))


def test_most_questions_take_one_request(telling: MeilisearchEngine) -> None:
    both = {"f": ("a",), "g": ("x", "y")}
    with counted(telling) as sent:
        for text in ("", "remittances", "remittances schools", "remitances scho"):
            assert ask(telling, text).total
        assert sent == [3] * 4 + [4], "the question, the state before and after; what a word was taken for"
        sent.clear()
        assert ask(telling, "remittances", selected=both).total
        assert sent == [5], "and one search for each facet that ignores its own selection"
        assert ask(telling, "elephants").total == 0
        assert ask(telling, "?!").total == 0
        assert sent[1:] == [3, 4], "signs ask for nothing"


def test_a_step_is_chosen_once_and_forgotten_when_the_index_moves(telling: MeilisearchEngine) -> None:
    with counted(telling) as sent:
        assert ask(telling, "remittances elephants").relaxed
        assert len(sent) == 3
        assert ask(telling, "remittances elephants", sort="newest", selected={"f": ("a",)}).relaxed
        assert len(sent) == 4, "the step is remembered"
        telling.apply([document("new", "Remittances for elephants")], (), "e", 2)
        answer = ask(telling, "remittances elephants")
        assert ([hit.id for hit in answer.hits], answer.relaxed, len(sent)) == (["new"], False, 5)


SENTENCES = [
    "which seasonal workers pick the strawberries that pay for schools?",
    "who sends remittances home to a family in the village for schools?",
    "do the elephants of the town pick strawberries with giraffes and zebras",
    "seasonal workers remittances schools family village",
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_is_counted_as_it_is_listed(telling: MeilisearchEngine, sentence: str) -> None:
    whole = ask(telling, sentence)
    assert 0 < whole.total == len(whole.hits) == len({hit.id for hit in whole.hits})
    assert [hit.score for hit in whole.hits] == sorted((hit.score for hit in whole.hits), reverse=True)
    assert sum(count for _, count in whole.facets["f"].values) == whole.total
    paged = [
        hit.id
        for page in range(1, whole.total + 3)
        for hit in telling.search(Query(sentence, page=page, per_page=2)).hits
    ]
    assert paged == [hit.id for hit in whole.hits]
    assert telling.search(Query(sentence, page=10**9)).total == whole.total
    ordered = ask(telling, sentence, sort="newest")
    assert [hit.id for hit in ordered.hits] == sorted(paged)
    narrowed = ask(telling, sentence, selected={"f": ("a",)})
    assert narrowed.total == dict(whole.facets["f"].values).get("a", 0)
    assert narrowed.facets["f"] == whole.facets["f"]
    assert narrowed.relaxed == whole.relaxed
    counts = telling.facet_values(Query(sentence), "g", None, 10)
    assert counts == whole.facets["g"]


def test_counts_without_words_are_remembered_until_the_index_moves(telling: MeilisearchEngine) -> None:
    query = Query(selected={"f": ("a",)}, any_of=frozenset("f"))
    with counted(telling) as sent:
        first = telling.facet_values(query, "g", None, 10)
        assert telling.facet_values(query, "g", ["x"], 1).values == first.values[:1]
        assert len(sent) == 1
        telling.apply([document("new", "New", facets={"f": ("a",), "g": ("z",)})], (), "e", 2)
        after = telling.facet_values(query, "g", None, 10)
        assert (dict(after.values)["z"], len(sent)) == (dict(first.values)["z"] + 1, 2)


def test_every_answer_is_of_one_state_while_another_thread_writes(meili: Meili) -> None:
    """Each batch writes all records anew, with its number as their code: an answer may know one number alone."""

    def batch(number: int) -> list[Any]:
        code = {"f": (f"n{number}",), "g": ("x",)}
        return [
            document(f"{n}", f"Remittances {n}", texts=(("body", "en", "for schools"),), facets=code) for n in range(20)
        ]

    texts = ("", "remittances schools", "remittances elephants", "which remittances pay for schools and elephants?")
    with holding(meili, batch(1)) as engine:
        stop, failed = threading.Event(), list[str]()

        def look(text: str) -> None:
            seen = set[int]()
            while not stop.is_set():
                query = Query(text, selected={"g": ("x",)}, any_of=frozenset("g"), facets=("f", "g"), per_page=5)
                try:
                    answer = engine.search(query)
                except EngineUnavailable:
                    continue  # it moved too fast
                seen.add(answer.generation.seq)
                if (
                    answer.total != 20
                    or dict(answer.facets["f"].values) != {f"n{answer.generation.seq}": 20}
                    or dict(answer.facets["g"].values) != {"x": 20}
                ):
                    failed.append(f"{text}: {answer.total} {answer.generation} {answer.facets}")
            if len(seen) < 3:
                failed.append(f"{text}: saw {seen} alone")

        lookers = [threading.Thread(target=look, args=(text,)) for text in texts]
        for looker in lookers:
            looker.start()
        for number in range(2, 16):
            engine.apply(batch(number), (), "e", number)
        stop.set()
        for looker in lookers:
            looker.join()
        assert not failed


def test_an_index_that_moves_for_ever_is_given_up(telling: MeilisearchEngine) -> None:
    plain, asked = telling.questions.post, 0

    def post(path: str, body: Mapping[str, Any]) -> Any:
        nonlocal asked
        asked += 1
        if asked > 1:
            telling.apply([document("moving", f"Case {asked}")], (), "e", asked)
        return plain(path, body)

    sentence = "who sends remittances home to elephants and giraffes in the village"
    telling._searcher._asking._asks = type("Asks", (), {"post": staticmethod(post)})()
    with pytest.raises(EngineUnavailable, match="faster"):
        telling.search(Query(sentence))
    assert asked == 2 * ATTEMPTS


def test_words_are_marked_whole_and_articles_with_them(meili: Meili) -> None:
    records = [
        document("a", "Blueberries from Åland", texts=(("body", "ar", "المهاجرون في المدينة"),)),
        document("b", "x", texts=(("body", "en", f"{'lorem ' * 3_200} pomegranates {'ipsum ' * 200}"),)),
    ]
    with holding(meili, records) as engine:
        (hit,) = engine.search(Query("blueberr")).hits
        assert hit.highlights == {"title": "<mark>Blueberries</mark> from Åland"}
        (hit,) = engine.search(Query("المدينة")).hits
        assert hit.highlights["text"] == "المهاجرون في <mark>المدينة</mark>"
        (hit,) = engine.search(Query("pomegranate")).hits
        assert "<mark>pomegranates</mark>" in hit.highlights["text"]
        assert 180 < len(hit.highlights["text"]) < 300


def test_what_is_not_there_is_asked_in_vain(meili: Meili) -> None:
    engine = MeilisearchEngine(meili.url, meili.index(), meili.keys, "1")
    query = Query("one", selected={"f": ("a",)}, any_of=frozenset("f"), facets=("f",))
    try:
        for _ in range(2):
            answer = engine.search(query)
            assert (answer.total, answer.hits, answer.facets["f"].values) == (0, (), (("a", 0),))
            assert engine.search(Query("one", titles_only=True)).total == 0
            assert engine.facet_values(query, "f", None, 5).values == (("a", 0),)
            with pytest.raises(KeyError):
                engine.similar("one", ("practice",), 5)
            engine.apply((), (), "e", 1)  # an index without a record, so without a title
    finally:
        engine.close()
