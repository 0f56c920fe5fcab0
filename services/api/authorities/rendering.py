"""How an authority is shown: in a record of its own, in the records that name it, on a map."""

from typing import Any

from services.api.authorities.models import Authority
from services.api.kit.moments import rfc3339

Json = dict[str, Any]

RENDERING = 1
"""Advance it when the same authority is rendered otherwise: all are rendered anew at the next start."""


def public(authority: Authority, parent: Authority | None, successor: Authority | None) -> Json:
    """Return an authority as everybody sees it (`AuthorityRead`)."""
    shown = embedded(authority, parent)
    if shown["population"]:
        shown["population"]["source"] = authority.population_source
    return shown | {
        "ended": authority.ended,
        "successor": _other(successor),
        "contact_office": authority.contact_office,
    }


def embedded(authority: Authority, parent: Authority | None) -> Json:
    """Return an authority as records show it (`EmbeddedAuthorityRead`)."""
    return {
        "type": "authority",
        "id": str(authority.id),
        "slug": authority.slug,
        "version": authority.version,
        "name": authority.name,
        "names": authority.names,
        "level": authority.level,
        "country": authority.country,
        "parent": _other(parent),
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


def place(row: Any) -> Json:
    """Return an authority on a map (`PlaceRead`)."""
    point = None
    if row.latitude is not None:
        point = {"type": "Point", "coordinates": [row.longitude, row.latitude]}
    told = ("slug", "name", "names", "level", "country", "networks", "ended")
    properties = {name: getattr(row, name) for name in told}
    return {"type": "Feature", "id": str(row.id), "geometry": point, "properties": properties}


def _other(one: Authority | None) -> Json | None:
    return {"id": str(one.id), "slug": one.slug, "name": one.name} if one else None
