"""Errors as every service shows them: one tree, one shape (`application/problem+json`, RFC 9457).

Problem
├── BadRequest 400
├── Unauthorized 401        no key, or one that is unknown, expired or revoked
├── Forbidden 403           a valid key that may not do this
├── NotFound 404
├── Conflict 409
├── PreconditionFailed 412  the version in If-Match is not the current one
├── TooLarge 413
├── Invalid 422             the request is understood and wrong; `errors` names each fault
├── PreconditionRequired 428
├── TooManyRequests 429
└── Unavailable 503         with Retry-After
"""

import json
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.routing import Match

MEDIA_TYPE = "application/problem+json"
_LONGEST_VALUE = 100
_MOST_ERRORS = 100
_SECRET = re.compile(r"password|secret|token|verifier|^code$", re.IGNORECASE)
"""Fields whose values are never repeated."""
_NOT_AN_OBJECT = frozenset(("model_attributes_type", "model_type", "dict_type"))


class Fault(BaseModel):
    """One fault of a request: where it is, what is wrong, and what is allowed."""

    model_config = ConfigDict(frozen=True)

    location: str
    field: str
    message: str
    value: str | None = None
    allowed: list[str] | None = None


class ProblemBody(BaseModel):
    """The body of every error answer (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str | None = None
    errors: list[Fault] = []


class Problem(Exception):
    """An error to be shown to the caller; `detail` and `errors` must hold nothing secret."""

    status = 500

    def __init__(self, detail: str, *, errors: Sequence[Fault] = (), headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})


class BadRequest(Problem):
    status = 400


class Unauthorized(Problem):
    status = 401

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="praxis"'})


class Forbidden(Problem):
    status = 403


class NotFound(Problem):
    status = 404


class Conflict(Problem):
    status = 409


class PreconditionFailed(Problem):
    status = 412


class TooLarge(Problem):
    status = 413


class Invalid(Problem):
    """A request that is wrong in one or more named places."""

    status = 422

    def __init__(self, errors: Sequence[Fault], detail: str = "") -> None:
        named = "; ".join(f"{fault.field}: {fault.message}" for fault in errors[:3])
        more = f"; and {len(errors) - 3} more" if len(errors) > 3 else ""
        super().__init__(detail or named + more, errors=errors)


class PreconditionRequired(Problem):
    status = 428


class TooManyRequests(Problem):
    status = 429

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class Unavailable(Problem):
    status = 503

    def __init__(self, detail: str, retry_after: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


def problem_response(
    status: int,
    detail: str,
    *,
    request_id: str | None = None,
    errors: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Render one error answer."""
    body = ProblemBody(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=showable(detail, 2_000),
        request_id=request_id,
        errors=list(errors),
    )
    return Response(
        json.dumps(body.model_dump(exclude_none=True)).encode(),
        status_code=status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        media_type=MEDIA_TYPE,
    )


def answer(request: Request, problem: Problem) -> Response:
    """Render the answer to a request that met a problem."""
    return problem_response(
        problem.status,
        problem.detail,
        request_id=request.scope.get("request_id"),
        errors=problem.errors,
        headers=problem.headers,
    )


def install(app: FastAPI) -> None:
    """Make an app answer every error in the one shape, and its OpenAPI document describe it."""
    _describe(app)

    @app.exception_handler(Problem)
    async def on_problem(request: Request, error: Problem) -> Response:
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        return answer(request, Invalid([fault_of(entry) for entry in error.errors()[:_MOST_ERRORS]]))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        faults = [_unreadable(error.__cause__)] if error.status_code == BadRequest.status else []
        headers = {"Allow": ", ".join(_methods(request))} if error.status_code == 405 else error.headers
        return problem_response(
            error.status_code,
            str(error.detail),
            request_id=request.scope.get("request_id"),
            errors=faults,
            headers=headers,
        )


def _methods(request: Request) -> list[str]:
    """Return the methods that an address knows: a route by itself knows its own alone. HEAD goes with GET."""
    routes = request.app.router.routes
    known = [
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]
    return [*known, "HEAD"] if "GET" in known else known


def _describe(app: FastAPI) -> None:
    """Add the schema that `responses` refers to."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        described = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(described.pop("$defs"), ProblemBody=described)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document


def _unreadable(cause: BaseException | None) -> Fault:
    """Tell why a body could not be parsed at all; only the framework's own parser answers 400."""
    if isinstance(cause, RecursionError):
        message = "nested too deeply"
    elif isinstance(cause, UnicodeDecodeError):
        message = "not UTF-8"
    else:
        message = "not readable as JSON: a number may have too many digits"
    return Fault(location="body", field="body", message=message)


_NOT_TEXT = "a number where text is expected: put it in quotes"


def fault_of(entry: Any) -> Fault:
    """Turn one entry of pydantic's `errors()` into a fault that names place, fault and what is allowed.

    A check of a whole model may name the place within it as `at` in the error's context.
    """
    location, *path = [str(step) for step in entry["loc"]] or ["body"]
    path += [at] if (at := entry.get("ctx", {}).get("at")) else []
    if entry["type"] == "json_invalid":
        return Fault(location="body", field="body", message=f"not valid JSON: {entry['ctx']['error']} at {path[0]}")
    message = entry["msg"]
    allowed = None
    value = _told(entry.get("input"))
    if entry["type"] in ("literal_error", "enum"):
        allowed = re.findall(r"'([^']*)'", entry["ctx"]["expected"])
        message = "not one of the allowed values"
        if value in allowed:
            message = _NOT_TEXT
    elif entry["type"] == "string_type" and isinstance(entry.get("input"), int | float):
        message = _NOT_TEXT
    elif entry["type"] == "extra_forbidden":
        message = "unknown: there is no such field or parameter"
    elif entry["type"] == "string_unicode":
        message = "not valid Unicode: a surrogate stands alone"
    elif entry["type"] in _NOT_AN_OBJECT:
        message = "not a JSON object" if path else "not a JSON object, or not sent as Content-Type: application/json"
    return Fault(
        location=location,
        field=showable(dotted(path) or location, 300),
        message=showable(message, 1_000),
        value=None if path and _SECRET.search(path[-1]) else value,
        allowed=allowed,
    )


def _told(value: Any) -> str | None:
    """Return a text, number or truth value as an answer repeats it, none where it has too many digits."""
    try:
        return showable(str(value), _LONGEST_VALUE) if isinstance(value, str | int | float) else None
    except ValueError:
        return None


def dotted(path: Sequence[str]) -> str:
    """Write a path as people do: `content.what.priorities[0].priority`."""
    steps = (step for step in path if step != "[key]")  # the name itself is wrong, and says so
    return "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in steps).lstrip(".")


def showable(text: str, longest: int) -> str:
    """Return a text that any answer can hold: cut to a length, without NUL and lone surrogates."""
    clean = text.encode("utf-8", "replace").decode().replace("\x00", "\\0")
    return clean if len(clean) <= longest else clean[:longest] + "…"


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Declare error answers for OpenAPI; every route may answer 422, 429, 500 and 503 beside those named."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
        }
        for status in sorted({*statuses, 422, 429, 500, 503})
    }
