"""The front page."""

from fastapi import APIRouter, Response

from services.portal.page import AnyPage

router = APIRouter()
NEWEST = 4


@router.get("/")
async def front(page: AnyPage) -> Response:
    """What Praxis is, one box to search in, and the four priorities to begin with."""
    found = await page.upstream.find(
        "/records", [("type", "practice"), ("sort", "newest"), ("per_page", NEWEST), ("facets", "priority")]
    )
    return page.html("home.html", found=found)
