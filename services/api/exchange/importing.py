"""Takes records from files into the base: checked one by one, stored some hundreds a transaction, known by external id.

Whatever stops an import, it is run again: records that are here already and unchanged are left alone.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import ValidationError
from sqlmodel import Session

from services.api.access.service import OPERATOR
from services.api.authorities import service as authorities
from services.api.changes import service as changes
from services.api.exchange.entries import Entry
from services.api.exchange.faults import faults_of, rejected
from services.api.exchange.schemas import ImportedPractice, Rejected
from services.api.exchange.shape import canonical, content
from services.api.kit.db import Database, lock
from services.api.practices import batches
from services.api.practices import service as practices
from services.api.practices.batches import Present
from services.api.practices.models import TIERS, Practice, PracticeRevision, Tier
from services.web.problems import Fault, PreconditionFailed

AT_ONCE = 500
"""Records in one transaction."""
_MOST_READ = 16 * 2**20
"""Bytes after which a transaction begins, however few records they hold."""

Outcome = str


@dataclass(frozen=True)
class Options:
    """How records are taken in."""

    publish: bool = False
    """Make them public; without it new ones wait for the secretariat."""
    tier: Tier = "network"
    """The tier in which those are published that name none."""
    dry_run: bool = False
    """Only tell what would be done."""


@dataclass
class _Item:
    """A record on its way, and what became of it."""

    entry: Entry
    record: ImportedPractice | None = None
    faults: list[Fault] = field(default_factory=list)
    outcome: Outcome = "rejected"

    @property
    def external_id(self) -> str | None:
        """The external id that it gives, right or wrong."""
        given = self.entry.data.get("external_id") if isinstance(self.entry.data, dict) else None
        return given[:200] if isinstance(given, str) else None


class Importer:
    """One run of an import."""

    def __init__(
        self,
        database: Database,
        options: Options,
        on_rejected: Callable[[Rejected], None] = lambda line: None,
        on_progress: Callable[[int], None] = lambda position: None,
    ) -> None:
        self._database = database
        self._options = options
        self._on_rejected = on_rejected
        self._on_progress = on_progress
        self._seen: dict[str, str] = {}
        self.done: Counter[Outcome] = Counter()

    def run(self, entries: Iterable[Entry]) -> Counter[Outcome]:
        """Take in all records; return how many were added, changed, left alone and rejected."""
        for batch in _batches(entries):
            items = [self._checked(entry) for entry in batch]
            with self._database.transaction(write=not self._options.dry_run) as session:
                self._settle(session, [item for item in items if item.record and not item.faults])
            for item in items:
                self.done[item.outcome] += 1
                if item.faults:
                    self._on_rejected(rejected(item.entry.place, item.external_id, item.faults))
            self._on_progress(batch[-1].position)
        return self.done

    def _checked(self, entry: Entry) -> _Item:
        item = _Item(entry, faults=list(entry.faults))
        if item.faults:
            return item
        try:
            item.record = ImportedPractice.model_validate(entry.data)
        except ValidationError as error:
            item.faults = faults_of(error)
        external_id = item.external_id
        if external_id is not None and (first := self._seen.setdefault(external_id, entry.place)) is not entry.place:
            message = f"given twice: {first} has it already"
            item.faults.append(Fault(location="record", field="external_id", message=message, value=external_id))
        return item

    def _settle(self, session: Session, items: list[_Item]) -> None:
        if not self._options.dry_run:
            lock(session, "praxis import")
            if self._options.publish:
                changes.hold(session)
        given = {item.record.external_id: item.record for item in items if item.record}
        here = batches.present(session, given.keys())
        found = authorities.find_all(session, batches.named(list(given.values())))
        new: dict[str, ImportedPractice] = {}
        for item in items:
            assert item.record is not None  # noqa: S101 - only checked ones are settled
            record = item.record
            known = here.get(record.external_id)
            item.faults += batches.faults(record, found)
            if known and record.owner and found.get(record.owner) and found[record.owner].slug != known.owner:
                item.faults.append(_moved(record.owner, known.owner))
            if item.faults:
                continue
            if known:
                item.outcome = self._again(session, known, record)
            else:
                new[record.external_id] = record
                item.outcome = "added"
        if new and not self._options.dry_run:
            tiers = {name: self._tier(record) for name, record in new.items()} if self._options.publish else None
            batches.create(session, OPERATOR, new, found, tiers)

    def _tier(self, record: ImportedPractice) -> Tier:
        return cast(Tier, record.tier) if record.tier else self._options.tier

    def _again(self, session: Session, known: Present, record: ImportedPractice) -> Outcome:
        """Bring a practice that is here already to what its record says; what people made of it is theirs."""
        practice, tier = known.practice, self._tier(record)
        same = _same(known.revision, record)
        if known.revision.created_by != OPERATOR.id:
            return "unchanged" if same else "edited here and kept"
        publish = self._options.publish and not _taken_back(practice)
        shown = practice.published_revision == practice.latest_revision
        lifted = known.tier is not None and TIERS.index(tier) > TIERS.index(known.tier)
        if same and not (publish and (lifted or not shown)):
            return "unchanged"
        outcome = "published" if same else "changed"
        if self._options.dry_run:
            return outcome
        try:
            if not same:
                practices.update(session, OPERATOR, practice, record, practice.version)
            if publish:
                practices.publish(session, OPERATOR, practice, practice.version, tier)
        except PreconditionFailed:
            return "edited here and kept"
        return outcome


def _taken_back(practice: Practice) -> bool:
    """Tell whether people took a practice out of public view, or closed it there."""
    public = practice.published_revision is not None
    return practice.archived_at is not None if public else practice.first_published_at is not None


def _moved(owner: str, present: str | None) -> Fault:
    message = f"the practice belongs to {present or 'no authority'} here; an import moves no practice to another"
    return Fault(location="record", field="owner", message=message, value=owner)


def _same(latest: PracticeRevision, record: ImportedPractice) -> bool:
    written = record.model_dump(mode="json")
    if canonical(written["content"], content()) != canonical(latest.content, content()):
        return False
    if record.translations is None:
        return True
    given = {language: fields for language, fields in written["translations"].items() if fields}
    return _without_outdated(given, latest.translations) == _without_outdated(latest.translations, given)


def _without_outdated(translations: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return translations with those marked outdated that are so on either side and have the same text."""
    return {
        language: {
            path: one | {"status": "outdated"} if _outdated(one, other.get(language, {}).get(path)) else one
            for path, one in fields.items()
        }
        for language, fields in translations.items()
    }


def _outdated(one: dict[str, Any], other: dict[str, Any] | None) -> bool:
    return other is not None and one["text"] == other["text"] and "outdated" in (one["status"], other["status"])


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    began = 0
    for entry in entries:
        batch.append(entry)
        if len(batch) >= AT_ONCE or entry.position - began >= _MOST_READ:
            began = entry.position
            yield batch
            batch = []
    if batch:
        yield batch
