"""The embedded engine: a tantivy index in a directory of its own.

    DIR/lock         held by the one process that has the directory open
    DIR/state.json   which index is live, for which schema, and up to where it follows the feed
    DIR/<index>/     the live index, and beside it one under construction
    DIR/vectors.db   vectors of the records' passages, where they are found by meaning too

`state.json` is replaced after each commit, so that it is never ahead of the index; whatever it does not name is a
rebuild that never ended, and is dropped on opening.
"""

import fcntl
import os
import shutil
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import orjson
import tantivy

from services.search import words
from services.search.engines.base import (
    Answer,
    Document,
    EngineUnavailable,
    FacetCounts,
    Generation,
    Hit,
    Query,
)
from services.search.engines.embedded import schema as fields
from services.search.engines.embedded.panics import no_panic
from services.search.engines.embedded.search import Snapshot

if TYPE_CHECKING:
    from services.search.embedding import Encoder
    from services.search.engines.embedded.senses import Senses

FOLLOWING = (1, 20_000_000)
REBUILDING = (2, 120_000_000)
"""Threads of a writer, and the bytes that they may gather before a segment is written."""


class EmbeddedEngine:
    """A search engine on a local directory. `schema` names what documents look like: with another, the index is remade.

    With an `encoder`, records are found by meaning too, as soon as vectors of them are made in the background. Raise
    `EngineUnavailable` when another process has the directory open.
    """

    name = "embedded"
    trouble: str | None = None

    def __init__(self, directory: Path, schema: str, encoder: "Encoder | None" = None) -> None:
        self._directory = directory
        self._schema = f"{fields.VERSION}/{schema}"
        self.writing = threading.Lock()
        directory.mkdir(parents=True, exist_ok=True)
        self._lock = _hold(directory / "lock")
        state = _read_state(directory / "state.json", self._schema)
        live = _opened(directory / state.index) if state else None
        self._empty = live is None
        if state is None or live is None:
            state = _State(self._schema, "", 0, _new_index_id())
            live = _Store(directory / state.index, FOLLOWING)
        for left in directory.iterdir():
            if left.is_dir() and left != live.path:
                shutil.rmtree(left)
        self._live = live
        self._senses = _senses(directory / "vectors.db", encoder) if encoder else None
        self._publish(state)

    def _publish(self, state: "_State", changed: Iterable[str] | None = None) -> None:
        generation = Generation(state.epoch, state.seq, state.index, self._live.committed)
        self._committed = Snapshot(self._live.index, generation)
        if self._senses:
            self._senses.making.follow(self._committed, changed)

    @property
    def _snapshot(self) -> Snapshot:
        return self._senses.beside(self._committed) if self._senses else self._committed

    def generation(self) -> Generation:
        """Return the state that a query started now would see."""
        return self._snapshot.generation

    def needs_rebuild(self) -> bool:
        """Tell whether the index stands empty because it is new, or what was there could not be used."""
        return self._empty

    # What is asked goes to the state at hand, whose methods these are.

    @property
    def search(self) -> Callable[[Query], Answer]:
        """Answer a query from one snapshot of the index."""
        return self._snapshot.search

    @property
    def similar(self) -> Callable[[str, Sequence[str], int], tuple[Hit, ...]]:
        """Return the records of the same type most like one, by id or slug; raise `KeyError` when it is not there."""
        return self._snapshot.similar

    @property
    def facet_values(self) -> Callable[[Query, str, Iterable[str] | None, int], FacetCounts]:
        """Count one facet's values under a query, among some codes when given."""
        return self._snapshot.facet_values

    @property
    def documents(self) -> Callable[[], Iterable[tuple[str, int]]]:
        """Return key and seq of every document."""
        return self._snapshot.documents

    @property
    def stored(self) -> Callable[[str], Iterable[bytes]]:
        """Return the stored `hit` JSON of every document of one type."""
        return self._snapshot.stored

    def apply(self, documents: Iterable[Document], deletes: Iterable[str], epoch: str, seq: int) -> Mapping[str, str]:
        """Make changes durable and visible, then the cursor; return the refused documents with the reason."""
        with self.writing, no_panic():
            documents, deletes = list(documents), list(deletes)
            try:
                refused = self._live.change(documents, deletes)
                self._live.commit()
            except BaseException:
                # Nothing of a failed batch may slip into the next commit, and a writer that failed once stays so.
                self._live.close()
                self._live = _Store(self._live.path, FOLLOWING)
                raise
            self._empty = False
            state = _State(self._schema, epoch, seq, self._live.path.name)
            self._publish(state, [*(document.key for document in documents), *deletes])
            _write_state(self._directory / "state.json", state)
        return refused

    def begin_rebuild(self) -> "EmbeddedRebuild":
        """Start an empty index beside the live one, which goes on answering and following."""
        return EmbeddedRebuild(self, _Store(self._directory / _new_index_id(), REBUILDING))

    def replace(self, built: "_Store", epoch: str, seq: int) -> None:
        """Put a committed index in the live one's place and drop the old one."""
        with self.writing, no_panic():
            old = self._live
            state = _State(self._schema, epoch, seq, built.path.name)
            built.commit()
            built.close()
            live = _Store(built.path, FOLLOWING)
            _write_state(self._directory / "state.json", state)
            self._live = live
            self._empty = False
            self._publish(state)
            old.close()
            shutil.rmtree(old.path)

    def close(self) -> None:
        """Release files and threads; whoever is writing ends first."""
        with self.writing:
            if self._senses:
                self._senses.making.close()
            self._live.close()
            self._lock.close()

    @property
    def lack(self) -> str | None:
        """Tell which records are not found by meaning yet."""
        if self._senses is None:
            return None
        making = self._senses.making
        return making.trouble or (f"{making.left} records are found by their words alone yet" if making.left else None)

    def understood(self, seconds: float) -> bool:
        """Wait until vectors of all records are made; tell whether that came in time. Without an encoder it is so."""
        return self._senses is None or self._senses.making.settled(seconds)


class EmbeddedRebuild:
    """An index under construction beside the live one."""

    def __init__(self, engine: EmbeddedEngine, built: "_Store") -> None:
        self._engine = engine
        self._built = built

    def apply(self, documents: Iterable[Document], deletes: Iterable[str]) -> Mapping[str, str]:
        """Add changes to the new index, nothing visible yet; return the refused documents with the reason."""
        with self._engine.writing, no_panic():
            return self._built.change(documents, deletes)

    def swap(self, epoch: str, seq: int) -> None:
        """Commit the new index, put it in the live one's place, and drop the old one."""
        self._engine.replace(self._built, epoch, seq)

    def discard(self) -> None:
        """Drop the new index."""
        self._built.close()
        shutil.rmtree(self._built.path, ignore_errors=True)


class _Store:
    """One index directory with its only writer."""

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        # What a new index was given so far: looking for former selves of documents is half the work of adding them.
        self._held: set[str] | None = None if path.exists() else set()
        path.mkdir(exist_ok=True)
        self.path = path
        self.index = tantivy.Index(fields.schema(), str(path))
        fields.register_analyzers(self.index)
        self.index.config_reader("manual")
        self.index.reload()
        threads, heap = size
        self.writer = self.index.writer(heap, threads)
        # A killed commit leaves files behind whose names the next one would take, and fail.
        self.writer.garbage_collect_files()
        self.committed = self.writer.commit_opstamp

    def change(self, documents: Iterable[Document], deletes: Iterable[str]) -> dict[str, str]:
        """Queue deletes, then documents in place of their former selves; return the refused ones."""
        refused: dict[str, str] = {}
        for key in deletes:
            self._drop(key)
        for document in documents:
            key = document.key
            self._drop(key)
            try:
                with no_panic():
                    self.writer.add_document(fields.lay_out(document))
                if self._held is not None:
                    self._held.add(key)
            except (ValueError, TypeError, OverflowError, RuntimeError) as error:
                refused[key] = str(error)
        return refused

    def _drop(self, key: str) -> None:
        if self._held is None or key in self._held:
            self.writer.delete_documents_by_term("record", words.clean(key))

    def commit(self) -> None:
        """Make queued changes durable, and what searchers opened from now on see."""
        self.committed = self.writer.commit()
        self.index.reload()

    def close(self) -> None:
        """Let merges end and free the writer's lock; uncommitted changes are lost."""
        with suppress(ValueError, RuntimeError), no_panic():
            self.writer.wait_merging_threads()


@dataclass(frozen=True, slots=True)
class _State:
    """What `state.json` says."""

    schema: str
    epoch: str
    seq: int
    index: str


def _senses(path: Path, encoder: "Encoder") -> "Senses":
    # Imported where it is wanted: only an installation that searches by meaning has what it needs.
    from services.search.engines.embedded.senses import Senses

    return Senses(path, encoder)


def _read_state(path: Path, schema: str) -> _State | None:
    try:
        state = _State(**orjson.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    return state if state.schema == schema else None


def _write_state(path: Path, state: _State) -> None:
    """Replace the file, so that a crash leaves the old one or the new one, whole."""
    beside = path.with_suffix(".new")
    with beside.open("wb") as file:
        file.write(orjson.dumps(state))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _opened(path: Path) -> _Store | None:
    """Open an index that should be there; none when it is not, or cannot be read."""
    try:
        with no_panic():
            return _Store(path, FOLLOWING) if tantivy.Index.exists(str(path)) else None
    except (OSError, ValueError, RuntimeError):
        return None


def _hold(path: Path) -> IO[bytes]:
    file = path.open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise EngineUnavailable(f"{path.parent} is in use by another process") from error
    return file


def _new_index_id() -> str:
    return uuid.uuid4().hex
