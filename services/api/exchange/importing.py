"""Takes records from files into the base: checked one by one, stored some hundreds a transaction, known by their names.

Whatever stops an import, it is run again: records that are here already and unchanged are left alone.
"""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import groupby
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session

from services.api.authorities.schemas import AuthorityCreate
from services.api.changes import service as changes
from services.api.exchange import incoming_authorities, incoming_records, incoming_thesaurus
from services.api.exchange.entries import Entry
from services.api.exchange.faults import rejected
from services.api.exchange.items import Item, Options
from services.api.exchange.schemas import Outcome, Rejected, imported
from services.api.exchange.sources import AUTHORITIES, THESAURUS, by_plural
from services.api.exchange.table import Row
from services.api.kit.db import Database, lock
from services.api.thesaurus.schemas import ConceptCreate

AT_ONCE = 500
"""Records in one transaction."""
_MOST_READ = 16 * 2**20
"""How much of a source is read before a transaction begins, however few records it holds."""


class Importer:
    """One run of an import."""

    def __init__(
        self,
        database: Database,
        options: Options,
        on_rejected: Callable[[Rejected], None] = lambda line: None,
        on_progress: Callable[[int], None] = lambda position: None,
        at_once: int = AT_ONCE,
    ) -> None:
        self._database = database
        self._options = options
        self._on_rejected = on_rejected
        self._on_progress = on_progress
        self._at_once = at_once
        self._seen: dict[tuple[str, str], str] = {}
        self._promised: set[str] = set()
        self._types = by_plural()
        self.done: Counter[Outcome] = Counter()

    def run(self, entries: Iterable[Entry]) -> Counter[Outcome]:
        """Take in all records; return how many were added, changed, left alone and rejected."""
        checked = ([self._item(entry) for entry in batch] for batch in _batches(entries, self._at_once))
        with _collecting_between():
            if self._options.whole:
                self._store(list(checked))
            else:
                since = 0
                for batch in checked:
                    self._store([batch])
                    since += len(batch)
                    if since >= AT_ONCE:
                        since = 0
                        gc.collect()
        return self.done

    def _store(self, batches: list[list[Item[Any]]]) -> None:
        """Store batches in one transaction; where it is all or nothing, a fault in one of them stores none."""
        items = [item for batch in batches for item in batch]
        options, whole = self._options, self._options.whole
        if whole and any(item.faults for item in items):
            options = replace(options, dry_run=True)
        with suppress(_NothingStored), self._database.transaction(write=not options.dry_run) as session:
            if not options.dry_run:
                lock(session, "praxis import")
                if options.publish:
                    changes.hold(session)
            for batch in batches:
                self._settle(session, [item for item in batch if not item.faults], options)
                self._on_progress(batch[-1].entry.position)
            if whole and not options.dry_run and any(item.faults for item in items):
                raise _NothingStored
        refused = [item for item in items if item.faults]
        self.done.update(item.outcome for item in (refused if whole and refused else items))
        for item in refused:
            type = self._types.get(item.entry.kind)
            self._on_rejected(rejected(item.entry.place, item.name, item.faults, type.form if type else None))

    def _settle(self, session: Session, items: list[Item[Any]], options: Options) -> None:
        if items and items[0].entry.kind == AUTHORITIES:
            incoming_authorities.settle(session, items, options, self._promised)
        elif items and items[0].entry.kind == THESAURUS:
            incoming_thesaurus.settle(session, items, options)
        elif items:
            incoming_records.settle(session, self._types[items[0].entry.kind], items, options, self._promised)

    def _item(self, entry: Entry) -> Item[Any]:
        model, key = self._model(entry.kind)
        given = entry.data.get(key) if isinstance(entry.data, dict | Row) else None
        item: Item[Any] = Item(entry, given.strip()[:200] if isinstance(given, str) else None)
        item.faults += entry.faults
        if item.faults:
            return item
        if not isinstance(entry.data, Row):
            item.check(model, entry.data)
        if item.name is not None:
            first = self._seen.setdefault((entry.kind, item.name), entry.place)
            if first is not entry.place:
                item.reject(key, f"given twice: {first} has it already", item.name)
        return item

    def _model(self, kind: str) -> tuple[type[BaseModel], str]:
        """Return what checks an entry of a kind, and the field by which it is known."""
        if kind == AUTHORITIES:
            return AuthorityCreate, "slug"
        return (ConceptCreate, "code") if kind == THESAURUS else (imported(self._types[kind]), "external_id")


@contextmanager
def _collecting_between() -> Iterator[None]:
    """Keep Python from looking for garbage within a batch, whose many objects all live: it took half the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class _NothingStored(Exception):
    """Rolls back what was stored before a fault was found."""


def _batches(entries: Iterable[Entry], at_once: int) -> Iterator[list[Entry]]:
    """Yield records together that go into one transaction; those that refer to each other all at once."""
    for kind, group in groupby(entries, lambda entry: entry.kind):
        batch: list[Entry] = []
        for entry in group:
            batch.append(entry)
            full = len(batch) >= at_once or entry.position - batch[0].position >= _MOST_READ
            if full and kind not in (AUTHORITIES, THESAURUS):
                yield batch
                batch = []
        if batch:
            yield batch
