"""Bodies of the authorities room."""

import re
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from services.api.kit.schema import Language, Name, NewSlug, PartialDate, Schema, Slug, Text, WebAddress
from services.api.vocabularies.terms import Term

_EMAIL = re.compile(r"[^\s@]+(@|%40)[^\s@]+\.\w", re.IGNORECASE)


def _without_email(text: str) -> str:
    if _EMAIL.search(text):
        raise PydanticCustomError("email", "No e-mail address is made public here; give a web address or a phone")
    return text


_PublicName = Annotated[Name, AfterValidator(_without_email)]
_PublicAddress = Annotated[WebAddress, AfterValidator(_without_email)]
Phone = Annotated[
    str,
    Text(
        40,
        lines=False,
        pattern=r"^\+?[0-9(][0-9 ()./-]{3,37}[0-9]$",
        meaning="a telephone number in digits, such as '+34 959 390 000'",
    ),
    Field(examples=["+34 959 390 000"]),
]


class Coordinates(Schema):
    """A point in decimal degrees (WGS 84)."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class Population(Schema):
    """Number of inhabitants in a year."""

    count: Annotated[int, Field(ge=0, le=2_000_000_000)]
    year: Annotated[int, Field(ge=1800, le=9998)]


class SourcedPopulation(Population):
    """Number of inhabitants in a year, and who says so."""

    source: Annotated[str, Text(500, lines=False), AfterValidator(_without_email)] | None = Field(
        None, description="Where the number is printed: words or a web address"
    )


class ContactOffice(Schema):
    """The unit that answers questions of others; e-mail addresses are not made public."""

    name: _PublicName
    names: dict[Language, _PublicName] = Field({}, max_length=50, description="Names in other languages")
    website: _PublicAddress | None = None
    phone: Phone | None = None

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.website is None and self.phone is None:
            raise PydanticCustomError("no_way", "Give a web address or a phone, by which the office can be reached")
        return self


class AuthorityWrite(Schema):
    """A local, regional or national authority as it is handed in."""

    name: Name = Field(description="Name in its own language")
    names: dict[Language, Name] = Field({}, max_length=50, description="Names in other languages")
    level: Annotated[str, Term("authority-levels")]
    country: Annotated[str, Term("countries")]
    parent: Slug | None = Field(None, description="Slug or id of the authority that it belongs to")
    coordinates: Coordinates | None = None
    population: SourcedPopulation | None = None
    migration_roles: list[Annotated[str, Term("country-roles")]] = Field([], max_length=3)
    website: WebAddress | None = None
    networks: list[Name] = Field([], max_length=50, description="Networks of authorities that it belongs to")
    ended: PartialDate | None = Field(None, description="When it was abolished")
    successor: Slug | None = Field(None, description="Slug or id of the authority that took over from it")
    contact_office: ContactOffice | None = None


class AuthorityCreate(AuthorityWrite):
    """A new authority; without a slug it gets one from its name."""

    slug: NewSlug | None = None


class OtherAuthorityRead(BaseModel):
    """Another authority that one names: the one that it belongs to, or the one that took over."""

    id: UUID
    slug: str
    name: str


class EmbeddedAuthorityRead(BaseModel):
    """An authority as records show it; all that is said of it stands in its own record."""

    type: Literal["authority"]
    id: UUID
    slug: str
    version: int
    name: str
    names: dict[str, str]
    level: str
    country: str
    parent: OtherAuthorityRead | None
    coordinates: Coordinates | None
    population: Population | None
    migration_roles: list[str]
    website: str | None
    networks: list[str]
    updated_at: str


class AuthorityRead(EmbeddedAuthorityRead):
    """An authority as everybody sees it."""

    population: SourcedPopulation | None
    ended: str | None
    successor: OtherAuthorityRead | None
    contact_office: ContactOffice | None


class PlaceProperties(BaseModel):
    """What is told of an authority on a map."""

    slug: str
    name: str
    names: dict[str, str]
    level: str
    country: str
    networks: list[str]
    ended: str | None


class PointRead(BaseModel):
    """A point: longitude and latitude."""

    type: Literal["Point"]
    coordinates: list[float]


class PlaceRead(BaseModel):
    """An authority on a map (GeoJSON); without coordinates it has no geometry."""

    type: Literal["Feature"]
    id: UUID
    geometry: PointRead | None
    properties: PlaceProperties


class PlacesRead(BaseModel):
    """Authorities on a map (GeoJSON, RFC 7946); `truncated` when there are more."""

    type: Literal["FeatureCollection"]
    features: list[PlaceRead]
    truncated: bool
