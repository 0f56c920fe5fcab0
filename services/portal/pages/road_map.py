"""What a council is given of a road map: an annex on two printed pages, and the same as a workbook."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from services.portal import reading
from services.portal.page import AnyPage, UnpreparedPage
from services.portal.road_maps import annex
from services.portal.types.road_map import TYPE
from services.portal.workbooks import XLSX, Workbooks

router = APIRouter()
Slug = Annotated[str, Path(max_length=120, pattern="^[A-Za-z0-9-]+$")]


@router.get(TYPE.page("{slug}/annex"))
async def show(page: UnpreparedPage, slug: Slug) -> Response:
    """The annex: what is decided on, then money, people, decisions and what follows."""
    shown, form, labels, _ = await page.together(lambda: reading.at_once(page, TYPE, slug))
    if shown["slug"] != slug:
        return page.redirect(TYPE.page(f"{shown['slug']}/annex"))
    told = annex.view(reading.perusal(page, form, labels, shown))
    return page.html("road-map-annex.html", **reading.whole(page, TYPE, form, labels, shown), **told)


@router.get(TYPE.page("{slug}/annex.xlsx"))
async def workbook(page: AnyPage, slug: Slug) -> Response:
    """The same as a workbook."""

    async def read() -> tuple[Any, ...]:
        shown, form, labels, _ = await reading.at_once(page, TYPE, slug)
        return tuple(annex.sheets(reading.perusal(page, form, labels, shown)))

    workbooks: Workbooks = page.request.app.state.workbooks
    return reading.download(await workbooks.of(annex.workbook, read), XLSX, f"{slug}-annex.xlsx")
