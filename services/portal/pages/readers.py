"""What links in letters lead to: a page that says what would happen, and a button that lets it happen.

Opening such a page does nothing: programs that look at mail open every link of it.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Response

from services.portal import letters
from services.portal.finding import pairs
from services.portal.page import AnyPage, Page, url
from services.portal.upstream import Json, Refused

router = APIRouter()

Token = Annotated[str, Query(max_length=200)]
Typed = Annotated[str, Form(max_length=200)]
What = Annotated[str, Query(max_length=20)]


@router.get("/readers/sent")
async def sent(page: AnyPage, what: What = "") -> Response:
    """That a letter is on its way, if there is such an address."""
    return page.html("readers/sent.html", what=what)


@router.get("/readers/confirm")
async def look(page: AnyPage, token: Token = "", said: What = "") -> Response:
    """What a link is about: a message to be sent, a search to be followed, or all that is followed."""
    try:
        request = (await page.upstream.call("POST", "/reader-requests/read", json={"token": token})).json()
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return _gone(page, said)
    request["follows"] = [_shown(page, one) for one in request["follows"]]
    asked = _shown(page, request) if request["kind"] == "search" else request
    return _secret(page.html("readers/confirm.html", token=token, asked=asked, said=said))


@router.post("/readers/confirm")
async def confirm(page: AnyPage, token: Typed = "") -> Response:
    """Let it happen."""
    try:
        done: Json = (await page.upstream.call("POST", "/reader-requests/confirm", json={"token": token})).json()
    except Refused as refusal:
        if refusal.status == 422:
            return _gone(page)
        if refusal.status not in (409, 429):
            raise
        return _secret(page.html("readers/later.html", refusal.status, refusal=refusal))
    return page.redirect(url("/readers/done", {"what": done["kind"]}))


@router.get("/readers/done")
async def done(page: AnyPage, what: What = "") -> Response:
    """What was just done."""
    return page.html("readers/done.html", what=what)


@router.post("/readers/stop")
async def stop(page: AnyPage, token: Typed = "", search: Typed = "") -> Response:
    """Stop a search of a list, or all."""
    try:
        body = {"token": token, **({"search": search} if search else {})}
        await page.upstream.call("POST", "/followed-searches/stop", json=body)
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return _gone(page)
    return page.redirect(url("/readers/confirm", {"token": token, "said": "stopped"}))


@router.get("/readers/report")
async def ask_to_report(page: AnyPage, token: Token = "") -> Response:
    """Whether a message is to be brought before the secretariat."""
    return _secret(page.html("readers/report.html", token=token))


@router.post("/readers/report")
async def report(page: AnyPage, token: Typed = "") -> Response:
    """Bring a message before the secretariat."""
    try:
        await page.upstream.call("POST", "/messages/report", json={"token": token})
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return _gone(page)
    return page.redirect(url("/readers/done", {"what": "report"}))


def _shown(page: Page, followed: Json) -> Json:
    """Return a search that is or would be followed, with its words, its address, and how often in words."""
    search = letters.search_of(pairs(followed["question"]))
    often = page.gettext("every week") if followed["every"] == "weekly" else page.gettext("every month")
    return {**followed, "told": letters.told(page, search), "address": search.address(), "often": often}


def _gone(page: Page, said: str = "") -> Response:
    return page.html("readers/gone.html", 200 if said else 404, said=said)


def _secret(answer: Response) -> Response:
    """The token stands in the page's address: no other site is to learn it, and nobody keeps the page."""
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "no-store"
    return answer
