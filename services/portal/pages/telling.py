"""Telling what happened to a record since it became public: what, to which row of it, and when."""

import asyncio
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Form, Path, Query, Response

from services.portal import reading, record, telling
from services.portal.page import AnyPage, Page
from services.portal.pages.record import Slug
from services.portal.types import TYPES, RecordType
from services.portal.upstream import Json, Refused

router = APIRouter()

Plural = Annotated[str, Path(max_length=40, pattern="^[a-z-]+$")]
Typed = Annotated[str, Form(max_length=5000)]


@router.get("/contribute/tell/{plural}/{slug}")
async def ask(page: AnyPage, plural: Plural, slug: Slug, path: Annotated[str, Query(max_length=120)] = "") -> Response:
    """Ask what happened; `path` names the row that is meant."""
    page.must_be()
    return await _form(page, _type(page, plural), slug, {"path": path, "key": uuid4().hex})


@router.post("/contribute/tell/{plural}/{slug}")
async def tell(
    page: AnyPage,
    plural: Plural,
    slug: Slug,
    kind: Typed = "",
    path: Typed = "",
    date: Typed = "",
    note: Typed = "",
    key: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Tell it; a form that is sent twice tells it once."""
    page.must_be()
    type = _type(page, plural)
    shown = await reading.present(page, type, slug)
    name, _, value = kind.partition(":")
    said = "\n".join(line.rstrip() for line in note.strip().splitlines())
    given = {"kind": name, "value": value, "path": path, "date": date.strip(), "note": said}
    body = {field: text for field, text in given.items() if text}
    headers = {"Idempotency-Key": key} if key else {}
    try:
        await page.upstream.call("POST", f"{type.page(shown['id'])}/steps", json=body, headers=headers)
    except Refused as refusal:
        if refusal.status not in (403, 409, 422):
            raise
        typed = {"kind": kind, "path": path, "date": date, "note": note, "key": key}
        return await _form(page, type, slug, typed, refusal)
    return page.redirect(f"{type.page(shown['slug'])}#related")


def _type(page: Page, plural: str) -> RecordType:
    found = next((one for one in TYPES.values() if one.plural == plural), None)
    if found is None:
        raise Refused(404, page.gettext("There is no such page."))
    return found


async def _form(page: Page, type: RecordType, slug: str, typed: Json, refusal: Refused | None = None) -> Response:
    shown, latest, form, questionnaire = await asyncio.gather(
        reading.present(page, type, slug),
        reading.latest(page, type, slug),
        page.reference.form(page.upstream, type.name),
        reading.form(page, type),
    )
    mine = telling.tellable(form, shown["content"], page.must_be(), latest["owner"] if latest else None)
    title, title_language = record.title(shown)
    empty = {"kind": "", "path": "", "date": "", "note": "", "key": ""}
    return page.html(
        "tell.html",
        refusal.status if refusal else 200,
        type=type,
        shown=shown,
        title=title,
        title_language=title_language,
        kinds=telling.kinds(mine, type.words(page.lang).steps),
        rows=telling.rows(mine, questionnaire, shown["content"]),
        whole=telling.whole(mine),
        typed=empty | typed,
        faults=_faults(page, refusal),
    )


def _faults(page: Page, refusal: Refused | None) -> list[Json]:
    """Say what is wrong, field by field."""
    if refusal is None:
        return []
    words = {
        "kind": page.gettext("Choose what happened."),
        "path": page.gettext("Choose what it happened to; not everything can be told of each part."),
        "date": page.gettext("Write a date that has come, such as 2026, 2026-07 or 2026-07-14."),
        "note": page.gettext("Say it in at most 2,000 characters."),
    }
    named = dict.fromkeys("kind" if one["field"] == "value" else one["field"] for one in refusal.errors)
    known = [{"field": field, "message": words[field]} for field in named if field in words]
    return known or [{"field": "", "message": refusal.detail, "lang": "en"}]
