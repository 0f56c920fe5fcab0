"""Threads for what blocks: one that writes the index, and a bounded number that search it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from services.web.problems import Unavailable

P = ParamSpec("P")
T = TypeVar("T")


class Worker:
    """One thread; what it is given runs in turn."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function there and return what it returns; one that has begun ends even when nobody waits for it."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, partial(function, *args, **kwargs))

    def close(self) -> None:
        """Take nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Searchers:
    """A bounded number of threads and of searches waiting for one; each may take `seconds`."""

    def __init__(self, threads: int, waiting: int, seconds: float) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="search")
        self._most = threads + waiting
        self._seconds = seconds
        self.busy = 0

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a search; raise `Unavailable` when too many wait already, or when it takes too long.

        A search that took too long still holds its thread, and counts, until it ends.
        """
        if self.busy >= self._most:
            raise Unavailable("Too many searches are waiting")
        self.busy += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, partial(function, *args, **kwargs))
        future.add_done_callback(self._done)
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.shield(future)
        except TimeoutError:
            raise Unavailable(f"The search took longer than {self._seconds:g} seconds", retry_after=5) from None

    def _done(self, future: "asyncio.Future[T]") -> None:
        self.busy -= 1
        if not future.cancelled():
            future.exception()  # a search that nobody waits for any more may fail in silence

    def close(self) -> None:
        """Take nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
