"""Finding records of a type: words, facets, and ways on when nothing is found."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.portal import finding, record
from services.portal.finding import PER_PAGE, Search
from services.portal.page import AnyPage, Page
from services.portal.types import RecordType
from services.portal.upstream import Json, Refused

MOST_WAYS = 6


def router(type: RecordType) -> APIRouter:
    """Return the addresses of a type's list."""
    routes = APIRouter()

    @routes.get(type.path)
    async def find(page: AnyPage) -> Response:
        """Records that hold the words and pass the filters, with counts of what else could be picked."""
        return await _found(page, Search.of(page.request.query_params.multi_items(), type))

    @routes.get(f"{type.facets}/{{name}}/options")
    async def options(page: AnyPage, name: Annotated[str, Path(pattern="^[a-z_]{1,40}$")]) -> Response:
        """The values of a facet that is unfolded, as a part of the page of a search."""
        search = Search.of(page.request.query_params.multi_items(), type)
        answer = await page.upstream.find("/records", search.asked(per_page=1, facets=name))
        return page.html("parts/options.html", type=type, search=search, name=name, facet=answer["facets"][name])

    @routes.get(type.suggestions)
    async def suggest(page: AnyPage, q: Annotated[str, Query(max_length=1000)] = "") -> Response:
        """Completions of what is being typed, as a part of a page."""
        return page.html("parts/suggestions.html", suggestions=await _completions(page, type, q.strip()[:200], 8))

    return routes


async def _found(page: Page, search: Search) -> Response:
    type = search.type
    counted = [("facets", name) for name in type.groups if name in type.unfolded or search.all(name)]
    asked = [*search.asked(per_page=PER_PAGE), *(counted or [("facets", "none")])]
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
        type=type,
        search=search,
        answer={**answer, "hits": await explained(page, type, answer["hits"])},
        related_from=finding.related_from(answer, search),
        labels=labels,
        ways=ways,
        offers=offers,
        clear_address=Search.of([("q", search.get("q"))], type).address(),
        numbers=finding.pages(search.page, answer["total"]),
    )


async def explained(page: Page, type: RecordType, hits: Sequence[Json]) -> list[Json]:
    """Return hits, each with the `question` that its sentence answers, in the visitor's language; none if unknown."""
    places = {place for hit in hits if (place := hit["highlights"].get("text_place"))}
    called = {name: type.words(page.lang).facets[name] for name in places & {*type.groups}}
    if asked := places - {*type.groups}:
        try:
            questionnaire = await page.reference.questionnaire(page.upstream, type.name)
        except Refused:
            questionnaire = {"sections": []}  # what was found is told without the api too
        called |= {place: title for place in asked if (title := record.called(questionnaire, place))}
    return [{**hit, "question": called.get(hit["highlights"].get("text_place"))} for hit in hits]


async def _ways_on(page: Page, search: Search, labels: dict[finding.Pair, str], meant: str | None) -> list[Json]:
    """Return what to try when nothing is found: what was meant, a filter less, or a word less."""
    whole = Search((), search.type)
    tries: list[tuple[str, str, Search]] = [("meant", meant, whole.with_("q", meant))] if meant else []
    tries += [
        ("filter", labels.get((name, value), value), search.without_value(name, value))
        for name, value in search.filters
    ]
    words = finding.words(search.get("q"))
    if len(words) > 1:
        for place, word in enumerate(words):
            tries.append(("word", word, search.with_("q", " ".join(words[:place] + words[place + 1 :]))))
    if search.filters and search.get("q") and not meant:
        tries.append(("filters", "", whole.with_("q", search.get("q"))))
    counted = await asyncio.gather(*(_total(page, tried) for _, _, tried in tries[:12]))
    ways: list[Json] = [
        {"kind": kind, "label": label, "address": tried.address(), "count": count}
        for (kind, label, tried), count in zip(tries, counted, strict=False)
        if count
    ]
    return sorted(ways, key=lambda way: (way["kind"] != "meant", -int(way["count"])))[:MOST_WAYS]


async def _total(page: Page, search: Search) -> int:
    answer = await page.upstream.find("/records", search.without("sort").asked(per_page=1, facets="none"))
    return int(answer["total"])


async def _completions(page: Page, type: RecordType, q: str, limit: int) -> list[Json]:
    if not q:
        return []
    try:
        found = await page.upstream.find("/suggest", [("q", q), ("type", type.name), ("limit", limit)])
    except Refused:
        return []  # who types is not told of what cannot be completed
    return [{**one, "address": _leads_to(type, one)} for one in found["suggestions"]]


def _leads_to(type: RecordType, suggestion: Json) -> str:
    if suggestion["parameter"] is None:
        return type.page(suggestion["value"])
    return Search(((suggestion["parameter"], suggestion["value"]),), type).address()
