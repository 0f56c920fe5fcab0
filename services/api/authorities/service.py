"""Authorities: what may be said of them, and how they are shown."""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import Caller
from services.api.authorities import rendering, repository
from services.api.authorities.models import Authority
from services.api.authorities.rendering import RENDERING
from services.api.authorities.repository import Asked
from services.api.authorities.schemas import AuthorityCreate, AuthorityWrite
from services.api.changes import service as changes
from services.api.kit.folding import folded
from services.api.kit.moments import now
from services.api.kit.paging import Position
from services.api.kit.preconditions import stale
from services.api.kit.slugs import free_slug
from services.web.problems import Conflict, Fault, Invalid, NotFound

Json = dict[str, Any]

on_change: list[Callable[[Session, UUID], None]] = []
"""Rooms that embed authorities register here to render their records anew in the same transaction."""

MOST_PLACES = 10_000
"""Authorities on one map."""


def find(session: Session, id_or_slug: str) -> Authority:
    """Return an authority by id or slug; raise `NotFound`."""
    try:
        found = repository.get(session, UUID(id_or_slug))
    except ValueError:
        found = repository.by_slug(session, id_or_slug)
    if found is None:
        raise NotFound(f"There is no authority '{id_or_slug[:120]}'")
    return found


def find_all(session: Session, ids_or_slugs: Collection[str]) -> dict[str, Authority]:
    """Return the authorities of some ids or slugs, by the name asked for; what there is not is left out."""
    ids = {}
    for name in ids_or_slugs:
        with suppress(ValueError):
            ids[UUID(name)] = name
    found = repository.by_names(session, ids, ids_or_slugs)
    return {one.slug: one for one in found} | {ids[one.id]: one for one in found if one.id in ids}


def get(session: Session, id: UUID) -> Authority:
    """Return an authority that must be there."""
    found = repository.get(session, id)
    if found is None:
        raise KeyError(id)
    return found


def slug(session: Session, id: UUID | None) -> str | None:
    """Return the slug of an authority that must be there, none for none."""
    return get(session, id).slug if id else None


def several(session: Session, ids: Collection[UUID]) -> dict[UUID, Authority]:
    """Return authorities by id; those that are not there are left out."""
    return {found.id: found for found in repository.several(session, ids)}


def page(session: Session, asked: Asked, after: Position[str] | None, limit: int) -> Sequence[Authority]:
    """Return up to `limit + 1` authorities by slug, after a position."""
    return repository.page(session, asked, after, limit)


def places(session: Session, asked: Asked) -> Json:
    """Return authorities on a map (`PlacesRead`), at most `MOST_PLACES`."""
    rows = repository.places(session, asked, MOST_PLACES)
    features = [rendering.place(row) for row in rows[:MOST_PLACES]]
    return {"type": "FeatureCollection", "features": features, "truncated": len(rows) > MOST_PLACES}


def every(session: Session) -> Sequence[Authority]:
    """Return all authorities by slug."""
    return repository.every(session)


def create(session: Session, caller: Caller, body: AuthorityCreate) -> Authority:
    """Add an authority; raise `Conflict` when the slug that was asked for is taken."""
    changes.hold(session)
    if body.slug and repository.by_slug(session, body.slug):
        raise Conflict(f"The slug '{body.slug}' is taken")
    moment = now()
    slug = body.slug or free_slug(body.name, lambda slug: repository.by_slug(session, slug) is not None)
    authority = Authority(
        slug=slug, created_at=moment, updated_at=moment, updated_by=caller.id, **_columns(session, body)
    )
    repository.add(session, authority)
    access.audit(session, caller, "authority.create", "authority", str(authority.id), at=moment)
    _show(session, authority)
    return authority


def update(session: Session, caller: Caller, authority: Authority, body: AuthorityWrite, version: int) -> Authority:
    """Replace what is said of an authority, and render anew whatever shows it; raise 412 when the version is stale."""
    changes.hold(session)
    columns = _columns(session, body)
    for field in ("parent", "successor"):
        _refuse_circle(session, authority.id, field, columns[f"{field}_id"])
    claimed = repository.claim(session, authority.id, version)
    session.refresh(authority)
    if not claimed:
        raise stale(version, authority.version)
    for name, value in columns.items():
        setattr(authority, name, value)
    authority.updated_at, authority.updated_by = now(), caller.id
    session.flush()
    access.audit(session, caller, "authority.update", "authority", str(authority.id), {"version": authority.version})
    for changed in (authority, *repository.children(session, authority.id)):
        _show(session, changed)
        for render_anew in on_change:
            render_anew(session, changed.id)
    for changed in repository.predecessors(session, authority.id):
        _show(session, changed)  # records that embed them do not tell who took over
    return authority


def public(session: Session, authority: Authority) -> Json:
    """Return the authority as everybody sees it (`AuthorityRead`)."""
    return rendering.public(authority, _named(session, authority.parent_id), _named(session, authority.successor_id))


def embedded(session: Session, authority: Authority) -> Json:
    """Return the authority as records show it (`EmbeddedAuthorityRead`)."""
    return rendering.embedded(authority, _named(session, authority.parent_id))


def written(session: Session, authority: Authority) -> AuthorityWrite:
    """Return what was handed in to make the authority as it is."""
    record = public(session, authority)
    named = {name: record[name]["slug"] if record[name] else None for name in ("parent", "successor")}
    fields = {name: record[name] for name in AuthorityWrite.model_fields}
    return AuthorityWrite.model_validate(fields | named)


def rendered_otherwise(session: Session) -> bool:
    """Tell whether the feed holds authorities as another version rendered them."""
    return bool(repository.rendered_otherwise(session, RENDERING, 1))


def bring_up_to_date(session: Session, most: int) -> int:
    """Render anew up to `most` authorities that another version rendered; return how many there were."""
    changes.hold(session)
    found = repository.rendered_otherwise(session, RENDERING, most)
    for authority in found:
        _show(session, authority, unless_same=True)
    return len(found)


def _show(session: Session, authority: Authority, *, unless_same: bool = False) -> None:
    """Hand an authority to the feed, and keep by what it is found; with `unless_same` only if it reads otherwise."""
    authority.folded_names = "\n".join(folded(name) for name in (authority.name, *authority.names.values()))
    authority.folded_networks = "".join(f"\n{folded(name)}\n" for name in authority.networks)
    authority.rendering = RENDERING
    body = changes.render(public(session, authority))
    if not unless_same or body != changes.public_body(session, "authority", str(authority.id)):
        changes.publish(session, "authority", str(authority.id), body)


def _columns(session: Session, body: AuthorityWrite) -> Json:
    return {
        "name": body.name,
        "names": dict(body.names),
        "level": body.level,
        "country": body.country,
        "parent_id": _id(session, "parent", body.parent),
        "latitude": body.coordinates.latitude if body.coordinates else None,
        "longitude": body.coordinates.longitude if body.coordinates else None,
        "population_count": body.population.count if body.population else None,
        "population_year": body.population.year if body.population else None,
        "population_source": body.population.source if body.population else None,
        "migration_roles": list(body.migration_roles),
        "website": body.website,
        "networks": list(body.networks),
        "ended": body.ended,
        "successor_id": _id(session, "successor", body.successor),
        "contact_office": body.contact_office.model_dump() if body.contact_office else None,
    }


def _named(session: Session, id: UUID | None) -> Authority | None:
    return repository.get(session, id) if id else None


def _id(session: Session, field: str, id_or_slug: str | None) -> UUID | None:
    if id_or_slug is None:
        return None
    try:
        return find(session, id_or_slug).id
    except NotFound as missing:
        raise Invalid([Fault(location="body", field=field, message=missing.detail, value=id_or_slug)]) from None


_CIRCLES = {
    "parent": "an authority cannot belong to itself, nor to one that belongs to it or that it took over from",
    "successor": "an authority cannot be its own successor, nor can one that belongs to it or that it took over from",
}


def _refuse_circle(session: Session, id: UUID, field: str, named: UUID | None) -> None:
    """Refuse a parent or a successor from which the same ways lead back to the authority, however indirectly.

    So there is always an order in which each comes after those that it names: files are read in that order.
    """
    waiting = [named] if named else []
    seen: set[UUID] = set()
    while waiting:
        other = waiting.pop()
        if other == id:
            raise Invalid([Fault(location="body", field=field, message=_CIRCLES[field])])
        if other not in seen:
            seen.add(other)
            found = get(session, other)
            waiting += [next for next in (found.parent_id, found.successor_id) if next]
