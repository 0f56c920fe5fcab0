"""One process that answers searches: its engine, what keeps it up to date, and the threads that search."""

import asyncio
from contextlib import suppress

import httpx

from services.search.engines.base import Engine, EngineUnavailable, Generation
from services.search.engines.opening import open_engine, open_shared
from services.search.feed import Feed
from services.search.follower import Follower
from services.search.labels import Labels
from services.search.settings import Settings
from services.search.threads import Searchers, Worker
from services.search.upkeep import Upkeep
from services.search.watcher import Watcher
from services.web.build import BUILD
from services.web.problems import Conflict, Unavailable

LONGEST_STOP = 2.5
LONGEST_WAIT = 2.0
"""Seconds that a request waits for the state that it asks for."""


class Node:
    """Started and stopped with the app; everything else needs it to be running."""

    engine: Engine
    upkeep: Upkeep

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.running = False
        self._named: tuple[Generation | None, Labels | None, str] = (None, None, "")

    async def start(self, client: httpx.AsyncClient) -> None:
        """Open the index and follow the feed; raise `EngineUnavailable` when another process has it open."""
        settings = self._settings
        self._worker = Worker("index")
        self.searchers = Searchers(settings.search_threads, settings.search_queue, settings.search_seconds)
        if settings.follow:
            self.engine = await self._worker.run(open_engine, settings)
            self.upkeep = self._follower(client)
        else:
            self.engine = shared = await self._worker.run(open_shared, settings)
            self.upkeep = Watcher(shared, self._worker)
        with suppress(EngineUnavailable):
            await self._worker.run(self.upkeep.resume)
        self._upkeeping = asyncio.create_task(self.upkeep.run())
        self.running = True

    def _follower(self, client: httpx.AsyncClient) -> Follower:
        settings = self._settings
        return Follower(
            self.engine,
            Feed(client, settings.api_url, self._worker),
            self._worker,
            batch=settings.feed_batch,
            wait=settings.feed_wait,
            compare=settings.compare_minutes * 60,
        )

    async def stop(self) -> None:
        """Stop following and close the index; whatever is being applied is asked for again after the next start."""
        self.running = False
        self.upkeep.end()
        self._upkeeping.cancel()
        with suppress(TimeoutError, asyncio.CancelledError):
            async with asyncio.timeout(LONGEST_STOP):
                await asyncio.gather(self._upkeeping, return_exceptions=True)
                await asyncio.to_thread(self.engine.close)
        self._worker.close()
        self.searchers.close()

    @property
    def labels(self) -> Labels:
        """Return what codes are called; nothing before that is known."""
        return (self.upkeep.labels if self.running else None) or Labels()

    @property
    def absence(self) -> str | None:
        """Tell why there is no index to answer from; none when there is one."""
        if not self.running:
            return "The service is not running"
        if self.engine.trouble is not None:
            return self.engine.trouble
        if self.engine.needs_rebuild() or self.upkeep.labels is None:
            return "The index is being built for the first time"
        return None

    def generation(self) -> str | None:
        """Name the state that answers come from: the index's, the labels' and the code's; none while there is none."""
        if self.absence is not None:
            return None
        index, labels = self.engine.generation(), self.labels
        known_index, known_labels, name = self._named
        if index is not known_index or labels is not known_labels:
            name = f"{index.epoch} {index.index} {index.commit} {index.seq} {index.vectors} {labels.version} {BUILD}"
            self._named = (index, labels, name)
        return name

    def require(self) -> None:
        """Raise `Unavailable` when there is no index to answer from."""
        if (absence := self.absence) is not None:
            raise Unavailable(absence)

    async def reach(self, epoch: str, seq: int) -> None:
        """Wait until a state of the api is searchable; raise `Conflict` for another epoch, `Unavailable` if late."""
        self.require()
        try:
            reached = await self.upkeep.progress.reached(epoch, seq, LONGEST_WAIT)
        except LookupError as other:
            raise Conflict(f"min_seq: the index follows the epoch {other.args[0]}, not {epoch}") from None
        if not reached:
            raise Unavailable(f"min_seq: not all up to {seq} is searchable yet")
