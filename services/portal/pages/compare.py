"""Practices side by side, and how two to four of them are chosen: in the address, so that it can be shared."""

import asyncio
import re
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.portal import comparing, record
from services.portal.comparing import MOST, Row, Said
from services.portal.page import AnyPage, Page, url
from services.portal.pages.practice import answered, download, present
from services.portal.upstream import Json, Refused
from services.portal.workbooks import Workbooks

router = APIRouter()
SLUG = re.compile("[A-Za-z0-9-]{1,120}")
ADDABLE = 10
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Chosen = Annotated[list[str], Query(max_length=50, default_factory=list)]


class Comparison:
    """Practices that were asked for: those that there are, and what to say about the others."""

    def __init__(self, page: Page, only_differing: bool) -> None:
        self.page = page
        self.only_differing = only_differing
        self.practices: list[Json] = []
        self.faults: list[str] = []
        self.sections: list[tuple[Json, list[Row]]] = []

    @classmethod
    async def of(cls, page: Page, asked: list[str], only_differing: bool) -> "Comparison":
        """Read the practices of the slugs asked for, the first four."""
        made = cls(page, only_differing)
        slugs, again, beyond = comparing.chosen(slug.strip()[:200] for slug in asked)
        _ = page.gettext
        made.faults += [_("“%(slug)s” is named more than once.", slug=slug) for slug in dict.fromkeys(again)]
        if beyond:
            left_out = ", ".join(dict.fromkeys(beyond))
            made.faults.append(
                _("At most %(most)s practices are compared; left out: %(slugs)s.", most=MOST, slugs=left_out)
            )
        for slug, found in zip(slugs, await asyncio.gather(*(_read(page, slug) for slug in slugs)), strict=True):
            if found is None:
                made.faults.append(_("There is no practice “%(slug)s”.", slug=slug))
            elif found["slug"] in made.slugs:
                made.faults.append(_("“%(slug)s” is named more than once.", slug=slug))
            else:
                made.practices.append(found)
        if len(made.practices) > 1:
            questionnaire = await page.reference.questionnaire(page.upstream)
            labels = await page.reference.terms(page.upstream)
            answers = [answered(page, questionnaire, labels, practice) for practice in made.practices]
            made.sections = comparing.compare(questionnaire, answers, only_differing)
        return made

    @property
    def slugs(self) -> list[str]:
        """The slugs of the practices there are."""
        return [practice["slug"] for practice in self.practices]

    def address(self, *more: str, path: str = "/compare", without: str = "", only: bool | None = None) -> str:
        """Return the address of a comparison with some more practices or without one."""
        differing = self.only_differing if only is None else only
        pairs = [("practice", slug) for slug in (*self.slugs, *more) if slug != without]
        return url(path, [*pairs, ("only", "differences" if differing else None)])


async def _read(page: Page, slug: str) -> Json | None:
    if not SLUG.fullmatch(slug):
        return None
    try:
        return await present(page, slug)
    except Refused as refusal:
        if refusal.status != 404:
            raise
        return None


@router.get("/compare")
async def compare(
    page: AnyPage,
    practice: Chosen,
    add: Annotated[str, Query(max_length=200)] = "",
    q: Annotated[str, Query(max_length=1000)] = "",
    only: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Up to four practices; with fewer, others can be looked for (`q`) and added (`add`)."""
    if add:
        return page.redirect(url("/compare", [*(("practice", slug) for slug in practice), ("practice", add)]))
    made = await Comparison.of(page, practice, only == "differences")
    found = None
    if q.strip() and len(made.practices) < MOST:
        asked: list[tuple[str, str | int]] = [("q", q), ("type", "practice"), ("per_page", ADDABLE), ("facets", "none")]
        found = await page.upstream.find("/records", asked)
    return page.html(
        "compare.html",
        404 if practice and not made.practices else 200,
        made=made,
        q=q,
        hits=[hit for hit in found["hits"] if hit["slug"] not in made.slugs] if found else [],
        looked=found is not None,
        most=MOST,
        language_of=record.language_of,
    )


@router.get("/compare.xlsx")
async def compare_workbook(
    page: AnyPage, practice: Chosen, only: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """The same as a workbook."""

    async def read() -> Said:
        return _said(await Comparison.of(page, practice, only == "differences"))

    workbooks: Workbooks = page.request.app.state.workbooks
    return download(await workbooks.of(read), XLSX, "comparison.xlsx")


def _said(made: Comparison) -> Said:
    """Return what the workbook of a comparison says; raise `Refused` for one with faults."""
    _ = made.page.gettext
    if made.faults:
        raise Refused(422, " ".join(made.faults))
    if len(made.practices) < 2:
        raise Refused(422, _("Choose two practices at least."))
    outcomes = {comparing.SAME: _("same for all"), comparing.DIFFERS: _("differs"), comparing.ONE: _("only in one")}
    return (
        (_("Section"), _("Question"), _("Comparison")),
        [(record.title(one), f"{made.page.absolute}/practices/{one['slug']}") for one in made.practices],
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
