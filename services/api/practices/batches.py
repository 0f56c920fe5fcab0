"""Many practices at once: the same rows as one by one through the service, with one statement a table.

Whoever brings thousands of cases calls this within a transaction of some hundreds.
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
from services.api.authorities.models import Authority
from services.api.changes import service as changes
from services.api.kit.moments import now
from services.api.kit.slugs import reads_as_id, slug_of
from services.api.practices import records, repository, service
from services.api.practices.models import (
    Practice,
    PracticePublication,
    PracticeRevision,
    Tier,
)
from services.api.practices.schemas import PracticeCreate
from services.web.problems import Fault

Json = dict[str, Any]

_URN = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Present:
    """A practice that is here, with a revision of it, that revision's tier if it was public, and its owner's slug."""

    practice: Practice
    revision: PracticeRevision
    tier: Tier | None
    owner: str | None

    @property
    def external_id(self) -> str:
        """The name under which it is known elsewhere; of one that came from nowhere its id as a URN."""
        return self.practice.external_id or self.practice.id.urn


def present(session: Session, external_ids: Collection[str]) -> dict[str, Present]:
    """Return the practices of some external ids, each with its latest revision."""
    ids = [UUID(name) for name in external_ids if _URN.fullmatch(name)]
    return {one.external_id: one for one in _present(session, repository.by_external_ids(session, external_ids, ids))}


def snapshot(session: Session, *, published: bool) -> Iterator[Present]:
    """Yield all practices by external id: the public ones with their published revision, or all with their latest."""
    return _present(session, repository.snapshot(session, published=published))


def _present(
    session: Session, rows: Iterable[tuple[Practice, PracticeRevision, PracticePublication | None]]
) -> Iterator[Present]:
    slugs: dict[UUID | None, str | None] = {None: None}
    for practice, revision, publication in rows:
        owner = practice.owner_id
        if owner is not None and owner not in slugs:
            slugs[owner] = authorities.get(session, owner).slug
        tier = cast(Tier, publication.tier) if publication else None
        yield Present(practice, revision, tier, slugs[owner])


def faults(body: PracticeCreate, found: Collection[str]) -> Iterator[Fault]:
    """Yield what names an authority that is not among those found in the base."""
    for number, involved in enumerate(body.content.who.authorities):
        if involved.authority is not None and involved.authority not in found:
            yield _unknown(f"content.who.authorities[{number}].authority", involved.authority)
    if body.owner is not None and body.owner not in found:
        yield _unknown("owner", body.owner)


def named(bodies: Sequence[PracticeCreate]) -> set[str]:
    """Return every authority that some bodies name."""
    names = {involved.authority for body in bodies for involved in body.content.who.authorities}
    return {name for name in names | {body.owner for body in bodies} if name is not None}


def create(
    session: Session,
    caller: Caller,
    bodies: Mapping[str, PracticeCreate],
    found: Mapping[str, Authority],
    tiers: Mapping[str, Tier] | None,
) -> None:
    """Add practices by external id as drafts, or public at once in their tiers.

    `found` holds every authority that they name. Whoever publishes holds the change feed before reading those. The
    trail names the caller; the revisions count as imported.
    """
    moment = now()
    made: list[tuple[Practice, PracticeRevision]] = []
    for external_id, body in bodies.items():
        written = body.model_dump(mode="json")
        practice = Practice(
            id=service.id_of(external_id),
            owner_id=found[body.owner].id if body.owner else None,
            external_id=external_id,
            created_at=moment,
            updated_at=moment,
        )
        revision = PracticeRevision(
            practice_id=practice.id,
            number=1,
            content=written["content"],
            translations={language: fields for language, fields in (written["translations"] or {}).items() if fields},
            created_at=moment,
            created_by=OPERATOR.id,
        )
        made.append((practice, revision))
    if tiers is not None:
        _name(session, [practice for practice, _ in made], [str(one.content["initiative"]["title"]) for _, one in made])
        for practice, _ in made:
            practice.version, practice.published_revision, practice.first_published_at = 2, 1, moment
            practice.rendering = records.rendering()
    repository.add_all(session, [practice for practice, _ in made], [revision for _, revision in made])
    access.audit_all(session, caller, "practice.create", "practice", {str(one.id): {} for one, _ in made}, moment)
    if tiers is not None:
        _publish(session, made, found, tiers)
        details = {str(one.id): {"revision": 1, "tier": tiers[str(one.external_id)]} for one, _ in made}
        access.audit_all(session, caller, "practice.publish", "practice", details, moment)


def _publish(
    session: Session,
    made: Sequence[tuple[Practice, PracticeRevision]],
    found: Mapping[str, Authority],
    tiers: Mapping[str, Tier],
) -> None:
    slugs, publications, shows = [], [], []
    public: dict[UUID, Json] = {}
    for practice, revision in made:
        id, tier = practice.id, tiers[str(practice.external_id)]
        slugs.append({"slug": practice.slug, "practice_id": id})
        moment = practice.first_published_at
        publications.append({"practice_id": id, "number": revision.number, "at": moment, "tier": tier})
        shown = {}
        for involved in revision.content["who"]["authorities"]:
            if involved["authority"]:
                authority = found[involved["authority"]]
                if authority.id not in public:
                    public[authority.id] = authorities.public(session, authority)
                shown[authority.id] = public[authority.id]
        shows += [{"practice_id": id, "authority_id": other} for other in shown]
        record = records.public_record(practice, revision, tier, list(shown.values()))
        changes.publish(session, "practice", str(id), changes.render(record))
    repository.add_public(session, slugs, publications, shows)


def _name(session: Session, practices: Sequence[Practice], titles: Sequence[str]) -> None:
    """Give each practice the slug of its title, with a number behind it when it is taken, as `free_slug` does."""
    slugs = [slug_of(title) for title in titles]
    taken = repository.taken_slugs(session, set(slugs))
    last: dict[str, int] = {}
    for practice, slug in zip(practices, slugs, strict=True):
        candidate = slug
        if slug in taken or reads_as_id(slug):
            if slug not in last:
                taken |= repository.numbered_slugs(session, slug)
            number = last.get(slug, 1) + 1
            while (candidate := f"{slug}-{number}") in taken or reads_as_id(candidate):
                number += 1
            last[slug] = number
        taken.add(candidate)
        practice.slug = candidate


def _unknown(field: str, name: str) -> Fault:
    return Fault(location="body", field=field, message=f"There is no authority '{name}'", value=name)
