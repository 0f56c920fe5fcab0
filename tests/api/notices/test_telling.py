"""Who is told of what: nobody of what they did themselves, nobody who is gone or does not want it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import Session

from services.api.access import accounts
from services.api.access.service import OPERATOR, Caller, caller_of
from services.api.letters.models import Letter
from services.api.notices import service as notices
from services.api.notices.kinds import Often, due
from services.api.notices.models import Notice, NoticeSetting
from tests.harness.people import make_person
from tests.harness.support import Api

TOLD = {"en": "Handed in", "es": "Entregado", "fr": "Remis", "it": "Consegnato"}


def tell(session: Session, *people: str, by: Caller | None = None) -> None:
    notices.tell(
        session, "waits-for-me", map(UUID, people), title="A desk", path="/contribute/cases/1", text=TOLD, by=by
    )


def test_people_are_told_but_not_who_did_it(api: Api) -> None:
    ana, ben, carl, dora = (make_person(api.database, f"{one}@example.org", "reviewer") for one in "abcd")
    with api.database.transaction() as session:
        gone = accounts.find(session, UUID(carl))
        accounts.deactivate(session, OPERATOR, gone, gone.version)
        session.add(NoticeSetting(account_id=UUID(dora), kind="waits-for-me", often="never"))
        session.flush()
        tell(session, ana, ben, carl, dora, by=caller_of(accounts.find(session, UUID(ana))))
    with api.database.transaction(write=False) as session:
        (notice,), (letter,) = session.scalars(select(Notice)).all(), session.scalars(select(Letter)).all()
    assert str(notice.account_id) == ben
    assert notice.data["by"] == "A"
    assert (letter.to, letter.kind, letter.state) == ("b@example.org", "notices", "waiting")


def test_what_did_not_happen_is_told_nobody(api: Api) -> None:
    ana = make_person(api.database, "ana@example.org", "reviewer")

    def fails() -> None:
        with api.database.transaction() as session:
            tell(session, ana)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    with api.database.transaction(write=False) as session:
        assert not session.scalars(select(Notice)).all()
        assert not session.scalars(select(Letter)).all()


@pytest.mark.parametrize(
    ("often", "expected"),
    [("at-once", "2026-11-27T06:00"), ("daily", "2026-11-28T06:00"), ("weekly", "2026-11-30T06:00")],
)
def test_when_something_is_told_of(often: Often, expected: str) -> None:
    friday = datetime(2026, 11, 27, 6, tzinfo=UTC)
    assert due(often, friday) == datetime.fromisoformat(f"{expected}:00Z")


def test_a_week_that_begins_is_the_next_digests() -> None:
    monday = datetime(2026, 11, 30, 5, tzinfo=UTC)
    assert due("weekly", monday) == monday.replace(hour=6)
