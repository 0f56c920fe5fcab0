"""Messages of readers that whoever got them reported: the secretariat blocks their address, or dismisses the report."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.portal.page import url
from services.portal.pages.desk.page import Cursor, DeskPage, Said, shown
from services.portal.upstream import Refused

router = APIRouter()
PER_PAGE = 20


@router.get("/desk/messages")
async def listed(page: DeskPage, said: Said = "", cursor: Cursor = "") -> Response:
    """Reported messages, the oldest report first."""
    found = await page.upstream.read(
        "/reported-messages", [("limit", PER_PAGE), *([("cursor", cursor)] if cursor else [])]
    )
    return shown(page, "messages.html", found=found, said=said, cursor=cursor)


@router.post("/desk/messages/{id:uuid}/dismiss")
async def dismiss(page: DeskPage, id: UUID) -> Response:
    """Find nothing wrong with a message."""
    return await _decided(page, id, "dismiss")


@router.post("/desk/messages/{id:uuid}/block")
async def block(page: DeskPage, id: UUID) -> Response:
    """Send nothing any more in the name of a message's address."""
    return await _decided(page, id, "block")


async def _decided(page: DeskPage, id: UUID, what: str) -> Response:
    try:
        await page.upstream.call("POST", f"/reported-messages/{id}/{what}")
    except Refused as refusal:
        if refusal.status != 404:
            raise
        what = "gone"
    return page.redirect(url("/desk/messages", {"said": what}))
