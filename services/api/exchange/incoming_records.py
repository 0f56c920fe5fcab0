"""Records of a type from a file: new ones are added many at once, changed ones become revisions, people come first."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlmodel import Session

from services.api.access.service import OPERATOR
from services.api.exchange import exporting
from services.api.exchange.items import Item, Options
from services.api.exchange.merging import merged
from services.api.exchange.schemas import ImportedRecord, Outcome, imported
from services.api.exchange.table import Row
from services.api.forms.shape import canonical
from services.api.forms.types import RecordType, Tier
from services.api.records import batches, revisions
from services.api.records import service as records
from services.api.records.batches import Present
from services.api.records.models import Record
from services.api.records.names import AUTHORITY
from services.web.problems import Fault, PreconditionFailed

Json = dict[str, Any]


Incoming = Item[ImportedRecord]


def settle(
    session: Session, type: RecordType, items: Sequence[Incoming], options: Options, promised: Collection[str]
) -> None:
    """Store what is new or changed, or only tell what would be; `promised` are authorities that would be here."""
    here = batches.present(session, type, [item.name for item in items if item.name])
    for item in items:
        if isinstance(item.entry.data, Row):
            _merge(session, type, item, item.entry.data, here.get(item.name or ""), options)
    items = [item for item in items if not item.faults]
    names = batches.look_up(session, type, [item.checked for item in items])
    together = batches.promised(type, {item.checked.external_id: item.checked for item in items})
    together |= {(AUTHORITY, name) for name in promised}
    new: dict[str, ImportedRecord] = {}
    for item in items:
        record, known = item.checked, here.get(item.checked.external_id)
        item.faults += batches.faults(type, record, names, together)
        owner = names.target((AUTHORITY, record.owner)) if record.owner else None
        if known and owner and owner.slug != known.owner:
            message = f"the {type.label} belongs to {known.owner or 'no authority'} here; an import does not move it"
            item.reject("owner", message, record.owner)
        tier = record.tier or options.tier
        if tier not in type.tiers and (record.tier or options.publish):
            item.reject("tier", f"a {type.label} is not judged that far", tier, [*type.tiers])
        if item.faults:
            continue
        if known:
            item.outcome = _again(session, type, known, record, tier, options)
        else:
            new[record.external_id] = record
            item.outcome = "added"
    if new and not options.dry_run:
        tiers = {name: record.tier or options.tier for name, record in new.items()} if options.publish else None
        batches.create(session, options.caller, type, new, names, tiers)


def _merge(
    session: Session, type: RecordType, item: Incoming, row: Row, known: Present | None, options: Options
) -> None:
    """Check what a row makes of a record that is here, or of none."""
    data, gaps = merged(row, exporting.record(type, known) if known else None)
    item.faults += gaps
    if gaps:
        return
    if known and not row.speaks_of("tier") and (tier := known.tier or records.public_tier(session, known.record)):
        data["tier"] = max(tier, options.tier, key=type.tiers.index)
    missing = item.check(imported(type), data)
    if missing and known is None and item.name:
        message = "there is no record of this name here, and a new one needs all required answers"
        item.faults.insert(0, Fault(location="record", field="external_id", message=message, value=item.name))


def _again(
    session: Session, type: RecordType, known: Present, given: ImportedRecord, tier: Tier, options: Options
) -> Outcome:
    """Bring a record that is here already to what a file says of it; what people made of it is theirs."""
    record, tiers = known.record, type.tiers
    same = _same(type, known, given)
    if known.revision.created_by != OPERATOR.id:
        return "unchanged" if same else "edited here and kept"
    publish = options.publish and not _taken_back(record)
    shown = record.published_revision == record.latest_revision
    lifted = known.tier is not None and tiers.index(tier) > tiers.index(known.tier)
    if same and not (publish and (lifted or not shown)):
        return "unchanged"
    if revisions.latest_taken_out(session, record):
        return "edited here and kept"
    if not options.dry_run:
        try:
            if not same:
                records.update(session, options.caller, record, given, record.version, imported=True)
            if publish:
                records.publish(session, options.caller, record, record.version, tier)
        except PreconditionFailed:
            return "edited here and kept"
    return "published" if same else "changed"


def _taken_back(record: Record) -> bool:
    """Tell whether people took a record out of public view, or closed it there."""
    if record.published_revision is None:
        return record.first_published_at is not None
    return record.archived_at is not None


def _same(type: RecordType, known: Present, given: ImportedRecord) -> bool:
    latest, shape = known.revision, type.form.shape
    written = given.model_dump(mode="json", include={"content", "translations"})
    if canonical(written["content"], shape) != canonical(latest.content, shape):
        return False
    if given.translations is None:
        return True
    brought = {language: fields for language, fields in written["translations"].items() if fields}
    return _as_outdated(brought, latest.translations) == latest.translations


def _as_outdated(given: Json, here: Json) -> Json:
    """Return translations, outdated where they are so here and have the same text: the file did not bring them up."""
    return {
        language: {path: _mark(one, here.get(language, {}).get(path)) for path, one in fields.items()}
        for language, fields in given.items()
    }


def _mark(one: Json, here: Json | None) -> Json:
    outdated = here is not None and here["text"] == one["text"] and here["status"] == "outdated"
    return one | {"status": "outdated"} if outdated else one
