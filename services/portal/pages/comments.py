"""Comments on the answers of a case: new ones, answers to them, and threads that are resolved or opened again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Path, Response

from services.portal.answering.forms import id_of
from services.portal.page import AnyPage, Page
from services.portal.pages.case import answers_and_comments, read_case
from services.portal.upstream import Json, Refused

router = APIRouter()

Typed = Annotated[str, Form()]
WHOLE = "whole"
"""Stands for the case as a whole where the path of a question is expected."""


@router.post("/contribute/{id:uuid}/comments")
async def add(
    page: AnyPage,
    id: UUID,
    text: Typed = "",
    path: Typed = "",
    question: Typed = WHOLE,
    internal: Annotated[bool, Form()] = False,
) -> Response:
    """Comment on an answer, an item of it, or the whole case, for all who see the case or for one's own side."""
    body: Json = {"text": _lines(text), "internal": internal, **({"path": path} if path else {})}
    refusal = await _sent(page, f"/submissions/{id}/comments", body)
    return await _done(page, id, question, refusal, text, internal=internal)


@router.post("/contribute/{id:uuid}/comments/{comment:uuid}/answers")
async def answer(page: AnyPage, id: UUID, comment: UUID, text: Typed = "", question: Typed = WHOLE) -> Response:
    """Answer a comment."""
    body = {"text": _lines(text), "parent": str(comment)}
    return await _done(page, id, question, await _sent(page, f"/submissions/{id}/comments", body), text, str(comment))


@router.post("/contribute/{id:uuid}/comments/{comment:uuid}/{what}")
async def settle(
    page: AnyPage,
    id: UUID,
    comment: UUID,
    what: Annotated[str, Path(pattern="^(resolve|reopen)$")],
    question: Typed = WHOLE,
) -> Response:
    """Resolve a thread, or open it again."""
    return await _done(page, id, question, await _sent(page, f"/submissions/{id}/comments/{comment}/{what}", None))


async def _sent(page: Page, path: str, body: Json | None) -> Refused | None:
    """Send a comment; return the refusal that whoever wrote it can do something about."""
    page.must_be()
    try:
        await page.upstream.call("POST", path, **({"json": body} if body is not None else {}))
    except Refused as refusal:
        if refusal.status not in (409, 422):
            raise
        return refusal
    return None


async def _done(
    page: Page,
    id: UUID,
    question: str,
    refusal: Refused | None,
    text: str = "",
    parent: str = "",
    *,
    internal: bool = False,
) -> Response:
    """Show what is said of a question now: all of the page again, or that part of it for a script."""
    if refusal is None and not page.fragment:
        return page.redirect(f"/contribute/{id}/read#{id_of(question)}")
    type, questionnaire, case = await read_case(page, id)
    shown = await answers_and_comments(page, questionnaire, case)
    typed = {"question": question, "parent": parent, "text": text, "internal": internal}
    fault = {**typed, "message": _why(page, refusal)} if refusal else None
    if not page.fragment:
        return page.html("case-read.html", 422, type=type, case=case, fault=fault, **shown)
    asked = [one for _, found in shown["sections"] for one in found if one.question["path"] == question]
    talked = (
        {"path": asked[0].question["path"], "label": asked[0].question["label"]}
        if asked
        else {"path": WHOLE, "label": ""}
    )
    return page.html(
        "parts/talk.html",
        case=case,
        path=talked["path"],
        label=talked["label"],
        threads=asked[0].threads if asked else shown["whole"],
        places=asked[0].places if asked else [],
        fault=fault,
        fresh=True,
    )


def _why(page: Page, refusal: Refused) -> str:
    if refusal.status == 422 and any(fault["field"] == "text" for fault in refusal.errors):
        return page.gettext("Write a comment of at most 2,000 characters.")
    return refusal.detail


def _lines(text: str) -> str:
    """Return a text as it was typed, with the line ends that the api takes."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
