"""Reading records of any type: as everybody sees them or their editors do, in the visitor's language."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from fastapi import Response

from services.portal import record, related
from services.portal.page import Page
from services.portal.record import Answer, Reading
from services.portal.reference import Terms
from services.portal.types import TYPES, RecordType
from services.portal.upstream import Json, Refused

Sections = list[tuple[Json, list[Answer]]]
"""Sections of a form with what is answered in them."""
Named = Mapping[tuple[str, str], Json]
"""Path and title of records, by type and what they are named by."""
NOTHING: Named = MappingProxyType({})


async def present(page: Page, type: RecordType, slug: str) -> Json:
    """Return the record of a slug, a former one too, in the visitor's language; raise `Refused`."""
    answer = await page.upstream.redirected(f"{type.path}/{slug}", [("lang", page.lang)])
    if answer.is_redirect:
        return await present(page, type, answer.headers["location"].split("?")[0].rsplit("/", 1)[1])
    found: Json = answer.json()
    return found


async def latest(page: Page, type: RecordType, id_or_slug: str) -> Json | None:
    """Return a record as its editors see it, none where the visitor is not one of them; raise `Refused`."""
    try:
        found: Json = await page.upstream.read(f"{type.path}/{id_or_slug}/latest", [("lang", page.lang)])
    except Refused as refusal:
        if refusal.status != 403:
            raise
        return None
    return found


async def at_once(page: Page, type: RecordType, slug: str) -> tuple[Json, Json, Terms, bool]:
    """Return a record, its form, the labels of codes, and whether the visitor edits it: asked for at the same time."""
    return await asyncio.gather(
        present(page, type, slug), form(page, type), page.reference.terms(page.upstream), _editable(page, type, slug)
    )


async def _editable(page: Page, type: RecordType, slug: str) -> bool:
    """Whether the visitor is one of those who edit a record."""
    try:
        return page.upstream.token is not None and await latest(page, type, slug) is not None
    except Refused:
        return False  # the page itself can be read


def may_propose(page: Page, editable: bool) -> bool:
    """Whether the visitor may propose a change of what she edits."""
    return editable and page.me is not None and bool(page.me["rights"]["submit"])


async def form(page: Page, type: RecordType) -> Json:
    """Return sections and questions of a type in the visitor's language."""
    return await page.reference.questionnaire(page.upstream, type.name)


async def full(page: Page, type: RecordType, shown: Json) -> tuple[Sections, Terms]:
    """Return the sections of a type's form with what a record answers, and the labels of its codes."""
    questionnaire = await form(page, type)
    labels = await page.reference.terms(page.upstream)
    return answered(page, questionnaire, labels, shown), labels


async def beside(page: Page, type: RecordType, shown: Json) -> related.Around:
    """Return what stands around a record, with the titles of other ones in the visitor's language."""
    return await related.around(page.upstream, page.reference, await form(page, type), shown)


async def named(page: Page, questionnaire: Json, shown: Json) -> Named:
    """Return path and title of the records that questions of a form are answered with, by type and name."""
    asked = [one for section in questionnaire["sections"] for one in section["questions"] if one["names"] in TYPES]
    said = [(one["names"], record.at(shown["content"], one["path"])) for one in asked]
    try:
        found = await page.reference.titles(page.upstream, [f"{type}/{name}" for type, name in said if name])
    except Refused:
        return {}  # what is said is shown as it stands
    return {(type, name): one for key, one in found.items() for type, _, name in (key.partition("/"),)}


def answered(page: Page, questionnaire: Json, labels: Terms, shown: Json, named: Named = NOTHING) -> Sections:
    """Return the sections of a form with what a record answers."""
    yes_no = (page.gettext("yes"), page.gettext("no"))
    names = {**record.names(shown, page.lang), **{name: one["title"] for name, one in named.items()}}
    sections = [
        (
            section,
            [
                replace(one, path=found["path"])
                if isinstance(one.value, str) and (found := named.get((one.question["names"], one.value)))
                else one
                for one in record.answers(section, shown["content"], labels, yes_no, names)
            ],
        )
        for section in questionnaire["sections"]
    ]
    return [(section, found) for section, found in sections if found]


ELSEWHERE = ("links", "references")
"""Questions whose answers stand in a place of their own on a page."""


def whole(
    page: Page, type: RecordType, questionnaire: Json, labels: Terms, shown: Json, named: Named = NOTHING
) -> dict[str, Any]:
    """Return what a page made from the sections of a form shows of a record."""
    title, title_language = record.title(shown)
    summary, summary_language = record.summary(shown)
    sections = answered(page, questionnaire, labels, shown, named)
    below = [(section, [one for one in found if not _elsewhere(one, title, summary)]) for section, found in sections]
    answers = {one.question["path"]: one for _, found in sections for one in found}
    return {
        "type": type,
        "shown": shown,
        "content": shown["content"],
        "labels": labels,
        "title": title,
        "title_language": title_language,
        "summary": summary,
        "summary_language": summary_language,
        "facts": [answers[path] for path in type.facts if path in answers],
        "sections": [(section, found) for section, found in below if found],
        "references": [
            {**one, "heading": record.heading(questionnaire, one["field"])}
            for one in shown["content"].get("references", ())
        ],
        "language_of": record.language_of,
    }


def perusal(page: Page, questionnaire: Json, labels: Terms, shown: Json) -> Reading:
    """Return a record as its type's declarations read it."""
    return Reading(shown, questionnaire, labels, page.lang, page.gettext)


def _elsewhere(answer: Answer, *above: str) -> bool:
    return answer.question["path"] in ELSEWHERE or (bool(answer.text) and answer.text in above)


def download(content: bytes, media_type: str, name: str) -> Response:
    """Return a file to keep."""
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
