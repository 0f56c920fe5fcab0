"""A printed case that is nobody's becomes an office's, over HTTP alone: asked for, granted, revised, judged, public.

Bologna's officer asks for the Local Action Plan of Bologna, which the base has from a printed source.
"""

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.api.submissions.support import JUDGED
from tests.harness.paths import ROOT
from tests.harness.server import serving
from tests.harness.support import Json
from tests.whole.test_collecting import PASSWORD, Network, Person, search

PAL = "bologna-a-local-action-plan-pal-against-discrimination-and"


class People(NamedTuple):
    """Who takes part, each signed in."""

    officer: Person
    colleague: Person
    neighbour: Person
    """An officer of another office."""
    first_reviewer: Person
    second_reviewer: Person
    desk: Person


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """The seeds, and people who are made over HTTP by the first admin."""
    admin = ["account", "create", "a@network.example", "--name", "Admin", "--role", "admin", "--organisation", "Desk"]
    folder = tmp_path_factory.mktemp("claimed")
    with serving(folder, ROOT / "seeds", commands=[([*admin, "--password-stdin"], PASSWORD)]) as client:
        yield Network(client, Person(client, "a@network.example"), f"sqlite:///{folder}/praxis.db")


def test_a_printed_case_becomes_an_offices(network: Network) -> None:
    officer, colleague = network.office("bologna")
    neighbour, _ = network.office("modena")
    judges = [
        network.invite(f"{name}@reviewers.example", name, role="reviewer", authority="cartaya")
        for name in ("Rosa", "Karim")
    ]
    people = People(officer, colleague, neighbour, judges[0], judges[1], network.secretariat)
    case = claimed(network, people)
    case = revised(people, case)
    case = judged(network, people, case)
    published(network, people, case)


def claimed(network: Network, people: People) -> Json:
    """The case is nobody's, and each of two offices says that it is theirs; the secretariat gives it to one."""
    printed = network.client.get(f"/api/v1/practices/{PAL}").json()
    refused = people.officer.send("POST", "/submissions", json={"practice": PAL})
    assert refused.status_code == 403, "nobody revises what is not theirs"
    ours = {"statement": "We wrote the plan of 2018, and carry it out."}
    claim = people.officer.ask("POST", f"/practices/{PAL}/claims", json=ours)
    theirs = people.neighbour.ask("POST", f"/practices/{PAL}/claims", json={"statement": "So do we."})
    assert {one["id"] for one in people.desk.ask("GET", "/claims?state=asked")["items"]} == {claim["id"], theirs["id"]}
    granted = people.desk.ask("POST", f"/claims/{claim['id']}/grant", claim["version"])
    assert (granted["state"], granted["record"]["owner"]) == ("granted", "bologna")
    (answer,) = people.neighbour.ask("GET", "/claims")["items"]
    assert (answer["state"], answer["reason"]) == ("refused", "Given to Comune di Bologna")
    assert network.client.get(f"/api/v1/practices/{PAL}").json() == printed
    (case,) = people.colleague.ask("GET", f"/submissions?practice={PAL}")["items"]
    assert (case["state"], case["owner"]) == ("published", "bologna")
    return case


def revised(people: People, case: Json) -> Json:
    """The officers answer what is missing of the short form, and hand the case in."""
    case = people.officer.step(case, "revise")
    assert case["content"]["initiative"]["title"].startswith("Bologna: a Local Action Plan")
    content = case["content"] | {"provenance": case["content"]["provenance"] | {"kind": "submitted"}}
    content["initiative"] |= {"websites": ["https://www.comune.bologna.it/"]}
    case = people.colleague.save(case, content)
    assert case["completeness"]["snapshot"] == 100, case["completeness"]
    return people.officer.step(case, "submit")


def judged(network: Network, people: People, case: Json) -> Json:
    """A reviewer takes it up and leaves; it comes back to the secretariat, and another one approves it."""
    case = people.first_reviewer.step(case, "take-up")
    network.close(people.first_reviewer.email)
    case = people.desk.read(case)
    assert (case["state"], case["turn"], case["reviewer"]) == ("in-review", "secretariat", None)
    assert case["id"] in {one["id"] for one in people.desk.ask("GET", "/inbox")["waiting_for_me"]["items"]}
    case = people.desk.step(case, "take-up", reviewer=people.second_reviewer.ask("GET", "/me")["id"])
    return people.second_reviewer.step(case, "approve", statements=JUDGED)


def published(network: Network, people: People, case: Json) -> None:
    """It is public as the office's own, peers' statements beside it, and its history tells how it came about."""
    people.desk.step(case, "publish")
    public = network.client.get(f"/api/v1/practices/{PAL}").json()
    assert (public["revision"], public["tier"], public["content"]["provenance"]["kind"]) == (
        2,
        "peer-reviewed",
        "submitted",
    )
    assert [one["feature"] for one in public["review"]] == ["adaptability"]
    owned = network.client.get("/api/v1/practices?owner=bologna").json()["items"]
    assert [one["slug"] for one in owned] == [PAL]
    assert PAL in [one["slug"] for one in search(network, public["content"]["initiative"]["title"], "peer-reviewed")]
    events = people.officer.ask("GET", f"/submissions/{case['id']}/events")
    assert [(one["action"], one["by"]["name"]) for one in events] == [
        ("hand-over", people.desk.name),
        ("revise", people.officer.name),
        ("submit", people.officer.name),
        ("take-up", people.first_reviewer.name),
        ("put-back", "Admin"),
        ("take-up", people.desk.name),
        ("approve", people.second_reviewer.name),
        ("publish", people.desk.name),
    ]
    assert events[0]["owners"] == {"before": None, "after": "bologna"}
