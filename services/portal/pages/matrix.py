"""The base seen at once: how many practices of each priority have evidence for each feature."""

import asyncio

from fastapi import APIRouter, Response

from services.portal import finding
from services.portal.finding import Search
from services.portal.page import AnyPage, Page
from services.portal.upstream import Json

router = APIRouter()
SHADES = 5
"""Steps from the fewest to the most, none for nothing."""


@router.get("/matrix")
async def matrix(page: AnyPage) -> Response:
    """Counts of priority by feature under a search."""
    search = Search.of(page.request.query_params.multi_items()).without("sort", "per_page")
    return page.html("matrix.html", search=search, **await table(page, search))


async def table(page: Page, search: Search) -> Json:
    """Return what `parts/matrix.html` shows of a search, and the answer that counts all of it.

    One request for each priority counts its practices by feature; another one counts all, since a practice may have
    several priorities. A priority is any of those picked, so that each column stands for it alone; features add up.
    """
    picked = search.all("priority")
    codes = [code for code in page.priorities if not picked or code in picked]
    columns = [search.with_("priority", code) for code in codes]
    whole, *parts = await asyncio.gather(
        page.upstream.find("/records", search.counted(*{"feature", "priority", *search.facets})),
        *(page.upstream.find("/records", column.counted("feature")) for column in columns),
    )
    features = {value["value"]: value["label"] for value in whole["facets"]["feature"]["values"]}
    order = [code for code in await page.reference.labels(page.upstream, "features") if code in features]
    counts = [_by_feature(part) for part in parts]
    most = max((count for one in counts for count in one.values()), default=0)
    totals = _by_feature(whole)
    rows = [
        {
            "label": features[feature],
            "total": totals[feature],
            "address": _with_feature(search, feature).address(),
            "cells": [
                {
                    "count": count[feature],
                    "shade": -(-count[feature] * SHADES // most) if most else 0,
                    "address": _with_feature(column, feature).address(),
                }
                for column, count in zip(columns, counts, strict=True)
            ],
        }
        for feature in order
    ]
    return {
        "answer": whole,
        "labels": finding.labels(whole, page.gettext),
        "columns": [
            {"label": page.priorities[code], "code": code, "total": part["total"], "address": column.address()}
            for code, column, part in zip(codes, columns, parts, strict=True)
        ],
        "rows": rows,
        "empty": sum(not cell["count"] for row in rows for cell in row["cells"]),
        "cells": len(rows) * len(columns),
    }


def _by_feature(answer: Json) -> dict[str, int]:
    return {value["value"]: value["count"] for value in answer["facets"]["feature"]["values"]}


def _with_feature(search: Search, feature: str) -> Search:
    return search if ("feature", feature) in search.pairs else search.also("feature", feature)
