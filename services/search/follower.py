"""Follows the api's change feed into the index.

One task asks the feed and one thread writes, so that changes are applied in order and the event loop is never held.
The cursor lives with the index and moves when the engine has made the changes durable; whatever interrupts, the next
request asks again from there, and applying twice is harmless. An index that cannot go on from its cursor is rebuilt
beside the live one: page by page, the live index taking a page of its own after each, as long as the epoch is the same.
"""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from functools import partial

import structlog

from services.search.engines.base import Document, Engine, EngineUnavailable, Rebuild
from services.search.feed import Feed, FeedUnavailable, Page, digest_of
from services.search.labels import LABELLING, Labels
from services.search.projection import Projection, Told, records
from services.search.threads import Worker
from services.search.upkeep import Progress, read_labels

LONGEST_PAUSE = 5.0
"""Seconds between attempts, at most, while the api or the engine is away."""

log = structlog.get_logger("praxis.search")


class Follower:
    """Keeps one index equal to the feed. What others may see of it is said in `upkeep.Upkeep`."""

    def __init__(
        self, engine: Engine, feed: Feed, worker: Worker, *, batch: int = 500, wait: float = 20, compare: float = 600
    ) -> None:
        self._engine = engine
        self._feed = feed
        self._worker = worker
        self._batch = batch
        self._wait = wait
        self._compare_every = compare
        self._compared = time.monotonic()
        self._live = Projection(self._write_live)
        self._assumed: Told | None = None
        self._epoch = ""
        self.progress = Progress(engine)
        self._resumed: str | None = None
        self._must_rebuild: str | None = None
        self._ended = False
        self.labels: Labels | None = None
        self.head: int | None = None
        self.trouble: str | None = None
        self.rebuilding: str | None = None
        self.rebuilds = 0

    @property
    def refused(self) -> Mapping[str, str]:
        """Return the records that could not be indexed: key -> reason."""
        return self._live.refused

    @property
    def stale(self) -> bool:
        """Tell whether a rebuild is due because vocabularies or forms have changed."""
        return self._live.stale

    def end(self) -> None:
        """Follow no further than the present step, even where a cancellation gets lost on the way."""
        self._ended = True

    async def run(self) -> None:
        """Follow until told to end or cancelled."""
        pause = 0.0
        while not self._ended:
            try:
                await self._step()
                pause = 0.0
            except (FeedUnavailable, EngineUnavailable, OSError) as error:
                self.trouble = str(error)
                log.warning("cannot follow", reason=self.trouble)
            except Exception as error:
                self.trouble = f"following failed: {error!r}"
                log.exception("following failed")
            if self.trouble:
                pause = min(LONGEST_PAUSE, max(0.1, pause * 2))
                await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - not for secrets

    def resume(self) -> None:
        """Read from the index what it was made with, before anything is asked of it; blocks.

        Raise `EngineUnavailable` when that cannot be read now.
        """
        index = self._engine.generation().index
        if self._engine.trouble is not None:
            raise EngineUnavailable(self._engine.trouble)
        self._live = Projection.resume(self._write_live, self._engine)
        # An index that stands empty knows no names: to have read them anyway would let a new one answer without any.
        self.labels = None if self._engine.needs_rebuild() else read_labels(self._engine)
        self._resumed = index

    async def _step(self) -> None:
        if self._resumed != self._engine.generation().index:
            # The engine was away at the start, or came back with another index than it went with.
            await self._worker.run(self.resume)
        if self._engine.needs_rebuild():
            self._must_rebuild = "the index is new or was made otherwise"
        elif self.stale:
            self._must_rebuild = "vocabularies or forms have changed"
        if self._must_rebuild:
            self.rebuilding = self._must_rebuild
            await self._rebuild()
            return
        idle = not await self._follow(self._wait)
        if idle and time.monotonic() - self._compared >= self._compare_every:
            await self._compare()

    async def _follow(self, wait: float) -> bool:
        """Apply the next page of the feed to the live index; tell whether there was one."""
        at = self._engine.generation()
        page = await self._feed.page(at.seq, self._batch, wait)
        self._heard(page)
        if page.epoch != at.epoch:
            self._must_rebuild = f"the api's epoch is {page.epoch}, the index's {at.epoch}"
        elif page.head < at.seq:
            self._must_rebuild = f"the index is at {at.seq}, beyond the feed's head {page.head}"
        elif page.changes:
            await self._worker.run(self._apply, page)
            self.progress.tell()
            return True
        return False

    def _heard(self, page: Page) -> None:
        self.head = page.head
        self.trouble = None

    def _apply(self, page: Page) -> None:
        self._epoch = page.epoch
        self._live.take(page.changes)
        if any(change["type"] in LABELLING for change in page.changes):
            self.labels = read_labels(self._engine)

    def _write_live(self, documents: Sequence[Document], deletes: Sequence[str], seq: int) -> Mapping[str, str]:
        return self._engine.apply(documents, deletes, self._epoch, seq)

    async def _rebuild(self) -> None:
        """Build a new index from the whole feed and put it in the live one's place once it is at head.

        Vocabularies and forms that come late in the feed leave earlier records without labels, or without what tells
        text from codes: then all is built again with what came. Return without a new index when the feed has changed
        its epoch meanwhile.
        """
        self._heard(await self._feed.page(0, 1))  # without a feed there is nothing to begin
        log.info("rebuilding", reason=self.rebuilding)
        building = await self._worker.run(self._engine.begin_rebuild)
        swapped = False
        try:
            projection = Projection(partial(_write_beside, building), self._assumed or self._live.told)
            at = await self._build(projection)
            if at is None:
                return
            if projection.stale:
                self._must_rebuild = "vocabularies or forms came after records"
                self._assumed = projection.told
                return
            await self._worker.run(self._swap, building, projection, *at)
            swapped = True
        finally:
            if not swapped:
                await self._discard(building)
        self._must_rebuild = self.rebuilding = self._assumed = None
        self.rebuilds += 1
        self._compared = time.monotonic()
        self.progress.tell()
        log.info("rebuilt", epoch=at[0], seq=at[1])

    async def _discard(self, building: Rebuild) -> None:
        """Drop an index under construction; one that cannot be dropped now is dropped when the engine opens again."""
        try:
            await self._worker.run(building.discard)
        except EngineUnavailable as error:
            log.warning("an unfinished index could not be dropped", reason=str(error))
        except Exception:
            log.exception("an unfinished index could not be dropped")

    async def _build(self, projection: Projection) -> tuple[str, int] | None:
        """Write the whole feed and return where it ended, at head; none when its epoch has changed on the way."""
        epoch, cursor = "", 0
        while not self._ended:
            page = await self._feed.page(cursor, self._batch)
            self._heard(page)
            if page.epoch != (epoch or page.epoch) or page.head < cursor:
                return None
            epoch = page.epoch
            if page.changes:
                await self._worker.run(projection.take, page.changes)
                cursor = page.changes[-1]["seq"]
            live = self._engine.generation()
            follows = live.epoch == epoch and live.seq <= page.head and not self._engine.needs_rebuild()
            if (cursor >= page.head or not page.changes) and not (follows and live.seq > cursor):
                return epoch, cursor
            if follows:
                await self._follow(0)
        return None

    def _swap(self, building: Rebuild, projection: Projection, epoch: str, seq: int) -> None:
        building.swap(epoch, seq)
        self.resume()

    async def _compare(self) -> None:
        """Compare the index with the feed's digest, when both are at the same place; rebuild when they differ."""
        self._compared = time.monotonic()
        theirs = await self._feed.digest()
        at = self._engine.generation()
        if (at.epoch, at.seq) != (theirs.epoch, theirs.head):
            return
        ours = await self._worker.run(lambda: digest_of(records(self._engine.documents())))
        if ours != (theirs.count, theirs.digest):
            self._must_rebuild = f"the index holds {ours[0]} records that are not the feed's {theirs.count}"
            log.error("index differs from the feed", ours=ours[0], theirs=theirs.count)


def _write_beside(
    building: Rebuild, documents: Sequence[Document], deletes: Sequence[str], seq: int
) -> Mapping[str, str]:
    return building.apply(documents, deletes)
