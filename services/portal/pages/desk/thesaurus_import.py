"""Concepts from a SKOS file: tried out first, then taken in, each time with a report."""

from pathlib import PurePath

from fastapi import APIRouter, Response
from starlette.datastructures import UploadFile

from services.portal.desk import CONCEPT_OUTCOMES
from services.portal.page import Page
from services.portal.pages.desk.page import DeskPage, shown
from services.portal.upstream import Json, Refused

router = APIRouter()
HERE = "/desk/thesaurus/import"
MEDIA_TYPES = {".ttl": "text/turtle", ".rdf": "application/rdf+xml", ".xml": "application/rdf+xml"}
BORNE = (400, 408, 413, 422, 429, 503)
"""Refusals that are told in words beside the form, where the file can be sent again."""
LONGEST_NAME = 300


@router.get(HERE)
async def offer(page: DeskPage) -> Response:
    """Offer to take in a file."""
    return _shown(page)


@router.post(HERE)
async def take_in(page: DeskPage) -> Response:
    """Try a file out, or take it in, and show the report."""
    async with page.request.form(max_files=1, max_fields=10) as form:
        sent = form.get("file")
        data, name = (await sent.read(), sent.filename or "") if isinstance(sent, UploadFile) else (b"", "")
        dry = form.get("act") != "import"
    name = PurePath(name.replace("\\", "/")).name[-LONGEST_NAME:]
    media_type = MEDIA_TYPES.get(PurePath(name).suffix.lower())
    if not data or media_type is None:
        message = page.gettext("Choose a file that is not empty, whose name ends in .ttl, .rdf or .xml.")
        return _shown(page, 422, faults=[{"field": "file", "message": message}])
    try:
        answer = await page.upstream.call(
            "POST",
            "/vocabularies/thesaurus/import",
            params={"dry_run": dry},
            content=data,
            headers={"Content-Type": media_type},
            timeout=page.settings.import_seconds,
        )
    except Refused as refusal:
        if refusal.status not in BORNE:
            raise
        return _shown(page, refusal.status, name=name, refusal=refusal)
    return _shown(page, report=answer.json(), dry=dry, name=name)


def _shown(
    page: Page,
    status: int = 200,
    *,
    report: Json | None = None,
    dry: bool = True,
    name: str = "",
    refusal: Refused | None = None,
    faults: list[Json] | None = None,
) -> Response:
    answer = shown(
        page,
        "thesaurus-import.html",
        status,
        report=report,
        outcomes=CONCEPT_OUTCOMES,
        dry=dry,
        name=name,
        refusal=refusal,
        faults=faults or [],
    )
    if page.request.method == "POST":
        answer.headers["Cache-Control"] = "no-store"
    return answer
