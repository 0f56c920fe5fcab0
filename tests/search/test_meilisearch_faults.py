"""The Meilisearch engine behind a network that loses answers, and before a server that fails, or is newer."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import orjson
import pytest

from services.search.engines.base import EngineUnavailable
from services.search.engines.meilisearch.client import Refused
from services.search.engines.meilisearch.engine import MeilisearchEngine
from tests.harness.between import Answer, Between, Passing, Rule, between, pass_on
from tests.harness.meili import Meili
from tests.search.engine_support import document, found, ids


@pytest.fixture(scope="module")
def network(meili: Meili) -> Iterator[Between]:
    with between(meili.url) as standing:
        yield standing


@pytest.fixture
def engine(meili: Meili, network: Between) -> Iterator[MeilisearchEngine]:
    """An engine at change 1, with one record, on a network that is well."""
    network.rule = pass_on
    engine = MeilisearchEngine(network.url, meili.index(), meili.keys, "1", seconds=2, write_seconds=2)
    engine.apply([document("a", "A")], (), "e", 1)
    yield engine
    network.rule = pass_on
    engine.close()


def once(method: str, part: str, deed: Rule) -> Rule:
    """Do something to the first request of a method whose path holds a part, and let all others pass."""
    left = [deed]

    def rule(passing: Passing) -> Answer | None:
        wanted = passing.method == method and part in passing.path
        return (left.pop() if wanted and left else pass_on)(passing)

    return rule


def lose_request(_: Passing) -> None:
    return None


def lose_answer(passing: Passing) -> None:
    passing.forward()


def says(status: int, **said: Any) -> Rule:
    return lambda _: (status, orjson.dumps(said))


def retold(**other: Any) -> Rule:
    """Let an answer pass with other things said in it."""

    def rule(passing: Passing) -> Answer:
        status, content = passing.forward()
        return status, orjson.dumps(orjson.loads(content) | other)

    return rule


@pytest.mark.parametrize("lost", [lose_request, lose_answer])
def test_a_batch_whose_answer_was_lost_is_found_out_about(
    engine: MeilisearchEngine, network: Between, lost: Rule
) -> None:
    network.rule = once("POST", "/documents", lost)
    with pytest.raises(EngineUnavailable, match="does not answer"):
        engine.apply([document("b", "B")], (), "e", 2)
    if lost is lose_answer:
        with pytest.raises(EngineUnavailable, match="going on from there"):
            engine.apply([document("b", "B")], (), "e", 2)
        assert (engine.generation().seq, ids(engine)) == (2, ["a", "b"])
    engine.apply([document("c", "C")], ["practice/b"], "e", 3)
    assert (engine.generation().seq, ids(engine)) == (3, ["a", "c"])


def test_a_task_that_cannot_be_asked_after_is_awaited_before_the_next(
    engine: MeilisearchEngine, network: Between
) -> None:
    network.rule = once("GET", "/tasks/", lose_request)
    with pytest.raises(EngineUnavailable):
        engine.apply([document("b", "B")], (), "e", 2)
    network.rule = once("GET", "/tasks?", lose_request)
    with pytest.raises(EngineUnavailable):
        engine.apply([document("c", "C")], (), "e", 3)
    network.rule = pass_on
    with pytest.raises(EngineUnavailable, match="going on from there"):
        engine.apply([document("c", "C")], (), "e", 3)
    assert (engine.generation().seq, ids(engine)) == (2, ["a", "b"])


@pytest.mark.parametrize("deed", [lose_request, lose_answer])
def test_a_swap_that_is_interrupted_happens_as_a_whole_or_not(
    meili: Meili, engine: MeilisearchEngine, network: Between, deed: Rule
) -> None:
    before = engine.generation()
    rebuild = engine.begin_rebuild()
    rebuild.apply([document("b", "B")], ())
    network.rule = once("POST", "/swap-indexes", deed)
    if deed is lose_answer:
        with ExitStack() as late:

            def behind_others(passing: Passing) -> None:
                late.enter_context(meili.occupied())
                lose_answer(passing)

            network.rule = once("POST", "/swap-indexes", behind_others)
            rebuild.swap("f", 5)
    else:
        with pytest.raises(EngineUnavailable, match="place"):
            rebuild.swap("f", 5)
        assert (engine.generation(), ids(engine)) == (before, ["a"])
        rebuild.discard()
        rebuild = engine.begin_rebuild()
        rebuild.apply([document("b", "B")], ())
        rebuild.swap("f", 5)
    assert (engine.generation().epoch, engine.generation().seq, ids(engine)) == ("f", 5, ["b"])
    engine.apply([document("c", "C")], (), "f", 6)
    assert meili.indexes(engine.index) == [engine.index]


def test_a_swap_whose_end_nobody_told_is_found_out_about(
    meili: Meili, engine: MeilisearchEngine, network: Between
) -> None:
    rebuild = engine.begin_rebuild()
    rebuild.apply([document("b", "B")], ())
    network.rule = lambda passing: None if "/tasks?" in passing.path else pass_on(passing)
    with pytest.raises(EngineUnavailable):
        rebuild.swap("f", 5)
    network.rule = pass_on
    rebuild.discard()
    with pytest.raises(EngineUnavailable, match="going on from there"):
        engine.apply([document("c", "C")], (), "f", 6)
    assert (engine.generation().epoch, engine.generation().seq, ids(engine)) == ("f", 5, ["b"])
    engine.apply([document("c", "C")], (), "f", 6)
    assert (ids(engine), meili.indexes(engine.index)) == (["b", "c"], [engine.index])


def test_a_rebuild_that_another_took_apart_is_not_swapped_in(meili: Meili, engine: MeilisearchEngine) -> None:
    rebuild = engine.begin_rebuild()
    rebuild.apply([document("b", "B")], ())
    built = next(name for name in meili.indexes(engine.index) if name != engine.index)
    meili.settle(meili.ask("DELETE", f"/indexes/{built}"))
    with pytest.raises(EngineUnavailable, match="another process"):
        rebuild.swap("e", 2)
    rebuild.discard()
    assert ids(engine) == ["a"]


NOT_THE_BATCHS_FAULT = {
    "disk full": says(422, code="no_space_left_on_device", type="system", message="No space left on device"),
    "overloaded": says(503, code="too_many_search_requests", type="system", message="wait"),
    "too many requests": says(429, message="slow down"),
    "timeout": says(408, message="timeout"),
    "internal": says(500, code="internal", type="internal", message="oh"),
    "a gateway's": lambda _: (502, b"<html>Bad gateway</html>"),
    "another server's": lambda _: (404, b"<html>Not found</html>"),
    "no JSON": lambda _: (200, b"<html>Sign in</html>"),
    "not what was expected": says(200, surprise=True),
    "refused key": says(403, code="invalid_api_key", type="auth", message="The provided API key is invalid."),
}


@pytest.mark.parametrize("deed", NOT_THE_BATCHS_FAULT.values(), ids=NOT_THE_BATCHS_FAULT)
def test_what_no_record_causes_only_postpones(engine: MeilisearchEngine, network: Between, deed: Rule) -> None:
    for method, part in (("POST", "/documents"), ("POST", "/search"), ("GET", "/tasks/")):
        seq = engine.generation().seq + 1
        network.rule = lambda passing, method=method, part=part: (  # type: ignore[misc]  # defaults
            deed(passing) if passing.method == method and part in passing.path else pass_on(passing)
        )
        with pytest.raises(EngineUnavailable):
            engine.apply([document("b", "B")], (), "e", seq)
        network.rule = pass_on
        while engine.generation().seq < seq:
            with suppress(EngineUnavailable):
                engine.apply([document("b", "B")], (), "e", seq)
        assert ids(engine) == ["a", "b"]


@pytest.mark.parametrize("status", ["failed", "canceled"])
@pytest.mark.parametrize("code", ["no_space_left_on_device", "internal", "index_not_found"])
def test_a_task_that_ends_badly_through_the_server_only_postpones(
    engine: MeilisearchEngine, network: Between, status: str, code: str
) -> None:
    types = {"no_space_left_on_device": "system", "internal": "internal", "index_not_found": "invalid_request"}
    error = {"code": code, "type": types[code], "message": "so it is"}
    network.rule = once("GET", "/tasks/", retold(status=status, error=error))
    with pytest.raises(EngineUnavailable):
        engine.apply([document("b", "B")], (), "e", 2)


def test_a_batch_that_the_server_cannot_take_is_told_apart(engine: MeilisearchEngine, network: Between) -> None:
    error = {"code": "invalid_document_fields", "type": "invalid_request", "message": "no"}
    for rule in (
        once("POST", "/documents", says(413, code="payload_too_large", type="invalid_request", message="no")),
        once("POST", "/documents", lambda _: (413, b"<html>too large</html>")),
        once("GET", "/tasks/", retold(status="failed", error=error)),
    ):
        network.rule = rule
        with pytest.raises(Refused):
            engine.apply([document("b", "B")], (), "e", 2)
        network.rule = pass_on
        assert engine.trouble is None


def test_what_a_rebuild_is_refused_is_found_out_by_building_again(
    meili: Meili, engine: MeilisearchEngine, network: Between
) -> None:
    error = {"code": "invalid_document_fields", "type": "invalid_request", "message": "no"}

    def refuse(passing: Passing) -> Answer | None:
        if passing.method == "POST" and b"unwanted" in passing.body:
            return 400, orjson.dumps(error)
        return pass_on(passing)

    network.rule = refuse
    rebuild = engine.begin_rebuild()
    rebuild.apply([document("b", "B")], ())
    rebuild.apply([document("c", "unwanted")], ())
    with pytest.raises(EngineUnavailable, match="building again"):
        rebuild.swap("e", 2)
    rebuild.discard()
    rebuild = engine.begin_rebuild()
    rebuild.apply([document("b", "B")], ["practice/nobody"])
    rebuild.apply((), ())
    with pytest.raises(Refused):
        rebuild.apply([document("c", "unwanted")], ())
    rebuild.apply([document("c", "C")], ["practice/b"])
    rebuild.swap("e", 2)
    assert (ids(engine), meili.indexes(engine.index)) == (["c"], [engine.index])


def test_a_rebuild_sends_much_at_once(
    engine: MeilisearchEngine, network: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.search.engines.meilisearch.batch.LARGEST_PAYLOAD", 30_000)
    sizes: list[int] = []

    def rule(passing: Passing) -> Answer | None:
        if passing.path.endswith("/documents?primaryKey=pk"):
            sizes.append(len(passing.body))
        return pass_on(passing)

    network.rule = rule
    rebuild = engine.begin_rebuild()
    for n in range(40):
        added = [document(f"{n:02}", "Some words " * 100), document("again", f"Round {n}")]
        rebuild.apply(added, [f"practice/{n - 1:02}"] * (n % 2))
    rebuild.swap("e", 2)
    assert max(sizes[:-1]) < 31_000
    assert min(sizes[:-1]) > 20_000
    assert ids(engine) == [*(f"{n:02}" for n in range(1, 40, 2)), "again"]
    assert found(engine, "round 39 ") == ["again"]


def test_a_newer_server_may_say_more(engine: MeilisearchEngine, network: Between) -> None:
    asked: list[str] = []

    def rule(passing: Passing) -> Answer | None:
        status, content = passing.forward()
        said = orjson.loads(content) if content else {}
        if passing.method == "GET" and "/tasks/" in passing.path:
            asked.append(passing.path)
            said |= {"type": "documentAdditionOrSomething", "novelty": {"of": "1.99"}}
            if len(asked) % 3:
                said["status"] = "resting"
        return status, orjson.dumps(said | {"novelty": [1]})

    network.rule = rule
    engine.apply([document("b", "B")], ["practice/a"], "e", 2)
    rebuild = engine.begin_rebuild()
    rebuild.apply([document("c", "C")], ())
    rebuild.swap("e", 3)
    assert ids(engine) == ["c"]
    assert len(asked) >= 9


def test_a_read_goes_on_over_connections_that_broke(engine: MeilisearchEngine, network: Between) -> None:
    for deed in (lose_request, lose_answer):
        network.rule = once("POST", "/search", deed)
        assert ids(engine) == ["a"]


def test_a_read_that_hangs_ends_in_time(engine: MeilisearchEngine, network: Between) -> None:
    def hang(passing: Passing) -> Answer | None:
        time.sleep(5 if "/search" in passing.path else 0)
        return pass_on(passing)

    network.rule = hang
    began = time.monotonic()
    with pytest.raises(EngineUnavailable, match="Timeout"):
        ids(engine)
    assert time.monotonic() - began < 4.5


def test_a_batch_too_large_to_be_sent_at_once_is_whole_only_with_its_cursor(
    meili: Meili, engine: MeilisearchEngine, network: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.search.engines.meilisearch.batch.LARGEST_PAYLOAD", 10_000)
    sizes: list[int] = []
    seen = []

    def rule(passing: Passing) -> Answer | None:
        if passing.path.endswith("/documents?primaryKey=pk"):
            seen.append(engine.generation())
            sizes.append(len(passing.body))
            if len(sizes) == 3:
                return None
        return pass_on(passing)

    network.rule = rule
    records = [document(f"{n:02}", "Some words " * 100) for n in range(20)]
    with pytest.raises(EngineUnavailable):
        engine.apply(records, ["practice/a"], "e", 2)
    assert (engine.generation().seq, len(set(seen))) == (1, 3), "each part is a state of its own"
    assert 2 < len(ids(engine)) < 20
    engine.apply(records, ["practice/a"], "e", 2)
    assert (engine.generation().seq, len(ids(engine))) == (2, 20)
    assert max(sizes) < 11_000
    assert engine.apply([document("big", "w" * 20_000), document("c")], (), "e", 3).keys() == {"practice/big"}
    assert len(ids(engine)) == 21
