"""The questionnaire as a form, a section a page: answering, saving on the way, and what is still to be done."""

from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.portal.answering import answers, forms
from services.portal.answering import given as begun
from services.portal.answering.drafting import Draft, Overtaken, shown_value
from services.portal.page import AnyPage, Page, url
from services.portal.upstream import Json, Refused

router = APIRouter()

Case = Annotated[str, Path(pattern="^[0-9a-f-]{36}$")]
Name = Annotated[str, Path(max_length=40, pattern="^[a-z_]+$")]
Extent = Annotated[str, Query(max_length=20)]
MOST_FIELDS = 60_000
OWN = frozenset(("version", "account", "do", "since"))
"""Fields of the form that are none of the questionnaire's."""


def address(case: str, section: str, form: str, **more: Any) -> str:
    """Return the address of a section of a case's form."""
    return url(f"/contribute/{case}/answers/{section}", {"form": form, **more})


@router.get("/contribute/{case}/answers")
async def begin(page: AnyPage, case: Case, form: Extent = "short") -> Response:
    """Lead to the first section."""
    page.must_be()
    draft = await Draft.read(page, case, form)
    return page.redirect(address(case, draft.questionnaire["sections"][0]["name"], draft.form))


@router.get("/contribute/{case}/answers/check")
async def check(page: AnyPage, case: Case, form: Extent = "short") -> Response:
    """List what is missing or wrong, by question."""
    page.must_be()
    draft = await Draft.read(page, case, "full")
    told = []
    for one, finding in zip(draft.told(), draft.case["findings"], strict=True):
        asked = answers.question_at(draft.questionnaire, finding["path"])
        section = answers.section_of(draft.questionnaire, finding["path"])
        wanted = form if asked is None or asked["form"] == "short" else "full"
        name = section["name"] if section else draft.questionnaire["sections"][0]["name"]
        told.append((one, section, address(case, name, wanted, check=1) + f"#{one.at}"))
    return page.html(
        "answers/check.html", type=draft.type, draft=draft, told=told, form=form if form == "full" else "short"
    )


@router.get("/contribute/{case}/answers/{section}")
async def show(
    page: AnyPage,
    case: Case,
    section: Name,
    form: Extent = "short",
    check: bool = False,
    add: Annotated[str, Query(max_length=80)] = "",
    saved: bool = False,
) -> Response:
    """A section of the form."""
    page.must_be()
    draft = await Draft.read(page, case, form, comments=True)
    return await _form(draft, draft.section(section), check=check, add=add, saved=saved)


async def _form(draft: Draft, section: Json, *, check: bool = False, add: str = "", saved: bool = False) -> Response:
    entries = draft.entries(section)
    told = [one for one in draft.told() if answers.section_of(draft.questionnaire, one.path) is section]
    shown = [one for one in told if check or one.kind != "missing"]
    before, after = answers.neighbours(draft.questionnaire["sections"], section["name"])
    return draft.page.html(
        "answers/section.html",
        type=draft.type,
        draft=draft,
        case=draft.case,
        section=section,
        entries=entries,
        given=await begun.tell(draft.page, draft.given, draft.case["content"]),
        blanks={one.path: forms.blank(one.question, str(len(one.items)), draft.labels) for one in entries},
        models={one.path: forms.blank(one.question, "__", draft.labels) for one in entries if one.box is None},
        told=shown,
        by_id=_by_id(shown),
        threads={one.path: answers.threads(one.path, draft.comments) for one in entries},
        progress=draft.progress(),
        before=before,
        after=after,
        check=check,
        add=add,
        saved=saved,
        lists=await _lists(draft, entries),
        at=lambda name, **more: address(draft.case["id"], name, draft.form, **more),
    )


def _by_id(told: list[answers.Told]) -> dict[str, list[answers.Told]]:
    found: dict[str, list[answers.Told]] = {}
    for one in told:
        found.setdefault(one.at, []).append(one)
    return found


async def _lists(draft: Draft, entries: list[forms.Entry]) -> dict[str, list[tuple[str, str]]]:
    """Return what is completed while it is typed, and what that is called: by vocabulary, and for authorities."""
    asked = [one for entry in entries for one in [entry.question, *entry.question["columns"]]]
    many = {one["vocabulary"] for one in asked if forms.chosen_from_many(one, draft.labels)}
    lists = {name: [(label, _standard(code)) for code, label in draft.labels(name).items()] for name in sorted(many)}
    if any(one["names"] == "authority" for one in asked):
        page = draft.page
        known = await page.reference.authorities(page.upstream)
        lists["authorities"] = [(one["slug"], one["names"].get(page.lang, one["name"])) for one in known]
    return lists


def _standard(code: str) -> str:
    """Return a code that people know, such as EUR or MA: those in capitals are of a standard, the others our own."""
    return code if code.isupper() else ""


async def _kept(request: Request) -> Page:
    """Return the page for a form that came back: also where the api is away, for nothing typed may be lost."""
    page = Page(request)
    request.state.page = page
    try:
        await page.prepare()
    except Refused as refusal:
        page.me = None
        request.state.trouble = refusal
    return page


async def form_of(request: Request) -> list[tuple[str, str]]:
    """Return what came back of a form, in its order; raise `Refused` for what is no such form."""
    try:
        text = (await request.body()).decode("utf-8")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, encoding="utf-8", errors="strict")
    except ValueError as error:
        raise Refused(400, str(error)) from None


@router.post("/contribute/{case}/answers/{section}")
async def save(
    request: Request, page: Annotated[Page, Depends(_kept)], case: Case, section: Name, form: Extent = "short"
) -> Response:
    """Save a section, complete or not; a script is answered with what to tell its user."""
    given = await form_of(request)
    trouble: Refused | None = getattr(request.state, "trouble", None)
    try:
        if trouble is not None:
            raise trouble
        return await _saved(page, case, section, form, given)
    except Refused as refusal:
        return _unsaved(page, given, refusal)


async def _saved(page: Page, case: str, name: str, form: str, given: list[tuple[str, str]]) -> Response:
    sent = forms.Sent(given)
    account = (sent.all("account") or [""])[0]
    if page.me is None or (account and account != page.me["id"]):
        raise Refused(401, "")
    draft = await Draft.read(page, case, form)
    section = draft.section(name)
    verb, _, what = (sent.all("do") or ["save"])[0].partition(":")
    path, _, token = what.rpartition(":")
    questions = {one["path"]: one for one in section["questions"]}
    answered = _chosen(given, sent)
    if path in questions and verb in ("remove", "up", "down"):
        answered = forms.arranged(questions[path], answered, verb, token, draft.labels)
    overtaken = await draft.save(section, answered, _version(sent, draft), what if verb == "drop" else "")
    if overtaken:
        return _choose(draft, section, answered, overtaken)
    on = _onward(draft, section, verb, what, path, token)
    if not page.fragment:
        return page.redirect(on)
    return page.html(
        "answers/saved.html",
        type=draft.type,
        draft=draft,
        case=draft.case,
        told=_told_by_name(draft, section, answered),
        progress=draft.progress(),
        on=on if verb in ("next", "check", "drop", "excel", "merge") else "",
    )


def _version(sent: forms.Sent, draft: Draft) -> int:
    text = (sent.all("version") or [""])[0]
    return int(text) if text.isdigit() and len(text) < 10 else draft.case["version"]


def _chosen(given: list[tuple[str, str]], sent: forms.Sent) -> list[tuple[str, str]]:
    """Return a form without the questions for which somebody else's answer was chosen."""
    theirs = [path for path in sent.all(forms.ASKED) if sent.all(f"take:{path}") == ["theirs"]]
    return answers.without(given, theirs)


def _told_by_name(draft: Draft, section: Json, given: forms.Pairs) -> list[tuple[str, answers.Told]]:
    """Return what is wrong with the id of each field as the form has it, whose items may have other numbers by now."""
    names = forms.names(section["questions"], given, draft.labels)
    ids = {forms.id_of(path): forms.id_of(name) for path, name in names.items()}
    found = []
    for one in draft.told():
        if one.kind != "missing" and answers.section_of(draft.questionnaire, one.path) is section:
            old = next((id for id in ids if one.at == id or one.at.startswith(id + "-")), "")
            found.append(((ids[old] + one.at[len(old) :]) if old else one.at, one))
    return found


def _onward(draft: Draft, section: Json, verb: str, what: str, path: str, token: str) -> str:
    """Return where a save leads to."""
    case, form, name = draft.case["id"], draft.form, section["name"]
    if verb == "check":
        return url(f"/contribute/{case}/answers/check", {"form": form})
    if verb == "excel":
        return url(f"/contribute/{case}/answers/excel", {"form": form})
    after = answers.neighbours(draft.questionnaire["sections"], name)[1]
    if verb == "next":
        return address(case, after["name"], form) if after else _onward(draft, section, "check", "", "", "")
    entry = next((one for one in draft.entries(section) if one.path in (path, what)), None)
    if verb == "add" and entry:
        return address(case, name, form, add=entry.path) + f"#{forms.id_of(f'{entry.path}[{len(entry.items)}]')}"
    if verb in ("remove", "up", "down") and entry:
        place = int(token) if token.isdigit() else 0
        place = max(0, min(place + {"up": -1, "down": 1}.get(verb, 0), len(entry.items) - 1))
        return address(case, name, form, saved=1) + f"#{forms.id_of(f'{entry.path}[{place}]')}"
    return address(case, name, form, saved=1)


def _choose(draft: Draft, section: Json, given: list[tuple[str, str]], overtaken: Overtaken) -> Response:
    page = draft.page
    if page.fragment:
        return page.html("answers/unsaved.html", 412, reason="overtaken", people=overtaken.people, detail="")
    yes_no = (page.gettext("yes"), page.gettext("no"))
    told = [
        {
            "question": one.question,
            "both": one.both,
            "mine": shown_value(one.question, one.mine, draft, yes_no),
            "theirs": shown_value(one.question, one.theirs, draft, yes_no),
        }
        for one in overtaken.clashes
    ]
    return page.html(
        "answers/choose.html",
        409,
        type=draft.type,
        draft=draft,
        section=section,
        overtaken=overtaken,
        told=told,
        carried=_carried(given),
        here=address(draft.case["id"], section["name"], draft.form),
    )


def _carried(given: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [pair for pair in given if pair[0] not in OWN and not pair[0].startswith("take:")]


REASONS = {401: "signed-out", 409: "closed", 422: "refused", 413: "refused", 400: "refused"}


def _unsaved(page: Page, given: list[tuple[str, str]], refusal: Refused) -> Response:
    reason = REASONS.get(refusal.status, "away" if refusal.status >= 500 or refusal.status == 429 else "closed")
    if page.fragment:
        return page.html(
            "answers/unsaved.html", refusal.status, reason=reason, people=[], detail=refusal.detail, refusal=refusal
        )
    kept = [pair for pair in given if pair[0] != "account"]
    return page.html("answers/kept.html", refusal.status, reason=reason, refusal=refusal, carried=kept)
