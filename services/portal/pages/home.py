"""The front page."""

from fastapi import APIRouter, Response

from services.portal.finding import Search
from services.portal.page import AnyPage
from services.portal.types import default

router = APIRouter()
NEWEST = 4


@router.get("/")
async def front(page: AnyPage) -> Response:
    """What Praxis is, one box to search in, and the four priorities to begin with."""
    found = await page.upstream.find(
        "/records", Search(()).asked(sort="newest", per_page=NEWEST, facets=default().browsed_by)
    )
    return page.html("home.html", found=found)
