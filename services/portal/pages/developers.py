"""The interfaces for other programs: five requests to begin with, and all there is to ask for."""

import asyncio
import json
from dataclasses import dataclass
from shlex import quote
from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.portal import interface
from services.portal.page import AnyPage, Page
from services.portal.upstream import Json, Refused

router = APIRouter()
SERVICES = ("api", "search")
LONGEST_ANSWER = 4_000
"""Characters of an answer that are shown, however long it still is when abridged."""


def _(message: str) -> str:
    """Mark a message to be translated where it is shown."""
    return message


@dataclass(frozen=True)
class Example:
    """A request worth beginning with; `{slug}` in its path is that of the first practice found by the first one."""

    title: str
    path: str
    pairs: tuple[tuple[str, str], ...] = ()

    def curl(self, absolute: str, path: str) -> str:
        """Return the command that sends it to this site."""
        given = "".join(f" \\\n  --data-urlencode {quote(f'{name}={value}')}" for name, value in self.pairs)
        return f"curl -sG {quote(absolute + path)}{given}"


EXAMPLES = (
    Example(
        _("A whole question, as an officer would type it; counts by facet come with the answer"),
        "/search/v1/records",
        (
            (
                "q",
                "who has managed seasonal migration together with a country of origin, and what made it work?",
            ),
        ),
    ),
    Example(
        _("Words with typos, in another language, narrowed by a facet"),
        "/search/v1/records",
        (("lang", "es"), ("q", "micro-crédito retorno"), ("country_of_origin", "RO")),
    ),
    Example(
        _("What could be meant by the letters typed so far"), "/search/v1/suggest", (("q", "sene"), ("limit", "3"))
    ),
    Example(_("One practice with all that is recorded of it"), "/api/v1/practices/{slug}"),
    Example(
        _("Everything that is public, to mirror the base: from 0, then on from the last seq"),
        "/api/v1/changes",
        (("after", "0"), ("limit", "1000")),
    ),
)
"""Those of the README."""
FEWER = {"limit": "3"}
"""What is asked live of the feed, so that a page does not read the whole base."""


@router.get("/developers")
async def begin(page: AnyPage) -> Response:
    """Five requests with what they answer at this moment, and ways on."""
    first, *others = EXAMPLES
    found = await _ask(page, first.path, first.pairs)
    hits = found["hits"] if found and found.get("hits") else []
    slug = hits[0]["slug"] if hits else None
    paths = [one.path.replace("{slug}", slug or "SLUG") for one in others]
    answers = await asyncio.gather(
        *(
            _ask(page, path, one.pairs) if slug or path == one.path else _nothing()
            for one, path in zip(others, paths, strict=True)
        )
    )
    shown = [(first, first.path, found), *zip(others, paths, answers, strict=True)]
    return page.html(
        "developers/begin.html",
        examples=[
            {
                "title": page.gettext(one.title),
                "curl": one.curl(page.absolute, path),
                "answer": _short(answer) if answer else None,
                "service": path.split("/")[1],
                "anchor": interface.anchor("get", one.path.replace("{slug}", "{practice}")),
            }
            for one, path, answer in shown
        ],
    )


async def _nothing() -> None:
    return None


async def _ask(page: Page, path: str, pairs: tuple[tuple[str, str], ...]) -> Json | None:
    """Return what a service answers now, none when it does not."""
    service, rest = path.split("/")[1], path.split("/v1", 1)[1]
    asked = [(name, FEWER.get(name, value)) if rest == "/changes" else (name, value) for name, value in pairs]
    try:
        answer: Json
        if service == "search":
            answer = await page.upstream.found(rest, asked)
        else:
            answer = await page.upstream.read(rest, asked)
    except Refused:
        return None
    return answer


def _short(answer: Json) -> str:
    text = json.dumps(interface.abridged(answer), ensure_ascii=False, indent=2)
    return text if len(text) <= LONGEST_ANSWER else text[:LONGEST_ANSWER].rsplit("\n", 1)[0] + "\n…"


@router.get("/developers/{service}")
async def listing(page: AnyPage, service: Annotated[str, Path(max_length=20)]) -> Response:
    """All that a service can be asked for."""
    if service not in SERVICES:
        raise Refused(404, page.gettext("There is no such service."))
    document = await page.reference.interface(page.upstream, service)
    return page.html(
        "developers/listing.html", service=service, info=document["info"], groups=interface.groups(document)
    )
