"""Records: who may see them, how revisions follow each other, and what becomes public.

Only the secretariat writes here; what it is offered by authorities comes through a room above this one.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid4

from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import OPERATOR, Caller
from services.api.authorities import service as authorities
from services.api.changes import service as changes
from services.api.forms.paths import text_at
from services.api.forms.types import RecordType, Tier
from services.api.kit.moments import now
from services.api.kit.paging import Position
from services.api.kit.preconditions import stale
from services.api.records import names, naming, own_words, parties, publishing, rendering, repository
from services.api.records.models import (
    Listed,
    Record,
    RecordPublication,
    RecordRevision,
    RecordSlug,
    RecordWithdrawal,
)
from services.api.records.names import AUTHORITY
from services.api.records.repository import View
from services.api.records.schemas import RecordCreate, RecordWrite
from services.api.types import TYPES
from services.web.problems import Conflict, Fault, Forbidden, Invalid, NotFound

Json = dict[str, Any]
Revision = tuple[RecordRevision, RecordPublication | None]


def view(session: Session, type: RecordType, id_or_slug: str, caller: Caller | None) -> View:
    """Return a record as the caller sees it, by id or any slug it ever had; raise `NotFound` for one it does not."""
    try:
        found = repository.view(session, type, UUID(id_or_slug), caller)
    except ValueError:
        found = repository.view_by_slug(session, type, id_or_slug, caller)
    if found is None:
        raise NotFound(f"There is no {type.label} '{id_or_slug[:120]}'")
    return found


def edited(session: Session, type: RecordType, id_or_slug: str, caller: Caller) -> Record:
    """Return a record whose drafts the caller sees; raise `NotFound`, or `Forbidden` when it sees what is public."""
    seen = view(session, type, id_or_slug, caller)
    if not seen.drafts:
        raise Forbidden(f"The {type.label} belongs to another authority")
    return seen.record


def find(session: Session, type: RecordType, id_or_slug: str, caller: Caller | None) -> Record:
    """Return a record that the caller sees, by id or any slug it ever had; raise `NotFound`."""
    return view(session, type, id_or_slug, caller).record


def get(session: Session, id: UUID) -> Record:
    """Return a record that must be there, whoever asks."""
    found = repository.get(session, id)
    if found is None:
        raise KeyError(id)
    return found


def several(session: Session, ids: Collection[UUID]) -> dict[UUID, Record]:
    """Return records, whoever asks, by id; those that are not there are left out."""
    return {found.id: found for found in repository.several(session, ids)}


def page(
    session: Session,
    type: RecordType,
    caller: Caller | None,
    status: Listed | None,
    owner: str | None,
    after: Position[datetime] | None,
    limit: int,
) -> Sequence[tuple[Record, RecordRevision, str | None]]:
    """Return up to `limit + 1` records that the caller may see, the newest first.

    Each comes with the revision to show and the tier of the published one. Raise `NotFound` for an unknown owner.
    """
    owner_id = authorities.find(session, owner).id if owner else None
    return repository.page(session, type, caller, status, owner_id, after, limit)


def new_rows(
    type: RecordType, body: RecordCreate, external_id: str | None, by: str, moment: datetime
) -> tuple[Record, RecordRevision]:
    """Return the rows of a new record and its first revision."""
    record = Record(
        id=uuid4() if external_id is None else type.id_of(external_id),
        type=type.name,
        external_id=external_id,
        created_at=moment,
        updated_at=moment,
    )
    written = body.model_dump(mode="json")
    revision = RecordRevision(
        record_id=record.id,
        number=1,
        content=type.form.keyed(written["content"]),
        translations={language: fields for language, fields in (written["translations"] or {}).items() if fields},
        created_at=moment,
        created_by=by,
    )
    return record, revision


def create(
    session: Session, caller: Caller, type: RecordType, body: RecordCreate, external_id: str | None = None
) -> Record:
    """Add a record as a draft with its first revision; raise `Conflict` when the external id is taken."""
    names.require(session, type, body.content)
    if external_id is not None and repository.by_external_id(session, type.name, external_id):
        raise Conflict(f"There is a {type.label} with the external id '{external_id}' already")
    owner_id = _owner(session, body.owner)
    moment = now()
    record, revision = new_rows(type, body, external_id, caller.id, moment)
    repository.add_all(session, [record], [revision])
    repository.add_parties(
        session, [*parties.owner_rows(record.id, owner_id), *parties.party_rows(session, type, revision)]
    )
    access.audit(session, caller, f"{type.name}.create", type.name, str(record.id), at=moment)
    return record


def update(
    session: Session, caller: Caller, record: Record, body: RecordWrite, version: int, *, imported: bool = False
) -> Record:
    """Add a revision; the published one stays public until this one is published.

    One that is `imported` counts as the operator's, whoever brought it: so the next import tells it from people's work.
    """
    type = TYPES[record.type]
    names.require(session, type, body.content)
    written = body.model_dump(mode="json")
    moment = now()
    claim(session, record, version, updated_at=moment)
    before = latest(session, record)
    number = record.latest_revision = before.number + 1
    content = type.form.keyed(written["content"], before.content)
    revision = RecordRevision(
        record_id=record.id,
        number=number,
        content=content,
        translations=rendering.carried_over(before, content, written["translations"]),
        created_at=moment,
        created_by=OPERATOR.id if imported else caller.id,
    )
    repository.add(session, revision)
    if type.parties:
        repository.set_parties(session, [record.id], list(parties.party_rows(session, type, revision)))
    access.audit(session, caller, f"{type.name}.update", type.name, str(record.id), {"revision": number}, moment)
    return record


def publish(
    session: Session,
    caller: Caller,
    record: Record,
    version: int,
    tier: Tier = "network",
    statements: Sequence[Mapping[str, str]] = (),
) -> Record:
    """Make the latest revision public; the first time, the record gets its slug. An archived one is taken up again.

    A revision that was public before keeps the higher tier; `statements` are what a peer stated of it. Whoever updates
    and publishes in one transaction holds the change feed before both.
    """
    changes.hold(session)
    type = TYPES[record.type]
    moment = now()
    claim(session, record, version, updated_at=moment, archived_at=None, archived_because=None)
    revision = latest(session, record)
    publication = repository.publication(session, record.id, revision.number)
    if publication is not None and revision.number in withdrawn(session, record):
        raise Conflict(f"Revision {revision.number} was withdrawn: save another one to publish")
    own_words.require(session, record, revision)
    known = record.first_published_at is not None  # else nobody names it
    moved = known and record.published_revision != revision.number
    record.published_revision = revision.number
    record.first_published_at = record.first_published_at or moment
    if record.slug is None:
        (slug,) = naming.name_all(session, type, [record], [text_at(revision.content, type.title) or ""])
        repository.add(session, RecordSlug(type=type.name, slug=slug, record_id=record.id))
    if publication is None:
        publication = RecordPublication(record_id=record.id, number=revision.number, at=moment, tier=tier)
    elif type.tiers.index(tier) > type.tiers.index(cast(Tier, publication.tier)):
        publication.tier = tier
    publication.statements = [dict(one) for one in statements] or publication.statements
    repository.add(session, publication)
    detail = {"revision": revision.number, "tier": tier}
    access.audit(session, caller, f"{type.name}.publish", type.name, str(record.id), detail, moment)
    publishing.show(session, [(record, revision, publication)], moved=moved, check=True)
    return record


def archive(session: Session, caller: Caller, record: Record, version: int, reason: str) -> Record:
    """Mark a public record as no longer kept up; raise `Conflict` when it is not public, or archived already."""
    changes.hold(session)
    require_public(record)
    if record.archived_at is not None:
        raise Conflict(f"The {TYPES[record.type].label} is archived already")
    moment = now()
    claim(session, record, version, updated_at=moment, archived_at=moment, archived_because=reason)
    access.audit(session, caller, f"{record.type}.archive", record.type, str(record.id), {"reason": reason}, moment)
    show(session, [record])
    return record


def reopen(session: Session, caller: Caller, record: Record, version: int, reason: str) -> Record:
    """Take up an archived record again; raise `Conflict` when it is not archived."""
    changes.hold(session)
    if record.archived_at is None:
        raise Conflict(f"The {TYPES[record.type].label} is not archived")
    moment = now()
    claim(session, record, version, updated_at=moment, archived_at=None, archived_because=None)
    access.audit(session, caller, f"{record.type}.reopen", record.type, str(record.id), {"reason": reason}, moment)
    show(session, [record])
    return record


def unpublish(session: Session, caller: Caller, record: Record, version: int) -> Record:
    """Take a record out of public view; raise `Conflict` when it is not public."""
    changes.hold(session)
    require_public(record)
    values = {"published_revision": None, "archived_at": None, "archived_because": None, "updated_at": now()}
    claim(session, record, version, **values)
    access.audit(session, caller, f"{record.type}.unpublish", record.type, str(record.id))
    publishing.hide(session, record)
    return record


def rename(session: Session, caller: Caller, record: Record, version: int, slug: str) -> Record:
    """Give a record that was published another slug; earlier ones go on leading to it."""
    changes.hold(session)
    if record.slug is None:
        raise Conflict(f"The {TYPES[record.type].label} gets its first slug when it is published")
    holder = repository.id_of_slug(session, record.type, slug)
    if holder not in (None, record.id):
        raise Conflict(f"The slug '{slug}' is taken")
    claim(session, record, version, slug=slug, updated_at=now())
    if holder is None:
        repository.add(session, RecordSlug(type=record.type, slug=slug, record_id=record.id))
    access.audit(session, caller, f"{record.type}.rename", record.type, str(record.id), {"slug": slug})
    if record.published_revision is not None:
        show(session, [record])
    return record


def show(session: Session, records: Iterable[Record], *, moved: bool = False) -> None:
    """Render public records anew, after something that they show has changed, or (`moved`) their public revision."""
    publishing.show(session, repository.published(session, [record.id for record in records]), moved=moved)


def latest(session: Session, record: Record) -> RecordRevision:
    """Return a record's latest revision."""
    return _revision(session, record, record.latest_revision)


def revision(session: Session, seen: View, number: int) -> Revision:
    """Return a revision that a caller sees, with its publication if it had one.

    Raise `NotFound` for one that is not there or, to who sees no drafts, never was public or was withdrawn.
    """
    publication = repository.publication(session, seen.record.id, number)
    if not seen.drafts and (publication is None or number in withdrawn(session, seen.record)):
        raise _no_revision(seen.record, number)
    return _revision(session, seen.record, number), publication


def revisions(session: Session, seen: View) -> tuple[Sequence[Revision], Sequence[RecordWithdrawal]]:
    """Return a record's revisions that a caller sees, the newest first, each with its publication if it had one.

    Beside them stands what was withdrawn of them.
    """
    withdrawals = _withdrawals(session, seen)
    found = repository.revisions(session, seen.record.id, only_public=not seen.drafts)
    gone = set() if seen.drafts else {one.number for one in withdrawals if not one.path}
    return [one for one in found if one[0].number not in gone], withdrawals


def shown(session: Session, seen: View, number: int) -> Json:
    """Return content and translations of a revision as the caller of a view sees them; raise `NotFound`."""
    return _answers(seen, revision(session, seen, number)[0])


def revision_shown(session: Session, seen: View, number: int) -> Json:
    """Return one revision, whole (`schemas.of(type).revision`); raise `NotFound` as `revision` does."""
    found, publication = revision(session, seen, number)
    withdrawals = _withdrawals(session, seen)
    type = TYPES[seen.record.type]
    return rendering.revision_summary(type, found, publication, withdrawals) | _answers(seen, found)


def _answers(seen: View, revision: RecordRevision) -> Json:
    form = TYPES[seen.record.type].form
    if seen.drafts:
        return {"content": revision.content, "translations": revision.translations}
    return {
        "content": form.public(revision.content),
        "translations": form.public_translations(revision.translations),
    }


def _withdrawals(session: Session, seen: View) -> Sequence[RecordWithdrawal]:
    """Return what was withdrawn and redacted, but for what is private where that is not seen."""
    form = TYPES[seen.record.type].form
    found = repository.withdrawals(session, [seen.record.id])
    return [one for one in found if seen.drafts or not form.is_private(one.path)]


def withdrawn(session: Session, record: Record) -> set[int]:
    """Return the numbers of a record's revisions that were withdrawn."""
    return {one.number for one in repository.withdrawals(session, [record.id]) if not one.path}


def _revision(session: Session, record: Record, number: int) -> RecordRevision:
    found = repository.revision(session, record.id, number)
    if found is None:
        raise _no_revision(record, number)
    return found


def _no_revision(record: Record, number: int) -> NotFound:
    return NotFound(f"The {TYPES[record.type].label} has no revision {number}")


def public_content(session: Session, record: Record) -> Json:
    """Return what everybody sees of the public revision of a record, which must have one."""
    assert record.published_revision is not None  # noqa: S101 - whoever calls has looked
    found = _revision(session, record, record.published_revision)
    return TYPES[record.type].form.public(found.content)


def public_tier(session: Session, record: Record) -> Tier | None:
    """Return the tier in which a record is public, none when it is not."""
    number = record.published_revision
    public = repository.publication(session, record.id, number) if number is not None else None
    return cast(Tier, public.tier) if public else None


def edit_record(session: Session, record: Record) -> Json:
    """Return a record as its editors see it."""
    type = TYPES[record.type]
    newest = latest(session, record)
    owner_id = parties.owners(session, [record.id]).get(record.id)
    owner = authorities.get(session, owner_id).slug if owner_id else None
    shown = authorities_of(session, type, newest.content)
    return rendering.edit_record(type, record, newest, public_tier(session, record), shown, owner)


def authorities_of(session: Session, type: RecordType, content: Json) -> list[Json]:
    """Return the authorities of the base that a content names, as records show them."""
    wanted = [one.name[1] for one in type.form.named(content) if one.name[0] == AUTHORITY]
    found = authorities.find_all(session, wanted)
    named = {found[name].id: found[name] for name in wanted if name in found}
    return [authorities.embedded(session, one) for one in named.values()]


def by_external_id(session: Session, type: RecordType, external_id: str) -> Record | None:
    """Return the record of a type that is known elsewhere under a name."""
    return repository.by_external_id(session, type.name, external_id)


def require_public(record: Record) -> None:
    """Raise `Conflict` unless a record is public."""
    if record.published_revision is None:
        raise Conflict(f"The {TYPES[record.type].label} is not published")


def _owner(session: Session, owner: str | None) -> UUID | None:
    if owner is None:
        return None
    try:
        return authorities.find(session, owner).id
    except NotFound as missing:
        raise Invalid([Fault(location="body", field="owner", message=missing.detail, value=owner)]) from None


def claim(session: Session, record: Record, version: int, **values: Any) -> None:
    """Advance the version and set values, or raise 412 when somebody else was faster.

    From here on nobody else changes the record: what depends on its state is read after this.
    """
    claimed = repository.claim(session, record.id, version, **values)
    session.refresh(record)
    if not claimed:
        raise stale(version, record.version)
