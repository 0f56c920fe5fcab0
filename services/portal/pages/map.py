"""Where practices are: circles on an outline of the world, lines from origin to destination, and the same as tables."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.portal import atlas, finding
from services.portal.atlas import Circle, View
from services.portal.finding import Search
from services.portal.page import AnyPage, Page
from services.portal.upstream import Json

router = APIRouter()
MOST = 500
"""Countries and corridors asked for."""
MOST_LINES = 60
"""Corridors that are drawn, those with most practices."""
MOST_ROWS = 100
"""Rows of a table; all values have a page of their own."""
NARROWING = ("priority", "feature")


@router.get("/map")
async def world(page: AnyPage, view: Annotated[str, Query(max_length=20)] = "world") -> Response:
    """The countries and corridors of a search.

    Counts are those of the facets: of a country as if it alone were picked, under all other filters.
    """
    search = Search.of(page.request.query_params.multi_items()).without("sort", "per_page")
    elsewhere, counted = search.without("country"), {*NARROWING, *search.facets}
    whole, anywhere, countries, corridors = await asyncio.gather(
        page.upstream.find("/records", search.counted(*counted)),
        page.upstream.find("/records", elsewhere.counted()),
        page.upstream.find("/facets/country", search.values(MOST)),
        page.upstream.find("/facets/corridor", search.values(MOST)),
    )
    part = View.of(view)
    return page.html(
        "map.html",
        search=search,
        answer=whole,
        labels=finding.labels(whole, page.gettext),
        view=part.name,
        kept={"view": part.name} if part.name != "world" else {},
        part=part,
        land=part.land,
        circles=await _circles(page, elsewhere, countries["values"], anywhere["total"], part),
        lines=_lines(search.without("corridor"), corridors["values"], part),
        countries=_rows(elsewhere, "country", countries["values"]),
        corridors=_rows(search.without("corridor"), "corridor", corridors["values"]),
        more={"country": len(countries["values"]) > MOST_ROWS, "corridor": len(corridors["values"]) > MOST_ROWS},
        picked={name: search.all(name) for name in ("country", "corridor")},
    )


def _rows(search: Search, facet: str, values: Sequence[Json]) -> list[Json]:
    return [
        {
            **value,
            "address": search.also(facet, value["value"]).address(),
            "placed": all(code in atlas.points() for code in value["value"].split("-")),
        }
        for value in values
        if value["count"] or value["selected"]
    ][:MOST_ROWS]


async def _circles(page: Page, search: Search, values: Sequence[Json], total: int, part: View) -> list[Json]:
    """Return the circles of a view; those of several countries are counted by a request each."""
    drawn = atlas.circles({value["value"]: value["count"] for value in values}, total, part)
    labels = {value["value"]: value["label"] for value in values}
    picked = {value["value"] for value in values if value["selected"]}

    async def counted(circle: Circle) -> Json:
        found = Search((*search.pairs, *(("country", code) for code in circle.codes)))
        several = len(circle.codes) > 1
        count = (await page.upstream.find("/records", found.counted()))["total"] if several else circle.most
        return {
            "count": count,
            "names": [labels[code] for code in circle.codes],
            "several": several,
            "picked": not picked.isdisjoint(circle.codes),
            "address": found.address(),
            "x": round(circle.x, 1),
            "y": round(circle.y, 1),
            "r": round(atlas.radius(count, total), 1),
        }

    return list(await asyncio.gather(*(counted(circle) for circle in drawn)))


def _lines(search: Search, values: Sequence[Json], part: View) -> list[Json]:
    most = max((value["count"] for value in values), default=0)
    drawn = [
        (value, curve)
        for value in values
        if value["count"] and (curve := atlas.curve(value["value"], part)) is not None
    ]
    return [
        {
            "count": value["count"],
            "label": value["label"],
            "picked": value["selected"],
            "address": search.also("corridor", value["value"]).address(),
            "curve": curve,
            "width": atlas.width(value["count"], most),
        }
        for value, curve in drawn[:MOST_LINES]
    ]
