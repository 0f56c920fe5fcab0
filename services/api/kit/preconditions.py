"""Versions of aggregates as strong ETags, and the If-Match that every change of one must carry."""

import re
from typing import Annotated

from fastapi import Header, Response

from services.web.problems import Fault, Invalid, PreconditionFailed, PreconditionRequired

_ETAG = re.compile(r'^"(\d{1,18})"$')

IfMatch = Annotated[str | None, Header(description='The version that the change is based on, as an ETag: `"3"`')]
IfNoneMatch = Annotated[str | None, Header(description="`*`, to add what is not there yet and replace nothing")]


def expected_version(if_match: str | None) -> int:
    """Read the version in If-Match; raise 428 when it is missing, 422 when it is no version's ETag."""
    if if_match is None:
        raise PreconditionRequired('Send If-Match with the version that you have read, for example If-Match: "3"')
    if not (found := _ETAG.match(if_match.strip())):
        raise Invalid([Fault(location="header", field="If-Match", message='not the ETag of a version, such as "3"')])
    return int(found[1])


def expected_or_new(if_match: str | None, if_none_match: str | None) -> int | None:
    """Read the version in If-Match, none where `If-None-Match: *` says that nothing is there yet.

    Raise 428 when both are missing, 422 when both are given or one cannot be read.
    """
    if if_none_match is None:
        return expected_version(if_match)
    if if_match is not None or if_none_match.strip() != "*":
        message = "only `*`, and not beside If-Match, which carries the version of what is to be replaced"
        raise Invalid([Fault(location="header", field="If-None-Match", message=message)])
    return None


def stale(expected: int, current: int) -> PreconditionFailed:
    """Tell that somebody else has changed the aggregate meanwhile."""
    return PreconditionFailed(f"The version is {current}, not {expected}: read it again and merge your change")


def set_version(response: Response, version: int) -> None:
    """Show the aggregate's version, uncompressed and not to be kept by others."""
    response.headers["ETag"] = f'"{version}"'
    response.headers["Cache-Control"] = "no-store"
