"""Changes made into what a Meilisearch server is sent."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

import orjson

from services.search.engines.base import Document, type_and_id
from services.search.engines.meilisearch import schema as fields

LARGEST_PAYLOAD = 20_000_000
"""Bytes sent at once."""


class Batch:
    """Changes as they are sent: deleted records first, as what stands in for them, each record once.

    `refused` maps the keys of documents that no index could hold to the reason; they are deleted. `types` are those of
    all changes.
    """

    def __init__(self, documents: Iterable[Document], deletes: Iterable[str]) -> None:
        self.refused: dict[str, str] = {}
        self.types: set[str] = set()
        self._laid: dict[str, bytes] = {}
        self._removed: set[str] = set()
        for key in deletes:
            self._remove(key)
        for document in documents:
            self._add(document)

    def _add(self, document: Document) -> None:
        self.refused.pop(document.key, None)
        try:
            laid = fields.lay_out(document)
            written = orjson.dumps(laid)
            if len(written) > LARGEST_PAYLOAD:
                raise ValueError(f"it has {len(written)} bytes, more than the {LARGEST_PAYLOAD} that are sent at once")
        except (ValueError, TypeError, OverflowError) as error:
            self.refused[document.key] = str(error)
            self._remove(document.key)
            return
        self.types |= {document.type, type_and_id(document.key)[0]}
        self._laid[laid[fields.KEY]] = written
        self._removed.discard(laid[fields.KEY])

    def _remove(self, key: str) -> None:
        self.types.add(type_and_id(key)[0])
        with suppress(ValueError):  # what has no name in the index is not there
            stone = fields.tombstone(key)
            self._laid[stone[fields.KEY]] = orjson.dumps(stone)
            self._removed.add(stone[fields.KEY])

    @property
    def removes(self) -> bool:
        """Tell whether anything is deleted."""
        return bool(self._removed)

    @property
    def changes(self) -> Iterable[bytes]:
        """Return the changes as they are sent."""
        return self._laid.values()

    def parts(self) -> list[list[bytes]]:
        """Return the changes in parts that may be sent at once; one at least, which may be empty."""
        return list(parted(self.changes)) or [[]]


def parted(objects: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield JSON objects, each small enough, in parts that may be sent at once; the last may be filled further."""
    part: list[bytes] = []
    room = LARGEST_PAYLOAD
    for one in objects:
        if len(one) > room and part:
            yield part
            part, room = [], LARGEST_PAYLOAD
        part.append(one)
        room -= len(one)
    if part:
        yield part


def array(objects: Iterable[bytes]) -> bytes:
    """Return JSON objects as one array."""
    return b"[" + b",".join(objects) + b"]"
