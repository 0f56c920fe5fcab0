"""All values of one facet, to look through and to pick from."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.portal.finding import FACET_NAMES, Search
from services.portal.page import AnyPage
from services.portal.upstream import Refused

router = APIRouter()
MOST = 500
"""As many as the search service lists."""


@router.get("/facets/{name}")
async def values(
    page: AnyPage,
    name: Annotated[str, Path(max_length=60)],
    q: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """The values of a facet under the search that the other parameters tell; `query` are its words."""
    if name not in FACET_NAMES:
        raise Refused(404, page.gettext("There is no such facet."))
    given = [pair for pair in page.request.query_params.multi_items() if pair[0] != "q"]
    search = Search.of(("q" if known == "query" else known, value) for known, value in given)
    found = await page.upstream.find(f"/facets/{name}", search.values(MOST, q.strip()))
    search = search.without("sort").told({name: found})
    return page.html("facet.html", name=name, typed=q.strip(), search=search, found=found, most=MOST)
