"""Which written words of a text answer a question's words."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search import words
from services.search.engines.matching import HEAD, Matcher
from services.search.engines.stems import stems
from tests.harness.paths import SEEDS

LETTERS = st.sampled_from("aAbBeEéÉiİıßŁł_- .5\n'’́مهاج日本ς")
TEXTS = st.text(LETTERS, max_size=40)


@given(TEXTS, TEXTS, st.sampled_from(["en", "fr-CA", "ar", "und"]))
def test_reading_a_text_finds_the_words_that_looking_at_each_finds(question: str, text: str, tag: str) -> None:
    plan = words.plan(question, literally=True)
    if plan.words:
        languages = dict.fromkeys(plan.words, frozenset(("en", "fr", "ar")))
        looking = Matcher(plan, stems, {}, languages).of(tag).match(set(words.written_words(text)))
        assert Matcher(plan, stems, {}, languages).of(tag).read(text) == looking


@given(TEXTS)
def test_words_are_found_by_their_beginnings(text: str) -> None:
    written = set(words.written_words(text))
    for word in written:
        for letters in (2, 3):
            assert word in words.written_words_beginning(text, [words.fold(word)[:letters]])
    assert words.written_words_beginning(text, []) <= written


@pytest.mark.parametrize("language", ["en", "es", "fr", "it"])
def test_forms_of_a_word_begin_alike(language: str) -> None:
    forms: dict[str, set[str]] = defaultdict(set)
    for path in SEEDS.rglob("*.yaml"):
        for word in set(words.written_words(path.read_text(encoding="utf-8"))):
            for stem in stems(language, word):
                forms[stem].add(words.fold(word))
    assert sum(len(alike) > 1 for alike in forms.values()) > 400
    for stem, alike in forms.items():
        assert len(stem) <= HEAD or len({form[:HEAD] for form in alike}) == 1, (stem, alike)
