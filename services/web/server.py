"""Serves an app with uvicorn, which is told of its end before open requests are waited for."""

import ctypes
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from socket import socket
from types import FrameType

import uvicorn
from pydantic_settings import BaseSettings, SettingsConfigDict
from starlette.types import ASGIApp

LONGEST_GOODBYE = 2
"""Seconds that open requests have to end after the first signal to stop."""
_M_ARENA_MAX, _ARENAS = -8, 2
"""The name of that limit in glibc's malloc.h, and how many arenas the threads share."""


class Listen(BaseSettings):
    """Where a process listens."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    host: str = "127.0.0.1"
    port: int = 8000


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


def serve(app: ASGIApp, announce: Callable[[str], str], on_exit: Callable[[], None] = lambda: None) -> None:
    """Serve an app where the environment says until interrupted; print what `announce` makes of its address."""
    _share_arenas()
    listen = Listen()
    config = uvicorn.Config(
        app,
        host=listen.host,
        port=listen.port,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=LONGEST_GOODBYE,
    )

    def on_start() -> None:
        print(announce(f"http://{listen.host}:{listen.port}"), flush=True)

    with suppress(KeyboardInterrupt):
        Server(config, on_start, on_exit).run()  # on uvloop


def _share_arenas() -> None:
    """Let threads take memory from a few arenas: by default each has its own, and keeps what it needed once.

    Under mixed load memory grew by a seventh in minutes and went on growing; shared, it stays, at the same speed.
    """
    if sys.platform == "linux" and "MALLOC_ARENA_MAX" not in os.environ:
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other libraries of C have no arenas
        if mallopt:
            mallopt(_M_ARENA_MAX, _ARENAS)
