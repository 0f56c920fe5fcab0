"""What may still become of revisions that were public: they are withdrawn, redacted, or brought back.

A withdrawn revision is read by nobody but those who see drafts; what is redacted in one is gone for everybody.
"""

from collections.abc import Collection, Iterable
from itertools import groupby
from typing import Any, cast
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import OPERATOR, Caller
from services.api.changes import service as changes
from services.api.forms import redacting
from services.api.forms.paths import value_at
from services.api.forms.types import RecordType, Tier
from services.api.kit.moments import now
from services.api.records import parties, policy, publishing, repository, schemas, service
from services.api.records.models import Record, RecordPublication, RecordRevision, RecordWithdrawal
from services.api.types import TYPES
from services.web.problems import Conflict, Fault, Forbidden, Invalid, NotFound

Json = dict[str, Any]

TakenOut = tuple[UUID, int, str, Json]
"""What was withdrawn or redacted: record, revision, the path or nothing, and the rest of its row."""


def withdraw(session: Session, caller: Caller, record: Record, version: int, number: int, reason: str) -> Record:
    """Take a revision that was public out of view, for good.

    When it is the public one, the newest other that was public and was not withdrawn takes its place; where there is
    none, the record is public no longer. Raise `NotFound` for no revision, `Conflict` for one that never was public or
    was withdrawn already.
    """
    changes.hold(session)
    _once_public(session, record, number)
    if number in service.withdrawn(session, record):
        raise Conflict(f"Revision {number} was withdrawn already")
    service.claim(session, record, version)
    row = _note(session, caller, record, number, "", reason)
    _show_what_may_be(session, record)
    detail = {"revision": number, "reason": reason}
    access.audit(session, caller, f"{record.type}.withdraw", record.type, str(record.id), detail, row.at)
    return record


def redact(
    session: Session, caller: Caller, record: Record, version: int, number: int, path: str, reason: str
) -> Record:
    """Take one value out of a revision that was public, for everybody and for good; its translations go with it.

    Raise `NotFound` for no revision, and where nothing stands at the path, `Conflict` for a revision that never was
    public, and for what was redacted already, `Invalid` for no place of the form, and for what a record must have.
    """
    changes.hold(session)
    revision, _ = _once_public(session, record, number)
    form = TYPES[record.type].form
    try:
        form.question(path)
    except KeyError:
        message = "not a question, or a place in one, such as 'how.description' or 'who.target_groups[2]'"
        raise Invalid([Fault(location="body", field="path", message=message, value=path)]) from None
    before = _redacted(session, record, number)
    lasting = redacting.lasting(form, revision.content, path, before)
    if any(f"{lasting}.".startswith((f"{one}.", f"{one}[")) for one in before):
        raise Conflict(f"'{path}' was redacted in revision {number} already")
    if value_at(revision.content, path) is None:
        raise NotFound(f"Revision {number} has nothing at '{path}'")
    content = redacting.redacted(form, revision.content, revision.translations, path)
    service.claim(session, record, version)
    revision.content, revision.translations = content
    row = _note(session, caller, record, number, lasting, reason)
    _follow(session, record, revision)
    _show_what_may_be(session, record)
    detail = {"revision": number, "path": lasting, "reason": reason}
    access.audit(session, caller, f"{record.type}.redact", record.type, str(record.id), detail, row.at)
    return record


def bring_back(session: Session, caller: Caller, record: Record, version: int, number: int) -> Record:
    """Make an earlier revision of a public record its newest one, and public, as it was judged then.

    Raise `Forbidden` unless the caller is of the secretariat or an officer of the owner, `NotFound` for no revision,
    and `Conflict` when it is the public one, never was public or was withdrawn, when the record is not public or no
    longer kept up, and when the form of today does not take it.
    """
    changes.hold(session)
    if not caller.is_secretariat and "office" not in policy.parts(caller, parties.of(session, record)):
        raise Forbidden(f"Revisions are brought back by officers of the {TYPES[record.type].label}'s own authority")
    type = TYPES[record.type]
    earlier, publication = _once_public(session, record, number)
    if number in service.withdrawn(session, record):
        raise Conflict(f"Revision {number} was withdrawn: it cannot be brought back")
    if record.published_revision is None:
        raise Conflict(f"The {type.label} is not published")
    if record.archived_at is not None:
        raise Conflict(f"The {type.label} is archived: reopen it first")
    if record.published_revision == number:
        raise Conflict(f"Revision {number} is the public one")
    _require_fit(type, earlier)
    moment = now()
    service.claim(session, record, version, updated_at=moment, latest_revision=record.latest_revision + 1)
    revision = RecordRevision(
        record_id=record.id,
        number=record.latest_revision,
        content=earlier.content,
        translations=earlier.translations,
        created_at=moment,
        created_by=caller.id,
    )
    repository.add(session, revision)
    _follow(session, record, revision)
    detail = {"revision": revision.number, "from": number}
    access.audit(session, caller, f"{type.name}.bring-back", type.name, str(record.id), detail, moment)
    tier = cast(Tier, publication.tier)
    return service.publish(session, caller, record, record.version, tier, publication.statements)


def latest_taken_out(session: Session, record: Record) -> bool:
    """Tell whether a record's latest revision was withdrawn, or anything in it redacted."""
    return any(one.number == record.latest_revision for one in repository.withdrawals(session, [record.id]))


def taken_out(session: Session) -> list[TakenOut]:
    """Return all that was ever withdrawn or redacted, of each record the first first."""
    return [
        (one.record_id, one.number, one.path, {"reason": one.reason, "at": one.at, "caller": one.caller})
        for one in repository.all_withdrawals(session)
    ]


def take_out_again(session: Session, known: Iterable[TakenOut]) -> None:
    """Withdraw and redact once more what came back with older rows, and show what is public of it.

    Records and revisions that are not there are passed over, and paths at which nothing stands.
    """
    changes.hold(session)
    for id, rows in groupby(known, key=lambda one: one[0]):
        record = repository.get(session, id)
        here = {(one.number, one.path) for one in repository.withdrawals(session, [id])}
        new = [one for one in rows if (one[1], one[2]) not in here]
        if record is not None and sum(_again(session, record, *one) for one in new):
            record.version += 1
            _show_what_may_be(session, record)


def _again(session: Session, record: Record, _: UUID, number: int, path: str, more: Json) -> bool:
    """Withdraw or redact once more; tell whether the revision was there."""
    revision = repository.revision(session, record.id, number)
    if revision is None:
        return False
    if path:
        before = _redacted(session, record, number)
        place = redacting.present(path, before)
        if place is not None and value_at(revision.content, place) is not None:
            form = TYPES[record.type].form
            try:
                content = redacting.redacted(form, revision.content, revision.translations, place)
            except Invalid:  # another content than it was redacted in: nothing of it is shown
                return _again(session, record, _, number, "", more)
            revision.content, revision.translations = content
            _follow(session, record, revision)
    if not path and number in service.withdrawn(session, record):
        return False
    repository.add(session, RecordWithdrawal(record_id=record.id, number=number, path=path, **more))
    detail = {"revision": number, "reason": more["reason"], "restored": True} | ({"path": path} if path else {})
    action = f"{record.type}.{'redact' if path else 'withdraw'}"
    access.audit(session, OPERATOR, action, record.type, str(record.id), detail)
    return True


def _once_public(session: Session, record: Record, number: int) -> tuple[RecordRevision, RecordPublication]:
    """Return a revision and its publication; raise `NotFound` for none, `Conflict` for one that never was public."""
    revision = repository.revision(session, record.id, number)
    if revision is None:
        raise NotFound(f"The {TYPES[record.type].label} has no revision {number}")
    publication = repository.publication(session, record.id, number)
    if publication is None:
        raise Conflict(f"Revision {number} never was public")
    return revision, publication


def _redacted(session: Session, record: Record, number: int) -> Collection[str]:
    found = repository.withdrawals(session, [record.id])
    return {one.path for one in found if one.path and one.number == number}


def _note(session: Session, caller: Caller, record: Record, number: int, path: str, reason: str) -> RecordWithdrawal:
    """Keep that something was taken out, and when; the record changed with it."""
    moment = now()
    row = RecordWithdrawal(record_id=record.id, number=number, path=path, reason=reason, at=moment, caller=caller.id)
    record.updated_at = moment
    repository.add(session, row)
    return row


def _follow(session: Session, record: Record, revision: RecordRevision) -> None:
    """Keep who has a part in a record as its latest revision says."""
    type = TYPES[record.type]
    if type.parties and revision.number == record.latest_revision:
        repository.set_parties(session, [record.id], list(parties.party_rows(session, type, revision)))


def _show_what_may_be(session: Session, record: Record) -> None:
    """Show a public record anew, with the newest revision that may be public where the one shown may not.

    It is told in the feed even if it reads as before: other answers about the record are kept as long as that.
    """
    if record.published_revision is None:
        return
    withdrawn = service.withdrawn(session, record)
    moved = record.published_revision in withdrawn
    if moved:
        left = [number for number in repository.publications(session, record.id) if number not in withdrawn]
        record.published_revision = max(left, default=None)
    if record.published_revision is None:
        record.archived_at = record.archived_because = None
        session.flush()
        publishing.hide(session, record)
    else:
        session.flush()
        service.show(session, [record], moved=moved)


def _require_fit(type: RecordType, revision: RecordRevision) -> None:
    """Raise `Conflict` when a revision from before the form was changed is none that could be handed in today."""
    try:
        body = {"content": revision.content, "translations": revision.translations}
        schemas.of(type).write.model_validate(body)
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"]))
        raise Conflict(
            f"Revision {revision.number} does not fit the form of today ({place}): save its answers anew"
        ) from None
