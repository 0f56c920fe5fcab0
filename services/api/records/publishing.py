"""Shows public records in the feed: each is rendered with what names it, in the transaction that changes it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session

from services.api.authorities import service as authorities
from services.api.authorities.models import Authority
from services.api.changes import service as changes
from services.api.forms.paths import text_at, value_at
from services.api.forms.types import RecordType, Tier
from services.api.kit.moments import now
from services.api.kit.slugs import slug_of
from services.api.records import rendering, repository
from services.api.records.models import Record, RecordPublication, RecordRevision
from services.api.records.names import AUTHORITY, Names, unknown
from services.api.records.rendering import Around
from services.api.records.repository import Published
from services.api.types import TYPES
from services.web.problems import Invalid

Json = dict[str, Any]
Mention = tuple[UUID, str, str, str, UUID, str | None]
"""As in `RecordMention`: record, path, relation, type and id of what is named, place in it."""

MOST_INCOMING = 200
"""Records that a public record lists at most as naming it."""


def show(
    session: Session,
    published: Sequence[Published],
    names: Names | None = None,
    *,
    moved: bool = False,
    unless_same: bool = False,
    check: bool = False,
) -> None:
    """Render public records anew, and the others that show what these name now, or named before.

    `moved` says that another revision of them is public than before, or one where none was: those that name them tell
    so. With `unless_same` only those are handed to the feed that read otherwise in it now. With `check`, raise
    `Invalid` when they name what is not in the base, or not public yet. Whoever calls this holds the feed.
    """
    names = names or Names(session)
    ids = {record.id for record, _, _ in published}
    changed = _keep_mentions(session, ids, published, names, check)
    if moved:
        changed |= set(repository.naming(session, ids))
    around = _around(session, published, names)
    with session.no_autoflush:  # all rows go to the database together
        for record, revision, publication in published:
            type = TYPES[record.type]
            shown = rendering.public_record(type, record, revision, publication, around[record.id])
            body = changes.render(shown)
            record.rendering = type.rendering
            if not unless_same or body != changes.public_body(session, type.name, str(record.id)):
                changes.publish(session, type.name, str(record.id), body)
            _derive(session, type, record, shown["content"], shown["translations"])
    if others := changed - ids:  # of these the same revision is public as before: this ends here
        show(session, repository.published(session, others), names)


def titles(session: Session, ids: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """Return the titles of those of some records that are public by language, their own first, by record."""
    return {
        record.id: rendering.by_language(revision.content, revision.translations, TYPES[record.type].title)
        for record, revision, _ in repository.published(session, ids)
    }


def hide(session: Session, record: Record) -> None:
    """Take a record out of the feed, with what was derived from it; those that name it, or that it names, tell so."""
    type = TYPES[record.type]
    changed = {one.to_id for one in repository.mentions(session, [record.id]) if one.to_type != AUTHORITY}
    repository.set_mentions(session, [record.id], [])
    changed |= set(repository.naming(session, [record.id]))
    changes.withdraw(session, type.name, str(record.id))
    _derive(session, type, record, {}, {})
    show(session, repository.published(session, changed - {record.id}))


def _keep_mentions(
    session: Session, ids: Collection[UUID], published: Sequence[Published], names: Names, check: bool
) -> set[UUID]:
    """Keep what some records name now; return the records for which this is news."""
    before: set[Mention] = {
        (one.record_id, one.path, one.relation, one.to_type, one.to_id, one.to_path)
        for one in repository.mentions(session, ids)
    }
    named = [
        (record, one)
        for record, revision, _ in published
        for one in TYPES[record.type].form.named(TYPES[record.type].form.public(revision.content))
    ]
    names.look_up({one.name for _, one in named})
    if check and (missing := [one for _, one in named if names.target(one.name) is None]):
        raise Invalid(list(unknown(missing)))
    after: set[Mention] = set()
    for record, one in named:
        if (target := names.target(one.name)) is not None:
            after.add((record.id, one.path, one.relation, one.name[0], target.id, one.inner))
    if before != after:
        columns = ("record_id", "path", "relation", "to_type", "to_id", "to_path")
        known = {one[0] for one in before}
        repository.set_mentions(
            session, known, [dict(zip(columns, one, strict=True)) for one in sorted(after, key=str)]
        )
    return {one[4] for one in before ^ after if one[3] != AUTHORITY}


def _around(session: Session, published: Sequence[Published], names: Names) -> dict[UUID, Around]:
    ids = [record.id for record, _, _ in published]
    around = {id: Around() for id in ids}
    for source, mention in repository.incoming(session, ids, MOST_INCOMING):
        around[mention.to_id].incoming.append(rendering.incoming(source, mention))
    for step in repository.steps(session, ids):
        around[step.record_id].progress.append(rendering.progress(step))
    for gone in repository.withdrawals(session, ids):
        if not gone.path:
            around[gone.record_id].withdrawn.append(gone.number)
    for record, revision, _ in published:
        here = around[record.id]
        form = TYPES[record.type].form
        shown: dict[UUID, Json] = {}
        for one in form.named(form.public(revision.content)):
            target = names.target(one.name)
            if isinstance(target, Authority):
                shown[target.id] = names.authority(target)
            elif target is not None:
                public = revision.number if target.id == record.id else target.published_revision
                here.targets[one.path] = f"{target.type}/{target.id}", public
        here.authorities = list(shown.values())
    return around


def _derive(session: Session, type: RecordType, record: Record, content: Json, translations: Json) -> None:
    """Publish the rows of a record that are found by themselves, and withdraw those that it has no longer.

    Those that read in the feed as they did are left alone.
    """
    derived = [
        _derived(type, record, content, translations, one.type, f"{one.path}[key={row['key']}]", row)
        for one in type.derived
        for row in value_at(content, one.path) or ()
    ]
    for name in dict.fromkeys(one.type for one in type.derived):
        before = changes.bodies_within(session, name, f"{record.id}#")
        bodies = {one["id"]: changes.render(one) for one in derived if one["type"] == name}
        changes.renew(session, name, changes.differing(before, bodies))


def _derived(
    type: RecordType, record: Record, content: Json, translations: Json, name: str, path: str, row: Json
) -> Json:
    inside = {
        language: {at.removeprefix(f"{path}."): text for at, text in texts.items() if at.startswith(f"{path}.")}
        for language, texts in translations.items()
    }
    return {
        "type": name,
        "id": f"{record.id}#{row['key']}",
        "derived_from": {"type": type.name, "id": str(record.id), "path": path},
        "language": content["language"],
        "content": row,
        "translations": {language: texts for language, texts in inside.items() if texts},
    }


def render_anew(session: Session, authority_id: UUID) -> None:
    """Publish anew every record that names an authority, after it changed."""
    ids = repository.naming(session, [authority_id])
    show(session, repository.published(session, ids))


authorities.on_change.append(render_anew)


def rendered_otherwise(session: Session) -> bool:
    """Tell whether the feed holds records as another version rendered them."""
    return any(repository.rendered_otherwise(session, type, 1) for type in TYPES.values())


def bring_up_to_date(session: Session, most: int) -> int:
    """Render anew up to `most` public records that another version rendered; return how many there were.

    Only what is rendered otherwise now is published: mirrors need not read the rest again.
    """
    changes.hold(session)
    found: list[Published] = []
    for type in TYPES.values():
        found += repository.rendered_otherwise(session, type, most - len(found))
    show(session, found, unless_same=True)
    return len(found)


def preview(
    session: Session,
    type: RecordType,
    record: Record | None,
    id: UUID,
    content: Json,
    translations: Json,
    tier: Tier,
    statements: Sequence[Mapping[str, str]],
) -> Json:
    """Return the public record that answers would become; `id` stands for that of one that is not there yet.

    It comes in a tier, with what a peer stated of it.
    """
    moment = now()
    shown = Record(
        id=record.id if record else id,
        type=type.name,
        slug=(record.slug if record else None) or slug_of(text_at(content, type.title) or ""),
        latest_revision=record.latest_revision + 1 if record else 1,
        first_published_at=(record.first_published_at if record else None) or moment,
        created_at=moment,
        updated_at=moment,
    )
    revision = RecordRevision(
        record_id=shown.id,
        number=shown.latest_revision,
        content=content,
        translations=translations,
        created_at=moment,
        created_by="",
    )
    publication = RecordPublication(record_id=shown.id, number=revision.number, at=moment, tier=tier)
    publication.statements = [dict(one) for one in statements]
    around = _around(session, [(shown, revision, publication)], Names(session))
    return rendering.public_record(type, shown, revision, publication, around[shown.id])
