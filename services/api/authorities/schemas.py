"""Bodies of the authorities room."""

from typing import Annotated

from pydantic import Field

from services.api.kit.schema import Language, Name, Schema, Slug, WebAddress
from services.api.vocabularies.terms import Term


class Coordinates(Schema):
    """A point in decimal degrees (WGS 84)."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class Population(Schema):
    """Number of inhabitants in a year."""

    count: Annotated[int, Field(ge=0, le=10_000_000_000)]
    year: Annotated[int, Field(ge=1800, le=9998)]


class AuthorityWrite(Schema):
    """A local, regional or national authority as it is handed in."""

    name: Name = Field(description="Name in its own language")
    names: dict[Language, Name] = Field({}, max_length=50, description="Names in other languages")
    level: Annotated[str, Term("authority-levels")]
    country: Annotated[str, Term("countries")]
    parent: Slug | None = Field(None, description="Slug or id of the authority that it belongs to")
    coordinates: Coordinates | None = None
    population: Population | None = None
    migration_roles: list[Annotated[str, Term("country-roles")]] = Field([], max_length=3)
    website: WebAddress | None = None
    networks: list[Name] = Field([], max_length=50, description="Networks of authorities that it belongs to")
