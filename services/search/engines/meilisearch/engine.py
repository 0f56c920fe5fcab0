"""The Meilisearch engine: an index on a server that one process writes and any number read.

    INDEX             the live index, with the state document that says up to where it follows the feed
    INDEX_<32 hex>    one under construction, or the former live one until it is deleted

The state document is written in one task with each batch, and a task becomes visible as a whole: whatever is found is
of the state found beside it. A thread looks at it five times a second, for those who read what another process writes.
"""

import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import orjson
import structlog

from services.search.engines.base import Answer, Document, EngineUnavailable, FacetCounts, Generation, Hit, Query
from services.search.engines.meilisearch import schema as fields
from services.search.engines.meilisearch.asking import Asking
from services.search.engines.meilisearch.batch import Batch, array, parted
from services.search.engines.meilisearch.client import Questions, Refused, Writing
from services.search.engines.meilisearch.keys import Keys
from services.search.engines.meilisearch.schema import Json, State
from services.search.engines.meilisearch.search import Searcher

EVERY = 0.2
"""Seconds between looks at the state document."""

LISTED_AT_ONCE, READ_AT_ONCE = 10_000, 1_000
"""Records whose names are read at once, and whole ones."""

LAST_LOOK = 1.0
"""Seconds that closing waits for a look at a server that hangs."""

_NOTHING = Generation("", 0, "", 0)
_SWEPT = f'type = "{fields.DELETED}"'

log = structlog.get_logger("praxis.search")


class MeilisearchEngine:
    """A search engine on a server.

    `schema` names what documents look like: with another, the index is remade. `writes` tells whether this process is
    the one that writes; it needs all keys then. `seconds` is how long a question may take there, `write_seconds` how
    long a write may take to be accepted. A server that is away now is looked for until it is back.
    """

    name = "meilisearch"
    lack: str | None = None

    def __init__(
        self,
        url: str,
        index: str,
        keys: Keys,
        schema: str,
        *,
        seconds: float = 5,
        write_seconds: float = 30,
        writes: bool = True,
    ) -> None:
        if writes and (keys.write is None or keys.tasks is None):
            raise ValueError("to write an index on a Meilisearch server takes the keys for writing and for tasks")
        self.index = index
        self.schema = f"{fields.VERSION}/{schema}"
        self._closed = threading.Event()
        self.questions = Questions(url, keys.search, seconds)
        self.writing = Writing(url, keys.write or "", keys.tasks or "", write_seconds, self._closed)
        self._searcher = Searcher(Asking(self.questions, index, self._is_usable, self.generation))
        self._lock = threading.RLock()
        self._publishing = threading.Lock()
        self._published = 0
        self._state: State | None = None
        self._generation = _NOTHING
        self._unusable = False
        self.trouble: str | None = None
        self._unsettled = True
        self.careful = False
        self._look()
        self._believed: State | None = self._state
        self._looking = threading.Thread(target=self._keep_looking, name="meilisearch state", daemon=True)
        self._looking.start()

    def _keep_looking(self) -> None:
        while not self._closed.wait(EVERY):
            self._look()

    def _look(self) -> None:
        """Note the state that the server is in, unless this process has made another meanwhile."""
        before, known, trouble = self._published, self.trouble, None
        try:
            found = self.questions.state(self.index)
        except EngineUnavailable as error:
            trouble = str(error)
        except Exception as error:
            trouble = f"the state cannot be read: {error!r}"
        else:
            with self._publishing:
                if before == self._published:
                    self._show(found)
        self.trouble = trouble
        if trouble != known and not self._closed.is_set():
            if trouble is None:
                log.info("the search server is back")
            else:
                log.warning("the search server is away", reason=trouble)

    def _publish(self, state: State | None) -> None:
        with self._publishing:
            self._published += 1
            self._show(state)

    def _show(self, state: State | None) -> None:
        usable = state if state is not None and self._is_usable(state) else None
        generation = usable.generation if usable else _NOTHING
        self._state, self._unusable = state, usable is None
        if generation != self._generation:
            self._generation = generation

    def _is_usable(self, state: State) -> bool:
        return state.schema == self.schema

    def generation(self) -> Generation:
        """Return the state that a query started now would see, or one at most a fifth of a second older."""
        return self._generation

    def touched(self, types: Iterable[str]) -> int:
        """Return the number of the last change among records of these types."""
        touched = self._state.touched if self._state else {}
        return max((touched.get(type, 0) for type in ("", *types)), default=0)

    def needs_rebuild(self) -> bool:
        """Tell whether the index is missing, was made for another schema or cannot be read; not while that is open."""
        return self._unusable

    # What is asked goes to the searcher, whose methods these are.

    @property
    def search(self) -> Callable[[Query], Answer]:
        """Answer a query."""
        return self._searcher.search

    @property
    def similar(self) -> Callable[[str, Sequence[str], int], tuple[Hit, ...]]:
        """Return the records of the same type most like one, by id or slug; raise `KeyError` when it is not there."""
        return self._searcher.similar

    @property
    def facet_values(self) -> Callable[[Query, str, Iterable[str] | None, int], FacetCounts]:
        """Count one facet's values under a query, among some codes when given."""
        return self._searcher.facet_values

    def documents(self) -> Iterator[tuple[str, int]]:
        """Yield key and seq of every document."""
        for hit in self._all(fields.RECORDS, ["seq"], LISTED_AT_ONCE):
            yield fields.plain(hit[fields.KEY]), hit["seq"]

    def stored(self, type: str) -> Iterator[bytes]:
        """Yield the stored `hit` JSON of every document of one type."""
        for hit in self._all(f'type = "{fields.safe(type)}"', ["hit"], READ_AT_ONCE):
            yield hit["hit"].encode()

    def _all(self, filter: str, wanted: list[str], at_once: int) -> Iterator[Json]:
        """Yield what is wanted of all documents of a kind, in order; none from an index that cannot be used."""
        if self.needs_rebuild():
            return
        after, more = "", True
        while more:
            question = {
                "q": "",
                "filter": [filter, f'{fields.KEY} > "{after}"'] if after else filter,
                "sort": [f"{fields.KEY}:asc"],
                "limit": at_once,
                "attributesToRetrieve": [fields.KEY, *wanted],
            }
            try:
                hits: list[Json] = self.questions.post(f"/indexes/{self.index}/search", question)["hits"]
            except Refused as refused:
                raise EngineUnavailable(f"the index cannot be read: {refused}") from None
            yield from hits
            more = len(hits) == at_once
            after = hits[-1][fields.KEY] if hits else ""

    def apply(self, documents: Iterable[Document], deletes: Iterable[str], epoch: str, seq: int) -> Mapping[str, str]:
        """Make changes durable and visible, then the cursor; return the refused documents with the reason.

        Raise `EngineUnavailable` also when the index is not in the state that this process left it in: it goes on from
        there the next time.
        """
        batch = Batch(documents, deletes)
        with self._lock:
            state = self._at_rest()
            if state is None or state.schema != self.schema:
                building = self.begin_rebuild()
                building.add(batch)
                building.swap(epoch, seq)
                return batch.refused
            touched = dict.fromkeys(batch.types, seq)
            *first, last = batch.parts()
            for part in first:
                # Each part is a state of its own; the cursor moves with the last.
                state = replace(state, commit=state.commit + 1, touched={**state.touched, **touched})
                self._write(part, state)
            state = replace(state, commit=state.commit + 1, touched={**state.touched, **touched})
            self._write(last, replace(state, epoch=epoch, seq=seq))
            if batch.removes:
                with suppress(EngineUnavailable, Refused):
                    self.writing.sweep(self.index, _SWEPT)
        return batch.refused

    def _at_rest(self) -> State | None:
        """Return the index's state once nothing moves it; raise `EngineUnavailable` when it is not what it was."""
        if self._unsettled:
            self.writing.wait_for_all(self.index)
            self._unsettled = False
        found = self.questions.state(self.index)
        if found != self._believed:
            self._believed = found
            self._publish(found)
            raise EngineUnavailable("the index is not in the state that it was left in; going on from there")
        return found

    def _write(self, part: list[bytes], state: State) -> None:
        self._unsettled = True
        self.writing.wait(self.writing.add(self.index, array([*part, orjson.dumps(state.document())])))
        self._unsettled = False
        self._left(state)

    def _left(self, state: State) -> None:
        self._believed = state
        self._publish(state)

    def begin_rebuild(self) -> "MeilisearchRebuild":
        """Start an empty index beside the live one, which goes on answering and following."""
        with self._lock:
            self.writing.wait_for_all(self.index)
            for left in self.writing.unfinished(self.index):
                self.writing.drop(left)
            built = f"{self.index}_{uuid.uuid4().hex}"
            self.writing.create(built)
        return MeilisearchRebuild(self, built, self.careful)

    def replace(self, built: str, state: State) -> None:
        """Put an index that is in a state in the live one's place, and drop the old one."""
        with self._lock:
            self._unsettled = True
            self.writing.ensure(self.index)
            reason: Exception | None = None
            try:
                self.writing.wait(self.writing.swap(built, self.index))
            except (EngineUnavailable, Refused) as error:
                reason = error
            self.writing.wait_for_all(self.index)
            self._unsettled = False
            if self.questions.state(self.index) != state:
                raise EngineUnavailable(f"the new index could not be put in the old one's place: {reason}")
            self._left(state)
            with suppress(EngineUnavailable, Refused):
                self.writing.drop(built)

    def close(self) -> None:
        """Release threads and connections; whoever is writing gives up."""
        self._closed.set()
        self._looking.join(LAST_LOOK)
        self.questions.close()


class MeilisearchRebuild:
    """An index under construction beside the live one.

    Changes are gathered until they fill a payload: the server takes for many little more than for few. `one_by_one`
    sends them as they come, so that what the server refuses is refused where it belongs.
    """

    def __init__(self, engine: MeilisearchEngine, built: str, one_by_one: bool) -> None:
        self._engine = engine
        self._built = built
        self._one_by_one = one_by_one
        self._gathered: list[bytes] = []
        self._removed = False

    def apply(self, documents: Iterable[Document], deletes: Iterable[str]) -> Mapping[str, str]:
        """Add changes to the new index, nothing visible yet; return the refused documents with the reason."""
        batch = Batch(documents, deletes)
        self.add(batch)
        return batch.refused

    def add(self, batch: Batch) -> None:
        """Add changes to the new index."""
        self._removed |= batch.removes
        *full, last = [*parted([*self._gathered, *batch.changes])] or [[]]
        if self._one_by_one:
            full, last = [*full, last], []
        for part in filter(None, full):
            self._send(part)
        self._gathered = last

    def _send(self, part: list[bytes]) -> None:
        try:
            self._engine.writing.wait(self._engine.writing.add(self._built, array(part)))
        except Refused as refused:
            if self._one_by_one:
                raise
            self._engine.careful = True
            raise EngineUnavailable(f"some records are refused; building again to find out which: {refused}") from None

    def swap(self, epoch: str, seq: int) -> None:
        """Commit the new index, put it in the live one's place, and drop the old one."""
        engine = self._engine
        state = State(engine.schema, epoch, seq, uuid.uuid4().hex, 1, {"": seq})
        self._send([*self._gathered, orjson.dumps(state.document())])
        if self._removed:
            engine.writing.sweep(self._built, _SWEPT)
            engine.writing.wait_for_all(self._built)
        if engine.questions.state(self._built) != state:
            raise EngineUnavailable("the new index was changed by another process")
        engine.replace(self._built, state)
        engine.careful = False

    def discard(self) -> None:
        """Drop the new index."""
        self._engine.writing.drop(self._built)
