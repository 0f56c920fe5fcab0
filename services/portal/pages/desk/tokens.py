"""Tokens by which a person sets a password: each is shown once, in the answer that made it, and kept nowhere."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.portal.page import Page, url
from services.portal.pages.desk.page import DeskPage, shown_once
from services.portal.upstream import Json, Refused

router = APIRouter()


@router.post("/desk/people/{id:uuid}/reset")
async def make(page: DeskPage, id: UUID) -> Response:
    """Make a token, and show it to be handed over."""
    return await hand_over(page, await page.upstream.read(f"/accounts/{id}"))


async def hand_over(page: Page, account: Json, *, added: bool = False) -> Response:
    """Make a token for an account, and show it this once; whom none can be made for is shown as the account is."""
    try:
        made = (await page.upstream.call("POST", f"/accounts/{account['id']}/reset")).json()
    except Refused as refusal:
        if not added and refusal.status not in (403, 409):
            raise
        return page.redirect(url(f"/desk/people/{account['id']}", {"said": "added" if added else "no_token"}))
    path = "/password/reset" if account["has_password"] else "/invitation"
    link = page.absolute + url(path, {"token": made["token"]})
    return shown_once(page, "token.html", account=account, made=made, link=link, added=added)
