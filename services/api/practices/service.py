"""Practices: who may see them, how revisions follow each other, and what becomes public.

Only the secretariat writes here; what it is offered by authorities comes through a room above this one.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import OPERATOR, Caller
from services.api.authorities import service as authorities
from services.api.changes import service as changes
from services.api.kit.moments import now
from services.api.kit.paging import Position
from services.api.kit.preconditions import stale
from services.api.kit.slugs import free_slug
from services.api.practices import records, repository
from services.api.practices.models import (
    TIERS,
    Listed,
    Practice,
    PracticePublication,
    PracticeRevision,
    PracticeSlug,
    Tier,
)
from services.api.practices.repository import View
from services.api.practices.schemas import PracticeCreate, PracticeWrite
from services.web.problems import Conflict, Fault, Invalid, NotFound

Json = dict[str, Any]


def view(session: Session, id_or_slug: str, caller: Caller | None) -> View:
    """Return a practice as the caller sees it, by id or any slug it ever had; raise `NotFound` for one it does not."""
    try:
        found = repository.view(session, UUID(id_or_slug), caller)
    except ValueError:
        found = repository.view_by_slug(session, id_or_slug, caller)
    if found is None:
        raise NotFound(f"There is no practice '{id_or_slug[:120]}'")
    return found


def find(session: Session, id_or_slug: str, caller: Caller | None) -> Practice:
    """Return a practice that the caller sees, by id or any slug it ever had; raise `NotFound`."""
    return view(session, id_or_slug, caller).practice


def get(session: Session, id: UUID) -> Practice:
    """Return a practice that must be there, whoever asks."""
    found = repository.get(session, id)
    if found is None:
        raise KeyError(id)
    return found


def several(session: Session, ids: Collection[UUID]) -> dict[UUID, Practice]:
    """Return practices, whoever asks, by id; those that are not there are left out."""
    return {found.id: found for found in repository.several(session, ids)}


def page(
    session: Session,
    caller: Caller | None,
    status: Listed | None,
    owner: str | None,
    after: Position[datetime] | None,
    limit: int,
) -> Sequence[tuple[Practice, PracticeRevision, str | None]]:
    """Return up to `limit + 1` practices that the caller may see, the newest first.

    Each comes with the revision to show and the tier of the published one. Raise `NotFound` for an unknown owner.
    """
    owner_id = authorities.find(session, owner).id if owner else None
    return repository.page(session, caller, status, owner_id, after, limit)


def id_of(external_id: str) -> UUID:
    """Return the id of the practice that is known elsewhere under a name: the same in every base."""
    return uuid5(NAMESPACE_URL, f"praxis:{external_id}")


def create(session: Session, caller: Caller, body: PracticeCreate, external_id: str | None = None) -> Practice:
    """Add a practice as a draft with its first revision; raise `Conflict` when the external id is taken."""
    _check_authorities(session, body)
    if external_id is not None and repository.by_external_id(session, external_id):
        raise Conflict(f"There is a practice with the external id '{external_id}' already")
    moment = now()
    practice = Practice(
        id=uuid4() if external_id is None else id_of(external_id),
        external_id=external_id,
        owner_id=_owner(session, body.owner),
        created_at=moment,
        updated_at=moment,
    )
    repository.add(session, practice)
    written = body.model_dump(mode="json")
    revision = PracticeRevision(
        practice_id=practice.id,
        number=1,
        content=written["content"],
        translations={language: fields for language, fields in (written["translations"] or {}).items() if fields},
        created_at=moment,
        created_by=caller.id,
    )
    repository.add(session, revision)
    access.audit(session, caller, "practice.create", "practice", str(practice.id), at=moment)
    return practice


def update(
    session: Session, caller: Caller, practice: Practice, body: PracticeWrite, version: int, *, imported: bool = False
) -> Practice:
    """Add a revision; the published one stays public until this one is published.

    One that is `imported` counts as the operator's, whoever brought it: so the next import tells it from people's work.
    """
    _check_authorities(session, body)
    moment = now()
    _claim(session, practice, version, updated_at=moment)
    before = latest(session, practice)
    number = practice.latest_revision = before.number + 1
    written = body.model_dump(mode="json")
    revision = PracticeRevision(
        practice_id=practice.id,
        number=number,
        content=written["content"],
        translations=records.carried_over(before, written["content"], written["translations"]),
        created_at=moment,
        created_by=OPERATOR.id if imported else caller.id,
    )
    repository.add(session, revision)
    access.audit(session, caller, "practice.update", "practice", str(practice.id), {"revision": number}, moment)
    return practice


def publish(session: Session, caller: Caller, practice: Practice, version: int, tier: Tier = "network") -> Practice:
    """Make the latest revision public; the first time, the practice gets its slug. An archived one is taken up again.

    A revision that was public before keeps the higher tier. Whoever updates and publishes in one transaction holds the
    change feed before both.
    """
    changes.hold(session)
    moment = now()
    _claim(session, practice, version, updated_at=moment, archived_at=None, archived_because=None)
    revision = latest(session, practice)
    practice.published_revision = revision.number
    practice.first_published_at = practice.first_published_at or moment
    if practice.slug is None:
        title = str(revision.content["initiative"]["title"])
        practice.slug = free_slug(title, lambda slug: repository.id_of_slug(session, slug) is not None)
        repository.add(session, PracticeSlug(slug=practice.slug, practice_id=practice.id))
    publication = repository.publication(session, practice.id, revision.number)
    if publication is None:
        publication = PracticePublication(practice_id=practice.id, number=revision.number, at=moment, tier=tier)
    elif TIERS.index(tier) > TIERS.index(publication.tier):
        publication.tier = tier
    repository.add(session, publication)
    detail = {"revision": revision.number, "tier": tier}
    access.audit(session, caller, "practice.publish", "practice", str(practice.id), detail, moment)
    _publish_record(session, practice)
    return practice


def archive(session: Session, caller: Caller, practice: Practice, version: int, reason: str) -> Practice:
    """Mark a public practice as no longer kept up; raise `Conflict` when it is not public, or archived already."""
    changes.hold(session)
    if practice.published_revision is None:
        raise Conflict("The practice is not published")
    if practice.archived_at is not None:
        raise Conflict("The practice is archived already")
    moment = now()
    _claim(session, practice, version, updated_at=moment, archived_at=moment, archived_because=reason)
    access.audit(session, caller, "practice.archive", "practice", str(practice.id), {"reason": reason}, moment)
    _publish_record(session, practice)
    return practice


def reopen(session: Session, caller: Caller, practice: Practice, version: int, reason: str) -> Practice:
    """Take up an archived practice again; raise `Conflict` when it is not archived."""
    changes.hold(session)
    if practice.archived_at is None:
        raise Conflict("The practice is not archived")
    moment = now()
    _claim(session, practice, version, updated_at=moment, archived_at=None, archived_because=None)
    access.audit(session, caller, "practice.reopen", "practice", str(practice.id), {"reason": reason}, moment)
    _publish_record(session, practice)
    return practice


def unpublish(session: Session, caller: Caller, practice: Practice, version: int) -> Practice:
    """Take a practice out of public view; raise `Conflict` when it is not public."""
    changes.hold(session)
    if practice.published_revision is None:
        raise Conflict("The practice is not published")
    values = {"published_revision": None, "archived_at": None, "archived_because": None, "updated_at": now()}
    _claim(session, practice, version, **values)
    repository.show_authorities(session, practice.id, set())
    access.audit(session, caller, "practice.unpublish", "practice", str(practice.id))
    changes.withdraw(session, "practice", str(practice.id))
    return practice


def rename(session: Session, caller: Caller, practice: Practice, version: int, slug: str) -> Practice:
    """Give a practice that was published another slug; earlier ones go on leading to it."""
    changes.hold(session)
    if practice.slug is None:
        raise Conflict("The practice gets its first slug when it is published")
    holder = repository.id_of_slug(session, slug)
    if holder not in (None, practice.id):
        raise Conflict(f"The slug '{slug}' is taken")
    _claim(session, practice, version, slug=slug, updated_at=now())
    if holder is None:
        repository.add(session, PracticeSlug(slug=slug, practice_id=practice.id))
    access.audit(session, caller, "practice.rename", "practice", str(practice.id), {"slug": slug})
    if practice.published_revision is not None:
        _publish_record(session, practice)
    return practice


def latest(session: Session, practice: Practice) -> PracticeRevision:
    """Return a practice's latest revision."""
    return _revision(session, practice, practice.latest_revision)


def revision(session: Session, seen: View, number: int) -> tuple[PracticeRevision, PracticePublication | None]:
    """Return a revision that a caller sees, with its publication if it had one.

    Raise `NotFound` for one that is not there or, to who sees no drafts, never was public.
    """
    publication = repository.publication(session, seen.practice.id, number)
    if publication is None and not seen.drafts:
        raise _no_revision(number)
    return _revision(session, seen.practice, number), publication


def revisions(session: Session, seen: View) -> Sequence[tuple[PracticeRevision, PracticePublication | None]]:
    """Return a practice's revisions that a caller sees, the newest first, each with its publication if it had one."""
    return repository.revisions(session, seen.practice.id, only_public=not seen.drafts)


def _revision(session: Session, practice: Practice, number: int) -> PracticeRevision:
    found = repository.revision(session, practice.id, number)
    if found is None:
        raise _no_revision(number)
    return found


def _no_revision(number: int) -> NotFound:
    return NotFound(f"The practice has no revision {number}")


def public_tier(session: Session, practice: Practice) -> Tier | None:
    """Return the tier in which a practice is public, none when it is not."""
    number = practice.published_revision
    public = repository.publication(session, practice.id, number) if number is not None else None
    return cast(Tier, public.tier) if public else None


def edit_record(session: Session, practice: Practice) -> Json:
    """Return a practice as its editors see it."""
    newest = latest(session, practice)
    owner = authorities.get(session, practice.owner_id).slug if practice.owner_id else None
    named = {found.id: found for found in (authorities.find(session, name) for name in _names(newest.content))}
    shown = [authorities.public(session, found) for found in named.values()]
    return records.edit_record(practice, newest, public_tier(session, practice), shown, owner)


def by_external_id(session: Session, external_id: str) -> Practice | None:
    """Return the practice that is known elsewhere under a name."""
    return repository.by_external_id(session, external_id)


def render_anew(session: Session, authority_id: UUID) -> None:
    """Publish anew every practice that shows an authority, after it changed."""
    for practice in repository.showing(session, authority_id):
        _publish_record(session, practice)


authorities.on_change.append(render_anew)


def rendered_otherwise(session: Session) -> bool:
    """Tell whether the feed holds practices as another version rendered them."""
    return bool(repository.rendered_otherwise(session, records.rendering(), 1))


def bring_up_to_date(session: Session, most: int) -> int:
    """Render anew up to `most` public practices that another version rendered; return how many there were.

    Only what is rendered otherwise now is published: mirrors need not read the rest again.
    """
    changes.hold(session)
    found = repository.rendered_otherwise(session, records.rendering(), most)
    shown: dict[str, tuple[UUID, Json]] = {}
    with session.no_autoflush:  # all rows go to the database together
        for practice, published, public in found:
            body, _ = _rendered(session, practice, published, public.tier, shown)
            if body != changes.public_body(session, "practice", str(practice.id)):
                changes.publish(session, "practice", str(practice.id), body)
    return len(found)


def _publish_record(session: Session, practice: Practice) -> None:
    number = practice.published_revision
    assert number is not None  # noqa: S101 - callers publish only what is public
    public = repository.publication(session, practice.id, number)
    assert public is not None  # noqa: S101 - publishing adds it
    body, shown = _rendered(session, practice, _revision(session, practice, number), public.tier, {})
    repository.show_authorities(session, practice.id, shown)
    changes.publish(session, "practice", str(practice.id), body)


def _rendered(
    session: Session, practice: Practice, published: PracticeRevision, tier: str, known: dict[str, tuple[UUID, Json]]
) -> tuple[bytes, set[UUID]]:
    """Return a public practice as the feed shows it, and the authorities that it shows.

    `known` keeps authorities, by the names that practices call them, for those that are rendered together.
    """
    shown: dict[UUID, Json] = {}
    for name in _names(published.content):
        if name not in known:
            authority = authorities.find(session, name)
            known[name] = authority.id, authorities.public(session, authority)
        id, record = known[name]
        shown[id] = record
    practice.rendering = records.rendering()
    return changes.render(records.public_record(practice, published, tier, list(shown.values()))), set(shown)


def _names(content: Json) -> list[str]:
    return [involved["authority"] for involved in content["who"]["authorities"] if involved["authority"]]


def _check_authorities(session: Session, body: PracticeWrite) -> None:
    """Refuse authorities that the base does not know."""
    faults = []
    for number, involved in enumerate(body.content.who.authorities):
        if involved.authority is not None:
            field = f"content.who.authorities[{number}].authority"
            try:
                authorities.find(session, involved.authority)
            except NotFound as missing:
                faults.append(Fault(location="body", field=field, message=missing.detail, value=involved.authority))
    if faults:
        raise Invalid(faults)


def _owner(session: Session, owner: str | None) -> UUID | None:
    if owner is None:
        return None
    try:
        return authorities.find(session, owner).id
    except NotFound as missing:
        raise Invalid([Fault(location="body", field="owner", message=missing.detail, value=owner)]) from None


def _claim(session: Session, practice: Practice, version: int, **values: Any) -> None:
    """Advance the version and set values, or raise 412 when somebody else was faster.

    From here on nobody else changes the practice: what depends on its state is read after this.
    """
    claimed = repository.claim(session, practice.id, version, **values)
    session.refresh(practice)
    if not claimed:
        raise stale(version, practice.version)
