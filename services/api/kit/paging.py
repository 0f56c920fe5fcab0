"""Lists by cursor: stable under writes, every item once."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, create_model

from services.api.kit.schema import control_character
from services.web.problems import Fault, Invalid

Item = TypeVar("Item")

Limit = Annotated[int, Query(ge=1, le=100, description="Items a page")]
Cursor = Annotated[
    str | None, Query(max_length=300, description="Where the page starts: the `next` of the page before")
]


Part = Annotated[str, Query(min_length=1, max_length=120, pattern=r"^[^\x00]*$")]
"""A part of a text that a list is narrowed by, in any case (`db.holds`)."""


class Page(BaseModel, Generic[Item]):
    """One page of a list; `next` is the cursor of the following page, none on the last."""

    items: list[Item]
    next: str | None

    if not TYPE_CHECKING:

        @classmethod
        def __class_getitem__(cls, of: type[BaseModel]) -> type[BaseModel]:
            """Return the model of a page under a name of its own: a generic one is `Page_AuthorityRead_` to clients."""
            return _page_of(cls, of)


@cache
def _page_of(page: type[BaseModel], of: type[BaseModel]) -> type[BaseModel]:
    name = of.__name__.removesuffix("Read").removesuffix("Summary")
    return create_model(f"{name}Page", __base__=page, __doc__=page.__doc__, items=(list[of], ...))  # type: ignore[valid-type]


Key = TypeVar("Key")


@dataclass(frozen=True)
class Position(Generic[Key]):
    """The last item of the page before, by the list's sort key and id."""

    key: Key
    id: UUID


def encode(key: str, id: UUID) -> str:
    """Write the position behind an item as an opaque cursor."""
    return base64.urlsafe_b64encode(f"{key}\n{id}".encode()).decode().rstrip("=")


def decode(cursor: str | None, read: Callable[[str], Key]) -> Position[Key] | None:
    """Read a cursor, its sort key with `read`; raise `Invalid` for one that this list did not make."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        if control_character(text):  # no key of a list has one, and PostgreSQL takes no text with U+0000
            raise ValueError("a control character")
        key, id = text.split("\n")
        return Position(read(key), UUID(id))
    except ValueError:
        raise Invalid(
            [Fault(location="query", field="cursor", message="not a cursor; take the `next` of the page before")]
        ) from None


def link_next(request: Request, response: Response, cursor: str | None) -> None:
    """Add the `Link` header to the following page (RFC 8288)."""
    if cursor:
        response.headers["Link"] = (
            f'<{request.url.path}?{request.url.include_query_params(cursor=cursor).query}>; rel="next"'
        )


def cut(rows: Sequence[Item], limit: int) -> tuple[list[Item], bool]:
    """Cut a result of up to `limit + 1` rows to a page, and tell whether more follow."""
    return list(rows[:limit]), len(rows) > limit
