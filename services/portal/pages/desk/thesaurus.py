"""The thesaurus: its concepts listed, added, changed and deleted."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.portal import languages, thesaurus
from services.portal.page import Page, url
from services.portal.pages.desk.page import DeskPage, Said, Typed, matching, shown
from services.portal.thesaurus import Typed as Concept
from services.portal.upstream import Json, Refused

router = APIRouter()
HERE = "/desk/thesaurus"
PER_PAGE = 50
MOST_OFFERED = 2_000
"""Codes that a field offers to choose from."""
MOST_FIELDS = 1_000
Code = Annotated[str, Path(max_length=80, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


@router.get(HERE)
async def listed(
    page: DeskPage,
    q: Annotated[str, Query(max_length=200)] = "",
    language: Annotated[str, Query(max_length=12)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=1000)] = 1,
    said: Said = "",
) -> Response:
    """All concepts by code, or those that have a word."""
    terms = await _terms(page)
    found = thesaurus.having(terms, q, language)
    tags = {tag for term in terms for tag in (*term["labels"], *term["alternatives"])}
    return shown(
        page,
        "thesaurus.html",
        terms=found[(number - 1) * PER_PAGE : number * PER_PAGE],
        total=len(terms),
        found=len(found),
        chosen={"q": q, "language": language},
        tags=sorted({*thesaurus.LANGUAGES, *tags}),
        number=number,
        more=len(found) > number * PER_PAGE,
        said=said,
        name=thesaurus.name,
    )


@router.get(f"{HERE}/new")
async def begin(page: DeskPage) -> Response:
    """The form for a new concept."""
    return await _form(page, Concept())


async def _sent(request: Request) -> tuple[Concept, str]:
    async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
        pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    return Concept.read(pairs), dict(pairs).get("version", "")


Sent = Annotated[tuple[Concept, str], Depends(_sent)]


@router.post(f"{HERE}/new")
async def add(page: DeskPage, sent: Sent) -> Response:
    """Add a concept."""
    typed, _ = sent
    try:
        written = await page.upstream.call("PUT", _path(typed.code), json=typed.body, headers={"If-None-Match": "*"})
    except Refused as refusal:
        return await _form(page, typed, refusal=refusal)
    return page.redirect(url(f"{HERE}/concepts/{written.json()['code']}", {"said": "added"}))


@router.get(f"{HERE}/concepts/{{code}}")
async def read(page: DeskPage, code: Code, said: Said = "") -> Response:
    """One concept, to be changed or deleted."""
    present = await _concept(page, code)
    return await _form(page, Concept.of(present), present, said=said)


@router.post(f"{HERE}/concepts/{{code}}")
async def change(page: DeskPage, code: Code, sent: Sent) -> Response:
    """Replace what is said of a concept."""
    typed, version = sent
    try:
        await page.upstream.call("PUT", _path(code), json=typed.body, headers=matching(version))
    except Refused as refusal:
        return await _form(page, typed, await _concept(page, code), refusal=refusal)
    return page.redirect(url(f"{HERE}/concepts/{code}", {"said": "changed"}))


@router.post(f"{HERE}/concepts/{{code}}/delete")
async def delete(page: DeskPage, code: Code, version: Typed = "") -> Response:
    """Delete a concept."""
    try:
        await page.upstream.call("DELETE", _path(code), headers=matching(version))
    except Refused as refusal:
        present = await _concept(page, code)
        return await _form(page, Concept.of(present), present, refusal=refusal)
    return page.redirect(url(HERE, {"said": "deleted"}))


def _path(code: str) -> str:
    safe = code if code.isascii() and code.replace("-", "").isalnum() else "_"  # which the api refuses
    return f"/vocabularies/thesaurus/concepts/{safe}"


async def _terms(page: Page) -> list[Json]:
    terms: list[Json] = (await page.upstream.read("/vocabularies/thesaurus"))["terms"]
    return terms


async def _concept(page: Page, code: str) -> Json:
    found: Json = await page.upstream.read(_path(code))
    return found


async def _form(
    page: Page, typed: Concept, present: Json | None = None, *, said: str = "", refusal: Refused | None = None
) -> Response:
    if refusal is not None and refusal.status not in (409, 412, 422, 428):
        raise refusal
    offered = {term["code"]: thesaurus.name(term["labels"], page.lang) for term in await _terms(page)}
    return shown(
        page,
        "concept.html",
        refusal.status if refusal else 200,
        typed=typed,
        present=present,
        offered=dict([*offered.items()][:MOST_OFFERED]),
        names=offered,
        said=said,
        faults=_faults(page, typed, present, refusal) if refusal else [],
        language_title=lambda tag: languages.name(tag, page.lang),
    )


def _faults(page: Page, typed: Concept, present: Json | None, refusal: Refused) -> list[Json]:
    """Say in words what keeps a concept from being written or deleted, by the field where it can be mended."""
    if refusal.status in (412, 428) and present:
        message = page.gettext(
            "Somebody else changed this concept meanwhile, and nothing was saved. Look, then send again."
        )
        return [{"field": "", "message": message}]
    if refusal.status == 412:
        message = page.gettext("There is a concept of this code already: choose another one.")
        return [{"field": "code", "message": message}]
    if refusal.status == 409:
        message = page.gettext("Other concepts fall under it: take it out of what they fall under first.")
        return [{"field": "", "message": message}]
    found: dict[tuple[str, str], Json] = {}
    for fault in refusal.errors:
        place, message = _told(page, typed, str(fault["field"]))
        found.setdefault((place, message), {"field": place, "message": message})
    return [*found.values()] or [{"field": "", "message": refusal.detail, "lang": "en"}]


def _told(page: Page, typed: Concept, place: str) -> tuple[str, str]:
    """Return the field of the form that a place in the concept is in, and what is allowed there."""
    what, _, more = place.partition(".")
    language = more.partition("[")[0].partition(".")[0]
    if what in ("labels", "alternatives") and "." in place and language not in typed.languages:
        return "language", page.gettext("Write a language as its tag, such as ro or pt-BR, and words beside it.")
    if what == "labels":
        return (
            (f"label-{language}", page.gettext("Write a word on one line, of at most 100 characters."))
            if language
            else ("label-en", page.gettext("Write the preferred word in one language at least."))
        )
    if what == "alternatives":
        message = page.gettext(
            "Write at most 30 words, each on a line of its own, of at most 100 characters and not twice."
        )
        return (f"others-{language}" if language else "", message)
    if what.startswith("broader"):
        message = page.gettext("Choose codes of concepts that are here, none of which falls under this one.")
        return "broader", message
    if what.startswith("related"):
        return "related", page.gettext("Choose codes of other concepts that are here.")
    return (
        "code",
        page.gettext("Write lower-case letters from a to z, digits and single hyphens, such as seasonal-workers."),
    )
