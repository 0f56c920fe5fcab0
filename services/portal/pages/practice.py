"""Reading one practice: in the order people ask, then the full record, its history, and ways to take it along."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.portal import record, related
from services.portal.citing import citations
from services.portal.page import AnyPage, Page, UnpreparedPage
from services.portal.record import Answer
from services.portal.reference import Terms
from services.portal.upstream import Json, Refused

router = APIRouter()

Slug = Annotated[str, Path(max_length=120, pattern="^[A-Za-z0-9-]+$")]
SIMILAR = 4


async def present(page: Page, slug: str) -> Json:
    """Return the practice of a slug, a former one too, in the visitor's language; raise `Refused`."""
    answer = await page.upstream.redirected(f"/practices/{slug}", [("lang", page.lang)])
    if answer.is_redirect:
        return await present(page, answer.headers["location"].split("?")[0].rsplit("/", 1)[1])
    found: Json = answer.json()
    return found


@router.get("/practices/{slug}")
async def read(page: UnpreparedPage, slug: Slug) -> Response:
    """A practice: all that its address tells is asked for at once, then what the records around it are called."""
    practice, questionnaire, labels, similar, editable = await page.together(
        lambda: asyncio.gather(
            present(page, slug),
            page.reference.questionnaire(page.upstream),
            page.reference.terms(page.upstream),
            _similar(page, slug),
            _editable(page, slug),
        )
    )
    if practice["slug"] != slug:
        return page.redirect(f"/practices/{practice['slug']}")
    return page.html(
        "practice.html",
        practice=practice,
        content=practice["content"],
        labels=labels,
        sections=answered(page, questionnaire, labels, practice),
        around=await beside(page, practice),
        own=editable and page.me is not None and page.me["rights"]["submit"],
        similar=[{**hit, "reason": _reason(hit, labels)} for hit in similar],
        citations=citations(practice, f"{page.absolute}/practices/{slug}"),
        title_language=record.language_of(practice, "initiative.title"),
        summary_language=record.language_of(practice, "how.summary"),
    )


async def _editable(page: Page, slug: str) -> bool:
    """Whether the visitor is one of those who edit a practice."""
    try:
        return page.upstream.token is not None and await latest(page, slug) is not None
    except Refused:
        return False  # the page itself can be read


async def latest(page: Page, id_or_slug: str) -> Json | None:
    """Return a practice as its editors see it, none where the visitor is not one of them; raise `Refused`."""
    try:
        found: Json = await page.upstream.read(f"/practices/{id_or_slug}/latest", [("lang", page.lang)])
    except Refused as refusal:
        if refusal.status != 403:
            raise
        return None
    return found


async def full(page: Page, practice: Json) -> tuple[list[tuple[Json, list[Answer]]], Terms]:
    """Return the sections of the questionnaire with what a practice answers, and the labels of its codes."""
    questionnaire = await page.reference.questionnaire(page.upstream)
    labels = await page.reference.terms(page.upstream)
    return answered(page, questionnaire, labels, practice), labels


async def beside(page: Page, practice: Json) -> related.Around:
    """Return what stands around a practice, with the titles of other ones in the visitor's language."""
    questionnaire = await page.reference.questionnaire(page.upstream)
    return await related.around(page.upstream, page.reference, questionnaire, practice)


def answered(page: Page, questionnaire: Json, labels: Terms, practice: Json) -> list[tuple[Json, list[Answer]]]:
    """Return the sections of the questionnaire with what a practice answers."""
    yes_no = (page.gettext("yes"), page.gettext("no"))
    sections = [
        (section, list(record.answers(section, practice["content"], labels, yes_no)))
        for section in questionnaire["sections"]
    ]
    return [(section, found) for section, found in sections if found]


async def _similar(page: Page, slug: str) -> list[Json]:
    try:
        found: list[Json] = (await page.upstream.find(f"/records/{slug}/similar", [("limit", SIMILAR)]))["hits"]
    except Refused:
        return []  # just published, or search is away: the record itself is readable
    return found


REASONS = {
    "corridor": "",
    "priority": "priorities",
    "policy_area": "policy-areas",
    "target_group": "target-groups",
    "keyword": "",
    "country": "countries",
    "feature": "features",
}
"""Facets that tell why two cases are alike, the most telling first, with their vocabularies."""
MOST_REASONS = 6


def _reason(hit: Json, labels: Terms) -> list[str]:
    shared = hit.get("shared") or {}
    told = [
        labels(vocabulary, code)
        if facet != "corridor"
        else " → ".join(labels("countries", one) for one in code.split("-"))
        for facet, vocabulary in REASONS.items()
        for code in shared.get(facet, ())
    ]
    return told[:MOST_REASONS]


@router.get("/practices/{slug}/history")
async def history(
    page: AnyPage,
    slug: Slug,
    before: Annotated[int | None, Query(ge=1)] = None,
    after: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """The revisions of a practice, and what changed between two of them."""
    practice, revisions, questionnaire = await asyncio.gather(
        page.upstream.read(f"/practices/{slug}", [("lang", page.lang)]),
        page.upstream.read(f"/practices/{slug}/revisions"),
        page.reference.questionnaire(page.upstream),
    )
    told = related.history(questionnaire, revisions, practice["withdrawn"])
    numbers = [one["number"] for one in told if not one["gone"]]
    if before is None and len(numbers) > 1:
        after, before = numbers[:2]
    changed = (
        await page.upstream.read(f"/practices/{slug}/diff", [("before", before), ("after", after or numbers[0])])
        if before is not None
        else None
    )
    if changed:
        changed = {**changed, "differences": record.differences(questionnaire, changed["differences"])}
    return page.html("history.html", practice=practice, revisions=told, changed=changed)


@router.get("/practices/{slug}/download.json")
async def download_json(page: AnyPage, slug: Slug) -> Response:
    """The public record as it is, to keep."""
    answer = await page.upstream.call("GET", f"/practices/{slug}")
    return download(answer.content, "application/json", f"{slug}.json")


@router.get("/practices/{slug}/download.xlsx")
async def download_xlsx(page: AnyPage, slug: Slug) -> Response:
    """The record as the questionnaire's workbook."""
    answer = await page.upstream.call("GET", f"/practices/{slug}/workbook.xlsx", params={"lang": page.lang})
    return download(answer.content, answer.headers["content-type"], f"{slug}.xlsx")


def download(content: bytes, media_type: str, name: str) -> Response:
    """Return a file to keep."""
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
