"""Vectors of records in a file beside the index: kept from one index to the next, made once for each text.

    FILE   one row a record: a digest of its passages, and their vectors as int8

The file can be deleted at any time; what it lacks is made again. One thread writes it, any number read a `Snapshot`.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from services.search.embedding import Encoder, Vector

Bytes = NDArray[np.int8]
Floats = NDArray[np.float32]

STEPS = 127
"""Steps that the largest number of a vector is told in; cosines are right to 1 in 500."""

BLOCK = 2048
"""Vectors compared at once: what they take as floats stays in the processor's cache."""

_TABLES = """
CREATE TABLE encoder (name TEXT NOT NULL);
CREATE TABLE record (key TEXT PRIMARY KEY, digest BLOB NOT NULL, scales BLOB NOT NULL, vectors BLOB NOT NULL);
"""


_SOUND = ("SELECT name FROM encoder", "SELECT key FROM record LIMIT 0", "PRAGMA quick_check")


class Snapshot:
    """The vectors of one moment; it never changes. `number` tells those of one process apart.

    Passages of one record lie together, from its place in `starts` to the next one.
    """

    def __init__(
        self, number: int, keys: tuple[str, ...], starts: NDArray[np.int64], vectors: Bytes, scales: Floats
    ) -> None:
        self.number = number
        self.keys = keys
        self.places = {key: place for place, key in enumerate(keys)}
        self._starts = starts
        self._vectors = vectors
        self._scales = scales

    def cosines(self, question: Vector) -> Floats:
        """Return how close each record of `keys` comes to a question: as close as its closest passage."""
        if not self.keys:
            return np.empty(0, np.float32)
        found = np.empty(len(self._vectors), np.float32)
        # The library multiplies bytes slowly, and floats of all vectors at once would take four times the memory.
        block = np.empty((min(BLOCK, len(found)), self._vectors.shape[1]), np.float32)
        for first in range(0, len(found), BLOCK):
            part = self._vectors[first : first + BLOCK]
            floats = block[: len(part)]
            np.copyto(floats, part)
            np.dot(floats, question, out=found[first : first + len(part)])
        found *= self._scales
        return cast(Floats, np.maximum.reduceat(found, self._starts))

    def vector(self, key: str) -> Vector:
        """Return the vector of a record's first passage; raise `KeyError` when it has none."""
        row = self._starts[self.places[key]]
        return cast(Floats, self._vectors[row] * self._scales[row])


class Vectors:
    """The vectors of one encoder; a file that holds another's, or cannot be read, is begun anew.

    `held` maps records to the digests of the passages that were read, `snapshot` is what was published last. One
    thread at a time may write, any may take the snapshot.
    """

    def __init__(self, path: Path, encoder: Encoder) -> None:
        self._encoder = encoder
        self._file = _opened(path, encoder)
        self._rows: dict[str, tuple[Bytes, Floats]] = {}
        self.held: dict[str, bytes] = {}
        for row in self._file.execute("SELECT key, digest, scales, vectors FROM record"):
            self._keep(*row)
        self._published = 0
        self.snapshot = self._taken()

    def patience(self, seconds: float) -> None:
        """Set how long a write waits for whoever else has the file open."""
        self._file.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")

    def _keep(self, key: str, digest: bytes, scales: bytes, vectors: bytes) -> None:
        self.held[key] = digest
        rows = np.frombuffer(vectors, np.int8).reshape(-1, self._encoder.dimension)
        self._rows[key] = (rows, np.frombuffer(scales, np.float32))

    def put(self, key: str, digest: bytes, made: Sequence[Vector]) -> None:
        """Keep what was made of a record's passages; durable and seen once published."""
        scales, vectors = _rounded(made, self._encoder.dimension)
        row = (key, digest, scales.tobytes(), vectors.tobytes())
        self._file.execute("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)", row)
        self._keep(*row)

    def drop(self, keys: Iterable[str]) -> None:
        """Forget records; unseen once published."""
        for key in keys:
            self._file.execute("DELETE FROM record WHERE key = ?", (key,))
            self.held.pop(key, None)
            self._rows.pop(key, None)

    def publish(self) -> None:
        """Make durable what was put and dropped, then let it be seen."""
        self._file.commit()
        self._published += 1
        self.snapshot = self._taken()

    def _taken(self) -> Snapshot:
        told = {key: rows for key, rows in self._rows.items() if len(rows[0])}
        counts = np.fromiter((len(vectors) for vectors, _ in told.values()), np.int64, len(told))
        none = (np.empty((0, self._encoder.dimension), np.int8), np.empty(0, np.float32))
        vectors = np.concatenate([none[0], *(vectors for vectors, _ in told.values())])
        scales = np.concatenate([none[1], *(scales for _, scales in told.values())])
        at = np.concatenate([[0], np.cumsum(counts)])
        # From here on the arrays alone hold the bytes: each record has a view of its own.
        for place, key in enumerate(told):
            self._rows[key] = (vectors[at[place] : at[place + 1]], scales[at[place] : at[place + 1]])
        return Snapshot(self._published, tuple(told), at[:-1], vectors, scales)

    def close(self) -> None:
        """Let go of the file; what was not published is made again."""
        self._file.close()


def digest(passages: Iterable[str]) -> bytes:
    """Tell passages apart."""
    told = hashlib.sha256()
    for passage in passages:
        text = passage.encode("utf-8", "surrogatepass")
        told.update(len(text).to_bytes(8) + text)
    return told.digest()


def _rounded(made: Sequence[Vector], dimension: int) -> tuple[Floats, Bytes]:
    whole = np.array(made, np.float32).reshape(-1, dimension)
    scales = np.maximum(np.abs(whole).max(axis=1, initial=0.0), 1e-12).astype(np.float32) / np.float32(STEPS)
    return scales, np.rint(whole / scales[:, None]).astype(np.int8)


def _opened(path: Path, encoder: Encoder) -> sqlite3.Connection:
    """Open the file, begun anew unless it holds this encoder's vectors."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(sqlite3.Error):
        file = _connected(path)
        found = [file.execute(question).fetchall() for question in _SOUND]
        if found == [[(encoder.name,)], [], [("ok",)]]:
            return file
        file.close()
    for left in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        left.unlink(missing_ok=True)
    file = _connected(path)
    file.executescript(_TABLES)
    file.execute("INSERT INTO encoder VALUES (?)", (encoder.name,))
    file.commit()
    return file


def _connected(path: Path) -> sqlite3.Connection:
    # Written by one thread and closed by another; the two never meet.
    file = sqlite3.connect(path, check_same_thread=False)
    file.execute("PRAGMA journal_mode = WAL")
    file.execute("PRAGMA synchronous = NORMAL")
    return file
