"""One case on its way: where it stands, its answers with what is said of them, its history, and how readers see it."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.portal import record
from services.portal.casework import cases, draft
from services.portal.page import AnyPage, Page
from services.portal.pages.contribute import authority_names
from services.portal.pages.practice import previewed
from services.portal.reading import beside, form, named, whole
from services.portal.types import RecordType, find
from services.portal.upstream import Json

router = APIRouter()
Number = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


async def read_case(page: Page, id: UUID) -> tuple[RecordType, Json, Json]:
    """Return the type of a case, its form, and it with what its pages show of it.

    That is `owner_name`, `mine` (my move), `shown_title`, `written_in`.
    """
    me = page.must_be()
    case: Json = await page.upstream.read(f"/submissions/{id}")
    type = find(case["type"])
    names = await authority_names(page, [case])
    language = case["content"].get("language")
    return (
        type,
        await form(page, type),
        case
        | {
            "owner_name": names.get(case["owner"] or ""),
            "mine": cases.waits_for_me(case, me),
            "written_in": language if isinstance(language, str) and language else page.lang,
            "shown_title": case["title"] or page.gettext("A case without a title yet"),
        },
    )


@router.get("/contribute/{id:uuid}")
async def overview(page: AnyPage, id: UUID, said: Annotated[str, Query(max_length=40)] = "") -> Response:
    """Where the case stands, what may be done now, and what is missing."""
    type, questionnaire, case = await read_case(page, id)
    comments, events = await asyncio.gather(
        page.upstream.read(f"/submissions/{id}/comments"), page.upstream.read(f"/submissions/{id}/events")
    )
    asked = next((event for event in reversed(events) if event["action"] == "request-changes"), None)
    return page.html(
        "case.html",
        type=type,
        case=case,
        said=said,
        findings=draft.findings(type, questionnaire, case["findings"], page.gettext),
        open=[draft.placed(questionnaire, one) for one in comments if not one["resolved_at"]],
        asked=asked if case["state"] == "changes-requested" else None,
        last=events[-1] if events else None,
    )


@router.get("/contribute/{id:uuid}/read")
async def read(page: AnyPage, id: UUID) -> Response:
    """The answers with the comments on each."""
    type, questionnaire, case = await read_case(page, id)
    shown = await answers_and_comments(page, questionnaire, case)
    return page.html("case-read.html", type=type, case=case, fault=None, **shown)


async def answers_and_comments(page: Page, questionnaire: Json, case: Json) -> dict[str, Any]:
    """Return the questions with what they are answered and what is said of them, and the rest of the comments."""
    comments = await page.upstream.read(f"/submissions/{case['id']}/comments")
    labels = await page.reference.terms(page.upstream)
    yes_no = (page.gettext("yes"), page.gettext("no"))
    placed = [draft.placed(questionnaire, one) for one in comments]
    whole, by_question = cases.threads(questionnaire, placed)
    sections = []
    for section in questionnaire["sections"]:
        answered = {one.question["path"]: one for one in record.answers(section, case["content"], labels, yes_no)}
        asked = [
            draft.Asked(question, answered.get(question["path"]), tuple(by_question.get(question["path"], ())))
            for question in section["questions"]
        ]
        sections.append((section, asked))
    return {"sections": sections, "whole": whole, "content": {"language": case["written_in"]}, "labels": labels}


@router.get("/contribute/{id:uuid}/history")
async def history(page: AnyPage, id: UUID, before: Number = None, after: Number = None) -> Response:
    """Who did what, when and why; the states that were saved, and what differs between two of them."""
    type, questionnaire, case = await read_case(page, id)
    events, saved, comments = await asyncio.gather(
        *(page.upstream.read(f"/submissions/{id}/{what}") for what in ("events", "revisions", "comments"))
    )
    labels = await page.reference.terms(page.upstream)
    changed = None
    if before is not None:
        two = await asyncio.gather(
            *(
                page.upstream.read(f"/submissions/{id}/revisions/{number}")
                for number in (before, after or case["revision"])
            )
        )
        yes_no = (page.gettext("yes"), page.gettext("no"))
        changed = draft.compared(questionnaire, two[0], two[1], labels, yes_no)
    return page.html(
        "case-history.html",
        type=type,
        case=case,
        labels=labels,
        events=list(reversed(events)),
        owners=await authority_names(page, cases.owners(events)),
        saved=saved,
        texts={one["id"]: draft.placed(questionnaire, one) for one in comments},
        before=before,
        after=after or case["revision"],
        changed=changed,
    )


@router.get("/contribute/{id:uuid}/preview")
async def preview(page: AnyPage, id: UUID) -> Response:
    """The case as readers will see it; what would not be published as it stands is left out."""
    (type, questionnaire, case), shown = await asyncio.gather(read_case(page, id), _become(page, id))
    content, left_out = draft.readable(questionnaire, shown["content"], case["findings"])
    labels = await page.reference.terms(page.upstream)
    told: dict[str, Any] = {"case": case, "left_out": left_out, "around": await beside(page, type, shown)}
    if type.own_page:
        content["initiative"]["title"] = content["initiative"]["title"] or case["shown_title"]
        return page.html("case-preview.html", **told, **await previewed(page, questionnaire, labels, shown, content))
    shown = {**shown, "content": content, "title": shown["title"] or {content["language"]: case["shown_title"]}}
    return page.html(
        "case-preview-record.html",
        **told,
        **whole(page, type, questionnaire, labels, shown, await named(page, questionnaire, shown)),
    )


async def _become(page: Page, id: UUID) -> Json:
    """Return the public record that a case would become."""
    page.must_be()
    found: Json = await page.upstream.read(f"/submissions/{id}/preview")
    return found
