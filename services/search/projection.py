"""What the follower writes into one index: changes made into documents, and what had to be refused.

Beside the feed's own records an index holds documents of two types of its own, which nobody finds: `refused` stands in
for a record that could not be indexed, and `made-with` tells which vocabularies the practices were labelled with.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
import structlog

from services.search import thesaurus
from services.search.document import document, kept
from services.search.engines.base import Document, Engine, EngineUnavailable, key_of, type_and_id
from services.search.facets import SEARCHABLE_TYPES
from services.search.labels import Names, Terms, fingerprint, terms_of

REFUSED = "refused"
MADE_WITH = "made-with"
_MADE_WITH_ID = "praxis:made-with"

log = structlog.get_logger("praxis.search")

Change = Mapping[str, Any]
Write = Callable[[Sequence[Document], Sequence[str], int], Mapping[str, str]]
"""Writes documents and deletes, the last of them the change of that number; returns what it refuses with the reason."""


class Projection:
    """One index being written.

    `terms` are the vocabularies that came through the feed, but for the thesaurus; `assumed` are used for labels as
    long as they did not come.
    `made_with` is the fingerprint of the vocabularies that the practices are labelled with, none without practices;
    `refused` maps a refused record's key to the reason. Every method blocks.
    """

    def __init__(self, write: Write, assumed: Terms | None = None) -> None:
        self._write = write
        self._assumed = dict(assumed or {})
        self.terms: dict[str, Mapping[str, Names]] = {}
        self.made_with: str | None = None
        self.refused: dict[str, str] = {}

    @classmethod
    def resume(cls, write: Write, engine: Engine) -> "Projection":
        """Return the projection that an index was written by, as far as the index tells."""
        resumed = cls(write)
        for stored in map(orjson.loads, engine.stored("vocabulary")):
            if stored["id"] != thesaurus.NAME:
                resumed.terms[stored["id"]] = terms_of(stored)
        for stored in map(orjson.loads, engine.stored(REFUSED)):
            resumed.refused[key_of(stored["of"], stored["id"])] = stored["reason"]
        for stored in map(orjson.loads, engine.stored(MADE_WITH)):
            resumed.made_with = stored["terms"]
        return resumed

    @property
    def stale(self) -> bool:
        """Tell whether practices carry labels of vocabularies that have changed since."""
        return self.made_with is not None and self.made_with != fingerprint(self.terms)

    def take(self, changes: Sequence[Change]) -> None:
        """Write changes, in order. A record that cannot be indexed is refused, and the others are written.

        Raise `EngineUnavailable`, `OSError` or `MemoryError` when the engine can take nothing now.
        """
        for change in changes:
            if change["type"] == "vocabulary":
                self._take_terms(change)
        own: list[Document] = []
        if self.made_with is None and any(change["type"] in SEARCHABLE_TYPES for change in changes):
            self.made_with = fingerprint({**self._assumed, **self.terms})
            own = [kept(MADE_WITH, _MADE_WITH_ID, 0, {"id": _MADE_WITH_ID, "terms": self.made_with})]
        self._bisect(changes, own)

    def _take_terms(self, change: Change) -> None:
        if change["id"] == thesaurus.NAME:
            return
        self.terms.pop(change["id"], None)
        self._assumed.pop(change["id"], None)
        if change["op"] != "upsert":
            return
        try:
            self.terms[change["id"]] = terms_of(change["record"])
        except (KeyError, TypeError, AttributeError):
            log.warning("vocabulary cannot be read", id=change["id"])

    def _bisect(self, changes: Sequence[Change], own: Sequence[Document] = ()) -> None:
        """Write changes, after documents of its own; when the engine fails, halve them down to what it fails on."""
        if not changes:
            return
        terms = {**self._assumed, **self.terms}
        documents = [self._document(change, terms) for change in changes if change["op"] == "upsert"]
        deletes = [_key(change) for change in changes if change["op"] != "upsert"]
        for key in deletes:
            self.refused.pop(key, None)
        try:
            refused = self._write([*own, *documents], deletes, changes[-1]["seq"])
        except (EngineUnavailable, OSError, MemoryError):
            raise
        except Exception as error:
            if len(changes) == 1:
                self._refuse(changes, {_key(changes[0]): repr(error)}, changes[0]["seq"], own)
                return
            middle = len(changes) // 2
            self._bisect(changes[:middle], own)
            self._bisect(changes[middle:])
            return
        self._refuse([change for change in changes if _key(change) in refused], refused, changes[-1]["seq"])

    def _document(self, change: Change, terms: Terms) -> Document:
        try:
            made = document(change["seq"], change["record"], terms)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            return self._refusal(change, f"it is not of the published shape: {error!r}")
        self.refused.pop(made.key, None)
        return made

    def _refuse(
        self, changes: Sequence[Change], reasons: Mapping[str, str], seq: int, own: Sequence[Document] = ()
    ) -> None:
        if changes:
            stand_ins = [self._refusal(change, reasons[_key(change)]) for change in changes]
            self._write([*own, *stand_ins], [], seq)

    def _refusal(self, change: Change, reason: str) -> Document:
        reason = reason[:500]
        log.warning("record refused", type=change["type"], id=change["id"], seq=change["seq"], reason=reason)
        self.refused[_key(change)] = reason
        told = {"id": change["id"], "of": change["type"], "reason": reason}
        return replace(kept(REFUSED, change["id"], change["seq"], told), stands_for=change["type"])


def records(documents: Iterable[tuple[str, int]]) -> Iterator[tuple[str, str, int]]:
    """Yield (type, id, seq) of the feed's records among an index's documents, the refused ones among them."""
    for key, seq in documents:
        type, id = type_and_id(key)
        if type != MADE_WITH:
            yield type, id, seq


def _key(change: Change) -> str:
    return key_of(change["type"], change["id"])
