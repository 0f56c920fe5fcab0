"""The index ends equal to the feed, whatever happened on the way."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.search.document import SCHEMA
from services.search.engines.base import Document, Query
from services.search.engines.embedded import engine as embedded
from services.search.engines.embedded.engine import EmbeddedEngine, EmbeddedRebuild
from services.search.feed import Feed, digest_of
from services.search.follower import Follower
from services.search.projection import Projection, records
from services.search.threads import Worker
from tests.harness.depth import examples
from tests.search.support import TERMS, DictFeed, Json, authority, practice, searching, uid, vocabulary


class Killed(BaseException):
    """The process ends here."""


class Poisoned(RuntimeError):
    """An engine that fails on one document fails the batch that holds it."""


def check(documents: Iterable[Document]) -> list[Document]:
    listed = list(documents)
    if any(b"poison" in document.hit and document.type == "practice" for document in listed):
        raise Poisoned
    return listed


class FragileEngine(EmbeddedEngine):
    """The real engine, failing on poisoned documents, and killed between its commit and its state when told."""

    def apply(self, documents: Iterable[Document], deletes: Iterable[str], epoch: str, seq: int) -> Mapping[str, str]:
        return super().apply(check(documents), deletes, epoch, seq)

    def begin_rebuild(self) -> EmbeddedRebuild:
        built = super().begin_rebuild()
        plain = built.apply
        built.apply = lambda documents, deletes: plain(check(documents), deletes)  # type: ignore[method-assign]  # faults are injected here
        return built


async def until(true: Callable[[], bool], pause: float = 0.002) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - it is no event that anybody tells
            await asyncio.sleep(pause)


class World:
    """A feed, and a follower's process that can be killed and started again."""

    def __init__(self, folder: Path, batch: int) -> None:
        self.feed = DictFeed()
        self.folder = folder
        self.batch = batch

    async def start(self) -> None:
        self.worker = Worker("index")
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.feed))
        self.engine = FragileEngine(self.folder, SCHEMA)
        feed = Feed(self.client, "http://api", self.worker)
        self.follower = Follower(self.engine, feed, self.worker, batch=self.batch, wait=1, compare=600)
        self.follower.resume()
        self.running = asyncio.create_task(self.follower.run())

    async def stop(self) -> None:
        self.follower.end()
        self.running.cancel()
        with suppress(asyncio.CancelledError, Killed):
            await self.running
        await self.worker.run(self.engine.close)
        await self.client.aclose()
        self.worker.close()

    async def settled(self) -> None:
        await until(self.is_settled)

    def is_settled(self) -> bool:
        if self.running.done():
            raise AssertionError("the follower ended") from self.running.exception()
        at = self.follower.progress.applied
        at_head = (at.epoch, at.seq) == (self.feed.epoch, self.feed.head)
        busy = self.follower.rebuilding or self.follower.stale or self.engine.needs_rebuild()
        return at_head and not busy

    async def compare(self) -> None:
        """The index holds the feed's records, the refused ones known, and finds the others by their newest words."""
        projection = Projection.resume(lambda *_: {}, self.engine)
        count, digest = self.feed.digest()
        assert embedded_digest(self.engine) == (count, digest)
        practices = self.feed.live("practice")
        poisoned = {id for id, record in practices.items() if "poison" in record["slug"] or "content" not in record}
        assert set(self.follower.refused) == {f"practice/{id}" for id in poisoned}
        found = self.engine.search(Query(selected={"type": ("practice",)}, per_page=100))
        assert {hit.id for hit in found.hits} == set(practices) - poisoned
        for id in set(practices) - poisoned:
            title = practices[id]["content"]["initiative"]["title"]
            assert id in {hit.id for hit in self.engine.search(Query(text=title, per_page=100)).hits}
        for code, word in self.words().items():
            tagged = {id for id in set(practices) - poisoned if code in tags(practices[id])}
            assert {hit.id for hit in self.engine.search(Query(text=word, per_page=100)).hits} >= tagged
        assert self.follower.labels is not None
        assert self.follower.labels.terms == {
            id: terms_in(record) for id, record in self.feed.live("vocabulary").items()
        }
        assert set(self.follower.labels.authorities) == {one["slug"] for one in self.feed.live("authority").values()}
        if practices:
            assert projection.made_with == projection.told.fingerprint or set(practices) == poisoned

    def words(self) -> Mapping[str, str]:
        """Return a label of each priority that the feed's vocabulary has now."""
        record = self.feed.live("vocabulary").get("priorities")
        return {code: labels["en"] for code, labels in terms_in(record).items()} if record else {}


def embedded_digest(engine: EmbeddedEngine) -> tuple[int, str]:
    return digest_of(records(engine.documents()))


def tags(record: Json) -> set[str]:
    return {tag["priority"] for tag in record["content"]["what"]["priorities"]}


def terms_in(record: Json | None) -> dict[str, dict[str, str]]:
    return {term["code"]: term["labels"] for term in record["terms"]} if record else {}


def named(number: int, word: str) -> Json:
    """Return a practice with a title of its own; some words make it one that cannot be indexed."""
    record = practice(number, f"Title {word}")
    if word == "poison":
        record["slug"] = "poison"
    if word == "shapeless":
        del record["content"]
    return record


NUMBERS = st.integers(1, 6)
WORDS = st.sampled_from(["alpha", "beta", "gamma", "poison", "shapeless"])
PRIORITIES = st.sampled_from(["Derechos", "Recht", "Drept"])
STEP = st.one_of(
    st.tuples(st.just("put"), NUMBERS, WORDS),
    st.tuples(st.just("put"), NUMBERS, WORDS),
    st.tuples(st.just("delete"), NUMBERS),
    st.tuples(st.just("authority"), st.integers(11, 13)),
    st.tuples(st.just("vocabulary"), PRIORITIES),
    st.tuples(st.just("restore")),
    st.tuples(st.just("kill")),
    st.tuples(st.just("kill in commit")),
    st.tuples(st.just("away")),
    st.tuples(st.just("settle")),
    st.tuples(st.just("breathe")),
)


async def take(world: World, step: tuple[Any, ...], number: int, patch: pytest.MonkeyPatch) -> None:
    feed = world.feed
    match step:
        case ("put", id, word):
            feed.put(named(id, word))
        case ("delete", id):
            if uid(id) in feed.live("practice"):
                feed.delete("practice", uid(id))
        case ("authority", id):
            feed.put(authority(id, f"place-{id}", f"Place {number}"))
        case ("vocabulary", word):
            feed.put(vocabulary("priorities", {"rights": {"en": word}}))
        case ("restore",):
            feed.restore(f"epoch-{number}")
        case ("kill",):
            await world.stop()
            await world.start()
        case ("kill in commit",):
            await kill_in_commit(world, patch)
        case ("away",):
            feed.away = True
            feed.tell()
            await asyncio.sleep(0.02)
            feed.away = False
        case ("settle",):
            await world.settled()
        case ("breathe",):
            await asyncio.sleep(0.01)


async def kill_in_commit(world: World, patch: pytest.MonkeyPatch) -> None:
    """End the process at its next write of the cursor, the engine having committed, if it comes to that."""

    def die(*_: object) -> None:
        raise Killed

    with patch.context() as patched:
        patched.setattr(embedded, "_write_state", die)
        world.feed.put(named(1, "alpha"))
        with suppress(TimeoutError, Killed):
            async with asyncio.timeout(0.5):
                await asyncio.shield(world.running)
        await world.stop()
    await world.start()


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, max_size=14), st.sampled_from([1, 3, 100]))
def test_any_history_ends_equal_to_the_feed(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    steps: list[tuple[Any, ...]],
    batch: int,
) -> None:
    async def live() -> None:
        world = World(tmp_path_factory.mktemp("index"), batch)
        await world.start()
        try:
            async with asyncio.timeout(60):
                for number, step in enumerate(steps):
                    await take(world, step, number, monkeypatch)
                await world.settled()
                await world.compare()
        finally:
            await world.stop()

    asyncio.run(live())


def run(folder: Path, scenario: Callable[[World], Any], batch: int = 2) -> None:
    async def live() -> None:
        world = World(folder, batch)
        await scenario(world)
        await world.stop()

    asyncio.run(live())


def test_an_empty_index_has_no_labels_until_those_of_the_first_one_are_read(tmp_path: Path) -> None:
    async def run() -> None:
        world = World(tmp_path, 7)
        world.feed.put(vocabulary("priorities"))
        await world.start()
        assert world.follower.labels is None, "a first index would answer before it can tell what codes are called"
        await world.settled()
        await until(lambda: world.follower.labels is not None)
        assert world.follower.labels is not None
        assert list(world.follower.labels.terms) == ["priorities"]
        await world.stop()

    asyncio.run(run())


def test_practices_before_their_vocabulary_are_labelled_all_the_same(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        world.feed.put(named(1, "alpha"))
        world.feed.put(vocabulary("priorities"))
        await world.start()
        await world.settled()
        assert world.engine.search(Query(text="diritti")).total == 1

    run(tmp_path, scenario, batch=1)


def test_the_live_index_follows_while_another_is_built(tmp_path: Path) -> None:
    """What is unpublished during a rebuild is gone before the rebuild ends."""

    async def scenario(world: World) -> None:
        for number in range(1, 40):
            world.feed.put(named(number, "alpha"))
        await world.start()
        await world.settled()
        before = world.engine.generation().index
        world.feed.put(vocabulary("priorities"))
        await until(lambda: bool(world.follower.rebuilding), 0)
        world.feed.delete("practice", uid(39))
        await until(lambda: world.engine.search(Query(selected={"type": ("practice",)})).total == 38)
        assert world.engine.generation().index == before
        await world.settled()
        assert world.engine.generation().index != before

    run(tmp_path, scenario, batch=1)


def test_an_index_that_differs_in_silence_is_rebuilt(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        world.feed.put(named(1, "alpha"))
        world.feed.put(named(2, "beta"))
        await world.start()
        await world.settled()
        at = world.engine.generation()
        await world.worker.run(world.engine.apply, [], [f"practice/{uid(1)}"], at.epoch, at.seq)
        world.follower._compare_every = 0
        await until(lambda: world.follower.rebuilds == 2)
        await world.settled()
        await world.compare()

    run(tmp_path, scenario)


def test_refusals_are_known_again_after_a_restart_and_need_no_rebuild(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        world.feed.put(named(1, "shapeless"))
        world.feed.put(named(2, "poison"))
        world.feed.put(named(3, "beta"))
        await world.start()
        await world.settled()
        await world.stop()
        await world.start()
        await world.settled()
        world.follower._compare_every = 0
        await asyncio.sleep(1.5)
        assert world.follower.rebuilds == 0
        assert set(world.follower.refused) == {f"practice/{uid(1)}", f"practice/{uid(2)}"}
        await world.compare()

    run(tmp_path, scenario)


def test_an_api_that_is_away_is_told_and_asked_again(tmp_path: Path) -> None:
    async def live() -> None:
        feed = DictFeed()
        feed.put(vocabulary("priorities"))
        async with searching(feed, tmp_path, feed_wait=0.1) as search:
            feed.away = True
            await until(lambda: search.node.upkeep.trouble is not None)
            assert "503" in (await search.json("/search/readyz"))["troubles"][0]
            feed.put(practice(1))
            feed.away = False
            await search.settled()
            assert (await search.json("/search/readyz"))["troubles"] == []
            assert (await search.json("/records"))["total"] == 1

    asyncio.run(live())


def test_terms_are_those_of_the_real_vocabularies() -> None:
    assert terms_in(vocabulary("priorities")) == dict(TERMS["priorities"])
