"""Taking a step of the workflow: what it means and needs, then the step itself."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Path, Query, Response

from services.portal import record
from services.portal.casework import cases, draft, judging
from services.portal.page import AnyPage, Page, url
from services.portal.pages.case import read_case
from services.portal.types import RecordType
from services.portal.upstream import Json, Refused

router = APIRouter()

Action = Annotated[str, Path(pattern="^[a-z-]{1,20}$")]
Typed = Annotated[str, Form()]
MOST_REVIEWERS = 500


@router.get("/contribute/{id:uuid}/step/{action}")
async def ask(
    page: AnyPage,
    id: UUID,
    action: Action,
    comment: Annotated[list[str], Query(max_length=200)] = [],  # noqa: B006
) -> Response:
    """What a step means, and all that it needs."""
    return await _form(page, id, action, named=comment)


@router.post("/contribute/{id:uuid}/step/{action}")
async def take(
    page: AnyPage,
    id: UUID,
    action: Action,
    version: Typed = "",
    reason: Typed = "",
    reviewer: Typed = "",
    comment: Annotated[list[str], Form()] = [],  # noqa: B006 - it is read only
) -> Response:
    """Take the step, unless the case was changed since it was read."""
    page.must_be()
    body: Json = {"action": action}
    if reason.strip():
        body["reason"] = "\n".join(line.rstrip() for line in reason.strip().splitlines())
    if reviewer:
        body["reviewer"] = reviewer
    if comment:
        body["comments"] = comment
    stated = judging.stated((await page.request.form()).multi_items())
    if stated:
        body["statements"] = [{"feature": code, "statement": text} for code, text in stated.items()]
    try:
        headers = {"If-Match": f'"{version}"'}
        await page.upstream.call("POST", f"/submissions/{id}/transitions", json=body, headers=headers)
    except Refused as refusal:
        if refusal.status not in (409, 412, 422, 428):
            raise
        typed = {"reason": reason, "reviewer": reviewer, "stated": stated}
        return await _form(page, id, action, refusal, typed, comment, version)
    return page.redirect(url(f"/contribute/{id}", {"said": action}))


async def _form(
    page: Page,
    id: UUID,
    action: str,
    refusal: Refused | None = None,
    typed: Json = {},  # noqa: B006 - it is read only
    named: Sequence[str] = (),
    version: str = "",
) -> Response:
    type, questionnaire, case = await read_case(page, id)
    workflow = await page.reference.workflow(page.upstream, type.name)
    step = cases.STEPS.get(action)
    if step is None or not step.label:
        raise Refused(404, "There is no such step")
    me = page.must_be()
    needs = cases.needs(workflow, case, action, me)
    comments = await page.upstream.read(f"/submissions/{id}/comments") if needs.comments else []
    possible = action in case["actions"]
    typed = {"reason": "", "reviewer": (case["reviewer"] or {}).get("id", ""), "stated": {}} | typed
    features = await page.reference.labels(page.upstream, "features") if needs.statements else {}
    changed = await _changed(page, case, questionnaire, version) if refusal and refusal.status == 412 else None
    status = 200 if refusal is None else 422 if refusal.status in (422, 428) else refusal.status
    return page.html(
        "step.html",
        status,
        type=type,
        case=case,
        action=action,
        step=step,
        needs=needs,
        possible=possible,
        refusal=refusal,
        faults=_faults(page, refusal, typed["stated"]),
        missing=draft.findings(type, questionnaire, _of_answers(refusal, case), page.gettext) if refusal else [],
        findings=draft.findings(type, questionnaire, case["findings"], page.gettext) if needs.complete else [],
        changed=changed,
        moved=await _moved(page, type, case, questionnaire, refusal),
        open=[draft.placed(questionnaire, one) for one in comments if not one["resolved_at"]],
        named=named,
        reviewers=await _reviewers(page, case["owner"]) if needs.reviewer and possible else [],
        features=judging.features(features, case["content"], typed["stated"]),
        typed=typed,
    )


async def _changed(page: Page, case: Json, questionnaire: Json, version: str) -> Json | None:
    """Return what was changed since a version, as far as that is still known."""
    if not version.isdigit() or not 0 < int(version) < 2**31:
        return None
    try:
        found: Json = await page.upstream.read(f"/submissions/{case['id']}/diff", [("since", version)])
    except Refused as refusal:
        if refusal.status != 404:
            raise
        return None
    return {**found, "differences": record.differences(questionnaire, found["differences"])}


async def _moved(
    page: Page, type: RecordType, case: Json, questionnaire: Json, refusal: Refused | None
) -> list[Json] | None:
    """Return what was changed in the record since a case was begun, where that keeps it from being published."""
    if refusal is None or refusal.status != 409 or not case["record"]:
        return None
    address = type.page(case["record"])
    latest = max(one["number"] for one in await page.upstream.read(f"{address}/revisions"))
    if latest == case["base_revision"]:
        return None
    found = await page.upstream.read(f"{address}/diff", [("before", case["base_revision"]), ("after", latest)])
    return record.differences(questionnaire, found["differences"])


async def _reviewers(page: Page, owner: str | None) -> list[Json]:
    """Return the active reviewers who do not judge their own authority's case, by e-mail as the api lists them."""
    found: list[Json] = []
    cursor: str | None = None
    while len(found) < MOST_REVIEWERS:
        asked: list[tuple[str, str | int]] = [("role", "reviewer"), ("active", "true"), ("limit", 100)]
        read = await page.upstream.read("/accounts", [*asked, *([("cursor", cursor)] if cursor else [])])
        found += [one for one in read["items"] if not owner or (one["authority"] or {}).get("slug") != owner]
        cursor = read["next"]
        if not cursor:
            break
    return found


def _of_answers(refusal: Refused, case: Json) -> list[Json]:
    known = {one["path"]: one for one in case["findings"]}
    faults = [one for one in refusal.errors if one.get("location") == "questionnaire" and one["field"]]
    bare = ({"path": fault["field"], "message": fault["message"], "question": None} for fault in faults)
    return [known.get(one["path"], one) for one in bare]


def _faults(page: Page, refusal: Refused | None, stated: dict[str, str]) -> list[Json]:
    """Say what a refused step lacks, field by field."""
    if refusal is None or refusal.status != 422:
        return []
    words = {
        "reason": page.gettext("Say why, in at most 2,000 characters."),
        "comments": page.gettext("Choose the open comments that say what must change."),
        "statements": page.gettext("State, for one feature at least, what shows that the case has it or has it not."),
        "": page.gettext("Not all of the short form is answered: nothing is approved before it is."),
        "reviewer": page.gettext("Choose an active reviewer who does not belong to the authority that owns the case."),
    }
    placed = judging.fields(refusal.errors, stated)
    own = [one for one in refusal.errors if one.get("location") != "questionnaire" or not one["field"]]
    bare = (one["field"] for one in own if not (placed and "statements[" in one["field"]))
    named = dict.fromkeys(field.split(".")[-1].partition("[")[0] for field in bare)
    return placed + [
        {"field": field, "message": words[field]} if field in words else {"field": "", "message": refusal.detail}
        for field in named
    ]
