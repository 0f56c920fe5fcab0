"""Documents for the tests of the engines, and engines of each kind on places of their own."""

import itertools
import json
import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from services.search.engines.base import Document, Engine, Part, Query, Text, type_and_id
from services.search.engines.embedded.engine import EmbeddedEngine
from services.search.engines.meilisearch import keys as meilisearch_keys
from services.search.engines.meilisearch.engine import MeilisearchEngine
from services.search.words import clean
from tests.harness.meili import Meili

KINDS = ("embedded", "meilisearch")


def document(
    id: str,
    title: str = "",
    *,
    texts: tuple[tuple[Part, str, str] | tuple[Part, str, str, str], ...] = (),
    language: str = "en",
    titles: Mapping[str, str] | None = None,
    summaries: Mapping[str, str] | None = None,
    **fields: Any,
) -> Document:
    """Return a document whose titles and summaries are searchable too, besides its other texts.

    These are given as (part, language, text), and the place in the record where that matters.
    """
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
        "texts": tuple(heads + [Text(*text) for text in texts]),
    }
    return Document(id=id, **(values | fields))


class Places(ABC):
    """Opens engines of one kind: each on a place that was never used, or on one that was, to go on there."""

    @abstractmethod
    def new(self) -> str:
        """Return a place that was never used."""

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
    def settings(self) -> AbstractContextManager[Mapping[str, Any]]:
        """Give what a search service needs to be told to keep its index on a new place."""

    @abstractmethod
    def _engine(self, place: str, schema: str) -> Engine: ...


class EmbeddedPlaces(Places):
    """Directories of embedded engines."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()

    def new(self) -> str:
        return f"index-{next(self._numbers)}"

    def settings(self) -> AbstractContextManager[Mapping[str, Any]]:
        return nullcontext({"index_dir": self._folder / self.new()})

    def _engine(self, place: str, schema: str) -> Engine:
        return EmbeddedEngine(self._folder / place, schema)


class MeilisearchPlaces(Places):
    """Indexes of a Meilisearch server."""

    def __init__(self, meili: Meili) -> None:
        self._meili = meili

    def new(self) -> str:
        return self._meili.index()

    @contextmanager
    def settings(self) -> Iterator[Mapping[str, Any]]:
        index = f"test{secrets.token_hex(5)}"
        keys = meilisearch_keys.create(self._meili.url, self._meili.master_key, index)
        named = {f"meili_{name}_key": getattr(keys, name) for name in ("search", "write", "tasks")}
        try:
            yield {"engine": "meilisearch", "meili_url": self._meili.url, "meili_index": index, **named}
        finally:
            self._meili.drop(index)

    def _engine(self, place: str, schema: str) -> Engine:
        return MeilisearchEngine(self._meili.url, place, self._meili.keys, schema)


def found(engine: Engine, text: str, **more: Any) -> list[str]:
    """Return the ids of the first page found."""
    return [hit.id for hit in engine.search(Query(text, **more)).hits]


def keys(engine: Engine) -> set[str]:
    """Return the keys of all documents."""
    return {key for key, _ in engine.documents()}


def ids(engine: Engine) -> list[str]:
    """Return the ids of all documents, in order."""
    return sorted(type_and_id(key)[1] for key in keys(engine))


def hold(engine: Engine, documents: Iterable[Document]) -> None:
    """Make these the only documents of an engine."""
    kept = list(documents)
    engine.apply(kept, keys(engine) - {one.key for one in kept}, "e", engine.generation().seq + 1)
