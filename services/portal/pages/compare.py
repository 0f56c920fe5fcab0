"""Records of a type side by side, and how two to four of them are chosen: in the address, so that it can be shared."""

import asyncio
import re
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.portal import comparing, reading, record
from services.portal.comparing import MOST, Row, Said
from services.portal.finding import Search
from services.portal.page import AnyPage, Page, url
from services.portal.reading import answered, download
from services.portal.types import RecordType
from services.portal.upstream import Json, Refused
from services.portal.workbooks import XLSX, Workbooks

SLUG = re.compile("[A-Za-z0-9-]{1,120}")
ADDABLE = 10
DIFFERENCES = "differences"


class Comparison:
    """Records that were asked for: those that there are, and what to say about the others."""

    def __init__(self, page: Page, type: RecordType, only_differing: bool) -> None:
        self.page = page
        self.type = type
        self.only_differing = only_differing
        self.records: list[Json] = []
        self.faults: list[str] = []
        self.sections: list[tuple[Json, list[Row]]] = []

    @classmethod
    async def of(cls, page: Page, type: RecordType, asked: list[str], only_differing: bool) -> "Comparison":
        """Read the records of the slugs asked for, the first four."""
        made, words = cls(page, type, only_differing), type.words(page.lang)
        slugs, again, beyond = comparing.chosen(slug.strip()[:200] for slug in asked)
        _ = page.gettext
        made.faults += [_("“%(slug)s” is named more than once.", slug=slug) for slug in dict.fromkeys(again)]
        if beyond:
            made.faults.append(words.beyond % {"most": MOST, "slugs": ", ".join(dict.fromkeys(beyond))})
        for slug, found in zip(slugs, await asyncio.gather(*(_read(page, type, slug) for slug in slugs)), strict=True):
            if found is None:
                made.faults.append(words.unknown % {"slug": slug})
            elif found["slug"] in made.slugs:
                made.faults.append(_("“%(slug)s” is named more than once.", slug=slug))
            else:
                made.records.append(found)
        if len(made.records) > 1:
            form = await reading.form(page, type)
            labels = await page.reference.terms(page.upstream)
            answers = [answered(page, form, labels, one) for one in made.records]
            made.sections = comparing.compare(form, answers, only_differing, type.compared_first)
        return made

    @property
    def slugs(self) -> list[str]:
        """The slugs of the records there are."""
        return [one["slug"] for one in self.records]

    @property
    def headings(self) -> list[tuple[str, str, str]]:
        """Slug, title and its language of each record."""
        return [(one["slug"], *record.title(one)) for one in self.records]

    def address(self, *more: str, path: str = "", without: str = "", only: bool | None = None) -> str:
        """Return the address of a comparison with some more records or without one."""
        differing = self.only_differing if only is None else only
        pairs = [(self.type.name, slug) for slug in (*self.slugs, *more) if slug != without]
        return url(path or self.type.compare, [*pairs, ("only", DIFFERENCES if differing else None)])

    @property
    def workbook_address(self) -> str:
        """The address of the same as a workbook."""
        return self.address(path=f"{self.type.compare}.xlsx")


async def _read(page: Page, type: RecordType, slug: str) -> Json | None:
    if not SLUG.fullmatch(slug):
        return None
    try:
        return await reading.present(page, type, slug)
    except Refused as refusal:
        if refusal.status != 404:
            raise
        return None


def router(type: RecordType) -> APIRouter:
    """Return the addresses of a type's comparisons."""
    routes = APIRouter()
    Chosen = Annotated[list[str], Query(alias=type.name, max_length=50, default_factory=list)]
    Only = Annotated[str, Query(max_length=20)]

    @routes.get(type.compare)
    async def compare(
        page: AnyPage,
        chosen: Chosen,
        add: Annotated[str, Query(max_length=200)] = "",
        q: Annotated[str, Query(max_length=1000)] = "",
        only: Only = "",
    ) -> Response:
        """Up to four records; with fewer, others can be looked for (`q`) and added (`add`)."""
        if add:
            return page.redirect(url(type.compare, [*((type.name, slug) for slug in chosen), (type.name, add)]))
        return await _compared(page, await Comparison.of(page, type, chosen, only == DIFFERENCES), q, bool(chosen))

    @routes.get(f"{type.compare}.xlsx")
    async def workbook(page: AnyPage, chosen: Chosen, only: Only = "") -> Response:
        """The same as a workbook."""

        async def read() -> Said:
            return _said(await Comparison.of(page, type, chosen, only == DIFFERENCES))

        workbooks: Workbooks = page.request.app.state.workbooks
        return download(await workbooks.of(comparing.workbook, read), XLSX, "comparison.xlsx")

    return routes


async def _compared(page: Page, made: Comparison, q: str, asked: bool) -> Response:
    found = None
    if q.strip() and len(made.records) < MOST:
        search = Search((), made.type)
        found = await page.upstream.find("/records", search.asked(q=q, per_page=ADDABLE, facets="none"))
    return page.html(
        "compare.html",
        404 if asked and not made.records else 200,
        type=made.type,
        made=made,
        q=q,
        hits=[hit for hit in found["hits"] if hit["slug"] not in made.slugs] if found else [],
        looked=found is not None,
        most=MOST,
        language_of=record.language_of,
    )


def _said(made: Comparison) -> Said:
    """Return what the workbook of a comparison says; raise `Refused` for one with faults."""
    gettext = made.page.gettext
    if made.faults:
        raise Refused(422, " ".join(made.faults))
    if len(made.records) < 2:
        raise Refused(422, made.type.words(made.page.lang).two)
    outcomes = {
        comparing.SAME: gettext("same for all"),
        comparing.DIFFERS: gettext("differs"),
        comparing.ONE: gettext("only in one"),
    }
    return (
        (gettext("Section"), gettext("Question"), gettext("Comparison")),
        [(title, made.page.absolute + made.type.page(slug)) for slug, title, _ in made.headings],
        [
            (
                section["title"],
                [
                    [
                        row.question["label"],
                        outcomes[row.outcome],
                        *(answer.text if answer else "" for answer in row.answers),
                    ]
                    for row in rows
                ],
            )
            for section, rows in made.sections
        ],
    )
