"""Documents for the tests of the engines, and engines of each kind on places of their own."""

import itertools
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from services.search.engines.base import Document, Engine, Part, Query, Text
from services.search.engines.embedded import EmbeddedEngine
from services.search.words import clean

KINDS = ("embedded",)


def document(
    id: str,
    title: str = "",
    *,
    texts: tuple[tuple[Part, str, str], ...] = (),
    language: str = "en",
    titles: Mapping[str, str] | None = None,
    summaries: Mapping[str, str] | None = None,
    **fields: Any,
) -> Document:
    """Return a document whose titles and summaries are searchable too, besides its other texts."""
    titles, summaries = titles or {language: title}, summaries or {}
    shown = {"id": id, "titles": titles, "summaries": summaries, "language": language}
    heads = [Text("title", tag, text) for tag, text in titles.items()]
    heads += [Text("summary", tag, text) for tag, text in summaries.items()]
    values: dict[str, Any] = {
        "type": "practice",
        "seq": 1,
        "facets": {},
        "numbers": {},
        "published": 0,
        "start": None,
        "sort_titles": {**titles, "": next(iter(titles.values()))},
        "hit": clean(json.dumps(shown, ensure_ascii=False)).encode(),
        "texts": tuple(heads + [Text(part, tag, text) for part, tag, text in texts]),
    }
    return Document(id=id, **(values | fields))


class Places(ABC):
    """Opens engines of one kind: each on a place that was never used, or on one that was, to go on there."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def new(self) -> str:
        """Return a place that was never used."""
        return f"praxis{next(self._numbers):04d}"

    @contextmanager
    def open(self, place: str | None = None, schema: str = "1") -> Iterator[Engine]:
        """Open an engine on a place, or on a new one, and close it in the end."""
        engine = self._engine(place or self.new(), schema)
        try:
            yield engine
        finally:
            engine.close()

    @contextmanager
    def holding(self, documents: Iterable[Document]) -> Iterator[Engine]:
        """Open an engine on a new place that holds these documents."""
        with self.open() as engine:
            refused = engine.apply(documents, (), "e", 1)
            assert not refused
            yield engine

    @abstractmethod
    def _engine(self, place: str, schema: str) -> Engine: ...


class EmbeddedPlaces(Places):
    """Directories of embedded engines."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def _engine(self, place: str, schema: str) -> Engine:
        return EmbeddedEngine(self._folder / place, schema)


def found(engine: Engine, text: str, **more: Any) -> list[str]:
    """Return the ids of the first page found."""
    return [hit.id for hit in engine.search(Query(text, **more)).hits]


def ids(engine: Engine) -> list[str]:
    """Return the ids of all documents, in order."""
    return sorted(id for _, id, _ in engine.documents())


def hold(engine: Engine, documents: Iterable[Document]) -> None:
    """Make these the only documents of an engine."""
    kept = list(documents)
    engine.apply(kept, set(ids(engine)) - {one.id for one in kept}, "e", engine.generation().seq + 1)
