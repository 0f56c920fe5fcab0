"""Telling of a public record in the words of one's own authority: beginning, or going on with what there is."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Path, Response

from services.portal import own_words
from services.portal.page import AnyPage, Page, url
from services.portal.reading import present
from services.portal.types import RecordType, find
from services.portal.types.declaration import OwnWords
from services.portal.upstream import Json, Pairs, Refused

router = APIRouter()

OPEN = ("draft", "changes-requested", "submitted")
MOST_OPEN = 20
"""Cases of an authority that are looked through for one on the same record."""


@router.post("/contribute/own-words/{type}")
async def tell(
    page: AnyPage,
    type: Annotated[str, Path(max_length=40, pattern="^[a-z-]+$")],
    record: Annotated[str, Form(max_length=120, pattern="^[A-Za-z0-9-]+$")],
) -> Response:
    """Begin to tell of a record; where one's authority tells of it already, or is about to, go to that."""
    me, of = page.must_be(), find(type)
    if of.own_words is None or not (me["authority"] and me["rights"]["submit"]):
        raise Refused(403, page.gettext("Officers tell of what their own authority did."))
    slug = me["authority"]["slug"]
    shown = await present(page, find(of.own_words.of), record)
    if public := await own_words.public(page, of, shown, slug):
        return page.redirect(url("/contribute/begin", {of.name: public["slug"]}))
    if begun := await _begun(page, of, of.own_words, shown, slug):
        return page.redirect(_to(begun))
    body = {"type": of.name, "content": own_words.first(of.own_words, shown, slug, page.lang)}
    return page.redirect(_to((await page.upstream.call("POST", "/submissions", json=body)).json()))


def _to(case: Json) -> str:
    return f"/contribute/{case['id']}/answers" if case["editable"] else f"/contribute/{case['id']}"


async def _begun(page: Page, type: RecordType, words: OwnWords, shown: Json, authority: str) -> Json | None:
    """Return the case in which an authority is about to tell of a record."""
    asked: Pairs = [("type", type.name), ("owner", authority), *(("state", one) for one in OPEN), ("limit", MOST_OPEN)]
    found = (await page.upstream.read("/submissions", asked))["items"]
    cases = await asyncio.gather(*(page.upstream.read(f"/submissions/{one['id']}") for one in found))
    return next((one for one in cases if own_words.is_of(words, one["content"], shown)), None)
