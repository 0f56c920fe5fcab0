"""Where the base is thin: priority by feature, and what few public practices or none speak of, the worst first."""

import asyncio

from fastapi import APIRouter, Response

from services.portal import desk
from services.portal.finding import Search
from services.portal.page import Page, url
from services.portal.pages import facet
from services.portal.pages.desk.page import DeskPage, shown
from services.portal.pages.matrix import table
from services.portal.types import default
from services.portal.upstream import Json

router = APIRouter()
COUNTED = ("level", "policy_area", "target_group")
"""Facets of closed vocabularies, which tell zeros too; priorities and features are in the matrix."""
MOST_SHOWN = 12


@router.get("/desk/gaps")
async def gaps(page: DeskPage) -> Response:
    """The matrix of the whole base, then values of facets and countries with the fewest practices."""
    everything = Search(())
    matrix, authorities, labels, (found, *counted) = await asyncio.gather(
        table(page, everything),
        page.reference.authorities(page.upstream),
        page.reference.labels(page.upstream, "countries"),
        asyncio.gather(*(_values(page, everything, name) for name in ("country", *COUNTED))),
    )
    facets = {name: matrix["answer"]["facets"][name] for name in ("priority", "feature")}
    facets |= dict(zip(COUNTED, counted, strict=True))
    countries = desk.countries(found["values"], authorities, labels)
    involved = {one["value"] for one in countries if one["count"]}
    return shown(
        page,
        "gaps.html",
        **matrix,
        search=everything,
        gaps=[_gap(name, desk.worst_first(values["values"])) for name, values in facets.items()],
        countries=[_linked("country", one) for one in countries[:MOST_SHOWN]],
        more_countries=max(0, len(countries) - MOST_SHOWN),
        nowhere=[
            _linked("country", {"value": code, "label": label})
            for code, label in labels.items()
            if code not in involved
        ],
    )


async def _values(page: Page, search: Search, name: str) -> Json:
    return await page.upstream.find(f"/facets/{name}", search.values(facet.MOST))


def _gap(name: str, values: list[Json]) -> Json:
    return {
        "name": name,
        "values": [_linked(name, value) for value in values[:MOST_SHOWN]],
        "more": max(0, len(values) - MOST_SHOWN),
        "empty": sum(not value["count"] for value in values),
        "all": f"/facets/{name}",
    }


def _linked(name: str, value: Json) -> Json:
    return {**value, "address": url(default().path, {name: value["value"]})}
