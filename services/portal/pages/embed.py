"""Pieces of Praxis that others show in a frame on their pages, and the page that tells how."""

import asyncio
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.portal import finding, reading
from services.portal.finding import Search
from services.portal.page import AnyPage, Page
from services.portal.pages.find import explained
from services.portal.pages.record import Slug
from services.portal.types import RecordType, default
from services.portal.visitor import THEMES

router = APIRouter()
PER_PAGE = 5
Theme = Annotated[str, Query(max_length=10)]


def framed(page: Page, theme: str) -> dict[str, str]:
    """Dress a page as its address says, not as the visitor likes it here; return what its own links keep."""
    page.visitor = replace(page.visitor, theme=theme if theme in THEMES else None)
    return {"lang": page.lang, **({"theme": theme} if theme in THEMES else {})}


@router.get("/embed")
async def explain(page: AnyPage) -> Response:
    """How to embed, with what it looks like."""
    newest = await page.upstream.find("/records", Search(()).asked(sort="newest", per_page=1, facets="none"))
    return page.html("embed/about.html", slug=next((hit["slug"] for hit in newest["hits"]), None))


@router.get("/embed/search")
async def search(page: AnyPage, theme: Theme = "auto") -> Response:
    """A search box with results; filters of the address hold for all that is searched."""
    kept = framed(page, theme)
    asked = Search.of(pair for pair in page.request.query_params.multi_items() if pair[0] != "theme")
    counted = {} if asked.facets else {"facets": "none"}
    answer = await page.upstream.find("/records", asked.asked(per_page=PER_PAGE, **counted))
    return page.html(
        "embed/search.html",
        search=asked,
        kept=kept,
        answer={**answer, "hits": await explained(page, default(), answer["hits"])},
        labels=finding.labels(answer, page.gettext),
        numbers=finding.pages(asked.page, answer["total"], PER_PAGE),
    )


def cards(type: RecordType) -> APIRouter:
    """Return the address of a type's cards, of records that have no page of their own."""
    routes = APIRouter()

    async def card(page: AnyPage, slug: Slug, theme: Theme = "auto") -> Response:
        """A record as a card."""
        framed(page, theme)
        shown = await reading.present(page, type, slug)
        form, labels = await asyncio.gather(reading.form(page, type), page.reference.terms(page.upstream))
        return page.html("embed/record.html", **reading.whole(page, type, form, labels, shown))

    if not type.own_page:
        routes.get(f"{type.embed}/{{slug}}")(card)
    return routes
