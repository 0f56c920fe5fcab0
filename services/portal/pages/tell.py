"""Telling what happened to a public record, or to a row of it."""

import re
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Form, Path, Query, Response

from services.portal import reading, record
from services.portal.page import AnyPage, Page
from services.portal.types import RecordType
from services.portal.upstream import Json, Refused

Slug = Annotated[str, Path(max_length=120, pattern="^[A-Za-z0-9-]+$")]
Place = Annotated[str, Query(max_length=120)]
Typed = Annotated[str, Form()]
_ROW = re.compile(r"(.+)\[(?:key=(.+)|(\d+))\]")
REFUSED = (403, 409, 422)


def router(type: RecordType) -> APIRouter:
    """Return the address at which steps of a type's records are told."""
    routes = APIRouter()

    @routes.get(type.page("{slug}/tell"))
    async def ask(page: AnyPage, slug: Slug, path: Place = "") -> Response:
        """What may be told of a record, or of the row at `path`."""
        return await _form(page, type, slug, path, {})

    @routes.post(type.page("{slug}/tell"))
    async def tell(
        page: AnyPage,
        slug: Slug,
        path: Typed = "",
        kind: Typed = "",
        date: Typed = "",
        note: Typed = "",
        key: Typed = "",
    ) -> Response:
        """Tell it; sent twice, it is told once."""
        page.must_be()
        told, _, value = kind.partition(" ")
        said = {"kind": told, "path": path, "value": value, "date": date.strip(), "note": " ".join(note.split())}
        body = {name: text for name, text in said.items() if text}
        headers = {"Idempotency-Key": key or str(uuid4())}
        try:
            await page.upstream.call("POST", type.page(f"{slug}/steps"), json=body, headers=headers)
        except Refused as refusal:
            if refusal.status not in REFUSED:
                raise
            typed = {"kind": kind, "date": date, "note": note}
            return await _form(page, type, slug, path, typed, refusal)
        return page.redirect(type.page(slug))

    return routes


async def _form(
    page: Page, type: RecordType, slug: str, path: str, typed: Json, refusal: Refused | None = None
) -> Response:
    page.must_be()
    shown, form, labels, _ = await reading.at_once(page, type, slug)
    block, row = _row(shown["content"], path)
    asked = [one for section in form["sections"] for one in section["questions"] if one["path"] == block]
    if path and not (row and asked):
        raise Refused(404, page.gettext("There is no such row in this record."))
    kinds = [
        {"code": " ".join(filter(None, (one["kind"], value))), "kind": one["kind"], "value": value}
        for one in (await page.reference.form(page.upstream, type.name))["steps"]
        if one["block"] == block
        for value in one["values"] or [""]
    ]
    yes_no = (page.gettext("yes"), page.gettext("no"))
    names = record.names(shown, page.lang)
    return page.html(
        "tell.html",
        refusal.status if refusal else 200,
        type=type,
        shown=shown,
        content=shown["content"],
        title=record.title(shown)[0],
        title_language=record.title(shown)[1],
        path=path,
        row=record.cells(asked[0], row, labels, yes_no, names) if row else (),
        kinds=kinds,
        typed={"kind": kinds[0]["code"] if len(kinds) == 1 else "", "date": "", "note": ""} | typed,
        key=str(uuid4()),
        refusal=refusal,
        faults=_faults(page, refusal) if refusal else [],
    )


def _row(content: Json, path: str) -> tuple[str | None, Json | None]:
    """Return the list that a path such as `plan.actions[key=3.1]` leads into, and the row; none where there is none."""
    if not (found := _ROW.fullmatch(path)):
        return None, None
    rows = record.at(content, found[1])
    for number, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, dict) and record.row_path(found[1], number, row) == path:
            return found[1], row
    return None, None


def _faults(page: Page, refusal: Refused) -> list[Json]:
    words = {
        "kind": page.gettext("Choose what happened."),
        "date": page.gettext("Write the date as 2026, 2026-05 or 2026-05-31; it must not lie ahead."),
        "note": page.gettext("Write at most 2,000 characters."),
    }
    if refusal.status != 422:
        return [{"field": "", "message": refusal.detail}]
    fields = dict.fromkeys(str(one["field"]).rpartition(".")[2] for one in refusal.errors)
    return [
        {"field": one, "message": words[one]} if one in words else {"field": "", "message": refusal.detail}
        for one in fields
    ]
