"""Vectors beside the index: made once for each text, kept through crashes, compared exactly."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from services.search.embedding import Encoder, Vector
from services.search.engines.vector_making import Making
from services.search.engines.vectors import BLOCK, Vectors, digest
from services.search.passages import MOST_PASSAGES, PASSAGE, passages

LONG = 30.0
"""Seconds that nothing here takes; who waits so long has lost."""


class Base:
    """An index of texts by id, and which of them were read."""

    def __init__(self, texts: Mapping[str, Sequence[str]]) -> None:
        self.texts = texts
        self.read: list[str] = []

    def documents(self) -> Iterator[tuple[str, int]]:
        for seq, id in enumerate(self.texts):
            yield id, seq

    def passages(self, id: str) -> Sequence[str]:
        self.read.append(id)
        return self.texts[id]


class Counting:
    """The encoder, and what it was given to read."""

    def __init__(self, encoder: Encoder, name: str | None = None) -> None:
        self._encoder = encoder
        self.name = name or encoder.name
        self.dimension = encoder.dimension
        self.floor, self.rise, self.spread = encoder.floor, encoder.rise, encoder.spread
        self.read: list[str] = []

    def question(self, text: str) -> Vector:
        return self._encoder.question(text)

    def passage(self, text: str) -> Vector:
        self.read.append(text)
        return self._encoder.passage(text)


def made(path: Path, encoder: Encoder, *bases: Base) -> Vectors:
    """Return the vectors as they stand after indexes followed each other, their file closed."""
    vectors = Vectors(path, encoder)
    making = Making(vectors, encoder)
    for base in bases:
        making.follow(base)
        assert making.settled(LONG)
    making.close()
    return vectors


def closest(vectors: Vectors, question: Vector) -> str:
    snapshot = vectors.snapshot
    return snapshot.keys[int(np.argmax(snapshot.cosines(question)))]


RETURN, HARVEST, WASTE = (
    "Help for migrants who return to their country of origin",
    "Seasonal workers for the strawberry harvest",
    "Collecting rubbish in the harbour",
)


@pytest.mark.parametrize("question", ["migrants going home", "Retour des migrants dans leur pays", "عودة المهاجرين"])
def test_what_means_the_same_is_closest_in_any_language(tmp_path: Path, encoder: Encoder, question: str) -> None:
    vectors = made(tmp_path / "v", encoder, Base({"r": [RETURN], "h": [HARVEST], "w": [WASTE]}))
    assert closest(vectors, encoder.question(question)) == "r"


def test_cosines_are_those_of_the_closest_passage(tmp_path: Path, encoder: Encoder) -> None:
    texts = {f"{n}": [f"{WASTE} {n}", *([f"{HARVEST} {n}"] * (n % 3)), f"{RETURN} {n}"] for n in range(9)}
    vectors = made(tmp_path / "v", encoder, Base(texts))
    question = encoder.question("workers who return")
    exact = {id: max(float(encoder.passage(one) @ question) for one in texts[id]) for id in texts}
    found = dict(zip(vectors.snapshot.keys, vectors.snapshot.cosines(question).tolist(), strict=True))
    assert found == pytest.approx(exact, abs=0.01)


def test_more_vectors_than_are_compared_at_once_are_compared_alike(tmp_path: Path, encoder: Encoder) -> None:
    draw = np.random.default_rng(1)
    vectors = Vectors(tmp_path / "v", encoder)
    many = draw.standard_normal((2 * BLOCK + 7, encoder.dimension)).astype(np.float32)
    for n, vector in enumerate(many):
        vectors.put(f"{n}", b"", [vector / np.linalg.norm(vector)])
    vectors.publish()
    question = many[BLOCK] / np.linalg.norm(many[BLOCK])
    exact = (many @ question) / np.linalg.norm(many, axis=1)
    assert vectors.snapshot.cosines(question) == pytest.approx(exact, abs=0.01)
    assert closest(vectors, question) == f"{BLOCK}"
    vectors.close()


def test_an_unchanged_text_is_read_once_in_all_indexes_to_come(tmp_path: Path, encoder: Encoder) -> None:
    counting = Counting(encoder)
    made(tmp_path / "v", counting, Base({"r": [RETURN], "h": [HARVEST]}))
    vectors = made(tmp_path / "v", counting, Base({"h": [HARVEST], "r": [RETURN + "!"], "w": [WASTE]}))
    assert sorted(counting.read) == sorted([RETURN, HARVEST, RETURN + "!", WASTE])
    assert set(vectors.snapshot.keys) == {"r", "h", "w"}


def test_what_is_gone_from_the_index_is_forgotten(tmp_path: Path, encoder: Encoder) -> None:
    vectors = made(tmp_path / "v", encoder, Base({"r": [RETURN], "h": [HARVEST]}), Base({"h": [HARVEST]}))
    assert (vectors.snapshot.keys, set(vectors.held)) == (("h",), {"h"})
    assert made(tmp_path / "v", encoder).snapshot.keys == ("h",)


def test_only_what_changed_is_looked_at_when_it_is_named(tmp_path: Path, encoder: Encoder) -> None:
    vectors = Vectors(tmp_path / "v", encoder)
    making = Making(vectors, encoder)
    making.follow(Base({"r": [RETURN], "h": [HARVEST], "w": [WASTE]}))
    assert making.settled(LONG)
    after = Base({"r": [RETURN], "h": ["Pickers for berries"]})
    making.follow(after, ["h", "w"])
    assert making.settled(LONG)
    assert sorted(after.read) == ["h", "w"]
    assert set(making.snapshot.keys) == {"r", "h"}
    making.close()


def test_records_without_texts_are_never_found(tmp_path: Path, encoder: Encoder) -> None:
    vectors = made(tmp_path / "v", encoder, Base({"vocabulary": [], "r": [RETURN]}))
    assert vectors.snapshot.keys == ("r",)
    assert set(vectors.held) == {"vocabulary", "r"}
    with pytest.raises(KeyError):
        vectors.snapshot.vector("vocabulary")


def test_nothing_is_found_among_nothing(tmp_path: Path, encoder: Encoder) -> None:
    vectors = made(tmp_path / "v", encoder, Base({}))
    assert vectors.snapshot.cosines(encoder.question("anything")).tolist() == []


def test_the_newest_changes_come_first(tmp_path: Path, encoder: Encoder) -> None:
    held = threading.Event()

    class Slow(Base):
        def documents(self) -> Iterator[tuple[str, int]]:
            yield from super().documents()
            assert held.wait(LONG)

    base = Slow({"old": [RETURN], "new": [HARVEST], "named": [WASTE]})
    making = Making(Vectors(tmp_path / "v", encoder), encoder)
    making.follow(base)
    making.follow(base, ["old"])
    held.set()
    assert making.settled(LONG)
    making.close()
    assert base.read == ["old", "named", "new"]


def test_a_snapshot_stays_as_it_was(tmp_path: Path, encoder: Encoder) -> None:
    vectors = Vectors(tmp_path / "v", encoder)
    vectors.put("r", b"1", [encoder.passage(RETURN)])
    vectors.publish()
    before, question = vectors.snapshot, encoder.question(RETURN)
    first = before.cosines(question)
    vectors.put("r", b"2", [encoder.passage(WASTE)])
    vectors.put("h", b"1", [encoder.passage(HARVEST)])
    assert vectors.snapshot is before
    vectors.publish()
    assert (before.keys, before.cosines(question).tolist()) == (("r",), first.tolist())
    assert set(vectors.snapshot.keys) == {"r", "h"}
    vectors.close()


@pytest.mark.parametrize("harm", ["encoder", "torn", "other", "none"])
def test_a_file_that_cannot_be_used_is_begun_anew(tmp_path: Path, encoder: Encoder, harm: str) -> None:
    path = tmp_path / "v"
    made(path, encoder, Base({"r": [RETURN]}))
    if harm == "torn":
        path.write_bytes(path.read_bytes()[:5000] + b"\xff" * 3000)
    if harm == "other":
        path.write_bytes(b"something else" * 1000)
    later = Counting(encoder, "another-2.0" if harm == "encoder" else None)
    vectors = made(path, later, Base({"r": [RETURN]}))
    assert vectors.snapshot.keys == ("r",)
    assert later.read == ([] if harm == "none" else [RETURN])


KILLED = """
import sys
from pathlib import Path
from services.search.embedding import open_encoder
from services.search.engines import vector_making
from services.search.engines.vectors import Vectors
from tests.search.test_vectors import Base

vector_making.PUBLISH_SECONDS = 0.0
encoder = open_encoder("use")
making = vector_making.Making(Vectors(Path(sys.argv[1]), encoder), encoder)
making.follow(Base({f"{n}": [f"practice {n}"] for n in range(100_000)}))
while len(making.snapshot.keys) < 20:
    making.settled(0.01)
print(flush=True)
making.settled(60)
"""


def test_a_killed_process_leaves_what_it_published(tmp_path: Path, encoder: Encoder) -> None:
    path = tmp_path / "v"
    child = subprocess.Popen([sys.executable, "-c", KILLED, path], stdout=subprocess.PIPE, cwd=Path.cwd())
    assert child.stdout
    child.stdout.readline()
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    vectors = Vectors(path, encoder)
    assert len(vectors.snapshot.keys) >= 20
    assert all(vectors.held[id] == digest([f"practice {id}"]) for id in vectors.snapshot.keys)
    vectors.close()


def test_the_end_does_not_wait_for_what_is_left(tmp_path: Path, encoder: Encoder) -> None:
    counting = Counting(encoder)
    making = Making(Vectors(tmp_path / "v", encoder), counting)
    making.follow(Base({f"{n}": [RETURN] * 1000 for n in range(1000)}))
    making.close()
    assert len(counting.read) < 1000


def test_a_file_that_fails_is_told_and_tried_again(
    tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.search.engines.vector_making.RETRY_SECONDS", 0.01)
    vectors = Vectors(tmp_path / "v", encoder)
    locking = sqlite3.connect(tmp_path / "v", isolation_level=None)
    locking.execute("BEGIN IMMEDIATE")
    vectors.patience(0.01)
    making = Making(vectors, encoder)
    making.follow(Base({"r": [RETURN]}))
    while not making.trouble:
        making.settled(0.01)
    assert "locked" in making.trouble
    locking.execute("ROLLBACK")
    locking.close()
    while making.trouble:
        making.settled(0.01)
    assert making.settled(LONG)
    assert making.snapshot.keys == ("r",)
    making.close()
    assert Vectors(tmp_path / "v", encoder).snapshot.keys == ("r",)


def test_passages_are_what_a_record_is_about_then_its_texts_under_its_title() -> None:
    titles, summaries = {"en": "Return", "fr": "Retour"}, {"en": "Who goes home.", "fr": "Qui rentre."}
    assert passages(titles, summaries, "fr", ["one\ntwo", " "]) == ["Retour. Qui rentre.", "Retour. one\ntwo"]
    assert passages({"en": "Return"}, {}, "fr", []) == ["Return"]
    assert passages({}, {}, "und", []) == []


def test_long_texts_are_cut_between_words_and_nothing_is_lost() -> None:
    text = " ".join(f"word{n}" for n in range(2000))
    found = passages({"en": "T"}, {"en": text[:5000]}, "en", [text[5000:]])
    assert "".join(piece.removeprefix("T. ") for piece in found).replace(" ", "") == text.replace(" ", "")
    assert max(map(len, found)) <= PASSAGE + len("T. ")
    assert "".join(p[3:] for p in passages({"en": "T"}, {}, "en", ["x" * 2500])) == "x" * 2500


def test_no_record_has_more_than_so_many_passages() -> None:
    assert len(passages({"en": "T"}, {}, "en", ["word " * 100_000])) == MOST_PASSAGES
