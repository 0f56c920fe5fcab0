"""Folding, splitting, stop words and relaxation."""

from typing import Any

import pytest
import tantivy
from hypothesis import given
from hypothesis import strategies as st

from services.search import words
from services.search.engines.embedded.schema import folding
from services.search.stop_words import STOP_WORDS

LATIN = st.characters(min_codepoint=0x20, max_codepoint=0x17F)
WRITTEN = st.text(st.one_of(LATIN, st.sampled_from("ءآةىیکًάςЙёЂ移民한ไทยɓŋ_-'\u0301\u00ad")), max_size=40)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Micro-CRÉDITO, l'épargne", ["micro", "credito", "l", "epargne"]),
        ("Straße Œuvre Đorđe", ["strasse", "oeuvre", "dorde"]),
        ("e\u0301tranger", ["etranger"]),
        ("Μετανάστευσης", ["μεταναστευσησ"]),
        ("Ёжик Йод", ["ежик", "иод"]),
        ("مُهَاجِرَة إلى", ["مهاجره", "الي"]),
        ("移民发展", ["移民", "民发", "发展"]),
        ("한국어", ["한국", "국어"]),
        ("民 a_b", ["民", "a", "b"]),
        ("🍓 !!", []),
    ],
)
def test_words_are_folded(text: str, read: list[str]) -> None:
    assert words.words(text) == read


@given(WRITTEN)
def test_an_index_holds_the_words_that_are_looked_up(text: str) -> None:
    held = set(folding().analyze(words.searchable(text)))
    sought = {term for word in words.words(text) for term in folding().analyze(word)}
    assert sought <= held


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert words.fold(words.fold(text)) == words.fold(text)


def test_lone_surrogates_are_replaced() -> None:
    assert words.clean("a\ud800b") == "a?b"


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("Who has managed seasonal migration?", ("managed", "seasonal", "migration")),
        ("¿Cómo se gestiona la migración de temporada?", ("gestiona", "migracion", "temporada")),
        ("Comment gérer l'épargne des migrants ?", ("gerer", "epargne", "migrants")),
        ("Come si usano le rimesse?", ("usano", "rimesse")),
        ("من هو مدير المركز؟", ("مدير", "المركز")),
        ("to be or not to be", ("to", "be", "or", "not")),
        ("son", ("son",)),
        ("salud sin fronteras", ("salud", "fronteras")),
    ],
)
def test_stop_words_of_the_question_s_language_are_dropped(question: str, kept: tuple[str, ...]) -> None:
    assert words.plan(question).words == kept


def test_stop_words_are_written_as_words_are_folded() -> None:
    for language, stop in STOP_WORDS.items():
        assert {word for word in stop if words.words(word) != [word]} == set(), language


@pytest.mark.parametrize(
    ("question", "wants_all"),
    [
        ("strawberry", True),
        ("seasonal strawberry workers", True),
        ("who hires workers", True),
        ("who hires strawberry workers", False),
        ("hires seasonal strawberry workers", False),
        ("", True),
    ],
)
def test_short_questions_want_all_their_words_and_longer_ones_most(question: str, wants_all: bool) -> None:
    assert words.plan(question).wants_all is wants_all


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Micro-credit, state-of-the-art", "Micro-credit, state-of-the-art\nMicrocredit\nstateoftheart"),
        ("co\u2011op\nand\n--so - on-", "co\u2011op\nand\n--so - on-\ncoop"),
        ("2007-2013 covid-19", "2007-2013 covid-19\ncovid19"),
        ("plain", "plain"),
    ],
)
def test_hyphenated_words_are_read_without_hyphens_too(text: str, read: str) -> None:
    assert words.laid_out(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1,000 or 1.000 or 1\u202f000", "1000 or 1000 or 1000"),
        ("€ 12,500,000.75 for 10'000", "€ 12,500,000.75 for 10000"),
        ("1.5 of 12,34 and v1.200 in 3.10.2026", "1.5 of 12,34 and v1.200 in 3.10.2026"),
        ("3×1, 3 X 1 and 3x1", "3x1, 3x1 and 3x1"),
        ("C.A.R.E. met the U.S.A", "CARE met the USA"),
        ("p. 3 of A. B. Smith, e.g. here", "p. 3 of A. B. Smith, eg here"),
        ("co\xadopera\u200btion \u202bright\u202c", "cooperation right"),
    ],
)
def test_what_is_written_apart_with_signs_is_one_word(text: str, read: str) -> None:
    assert words.together(text) == read


@given(st.text("1230.,' x×XabC.A-\xad\u200b", max_size=30))
def test_words_apart_stand_where_they_are_said_to(text: str) -> None:
    for span in words.apart_spans(text):
        assert words.words(words.together(text[span.start : span.end])) == [span.word]


@pytest.mark.parametrize(
    ("question", "kept", "phrases", "excluded", "begun"),
    [
        ('"one stop shop" roma', ("roma",), [("one", "stop", "shop")], [], ()),
        (
            "“ventanilla única” «guichet unique» „eine Stelle“",
            (),
            ["ventanilla unica", "guichet unique", "eine stelle"],
            [],
            (),
        ),
        ("honey -money", ("honey",), [], [("money",)], ()),
        ('savings -"public bank" (-loans)', ("savings",), [], [("public", "bank"), ("loans",)], ()),
        ("migra* returns", ("migra", "returns"), [], [], ("migra",)),
        ("- well-known co-op", ("well", "known", "co", "op"), [], [], ()),
        ('an "unclosed quote', ("unclosed", "quote"), [], [], ()),
        ('"" -"" * -', (), [], [], ()),
        ('"1,000 families"', (), [("1000", "families")], [], ()),
    ],
)
def test_signs_of_a_question_ask_for_phrases_exclude_and_begin(
    question: str, kept: tuple[str, ...], phrases: list[Any], excluded: list[Any], begun: tuple[str, ...]
) -> None:
    plan = words.plan(question)
    wanted = [tuple(one.split()) if isinstance(one, str) else one for one in phrases]
    assert (plan.words, list(plan.phrases), list(plan.excluded)) == (kept, wanted, excluded)
    assert plan.begun == frozenset(begun)
    assert not words.plan(question, literally=True).phrases


@pytest.mark.parametrize(
    ("question", "languages"),
    [
        ("how do we hire pickers for the harvest", {"en"}),
        ("¿cómo contratar a los temporeros?", {"es"}),
        ("wie finden wir Saisonarbeiter für die Ernte", {"de"}),
        ("como é que o município pode contratar", {"pt"}),
        ("cum putem ajuta familiile care se întorc", {"ro"}),
        ("si mund të ndihmojmë familjet që kthehen", {"sq"}),
        ("remesas Senegal", set()),
    ],
)
def test_small_words_tell_the_language_of_a_question(question: str, languages: set[str]) -> None:
    assert words.plan(question).languages == languages


@given(st.text("ab-1 \n\u2010é", max_size=30))
def test_compounds_stand_where_they_are_said_to(text: str) -> None:
    for span in words.compound_spans(text):
        whole = text[span.start : span.end].replace("\u2010", "-")
        assert whole.replace("-", "") == span.word
        assert "-" in whole.strip("-")
        assert not text[span.start - 1 : span.start].isalnum()
        assert not text[span.end : span.end + 1].isalnum()


@pytest.mark.parametrize(
    ("question", "kept", "joined"),
    [
        ("micro-credit for women", ("micro", "credit", "women"), {"micro": "microcredit", "credit": "microcredit"}),
        ("so-so schools", ("soso", "schools"), {"so": "soso"}),
    ],
)
def test_a_question_s_compounds_are_known(question: str, kept: tuple[str, ...], joined: dict[str, str]) -> None:
    plan = words.plan(question)
    assert (plan.words, plan.joined) == (kept, joined)


@pytest.mark.parametrize(
    ("text", "is_open"), [("migra", True), ("migra ", False), ("migra?", False), ("migra the", False)]
)
def test_only_a_last_word_may_still_be_typed(text: str, is_open: bool) -> None:
    assert words.plan(text).open_end is is_open


@given(st.text(max_size=300))
def test_a_plan_is_bounded(text: str) -> None:
    plan = words.plan(text * 500)
    assert len(plan.words) <= words.MOST_WORDS
    assert len(set(plan.words)) == len(plan.words)
    assert all(0 < len(word) <= words.LONGEST_WORD for word in plan.words)


@given(st.text("abc", max_size=6), st.text("abc", max_size=6), st.integers(0, 2))
def test_nearness_is_the_library_s(word: str, other: str, typos: int) -> None:
    if not word or not other:
        return
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("w", tokenizer_name="raw")
    index = tantivy.Index(builder.build())
    writer = index.writer(15_000_000, 1)
    writer.add_document(tantivy.Document(w=[other]))
    writer.commit()
    index.reload()
    near = tantivy.Query.fuzzy_term_query(index.schema, "w", word, typos, True)
    found = bool(index.searcher().search(near, 1).hits)
    assert words.is_near(word, other, typos) is found
