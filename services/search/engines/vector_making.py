"""Makes vectors in the background, after the index has taken records in: on one thread, that gives way to searches."""

import os
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Protocol

import structlog

from services.search.embedding import Encoder, Vector
from services.search.engines.vectors import Snapshot, Vectors, digest

log = structlog.get_logger("praxis.search")

POLITENESS = 10
"""How far the thread gives way to others, in steps of `nice`."""

PUBLISH_SECONDS = 2.0
"""How long what was made is kept back while there is more to make."""

PUBLISH_SHARE = 20
"""Publishing copies all vectors: it waits so many times as long as the last one took."""

RETRY_SECONDS = 60.0
"""How long the file is left alone after it failed."""


class Source(Protocol):
    """One committed state of an index."""

    def documents(self) -> Iterable[tuple[str, int]]:
        """Return key and seq of every document."""

    def passages(self, key: str) -> Sequence[str]:
        """Return what vectors are made of, none for a record that is not searched; raise `KeyError` when it is gone."""


class Making:
    """Keeps vectors like an index. `trouble` tells what went wrong last, if it still matters.

    Newer changes come first: what was published a moment ago does not wait for a whole base.
    """

    def __init__(self, vectors: Vectors, encoder: Encoder) -> None:
        self._vectors = vectors
        self._encoder = encoder
        self._news = threading.Condition()
        self._source: Source | None = None
        self._compare = False
        self._waiting: dict[str, None] = {}
        self._busy = False
        self._ending = False
        self.trouble: str | None = None
        self._thread = threading.Thread(target=self._run, name="vectors", daemon=True)
        self._thread.start()

    @property
    def snapshot(self) -> Snapshot:
        """Return what was published last."""
        return self._vectors.snapshot

    @property
    def left(self) -> int:
        """Return how many records wait, as far as that is known."""
        return len(self._waiting)

    def follow(self, source: Source, changed: Iterable[str] | None = None) -> None:
        """Take in a new state of the index: the records that were changed or deleted, or all. Return at once."""
        with self._news:
            self._source = source
            self._compare = self._compare or changed is None
            for key in changed or ():
                self._waiting.pop(key, None)
                self._waiting[key] = None  # the last one comes first
            self._news.notify_all()

    def settled(self, seconds: float) -> bool:
        """Wait until all is made and seen; tell whether that came in time."""
        with self._news:
            return self._news.wait_for(lambda: not self._busy and self._idle(), seconds)

    def close(self) -> None:
        """End after the passage that is being read, and let go of the file; the rest is made after the next start."""
        with self._news:
            self._ending = True
            self._news.notify_all()
        self._thread.join()
        self._vectors.close()

    def _idle(self) -> bool:
        return not (self._compare or self._waiting)

    def _run(self) -> None:
        with suppress(OSError, AttributeError):  # a courtesy, which not every system knows
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), POLITENESS)
        while True:
            with self._news:
                self._busy = False
                self._news.notify_all()
                self._news.wait_for(lambda: self._ending or not self._idle())
                if self._ending:
                    return
                self._busy = True
            try:
                self._make()
                self.trouble = None
            except Exception as error:
                self.trouble = f"vectors cannot be made: {error}"
                log.exception("vectors cannot be made")
                with self._news:
                    self._news.wait_for(lambda: self._ending, RETRY_SECONDS)
                    self._compare = True

    def _make(self) -> None:
        """Make all that waits."""
        self._line_up()
        published, took = time.monotonic(), 0.0
        while task := self._next():
            self._one(*task)
            now = time.monotonic()
            if now - published > max(PUBLISH_SECONDS, PUBLISH_SHARE * took):
                self._vectors.publish()
                published = time.monotonic()
                took = published - now
        self._vectors.publish()

    def _line_up(self) -> None:
        """Let all records wait, when that was asked for, behind those that changed last."""
        with self._news:
            source, compare, self._compare = self._source, self._compare, False
        if source is None or not compare:
            return
        there = dict(source.documents())
        self._vectors.drop(self._vectors.held.keys() - there.keys())
        with self._news:
            older = sorted(there.keys() - self._waiting.keys(), key=there.__getitem__)
            self._waiting = dict.fromkeys(older) | self._waiting

    def _next(self) -> tuple[Source, str] | None:
        with self._news:
            if self._ending or self._compare or self._source is None or not self._waiting:
                return None
            return self._source, self._waiting.popitem()[0]

    def _one(self, source: Source, key: str) -> None:
        try:
            texts = source.passages(key)
        except KeyError:
            self._vectors.drop([key])
            return
        told = digest(texts)
        if self._vectors.held.get(key) == told:
            return
        made: list[Vector] = []
        for text in texts:
            if self._ending:
                return
            made.append(self._encoder.passage(text))
        self._vectors.put(key, told, made)
