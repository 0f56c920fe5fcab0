"""Signing in, by password or at an issuer of OpenID Connect, and out."""

import secrets
from collections.abc import Sequence
from hashlib import sha256
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import APIRouter, Form, Query, Response

from services.portal import visitor
from services.portal.page import AnyPage, Page, url
from services.portal.upstream import Json, Refused
from services.portal.visitor import within

router = APIRouter()

Next = Annotated[str, Query(max_length=2000)]
Said = Annotated[str, Query(max_length=40)]
ELSEWHERE_SECONDS = 600
"""How long a visitor may take to sign in at the issuer."""


@router.get("/sign-in")
async def ask(page: AnyPage, next: Next = "/contribute", said: Said = "") -> Response:
    """The form to sign in, going on to a page of this site."""
    return await _form(page, within(next), said)


@router.post("/sign-in")
async def sign_in(
    page: AnyPage,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/contribute",
) -> Response:
    """Open a session, and end the one that this browser had."""
    try:
        opened = await open_session(page, {"email": email, "password": password})
    except Refused as refusal:
        if (faults := faults_of(page, refusal)) is None:
            raise
        return await _form(page, within(next), "", 422, email=email, faults=faults)
    return await _signed_in(page, opened, next)


@router.post("/sign-out")
async def sign_out(page: AnyPage) -> Response:
    """End the session, at the api too."""
    await _end_present(page)
    page.token_ended = True
    return page.redirect(url("/sign-in", {"said": "out"}))


@router.get("/sign-in/elsewhere")
async def leave(page: AnyPage, next: Next = "/contribute") -> Response:
    """Go to the issuer; a verifier that stays in this browser makes the code that comes back good for it alone."""
    verifier = secrets.token_urlsafe(32)
    asked = {"return_to": f"{page.absolute}/signed-in", "challenge": sha256(verifier.encode()).hexdigest()}
    answer = page.redirect(url("/api/v1/sign-in/oidc", asked))
    kept = f"{verifier}.{quote(within(next), safe='')}"
    visitor.keep(answer, page.request, visitor.own(page.request, visitor.ELSEWHERE), kept, ELSEWHERE_SECONDS)
    return answer


@router.get("/signed-in")
async def come_back(page: AnyPage, code: Annotated[str, Query(max_length=2000)] = "", error: Said = "") -> Response:
    """Come back from the issuer: with a code that opens a session, or with what went wrong."""
    verifier, _, kept = page.request.cookies.get(visitor.own(page.request, visitor.ELSEWHERE), "").partition(".")
    next = within(unquote(kept))
    if error or not code or not verifier:
        answer = page.redirect(url("/sign-in", {"next": next, "said": error or "again"}))
    else:
        try:
            opened = await open_session(page, {"code": code, "verifier": verifier})
            answer = await _signed_in(page, opened, next)
        except Refused as refusal:
            if refusal.status not in (401, 422):
                raise
            answer = page.redirect(url("/sign-in", {"next": next, "said": "again"}))
    visitor.forget(answer, page.request, visitor.own(page.request, visitor.ELSEWHERE))
    return answer


async def open_session(page: Page, proof: Json) -> Json:
    """Open a session at the api, which shows the person the browser that it was opened with; raise `Refused`."""
    agent = {"User-Agent": page.request.headers.get("user-agent", "")}
    opened: Json = (await page.upstream.call("POST", "/sessions", json=proof, headers=agent)).json()
    return opened


def faults_of(page: Page, refusal: Refused) -> list[Json] | None:
    """Return what to say of a refused e-mail or password, none for what is not about them."""
    if refusal.status == 429:
        minutes = -(-int(refusal.headers.get("retry-after", "60")) // 60)
        said = page.ngettext(
            "There were too many wrong passwords. Wait for %(num)s minute, or ask for a new password.",
            "There were too many wrong passwords. Wait for %(num)s minutes, or ask for a new password.",
            minutes,
        )
    elif refusal.status in (401, 422):
        said = page.gettext("The e-mail or the password is wrong.")
    else:
        return None
    return [{"field": "email", "message": said}]


async def _form(
    page: Page, next: str, said: str, status: int = 200, email: str = "", faults: Sequence[Json] = ()
) -> Response:
    ways = await page.upstream.read("/sign-in")
    return page.html("sign-in.html", status, next=next, said=said, email=email, faults=faults, ways=ways)


async def _signed_in(page: Page, opened: Json, next: str) -> Response:
    await _end_present(page)
    page.token_ended = False
    answer = page.redirect(within(next))
    visitor.sign_in(answer, page.request, opened["token"])
    return answer


async def _end_present(page: Page) -> None:
    if page.me is None:
        return
    try:
        await page.upstream.call("DELETE", "/sessions/current")
    except Refused as refusal:
        if refusal.status not in (401, 403, 404):  # it has ended by itself
            raise
