"""Claims at the desk: which offices ask for which records; each is granted, or refused with a reason."""

import asyncio
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.portal.casework import claims
from services.portal.page import Page, url
from services.portal.pages.desk.page import Cursor, DeskPage, Said, Typed, matching, shown
from services.portal.upstream import Json, Refused

router = APIRouter()

PER_PAGE = 50


@router.get("/desk/claims")
async def listed(
    page: DeskPage, state: Annotated[str, Query(max_length=20)] = "asked", cursor: Cursor = "", said: Said = ""
) -> Response:
    """The claims that wait, or those of another state."""
    return await _list(page, state, cursor, said=said)


@router.post("/desk/claims/{id:uuid}/{act}")
async def decide(
    page: DeskPage, id: UUID, act: Literal["grant", "refuse"], version: Typed = "", reason: Typed = ""
) -> Response:
    """Grant or refuse a claim."""
    body = {"reason": reason.strip()} if act == "refuse" else None
    try:
        await page.upstream.call("POST", f"/claims/{id}/{act}", json=body, headers=matching(version))
    except Refused as refusal:
        if refusal.status not in (409, 412, 422, 428):
            raise
        return await _list(page, "asked", "", refusal.status, fault=_fault(page, id, act, refusal), typed=reason)
    return page.redirect(url("/desk/claims", {"said": act}))


async def _list(
    page: Page,
    state: str,
    cursor: str,
    status: int = 200,
    *,
    said: str = "",
    fault: Json | None = None,
    typed: str = "",
) -> Response:
    asked: list[tuple[str, str | int]] = [("state", state)] if state else []
    asked += [("limit", PER_PAGE), *([("cursor", cursor)] if cursor else [])]
    found, plurals, authorities = await asyncio.gather(
        page.upstream.read("/claims", asked),
        page.reference.plurals(page.upstream),
        page.reference.authorities(page.upstream),
    )
    return shown(
        page,
        "claims.html",
        status,
        claims=[claims.shown(one, plurals, page.lang) for one in found["items"]],
        owners={one["slug"]: one["names"].get(page.lang, one["name"]) for one in authorities},
        states=claims.STATES,
        state=state,
        found=found,
        cursor=cursor,
        said=said,
        typed=typed,
        faults=[fault] if fault else [],
    )


def _fault(page: Page, id: UUID, act: str, refusal: Refused) -> Json:
    """Say in words what keeps a claim from being decided."""
    if refusal.status == 422 and act == "refuse":
        words = page.gettext("Say why, in one line of at most 2,000 characters.")
        return {"field": f"reason-{id}", "message": words}
    return {"field": "", "message": page.gettext("Somebody else decided this claim meanwhile, and nothing was done.")}
