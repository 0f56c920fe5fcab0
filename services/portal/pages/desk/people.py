"""Accounts of people: listed, added, changed, and let in or out."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.portal.page import Page, url
from services.portal.pages.desk.page import Cursor, DeskPage, Said, Typed, faults, home, matching, shown
from services.portal.pages.desk.tokens import hand_over
from services.portal.upstream import Json, Refused

router = APIRouter()
PER_PAGE = 50
FIELDS = ("email", "name", "language", "role", "authority", "organisation")
Choice = Annotated[str, Query(max_length=120)]


@router.get("/desk/people")
async def listed(
    page: DeskPage, q: Choice = "", role: Choice = "", authority: Choice = "", active: Choice = "", cursor: Cursor = ""
) -> Response:
    """All accounts by e-mail, or those that are asked for."""
    given = {"q": q.strip(), "role": role, "authority": authority, "active": active}
    chosen = {name: value for name, value in given.items() if value}
    asked: list[tuple[str, str | int]] = [*chosen.items(), ("limit", PER_PAGE)]
    if cursor:
        asked.append(("cursor", cursor))
    return shown(
        page,
        "people.html",
        found=await page.upstream.read("/accounts", asked),
        chosen=chosen,
        cursor=cursor,
        authorities=await page.reference.authorities(page.upstream),
    )


@router.get("/desk/people/new")
async def begin(page: DeskPage) -> Response:
    """The form for a new account."""
    return await _new(page, dict.fromkeys(FIELDS, "") | {"language": page.lang})


@router.post("/desk/people/new")
async def add(
    page: DeskPage,
    email: Typed = "",
    name: Typed = "",
    language: Typed = "",
    role: Typed = "",
    authority: Typed = "",
    organisation: Typed = "",
) -> Response:
    """Give a person an account; the invitation goes out by letter, or is shown this once."""
    typed = dict(zip(FIELDS, (email, name, language, role, authority, organisation), strict=True))
    try:
        made = (await page.upstream.call("POST", "/accounts", json=_body(typed))).json()
    except Refused as refusal:
        return await _new(page, typed, refusal.status, _wrong(page, refusal))
    if (await page.upstream.read("/sign-in"))["delivery"] == "e-mail":
        return page.redirect(url(f"/desk/people/{made['id']}", {"said": "invited"}))
    return await hand_over(page, made, added=True)


@router.get("/desk/people/{id:uuid}")
async def read(page: DeskPage, id: UUID, said: Said = "") -> Response:
    """One account, and what may be done about it."""
    return await _one(page, await page.upstream.read(f"/accounts/{id}"), said=said)


@router.post("/desk/people/{id:uuid}")
async def change(
    page: DeskPage,
    id: UUID,
    version: Typed = "",
    email: Typed = "",
    name: Typed = "",
    language: Typed = "",
    role: Typed = "",
    authority: Typed = "",
    organisation: Typed = "",
) -> Response:
    """Replace what is said of a person."""
    typed = dict(zip(FIELDS, (email, name, language, role, authority, organisation), strict=True))
    try:
        await page.upstream.call("PUT", f"/accounts/{id}", json=_body(typed), headers=matching(version))
    except Refused as refusal:
        present = await page.upstream.read(f"/accounts/{id}")
        return await _one(page, present, refusal.status, typed=typed, faults=_wrong(page, refusal), refusal=refusal)
    return page.redirect(url(f"/desk/people/{id}", {"said": "changed"}))


@router.post("/desk/people/{id:uuid}/deactivate")
async def deactivate(page: DeskPage, id: UUID, version: Typed = "") -> Response:
    """Let a person in no more."""
    return await _let(page, id, version, "deactivate")


@router.post("/desk/people/{id:uuid}/reactivate")
async def reactivate(page: DeskPage, id: UUID, version: Typed = "") -> Response:
    """Let a person in again."""
    return await _let(page, id, version, "reactivate")


async def _let(page: Page, id: UUID, version: str, act: str) -> Response:
    try:
        await page.upstream.call("POST", f"/accounts/{id}/{act}", headers=matching(version))
    except Refused as refusal:
        present = await page.upstream.read(f"/accounts/{id}")
        return await _one(page, present, refusal.status, faults=_wrong(page, refusal), refusal=refusal)
    return page.redirect(url(f"/desk/people/{id}", {"said": f"{act}d"}))


async def _new(page: Page, typed: Json, status: int = 200, faults: list[Json] | None = None) -> Response:
    authorities = await page.reference.authorities(page.upstream)
    return shown(page, "person-new.html", status, typed=typed, faults=faults or [], authorities=authorities)


async def _one(
    page: Page,
    account: Json,
    status: int = 200,
    *,
    said: str = "",
    typed: Json | None = None,
    faults: list[Json] | None = None,
    refusal: Refused | None = None,
) -> Response:
    me = page.must_be()
    kept = {name: account[name] or "" for name in FIELDS if name != "authority"}
    kept["authority"] = account["authority"]["slug"] if account["authority"] else ""
    return shown(
        page,
        "person.html",
        status,
        account=account,
        managed=account["role"] in me["rights"]["manage_accounts"],
        said=said,
        typed=typed or kept,
        faults=faults or [],
        stale=refusal is not None and refusal.status in (412, 428),
        authorities=await page.reference.authorities(page.upstream),
    )


def _body(typed: Json) -> Json:
    said = {"email": typed["email"].strip(), "name": typed["name"].strip(), **home(typed)}
    return said | ({"language": typed["language"]} if typed["language"] else {})


def _wrong(page: Page, refusal: Refused) -> list[Json]:
    """Say in words what keeps an account from being changed; raise what a form cannot mend."""
    if refusal.status == 422:
        return faults(page, refusal, FIELDS)
    if refusal.status in (412, 428):
        said = page.gettext(
            "Somebody else changed this account meanwhile, and nothing was done. Look, then send again."
        )
        return [{"field": "", "message": said}]
    if refusal.status in (403, 409):
        field = "email" if "e-mail" in refusal.detail else ""
        return [{"field": field, "message": refusal.detail, "lang": "en"}]
    raise refusal
