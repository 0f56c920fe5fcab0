"""A printed case that is nobody's becomes an office's, over HTTP alone: asked for, granted, revised, judged, public.

Bologna's officer asks for the Local Action Plan of Bologna, which the base has from a printed source. Each step is told
by letter to those whom it concerns, and to nobody else.
"""

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from services.api.app import open_database
from tests.api.submissions.support import JUDGED
from tests.harness.letters import Post, paths_in, sends_mail
from tests.harness.paths import ROOT
from tests.harness.server import serving
from tests.harness.smtp import Inbox, serving_mail
from tests.harness.support import Json, settings_for
from tests.whole.test_collecting import PASSWORD, Network, Person, search

PAL = "bologna-a-local-action-plan-pal-against-discrimination-and"


class People(NamedTuple):
    """Who takes part, each signed in."""

    officer: Person
    colleague: Person
    neighbour: Person
    """An officer of another office."""
    clerk: Person
    """The neighbour's colleague."""
    first_reviewer: Person
    second_reviewer: Person
    desk: Person
    post: Post

    def heard(self, *told: tuple[Person, str, str]) -> None:
        """Check that those people, and nobody else, got a letter: in which language, and how its subject begins.

        Each leads to pages that its reader may see, and shows nobody's address but the reader's.
        """
        people = {one.email: one for one in self if isinstance(one, Person)}
        letters = self.post.new()
        assert sorted(letter["to"] for letter in letters) == sorted(person.email for person, _, _ in told)
        for letter in letters:
            reader = people[letter["to"]]
            ((language, subject),) = [(one[1], one[2]) for one in told if one[0] is reader]
            assert letter["content-language"] == language
            assert letter["subject"].startswith(f"{subject}: Bologna: a Local Action Plan"), letter["subject"]
            assert not [one for one in people if one != reader.email and one in letter.as_string()]
            for path in paths_in(letter):
                assert reader.visit(path).status_code == 200, path


@pytest.fixture(scope="module")
def post() -> Inbox:
    """Where all letters arrive."""
    return Inbox()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, post: Inbox) -> Iterator[Network]:
    """The seeds, and people who are made over HTTP by the first admin."""
    admin = ["account", "create", "a@network.example", "--name", "Admin", "--role", "admin", "--organisation", "Desk"]
    folder, commands = tmp_path_factory.mktemp("claimed"), [([*admin, "--password-stdin"], PASSWORD)]
    with serving_mail(post) as server, serving(folder, ROOT / "seeds", commands, settings=sends_mail(server)) as client:
        yield Network(client, Person(client, "a@network.example"), f"sqlite:///{folder}/praxis.db")


def test_a_printed_case_becomes_an_offices(network: Network, post: Inbox) -> None:
    officer, colleague = network.office("bologna")
    neighbour, clerk = network.office("modena")
    judges = [
        network.invite(f"{name.lower()}@reviewers.example", name, role="reviewer", authority="cartaya")
        for name in ("Rosa", "Karim")
    ]
    officer.ask("PUT", "/me/language", json={"language": "it"})
    judges[1].ask("PUT", "/me/language", json={"language": "es"})
    database = open_database(settings_for(network.database))
    people = People(
        officer, colleague, neighbour, clerk, judges[0], judges[1], network.secretariat, Post(post, database)
    )
    assert {one["to"] for one in people.post.new()} == {one.email for one in people if isinstance(one, Person)}
    case = claimed(network, people)
    case = revised(people, case)
    case = judged(network, people, case)
    published(network, people, case)
    database.close()


def claimed(network: Network, people: People) -> Json:
    """The case is nobody's, and each of two offices says that it is theirs; the secretariat gives it to one."""
    printed = network.client.get(f"/api/v1/practices/{PAL}").json()
    refused = people.officer.send("POST", "/submissions", json={"practice": PAL})
    assert refused.status_code == 403, "nobody revises what is not theirs"
    ours = {"statement": "We wrote the plan of 2018, and carry it out."}
    claim = people.officer.ask("POST", f"/practices/{PAL}/claims", json=ours)
    people.heard((people.desk, "en", "Comune di Bologna says that this case is theirs"))
    theirs = people.neighbour.ask("POST", f"/practices/{PAL}/claims", json={"statement": "So do we."})
    people.heard((people.desk, "en", "Comune di Modena says that this case is theirs"))
    assert {one["id"] for one in people.desk.ask("GET", "/claims?state=asked")["items"]} == {claim["id"], theirs["id"]}
    granted = people.desk.ask("POST", f"/claims/{claim['id']}/grant", claim["version"])
    assert (granted["state"], granted["record"]["owner"]) == ("granted", "bologna")
    people.heard(
        (people.officer, "it", "La scheda è vostra"),
        (people.colleague, "en", "The case is yours"),
        (people.neighbour, "en", "The case was not given to you"),
        (people.clerk, "en", "The case was not given to you"),
    )
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
    budget = {"amount": 10_000, "currency": "EUR", "scope": "part"}
    content["initiative"] |= {"websites": ["https://www.comune.bologna.it/"], "budget": [budget]}
    case = people.colleague.save(case, content)
    assert case["completeness"]["snapshot"] == 100, case["completeness"]
    case = people.officer.step(case, "submit")
    people.heard((people.desk, "en", "It waits for the secretariat"))
    return case


def judged(network: Network, people: People, case: Json) -> Json:
    """A reviewer takes it up and leaves; it comes back to the secretariat, and another one approves it."""
    case = people.first_reviewer.step(case, "take-up")
    network.close(people.first_reviewer.email)
    people.heard((people.desk, "en", "It waits for the secretariat"))
    case = people.desk.read(case)
    assert (case["state"], case["turn"], case["reviewer"]) == ("in-review", "secretariat", None)
    assert case["id"] in {one["id"] for one in people.desk.ask("GET", "/inbox")["waiting_for_me"]["items"]}
    case = people.desk.step(case, "take-up", reviewer=people.second_reviewer.ask("GET", "/me")["id"])
    people.heard((people.second_reviewer, "es", "Se le pide que revise este caso"))
    case = people.second_reviewer.step(case, "approve", statements=JUDGED)
    people.heard(
        (people.officer, "it", "Approvato da un pari"),
        (people.colleague, "en", "Approved by a peer"),
        (people.desk, "en", "It waits for the secretariat"),
    )
    return case


def published(network: Network, people: People, case: Json) -> None:
    """It is public as the office's own, peers' statements beside it, and its history tells how it came about."""
    people.desk.step(case, "publish")
    people.heard((people.officer, "it", "Pubblicato"), (people.colleague, "en", "Published"))
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
