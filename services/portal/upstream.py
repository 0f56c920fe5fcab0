"""The one way out of the portal: the public HTTP interfaces of api and search."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

Json = dict[str, Any]
Pairs = Sequence[tuple[str, str | int]]


class Refused(Exception):
    """An answer that is no success: `status`, what the service says, and its faults by place."""

    def __init__(self, status: int, detail: str, errors: Sequence[Json] = (), headers: Mapping[str, str] = {}) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = list(errors)
        self.headers = httpx.Headers(headers)


class Away(Refused):
    """A service that cannot be reached, or does not answer in time."""

    def __init__(self, service: str) -> None:
        super().__init__(503, f"{service} does not answer")


@dataclass(frozen=True)
class Upstream:
    """Asks api and search on behalf of one visitor: with the visitor's token, address and language."""

    api: httpx.AsyncClient
    search: httpx.AsyncClient
    lang: str
    token: str | None = None
    address: str | None = None
    request_id: str | None = None

    async def find(self, path: str, pairs: Pairs = ()) -> Json:
        """Return what the search service answers below `/search/v1`, in the visitor's language; raise `Refused`."""
        return await self.found(path, [*pairs, ("lang", self.lang)])

    async def found(self, path: str, pairs: Pairs = ()) -> Json:
        """Return what the search service answers below `/search/v1` to just these parameters; raise `Refused`."""
        found: Json = (await self._send("search", "GET", f"/search/v1{path}", params=list(pairs))).json()
        return found

    async def interface(self, service: str) -> Json:
        """Return the OpenAPI document of `api` or `search`; raise `Refused`."""
        document: Json = (await self._send(service, "GET", f"/{service}/openapi.json")).json()
        return document

    async def read(self, path: str, pairs: Pairs = ()) -> Any:
        """Return what the api answers below `/api/v1`; raise `Refused`."""
        # No pairs at all leave the query that stands in the path; an empty list would take it out.
        return (await self.call("GET", path, params=list(pairs) or None)).json()

    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Return the api's answer to a request below `/api/v1`; raise `Refused` for any but a success."""
        return await self._send("api", method, f"/api/v1{path}", **options)

    async def redirected(self, path: str, pairs: Pairs = ()) -> httpx.Response:
        """Return an answer of the api that may lead elsewhere (3xx), unfollowed."""
        return await self._send("api", "GET", f"/api/v1{path}", params=list(pairs), redirects=True)

    async def _send(
        self, service: str, method: str, path: str, *, redirects: bool = False, **options: Any
    ) -> httpx.Response:
        client = self.api if service == "api" else self.search
        headers = {**self._headers(service), **options.pop("headers", {})}
        try:
            answer = await client.request(
                method, path, headers={name: sendable(value) for name, value in headers.items()}, **options
            )
        except httpx.HTTPError:
            raise Away(service) from None
        except httpx.InvalidURL:
            raise Refused(400, "The address is too long, or holds what no address can") from None
        if answer.is_success or (redirects and answer.is_redirect):
            return answer
        raise _refused(answer)

    def _headers(self, service: str) -> dict[str, str]:
        headers = {"Accept-Language": self.lang}
        if self.address:
            headers["X-Forwarded-For"] = self.address
        if self.request_id:
            headers["X-Request-Id"] = self.request_id
        if self.token and service == "api":
            headers["Authorization"] = f"Bearer {self.token}"
        return headers


_NO_HEADER = re.compile(rb"[^\x20-\x7e\x80-\xff]")


def sendable(text: str) -> bytes:
    """Return a text as a header can hold it: a browser's own bytes as they came, `?` for what has no place there."""
    return _NO_HEADER.sub(b"?", text.encode("latin-1", "replace")).strip()


def _refused(answer: httpx.Response) -> Refused:
    try:
        problem = answer.json()
        detail, errors = str(problem["detail"]), problem.get("errors") or []
    except (ValueError, KeyError, TypeError):
        detail, errors = answer.reason_phrase, []
    return Refused(answer.status_code, detail, errors, answer.headers)
