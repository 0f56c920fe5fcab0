"""Bodies of the readers room."""

import re
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from services.api.access.emails import Email
from services.api.access.schemas import Given
from services.api.kit.schema import Name, Schema, Text, control_character
from services.api.readers.models import Every, Kind
from services.api.readers.rules import LONGEST_MESSAGE, LONGEST_QUESTION, MOST_PARAMETERS, Language

_NAME = re.compile(r"[a-z][a-z_]{0,39}")
OURS = frozenset(("sort", "page", "per_page", "facets", "lang", "min_seq"))
"""Parameters that whoever asks for news sets anew."""


def _question(text: str) -> str:
    """Return a query string in its plain form, without what is set anew each time it is asked."""
    try:
        pairs = parse_qsl(text.removeprefix("?"), max_num_fields=MOST_PARAMETERS, errors="strict")
    except ValueError:
        raise PydanticCustomError(
            "question", "not a query string of at most {most} parameters in UTF-8", {"most": MOST_PARAMETERS}
        ) from None
    for name, value in pairs:
        if not _NAME.fullmatch(name) or control_character(value):
            raise PydanticCustomError("question", "not a query string as the search takes it, such as 'q=workers'")
    return urlencode([pair for pair in pairs if pair[0] not in OURS])


Question = Annotated[
    str,
    Field(max_length=LONGEST_QUESTION, examples=["q=seasonal+workers&priority=rights"]),
    AfterValidator(_question),
]
"""A search, as the query string of `GET /search/v1/records`; empty for all there is."""


class Addressee(Schema):
    """Who is written to: the office behind a public record, or an authority's."""

    type: Annotated[str, Text(40, lines=False)] = Field(description="A type of records, or `authority`")
    id: Annotated[str, Field(max_length=120, pattern=r"^[A-Za-z0-9-]+$", description="Id or slug")]


class MessageCreate(Schema):
    """A message to an office, as plain text."""

    to: Addressee
    name: Name
    email: Email
    language: Language
    text: Annotated[str, Text(LONGEST_MESSAGE)]


class FollowCreate(Schema):
    """A search to be followed."""

    email: Email
    language: Language
    question: Question
    every: Every


class OverviewCreate(Schema):
    """Whose followed searches are to be listed, in a letter to this address alone."""

    email: Email
    language: Language


class RequestTaken(BaseModel):
    """The answer to everything that is asked in the name of an address: the same, whatever is known of it."""

    confirm_by: Literal["e-mail"] = "e-mail"


class Offers(BaseModel):
    """What this installation offers to readers without an account."""

    messages: bool
    followed_searches: bool


class LinkToken(Schema):
    """The token of a link in a letter."""

    token: Given


class FollowStop(Schema):
    """Which searches are followed no more: one of those of a list's token, or all of them."""

    token: Given
    search: Annotated[UUID, Field(strict=False)] | None = None


class AboutRead(BaseModel):
    """What a message is about."""

    type: str
    id: UUID
    title: str
    path: str = Field(description="Path of its page")


class OfficeRead(BaseModel):
    """The authority whose office is written to."""

    slug: str
    name: str
    website: str | None


class AddresseeRead(AboutRead):
    """Whom one may write to."""

    office: OfficeRead | None = Field(description="None where it belongs to no authority: the secretariat gets it")


class FollowedRead(BaseModel):
    """A search that an address follows."""

    id: UUID
    question: str
    every: Every
    created_at: datetime


class RequestRead(BaseModel):
    """What a link in a letter is about; nothing has come of it yet."""

    kind: Kind
    email: str
    to: AboutRead | None = None
    name: str | None = None
    text: str | None = None
    question: str | None = None
    every: Every | None = None
    follows: list[FollowedRead] = []


class Confirmed(BaseModel):
    """What was confirmed."""

    kind: Kind


class ReportedRead(BaseModel):
    """A message that whoever got it reported."""

    id: UUID
    to: AboutRead | None = Field(description="None when it is not public any more")
    name: str
    email: str
    language: str
    text: str
    sent_at: datetime
    reported_at: datetime
