"""The vectors of an index that changes, laid beside the states of it."""

from pathlib import Path

from services.search.embedding import Encoder
from services.search.engines.embedded.meaning import Sense
from services.search.engines.embedded.search import Snapshot
from services.search.engines.vector_making import Making
from services.search.engines.vectors import Snapshot as Taken
from services.search.engines.vectors import Vectors


class Senses:
    """Keeps the vectors of an index that changes, and lays the latest of them beside its states.

    `making` makes them in the background, from each state that it is told of.
    """

    def __init__(self, path: Path, encoder: Encoder) -> None:
        self._encoder = encoder
        self.making = Making(Vectors(path, encoder), encoder)
        self._last: tuple[Snapshot, Taken, Snapshot] | None = None

    def beside(self, state: Snapshot) -> Snapshot:
        """Return a state of the index beside the vectors published last; the same one as long as both stay the same."""
        vectors, last = self.making.snapshot, self._last
        if last is None or last[0] is not state or last[1] is not vectors:
            last = self._last = (state, vectors, state.beside(Sense(self._encoder, vectors)))
        return last[2]
