"""Keeps a query node's labels up to date with an index that another process writes."""

import asyncio
from collections.abc import Mapping

import structlog

from services.search.engines.base import EngineUnavailable, SharedEngine
from services.search.labels import LABELLING, Labels
from services.search.threads import Worker
from services.search.upkeep import Progress, read_labels

EVERY = 0.05
"""Seconds between looks at the engine, which notices by itself where the index is."""

PAUSE = 1.0
"""Seconds until labels that could not be read are asked for again."""

log = structlog.get_logger("praxis.search")


class Watcher:
    """Notices that the index moved, and reads its labels again when they may have changed."""

    head: int | None = None
    rebuilding: str | None = None
    rebuilds = 0
    refused: Mapping[str, str] = {}

    def __init__(self, engine: SharedEngine, worker: Worker) -> None:
        self._engine = engine
        self._worker = worker
        self._read_at: tuple[str, str, int] | None = None
        self._ended = False
        self.progress = Progress(engine)
        self.labels: Labels | None = None
        self.trouble: str | None = None

    def end(self) -> None:
        """Look no further."""
        self._ended = True

    async def run(self) -> None:
        """Watch until told to end or cancelled."""
        while not self._ended:
            try:
                await self._look()
                self.trouble = None
            except Exception as error:
                self.trouble = str(error) if isinstance(error, EngineUnavailable) else f"watching failed: {error!r}"
                log.warning("cannot watch the index", reason=self.trouble)
                await asyncio.sleep(PAUSE)
            await asyncio.sleep(EVERY)

    async def _look(self) -> None:
        seen = self._engine.generation()
        if seen == self.progress.applied and self.labels is not None:
            return
        if self._engine.trouble is None and not self._engine.needs_rebuild() and self._state() != self._read_at:
            await self._worker.run(self.resume)
        self.progress.tell()

    def resume(self) -> None:
        """Read the labels; blocks."""
        state = self._state()
        if state[0]:
            self.labels = read_labels(self._engine)
            self._read_at = state

    def _state(self) -> tuple[str, str, int]:
        """Name the state of the labels: while it is the same, so are they."""
        at = self._engine.generation()
        return at.epoch, at.index, self._engine.touched(LABELLING)
