"""What one hears of by letter: chosen on the account page, or stopped by whoever holds a letter."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Response

from services.portal import guard, notices
from services.portal.page import AnyPage, Page
from services.portal.upstream import Json

router = APIRouter()

Token = Annotated[str, Path(max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]


@router.post("/account/letters")
async def choose(page: AnyPage) -> Response:
    """Say in which language letters to me are written, and how often I am told of what."""
    page.must_be()
    form = await page.request.form()
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    often = {kind: given[kind] for kind in notices.KINDS if kind in given}
    await page.upstream.call("PUT", "/me/notices", json={"often": often})
    if "language" in given:
        await page.upstream.call("PUT", "/me/language", json={"language": given["language"]})
    return page.redirect("/account?said=letters")


@router.get(guard.STOPS + "{token}")
async def look(page: AnyPage, token: Token) -> Response:
    """What would be stopped, and the button that stops it: a look stops nothing."""
    return _stop(page, token, await page.upstream.read(f"/letters/stop/{token}"), stopped=False)


@router.post(guard.STOPS + "{token}")
async def stop(page: AnyPage, token: Token, everything: Annotated[str, Form()] = "") -> Response:
    """Stop such letters at once, for a visitor who pressed the button or a mail program that was told to (RFC 8058)."""
    query = {"everything": "true"} if everything else {}
    done = (await page.upstream.call("POST", f"/letters/stop/{token}", params=query)).json()
    return _stop(page, token, done, stopped=True, everything=bool(everything))


def _stop(page: Page, token: str, found: Json, *, stopped: bool, everything: bool = False) -> Response:
    kinds = [page.gettext(one) for one in notices.named(found["kinds"])]
    answer = page.html("letters-stop.html", token=token, kinds=kinds, stopped=stopped, everything=everything)
    # The token stands in this page's address: no other site is to learn it, and nobody keeps the page.
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "no-store"
    return answer
