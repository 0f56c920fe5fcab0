"""Claims, hand-overs and reviewers that meet, on PostgreSQL, where no write waits from its start."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.api.claims.support import Claiming
from tests.api.submissions.support import begin, step, taken
from tests.api.test_races import Meeting, statuses
from tests.harness.people import make_person, session_of
from tests.harness.support import Api, make_key

pytestmark = pytest.mark.parametrize("databases", ["postgresql"], indirect=True, scope="session")


@pytest.fixture
def meeting(api: Api) -> Iterator[Meeting]:
    with ThreadPoolExecutor(8) as pool:
        yield Meeting(api, pool)


def test_of_two_grants_at_once_one_counts(meeting: Meeting, desk: Claiming) -> None:
    record = desk.record()
    claims = [desk.asked(record, key) for key in (desk.alba, desk.boca)]
    answers = meeting.of(*(partial(desk.decide, claim, desk.desk, "grant") for claim in claims))
    assert statuses(answers) == [200, 412]
    assert desk.latest(record)["owner"] == "alba"
    assert len(desk.events(desk.case(record))) == 1


def test_an_office_asks_once(meeting: Meeting, desk: Claiming) -> None:
    record = desk.record()
    assert statuses(meeting.of(*[partial(desk.ask, record, desk.boca)] * 2)) == [201, 409]


@pytest.mark.parametrize("first", ["grant", "end"])
def test_a_grant_and_the_end_of_the_office_that_asks(meeting: Meeting, desk: Claiming, first: str) -> None:
    """Whichever comes first, nothing is left to the office that ended."""
    claim = desk.asked(record := desk.record(), desk.boca)
    body = {"to": "alba", "reason": "It ended."}
    writes = [
        partial(desk.decide, claim, desk.desk, "grant"),
        partial(desk.api.post, "/authorities/boca/hand-over", desk.desk, json=body),
    ]
    expected = [200, 200] if first == "grant" else [200, 412]
    assert statuses(meeting.of(*(writes if first == "grant" else writes[::-1]))) == expected
    assert desk.latest(record)["owner"] == ("alba" if first == "grant" else None)


@pytest.mark.parametrize("first", ["publish", "hand over"])
def test_a_first_publication_and_a_hand_over(meeting: Meeting, api: Api, desk: Claiming, first: str) -> None:
    """The record belongs to whom its case belongs."""
    case = taken(api, desk.desk, taken(api, desk.alba, begin(api, desk.alba), "submit"), "take-up")
    body = {"to": "boca", "reason": "Merged."}
    publish = partial(step, api, desk.desk, case, "publish")
    hand_over = partial(api.post, "/authorities/alba/hand-over", desk.desk, json=body)
    if first == "publish":
        assert statuses(meeting.of(publish, hand_over)) == [200, 200]
    else:
        assert statuses(meeting.of(hand_over, publish)) == [200, 412]
        case = api.get(f"/submissions/{case['id']}", desk.desk).json()
        taken(api, desk.desk, case, "publish")
    case = api.get(f"/submissions/{case['id']}", desk.desk).json()
    assert case["owner"] == "boca"
    assert api.get(f"/practices/{case['practice']}/latest", desk.desk).json()["owner"] == "boca"


@pytest.mark.parametrize("first", ["begin", "hand over"])
def test_a_revision_begun_and_a_hand_over(meeting: Meeting, api: Api, desk: Claiming, first: str) -> None:
    record = desk.record(owner="alba")
    writes = [
        partial(api.post, "/submissions", desk.alba, json={"practice": record["id"]}),
        partial(desk.hand_over, record, "boca", version=record["version"]),
    ]
    expected = [201, 200] if first == "begin" else [200, 409]
    assert statuses(meeting.of(*(writes if first == "begin" else writes[::-1]))) == expected
    assert desk.case(record)["owner"] == "boca"


@pytest.mark.parametrize("first", ["take up", "close"])
def test_a_reviewer_who_leaves_keeps_nothing(meeting: Meeting, api: Api, desk: Claiming, first: str) -> None:
    id, admin = make_person(api.database, "ana@example.org", "reviewer"), make_key(api.database, role="admin")
    ana = session_of(api.database, "ana@example.org")
    case = taken(api, desk.alba, begin(api, desk.alba), "submit")
    close = partial(api.post, f"/accounts/{id}/deactivate", admin, version=1)
    writes = [partial(step, api, ana, case, "take-up"), close]
    answers = meeting.of(*(writes if first == "take up" else writes[::-1]))
    assert statuses(answers) in ([[200, 200]] if first == "take up" else [[200, 422], [200, 401]])
    case = api.get(f"/submissions/{case['id']}", desk.desk).json()
    assert (case["turn"], case["reviewer"]) == ("secretariat", None)
