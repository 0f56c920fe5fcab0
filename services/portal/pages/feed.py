"""A search as a feed to subscribe to."""

import hashlib
import re
import uuid

from fastapi import APIRouter, Response

from services.portal.finding import Search
from services.portal.page import AnyPage, Page, url
from services.portal.types import RecordType
from services.portal.upstream import Json

ENTRIES = 50
NEVER = "1970-01-01T00:00:00Z"
"""When a feed without entries changed last."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def router(type: RecordType) -> APIRouter:
    """Return the address of a type's feed."""
    routes = APIRouter()

    @routes.get(type.feed)
    async def follow(page: AnyPage) -> Response:
        """The newest records of a search as an Atom feed (RFC 4287)."""
        return await _feed(page, Search.of(page.request.query_params.multi_items(), type).without("sort", "per_page"))

    return routes


async def _feed(page: Page, search: Search) -> Response:
    type = search.type
    found = await page.upstream.find("/records", search.asked(sort="newest", per_page=ENTRIES, facets="none"))
    entries = [_entry(hit) for hit in found["hits"]]
    alternate = page.absolute + url(type.path, [*search.pairs, ("lang", page.lang)])
    text = page.template("records.atom").render(
        type=type,
        id=uuid.uuid5(uuid.NAMESPACE_URL, alternate),
        asked=_clean(search.get("q")),
        alternate=alternate,
        self_address=page.absolute + url(type.feed, [*search.pairs, ("lang", page.lang)]),
        updated=max((entry["updated_at"] for entry in entries), default=NEVER),
        entries=entries,
        absolute=page.absolute,
        priority_label=lambda code: page.priorities.get(code, code),
    )
    tag = f'W/"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie"}
    if tag in page.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(text, media_type="application/atom+xml", headers=headers)


def _entry(hit: Json) -> Json:
    authors = [_clean(authority["name"]) for authority in hit.get("authorities", ())]
    return {
        **hit,
        "updated_at": max(hit["updated_at"], hit["published_at"]),  # a text may be older than its publication
        "title": _clean(hit["title"]),
        "summary": _clean(hit["summary"] or ""),
        "authors": [name for name in authors if name.strip()] or ["Praxis"],
    }


def _clean(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return _NOT_XML.sub("", text)
