"""Reading one record of any type: a page made from the sections of its form, its history, and ways to take it along."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.portal import reading, record, related
from services.portal.citing import citations
from services.portal.dates import Dated, calendar
from services.portal.page import AnyPage, Page, UnpreparedPage
from services.portal.record import Reading
from services.portal.types import RecordType

Slug = Annotated[str, Path(max_length=120, pattern="^[A-Za-z0-9-]+$")]
Number = Annotated[int | None, Query(ge=1)]


def router(type: RecordType) -> APIRouter:
    """Return the addresses of a type's records; the page of one, unless it has a page of its own."""
    routes = APIRouter()

    async def read(page: UnpreparedPage, slug: Slug) -> Response:
        """A record."""
        shown, form, labels, editable = await page.together(lambda: reading.at_once(page, type, slug))
        if shown["slug"] != slug:
            return page.redirect(type.page(shown["slug"]))
        around, named = await asyncio.gather(reading.beside(page, type, shown), reading.named(page, form, shown))
        return page.html(
            type.template,
            editable=editable,
            own=reading.may_propose(page, editable),
            around=around,
            citations=citations(shown, page.absolute + type.page(slug)),
            **reading.whole(page, type, form, labels, shown, named),
            **(type.view(reading.perusal(page, form, labels, shown)) if type.view else {}),
        )

    if not type.own_page:
        routes.get(type.page("{slug}"))(read)

    @routes.get(type.page("{slug}/history"))
    async def history(page: AnyPage, slug: Slug, before: Number = None, after: Number = None) -> Response:
        """The revisions of a record, and what changed between two of them."""
        return await _history(page, type, slug, before, after)

    @routes.get(type.page("{slug}/download.json"))
    async def download_json(page: AnyPage, slug: Slug) -> Response:
        """The public record as it is, to keep."""
        answer = await page.upstream.call("GET", type.page(slug))
        return reading.download(answer.content, "application/json", f"{slug}.json")

    @routes.get(type.page("{slug}/download.xlsx"))
    async def download_xlsx(page: AnyPage, slug: Slug) -> Response:
        """The record as its form's workbook."""
        answer = await page.upstream.call("GET", type.page(f"{slug}/workbook.xlsx"), params={"lang": page.lang})
        return reading.download(answer.content, answer.headers["content-type"], f"{slug}.xlsx")

    if type.dates is not None:
        routes.get(type.page("{slug}/dates.ics"))(_dates_of(type, type.dates))

    return routes


def _dates_of(type: RecordType, dates: Callable[[Reading], Iterable[Dated]]) -> Callable[..., Awaitable[Response]]:
    async def read_dates(page: AnyPage, slug: Slug) -> Response:
        """What a record dates, as a calendar."""
        shown, form, labels, _ = await reading.at_once(page, type, slug)
        if shown["slug"] != slug:
            return page.redirect(type.page(f"{shown['slug']}/dates.ics"))
        title, _ = record.title(shown)
        found = dates(reading.perusal(page, form, labels, shown))
        address = page.absolute + type.page(slug)
        kept = calendar(title, f"{type.name}/{shown['id']}", address, shown["updated_at"], found)
        return reading.download(kept, "text/calendar; charset=utf-8", f"{slug}.ics")

    return read_dates


async def _history(page: Page, type: RecordType, slug: str, before: int | None, after: int | None) -> Response:
    address = type.page(slug)
    shown, revisions, form = await asyncio.gather(
        page.upstream.read(address, [("lang", page.lang)]),
        page.upstream.read(f"{address}/revisions"),
        reading.form(page, type),
    )
    told = related.history(form, revisions, shown["withdrawn"])
    numbers = [one["number"] for one in told if not one["gone"]]
    if before is None and len(numbers) > 1:
        after, before = numbers[:2]
    changed = (
        await page.upstream.read(f"{address}/diff", [("before", before), ("after", after or numbers[0])])
        if before is not None
        else None
    )
    if changed:
        changed = {**changed, "differences": record.differences(form, changed["differences"])}
    return page.html(
        "history.html", type=type, shown=shown, title=record.title(shown)[0], revisions=told, changed=changed
    )
