"""Handing over at the desk: one record to another office or to none, and all that an office has which ends."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Path, Query, Response

from services.portal.page import Page, url
from services.portal.pages.desk.page import DeskPage, Said, Typed, matching, shown
from services.portal.upstream import Json, Refused

router = APIRouter()

Plural = Annotated[str, Path(max_length=40, pattern="^[a-z-]+$")]
Long = Annotated[str, Form(max_length=10_000)]


@router.get("/desk/hand-over")
async def all_of_an_office(
    page: DeskPage, office: Annotated[str, Query(alias="from", max_length=120)] = "", said: Said = ""
) -> Response:
    """Which office ends, and which one goes on with all that it has."""
    return await _all(page, {"from": office, "to": "", "reason": ""}, said=said)


@router.post("/desk/hand-over")
async def hand_over_all(
    page: DeskPage, office: Annotated[str, Form(alias="from", max_length=120)] = "", to: Typed = "", reason: Long = ""
) -> Response:
    """Hand over all records and cases of an office at once."""
    typed = {"from": office, "to": to, "reason": reason}
    missing = [_fault(page, name) for name in ("from", "to", "reason") if not typed[name].strip()]
    if missing:
        return await _all(page, typed, 422, faults=missing)
    body = {"to": to, "reason": reason.strip()}
    try:
        done = await page.upstream.call("POST", f"/authorities/{office}/hand-over", json=body)
    except Refused as refusal:
        if refusal.status not in (404, 409, 422):
            raise
        return await _all(page, typed, refusal.status, faults=_faults(page, refusal))
    counts = done.json()
    return await _all(page, {"from": "", "to": "", "reason": ""}, done=counts)


@router.get("/desk/hand-over/{plural}/{id:uuid}")
async def one_record(page: DeskPage, plural: Plural, id: UUID, said: Said = "") -> Response:
    """Whose a record is, and to whom it may be handed over."""
    return await _one(page, plural, id, said=said)


@router.post("/desk/hand-over/{plural}/{id:uuid}")
async def hand_over(
    page: DeskPage, plural: Plural, id: UUID, version: Typed = "", authority: Typed = "", reason: Long = ""
) -> Response:
    """Hand a record over to another office, or to none."""
    body = {"authority": authority or None, "reason": reason.strip()}
    try:
        await page.upstream.call("POST", f"/{plural}/{id}/owner", json=body, headers=matching(version))
    except Refused as refusal:
        if refusal.status not in (409, 412, 422, 428):
            raise
        typed = {"authority": authority, "reason": reason}
        return await _one(page, plural, id, refusal.status, typed=typed, faults=_faults(page, refusal))
    return page.redirect(url(f"/desk/hand-over/{plural}/{id}", {"said": "done"}))


async def _all(
    page: Page,
    typed: Json,
    status: int = 200,
    *,
    said: str = "",
    faults: list[Json] | None = None,
    done: Json | None = None,
) -> Response:
    authorities = await page.reference.authorities(page.upstream)
    values = {"typed": typed, "authorities": authorities, "said": said, "faults": faults or [], "done": done}
    return shown(page, "hand-over.html", status, **values)


async def _one(
    page: Page,
    plural: str,
    id: UUID,
    status: int = 200,
    *,
    said: str = "",
    typed: Json | None = None,
    faults: list[Json] | None = None,
) -> Response:
    if plural not in (await page.reference.plurals(page.upstream)).values():
        raise Refused(404, page.gettext("There is no such page."))
    found = await page.upstream.read(f"/{plural}/{id}/latest", [("lang", page.lang)])
    return shown(
        page,
        "hand-over-one.html",
        status,
        record=found,
        path=f"{plural}/{id}",
        title=await _title(page, found),
        owner=await page.reference.authority(page.upstream, found["owner"]) if found["owner"] else None,
        authorities=await page.reference.authorities(page.upstream),
        typed=typed or {"authority": "", "reason": ""},
        said=said,
        faults=faults or [],
    )


async def _title(page: Page, found: Json) -> str:
    """Return the title of a record of any type, its address or id where it has none yet."""
    value: Any = found["content"]
    for name in (await page.reference.form(page.upstream, found["type"]))["title"].split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return str(value or found["slug"] or found["id"])


def _fault(page: Page, field: str) -> Json:
    words = {
        "from": page.gettext("Choose the office that ends."),
        "to": page.gettext("Choose another office, which goes on with it."),
        "authority": page.gettext("Choose an office of the list, or none."),
        "reason": page.gettext("Say why, in one line of at most 2,000 characters."),
    }
    return {"field": field, "message": words[field]}


def _faults(page: Page, refusal: Refused) -> list[Json]:
    """Say in words what keeps records from being handed over."""
    if refusal.status in (412, 428):
        words = page.gettext("Somebody else changed the record meanwhile, and nothing was done. Look, then send again.")
        return [{"field": "", "message": words}]
    named = [str(fault["field"]) for fault in refusal.errors]
    known = [_fault(page, name) for name in ("to", "authority", "reason") if name in named]
    return known or [{"field": "", "message": refusal.detail, "lang": "en"}]
