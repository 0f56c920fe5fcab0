"""A case on its way, in words: where it stands, what happens next, what each step means. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from services.portal import languages
from services.portal.types import find
from services.portal.upstream import Json


def _(message: str) -> str:
    """Mark a message to be translated where it is shown."""
    return message


STATES = {
    "draft": _("Draft"),
    "submitted": _("Handed in"),
    "in-review": _("In review"),
    "changes-requested": _("Changes requested"),
    "approved": _("Approved by a peer"),
    "published": _("Published"),
    "rejected": _("Rejected"),
    "archived": _("Archived"),
}
NEXT = {
    "draft": _("The office answers the questionnaire, and hands the case in when all that is needed is there."),
    "submitted": _("The secretariat, or a reviewer of another authority, takes the case up."),
    "in-review": _("The secretariat reads the case: it publishes it, asks for changes, or hands it to a reviewer."),
    "changes-requested": _("The office answers what was asked for, and hands the case in again."),
    "approved": _("A peer has approved just what was handed in. The secretariat publishes it."),
    "published": _("Readers see the case. A change goes the same way again, while what is public stays so."),
    "rejected": _("The case goes no further, unless the secretariat takes it up again."),
    "archived": _("The case is put away. Nothing of it is lost."),
}
WITH_REVIEWER = _("The reviewer reads the case: she approves it, or asks for changes.")
TURNS = {
    "office": _("the office"),
    "reviewer": _("the reviewer"),
    "secretariat": _("the secretariat"),
}


@dataclass(frozen=True)
class Step:
    """A step of the workflow in words: what one does, what was done, and what it means."""

    label: str
    done: str
    meaning: str
    ends: bool = False
    """Whether it takes something away, so that it is not the step to offer first."""


STEPS = {
    "create": Step("", _("began the case"), ""),
    "submit": Step(
        _("Hand in"),
        _("handed the case in"),
        _("The secretariat and reviewers read it. Until it comes back, or you withdraw it, nobody changes an answer."),
    ),
    "withdraw": Step(
        _("Withdraw"),
        _("withdrew the case"),
        _("The case becomes a draft again, to be changed and handed in anew. A review that has begun ends."),
        ends=True,
    ),
    "take-up": Step(_("Take up"), _("took the case up"), _("The review begins, and the office sees that it has.")),
    "request-changes": Step(
        _("Request changes"),
        _("requested changes"),
        _("The case goes back to the office, with the comments that say what must change."),
    ),
    "approve": Step(
        _("Approve"),
        _("approved the case"),
        _("As a peer you vouch for just what was handed in. Once it is published, readers see what you stated."),
    ),
    "publish": Step(_("Publish"), _("published the case"), _("Everybody can read and find it from now on.")),
    "reject": Step(
        _("Reject"), _("rejected the case"), _("The case goes no further. Its office reads why."), ends=True
    ),
    "revise": Step(
        _("Propose a change"),
        _("began a revision"),
        _("A draft starts from what is public. Readers go on seeing the present case until the change is published."),
    ),
    "discard": Step(
        _("Discard the draft"),
        _("discarded the draft"),
        _("The answers go back to what is public. The states that were saved stay in the history."),
        ends=True,
    ),
    "archive": Step(
        _("Archive"),
        _("archived the case"),
        _("A draft is put away. A public case stays readable, and is marked as no longer kept up."),
        ends=True,
    ),
    "reopen": Step(_("Take up again"), _("took the case up again"), _("The case goes on where it stood before.")),
    "hand-over": Step("", _("handed the case over"), ""),
    "put-back": Step("", _("gave the case back to the secretariat: its reviewer can judge it no more"), ""),
}


@dataclass(frozen=True)
class Needs:
    """What a step needs."""

    reason: bool = False
    comments: bool = False
    complete: bool = False
    statements: bool = False
    """Whether a peer states something of each feature that was judged."""
    reviewer: bool = False
    """Whether a reviewer may be named."""


def needs(workflow: Iterable[Json], case: Json, action: str, me: Json) -> Needs:
    """Return what a step of a case needs, as the api's table tells it."""
    for row in workflow:
        public = row["public"] in (None, case["public"])
        if row["action"] == action and row["from_state"] == case["state"] and public:
            named = {name: name in row["needs"] for name in ("reason", "comments", "complete", "statements")}
            return Needs(**named, reviewer=action == "take-up" and me["role"] in ("secretariat", "admin"))
    return Needs()


def owners(events: Iterable[Json]) -> list[Json]:
    """Return the authorities that hand-overs in a history name, each as the `owner` of something."""
    return [{"owner": one} for event in events if event["owners"] for one in event["owners"].values()]


@pass_context
def _next_of(context: Context, case: Json) -> str:
    """Return what happens next to a case, in the words of its type and in the visitor's language."""
    lang: str = context["lang"]
    words = find(case["type"]).words(lang)
    if case["state"] == "published" and not case["public"]:
        return words.hidden
    if case["state"] in words.next:
        return words.next[case["state"]]
    message = WITH_REVIEWER if case["turn"] == "reviewer" else NEXT[case["state"]]
    return languages.translations(lang).gettext(message)


def waits_for_me(case: Json, me: Json) -> bool:
    """Whether it is one's own move: the turn of one's side, on a case that one may take further."""
    return case["turn"] is not None and case["turn"] == SIDES.get(me["role"]) and bool(case["actions"])


SIDES = {"officer": "office", "reviewer": "reviewer", "secretariat": "secretariat", "admin": "secretariat"}
"""Whose move it is when it is that of somebody in a role."""


def section_of(questionnaire: Json, path: str) -> str:
    """Return the name of the section that asks for a path; what no question asks for is about the record itself."""
    for section in questionnaire["sections"]:
        for question in section["questions"]:
            if path == question["path"] or path.startswith((question["path"] + ".", question["path"] + "[")):
                return str(section["name"])
    head = path.partition(".")[0].partition("[")[0]
    names = [str(section["name"]) for section in questionnaire["sections"]]
    return head if head in names else "record"


def belongs(path: str | None, question: str) -> bool:
    """Whether a path is a question's or leads into its answer."""
    return path is not None and (path == question or path.startswith((question + ".", question + "[")))


def threads(questionnaire: Json, comments: Iterable[Json]) -> tuple[list[Json], Mapping[str, list[Json]]]:
    """Return the comments on the whole or a section of a case, and those on answers by the path of the question."""
    asked = [question["path"] for section in questionnaire["sections"] for question in section["questions"]]
    whole: list[Json] = []
    by_question: dict[str, list[Json]] = {}
    for one in comments:
        question = next((path for path in asked if belongs(one["path"], path)), None)
        by_question.setdefault(question, []).append(one) if question else whole.append(one)
    return whole, by_question


def template_globals(translate: Callable[[str], str]) -> dict[str, Any]:
    """Return what templates call states, steps and whose turn it is."""
    return {
        "state_label": lambda state: translate(STATES.get(str(state), str(state))),
        "state_names": tuple(STATES),
        "steps": STEPS,
        "said_turn": lambda turn: translate(TURNS[str(turn)]),
        "next_of": _next_of,
    }
