"""The life of claims: random acts of offices and the secretariat, legal or not, against a plain model."""

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.api.claims.support import Claiming
from tests.api.kinds import KINDS
from tests.harness.depth import life
from tests.harness.support import Json, Template, running

OFFICES = ("alba", "boca")
WHO = st.sampled_from([*OFFICES, *OFFICES, "secretariat"])
PLACES = st.integers(0, 2)
MATCH = st.sampled_from([True] * 4 + [False])


@dataclass
class Asked:
    """What the model knows of a claim."""

    id: str
    place: int
    office: str
    version: int = 1
    state: str = "asked"

    def close(self, state: str) -> None:
        self.version, self.state = self.version + 1, state


class ClaimsLife(RuleBasedStateMachine):
    """Offices ask, the secretariat decides and hands over; every answer is the one that the model gives."""

    template: Template

    @initialize()
    def start(self) -> None:
        self.stack = ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.desk = Claiming(self.stack.enter_context(running(self.template.copy(Path(folder)))), self.template)
        self.keys = {"alba": self.desk.alba, "boca": self.desk.boca, "secretariat": self.desk.desk}
        kinds = [KINDS["practice"], KINDS["pledge"], KINDS["practice"]]
        self.records = [
            self.desk.record(kind, owner=owner) for kind, owner in zip(kinds, (None, None, "alba"), strict=True)
        ]
        self.owners: list[str | None] = [None, None, "alba"]
        self.moves: list[list[tuple[str | None, str | None]]] = [[], [], []]
        self.claims: list[Asked] = []

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    def open(self, place: int | None = None, office: str | None = None) -> list[Asked]:
        return [
            one
            for one in self.claims
            if one.state == "asked" and place in (None, one.place) and office in (None, one.office)
        ]

    def given(self, place: int, to: str | None) -> None:
        self.moves[place].append((self.owners[place], to))
        self.owners[place] = to
        for one in self.open(place, to) if to else ():
            one.close("granted")

    @rule(place=PLACES, who=WHO)
    def ask(self, place: int, who: str) -> None:
        answer = self.desk.ask(self.records[place], self.keys[who])
        if who == "secretariat":
            assert answer.status_code == 403
        elif self.owners[place] == who or self.open(place, who):
            assert answer.status_code == 409
        else:
            assert answer.status_code == 201, answer.text
            self.claims.append(Asked(answer.json()["id"], place, who))

    @rule(which=st.integers(0, 99), who=WHO, act=st.sampled_from(["grant", "refuse", "withdraw"]), match=MATCH)
    def decide(self, which: int, who: str, act: str, match: bool) -> None:
        if not self.claims:
            return
        one = self.claims[which % len(self.claims)]
        sent: Json = {"id": one.id, "version": one.version + (0 if match else 1)}
        answer = self.desk.decide(sent, self.keys[who], act, "Because." if act == "refuse" else None)
        if act != "withdraw" and who != "secretariat":
            assert answer.status_code == 403
        elif who not in (one.office, "secretariat"):
            assert answer.status_code == 404
        elif act == "withdraw" and who == "secretariat":
            assert answer.status_code == 403
        elif not match:
            assert answer.status_code == 412
        elif one.state != "asked":
            assert answer.status_code == 409
        else:
            assert answer.status_code == 200, answer.text
            self.closed(one, act)

    def closed(self, one: Asked, act: str) -> None:
        if act == "grant":
            self.given(one.place, one.office)
            for other in self.open(one.place):
                other.close("refused")
        else:
            one.close({"refuse": "refused", "withdraw": "withdrawn"}[act])

    @rule(place=PLACES, to=st.sampled_from([*OFFICES, None]))
    def hand_over(self, place: int, to: str | None) -> None:
        answer = self.desk.hand_over(self.records[place], to)
        if to == self.owners[place]:
            assert answer.status_code == 409
        else:
            assert answer.status_code == 200, answer.text
            self.given(place, to)

    @rule(office=st.sampled_from(OFFICES))
    def end(self, office: str) -> None:
        heir = next(one for one in OFFICES if one != office)
        body = {"to": heir, "reason": "It ended."}
        answer = self.desk.api.post(f"/authorities/{office}/hand-over", self.desk.desk, json=body)
        theirs = [place for place, owner in enumerate(self.owners) if owner == office]
        assert answer.json() == {"authority": heir, "records": len(theirs), "cases": 0}
        for one in self.open(office=office):
            one.close("withdrawn")
        for place in theirs:
            self.given(place, heir)

    @invariant()
    def all_stands_as_the_model_says(self) -> None:
        if not hasattr(self, "claims"):
            return
        known = {one["id"]: one for one in self.desk.claims(self.desk.desk, "?limit=100")}
        assert known.keys() == {one.id for one in self.claims}
        for one in self.claims:
            assert (known[one.id]["version"], known[one.id]["state"]) == (one.version, one.state)
        for place, record in enumerate(self.records):
            assert self.desk.latest(record)["owner"] == self.owners[place]
            if self.moves[place]:
                events = self.desk.events(self.desk.case(record))
                assert [(one["owners"]["before"], one["owners"]["after"]) for one in events] == self.moves[place]


@pytest.mark.each_database
def test_no_claim_is_decided_twice_and_every_hand_over_is_told(template: Template) -> None:
    life_of = type("Life", (ClaimsLife,), {"template": template})
    run_state_machine_as_test(life_of, settings=life((3, 15), (15, 25)))
