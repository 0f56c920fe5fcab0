"""Bodies of the authorities room."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.api.kit.schema import Language, Name, NewSlug, Schema, Slug, WebAddress
from services.api.vocabularies.terms import Term


class Coordinates(Schema):
    """A point in decimal degrees (WGS 84)."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class Population(Schema):
    """Number of inhabitants in a year."""

    count: Annotated[int, Field(ge=0, le=2_000_000_000)]
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


class AuthorityCreate(AuthorityWrite):
    """A new authority; without a slug it gets one from its name."""

    slug: NewSlug | None = None


class ParentRead(BaseModel):
    """The authority that another belongs to."""

    id: UUID
    slug: str
    name: str


class AuthorityRead(BaseModel):
    """An authority as everybody sees it."""

    type: Literal["authority"]
    id: UUID
    slug: str
    version: int
    name: str
    names: dict[str, str]
    level: str
    country: str
    parent: ParentRead | None
    coordinates: Coordinates | None
    population: Population | None
    migration_roles: list[str]
    website: str | None
    networks: list[str]
    updated_at: str
