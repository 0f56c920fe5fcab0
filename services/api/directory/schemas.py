"""Bodies of the directory."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.api.access.emails import Email
from services.api.access.service import Role, Spoken
from services.api.kit.schema import Name, Schema, Slug

KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]


class Home(Schema):
    """Where somebody belongs: to an authority of the base or to an organisation, an officer always to an authority."""

    role: Role
    authority: Slug | None = Field(None, description="Slug or id of an authority of the base")
    organisation: Name | None = Field(None, description="Name of an organisation, where there is no authority")


class AccountWrite(Home):
    """A person as the secretariat or an admin describes them."""

    email: Email
    name: Name
    language: Spoken = Field("en", description="In which letters to the person are written")


class LanguageWrite(Schema):
    """In which language letters to you are written."""

    language: Spoken


class KeyCreate(Home):
    """A key for a machine; of neither an authority nor an organisation, it belongs to whom its name names."""

    name: Name = Field(description="Who holds it, and where")
    days: Annotated[int, Field(ge=1, le=3660)] = Field(365, description="Days until it expires")


class AuthorityNamed(BaseModel):
    """The authority that somebody belongs to."""

    id: UUID
    slug: str
    name: str


class AccountRead(BaseModel):
    """A person's account; it is never deleted, so that the past keeps its names."""

    type: Literal["account"]
    id: UUID
    version: int
    email: str
    name: str
    role: Role
    authority: AuthorityNamed | None
    organisation: str | None
    language: Spoken
    active: bool
    has_password: bool
    """Whether the invitation was taken up."""
    refused_at: datetime | None = Field(
        description="Since when no letters go to the e-mail, as its server refused one for good; saving it tries again"
    )
    created_at: datetime
    updated_at: datetime


class KeyRead(BaseModel):
    """A machine's key, without its secret."""

    id: str
    name: str
    role: Role
    authority: AuthorityNamed | None
    organisation: str | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class KeyCreated(KeyRead):
    """A new key with its token, which is shown this once."""

    token: str


class TokenCreated(BaseModel):
    """A token by which a person sets a password, shown this once: hand it over to nobody else."""

    token: str
    expires_at: datetime


class Rights(BaseModel):
    """What a caller may do."""

    submit: bool = Field(description="Hand in cases of an authority")
    review: bool = Field(description="Judge cases of peers")
    decide: bool = Field(description="Decide on cases, publish them, and change any record")
    manage_keys: bool = Field(description="Make and revoke keys of machines")
    manage_accounts: list[Role] = Field(description="Roles whose accounts the caller looks after")


class Me(BaseModel):
    """The caller."""

    id: str
    kind: Literal["person", "key"]
    name: str
    email: str | None
    language: Spoken | None = Field(description="A person's: in which letters are written")
    role: Role
    authority: AuthorityNamed | None
    organisation: str | None
    rights: Rights
