"""The life of submissions of each type: random steps of random callers, legal or not, against a plain model."""

import random
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.api.forms.paths import value_at
from tests.api.kinds import BY_THEMSELVES, KINDS, Kind
from tests.api.submissions.support import JUDGED, callers, key_id
from tests.harness.depth import life
from tests.harness.support import Json, Template, check_problem, running

# What the rules of the workflow mean, written down apart from the table that the service reads: who may do what to a
# case of `alba` in which state, and where it leads. `peer` and `other_peer` review; `fellow` reviews for `alba` itself.
OFFICE = {"alba", "secretariat"}
PEERS = {"peer", "other_peer"}
SECRETARIAT = {"secretariat"}
# `boca` is the partner, where a type has one.
Rules = dict[str, dict[str, tuple[str, set[str]]]]
PRACTICE: Rules = {
    "submit": {"draft": ("submitted", OFFICE), "changes-requested": ("submitted", OFFICE)},
    "withdraw": dict.fromkeys(("submitted", "in-review", "approved"), ("draft", OFFICE)),
    "take-up": {"submitted": ("in-review", SECRETARIAT | PEERS), "in-review": ("in-review", SECRETARIAT)},
    "request-changes": {
        state: ("changes-requested", SECRETARIAT | {"the reviewer"}) for state in ("in-review", "approved")
    },
    "approve": {"in-review": ("approved", {"the reviewer"})},
    "publish": dict.fromkeys(("in-review", "approved"), ("published", SECRETARIAT)),
    "reject": dict.fromkeys(("submitted", "in-review", "approved"), ("rejected", SECRETARIAT)),
    "revise": {"published": ("draft", OFFICE)},
    "discard": dict.fromkeys(("draft", "changes-requested", "rejected"), ("published", OFFICE)),
    "archive": dict.fromkeys(("draft", "changes-requested", "rejected"), ("archived", OFFICE))
    | {"published": ("archived", SECRETARIAT)},
    "reopen": {"rejected": ("draft", SECRETARIAT), "archived": ("draft or published", OFFICE)},
}
UNREVIEWED: Rules = {
    "submit": PRACTICE["submit"],
    "withdraw": {"submitted": ("draft", OFFICE)},
    "request-changes": {"submitted": ("changes-requested", SECRETARIAT)},
    "publish": {"submitted": ("published", SECRETARIAT)},
    "reject": {"submitted": ("rejected", SECRETARIAT)},
    **{action: PRACTICE[action] for action in ("revise", "discard", "archive", "reopen")},
}
PLEDGE: Rules = {
    "submit": {"draft": ("submitted", OFFICE)},
    "withdraw": {"submitted": ("draft", OFFICE)},
    "publish": {"submitted": ("published", SECRETARIAT)},
    "reject": {"submitted": ("draft", SECRETARIAT)},
    "revise": {"published": ("draft", OFFICE)},
    "discard": {"draft": ("published", OFFICE)},
}


@dataclass(frozen=True)
class Way:
    """What the model knows of a type's workflow."""

    kind: Kind
    rules: Rules
    editable: set[str]
    before_peers: set[str]
    peers: set[str]
    """Who reviews a case that `alba` owns and `boca` may be the partner of."""
    partner: set[str] = field(default_factory=set)
    """Who sees a case as the partner's officer."""


WAYS = {
    **{
        name: Way(KINDS[name], UNREVIEWED, {"draft", "changes-requested"}, set(), set())
        for name in ("road-map", "programme")
    },
    "practice": Way(
        KINDS["practice"], PRACTICE, {"draft", "changes-requested"}, {"submitted", "in-review", "approved"}, PEERS
    ),
    "pledge": Way(KINDS["pledge"], PLEDGE, {"draft"}, {"submitted"}, {"other_peer"}, {"boca"}),
}
NEEDS_REASON = {"request-changes", "reject", "archive", "reopen"}
WHO = ("alba", "boca", "secretariat", "peer", "fellow", "other_peer", "nobody")
LIKELY = st.sampled_from([*WHO, "alba", "secretariat", "secretariat", "peer"])
MATCH = st.sampled_from(["right"] * 6 + ["stale"])


@dataclass
class Case:
    """What the model knows of one submission."""

    way: Way
    id: str
    title: str
    complete: bool
    version: int = 1
    state: str = "draft"
    public: str | None = None
    """Title that readers see."""
    tier: str | None = None
    archived: bool = False
    reviewer: str | None = None
    handed_in: str | None = None
    """Title that peers see: that which was handed in last."""
    saves: int = 1
    approved_save: int = 0
    open: list[str] = field(default_factory=list)
    """Ids of comments that stand open."""
    lately: set[str] = field(default_factory=set)
    """Ids of comments that were made since it was handed in last."""
    steps: list[tuple[str, str, str]] = field(default_factory=list)
    """Caller, action and state after it."""

    def sees(self, who: str) -> bool:
        if self.inside(who):
            return True
        return who in self.way.peers and (self.state in self.way.before_peers or self.reviewer == who)

    def inside(self, who: str) -> bool:
        """Tell whether a caller sees what is being written."""
        return who in OFFICE | self.way.partner

    def plays(self, who: str) -> set[str]:
        return {who} | ({"the reviewer"} if who == self.reviewer and who in PEERS else set())

    def target(self, action: str, who: str) -> str | None:
        """Return where an action leads a caller now, none when the rules have no such step."""
        to, may = self.way.rules[action].get(self.state, ("", set()))
        if not may & self.plays(who):
            return None
        if action == "discard":
            return to if self.public else None
        if action == "archive" and self.public and self.state != "published":
            return None
        if action == "reopen" and self.state == "archived":
            return ("published" if who == "secretariat" else None) if self.public else "draft"
        return to

    def ever(self, action: str, who: str) -> bool:
        """Tell whether a caller may take an action to this case in some state."""
        return any(may & self.plays(who) for _, may in self.way.rules[action].values())


class SubmissionsLife(RuleBasedStateMachine):
    """Callers begin, save, comment and step; every answer is the one that the model gives."""

    template: Template
    way: Way
    cases = Bundle("cases")

    @initialize()
    def start(self) -> None:
        self.stack = ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.api = self.stack.enter_context(running(self.template.copy(Path(folder))))
        self.who = callers(self.api, self.template)
        self.model: dict[str, Case] = {}
        self.touched: set[str] = set()
        self.count = 0

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    def key(self, who: str) -> str | None:
        return None if who == "nobody" else self.who.of(who)

    def content(self, whole: bool) -> tuple[str, Json]:
        self.count += 1
        title = f"Case {self.count}"
        content = self.way.kind.content(title, "boca")
        section, name = self.way.kind.type.title.split(".")
        unfinished = {section: {name: title}} | ({"promise": content["promise"]} if self.way.partner else {})
        return title, content if whole else unfinished

    @rule(target=cases, who=st.sampled_from(["alba", "secretariat"]), whole=st.sampled_from([True, True, False]))
    def begin(self, who: str, whole: bool) -> Case:
        title, content = self.content(whole)
        body = {"type": self.way.kind.type.name, "content": content} | (
            {"owner": "alba"} if who == "secretariat" else {}
        )
        answer = self.api.post("/submissions", self.key(who), json=body)
        assert answer.status_code == 201, answer.text
        case = Case(self.way, answer.json()["id"], title, whole, steps=[(who, "create", "draft")])
        self.model[case.id] = case
        self.touched.add(case.id)
        return case

    @rule(case=cases, who=LIKELY, match=MATCH, whole=st.sampled_from([True, True, False]))
    def save(self, case: Case, who: str, match: str, whole: bool) -> None:
        self.touched.add(case.id)
        title, content = self.content(whole)
        version = case.version if match == "right" else case.version + random.choice([-1, 1])
        answer = self.api.put(
            f"/submissions/{case.id}", self.key(who), version=max(version, 0), json={"content": content}
        )
        if who == "nobody":
            check_problem(answer, 401)
        elif not case.sees(who):
            check_problem(answer, 404)
        elif who not in OFFICE:
            check_problem(answer, 403)
        elif match == "stale":
            check_problem(answer, 412)
        elif case.state not in self.way.editable:
            check_problem(answer, 409)
        else:
            assert answer.status_code == 200, answer.text
            case.version, case.title, case.complete = case.version + 1, title, whole
            case.saves += 1
            assert value_at(answer.json()["content"], self.way.kind.type.title) == title
            assert answer.json()["ready"] is whole

    @rule(case=cases, who=LIKELY, asked=st.integers(0, 2))
    def comment(self, case: Case, who: str, asked: int) -> None:
        self.touched.add(case.id)
        path = (None, self.way.kind.type.summary, self.way.kind.type.title)[asked]
        body = {"text": "Please say more."} | ({"path": path} if path else {})
        answer = self.api.post(f"/submissions/{case.id}/comments", self.key(who), json=body)
        if who == "nobody":
            check_problem(answer, 401)
        elif not case.sees(who):
            check_problem(answer, 404)
        else:
            assert answer.status_code == 201, answer.text
            case.open.append(answer.json()["id"])
            case.lately.add(answer.json()["id"])

    @rule(case=cases)
    def resolve(self, case: Case) -> None:
        self.touched.add(case.id)
        if case.open:
            id = case.open.pop(0)
            answer = self.api.post(f"/submissions/{case.id}/comments/{id}/resolve", self.key("alba"))
            assert answer.status_code == 200, answer.text

    @rule(
        case=cases,
        who=LIKELY,
        action=st.sampled_from([*PRACTICE]),
        match=MATCH,
        given=st.sampled_from([True, True, True, False]),
    )
    def take(self, case: Case, who: str, action: str, match: str, given: bool) -> None:
        self.take_step(case, who, action, match, given)

    @rule(case=cases, data=st.data())
    @precondition(lambda self: self.model)
    def go_on(self, case: Case, data: st.DataObject) -> None:
        """Take a step that is allowed: chance alone seldom gets far."""
        able = [(who, action) for who in WHO for action in self.way.rules if case.target(action, who)]
        who, action = data.draw(st.sampled_from(sorted(able)))
        if action == "submit" and not case.complete:
            self.save(case, "alba", "right", True)
        if action == "request-changes" and not case.open:
            self.comment(case, "secretariat", 0)
        self.take_step(case, who, action, "right", True)

    def take_step(self, case: Case, who: str, action: str, match: str, given: bool) -> None:
        self.touched.add(case.id)
        version = case.version if match == "right" else case.version - 1
        body: Json = {"action": action}
        if given and action in NEEDS_REASON:
            body["reason"] = "Because."
        if given and action == "request-changes" and case.open:
            body["comments"] = case.open[-1:]
        if given and action == "approve":
            body["statements"] = JUDGED
        answer = self.api.post(f"/submissions/{case.id}/transitions", self.key(who), version=version, json=body)
        if who == "nobody":
            check_problem(answer, 401)
            return
        if not case.sees(who):
            check_problem(answer, 404)
            return
        if action not in self.way.rules or not case.ever(action, who):
            check_problem(answer, 403)
            return
        if match == "stale":
            check_problem(answer, 412)
            assert answer.headers["link"].endswith('rel="diff"'), "it leads to what was changed meanwhile"
            return
        target = case.target(action, who)
        if target is None:
            check_problem(answer, 409)
            return
        lacking = (action in NEEDS_REASON and "reason" not in body) or (
            (action == "request-changes" and "comments" not in body) or (action == "approve" and not given)
        )
        if lacking or (action == "submit" and not case.complete):
            check_problem(answer, 422)
            return
        assert answer.status_code == 200, f"{who} {action} {case}: {answer.text}"
        note(f"{who}: {action}, {case.state} -> {target}")
        self.happened(case, who, action, target)
        shown = answer.json()
        assert (shown["state"], shown["version"]) == (case.state, case.version)

    def happened(self, case: Case, who: str, action: str, target: str) -> None:
        before, case.state = case.state, target
        case.version += 1
        case.steps.append((who, action, target))
        if action == "submit":
            case.handed_in, case.lately = case.title, set()
        if action == "take-up":
            case.reviewer = who if who in PEERS else None
        elif action in ("withdraw", "revise"):
            case.reviewer = None
        elif action == "approve":
            case.approved_save = case.saves
        elif action == "publish":
            case.public, case.archived = case.title, False
            case.tier = "peer-reviewed" if case.approved_save == case.saves else "network"
        elif action == "discard":
            case.title, case.complete = str(case.public), True
            case.saves += 1
        elif action == "archive" and before == "published":
            case.archived = True
        elif action == "reopen" and target == "published":
            case.archived = False

    @invariant()
    def everybody_sees_what_the_model_says(self) -> None:
        while self.touched:
            case = self.model[self.touched.pop()]
            for who in ("alba", "boca", "secretariat", "peer", "fellow"):
                answer = self.api.get(f"/submissions/{case.id}", self.key(who))
                if not case.sees(who):
                    check_problem(answer, 404)
                    continue
                shown = answer.json()
                title = case.title if case.inside(who) else case.handed_in
                assert (shown["state"], shown["version"], shown["title"]) == (case.state, case.version, title)
                assert value_at(shown["content"], self.way.kind.type.title) == title
                read = [id for id in case.open if case.inside(who) or id in case.lately]
                assert shown["open_comments"] == len(read)
                assert shown["actions"] == sorted(
                    (action for action in self.way.rules if case.target(action, who)), key=shown["actions"].index
                )
                reviewer = key_id(self.who.of(case.reviewer)) if case.reviewer else None
                assert (shown["reviewer"] or {}).get("id") == reviewer
            self.every_step_is_on_record(case)

    @invariant()
    def readers_see_what_was_published_last(self) -> None:
        type = self.way.kind.type
        public = {
            value_at(change["record"]["content"], type.title): change["record"]
            for change in self.api.get("/changes?after=0&limit=1000").json()["changes"]
            if change["type"] == type.name and change["record"]
        }
        expected = {case.public: case for case in self.model.values() if case.public}
        assert public.keys() == expected.keys()
        for title, case in expected.items():
            assert public[str(title)]["tier"] == case.tier
            assert public[str(title)]["state"] == ("archived" if case.archived else "published")

    def every_step_is_on_record(self, case: Case) -> None:
        events = self.api.get(f"/submissions/{case.id}/events", self.key("secretariat")).json()
        told = [(one["by"]["id"], one["action"], one["to_state"]) for one in events]
        assert told == [(key_id(self.who.of(who)), action, state) for who, action, state in case.steps]
        assert all(one["reason"] for one in events if one["action"] in NEEDS_REASON)


@pytest.mark.each_database
@pytest.mark.parametrize("type_name", WAYS)
def test_no_illegal_step_is_taken_and_no_legal_one_refused(template: Template, type_name: str) -> None:
    life_of = type("Life", (SubmissionsLife,), {"template": template, "way": WAYS[type_name]})
    run_state_machine_as_test(life_of, settings=life((4, 15), (12, 25)))


def test_the_rules_speak_of_every_row_of_every_table() -> None:
    assert {*WAYS} == {*BY_THEMSELVES}
    for type in (kind.type for kind in BY_THEMSELVES.values()):
        table = type.workflow.transitions
        assert {(row.action, str(row.from_state)) for row in table} == {
            (action, state) for action, rows in WAYS[type.name].rules.items() for state in rows
        }
        assert {str(row.from_state) for row in table} == {*type.workflow.states}, "a state that nobody can leave"
