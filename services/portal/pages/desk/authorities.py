"""Authorities at the desk: found, added and changed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.portal import authorities, authority_form, languages
from services.portal.authority_form import CIRCLE, LABELS, MEANINGS, Typed
from services.portal.page import Page, url
from services.portal.pages.desk.page import Cursor, DeskPage, Said, matching, shown
from services.portal.upstream import Json, Refused

router = APIRouter()
HERE = "/desk/authorities"
PER_PAGE = 50
MOST_FIELDS = 500
MOST_TOLD = 6
"""Names that a fault tells to choose from."""
Slug = Annotated[str, Path(max_length=120, pattern="^[A-Za-z0-9-]+$")]


@router.get(HERE)
async def listed(
    page: DeskPage, q: Annotated[str, Query(max_length=120)] = "", cursor: Cursor = "", said: Said = ""
) -> Response:
    """All authorities by the end of their address, or those that have a part of a name."""
    given: list[tuple[str, str | int]] = [("q", q.strip()), ("cursor", cursor)]
    asked = [pair for pair in given if pair[1]]
    found = await page.upstream.read("/authorities", [*asked, ("limit", PER_PAGE)])
    rows = [{**one, "title": authorities.named(one, page.lang)} for one in found["items"]]
    labels = await page.reference.terms(page.upstream)
    return shown(page, "authorities.html", found=found, rows=rows, q=q.strip(), cursor=cursor, said=said, labels=labels)


@router.get(f"{HERE}/new")
async def begin(page: DeskPage) -> Response:
    """The form for a new authority."""
    return await _form(page, Typed())


async def _sent(request: Request) -> Typed:
    async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
        return Typed.read([(name, value) for name, value in form.multi_items() if isinstance(value, str)])


Sent = Annotated[Typed, Depends(_sent)]


@router.post(f"{HERE}/new")
async def add(page: DeskPage, typed: Sent) -> Response:
    """Add an authority."""
    body = typed.body | ({"slug": typed["slug"]} if typed["slug"] else {})
    try:
        made = await page.upstream.call("POST", "/authorities", json=await _with_others(page, body))
    except Refused as refusal:
        return await _form(page, typed, refusal=refusal)
    return page.redirect(url(f"{HERE}/{made.json()['slug']}", {"said": "added"}))


@router.get(f"{HERE}/{{slug}}")
async def read(page: DeskPage, slug: Slug, said: Said = "") -> Response:
    """One authority, to be changed."""
    present = await page.upstream.read(f"/authorities/{slug}")
    return await _form(page, Typed.of(present), present, said=said)


@router.post(f"{HERE}/{{slug}}")
async def change(page: DeskPage, slug: Slug, typed: Sent) -> Response:
    """Replace what is said of an authority."""
    try:
        body = await _with_others(page, typed.body)
        await page.upstream.call("PUT", f"/authorities/{slug}", json=body, headers=matching(typed["version"]))
    except Refused as refusal:
        return await _form(page, typed, await page.upstream.read(f"/authorities/{slug}"), refusal=refusal)
    return page.redirect(url(f"{HERE}/{slug}", {"said": "changed"}))


async def _with_others(page: Page, body: Json) -> Json:
    """Return a body in which authorities that were named by words are named by the ends of their addresses.

    Raise `Refused` where words name none or more than one.
    """
    faults = []
    for field in ("parent", "successor"):
        if (words := body[field]) is None:
            continue
        found = await _called(page, words)
        if len(found) == 1:
            body = body | {field: found[0]["slug"]}
        else:
            choice = ", ".join(one["slug"] for one in found[:MOST_TOLD])
            faults.append({"field": field, "message": choice})
    if faults:
        raise Refused(422, "", faults)
    return body


async def _called(page: Page, words: str) -> list[Json]:
    """Return the authorities that words may mean: the one of that address or name, else those with a part of it."""
    found: list[Json] = []
    if words.isascii() and words.replace("-", "").isalnum() and len(words) <= 120:
        try:
            return [await page.upstream.read(f"/authorities/{words}")]
        except Refused as refusal:
            if refusal.status != 404:
                raise
    if len(words) <= 120:
        found = (await page.upstream.read("/authorities", [("q", words), ("limit", 20)]))["items"]
    exactly = [one for one in found if words.casefold() in {name.casefold() for name in _names(one)}]
    return exactly if len(exactly) == 1 else found


def _names(one: Json) -> list[str]:
    return [one["name"], *one["names"].values()]


async def _form(
    page: Page, typed: Typed, present: Json | None = None, *, said: str = "", refusal: Refused | None = None
) -> Response:
    if refusal is not None and refusal.status not in (409, 412, 422, 428):
        raise refusal
    stale = refusal is not None and refusal.status in (412, 428)
    offered = authorities.others(await page.reference.authorities(page.upstream), page.lang)
    return shown(
        page,
        "authority.html",
        refusal.status if refusal else 200,
        typed=typed,
        present=present,
        title=authorities.named(present, page.lang) if present else (page.lang, ""),
        said=said,
        faults=_faults(page, typed, refusal) if refusal else [],
        otherwise=_otherwise(page, typed, present) if stale and present else [],
        offered=offered,
        labels=await page.reference.terms(page.upstream),
        called={name: page.gettext(label) for name, label in LABELS.items()},
        language_title=lambda tag: languages.name(tag, page.lang),
    )


def _otherwise(page: Page, typed: Typed, present: Json) -> list[tuple[str, str]]:
    """Return what was changed meanwhile, or is about to be: what fields are called, and what they say now."""
    called = {name: page.gettext(label) for name, label in LABELS.items()}
    called[authority_form.ROLES] = page.gettext("In migration")
    rows = authority_form.otherwise(typed, Typed.of(present))
    return [(called.get(name) or languages.name(name.rpartition("-")[2], page.lang), text) for name, text in rows]


def _faults(page: Page, typed: Typed, refusal: Refused) -> list[Json]:
    """Say in words what keeps an authority from being written, by the field where it can be mended."""
    if refusal.status in (412, 428):
        message = page.gettext(
            "Somebody else changed this authority meanwhile, and nothing was saved. Look, then send again."
        )
        return [{"field": "", "message": message}]
    if refusal.status == 409:
        allowed = MEANINGS["slug"]
        return [{"field": "slug", "message": page.gettext(allowed)}]
    found: dict[str, Json] = {}
    for fault in refusal.errors:
        place, meaning = authority_form.place_of(typed, str(fault["field"]))
        message = page.gettext(MEANINGS[meaning]) if meaning else ""
        if place in ("parent", "successor"):
            message = _of_another(page, str(fault["message"]), message)
        if place:
            found.setdefault(place, {"field": place, "message": message})
    return [*found.values()] or [{"field": "", "message": refusal.detail, "lang": "en"}]


def _of_another(page: Page, told: str, message: str) -> str:
    """Say what is wrong with naming another authority: none is called so, several are, or the way leads back."""
    if told.startswith("an authority cannot"):
        return page.gettext(CIRCLE)
    if told and not told.startswith("There is no"):
        return page.gettext("Several are called so. Write one of these: %(names)s", names=told)
    return message
