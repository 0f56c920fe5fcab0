"""Authorities for people: a list with a map, and a page for each with its practices and links."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.portal import authorities, finding, related
from services.portal.authorities import PER_PAGE, Asked
from services.portal.page import AnyPage, Page
from services.portal.reference import Terms
from services.portal.types import TYPES, RecordType
from services.portal.upstream import Json, Refused

router = APIRouter()

Slug = Annotated[str, Path(max_length=120, pattern="^[A-Za-z0-9-]+$")]
Choice = Annotated[str, Query(max_length=300)]
MOST_FOUND = 6
MOST_RECORDS = 50
MOST_OTHERS = 100
"""Authorities that belong to one, or that it took over from, on its page."""


@router.get("/authorities")
async def listed(
    page: AnyPage,
    q: Choice = "",
    country: Choice = "",
    level: Choice = "",
    network: Choice = "",
    view: Annotated[str, Query(max_length=20)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> Response:
    """The authorities of the base, those that are asked for, by name and on a map."""
    asked = Asked(q.strip()[:120], country, level, network, view)
    everywhere, labels = await asyncio.gather(page.reference.places(page.upstream), page.reference.terms(page.upstream))
    found = await _found(page, asked) if asked.filters else everywhere
    rows = authorities.listed(found["features"], page.lang)
    return page.html(
        "authorities.html",
        asked=asked,
        options=authorities.options(everywhere["features"], labels),
        labels=labels,
        rows=rows[(number - 1) * PER_PAGE : number * PER_PAGE],
        total=len(rows),
        truncated=found["truncated"],
        number=number,
        numbers=finding.pages(number, len(rows), PER_PAGE),
        map=await asyncio.to_thread(authorities.drawn, found["features"], asked, page.lang),
    )


async def _found(page: Page, asked: Asked) -> Json:
    """Return the authorities asked for; what no authority can be finds none."""
    try:
        found: Json = await page.upstream.read("/authorities.geojson", asked.filters)
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return {"features": [], "truncated": False}
    return found


@router.get("/authorities/{slug}")
async def read(page: AnyPage, slug: Slug) -> Response:
    """An authority."""
    here, labels, children, predecessors, records, *found = await asyncio.gather(
        page.upstream.read(f"/authorities/{slug}"),
        page.reference.terms(page.upstream),
        _others(page, "parent", slug),
        _others(page, "successor", slug),
        page.upstream.read(f"/authorities/{slug}/records", [("limit", MOST_RECORDS)]),
        *(_naming(page, type, slug) for type in TYPES.values()),
    )
    if here["slug"] != slug:
        return page.redirect(f"/authorities/{here['slug']}")
    title, language = authorities.named(here, page.lang)
    return page.html(
        "authority.html",
        authority=here,
        title=title,
        title_language=language,
        other_names=authorities.other_names(here, page.lang),
        labels=labels,
        children=children,
        predecessors=predecessors,
        found=list(zip(TYPES.values(), found, strict=True)),
        links=await _links(page, records["items"], labels),
        map=authorities.drawn_alone(here),
    )


async def _others(page: Page, relation: str, slug: str) -> Json:
    """Return the authorities that name one as what they belong to or as what took over; `more` if these are not all."""
    found = await page.upstream.read("/authorities", [(relation, slug), ("limit", MOST_OTHERS)])
    return {"items": authorities.others(found["items"], page.lang), "more": found["next"] is not None}


async def _naming(page: Page, type: RecordType, slug: str) -> Json | None:
    """Return the records of a type that name an authority, the newest first; none while search is away."""
    asked: list[tuple[str, str | int]] = [("type", type.name), ("authority", slug), ("sort", "newest")]
    try:
        return await page.upstream.find("/records", [*asked, ("per_page", MOST_FOUND), ("facets", "none")])
    except Refused:
        return None


async def _links(page: Page, records: list[Json], labels: Terms) -> list[Json]:
    """Return what records of an authority are linked with, and as what others name the authority itself in links."""
    relations = labels.of("relations")
    known = [one for one in records if one["type"] in TYPES]
    own = [[at["relation"] for at in one["mentions"] if at["relation"] in relations] for one in known]
    linked = [(one, told) for one, told in zip(known, own, strict=True) if told or one["links"] or one["incoming"]]
    around = await asyncio.gather(
        *(related.around(page.upstream, page.reference, {"sections": []}, one) for one, _ in linked)
    )
    return [{**_called(page, one), "own": told, "around": at} for (one, told), at in zip(linked, around, strict=True)]


def _called(page: Page, record: Json) -> Json:
    language = page.lang if page.lang in record["title"] else next(iter(record["title"]))
    path = TYPES[record["type"]].page(record["slug"])
    return {"title": record["title"][language], "language": language, "path": path}
