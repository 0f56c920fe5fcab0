"""The embedded engine's directory: cursor, rebuilds, other schemas, one writer, and crashes at any moment."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

import services.search.facets
from services.search.document import SCHEMA, schema
from services.search.engines.base import Document, EngineUnavailable, Query
from services.search.engines.embedded import EmbeddedEngine
from services.search.engines.embedded_schema import VERSION, version
from tests.search.engine_support import document

SEARCH = Path(services.search.facets.__file__).parent


def ids(engine: EmbeddedEngine) -> list[str]:
    return [id for _, id, _ in engine.documents()]


def test_a_new_index_needs_a_rebuild_until_something_is_applied(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path / "new" / "index", "1")
    assert engine.needs_rebuild()
    assert engine.search(Query("word", facets=("f",))).total == 0
    engine.apply([document("a", "A")], (), "epoch", 7)
    assert not engine.needs_rebuild()
    engine.close()
    engine = EmbeddedEngine(tmp_path / "new" / "index", "1")
    generation = engine.generation()
    assert (generation.epoch, generation.seq) == ("epoch", 7)
    assert ids(engine) == ["a"]
    assert not engine.needs_rebuild()
    engine.close()


@pytest.mark.parametrize(
    "changed", ["facets.py", "codes.py", "document.py", "engines/embedded_schema.py", "stop_words.py"]
)
def test_other_facets_or_rules_of_documents_name_another_index(tmp_path: Path, changed: str) -> None:
    folder = tmp_path / "search"
    shutil.copytree(SEARCH, folder)
    assert (schema(folder), version(folder)) == (SCHEMA, VERSION)
    (folder / changed).write_text((folder / changed).read_text() + "\n# another rule\n")
    assert (schema(folder), version(folder)) != (SCHEMA, VERSION)


def test_each_commit_is_seen_at_once_and_names_a_new_state(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, "1")
    seen = {engine.generation()}
    for seq in range(1, 4):
        engine.apply([document("a", f"Title{seq}")], ["gone"], "e", seq)
        assert engine.search(Query(f"title{seq}")).generation == engine.generation()
        assert engine.search(Query(f"title{seq}")).total == 1
        assert engine.search(Query("a")).total == 0
        seen.add(engine.generation())
    assert len(seen) == 4
    assert list(engine.stored("practice")) == [hit.stored for hit in engine.search(Query()).hits]
    engine.apply((), ["a"], "e", 4)
    assert ids(engine) == []
    engine.close()


@pytest.mark.parametrize("harm", ["schema", "state", "segments", "missing"])
def test_an_index_that_cannot_be_used_is_opened_empty(tmp_path: Path, harm: str) -> None:
    engine = EmbeddedEngine(tmp_path, "1")
    engine.apply([document("a", "A")], (), "e", 1)
    index = tmp_path / engine.generation().index
    engine.close()
    if harm == "state":
        (tmp_path / "state.json").write_bytes(b'{"seq": ')
    if harm in ("segments", "missing"):
        for file in index.iterdir():
            if harm == "missing" or file.suffix in (".term", ".store", ".idx"):
                file.unlink()
    engine = EmbeddedEngine(tmp_path, "2" if harm == "schema" else "1")
    assert engine.needs_rebuild()
    assert engine.generation().epoch == ""
    assert ids(engine) == []
    engine.apply([document("b", "B")], (), "e", 2)
    assert ids(engine) == ["b"]
    engine.close()


def test_a_rebuild_replaces_the_live_index_which_follows_meanwhile(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, "1")
    engine.apply([document("old", "Old")], (), "e", 1)
    before = engine.generation()
    rebuild = engine.begin_rebuild()
    rebuild.apply([document("a", "A"), document("b", "B"), document("a", "Again")], ())
    engine.apply([document("live", "Live")], (), "e", 2)
    assert ids(engine) == ["live", "old"]
    rebuild.apply([document("c", "C")], ["b"])
    rebuild.swap("new", 3)
    assert ids(engine) == ["a", "c"]
    assert engine.search(Query("again")).total == 1
    after = engine.generation()
    assert (after.epoch, after.seq) == ("new", 3)
    assert after.index != before.index
    engine.apply([document("d", "D")], ["c"], "new", 4)
    assert ids(engine) == ["a", "d"]
    engine.begin_rebuild().discard()
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [after.index]
    engine.close()
    engine = EmbeddedEngine(tmp_path, "1")
    assert ids(engine) == ["a", "d"]
    engine.close()


def test_an_unfinished_rebuild_is_dropped_on_opening(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, "1")
    engine.apply([document("a", "A")], (), "e", 1)
    engine.begin_rebuild().apply([document("b", "B")], ())
    engine.close()
    engine = EmbeddedEngine(tmp_path, "1")
    assert ids(engine) == ["a"]
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 1
    engine.close()


def test_a_directory_has_one_writer(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, "1")
    with pytest.raises(EngineUnavailable):
        EmbeddedEngine(tmp_path, "1")
    engine.close()
    EmbeddedEngine(tmp_path, "1").close()


def test_readers_see_whole_states_while_changes_and_rebuilds_go_on(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, "1")
    engine.apply([document(str(n), "Round 0", facets={"round": ("0",)}) for n in range(20)], (), "e", 0)
    torn: list[object] = []
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            answer = engine.search(Query("round", facets=("round",)))
            expected = ((str(answer.generation.seq), 20),)
            if answer.total != 20 or answer.facets["round"].values != expected:
                torn.append(answer)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for seq in range(1, 16):
        changed = [document(str(n), f"Round {seq}", facets={"round": (str(seq),)}) for n in range(20)]
        if seq % 5:
            engine.apply(changed, (), "e", seq)
        else:
            rebuild = engine.begin_rebuild()
            rebuild.apply(changed, ())
            rebuild.swap("e", seq)
    over.set()
    for reader in readers:
        reader.join()
    engine.close()
    assert torn == []


WRITER = """
import sys
from pathlib import Path
from services.search.engines.embedded import EmbeddedEngine
from services.search.engines.embedded_schema import VERSION, version
from tests.search.engine_support import document

engine = EmbeddedEngine(Path(sys.argv[1]), "1")
seq = engine.generation().seq
while True:
    seq += 1
    documents = [document(str(n), f"Round {seq}", facets={"round": (str(seq),)}) for n in range(10)]
    if seq % 3:
        engine.apply(documents, (), "e", seq)
    else:
        rebuild = engine.begin_rebuild()
        rebuild.apply(documents, ())
        rebuild.swap("e", seq)
    print(seq, flush=True)
"""


def test_a_kill_at_any_moment_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    draw = random.Random(5)
    acknowledged = 0
    for _ in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            acknowledged = int(writer.stdout.readline())
            time.sleep(draw.uniform(0, 0.3))
            os.kill(writer.pid, signal.SIGKILL)
            acknowledged = max([acknowledged, *(int(line) for line in writer.stdout if line.endswith("\n"))])
        engine = EmbeddedEngine(tmp_path, "1")
        assert not engine.needs_rebuild()
        answer = engine.search(Query(facets=("round",)))
        rounds = answer.facets["round"].values
        assert len(ids(engine)) == answer.total == 10
        assert len(rounds) == 1
        # The index may be ahead of its cursor, never behind it.
        assert int(rounds[0][0]) >= engine.generation().seq >= acknowledged
        engine.close()
        assert orjson.loads((tmp_path / "state.json").read_bytes())["seq"] == engine.generation().seq


def test_a_batch_that_fails_leaves_no_trace_and_the_next_one_goes_on(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, "1")
    engine.apply([document("a", "A")], (), "e", 1)
    before = engine.generation()

    def broken() -> Iterator[Document]:
        yield document("half", "Half")
        raise OSError("the feed broke off")

    with pytest.raises(OSError, match="broke off"):
        engine.apply(broken(), ["a"], "e", 2)
    assert engine.generation() == before
    engine.apply([document("b", "B")], (), "e", 2)
    assert ids(engine) == ["a", "b"]
    engine.close()


def test_what_a_killed_commit_left_behind_does_not_stop_the_next(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, "1")
    engine.apply([document("a", "A"), document("b", "B")], (), "e", 1)
    index = tmp_path / engine.generation().index
    engine.close()
    kept = {path.name: path.read_bytes() for path in (index / "meta.json", tmp_path / "state.json")}
    engine = EmbeddedEngine(tmp_path, "1")
    engine.apply((), ["a"], "e", 2)
    engine.close()
    assert list(index.glob("*.del"))
    (index / "meta.json").write_bytes(kept["meta.json"])
    (tmp_path / "state.json").write_bytes(kept["state.json"])
    engine = EmbeddedEngine(tmp_path, "1")
    assert ids(engine) == ["a", "b"]
    engine.apply((), ["a"], "e", 2)
    assert ids(engine) == ["b"]
    engine.close()
