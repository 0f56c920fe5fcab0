"""Where the cases stand, for how long, and which of them wait for the secretariat."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.portal.casework import cases
from services.portal.page import url
from services.portal.pages.contribute import authority_names
from services.portal.pages.desk.page import Cursor, DeskPage, shown
from services.portal.upstream import Json, Refused

router = APIRouter()
PER_PAGE = 20
Slug = Annotated[str, Query(max_length=120)]
Days = Annotated[str, Query(max_length=10)]
Choice = Annotated[str, Query(max_length=20)]


@router.get("/desk")
async def pipeline(page: DeskPage) -> Response:
    """Cases by state and age, then those that wait for the secretariat, longest first."""
    summary, inbox = await asyncio.gather(page.upstream.read("/submissions/summary"), page.upstream.read("/inbox"))
    waiting = inbox["waiting_for_me"]["items"]
    return shown(
        page,
        "pipeline.html",
        rows=[
            {
                **one,
                "address": _list(one["state"]),
                "ages": [{**band, "address": _list(one["state"], band)} for band in one["ages"]],
            }
            for one in summary["states"]
        ],
        total=sum(one["total"] for one in summary["states"]),
        inbox=inbox,
        names=await authority_names(page, waiting),
    )


def _list(state: str, band: Json | None = None) -> str:
    bounds = {name: band[name] or None for name in ("older_than", "younger_than")} if band else {}
    return url("/desk/cases", {"state": state, **bounds})


@router.get("/desk/cases")
async def listed(
    page: DeskPage,
    q: Slug = "",
    state: Annotated[list[str], Query(max_length=8)] = [],  # noqa: B006 - it is read only
    owner: Slug = "",
    practice: Slug = "",
    waiting: Choice = "",
    ready: Choice = "",
    older_than: Days = "",
    younger_than: Days = "",
    sort: Choice = "age",
    cursor: Cursor = "",
) -> Response:
    """The cases that are asked for, longest in their state first unless told otherwise."""
    given = {
        "q": q,
        "owner": owner,
        "practice": practice,
        "waiting": waiting,
        "ready": ready,
        "older_than": older_than,
        "younger_than": younger_than,
        "sort": sort,
    }
    chosen = {name: value.strip() for name, value in given.items() if value.strip()}
    asked: list[tuple[str, str | int]] = [*(("state", one) for one in state), *chosen.items(), ("limit", PER_PAGE)]
    refusal: Refused | None = None
    found: Json = {"items": [], "next": None}
    try:
        found = await page.upstream.read("/submissions", [*asked, *([("cursor", cursor)] if cursor else [])])
    except Refused as refused:
        if refused.status not in (404, 422):
            raise
        refusal = refused
    return shown(
        page,
        "cases.html",
        422 if refusal else 200,
        found=found,
        faults=_faults(refusal) if refusal else [],
        chosen=chosen,
        states=[one for one in state if one in cases.STATES],
        filtered=bool(state or set(chosen) - {"sort"}),
        cursor=cursor,
        names=await authority_names(page, found["items"]),
        authorities=await page.reference.authorities(page.upstream),
    )


def _faults(refusal: Refused) -> list[Json]:
    """Say what the api does not take of a list's address, at the field where there is one."""
    fields = ("q", "owner", "practice", "older_than", "younger_than")
    named = [fault for fault in refusal.errors if fault["field"] in fields]
    told = [{"field": fault["field"], "message": fault["message"], "lang": "en"} for fault in named]
    return told or [{"field": "", "message": refusal.detail, "lang": "en"}]
