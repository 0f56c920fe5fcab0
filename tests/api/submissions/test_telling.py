"""Who is told of what happens to a case, and who is not."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from services.api.access.models import Account
from services.api.notices.models import Notice
from tests.api.submissions.support import JUDGED, begin, complete, remark, save, step, taken
from tests.harness.people import make_person, session_of
from tests.harness.support import Api, Json

Told = list[tuple[str, str, str]]
PEOPLE = {"ana": "alba", "aldo": "alba", "bea": "boca", "sara": None, "susi": None, "rita": None, "rolf": None}


@pytest.fixture
def keys(api: Api) -> dict[str, str]:
    """Sessions of two officers of `alba`, one of `boca`, two people of the secretariat and two reviewers."""
    for name, home in PEOPLE.items():
        role = "officer" if home else "secretariat" if name[0] == "s" else "reviewer"
        make_person(api.database, f"{name}@example.org", role, home)
    return {name: session_of(api.database, f"{name}@example.org") for name in PEOPLE}


@pytest.fixture
def told(api: Api) -> Iterator["News"]:
    return News(api)


class News:
    """What people have been told since they were asked last."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: set[UUID] = set()

    def now(self) -> Told:
        with self._api.database.transaction(write=False) as session:
            rows = session.execute(
                select(Notice, col(Account.email)).join(Account, col(Account.id) == col(Notice.account_id))
            ).all()
        fresh = [(one, email) for one, email in rows if one.id not in self._known]
        self._known |= {one.id for one, _ in fresh}
        return sorted((email.partition("@")[0], one.kind, one.data["text"]["en"]) for one, email in fresh)

    def titles(self) -> set[str]:
        with self._api.database.transaction(write=False) as session:
            return {one.data["title"] for one in session.scalars(select(Notice))}


def id_of(api: Api, key: str) -> str:
    return str(api.get("/me", key).json()["id"])


def test_a_case_on_its_way_tells_those_whom_it_comes_to(api: Api, keys: dict[str, str], told: News) -> None:
    case = begin(api, keys["ana"])
    assert told.now() == []
    case = taken(api, keys["ana"], case, "submit")
    waits = "It waits for the secretariat"
    assert told.now() == [("sara", "waits-for-me", waits), ("susi", "waits-for-me", waits)]
    case = taken(api, keys["sara"], case, "take-up", reviewer=id_of(api, keys["rita"]))
    assert told.now() == [("rita", "invited", "You are asked to review this case")]
    case = taken(api, keys["rita"], case, "approve", statements=JUDGED)
    office = [(one, "decided", "Approved by a peer") for one in ("aldo", "ana")]
    assert told.now() == [*office, ("sara", "waits-for-me", waits), ("susi", "waits-for-me", waits)]
    taken(api, keys["sara"], case, "publish")
    assert told.now() == [(one, "decided", "Published") for one in ("aldo", "ana")]


def test_a_draft_that_is_begun_for_an_office_tells_it(api: Api, keys: dict[str, str], told: News) -> None:
    begin(api, keys["sara"])
    assert told.now() == [], "it is nobody's"
    begin(api, keys["sara"], owner="alba")
    assert told.now() == [(one, "waits-for-me", "It waits for your office") for one in ("aldo", "ana")]


def test_changes_that_are_asked_for_come_once(api: Api, keys: dict[str, str], told: News) -> None:
    case = taken(api, keys["ana"], begin(api, keys["ana"]), "submit")
    case = taken(api, keys["rita"], case, "take-up")
    told.now()
    asked = remark(api, keys["rita"], case, "Which year?", path="when.start")
    reads = [(one, "commented", "A new comment") for one in ("aldo", "ana", "sara", "susi")]
    assert told.now() == reads
    case = taken(api, keys["rita"], case, "request-changes", reason="See there", comments=[asked["id"]])
    assert told.now() == [(one, "decided", "Changes are asked for") for one in ("aldo", "ana")]
    case = save(api, keys["ana"], case, complete("Another title")).json()
    assert told.now() == []
    remark(api, keys["ana"], case, "In 2008.", parent=asked["id"])
    assert ("rita", "commented", "A new comment") in told.now()
    assert "Another title" in told.titles(), "those within the office"
    with api.database.transaction(write=False) as session:
        mine = select(Notice).where(col(Notice.account_id) == UUID(id_of(api, keys["rita"])))
        assert {one.data["title"] for one in session.scalars(mine)} == {"A desk for returning nurses"}


def test_internal_comments_are_told_to_their_side_alone(api: Api, keys: dict[str, str], told: News) -> None:
    case = taken(api, keys["ana"], begin(api, keys["ana"]), "submit")
    case = taken(api, keys["rita"], case, "take-up")
    told.now()
    remark(api, keys["ana"], case, "Between us", path="when.start", internal=True)
    assert [who for who, *_ in told.now()] == ["aldo", "sara", "susi"]
    remark(api, keys["rita"], case, "Between us", path="when.start", internal=True)
    assert [who for who, *_ in told.now()] == ["sara", "susi"]


def test_comments_on_what_was_not_handed_in_are_not_told_to_reviewers(
    api: Api, keys: dict[str, str], told: News
) -> None:
    case = taken(api, keys["ana"], begin(api, keys["ana"]), "submit")
    case = taken(api, keys["rita"], case, "take-up")
    asked = remark(api, keys["rita"], case, "Which year?", path="when.start")
    case = taken(api, keys["rita"], case, "request-changes", reason="See there", comments=[asked["id"]])
    case = save(api, keys["ana"], case, complete("Another title")).json()
    told.now()
    remark(api, keys["ana"], case, "Is this better?", path="when.start")
    assert [who for who, *_ in told.now()] == ["aldo", "sara", "susi"]


def test_another_reviewer_is_asked(api: Api, keys: dict[str, str], told: News) -> None:
    case = taken(api, keys["ana"], begin(api, keys["ana"]), "submit")
    case = taken(api, keys["rita"], case, "take-up")
    told.now()
    taken(api, keys["sara"], case, "take-up", reviewer=id_of(api, keys["rolf"]))
    assert told.now() == [("rolf", "invited", "You are asked to review this case")]


def test_a_step_that_is_refused_tells_nobody(api: Api, keys: dict[str, str], told: News) -> None:
    case: Json = begin(api, keys["ana"], {})
    assert step(api, keys["ana"], case, "submit").status_code == 422
    assert told.now() == []
