"""Practices of the base, public or not: shown to readers, put away, or taken out of their view."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.portal import record
from services.portal.desk import VIEWS
from services.portal.page import Page, url
from services.portal.pages.desk.page import Cursor, DeskPage, Said, Typed, matching, shown
from services.portal.reading import full
from services.portal.types.practice import TYPE
from services.portal.upstream import Json, Refused

router = APIRouter()

PER_PAGE = 50
LISTED = ("unpublished", "published", "archived")
Act = Literal["publish", "unpublish", "archive", "reopen", "rename"]
NEEDS: dict[str, tuple[str, ...]] = {"archive": ("reason",), "reopen": ("reason",), "rename": ("slug",)}
"""What the api is told besides, by act."""


@router.get("/desk/practices")
async def listed(
    page: DeskPage,
    status: Annotated[str, Query(max_length=20)] = "",
    owner: Annotated[str, Query(max_length=120)] = "",
    cursor: Cursor = "",
) -> Response:
    """All practices, the newest first, or those that readers see, or do not."""
    chosen = {name: value for name, value in (("status", status), ("owner", owner)) if value}
    asked: list[tuple[str, str | int]] = [*chosen.items(), ("lang", page.lang), ("limit", PER_PAGE)]
    asked += [("cursor", cursor)] if cursor else []
    found = await page.upstream.read("/practices", asked)
    return shown(
        page,
        "practices.html",
        found=found,
        chosen=chosen,
        listed=LISTED,
        views=VIEWS,
        cursor=cursor,
        authorities=await page.reference.authorities(page.upstream),
    )


@router.get("/desk/practices/{id:uuid}")
async def read(page: DeskPage, id: UUID, said: Said = "") -> Response:
    """One practice, and what may be done about it."""
    return await _one(page, id, said=said)


@router.get("/desk/practices/{id:uuid}/preview")
async def preview(page: DeskPage, id: UUID) -> Response:
    """The latest revision as readers will see it."""
    found = await _practice(page, id)
    sections, labels = await full(page, TYPE, found)
    return shown(
        page,
        "practice-preview.html",
        shown=found,
        practice={**found, "tier": found["tier"] or "network", "state": "published"},
        content=found["content"],
        labels=labels,
        sections=sections,
        around=None,
        told=[],
        similar=[],
        title_language=record.language_of(found, "initiative.title"),
        summary_language=record.language_of(found, "how.summary"),
    )


@router.post("/desk/practices/{id:uuid}/{act}")
async def change(
    page: DeskPage, id: UUID, act: Act, version: Typed = "", reason: Typed = "", slug: Typed = ""
) -> Response:
    """Change what readers see of a practice."""
    typed = {"reason": reason.strip(), "slug": slug.strip()}
    body = {field: typed[field] for field in NEEDS.get(act, ())}
    try:
        await page.upstream.call("POST", f"/practices/{id}/{act}", json=body or None, headers=matching(version))
    except Refused as refusal:
        if refusal.status not in (409, 412, 422, 428):
            raise
        return await _one(page, id, refusal.status, typed=typed, act=act, refusal=refusal)
    return page.redirect(url(f"/desk/practices/{id}", {"said": act}))


async def _practice(page: Page, id: UUID) -> Json:
    found: Json = await page.upstream.read(f"/practices/{id}/latest", [("lang", page.lang)])
    return found


async def _one(
    page: Page,
    id: UUID,
    status: int = 200,
    *,
    said: str = "",
    typed: Json | None = None,
    act: str = "",
    refusal: Refused | None = None,
) -> Response:
    found = await _practice(page, id)
    cases = (await page.upstream.read("/submissions", [("practice", found["id"]), ("limit", 1)]))["items"]
    return shown(
        page,
        "practice.html",
        status,
        practice=found,
        title=found["content"]["initiative"]["title"],
        title_language=record.language_of(found, "initiative.title"),
        case=cases[0] if cases else None,
        views=VIEWS,
        owner=await page.reference.authority(page.upstream, found["owner"]) if found["owner"] else None,
        tiers=await page.reference.labels(page.upstream, "publication-tiers"),
        said=said,
        typed=typed or {"reason": "", "slug": found["slug"] or ""},
        faults=_faults(page, act, refusal) if refusal else [],
    )


def _faults(page: Page, act: str, refusal: Refused) -> list[Json]:
    """Say in words what keeps a practice from being changed."""
    if refusal.status in (412, 428):
        said = page.gettext(
            "Somebody else changed this practice meanwhile, and nothing was done. Look, then send again."
        )
        return [{"field": "", "message": said}]
    words = {
        "reason": page.gettext("Say why, in one line of at most 2,000 characters."),
        "slug": page.gettext(
            "Write lower-case letters from a to z, digits and single hyphens, such as tres-por-uno; it must be free."
        ),
    }
    if refusal.status == 422 and act in NEEDS:
        return [{"field": field, "message": words[field]} for field in NEEDS[act]]
    field = "slug" if act == "rename" else ""
    return [{"field": field, "message": refusal.detail, "lang": "en"}]
