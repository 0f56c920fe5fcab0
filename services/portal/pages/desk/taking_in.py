"""A file that the desk takes in: what was sent, what became of it, and the page that tells so."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from fastapi import Response
from starlette.datastructures import UploadFile

from services.portal.page import Page
from services.portal.pages.desk.page import shown
from services.portal.upstream import Json, Refused

BORNE = (400, 408, 413, 422, 429, 503)
"""Refusals that are told in words beside the form, where the file can be sent again."""
LONGEST_NAME = 300


@dataclass(frozen=True)
class Sent:
    """What a form sent: a file with its name, and the other fields."""

    data: bytes
    name: str
    fields: Mapping[str, str]

    @property
    def dry(self) -> bool:
        """Whether the file is only to be tried out."""
        return self.fields.get("act") != "import"


@dataclass(frozen=True)
class Outcome:
    """What became of a file, if one was sent: a report or a refusal by the api, or a fault that was seen before."""

    name: str = ""
    dry: bool = True
    report: Json | None = None
    refusal: Refused | None = None
    fault: str = ""

    @property
    def status(self) -> int:
        """The status of the page that tells it."""
        return self.refusal.status if self.refusal else 422 if self.fault else 200


async def sent(page: Page) -> Sent:
    """Read a form with one file."""
    async with page.request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        data, name = (await file.read(), file.filename or "") if isinstance(file, UploadFile) else (b"", "")
        fields = {field: value for field, value in form.items() if isinstance(value, str)}
    return Sent(data, PurePath(name.replace("\\", "/")).name[-LONGEST_NAME:], fields)


async def taken(page: Page, file: Sent, path: str, media_type: str, **params: Any) -> Outcome:
    """Hand a file to the api; raise `Refused` for what sending it again would not mend."""
    try:
        answer = await page.upstream.call(
            "POST",
            path,
            params={"dry_run": file.dry, **params},
            content=file.data,
            headers={"Content-Type": media_type},
            timeout=page.settings.import_seconds,
        )
    except Refused as refusal:
        if refusal.status not in BORNE:
            raise
        return Outcome(file.name, refusal=refusal)
    return Outcome(file.name, file.dry, answer.json())


def told(page: Page, template: str, outcome: Outcome, **values: Any) -> Response:
    """Show the page that takes files in, with what became of the one that was sent.

    The report stands in the answer itself: this portal keeps nothing, and a file that is sent again changes nothing.
    """
    status = 200 if page.fragment else outcome.status  # what is no success is not put into a page by a script
    answer = shown(
        page,
        template,
        status,
        name=outcome.name,
        dry=outcome.dry,
        report=outcome.report,
        refusal=outcome.refusal,
        faults=[{"field": "file", "message": outcome.fault}] if outcome.fault else [],
        **values,
    )
    if page.request.method == "POST":
        answer.headers["Cache-Control"] = "no-store"
    return answer
