"""The Meilisearch engine on a real server: those who only read, other hands on the index, keys, kills and pauses."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest

from services.search.document import kept
from services.search.engines.base import EngineUnavailable
from services.search.engines.meilisearch import client as meilisearch_client
from services.search.engines.meilisearch import engine as meilisearch
from services.search.engines.meilisearch.batch import array
from services.search.engines.meilisearch.engine import MeilisearchEngine
from services.search.engines.meilisearch.keys import Keys
from services.search.engines.meilisearch.schema import lay_out, safe, settings
from tests.harness.meili import Meili
from tests.search.engine_support import document, ids, keys

Opened = Callable[..., MeilisearchEngine]


@pytest.fixture
def opened(meili: Meili) -> Iterator[Opened]:
    """Opens engines, and closes them."""
    engines: list[MeilisearchEngine] = []

    def open(index: str, server: Meili = meili, schema: str = "1", **more: Any) -> MeilisearchEngine:
        given = {"url": server.url, "keys": server.keys, **more}
        engines.append(MeilisearchEngine(given.pop("url"), index, given.pop("keys"), schema, **given))
        return engines[-1]

    yield open
    for engine in engines:
        engine.close()


def eventually(true: Callable[[], bool], seconds: float = 5) -> bool:
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def test_whoever_only_reads_follows_changes_and_swaps_with_the_key_to_search(meili: Meili, opened: Opened) -> None:
    index = meili.index()
    reader = opened(index, keys=Keys(meili.keys.search), writes=False)
    assert (reader.needs_rebuild(), reader.trouble, list(reader.stored("label"))) == (True, None, [])
    writer = opened(index)
    writer.apply([document("a", "A"), kept("label", "l", 1, {"id": "l"})], (), "e", 3)
    assert eventually(lambda: reader.generation() == writer.generation())
    assert (reader.needs_rebuild(), ids(reader), len(list(reader.stored("label")))) == (False, ["a", "l"], 1)
    rebuild = writer.begin_rebuild()
    rebuild.apply([document("b", "B")], ())
    time.sleep(2 * meilisearch.EVERY)
    assert ids(reader) == ["a", "l"]
    rebuild.swap("f", 9)
    assert eventually(lambda: reader.generation() == writer.generation())
    assert ids(reader) == ["b"]
    with pytest.raises(EngineUnavailable):
        reader.apply([document("c", "C")], (), "f", 10)
    assert ids(writer) == ["b"]


def test_a_writer_needs_all_keys(meili: Meili) -> None:
    with pytest.raises(ValueError, match="keys"):
        MeilisearchEngine(meili.url, "test", Keys("search"), "1")


def test_the_last_change_is_known_by_type(meili: Meili, opened: Opened) -> None:
    engine = opened(meili.index())
    assert engine.touched(["practice"]) == 0
    engine.begin_rebuild().swap("e", 1)
    engine.apply([document("a", "A"), kept("label", "l", 2, {})], (), "e", 2)
    engine.apply([document("a", "A")], (), "e", 5)
    assert (engine.touched(["practice"]), engine.touched(["label"]), engine.touched(["other"])) == (5, 2, 1)
    engine.apply((), ["practice/a"], "e", 7)
    assert (engine.touched(["practice"]), engine.touched(["label", "other"]), engine.touched([])) == (7, 2, 1)
    engine.apply([document("b", hit=b"{")], (), "e", 8)
    assert (engine.touched(["practice"]), engine.touched(["label"])) == (8, 2), "a refused record was one before"


def test_an_index_deleted_under_our_feet_is_rebuilt_and_not_made_up(meili: Meili, opened: Opened) -> None:
    engine = opened(meili.index())
    engine.apply([document("a", "A")], (), "e", 1)
    meili.drop(engine.index)
    with pytest.raises(EngineUnavailable, match="left"):
        engine.apply([document("b", "B")], (), "e", 2)
    assert engine.needs_rebuild()
    assert meili.indexes(engine.index) == []
    rebuild = engine.begin_rebuild()
    rebuild.apply([document("c", "C")], ())
    rebuild.swap("e", 3)
    assert (ids(engine), engine.needs_rebuild()) == (["c"], False)
    meili.drop(engine.index)
    assert eventually(engine.needs_rebuild)
    assert (engine.generation().epoch, ids(engine)) == ("", [])


def test_an_index_that_somebody_else_made_is_replaced(meili: Meili, opened: Opened) -> None:
    index = meili.index()
    meili.settle(meili.ask("POST", f"/indexes/{index}/documents?primaryKey=pk", [lay_out(document("a", "A"))]))
    engine = opened(index)
    assert (engine.needs_rebuild(), engine.trouble, ids(engine)) == (True, None, [])
    engine.apply([document("b", "B")], (), "e", 1)
    assert (engine.needs_rebuild(), ids(engine)) == (False, ["b"])
    assert eventually(lambda: meili.indexes(index) == [index])
    found = meili.ask("GET", f"/indexes/{index}/settings")
    expected = settings() | {"sortableAttributes": sorted(settings()["sortableAttributes"])}
    assert {name: found[name] for name in expected} == expected


def test_an_index_for_another_schema_is_no_answer_for_a_reader(meili: Meili, opened: Opened) -> None:
    index = meili.index()
    opened(index).apply([document("a", "A")], (), "e", 1)
    reader = opened(index, schema="2", writes=False)
    assert (reader.needs_rebuild(), reader.generation().epoch, ids(reader)) == (True, "", [])
    newer = opened(index, schema="2")
    rebuild = newer.begin_rebuild()
    rebuild.apply([document("b", "B")], ())
    rebuild.swap("e", 1)
    assert eventually(lambda: not reader.needs_rebuild())
    assert ids(reader) == ["b"]


def test_an_older_copy_of_the_index_is_gone_on_from(meili: Meili, opened: Opened) -> None:
    engine = opened(meili.index())
    engine.apply([document("a", "A")], (), "e", 1)
    old = engine.generation()
    stored = meili.ask("GET", f"/indexes/{engine.index}/documents?limit=10")["results"]
    engine.apply([document("b", "B")], (), "e", 2)
    meili.settle(meili.ask("DELETE", f"/indexes/{engine.index}/documents/{safe('practice/b')}"))
    meili.settle(meili.ask("POST", f"/indexes/{engine.index}/documents", stored))
    assert eventually(lambda: engine.generation() == old), "the thread that looks sees it"
    with pytest.raises(EngineUnavailable, match="going on from there"):
        engine.apply([document("c", "C")], (), "e", 3)
    assert (engine.generation(), ids(engine)) == (old, ["a"])
    engine.apply([document("b", "B"), document("c", "C")], (), "e", 3)
    assert (ids(engine), engine.generation().seq) == (["a", "b", "c"], 3)


def test_a_second_writer_is_noticed(meili: Meili, opened: Opened) -> None:
    index = meili.index()
    one = opened(index)
    one.apply([document("a", "A")], (), "e", 1)
    other = opened(index)
    other.apply([document("b", "B")], (), "e", 2)
    with pytest.raises(EngineUnavailable):
        one.apply([document("c", "C")], (), "e", 2)
    assert one.generation() == other.generation()
    one.apply([document("c", "C")], (), "e", 3)
    assert ids(one) == ["a", "b", "c"]


@pytest.mark.parametrize("wrong", ["search", "write", "tasks"])
def test_a_wrong_key_is_said_so_without_naming_it(meili: Meili, opened: Opened, wrong: str) -> None:
    secret = "0123456789" * 5
    engine = opened(meili.index(), keys=replace(meili.keys, **{wrong: secret}))
    with pytest.raises(EngineUnavailable) as refused:
        engine.apply([document("a", "A")], (), "e", 1)
    assert "key" in str(refused.value)
    assert (engine.trouble is not None) == (wrong == "search")
    assert secret not in f"{engine.trouble} {refused.value!r} {replace(meili.keys, search=secret)!r}"


def test_a_task_that_is_canceled_leaves_no_trace_and_the_next_goes_on(meili: Meili, opened: Opened) -> None:
    engine = opened(meili.index())
    engine.apply([document("a", "A")], (), "e", 1)
    before = engine.generation()
    failed: list[Exception] = []

    def write() -> None:
        try:
            engine.apply([document("b", "B")], ["practice/a"], "e", 2)
        except EngineUnavailable as error:
            failed.append(error)

    with meili.occupied():
        writing = threading.Thread(target=write)
        writing.start()
        mine = f"indexUids={engine.index}&statuses=enqueued,processing"
        assert eventually(lambda: bool(meili.ask("GET", f"/tasks?{mine}")["results"]))
        meili.settle(meili.ask("POST", f"/tasks/cancel?{mine}"))
    writing.join()
    assert "canceled" in str(failed[0])
    assert (engine.generation(), ids(engine)) == (before, ["a"])
    engine.apply([document("b", "B")], ["practice/a"], "e", 2)
    assert ids(engine) == ["b"]


def test_a_predecessors_task_is_awaited_before_anything_is_written(meili: Meili, opened: Opened) -> None:
    index = meili.index()
    killed = opened(index)
    killed.apply([document("a", "A")], (), "e", 1)
    state = killed._state
    assert state is not None
    late = replace(state, seq=2, commit=2)
    with meili.occupied():
        killed.writing.add(index, array([orjson.dumps(lay_out(document("b", "B"))), orjson.dumps(late.document())]))
        engine = opened(index)
        assert engine.generation().seq == 1
    with pytest.raises(EngineUnavailable, match="going on from there"):
        engine.apply([document("b", "Other")], (), "e", 2)
    assert (engine.generation().seq, ids(engine)) == (2, ["a", "b"])
    engine.apply((), ["practice/a"], "e", 3)
    assert ids(engine) == ["b"]


def test_closing_ends_whatever_waits(meili: Meili, opened: Opened) -> None:
    engine = opened(meili.index())
    engine.apply([document("a", "A")], (), "e", 1)
    failed: list[Exception] = []

    def write() -> None:
        try:
            engine.apply([document("b", "B")], (), "e", 2)
        except EngineUnavailable as error:
            failed.append(error)

    with meili.occupied():
        writing = threading.Thread(target=write)
        writing.start()
        time.sleep(0.1)
        began = time.monotonic()
        engine.close()
        writing.join()
    assert time.monotonic() - began < 5
    assert "closed" in str(failed[0])


def test_a_task_that_takes_too_long_is_waited_for_again(
    meili: Meili, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opened(meili.index())
    engine.apply([document("a", "A")], (), "e", 1)
    monkeypatch.setattr(meilisearch_client, "LONGEST_TASK", 0.05)
    with meili.occupied():
        for text in ("has not ended", "somebody else"):
            with pytest.raises(EngineUnavailable, match=text):
                engine.apply([document("b", "B")], (), "e", 2)
    monkeypatch.undo()
    with pytest.raises(EngineUnavailable, match="going on from there"):
        engine.apply([document("c", "C")], (), "e", 2)
    assert (engine.generation().seq, ids(engine)) == (2, ["a", "b"])


@pytest.fixture(scope="module")
def frail(meili: Meili, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meili]:
    """A server to be killed."""
    if not Meili.installed():
        pytest.skip("a server that is not ours is not killed")
    server = Meili.start(tmp_path_factory.mktemp("frail"))
    yield server
    server.stop()


def test_a_server_that_is_away_or_hangs_is_told_of_and_looked_for(frail: Meili, opened: Opened) -> None:
    index = frail.index()
    engine = opened(index, frail, seconds=0.4, write_seconds=1)
    engine.apply([document("a", "A")], (), "e", 1)
    before = engine.generation()
    frail.kill()
    assert eventually(lambda: engine.trouble is not None)
    late = opened(index, frail, seconds=0.4)
    assert (late.generation().epoch, late.needs_rebuild()) == ("", False)
    assert late.trouble is not None
    for write in (lambda: engine.apply((), ["practice/a"], "e", 2), engine.begin_rebuild, lambda: ids(engine)):
        with pytest.raises(EngineUnavailable):
            write()
    assert engine.generation() == before
    frail.restart()
    assert eventually(lambda: engine.trouble is None and late.trouble is None)
    assert late.generation() == before
    patient = opened(index, frail, seconds=5, writes=False)
    frail.pause()
    assert eventually(lambda: engine.trouble is not None)
    began = time.monotonic()
    patient.close()
    assert time.monotonic() - began < 4
    with pytest.raises(EngineUnavailable):
        engine.apply((), ["practice/a"], "e", 2)
    frail.resume()
    assert eventually(lambda: engine.trouble is None)
    engine.apply((), ["practice/a"], "e", 2)
    assert ids(engine) == []


def test_a_server_killed_at_any_moment_loses_nothing_that_was_acknowledged(frail: Meili, opened: Opened) -> None:
    engine = opened(frail.index(), frail, seconds=1, write_seconds=2)
    draw, acknowledged, over = random.Random(7), [0], threading.Event()

    def write() -> None:
        while not over.is_set():
            seq = engine.generation().seq + 1
            changed = [document(f"{seq}-{n}", "Round", seq=seq) for n in range(10)]
            try:
                if seq % 4:
                    engine.apply(changed, keys(engine) if seq > 1 else (), "e", seq)
                else:
                    rebuild = engine.begin_rebuild()
                    rebuild.apply(changed, ())
                    rebuild.swap("e", seq)
                acknowledged.append(seq)
            except EngineUnavailable:
                time.sleep(0.02)

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for _ in range(8):
            done = len(acknowledged)
            assert eventually(lambda done=done: len(acknowledged) > done, 30)  # type: ignore[misc]  # a default
            time.sleep(draw.uniform(0, 0.3))
            frail.kill()
            frail.restart()
    finally:
        over.set()
        writing.join()
    assert eventually(lambda: engine.trouble is None)
    reader = opened(engine.index, frail, writes=False)
    seqs = {seq for _, seq in reader.documents()}
    assert (len(ids(reader)), seqs) == (10, {reader.generation().seq})
    assert reader.generation().seq >= max(acknowledged)
    assert acknowledged == sorted(set(acknowledged))
