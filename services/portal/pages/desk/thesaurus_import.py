"""Concepts from a SKOS file: tried out first, then taken in, each time with a report."""

from pathlib import PurePath

from fastapi import APIRouter, Response

from services.portal.desk import CONCEPT_OUTCOMES
from services.portal.pages.desk.page import DeskPage
from services.portal.pages.desk.taking_in import Outcome, sent, taken, told

router = APIRouter()
HERE = "/desk/thesaurus/import"
MEDIA_TYPES = {".ttl": "text/turtle", ".rdf": "application/rdf+xml", ".xml": "application/rdf+xml"}


@router.get(HERE)
async def offer(page: DeskPage) -> Response:
    """Offer to take in a file."""
    return told(page, "thesaurus-import.html", Outcome(), outcomes=CONCEPT_OUTCOMES)


@router.post(HERE)
async def take_in(page: DeskPage) -> Response:
    """Try a file out, or take it in, and show the report."""
    file = await sent(page)
    media_type = MEDIA_TYPES.get(PurePath(file.name).suffix.lower())
    if file.data and media_type:
        outcome = await taken(page, file, "/vocabularies/thesaurus/import", media_type)
    else:
        fault = page.gettext("Choose a file that is not empty, whose name ends in .ttl, .rdf or .xml.")
        outcome = Outcome(fault=fault)
    return told(page, "thesaurus-import.html", outcome, outcomes=CONCEPT_OUTCOMES)
