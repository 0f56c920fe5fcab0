"""Writing to the office behind a record or of an authority: the form, and what is wrong with what was typed."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Response

from services.portal import letters
from services.portal.page import AnyPage, Page, url
from services.portal.upstream import Json, Refused

router = APIRouter()

Type = Annotated[str, Query(max_length=40, pattern="^[a-z-]+$")]
To = Annotated[str, Query(max_length=120, pattern="^[A-Za-z0-9-]+$")]
Typed = Annotated[str, Form(max_length=10_000)]
FIELDS = ("name", "email", "text")


@router.get("/write")
async def ask(page: AnyPage, type: Type, to: To) -> Response:
    """The form, which says who reads what is written there, and who sees which address."""
    me = page.me or {}
    typed = {"name": me.get("name") or "", "email": me.get("email") or "", "text": ""}
    return await _form(page, type, to, typed)


@router.post("/write")
async def write(page: AnyPage, type: Type, to: To, name: Typed = "", email: Typed = "", text: Typed = "") -> Response:
    """Take a message; what is answered is the same for every address."""
    typed = {"name": name.strip(), "email": email.strip(), "text": text.replace("\r\n", "\n").strip()}
    body = {"to": {"type": type, "id": to}, "language": page.lang, **typed}
    try:
        await page.upstream.call("POST", "/messages", json=body)
    except Refused as refusal:
        if (faults := letters.faults(page, refusal, FIELDS)) is None:
            raise
        return await _form(page, type, to, typed, refusal.status, faults)
    return page.redirect(url("/readers/sent", {"what": "message"}))


async def _form(
    page: Page, type: str, to: str, typed: Json, status: int = 200, faults: list[Json] | None = None
) -> Response:
    about = await page.upstream.read(f"/addressees/{type}/{to}")
    offers = await page.reference.offers(page.upstream)
    return page.html(
        "readers/write.html", status, about=about, to=to, offered=offers["messages"], typed=typed, faults=faults or []
    )
