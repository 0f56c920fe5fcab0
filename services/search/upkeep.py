"""What a node knows of its index beside the engine: the names of its codes, how far it is, and what is wrong."""

import asyncio
import time
from collections.abc import Mapping
from typing import Protocol

from services.search.engines.base import Engine
from services.search.labels import Labels


class Progress:
    """How far the index is, for those who wait until a state is searchable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._moved = asyncio.Event()
        self.applied = engine.generation()

    def tell(self) -> None:
        """Note how far the index came, and wake those who wait for it."""
        self.applied = self._engine.generation()
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def reached(self, epoch: str, seq: int, seconds: float) -> bool:
        """Wait until all up to `seq` of an epoch is applied and found; tell whether it is.

        Raise `LookupError` when the index follows another epoch.
        """
        until = time.monotonic() + seconds
        while True:
            moved, now = self._moved, self.applied
            if now.epoch != epoch:
                raise LookupError(now.epoch)
            if now.seq >= seq:
                return True
            try:
                async with asyncio.timeout(until - time.monotonic()):
                    await moved.wait()
            except TimeoutError:
                return False


class Upkeep(Protocol):
    """Keeps a node up to date: the follower, which writes the index, or a watcher of one that another process writes.

    `labels` name the index's codes, none before they could be read; `head` is the feed's last number seen; `trouble`
    tells why the index cannot be kept up to date now, `rebuilding` why it is rebuilt; `rebuilds` counts that since the
    start.
    """

    progress: Progress
    labels: Labels | None
    head: int | None
    trouble: str | None
    rebuilding: str | None
    rebuilds: int

    @property
    def refused(self) -> Mapping[str, str]:
        """Return the records that could not be indexed, as far as this process knows: key -> reason."""

    async def run(self) -> None:
        """Keep up to date until told to end or cancelled."""

    def end(self) -> None:
        """Go on no further than the present step, even where a cancellation gets lost on the way."""

    def resume(self) -> None:
        """Read from the index what it was made with, before anything is asked of it; blocks.

        Raise `EngineUnavailable` when that cannot be read now; it is read later then.
        """


def read_labels(engine: Engine) -> Labels:
    """Read what codes are called; blocks."""
    labels = Labels.read(engine.stored("vocabulary"), engine.stored("authority"))
    _ = labels.version, labels.thesaurus  # computed here, off the event loop
    return labels
