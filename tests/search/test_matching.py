"""Which written words of a text answer a question's words."""

from hypothesis import given
from hypothesis import strategies as st

from services.search import words
from services.search.engines.embedded_search import stems
from services.search.engines.matching import Matcher

LETTERS = st.sampled_from("aAbBeEéÉiİıßŁł_- .5\n'’́مهاج日本ς")
TEXTS = st.text(LETTERS, max_size=40)


@given(TEXTS, TEXTS, st.sampled_from(["en", "fr-CA", "ar", "und"]))
def test_reading_a_text_finds_the_words_that_looking_at_each_finds(question: str, text: str, tag: str) -> None:
    plan = words.plan(question, literally=True)
    if plan.words:
        looking = Matcher(plan, stems, {}, ()).of(tag).match(set(words.written_words(text)))
        assert Matcher(plan, stems, {}, ()).of(tag).read(text) == looking


@given(TEXTS)
def test_words_are_found_by_their_beginnings(text: str) -> None:
    written = set(words.written_words(text))
    for word in written:
        assert word in words.written_words_beginning(text, [words.fold(word)[:2]])
    assert words.written_words_beginning(text, []) <= written
