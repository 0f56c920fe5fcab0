"""Asking for a case that is one's own: why it is, what became of it, and taking it back."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Path, Query, Response

from services.portal.casework import claims
from services.portal.page import AnyPage, Page, url
from services.portal.upstream import Json, Refused

router = APIRouter()

Plural = Annotated[str, Path(max_length=40, pattern="^[a-z-]+$")]
Slug = Annotated[str, Path(max_length=120, pattern="^[A-Za-z0-9-]+$")]
Cursor = Annotated[str, Query(max_length=300)]
PER_PAGE = 20


@router.get("/contribute/claim/{plural}/{slug}")
async def ask(page: AnyPage, plural: Plural, slug: Slug) -> Response:
    """Say why a public record is one's own; where one's office asks for it already, go to that."""
    page.must_be()
    record = await _record(page, plural, slug)
    asked = await page.upstream.read("/claims", [("record", record["id"]), ("state", "asked"), ("limit", 1)])
    if page.must_be()["role"] == "officer" and asked["items"]:
        return page.redirect(f"/contribute/claims/{asked['items'][0]['id']}")
    return _form(page, plural, record)


@router.post("/contribute/claim/{plural}/{slug}")
async def send(page: AnyPage, plural: Plural, slug: Slug, statement: Annotated[str, Form()] = "") -> Response:
    """Ask for a record."""
    page.must_be()
    record = await _record(page, plural, slug)
    typed = "\n".join(line.rstrip() for line in statement.strip().splitlines())
    try:
        sent = await page.upstream.call("POST", f"/{plural}/{record['id']}/claims", json={"statement": typed})
    except Refused as refusal:
        if refusal.status not in (409, 422):
            raise
        if refusal.status == 422:
            words = page.gettext("Say why it is yours, in at most 2,000 characters.")
            faults = [{"field": "statement", "message": words}]
        else:
            faults = [{"field": "", "message": refusal.detail, "lang": "en"}]
        return _form(page, plural, record, refusal.status, statement, faults)
    return page.redirect(url(f"/contribute/claims/{sent.json()['id']}", {"said": "asked"}))


@router.get("/contribute/claims")
async def listed(page: AnyPage, cursor: Cursor = "") -> Response:
    """What one's office asked for, the newest first; the secretariat sees all of it at its desk."""
    if page.must_be()["rights"]["decide"]:
        return page.redirect("/desk/claims")
    asked: list[tuple[str, str | int]] = [("limit", PER_PAGE), *([("cursor", cursor)] if cursor else [])]
    found, plurals = await asyncio.gather(page.upstream.read("/claims", asked), page.reference.plurals(page.upstream))
    shown = [claims.shown(one, plurals, page.lang) for one in found["items"]]
    return page.html("claims.html", claims=shown, found=found, cursor=cursor)


@router.get("/contribute/claims/{id:uuid}")
async def read(page: AnyPage, id: UUID, said: Annotated[str, Query(max_length=40)] = "") -> Response:
    """One claim, and what became of it."""
    page.must_be()
    return await _one(page, id, said=said)


@router.post("/contribute/claims/{id:uuid}/withdraw")
async def withdraw(page: AnyPage, id: UUID, version: Annotated[str, Form(max_length=20)] = "") -> Response:
    """Take a claim back."""
    page.must_be()
    try:
        await page.upstream.call("POST", f"/claims/{id}/withdraw", headers={"If-Match": f'"{version}"'})
    except Refused as refusal:
        if refusal.status not in (409, 412, 422):
            raise
        words = page.gettext("It was decided meanwhile, and nothing was done. Look at what became of it.")
        return await _one(page, id, refusal.status, faults=[{"field": "", "message": words}])
    return page.redirect(url(f"/contribute/claims/{id}", {"said": "withdrawn"}))


async def _record(page: Page, plural: str, slug: str) -> Json:
    """Return a public record of a type; raise `Refused` for what is none."""
    if plural not in (await page.reference.plurals(page.upstream)).values():
        raise Refused(404, page.gettext("There is no such page."))
    answer = await page.upstream.redirected(f"/{plural}/{slug}")
    if answer.is_redirect:
        return await _record(page, plural, answer.headers["location"].split("?")[0].rsplit("/", 1)[1])
    found: Json = answer.json()
    return found


def _form(
    page: Page, plural: str, record: Json, status: int = 200, typed: str = "", faults: list[Json] | None = None
) -> Response:
    titles = record["title"]
    language = page.lang if page.lang in titles else next(iter(titles))
    return page.html(
        "claim-new.html",
        status,
        claimed=f"{plural}/{record['slug']}",
        title=titles[language],
        title_language=language,
        typed=typed,
        faults=faults or [],
    )


async def _one(
    page: Page, id: UUID, status: int = 200, *, said: str = "", faults: list[Json] | None = None
) -> Response:
    claim, plurals = await asyncio.gather(page.upstream.read(f"/claims/{id}"), page.reference.plurals(page.upstream))
    cases: list[Json] = []
    if claim["state"] == "granted":
        of = [("type", claim["record"]["type"]), ("record", claim["record"]["id"]), ("limit", 1)]
        cases = (await page.upstream.read("/submissions", of))["items"]
    return page.html(
        "claim.html",
        status,
        claim=claims.shown(claim, plurals, page.lang),
        case=cases[0] if cases else None,
        said=said,
        faults=faults or [],
    )
