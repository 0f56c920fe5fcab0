"""One watcher of the feed's head a process: woken by this process's commits, and polling for those of others."""

import asyncio
import threading

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from services.api.changes import service
from services.api.changes.service import Mark
from services.api.kit.db import Database
from services.web.observe import log
from services.web.problems import Unavailable


class HeadWatcher:
    """Knows the feed's head and wakes those who wait for it to move; waiting holds no session."""

    def __init__(self, database: Database, *, most_waiters: int, poll: float = 0.2) -> None:
        self._database = database
        self._poll = poll
        self._most_waiters = most_waiters
        self._waiters = 0
        self._mark: Mark | None = None
        self._lock = threading.Lock()
        self._moved = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = False
        database.after_commit.append(self._on_commit)

    @property
    def mark(self) -> Mark | None:
        """The head as last seen; none before the first look and while the database is away."""
        return self._mark

    async def run(self) -> None:
        """Look at the head every poll interval until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            try:
                self._set(await asyncio.to_thread(self._read))
            except SQLAlchemyError as error:
                self._mark = None
                log.warning("change feed cannot be read", error=type(error).__name__)
            await asyncio.sleep(self._poll)

    async def wait(self, after: int, seconds: float) -> None:
        """Return when the head lies beyond `after`, after `seconds`, or at shutdown; raise 503 when too many wait."""
        if self._waiters >= self._most_waiters:
            raise Unavailable("Too many readers wait for changes; come back without `wait`", retry_after=5)
        self._waiters += 1
        try:
            async with asyncio.timeout(seconds):
                while not self._closing and self._mark is not None and self._mark.seq <= after:
                    moved = self._moved
                    await moved.wait()
        except TimeoutError:
            return
        finally:
            self._waiters -= 1

    def close(self) -> None:
        """Send everybody who waits home."""
        self._closing = True
        self._wake()

    def _read(self) -> Mark:
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
