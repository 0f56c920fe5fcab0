"""Practices from a file: new ones are added many at once, changed ones become revisions, and people have precedence."""

from collections.abc import Collection, Sequence
from typing import Any, cast

from sqlmodel import Session

from services.api.access.service import OPERATOR
from services.api.authorities import service as authorities
from services.api.exchange import exporting
from services.api.exchange.items import Item, Options
from services.api.exchange.schemas import ImportedPractice, Outcome
from services.api.exchange.shape import canonical, content
from services.api.exchange.table import Row
from services.api.records import batches
from services.api.records import service as practices
from services.api.records.batches import Present
from services.api.records.models import TIERS, Practice, PracticeRevision, Tier
from services.web.problems import Fault, PreconditionFailed

Json = dict[str, Any]


def settle(
    session: Session, items: Sequence[Item[ImportedPractice]], options: Options, promised: Collection[str]
) -> None:
    """Store what is new or changed, or only tell what would be; `promised` are authorities that would be here."""
    here = batches.present(session, [item.name for item in items if item.name])
    for item in items:
        if isinstance(item.entry.data, Row):
            _merge(session, item, item.entry.data, here.get(item.name or ""), options)
    items = [item for item in items if not item.faults]
    found = authorities.find_all(session, batches.named([item.checked for item in items]))
    new: dict[str, ImportedPractice] = {}
    for item in items:
        record, known = item.checked, here.get(item.checked.external_id)
        item.faults += batches.faults(record, found.keys() | promised)
        owner = found.get(record.owner) if record.owner else None
        if known and owner and owner.slug != known.owner:
            message = f"the practice belongs to {known.owner or 'no authority'} here; an import does not move it"
            item.reject("owner", message, record.owner)
        if item.faults:
            continue
        if known:
            item.outcome = _again(session, known, record, options)
        else:
            new[record.external_id] = record
            item.outcome = "added"
    if new and not options.dry_run:
        tiers = {name: _tier(record, options) for name, record in new.items()} if options.publish else None
        batches.create(session, options.caller, new, found, tiers)


def _merge(session: Session, item: Item[ImportedPractice], row: Row, known: Present | None, options: Options) -> None:
    """Check what a row makes of a practice that is here, or of none."""
    data, gaps = row.onto(exporting.record(known) if known else None)
    item.faults += gaps
    if gaps:
        return
    if known and not row.speaks_of("tier") and (tier := known.tier or practices.public_tier(session, known.practice)):
        data["tier"] = max(tier, options.tier, key=TIERS.index)
    missing = item.check(ImportedPractice, data)
    if missing and known is None and item.name:
        message = "there is no record of this name here, and a new one needs all required answers"
        item.faults.insert(0, Fault(location="record", field="external_id", message=message, value=item.name))


def _again(session: Session, known: Present, record: ImportedPractice, options: Options) -> Outcome:
    """Bring a practice that is here already to what its record says; what people made of it is theirs."""
    practice, tier = known.practice, _tier(record, options)
    same = _same(known.revision, record)
    if known.revision.created_by != OPERATOR.id:
        return "unchanged" if same else "edited here and kept"
    publish = options.publish and not _taken_back(practice)
    shown = practice.published_revision == practice.latest_revision
    lifted = known.tier is not None and TIERS.index(tier) > TIERS.index(known.tier)
    if same and not (publish and (lifted or not shown)):
        return "unchanged"
    if not options.dry_run:
        try:
            if not same:
                practices.update(session, options.caller, practice, record, practice.version, imported=True)
            if publish:
                practices.publish(session, options.caller, practice, practice.version, tier)
        except PreconditionFailed:
            return "edited here and kept"
    return "published" if same else "changed"


def _tier(record: ImportedPractice, options: Options) -> Tier:
    return cast(Tier, record.tier) if record.tier else options.tier


def _taken_back(practice: Practice) -> bool:
    """Tell whether people took a practice out of public view, or closed it there."""
    if practice.published_revision is None:
        return practice.first_published_at is not None
    return practice.archived_at is not None


def _same(latest: PracticeRevision, record: ImportedPractice) -> bool:
    written = record.model_dump(mode="json", include={"content", "translations"})
    if canonical(written["content"], content()) != canonical(latest.content, content()):
        return False
    if record.translations is None:
        return True
    given = {language: fields for language, fields in written["translations"].items() if fields}
    return _as_outdated(given, latest.translations) == latest.translations


def _as_outdated(given: Json, here: Json) -> Json:
    """Return translations, outdated where they are so here and have the same text: the file did not bring them up."""
    return {
        language: {path: _mark(one, here.get(language, {}).get(path)) for path, one in fields.items()}
        for language, fields in given.items()
    }


def _mark(one: Json, here: Json | None) -> Json:
    outdated = here is not None and here["text"] == one["text"] and here["status"] == "outdated"
    return one | {"status": "outdated"} if outdated else one
