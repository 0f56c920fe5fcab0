"""Taking in many practices from a file: tried out first, then for real, each time with a report."""

from dataclasses import replace

from fastapi import APIRouter, Response

from services.portal import record
from services.portal.desk import OUTCOMES
from services.portal.page import Page
from services.portal.pages.desk.page import DeskPage
from services.portal.pages.desk.taking_in import Outcome, sent, taken, told
from services.portal.types import default
from services.portal.upstream import Json

router = APIRouter()

UNTOLD: Json = {"publish": False, "tier": "network", "all_or_nothing": False}


@router.get("/desk/import")
async def offer(page: DeskPage) -> Response:
    """Offer to take in a file, and tell how to take records out."""
    return await _told(page, Outcome(), UNTOLD)


@router.post("/desk/import")
async def take_in(page: DeskPage) -> Response:
    """Try a file out, or take it in, and show the report."""
    file = await sent(page)
    options = {
        "publish": file.fields.get("publish") == "true",
        "tier": "peer-reviewed" if file.fields.get("tier") == "peer-reviewed" else "network",
        "all_or_nothing": file.fields.get("all_or_nothing") == "true",
    }
    if not file.name or not file.data:
        return await _told(page, Outcome(fault=page.gettext("Choose a file that is not empty.")), options)
    outcome = await taken(page, file, "/imports", "application/octet-stream", name=file.name, **options)
    return await _told(page, outcome, options)


async def _told(page: Page, outcome: Outcome, options: Json) -> Response:
    return told(
        page,
        "import.html",
        replace(outcome, report=await _named(page, outcome.report)) if outcome.report else outcome,
        options=options,
        outcomes=OUTCOMES,
        tiers=await page.reference.labels(page.upstream, "publication-tiers"),
    )


async def _named(page: Page, report: Json) -> Json:
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
