"""Practices: who may write them, how revisions follow each other, and what becomes public."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NoReturn
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import Caller
from services.api.authorities import service as authorities
from services.api.authorities.models import Authority
from services.api.changes import service as changes
from services.api.kit.db import now
from services.api.kit.paging import Position
from services.api.kit.preconditions import stale
from services.api.kit.slugs import free_slug
from services.api.practices import records, repository
from services.api.practices.models import Practice, PracticePublication, PracticeRevision, PracticeSlug
from services.api.practices.schemas import PracticeCreate, PracticeWrite
from services.web.problems import Conflict, Fault, Forbidden, Invalid, NotFound

Json = dict[str, Any]


def find(session: Session, id_or_slug: str, caller: Caller | None) -> Practice:
    """Return a practice that the caller may see, by id or any slug it ever had; raise `NotFound`."""
    try:
        found = repository.visible(session, UUID(id_or_slug), caller)
    except ValueError:
        found = repository.visible_by_slug(session, id_or_slug, caller)
    if found is None:
        _missing(id_or_slug)
    return found


def find_to_edit(session: Session, id_or_slug: str, caller: Caller) -> Practice:
    """Return a practice that the caller may edit; raise `NotFound`, or `Forbidden` for another authority's."""
    id = _id(session, id_or_slug)
    found = repository.get(session, id) if id else None
    if found is None:
        _missing(id_or_slug)
    if not may_edit(caller, found):
        raise Forbidden("The practice belongs to another authority")
    return found


def may_edit(caller: Caller | None, practice: Practice) -> bool:
    """Tell whether a caller sees and writes a practice's drafts."""
    if caller is None:
        return False
    return caller.is_secretariat or (practice.owner_id is not None and practice.owner_id == caller.authority_id)


def page(
    session: Session, caller: Caller | None, published: bool | None, after: Position[datetime] | None, limit: int
) -> Sequence[tuple[Practice, PracticeRevision]]:
    """Return up to `limit + 1` practices that the caller may see, the newest first, with the revision to show."""
    return repository.page(session, caller, published, after, limit)


def create(session: Session, caller: Caller, body: PracticeCreate, seed: str | None = None) -> Practice:
    """Add a practice as a draft with its first revision; one from a seed file has the same id in every base."""
    _check(session, caller, body)
    moment = now()
    owner_id = _owner(session, caller, body.owner)
    id = id_of_seed(seed) if seed else uuid4()
    practice = Practice(id=id, owner_id=owner_id, seed=seed, created_at=moment, updated_at=moment)
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


def id_of_seed(seed: str) -> UUID:
    """Return the id of the practice that comes from a seed file, the same in every base."""
    return uuid5(NAMESPACE_URL, f"praxis:seed:{seed}")


def update(session: Session, caller: Caller, practice: Practice, body: PracticeWrite, version: int) -> Practice:
    """Add a revision; the published one stays public until this one is published."""
    _check(session, caller, body)
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
        created_by=caller.id,
    )
    repository.add(session, revision)
    access.audit(session, caller, "practice.update", "practice", str(practice.id), {"revision": number}, moment)
    return practice


def publish(session: Session, caller: Caller, practice: Practice, version: int) -> Practice:
    """Make the latest revision public; the first time, the practice gets its slug."""
    changes.hold(session)
    moment = now()
    _claim(session, practice, version, updated_at=moment)
    revision = latest(session, practice)
    practice.published_revision = revision.number
    practice.first_published_at = practice.first_published_at or moment
    if practice.slug is None:
        title = str(revision.content["initiative"]["title"])
        practice.slug = free_slug(title, lambda slug: repository.id_of_slug(session, slug) is not None)
        repository.add(session, PracticeSlug(slug=practice.slug, practice_id=practice.id))
    if repository.publication(session, practice.id, revision.number) is None:
        repository.add(session, PracticePublication(practice_id=practice.id, number=revision.number, at=moment))
    access.audit(
        session, caller, "practice.publish", "practice", str(practice.id), {"revision": revision.number}, moment
    )
    _publish_record(session, practice)
    return practice


def unpublish(session: Session, caller: Caller, practice: Practice, version: int) -> Practice:
    """Take a practice out of public view; raise `Conflict` when it is not public."""
    changes.hold(session)
    if practice.published_revision is None:
        raise Conflict("The practice is not published")
    _claim(session, practice, version, published_revision=None, updated_at=now())
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
    return revision(session, practice, practice.latest_revision)


def revision(session: Session, practice: Practice, number: int, *, only_public: bool = False) -> PracticeRevision:
    """Return one revision; raise `NotFound` for one that is not there or, asked for public ones, never was public."""
    found = repository.revision(session, practice.id, number)
    if found is None or (only_public and repository.publication(session, practice.id, number) is None):
        raise NotFound(f"The practice has no revision {number}")
    return found


def revisions(
    session: Session, practice: Practice, *, only_public: bool
) -> Sequence[tuple[PracticeRevision, PracticePublication | None]]:
    """Return a practice's revisions, the newest first, each with its publication if it had one."""
    return repository.revisions(session, practice.id, only_public=only_public)


def publication(session: Session, practice: Practice, number: int) -> PracticePublication | None:
    """Return when a revision was first made public, if ever."""
    return repository.publication(session, practice.id, number)


def edit_record(session: Session, practice: Practice) -> Json:
    """Return a practice as its editors see it."""
    newest = latest(session, practice)
    owner = authorities.get(session, practice.owner_id).slug if practice.owner_id else None
    shown = [authorities.public(session, found) for found in _named(session, newest.content).values()]
    return records.edit_record(practice, newest, shown, owner)


def by_seed(session: Session, seed: str) -> Practice | None:
    """Return the practice that came from a seed file."""
    return repository.by_seed(session, seed)


def render_anew(session: Session, authority_id: UUID) -> None:
    """Publish anew every practice that shows an authority, after it changed."""
    for practice in repository.showing(session, authority_id):
        _publish_record(session, practice)


authorities.on_change.append(render_anew)


def _publish_record(session: Session, practice: Practice) -> None:
    number = practice.published_revision
    assert number is not None  # noqa: S101 - callers publish only what is public
    published = revision(session, practice, number)
    named = _named(session, published.content)
    repository.show_authorities(session, practice.id, {authority.id for authority in named.values()})
    shown = [authorities.public(session, authority) for authority in named.values()]
    changes.publish(
        session, "practice", str(practice.id), changes.render(records.public_record(practice, published, shown))
    )


def _named(session: Session, content: Json) -> dict[UUID, Authority]:
    names = [involved["authority"] for involved in content["who"]["authorities"] if involved["authority"]]
    found = (authorities.find(session, name) for name in names)
    return {authority.id: authority for authority in found}


def _check(session: Session, caller: Caller, body: PracticeWrite) -> None:
    """Refuse authorities that the base does not know, and what only an editor may say."""
    faults = []
    for number, involved in enumerate(body.content.who.authorities):
        if involved.authority is not None:
            field = f"content.who.authorities[{number}].authority"
            try:
                authorities.find(session, involved.authority)
            except NotFound as missing:
                faults.append(Fault(location="body", field=field, message=missing.detail, value=involved.authority))
    if not caller.is_secretariat and body.content.provenance.kind != "submitted":
        faults.append(
            Fault(
                location="body",
                field="content.provenance.kind",
                message="an authority submits its own practices; the secretariat extracts them from printed sources",
                value=body.content.provenance.kind,
                allowed=["submitted"],
            )
        )
    if faults:
        raise Invalid(faults)


def _owner(session: Session, caller: Caller, owner: str | None) -> UUID | None:
    if owner is None:
        return caller.authority_id
    try:
        found = authorities.find(session, owner)
    except NotFound as missing:
        raise Invalid([Fault(location="body", field="owner", message=missing.detail, value=owner)]) from None
    if not caller.is_secretariat and found.id != caller.authority_id:
        raise Forbidden("An officer's practices belong to the officer's own authority")
    return found.id


def _claim(session: Session, practice: Practice, version: int, **values: Any) -> None:
    """Advance the version and set values, or raise 412 when somebody else was faster.

    From here on nobody else changes the practice: what depends on its state is read after this.
    """
    claimed = repository.claim(session, practice.id, version, **values)
    session.refresh(practice)
    if not claimed:
        raise stale(version, practice.version)


def _id(session: Session, id_or_slug: str) -> UUID | None:
    try:
        return UUID(id_or_slug)
    except ValueError:
        return repository.id_of_slug(session, id_or_slug)


def _missing(id_or_slug: str) -> NoReturn:
    raise NotFound(f"There is no practice '{id_or_slug[:120]}'")
