"""What is taken out of a record of a type that has private fields, rows with keys, parts and derived rows."""

from collections.abc import Iterator

import orjson
import pytest
from sqlmodel import Session

from services.api.access.service import OPERATOR
from services.api.authorities import service as authorities
from services.api.changes import service as changes
from services.api.records import rendering, repository, revisions, schemas, service
from services.api.records.models import Record
from services.api.records.repository import View
from tests.harness.support import Api, Json
from tests.harness.types.pledge.type import TYPE as PLEDGE

pytestmark = pytest.mark.each_database

CONTENT: Json = {
    "language": "en",
    "promise": {"title": "A pledge", "authority": "alba", "partner": "boca"},
    "plan": {
        "actions": [{"key": "a", "text": "Build"}, {"key": "b", "text": "Teach", "doubts": "Rain"}],
        "reservations": "None",
    },
}


@pytest.fixture
def session(api: Api) -> Iterator[Session]:
    """A transaction."""
    with api.database.transaction() as session:
        yield session


@pytest.fixture
def pledge(session: Session) -> Record:
    body = schemas.of(PLEDGE).create.model_validate({"content": CONTENT})
    record = service.create(session, OPERATOR, PLEDGE, body)
    return service.publish(session, OPERATOR, record, record.version)


def redact(session: Session, record: Record, path: str) -> None:
    revisions.redact(session, OPERATOR, record, record.version, 1, path, "Wrong")


def fed(session: Session) -> dict[tuple[str, str], Json]:
    """Return what is public now, by type and id."""
    changes.number_changes(session)
    return {
        (type, id): orjson.loads(body)
        for type in ("pledge", "action")
        for id, body in changes.public_bodies(session, type)
    }


def test_what_is_private_is_redacted_and_nobody_hears_of_it(session: Session, pledge: Record) -> None:
    redact(session, pledge, "plan.actions[1].doubts")
    redact(session, pledge, "plan.reservations")
    redact(session, pledge, "plan.actions[key=a]")
    stored = service.latest(session, pledge).content["plan"]
    assert (stored["reservations"], [row["doubts"] for row in stored["actions"]]) == (None, [None])
    paths = {}
    for drafts in (True, False):
        rows, withdrawals = service.revisions(session, View(pledge, drafts, 1))
        (shown,) = (rendering.revision_summary(PLEDGE, *row, withdrawals) for row in rows)
        paths[drafts] = {one["path"] for one in shown["redacted"]}
    assert paths[False] == {"plan.actions[key=a]"}
    assert paths[True] == {"plan.actions[key=a]", "plan.actions[key=b].doubts", "plan.reservations"}


def test_derived_rows_and_parts_follow(session: Session, pledge: Record) -> None:
    actions = [("action", f"{pledge.id}#{key}") for key in ("a", "b")]
    assert fed(session).keys() == {("pledge", str(pledge.id)), *actions}
    redact(session, pledge, "plan.actions[0]")
    assert fed(session).keys() == {("pledge", str(pledge.id)), actions[1]}
    assert [one.part for one in repository.parties(session, [pledge.id])] == ["partner"]
    redact(session, pledge, "promise.partner")
    assert not repository.parties(session, [pledge.id])
    revisions.withdraw(session, OPERATOR, pledge, pledge.version, 1, "Wrong")
    assert not fed(session)


def test_parts_are_those_of_what_is_brought_back(session: Session, pledge: Record) -> None:
    other = {**CONTENT, "promise": CONTENT["promise"] | {"partner": None}}
    body = schemas.of(PLEDGE).write.model_validate({"content": other})
    service.update(session, OPERATOR, pledge, body, pledge.version)
    service.publish(session, OPERATOR, pledge, pledge.version)
    assert not repository.parties(session, [pledge.id])
    revisions.bring_back(session, OPERATOR, pledge, pledge.version, 1)
    (partner,) = repository.parties(session, [pledge.id])
    assert partner.authority_id == authorities.find(session, "boca").id
