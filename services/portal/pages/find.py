"""Finding practices: words, facets, and ways on when nothing is found."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.portal import finding, record
from services.portal.facets import GROUPS, HEADINGS, OPEN
from services.portal.finding import FACET_NAMES, PER_PAGE, SORTS, Search
from services.portal.page import AnyPage, Page
from services.portal.upstream import Json, Refused

router = APIRouter()
MOST_WAYS = 6


@router.get("/practices")
async def find(page: AnyPage) -> Response:
    """Practices that hold the words and pass the filters, with counts of what else could be picked."""
    search = Search.of(page.request.query_params.multi_items())
    counted = [("facets", name) for name, _ in GROUPS if name in OPEN or search.all(name)]
    asked = [*search.asked(type="practice", per_page=PER_PAGE), *counted]
    answer = await page.upstream.find("/records", asked)
    search = search.told(answer["facets"])
    last = finding.pages(1, answer["total"])[-1]
    if search.page > (last or 1) and not answer["hits"]:
        return page.redirect(search.with_("page", last or 1).address())
    labels = finding.labels(answer, page.gettext)
    offers = await page.reference.offers(page.upstream)
    ways = await _ways_on(page, search, labels, answer["did_you_mean"]) if not answer["total"] else []
    return page.html(
        "find.html",
        search=search,
        answer={**answer, "hits": await explained(page, answer["hits"])},
        related_from=finding.related_from(answer, search),
        labels=labels,
        ways=ways,
        groups=GROUPS,
        sorts=SORTS,
        offers=offers,
        clear_address=(Search.of([("q", search.get("q"))]) if search.get("q") else Search(())).address(),
        numbers=finding.pages(search.page, answer["total"]),
    )


@router.get("/facets/{name}/options")
async def options(page: AnyPage, name: Annotated[str, Path(pattern="^[a-z_]{1,40}$")]) -> Response:
    """The values of a facet that is unfolded, as a part of the page of a search."""
    search = Search.of(page.request.query_params.multi_items())
    answer = await page.upstream.find("/records", search.asked(type="practice", per_page=1, facets=name))
    return page.html("parts/options.html", search=search, name=name, facet=answer["facets"][name])


async def explained(page: Page, hits: Sequence[Json]) -> list[Json]:
    """Return hits, each with the `question` that its sentence answers, in the visitor's language; none if unknown."""
    places = {place for hit in hits if (place := hit["highlights"].get("text_place"))}
    called = {name: page.gettext(HEADINGS[name]) for name in places & FACET_NAMES}
    if asked := places - FACET_NAMES:
        try:
            questionnaire = await page.reference.questionnaire(page.upstream)
        except Refused:
            questionnaire = {"sections": []}  # what was found is told without the api too
        called |= {place: title for place in asked if (title := record.called(questionnaire, place))}
    return [{**hit, "question": called.get(hit["highlights"].get("text_place"))} for hit in hits]


async def _ways_on(page: Page, search: Search, labels: dict[finding.Pair, str], meant: str | None) -> list[Json]:
    """Return what to try when nothing is found: what was meant, a filter less, or a word less."""
    tries: list[tuple[str, str, Search]] = [("meant", meant, Search.of([("q", meant)]))] if meant else []
    tries += [
        ("filter", labels.get((name, value), value), search.without_value(name, value))
        for name, value in search.filters
    ]
    words = finding.words(search.get("q"))
    if len(words) > 1:
        for place, word in enumerate(words):
            tries.append(("word", word, search.with_("q", " ".join(words[:place] + words[place + 1 :]))))
    if search.filters and search.get("q") and not meant:
        tries.append(("filters", "", Search.of([("q", search.get("q"))])))
    counted = await asyncio.gather(*(_total(page, tried) for _, _, tried in tries[:12]))
    ways: list[Json] = [
        {"kind": kind, "label": label, "address": tried.address(), "count": count}
        for (kind, label, tried), count in zip(tries, counted, strict=False)
        if count
    ]
    return sorted(ways, key=lambda way: (way["kind"] != "meant", -int(way["count"])))[:MOST_WAYS]


async def _total(page: Page, search: Search) -> int:
    answer = await page.upstream.find(
        "/records", search.without("sort").asked(type="practice", per_page=1, facets="none")
    )
    return int(answer["total"])


@router.get("/suggestions")
async def suggest(page: AnyPage, q: Annotated[str, Query(max_length=1000)] = "") -> Response:
    """Completions of what is being typed, as a part of a page."""
    return page.html("parts/suggestions.html", suggestions=await _completions(page, q.strip()[:200], 8))


async def _completions(page: Page, q: str, limit: int) -> list[Json]:
    if not q:
        return []
    try:
        found = (await page.upstream.find("/suggest", [("q", q), ("type", "practice"), ("limit", limit)]))[
            "suggestions"
        ]
    except Refused:
        return []  # who types is not told of what cannot be completed
    return [{**one, "address": _leads_to(one)} for one in found]


def _leads_to(suggestion: Json) -> str:
    if suggestion["parameter"] is None:
        return f"/practices/{suggestion['value']}"
    return Search(((suggestion["parameter"], suggestion["value"]),)).address()
