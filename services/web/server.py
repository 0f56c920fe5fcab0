"""A uvicorn server that tells the app of its end before it waits for open requests."""

from collections.abc import Callable
from socket import socket
from types import FrameType

import uvicorn


class Server(uvicorn.Server):
    """Calls `on_start` when it listens, and `on_exit` at the first signal to stop, so that those who wait go home."""

    def __init__(self, config: uvicorn.Config, on_start: Callable[[], None], on_exit: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_start = on_start
        self._on_exit = on_exit

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        if self.started:
            self._on_start()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop."""
        self._on_exit()
        super().handle_exit(sig, frame)
