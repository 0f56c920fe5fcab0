"""Pieces of Praxis that others show in a frame on their pages, and the page that tells how."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.portal import finding
from services.portal.finding import Search
from services.portal.page import AnyPage, Page
from services.portal.pages.find import explained
from services.portal.pages.practice import Slug, present
from services.portal.visitor import THEMES

router = APIRouter()
PER_PAGE = 5
Theme = Annotated[str, Query(max_length=10)]


def _framed(page: Page, theme: str) -> dict[str, str]:
    """Dress a page as its address says, not as the visitor likes it here; return what its own links keep."""
    page.visitor = replace(page.visitor, theme=theme if theme in THEMES else None)
    return {"lang": page.lang, **({"theme": theme} if theme in THEMES else {})}


@router.get("/embed")
async def explain(page: AnyPage) -> Response:
    """How to embed, with what it looks like."""
    newest = await page.upstream.find(
        "/records", [("type", "practice"), ("sort", "newest"), ("per_page", 1), ("facets", "none")]
    )
    return page.html("embed/about.html", slug=next((hit["slug"] for hit in newest["hits"]), None))


@router.get("/embed/search")
async def search(page: AnyPage, theme: Theme = "auto") -> Response:
    """A search box with results; filters of the address hold for all that is searched."""
    kept = _framed(page, theme)
    asked = Search.of(pair for pair in page.request.query_params.multi_items() if pair[0] != "theme")
    counted = {} if asked.facets else {"facets": "none"}
    answer = await page.upstream.find("/records", asked.asked(type="practice", per_page=PER_PAGE, **counted))
    return page.html(
        "embed/search.html",
        search=asked,
        kept=kept,
        answer={**answer, "hits": await explained(page, answer["hits"])},
        labels=finding.labels(answer, page.gettext),
        numbers=finding.pages(asked.page, answer["total"], PER_PAGE),
    )


@router.get("/embed/practice/{slug}")
async def card(page: AnyPage, slug: Slug, theme: Theme = "auto") -> Response:
    """A practice as a card."""
    _framed(page, theme)
    practice = await present(page, slug)
    labels = await page.reference.terms(page.upstream)
    countries = {**labels.of("countries"), **labels.of("regions")}
    involved = [
        {**one, "label": countries.get(code, code)}
        for one in practice["content"]["initiative"]["countries"]
        for code in (one.get("country") or one["region"],)
    ]
    return page.html("embed/practice.html", practice=practice, content=practice["content"], countries=involved)
