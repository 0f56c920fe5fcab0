"""Lists by cursor: stable under writes, every item once."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Query, Request, Response
from pydantic import BaseModel

from services.web.problems import Fault, Invalid

Item = TypeVar("Item")

Limit = Annotated[int, Query(ge=1, le=100, description="Items a page")]
Cursor = Annotated[
    str | None, Query(max_length=300, description="Where the page starts: the `next` of the page before")
]


class Page(BaseModel, Generic[Item]):
    """One page of a list; `next` is the cursor of the following page, none on the last."""

    items: list[Item]
    next: str | None


@dataclass(frozen=True)
class Position:
    """The last item of the page before, by the list's sort key and id."""

    key: str
    id: str


def encode(position: Position) -> str:
    """Write a position as an opaque cursor."""
    return base64.urlsafe_b64encode(f"{position.key}\n{position.id}".encode()).decode().rstrip("=")


def decode(cursor: str | None) -> Position | None:
    """Read a cursor; raise `Invalid` for one that this service did not make."""
    if cursor is None:
        return None
    try:
        key, id = (
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode().split("\n")
        )
    except (binascii.Error, ValueError):
        raise Invalid(
            [Fault(location="query", field="cursor", message="not a cursor; take the `next` of the page before")]
        ) from None
    return Position(key, id)


def link_next(request: Request, response: Response, cursor: str | None) -> None:
    """Add the `Link` header to the following page (RFC 8288)."""
    if cursor:
        response.headers["Link"] = (
            f'<{request.url.path}?{request.url.include_query_params(cursor=cursor).query}>; rel="next"'
        )


def cut(rows: Sequence[Item], limit: int) -> tuple[list[Item], bool]:
    """Cut a result of up to `limit + 1` rows to a page, and tell whether more follow."""
    return list(rows[:limit]), len(rows) > limit
