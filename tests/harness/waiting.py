"""Waiting for what comes by itself."""

import time
from collections.abc import Callable

SOON = 15.0
"""Seconds that a busy machine may take for what takes milliseconds: only to tell it from what never comes."""


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Return once something holds; fail when it does not within some seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"it does not hold after {seconds} s"
        time.sleep(0.05)
