"""Who visits: language, look, and the session, all kept in cookies, so that any process can serve any request.

The session's token stands in a cookie that no script can read and that no foreign site's request carries. A request
that changes something must come from a page of this very origin, as the browser itself says (`Sec-Fetch-Site`, else
`Origin`).
"""

import re
from dataclasses import dataclass

from fastapi import Request, Response

from services.portal.languages import preferred

SESSION, LANGUAGE, THEME = "praxis_session", "praxis_language", "praxis_theme"
ELSEWHERE = "praxis_elsewhere"
"""Holds what binds a sign-in at an issuer to this browser."""
THEMES = ("light", "dark")
YEAR = 365 * 24 * 3600
SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
_TOKEN = re.compile("[A-Za-z0-9._~+/-]{1,500}=*")
"""What a token may look like (RFC 6750): anything else in its cookie opens nothing."""


@dataclass(frozen=True)
class Visitor:
    """What a request tells of its visitor."""

    lang: str
    theme: str | None
    token: str | None
    name: str | None = None


def visitor_of(request: Request) -> Visitor:
    """Read who visits from a request."""
    cookies = request.cookies
    theme = cookies.get(THEME)
    token = cookies.get(own(request, SESSION), "")
    return Visitor(
        lang=preferred(
            request.query_params.get("lang"), cookies.get(LANGUAGE), request.headers.get("accept-language", "")
        ),
        theme=theme if theme in THEMES else None,
        token=token if _TOKEN.fullmatch(token) else None,
    )


def keep(response: Response, request: Request, cookie: str, value: str, seconds: int = YEAR) -> None:
    """Keep something in the browser, a preference for a year."""
    response.set_cookie(cookie, value, max_age=seconds, secure=_secure(request), httponly=True, samesite="lax")


def forget(response: Response, request: Request, cookie: str) -> None:
    """Take something out of the browser."""
    response.delete_cookie(cookie, secure=_secure(request), httponly=True, samesite="lax")


def own(request: Request, cookie: str) -> str:
    """Return a cookie's name: over https, one that no other host can set."""
    return f"__Host-{cookie}" if _secure(request) else cookie


def sign_in(response: Response, request: Request, token: str) -> None:
    """Keep a session's token until the browser closes; the api ends the session earlier."""
    response.set_cookie(own(request, SESSION), token, secure=_secure(request), httponly=True, samesite="lax", path="/")


def sign_out(response: Response, request: Request) -> None:
    """Forget a session's token."""
    forget(response, request, own(request, SESSION))


def from_here(request: Request) -> bool:
    """Whether a request comes from a page of this origin, as far as its browser tells; without a word it does not."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and origin.partition("://")[2] == request.headers.get("host")


def within(path: str | None) -> str:
    """Return a path of this site to go on to; the front page for anything that leads elsewhere."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or any(ord(char) < 33 for char in path):
        return "/"
    return path


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"
