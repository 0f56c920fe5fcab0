"""Following a search by e-mail: the form, and the list of what an address follows."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Response

from services.portal import finding, letters
from services.portal.finding import Search
from services.portal.page import AnyPage, Page, url
from services.portal.upstream import Json, Refused

router = APIRouter()

Typed = Annotated[str, Form(max_length=1000)]
Question = Annotated[str, Form(max_length=4000)]


@router.get("/follow")
async def ask(page: AnyPage) -> Response:
    """The form to follow the search of this address."""
    search = letters.search_of(page.request.query_params.multi_items())
    return await _form(page, search, {"email": (page.me or {}).get("email") or "", "every": "weekly"})


@router.post("/follow")
async def follow(page: AnyPage, question: Question = "", email: Typed = "", every: Typed = "") -> Response:
    """Ask for a search to be followed; what is answered is the same for every address."""
    search = letters.search_of(finding.pairs(question))
    typed = {"email": email.strip(), "every": every}
    asked = replace(search, pairs=tuple((name, str(value)) for name, value in search.asked()))
    try:
        await page.upstream.call(
            "POST", "/followed-searches", json={**typed, "language": page.lang, "question": asked.query}
        )
    except Refused as refusal:
        if (faults := letters.faults(page, refusal, ("email", "every"))) is None:
            raise
        return await _form(page, search, typed, refusal.status, faults)
    return page.redirect(url("/readers/sent", {"what": "search"}))


@router.get("/readers/search")
async def find(page: AnyPage) -> Response:
    """Lead from a letter to the page of the search that it is about."""
    search = letters.search_of(page.request.query_params.multi_items())
    return page.redirect(search.address())


@router.get("/readers/follows")
async def ask_for_list(page: AnyPage) -> Response:
    """The form by which one asks what an address follows."""
    return page.html("readers/follows.html", email=(page.me or {}).get("email") or "", faults=[])


@router.post("/readers/follows")
async def send_list(page: AnyPage, email: Typed = "") -> Response:
    """Have a link to all that an address follows sent to it; what is answered is the same for every address."""
    try:
        body = {"email": email.strip(), "language": page.lang}
        await page.upstream.call("POST", "/followed-searches/overview", json=body)
    except Refused as refusal:
        if (faults := letters.faults(page, refusal, ("email",))) is None:
            raise
        return page.html("readers/follows.html", refusal.status, email=email, faults=faults)
    return page.redirect(url("/readers/sent", {"what": "overview"}))


async def _form(
    page: Page, search: Search, typed: Json, status: int = 200, faults: list[Json] | None = None
) -> Response:
    offers = await page.reference.offers(page.upstream)
    names = search.facets or ["none"]
    counted = [("facets", name) for name in names]
    answer = await page.upstream.find("/records", [*search.asked(per_page=1), *counted])
    return page.html(
        "readers/follow.html",
        status,
        search=search,
        type=search.type,
        question=url("", [("type", search.type.name), *search.pairs]).removeprefix("?"),
        told=letters.told(page, search, finding.labels(answer, page.gettext)),
        total=answer["total"],
        offered=offers["followed_searches"],
        typed=typed,
        faults=faults or [],
    )
