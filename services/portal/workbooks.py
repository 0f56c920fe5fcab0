"""Workbooks that visitors ask for: made in turn, beside the event loop, and the recent ones kept."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from typing import Any

from services.web.bounds import Places

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WAITING, SECONDS = 20, 5.0
"""How many may wait for their turn, and for how long."""
KEPT_BYTES = 4_000_000


class Workbooks:
    """Makes one at a time: in a thread, too, making holds the interpreter, and two would only keep all else from it."""

    def __init__(self, waiting: int = WAITING, seconds: float = SECONDS, kept_bytes: int = KEPT_BYTES) -> None:
        self._places = Places(1, waiting, "Too many workbooks are being made at this moment", seconds)
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._kept_bytes = kept_bytes

    async def of(self, make: Callable[..., bytes], read: Callable[[], Awaitable[tuple[Any, ...]]]) -> bytes:
        """Return what is made of what is read, which it is in its turn; what says the same is not made again.

        Raise `Unavailable` when too many wait, or when the turn does not come in time.
        """
        async with self._places.place():
            said = await read()
            key = blake2b(repr((make.__module__, said)).encode()).digest()
            made = self._kept.pop(key, b"") or await asyncio.to_thread(make, *said)
            self._kept[key] = made
            while sum(map(len, self._kept.values())) > self._kept_bytes:
                self._kept.popitem(last=False)
            return made
