"""Keys of machines: listed, made, revoked; an admin's alone."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.portal.page import Page, url
from services.portal.pages.desk.page import Cursor, DeskPage, Said, Typed, faults, home, shown, shown_once
from services.portal.upstream import Json, Refused

router = APIRouter()
PER_PAGE = 50
FIELDS = ("name", "role", "authority", "organisation", "days")
KeyId = Annotated[str, Path(max_length=16, pattern=r"^[0-9a-z]+$")]


@router.get("/desk/keys")
async def listed(page: DeskPage, said: Said = "", cursor: Cursor = "") -> Response:
    """All keys, the newest first, and the form for another one."""
    return await _listed(page, {**dict.fromkeys(FIELDS, ""), "role": "reviewer", "days": "365"}, said, cursor)


@router.post("/desk/keys")
async def make(
    page: DeskPage,
    name: Typed = "",
    role: Typed = "",
    authority: Typed = "",
    organisation: Typed = "",
    days: Typed = "",
) -> Response:
    """Make a key, and show it this once."""
    typed = {"name": name, "role": role, "authority": authority, "organisation": organisation, "days": days}
    count = int(days) if days.isascii() and days.isdigit() and len(days) < 9 else 0
    try:
        body = {"name": name.strip(), "days": count, **home(typed)}
        made = (await page.upstream.call("POST", "/keys", json=body)).json()
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return await _listed(page, typed, status=422, wrong=faults(page, refusal, FIELDS))
    return shown_once(page, "key.html", key=made)


@router.post("/desk/keys/{id}/revoke")
async def revoke(page: DeskPage, id: KeyId) -> Response:
    """Make a key useless at once."""
    await page.upstream.call("DELETE", f"/keys/{id}")
    return page.redirect(url("/desk/keys", {"said": "revoked"}))


async def _listed(
    page: Page, typed: Json, said: str = "", cursor: str = "", status: int = 200, wrong: list[Json] | None = None
) -> Response:
    found = await page.upstream.read("/keys", [("limit", PER_PAGE), *([("cursor", cursor)] if cursor else [])])
    return shown(
        page,
        "keys.html",
        status,
        found=found,
        now=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        typed=typed,
        said=said,
        faults=wrong or [],
        cursor=cursor,
        authorities=await page.reference.authorities(page.upstream),
    )
