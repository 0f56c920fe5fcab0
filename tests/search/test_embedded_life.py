"""What only the embedded engine promises: its directory, other schemas, one writer, and crashes at any moment."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

import services.search.facets
from services.search.document import SCHEMA, schema
from services.search.engines.base import EngineUnavailable, Query
from services.search.engines.embedded.engine import EmbeddedEngine
from services.search.engines.embedded.schema import VERSION, version
from tests.search.engine_support import document, ids

SEARCH = Path(services.search.facets.__file__).parent


@pytest.mark.parametrize(
    "changed",
    ["codes.py", "document.py", "naming.py", "types/practice.py", "engines/embedded/schema.py", "stop_words.py"],
)
def test_other_facets_or_rules_of_documents_name_another_index(tmp_path: Path, changed: str) -> None:
    folder = tmp_path / "search"
    shutil.copytree(SEARCH, folder)
    assert (schema(folder), version(folder)) == (SCHEMA, VERSION)
    (folder / changed).write_text((folder / changed).read_text() + "\n# another rule\n")
    assert (schema(folder), version(folder)) != (SCHEMA, VERSION)


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


def test_no_index_but_the_live_one_is_left(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, "1")
    engine.apply([document("old", "Old")], (), "e", 1)
    rebuild = engine.begin_rebuild()
    rebuild.apply([document("a", "A")], ())
    rebuild.swap("new", 2)
    engine.begin_rebuild().discard()
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [engine.generation().index]
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


WRITER = """
import sys
from pathlib import Path
from services.search.engines.embedded.engine import EmbeddedEngine
from services.search.engines.embedded.schema import VERSION, version
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


def test_what_a_killed_commit_left_behind_does_not_stop_the_next(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, "1")
    engine.apply([document("a", "A"), document("b", "B")], (), "e", 1)
    index = tmp_path / engine.generation().index
    engine.close()
    kept = {path.name: path.read_bytes() for path in (index / "meta.json", tmp_path / "state.json")}
    engine = EmbeddedEngine(tmp_path, "1")
    engine.apply((), ["practice/a"], "e", 2)
    engine.close()
    assert list(index.glob("*.del"))
    (index / "meta.json").write_bytes(kept["meta.json"])
    (tmp_path / "state.json").write_bytes(kept["state.json"])
    engine = EmbeddedEngine(tmp_path, "1")
    assert ids(engine) == ["a", "b"]
    engine.apply((), ["practice/a"], "e", 2)
    assert ids(engine) == ["b"]
    engine.close()
