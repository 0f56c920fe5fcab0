"""What questions mean beside their words."""

from pathlib import Path

import pytest

from services.search.embedding import Encoder
from services.search.engines.meaning import MOST_FOUND, Meaning, corrected, similar
from services.search.engines.vectors import Snapshot, Vectors
from tests.search.test_vectors import HARVEST, RETURN, WASTE

TEXTS = {
    "return": RETURN,
    "harvest": HARVEST,
    "waste": WASTE,
    "nurses": "Recruiting nurses abroad for the hospital",
    "bank": "Cheaper bank transfers for families at home",
    "fruit": "Pickers of berries who come back every summer",
}


def snapshot(path: Path, encoder: Encoder, texts: dict[str, str]) -> Snapshot:
    vectors = Vectors(path, encoder)
    for id, text in texts.items():
        vectors.put(id, b"", [encoder.passage(text)])
    vectors.publish()
    vectors.close()
    return vectors.snapshot


@pytest.fixture
def base(tmp_path: Path, encoder: Encoder) -> Snapshot:
    return snapshot(tmp_path / "v", encoder, TEXTS)


@pytest.mark.parametrize(
    ("question", "first"),
    [("Erntehelfer für Erdbeeren", "harvest"), ("infirmières étrangères", "nurses"), ("basura del puerto", "waste")],
)
def test_records_are_found_in_other_words(base: Snapshot, encoder: Encoder, question: str, first: str) -> None:
    meaning = Meaning(encoder, base, question)
    assert meaning.found[0] == first
    assert meaning.worth(first) == max(map(meaning.worth, TEXTS)) <= 1


@pytest.mark.parametrize("question", ["asdfgh jklö", "123456", "chocolate cake recipe", ""])
def test_nonsense_means_nothing(base: Snapshot, encoder: Encoder, question: str) -> None:
    assert Meaning(encoder, base, question).found == []


def test_words_and_meaning_are_weighed(base: Snapshot, encoder: Encoder) -> None:
    meaning = Meaning(encoder, base, "strawberries")
    assert [id for id, _ in meaning.ordered([], 1.0)] == meaning.found
    # A record that holds all of a question comes before one that is merely close to it.
    ordered = meaning.ordered([("bank", 7.0), ("waste", 1.0)], 1.0)
    assert ordered[0][0] == "bank"
    assert {id for id, _ in ordered} == {"bank", "waste", *meaning.found}
    assert ordered == sorted(ordered, key=lambda one: (-one[1], one[0]))
    # Where words found next to nothing of it, meaning decides.
    assert meaning.ordered([("bank", 7.0), ("waste", 1.0)], 0.1)[0][0] == meaning.found[0]


def test_a_record_without_vectors_has_the_worth_of_its_words(base: Snapshot, encoder: Encoder) -> None:
    meaning = Meaning(encoder, base, "strawberries")
    assert meaning.worth("new") == 0
    assert dict(meaning.ordered([("new", 3.0)], 1.0))["new"] == pytest.approx(0.6)


def test_equals_come_by_id_and_no_more_than_so_many_are_found(tmp_path: Path, encoder: Encoder) -> None:
    vectors, read = Vectors(tmp_path / "v", encoder), [encoder.passage(WASTE), encoder.passage(HARVEST)]
    for n in range(3 * MOST_FOUND, 0, -1):
        vectors.put(f"{n:03}", b"", [read[n % 2]])
    vectors.publish()
    vectors.close()
    meaning = Meaning(encoder, vectors.snapshot, HARVEST)
    assert meaning.found == [f"{n:03}" for n in range(1, 2 * MOST_FOUND, 2)]


def test_nothing_is_known_of_nothing(tmp_path: Path, encoder: Encoder) -> None:
    meaning = Meaning(encoder, snapshot(tmp_path / "v", encoder, {}), "anything")
    assert (meaning.found, meaning.worth("a"), meaning.ordered([("a", 2.0)], 1.0)) == ([], 0.0, [("a", 0.6)])


def test_similar_records_are_about_the_same(base: Snapshot) -> None:
    found = similar(base, "harvest", 2)
    assert found[0][0] == "fruit"
    assert len(found) == 2
    assert found == sorted(found, key=lambda one: -one[1])
    assert "harvest" not in dict(similar(base, "harvest", 10))
    with pytest.raises(KeyError):
        similar(base, "new", 2)


@pytest.mark.parametrize(
    ("question", "unknown", "meant"),
    [
        (
            "Strawbery seasnal workers",
            {"strawbery": ["strawberry"], "seasnal": ["seasonal"]},
            "strawberry seasonal workers",
        ),
        ("migración laboral", {}, "migración laboral"),
        ("Wer hilft Rückkehrern", {"hilft": ["hilt"], "ruckkehrern": []}, "Wer hilft Rückkehrern"),
    ],
)
def test_misspelt_questions_are_corrected_and_foreign_ones_left_alone(
    question: str, unknown: dict[str, list[str]], meant: str
) -> None:
    assert corrected(question, unknown) == meant
