"""Taking in many practices from a file: tried out first, then for real, each time with a report."""

from pathlib import PurePath

from fastapi import APIRouter, Response
from starlette.datastructures import UploadFile

from services.portal import record
from services.portal.desk import OUTCOMES
from services.portal.page import Page
from services.portal.pages.desk.page import DeskPage, shown
from services.portal.types import default
from services.portal.upstream import Json, Refused

router = APIRouter()

BORNE = (400, 408, 413, 422, 429, 503)
"""Refusals that are told in words beside the form, where the file can be sent again."""
LONGEST_NAME = 300
UNTOLD: Json = {"publish": False, "tier": "network", "all_or_nothing": False}


@router.get("/desk/import")
async def offer(page: DeskPage) -> Response:
    """Offer to take in a file, and tell how to take records out."""
    return await _shown(page, UNTOLD)


@router.post("/desk/import")
async def take_in(page: DeskPage) -> Response:
    """Try a file out, or take it in, and show the report.

    The report stands in the answer itself: this portal keeps nothing, and a file that is sent again changes nothing.
    """
    async with page.request.form(max_files=1, max_fields=10) as form:
        sent = form.get("file")
        data, name = (await sent.read(), sent.filename or "") if isinstance(sent, UploadFile) else (b"", "")
        options = {
            "publish": form.get("publish") == "true",
            "tier": "peer-reviewed" if form.get("tier") == "peer-reviewed" else "network",
            "all_or_nothing": form.get("all_or_nothing") == "true",
        }
        dry = form.get("act") != "import"
    name = PurePath(name.replace("\\", "/")).name[-LONGEST_NAME:]
    if not name or not data:
        said = page.gettext("Choose a file that is not empty.")
        return await _shown(page, options, 422, faults=[{"field": "file", "message": said}])
    try:
        answer = await page.upstream.call(
            "POST",
            "/imports",
            params={"name": name, "dry_run": dry, **options},
            content=data,
            headers={"Content-Type": "application/octet-stream"},
            timeout=page.settings.import_seconds,
        )
    except Refused as refusal:
        if refusal.status not in BORNE:
            raise
        return await _shown(page, options, refusal.status, refusal=refusal, name=name)
    return await _shown(page, options, report=answer.json(), dry=dry, name=name)


async def _shown(
    page: Page,
    options: Json,
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
        "import.html",
        200 if page.fragment else status,  # what is no success is not put into a page that a script changes
        options=options,
        report=await _told(page, report) if report else None,
        outcomes=OUTCOMES,
        dry=dry,
        name=name,
        refusal=refusal,
        faults=faults or [],
        tiers=await page.reference.labels(page.upstream, "publication-tiers"),
    )
    if page.request.method == "POST":
        answer.headers["Cache-Control"] = "no-store"
    return answer


async def _told(page: Page, report: Json) -> Json:
    """Return a report with what each faulty field is called."""
    if not report["rejected"]:
        return report
    questionnaire = await page.reference.questionnaire(page.upstream, default().name)
    rejected = [
        {
            **one,
            "faults": [{**fault, "heading": record.heading(questionnaire, fault["field"])} for fault in one["faults"]],
        }
        for one in report["rejected"]
    ]
    return {**report, "rejected": rejected}
