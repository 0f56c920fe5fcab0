"""Panics of the library, made errors."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_panic() -> Iterator[None]:
    """Raise the library's panics, which no `except Exception` would catch, as `RuntimeError`; a decorator, too."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise RuntimeError(f"the index failed: {error}") from error
        raise
