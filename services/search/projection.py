"""What the follower writes into one index: changes made into documents, and what had to be refused.

Beside the feed's own records an index holds documents of two types of its own, which nobody finds: `refused` stands in
for a record that could not be indexed, and `made-with` tells which vocabularies and forms the records were read with.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import orjson
import structlog

from services.search import forms, thesaurus
from services.search.document import Plans, document, kept, plan
from services.search.engines.base import Document, Engine, EngineUnavailable, key_of, type_and_id
from services.search.forms import FORM, Tree
from services.search.labels import fingerprint, terms_of
from services.search.naming import Names
from services.search.types import TYPES

REFUSED = "refused"
MADE_WITH = "made-with"
_MADE_WITH_ID = "praxis:made-with"

log = structlog.get_logger("praxis.search")

Change = Mapping[str, Any]
Write = Callable[[Sequence[Document], Sequence[str], int], Mapping[str, str]]
"""Writes documents and deletes, the last of them the change of that number; returns what it refuses with the reason."""


@dataclass
class Told:
    """What the feed tells of how records are read: its vocabularies but for the thesaurus, and its forms.

    `terms` are by name of the vocabulary, `trees` by type, of one form after the other.
    """

    terms: dict[str, Mapping[str, Names]] = field(default_factory=dict)
    trees: dict[str, Mapping[str, Tree]] = field(default_factory=dict)

    def over(self, assumed: "Told") -> "Told":
        """Return this with what is assumed where nothing is told."""
        return Told({**assumed.terms, **self.terms}, {**assumed.trees, **self.trees})

    @cached_property
    def plans(self) -> Plans:
        """Return what is text in records of each type; known once nothing changes any more."""
        told = {name: tree for trees in self.trees.values() for name, tree in trees.items()}
        return {name: plan(name, told.get(name)) for name in TYPES}

    @property
    def fingerprint(self) -> str:
        """Return what two share only when records are read alike with them."""
        return fingerprint(self.terms, self.trees)

    def forget(self, type: str, id: str) -> None:
        """Take out a vocabulary or a form."""
        (self.trees if type == FORM else self.terms).pop(id, None)


class Projection:
    """One index being written.

    `told` is what came through the feed, `assumed` is used as long as it did not come.
    `made_with` is the fingerprint of what the records are read with, none without records; `refused` maps a refused
    record's key to the reason. Every method blocks.
    """

    def __init__(self, write: Write, assumed: Told | None = None) -> None:
        self._write = write
        self._assumed = Told().over(assumed or Told())
        self.told = Told()
        self.made_with: str | None = None
        self.refused: dict[str, str] = {}

    @classmethod
    def resume(cls, write: Write, engine: Engine) -> "Projection":
        """Return the projection that an index was written by, as far as the index tells."""
        resumed = cls(write)
        for stored in map(orjson.loads, engine.stored("vocabulary")):
            if stored["id"] != thesaurus.NAME:
                resumed.told.terms[stored["id"]] = terms_of(stored)
        for stored in map(orjson.loads, engine.stored(FORM)):
            resumed.told.trees[stored["id"]] = stored["trees"]
        for stored in map(orjson.loads, engine.stored(REFUSED)):
            resumed.refused[key_of(stored["of"], stored["id"])] = stored["reason"]
        for stored in map(orjson.loads, engine.stored(MADE_WITH)):
            resumed.made_with = stored["with"]
        return resumed

    @property
    def stale(self) -> bool:
        """Tell whether records were read with vocabularies or forms that have changed since."""
        return self.made_with is not None and self.made_with != self.told.fingerprint

    def take(self, changes: Sequence[Change]) -> None:
        """Write changes, in order. A record that cannot be indexed is refused, and the others are written.

        Raise `EngineUnavailable`, `OSError` or `MemoryError` when the engine can take nothing now.
        """
        for change in changes:
            if change["type"] in ("vocabulary", FORM):
                self._hear(change)
        self._read_with = self.told.over(self._assumed)
        own: list[Document] = []
        if self.made_with is None and any(change["type"] in TYPES and change["type"] != FORM for change in changes):
            self.made_with = self._read_with.fingerprint
            own = [kept(MADE_WITH, _MADE_WITH_ID, 0, {"id": _MADE_WITH_ID, "with": self.made_with})]
        self._bisect(changes, own)

    def _hear(self, change: Change) -> None:
        type, id = change["type"], change["id"]
        if type != FORM and id == thesaurus.NAME:
            return
        self.told.forget(type, id)
        self._assumed.forget(type, id)
        if change["op"] != "upsert":
            return
        try:
            document(change["seq"], change["record"], {})  # nothing counts as told that is refused
            if type == FORM:
                self.told.trees[id] = forms.trees(change["record"])
            else:
                self.told.terms[id] = terms_of(change["record"])
        except (KeyError, TypeError, AttributeError):
            log.warning(f"{type} cannot be read", id=id)

    def _bisect(self, changes: Sequence[Change], own: Sequence[Document] = ()) -> None:
        """Write changes, after documents of its own; when the engine fails, halve them down to what it fails on."""
        if not changes:
            return
        documents = [self._document(change) for change in changes if change["op"] == "upsert"]
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

    def _document(self, change: Change) -> Document:
        try:
            made = document(change["seq"], change["record"], self._read_with.terms, self._read_with.plans)
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
