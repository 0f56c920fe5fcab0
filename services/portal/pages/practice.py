"""Reading one practice: in the order people ask, then the full record, with similar ones; and its card."""

import asyncio
from typing import Any

from fastapi import APIRouter, Response

from services.portal import own_words, reading, record
from services.portal.citing import citations
from services.portal.page import AnyPage, Page, UnpreparedPage
from services.portal.pages.embed import Theme, framed
from services.portal.pages.record import Slug
from services.portal.reference import Terms
from services.portal.types.practice import TYPE
from services.portal.upstream import Json, Refused

router = APIRouter()

SIMILAR = 4


@router.get(TYPE.page("{slug}"))
async def read(page: UnpreparedPage, slug: Slug) -> Response:
    """A practice: all that its address tells is asked for at once, then what the records around it are called."""
    (practice, form, labels, editable), similar = await page.together(
        lambda: asyncio.gather(reading.at_once(page, TYPE, slug), _similar(page, slug))
    )
    if practice["slug"] != slug:
        return page.redirect(TYPE.page(practice["slug"]))
    sections = reading.answered(page, form, labels, practice)
    around, told = await asyncio.gather(
        reading.beside(page, TYPE, practice), own_words.read(page, TYPE, practice, sections)
    )
    return page.html(
        "practice.html",
        type=TYPE,
        shown=practice,
        practice=practice,
        content=practice["content"],
        labels=labels,
        sections=sections,
        around=around,
        told=told,
        invited=own_words.invited(page, TYPE, practice, editable),
        own=reading.may_propose(page, editable),
        similar=[{**hit, "reason": _reason(hit, labels)} for hit in similar],
        citations=citations(practice, page.absolute + TYPE.page(slug)),
        title_language=record.language_of(practice, "initiative.title"),
        summary_language=record.language_of(practice, "how.summary"),
    )


async def previewed(page: Page, form: Json, labels: Terms, shown: Json, content: Json) -> dict[str, Any]:
    """Return what the page shows of a draft, as far as `content` goes."""
    practice = {**shown, "content": content}
    sections = reading.answered(page, form, labels, practice)
    return {
        "type": TYPE,
        "shown": practice,
        "practice": practice,
        "content": content,
        "labels": labels,
        "sections": sections,
        "told": await own_words.read(page, TYPE, practice, sections),
        "invited": [],
        "similar": [],
        "title_language": content["language"],
        "summary_language": content["language"],
    }


@router.get(f"{TYPE.embed}/{{slug}}")
async def card(page: AnyPage, slug: Slug, theme: Theme = "auto") -> Response:
    """A practice as a card."""
    framed(page, theme)
    practice = await reading.present(page, TYPE, slug)
    labels = await page.reference.terms(page.upstream)
    countries = {**labels.of("countries"), **labels.of("regions")}
    involved = [
        {**one, "label": countries.get(code, code)}
        for one in practice["content"]["initiative"]["countries"]
        for code in (one.get("country") or one["region"],)
    ]
    return page.html("embed/practice.html", practice=practice, content=practice["content"], countries=involved)


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
