"""The questionnaire in Excel: take it along with what is answered so far, and hand it in again."""

import re
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import UploadFile

from services.portal import record
from services.portal.answering import answers
from services.portal.answering.drafting import Draft
from services.portal.languages import LANGUAGES
from services.portal.page import AnyPage, Page, url
from services.portal.pages.answers import Case, Extent
from services.portal.upstream import Json, Refused
from services.portal.workbooks import XLSX

router = APIRouter()

_QUESTION = re.compile(r"question (.+?): (.*)", re.DOTALL)


@router.get("/contribute/{case}/answers/excel")
async def offer(
    page: AnyPage, case: Case, form: Extent = "short", since: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None
) -> Response:
    """Offer the workbook, and to hand it in; after that, show what it changed."""
    page.must_be()
    draft = await Draft.read(page, case, "full")
    changed: list[Json] | None = None
    if since is not None:
        found = await page.upstream.read(f"/submissions/{case}/diff", [("since", since)])
        changed = record.differences(draft.questionnaire, found["differences"])
    return _page(page, draft, form, changed=changed)


def _page(
    page: Page,
    draft: Draft,
    form: str,
    status: int = 200,
    *,
    changed: list[Json] | None = None,
    faults: list[Json] | None = None,
    refusal: Refused | None = None,
) -> Response:
    return page.html(
        "answers/excel.html",
        status,
        type=draft.type,
        draft=draft,
        case=draft.case,
        form=form if form == "full" else "short",
        form_languages=LANGUAGES,
        changed=changed,
        faults=faults or [],
        refusal=refusal,
    )


@router.get("/contribute/{case}/answers/workbook.xlsx")
async def download(
    page: AnyPage, case: Case, form: Extent = "short", form_language: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """The workbook with what is answered so far."""
    page.must_be()
    asked = {"lang": form_language or page.lang, "form": form if form == "full" else "short"}
    try:
        answer = await page.upstream.call("GET", f"/submissions/{case}/workbook.xlsx", params=asked)
    except Refused as refusal:
        if refusal.status != 409:
            raise
        return _page(page, await Draft.read(page, case, "full"), form, 409, refusal=refusal)
    headers = {"Content-Disposition": f'attachment; filename="praxis-{case[:8]}.xlsx"', "Cache-Control": "no-store"}
    return Response(answer.content, media_type=XLSX, headers=headers)


@router.post("/contribute/{case}/answers/excel")
async def hand_in(request: Request, page: AnyPage, case: Case, form: Extent = "short") -> Response:
    """Save the answers of a workbook: all of them, or none."""
    page.must_be()
    async with request.form(max_files=1, max_fields=10) as sent:
        file, version = sent.get("workbook"), str(sent.get("version", ""))
        data = await file.read() if isinstance(file, UploadFile) else b""
    draft = await Draft.read(page, case, "full")
    if not data:
        said = Refused(422, page.gettext("Choose the workbook that you filled in."))
        return _page(page, draft, form, 422, refusal=said)
    if version != str(draft.case["version"]):
        return _page(page, draft, form, 409, refusal=_overtaken(page, draft))
    try:
        await page.upstream.call(
            "POST",
            "/submissions/import",
            params={"submission": case},
            content=data,
            headers={"Content-Type": XLSX, "If-Match": f'"{version}"'},
            timeout=page.settings.import_seconds,
        )
    except Refused as refusal:
        if refusal.status == 412:
            draft = await Draft.read(page, case, "full")
            return _page(page, draft, form, 409, refusal=_overtaken(page, draft))
        if refusal.status not in (409, 413, 422):
            raise
        faults = [_fault(draft, one) for one in refusal.errors]
        return _page(page, draft, form, refusal.status, faults=faults, refusal=refusal)
    return page.redirect(url(f"/contribute/{case}/answers/excel", {"form": form, "since": version}))


def _overtaken(page: Page, draft: Draft) -> Refused:
    name = draft.case["updated_by"]["name"]
    return Refused(
        409,
        page.gettext(
            "%(name)s saved answers after you opened this page. Look at them first; "
            "handing the workbook in now replaces them.",
            name=name,
        ),
    )


def _fault(draft: Draft, fault: Json) -> Json:
    """Return a fault by sheet and cell, with its question where it names one."""
    sheet, _, cell = str(fault["field"]).rpartition("!")
    found = _QUESTION.fullmatch(fault["message"])
    number = found[1] if found else ""
    asked = [one for section in draft.questionnaire["sections"] for one in section["questions"]]
    return {
        "sheet": sheet or fault["field"],
        "cell": cell if sheet else "",
        "number": number,
        "question": next((one["label"] for one in asked if one["number"] == number), ""),
        "message": found[2] if found else fault["message"],
        "allowed": (fault.get("allowed") or [])[: answers.MOST_ALLOWED],
    }
