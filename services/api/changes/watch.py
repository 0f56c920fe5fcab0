"""One watcher of the feed's head a process: woken by this process's commits, and polling for those of others."""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from services.api.changes import service
from services.api.changes.service import Mark
from services.api.kit.db import Database
from services.api.kit.outages import said, unavailable
from services.web.observe import log
from services.web.problems import Unavailable


class HeadWatcher:
    """Knows the feed's head and wakes those who wait for it to move; waiting holds no session.

    Before its first look, and again until that succeeds, it calls `prepare`, which may raise `Unavailable`.
    """

    def __init__(
        self,
        database: Database,
        *,
        most_waiters: int,
        prepare: Callable[[Database], None] = lambda database: None,
        poll: float = 0.2,
        late: float = 5,
    ) -> None:
        self._database = database
        self._poll = poll
        self._late = late
        self._prepare = prepare
        self._prepared = False
        self._trouble: str | None = "The database has not been looked at yet"
        self._looked = time.monotonic()
        self._most_waiters = most_waiters
        self._waiters = 0
        self._mark: Mark | None = None
        self._lock = threading.Lock()
        self._moved = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = False
        self._closed = asyncio.Event()
        database.after_commit.append(self._on_commit)

    @property
    def mark(self) -> Mark | None:
        """The head as last seen; none before the first look and while the database is away."""
        return self._mark

    @property
    def waiters(self) -> int:
        """How many readers wait."""
        return self._waiters

    @property
    def trouble(self) -> str | None:
        """Why the database cannot be used now, in words for anybody; none when it can."""
        late = time.monotonic() - self._looked > self._late
        return self._trouble or ("The database does not answer in time" if late else None)

    async def run(self) -> None:
        """Look at the head every poll interval until closed."""
        while not self._closing:
            await self.look()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), self._poll)

    async def look(self) -> None:
        """Look at the head once; say in `trouble` why that was not possible."""
        self._loop = asyncio.get_running_loop()
        trouble = cause = None
        try:
            self._set(await asyncio.to_thread(self._read))
        except Unavailable as error:
            trouble = error.detail
        except SQLAlchemyError as error:
            trouble, cause = unavailable(error) or "The database does not do what is asked of it", said(error)
        if trouble:
            self._mark = None
        if trouble != self._trouble:
            if trouble:
                log.warning("database unavailable", reason=trouble, cause=cause)
            else:
                log.info("database available")
        self._trouble = trouble
        self._looked = time.monotonic()

    async def wait(self, after: int, seconds: float) -> None:
        """Return when the head lies beyond `after` or in another epoch, after `seconds`, or at shutdown.

        Raise 503 when too many wait.
        """
        if self._waiters >= self._most_waiters:
            raise Unavailable("Too many readers wait for changes; come back without `wait`", retry_after=5)
        self._waiters += 1
        began = self._mark
        if began is not None and began.seq < after:  # this process has not looked yet, or the database was restored
            seconds = min(seconds, 2 * self._poll)
        try:
            async with asyncio.timeout(seconds):
                while not self._closing and self._stands(began, after):
                    moved = self._moved
                    await moved.wait()
        except TimeoutError:
            return
        finally:
            self._waiters -= 1

    def _stands(self, began: Mark | None, after: int) -> bool:
        """Tell whether the head is still in the epoch where a wait began, and not beyond a number."""
        mark = self._mark
        return mark is not None and began is not None and mark.epoch == began.epoch and mark.seq <= after

    def close(self) -> None:
        """Send everybody who waits home, and end `run` after its present look."""
        self._closing = True
        self._closed.set()
        self._wake()

    def _read(self) -> Mark:
        if not self._prepared:
            self._prepare(self._database)
            self._prepared = True
        with self._database.transaction(write=False) as session:
            return service.head(session)

    def _on_commit(self, session: Session) -> None:
        mark = service.committed(session)
        if mark is not None:
            self._set(mark)

    def _set(self, mark: Mark) -> None:
        with self._lock:
            known = self._mark
            if known is not None and known.epoch == mark.epoch and known.seq >= mark.seq:
                return
            self._mark = mark
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
