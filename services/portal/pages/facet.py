"""All values of one facet, to look through and to pick from."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.portal.finding import Search
from services.portal.page import AnyPage
from services.portal.types import RecordType
from services.portal.upstream import Refused

MOST = 500
"""As many as the search service lists."""


def router(type: RecordType) -> APIRouter:
    """Return the addresses of a type's facets."""
    routes = APIRouter()

    @routes.get(f"{type.facets}/{{name}}")
    async def values(
        page: AnyPage,
        name: Annotated[str, Path(max_length=60)],
        q: Annotated[str, Query(max_length=200)] = "",
    ) -> Response:
        """The values of a facet under the search that the other parameters tell; `query` are its words."""
        if name not in type.groups:
            raise Refused(404, page.gettext("There is no such facet."))
        given = [pair for pair in page.request.query_params.multi_items() if pair[0] != "q"]
        search = Search.of((("q" if known == "query" else known, value) for known, value in given), type)
        found = await page.upstream.find(f"/facets/{name}", search.values(MOST, q.strip()))
        search = search.without("sort").told({name: found})
        return page.html("facet.html", type=type, name=name, typed=q.strip(), search=search, found=found, most=MOST)

    return routes
