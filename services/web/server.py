"""A uvicorn server that tells the app of its end before it waits for open requests."""

from collections.abc import Callable
from types import FrameType

import uvicorn


class Server(uvicorn.Server):
    """Calls `on_exit` at the first signal to stop, so that those who wait for news are sent home at once."""

    def __init__(self, config: uvicorn.Config, on_exit: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_exit = on_exit

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop."""
        self._on_exit()
        super().handle_exit(sig, frame)
