"""Authorities: what may be said of them, and how they are shown."""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import Caller
from services.api.authorities import repository
from services.api.authorities.models import Authority
from services.api.authorities.schemas import AuthorityCreate, AuthorityWrite
from services.api.changes import service as changes
from services.api.kit.moments import now, rfc3339
from services.api.kit.paging import Position
from services.api.kit.preconditions import stale
from services.api.kit.slugs import free_slug
from services.web.problems import Conflict, Fault, Invalid, NotFound

on_change: list[Callable[[Session, UUID], None]] = []
"""Rooms that embed authorities register here to render their records anew in the same transaction."""


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


def page(
    session: Session, country: str | None, level: str | None, after: Position[str] | None, limit: int
) -> Sequence[Authority]:
    """Return up to `limit + 1` authorities by slug, after a position."""
    return repository.page(session, country, level, after, limit)


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
    changes.publish(session, "authority", str(authority.id), changes.render(public(session, authority)))
    return authority


def update(session: Session, caller: Caller, authority: Authority, body: AuthorityWrite, version: int) -> Authority:
    """Replace what is said of an authority, and render anew whatever shows it; raise 412 when the version is stale."""
    changes.hold(session)
    columns = _columns(session, body)
    _check_parents(session, authority.id, columns["parent_id"])
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
        changes.publish(session, "authority", str(changed.id), changes.render(public(session, changed)))
        for render_anew in on_change:
            render_anew(session, changed.id)
    return authority


def public(session: Session, authority: Authority) -> dict[str, Any]:
    """Return the authority as everybody sees it (`AuthorityRead`)."""
    parent = repository.get(session, authority.parent_id) if authority.parent_id else None
    return {
        "type": "authority",
        "id": str(authority.id),
        "slug": authority.slug,
        "version": authority.version,
        "name": authority.name,
        "names": authority.names,
        "level": authority.level,
        "country": authority.country,
        "parent": {"id": str(parent.id), "slug": parent.slug, "name": parent.name} if parent else None,
        "coordinates": None
        if authority.latitude is None
        else {"latitude": authority.latitude, "longitude": authority.longitude},
        "population": None
        if authority.population_count is None
        else {"count": authority.population_count, "year": authority.population_year},
        "migration_roles": authority.migration_roles,
        "website": authority.website,
        "networks": authority.networks,
        "updated_at": rfc3339(authority.updated_at),
    }


def written(session: Session, authority: Authority) -> AuthorityWrite:
    """Return what was handed in to make the authority as it is."""
    record = public(session, authority)
    parent = record["parent"]
    fields = {name: record[name] for name in AuthorityWrite.model_fields if name != "parent"}
    return AuthorityWrite.model_validate(fields | {"parent": parent["slug"] if parent else None})


def _columns(session: Session, body: AuthorityWrite) -> dict[str, Any]:
    return {
        "name": body.name,
        "names": dict(body.names),
        "level": body.level,
        "country": body.country,
        "parent_id": _parent(session, body.parent),
        "latitude": body.coordinates.latitude if body.coordinates else None,
        "longitude": body.coordinates.longitude if body.coordinates else None,
        "population_count": body.population.count if body.population else None,
        "population_year": body.population.year if body.population else None,
        "migration_roles": list(body.migration_roles),
        "website": body.website,
        "networks": list(body.networks),
    }


def _parent(session: Session, id_or_slug: str | None) -> UUID | None:
    if id_or_slug is None:
        return None
    try:
        return find(session, id_or_slug).id
    except NotFound as missing:
        raise Invalid([Fault(location="body", field="parent", message=missing.detail, value=id_or_slug)]) from None


def _check_parents(session: Session, id: UUID, parent_id: UUID | None) -> None:
    """Refuse a parent that belongs to the authority itself, however indirectly."""
    while parent_id is not None:
        if parent_id == id:
            raise Invalid([Fault(location="body", field="parent", message="an authority cannot belong to itself")])
        parent_id = get(session, parent_id).parent_id
