"""Many records at once: the same rows as one by one through the service, with one statement a table.

Whoever brings thousands of records calls this within a transaction of some hundreds.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import OPERATOR, Caller
from services.api.authorities import service as authorities
from services.api.forms.catalogue import Name
from services.api.forms.paths import text_at
from services.api.forms.types import RecordType, Tier
from services.api.kit.moments import now
from services.api.kit.slugs import slug_of
from services.api.records import names as names_
from services.api.records import naming, parties, publishing, repository, service
from services.api.records.models import Record, RecordPublication, RecordRevision
from services.api.records.names import AUTHORITY, Names
from services.api.records.repository import Held
from services.api.records.schemas import RecordCreate
from services.web.problems import Fault

Json = dict[str, Any]

_URN = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Present:
    """A record that is here, with a revision of it, that revision's tier if it was public, and its owner's slug."""

    record: Record
    revision: RecordRevision
    tier: Tier | None
    owner: str | None

    @property
    def external_id(self) -> str:
        """The name under which it is known elsewhere; of one that came from nowhere its id as a URN."""
        return self.record.external_id or self.record.id.urn


def present(session: Session, type: RecordType, external_ids: Collection[str]) -> dict[str, Present]:
    """Return the records of a type of some external ids, each with its latest revision."""
    ids = [UUID(name) for name in external_ids if _URN.fullmatch(name)]
    found = repository.by_external_ids(session, type.name, external_ids, ids)
    return {one.external_id: one for one in _present(session, found)}


def snapshot(session: Session, type: RecordType, *, published: bool) -> Iterator[Present]:
    """Yield all records of a type by external id: the public ones with their published revision, or all with their
    latest."""
    return _present(session, repository.snapshot(session, type.name, published=published))


def _present(session: Session, rows: Iterable[Held]) -> Iterator[Present]:
    slugs: dict[UUID | None, str | None] = {None: None}
    for record, revision, publication, owner in rows:
        if owner not in slugs:
            slugs[owner] = authorities.get(session, cast(UUID, owner)).slug
        yield Present(record, revision, cast(Tier, publication.tier) if publication else None, slugs[owner])


def look_up(session: Session, type: RecordType, bodies: Sequence[RecordCreate]) -> Names:
    """Return what some bodies name, looked up together."""
    names = Names(session)
    names.look_up(
        {one.name for body in bodies for one in type.form.named(body.content)}
        | {(AUTHORITY, body.owner) for body in bodies if body.owner is not None}
    )
    return names


def promised(type: RecordType, bodies: Mapping[str, RecordCreate]) -> set[Name]:
    """Return the names under which records that come together, by external id, know each other."""
    return {
        (type.name, name)
        for external_id, body in bodies.items()
        for name in (external_id, str(type.id_of(external_id)), slug_of(text_at(body.content, type.title) or ""))
    }


def faults(type: RecordType, body: RecordCreate, names: Names, promised: Collection[Name]) -> Iterator[Fault]:
    """Yield what a body names that is neither in the base nor promised to be in it."""

    def here(wanted: Collection[Name]) -> Collection[Name]:
        return {name for name in wanted if name in promised or names.target(name) is not None}

    yield from names_.faults(type, body.content, here)
    if body.owner is not None and not here([(AUTHORITY, body.owner)]):
        message = f"There is no authority '{body.owner}'"
        yield Fault(location="body", field="owner", message=message, value=body.owner)


def create(
    session: Session,
    caller: Caller,
    type: RecordType,
    bodies: Mapping[str, RecordCreate],
    names: Names,
    tiers: Mapping[str, Tier] | None,
) -> None:
    """Add records by external id as drafts, or public at once in their tiers.

    `names` holds what they name. Whoever publishes holds the change feed before reading those. The
    trail names the caller; the revisions count as imported.
    """
    moment = now()
    made: list[tuple[Record, RecordRevision]] = []
    rows: list[Json] = []
    for external_id, body in bodies.items():
        record, revision = service.new_rows(type, body, external_id, OPERATOR.id, moment)
        made.append((record, revision))
        owner = names.target((AUTHORITY, body.owner)) if body.owner else None
        rows += parties.owner_rows(record.id, owner.id if owner else None)
        rows += parties.party_rows(session, type, revision) if type.parties else ()
    records = [record for record, _ in made]
    if tiers is not None:
        naming.name_all(session, type, records, [text_at(one.content, type.title) or "" for _, one in made])
        for record in records:
            record.version, record.published_revision, record.first_published_at = 2, 1, moment
    repository.add_all(session, records, [revision for _, revision in made])
    repository.add_parties(session, rows)
    access.audit_all(session, caller, f"{type.name}.create", type.name, {str(one.id): {} for one in records}, moment)
    if tiers is not None:
        _publish(session, made, [tiers[str(record.external_id)] for record in records])
        details = {str(one.id): {"revision": 1, "tier": tiers[str(one.external_id)]} for one in records}
        access.audit_all(session, caller, f"{type.name}.publish", type.name, details, moment)


def _publish(session: Session, made: Sequence[tuple[Record, RecordRevision]], tiers: Sequence[Tier]) -> None:
    published = [
        (record, revision, RecordPublication(record_id=record.id, number=1, at=revision.created_at, tier=tier))
        for (record, revision), tier in zip(made, tiers, strict=True)
    ]
    slugs = [{"type": record.type, "slug": record.slug, "record_id": record.id} for record, _ in made]
    repository.add_slugs(session, slugs)
    repository.add_all(session, [publication for _, _, publication in published])
    publishing.show(session, published, check=True)
