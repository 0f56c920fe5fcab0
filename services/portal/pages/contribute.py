"""Contributing: what it means, one's inbox, the cases one may see, and beginning another."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Response

from services.portal.casework import cases
from services.portal.page import AnyPage, Page
from services.portal.reading import latest, present
from services.portal.record import at
from services.portal.types import TYPES, RecordType, default, find
from services.portal.upstream import Json, Pairs, Refused

router = APIRouter()

PER_PAGE = 20
_SLUG = re.compile("[A-Za-z0-9-]{1,120}")
AGES = (7, 30, 90)
"""Days in its state after which one may ask for a case."""
Slug = Annotated[str, Query(max_length=120, pattern="^[A-Za-z0-9-]*$")]


@router.get("/contribute")
async def contribute(
    page: AnyPage,
    q: Annotated[str, Query(max_length=120)] = "",
    state: Annotated[list[str], Query()] = [],  # noqa: B006 - it is read only
    owner: Slug = "",
    waiting: Annotated[str, Query(pattern="^(me|others)?$")] = "",
    ready: Annotated[str, Query(pattern="^(true|false)?$")] = "",
    older_than: Annotated[str, Query(pattern="^[0-9]{0,4}$")] = "",
    mine: Annotated[str, Query(pattern="^(true)?$")] = "",
    sort: Annotated[str, Query(pattern="^(-updated|age)?$")] = "",
    type: Annotated[str, Query(max_length=40, pattern="^[a-z-]*$")] = "",
    cursor: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """What contributing means; for those who signed in what waits for them, and all cases that they may see."""
    if page.me is None:
        return page.html("contribute.html")
    chosen: list[tuple[str, str]] = [("state", one) for one in state if one in cases.STATES]
    given = {"q": q.strip(), "owner": owner, "waiting": waiting, "ready": ready, "older_than": older_than}
    given |= {"mine": mine, "sort": sort, "type": type if type in TYPES else ""}
    chosen += [(name, value) for name, value in given.items() if value]
    inbox, found = await asyncio.gather(
        page.upstream.read("/inbox"), _listed(page, [*chosen, *([("cursor", cursor)] if cursor else [])])
    )
    shown = [*found["items"], *inbox["waiting_for_me"]["items"], *inbox["i_wait_for"]["items"]]
    return page.html(
        "cases.html",
        inbox=inbox,
        found=found,
        chosen=dict(chosen),
        states=state,
        filtered=any(name != "sort" for name, _ in chosen),
        ages=AGES,
        cursor=cursor,
        names=await authority_names(page, shown),
        authorities=await page.reference.authorities(page.upstream) if page.me["rights"]["decide"] else [],
    )


@router.post("/contribute")
async def begin(page: AnyPage, owner: Annotated[str, Form()] = "", type: Annotated[str, Form()] = "") -> Response:
    """Begin a case, or the revision of the record that is named by its type, and go to it."""
    page.must_be()
    of, record = _named(await page.request.form())
    of = find(type) if type else of
    body = {"type": of.name, **({"record": record} if record else {"owner": owner} if owner else {})}
    try:
        case = (await page.upstream.call("POST", "/submissions", json=body)).json()
    except Refused as refusal:
        if refusal.status == 409 and record and (busy := await _case_of(page, of, record)):
            return page.redirect(_goes_on(busy))
        raise
    return page.redirect(f"/contribute/{case['id']}")


@router.get("/contribute/begin")
async def propose(page: AnyPage) -> Response:
    """Ask whether to revise the record that is named by its type; where its case is there already, go to that."""
    me = page.must_be()
    type, record = _named(page.request.query_params)
    if not record:
        return page.redirect("/contribute")
    mine = await latest(page, type, record)
    if mine and (busy := await _case_of(page, type, record)):
        return page.redirect(_goes_on(busy))
    read = mine or await present(page, type, record)
    form = await page.reference.form(page.upstream, type.name)
    title = at(read["content"], form["title"])
    return page.html("propose.html", type=type, shown=read, title=title, own=mine and me["rights"]["submit"])


def _named(given: Mapping[str, Any]) -> tuple[RecordType, str]:
    """Return the type and slug of the record that a form or an address names; no slug where it names none."""
    for type in TYPES.values():
        if isinstance(slug := given.get(type.name), str) and _SLUG.fullmatch(slug):
            return type, slug
    return default(), ""


async def authority_names(page: Page, found: Sequence[Json]) -> dict[str, str]:
    """Return the names of the authorities that own cases, by slug."""
    slugs = sorted({one["owner"] for one in found if one["owner"]})
    read = await asyncio.gather(*(page.reference.authority(page.upstream, slug) for slug in slugs))
    return {slug: one["names"].get(page.lang, one["name"]) for slug, one in zip(slugs, read, strict=True)}


async def _listed(page: Page, asked: Pairs) -> Json:
    found: Json = await page.upstream.read("/submissions", [*asked, ("limit", PER_PAGE)])
    return found


async def _case_of(page: Page, type: RecordType, record: str) -> Json | None:
    asked: Pairs = [("type", type.name), ("record", record), ("limit", 1)]
    found = (await page.upstream.read("/submissions", asked))["items"]
    return found[0] if found else None


def _goes_on(case: Json) -> str:
    return f"/contribute/{case['id']}" + ("/step/revise" if "revise" in case["actions"] else "")
