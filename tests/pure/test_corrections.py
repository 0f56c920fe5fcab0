"""What a word that no record holds may have been meant to be."""

from hypothesis import given
from hypothesis import strategies as st

from services.search import words
from services.search.engines.corrections import corrections

KNOWN = st.dictionaries(st.text("abc", min_size=1, max_size=7), st.integers(1, 9), max_size=12)


@given(KNOWN, st.text("abc", min_size=5, max_size=7))
def test_nearest_words_are_found_wherever_one_letter_differs(known: dict[str, int], word: str) -> None:
    near = sorted((other for other in known if words.is_near(word, other, 1)), key=lambda one: (-known[one], one))
    found, apart = corrections(word, 1, lambda other: known.get(other, 0), lambda beginning: ())
    assert (found, apart) == (near, 1)


@given(KNOWN, st.text("abc", min_size=5, max_size=7))
def test_two_letters_may_differ_after_the_beginning_when_nothing_is_nearer(known: dict[str, int], word: str) -> None:
    begun = [(other, count) for other, count in known.items() if other.startswith(word[:3])]
    found, apart = corrections(word, 2, lambda other: known.get(other, 0), lambda beginning: begun)
    nearest = min((typos for typos in (1, 2) for other in known if words.is_near(word, other, typos)), default=2)
    assert apart == nearest
    assert all(words.is_near(word, other, apart) for other in found)


def test_other_scripts_are_corrected_in_their_own_letters() -> None:
    known = {"мигра": 2, "مهاجر": 1}
    found = [corrections(word, 1, lambda one: known.get(one, 0), lambda _: ())[0] for word in ("могра", "مهجر")]
    assert found == [["мигра"], ["مهاجر"]]
