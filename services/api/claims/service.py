"""Claims: offices ask for records that are theirs, the secretariat decides, and records are handed over.

Decisions about whose a record is queue for each other: they are few, and each reads what the one before has decided.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn
from uuid import UUID

from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import Caller
from services.api.authorities import service as authorities
from services.api.authorities.models import Authority
from services.api.claims import repository, telling
from services.api.claims.models import RecordClaim
from services.api.claims.schemas import ClaimState
from services.api.forms.types import RecordType
from services.api.kit.db import lock
from services.api.kit.moments import now
from services.api.kit.paging import Position
from services.api.kit.preconditions import stale
from services.api.records import parties, policy
from services.api.records import service as records
from services.api.records.models import Record
from services.api.submissions import ownership
from services.api.types import TYPES
from services.web.problems import Conflict, Fault, Forbidden, Invalid, NotFound

AT_ONCE = 500
"""Records and cases that an office may hand over at once: they are one transaction."""


def find(session: Session, id: UUID, caller: Caller) -> RecordClaim:
    """Return a claim that the caller sees; raise `NotFound`."""
    found = repository.visible(session, id, caller)
    if found is None:
        raise NotFound(f"There is no claim '{id}'")
    return found


def page(
    session: Session,
    caller: Caller,
    state: ClaimState | None,
    record_id: UUID | None,
    after: Position[datetime] | None,
    limit: int,
) -> Sequence[RecordClaim]:
    """Return up to `limit + 1` claims that the caller sees, the newest first."""
    return repository.page(session, caller, state, record_id, after, limit)


def ask(session: Session, caller: Caller, type: RecordType, name: str, statement: str) -> RecordClaim:
    """Ask for a public record for the caller's office.

    Raise `Forbidden` unless the caller is an officer, `Conflict` when the record is not public or is the office's
    already, and when the office asks for it already.
    """
    if (office := caller.office) is None:
        raise Forbidden("Records are asked for by officers, for their authority")
    _hold(session)
    record = records.find(session, type, name, caller)
    records.require_public(record)
    if "office" in policy.parts(caller, parties.of(session, record)):
        raise Conflict(f"The {type.label} belongs to your authority already")
    if repository.open_of(session, record_id=record.id, authority_id=office):
        raise Conflict(f"Your authority asks for the {type.label} already")
    moment = now()
    claim = RecordClaim(
        record_id=record.id, authority_id=office, statement=statement, asked_at=moment, asked_by=caller.id
    )
    repository.add(session, claim)
    _audit(session, caller, claim, "ask", moment)
    telling.of_a_claim(session, caller, claim)
    return claim


def grant(session: Session, caller: Caller, claim: RecordClaim, version: int) -> RecordClaim:
    """Hand the record over to the office that asks; other claims to it are refused. Raise as `_close` does."""
    _hold(session)
    _close(session, caller, claim, "granted", None, version)
    record = records.get(session, claim.record_id)
    case = ownership.case_of(session, caller, record)
    ownership.hand_over(session, caller, case, claim.authority_id, claim.statement)
    given = authorities.get(session, claim.authority_id).name
    for other in repository.open_of(session, record_id=record.id):
        _close(session, caller, other, "refused", f"Given to {given}", other.version)
    return claim


def refuse(session: Session, caller: Caller, claim: RecordClaim, version: int, reason: str) -> RecordClaim:
    """Refuse a claim. Raise as `_close` does."""
    _hold(session)
    return _close(session, caller, claim, "refused", reason, version)


def withdraw(session: Session, caller: Caller, claim: RecordClaim, version: int) -> RecordClaim:
    """Take a claim back; raise `Forbidden` for others than the office that asks, and as `_close` does."""
    if caller.role != "officer":
        raise Forbidden("A claim is withdrawn by the office that asks")
    _hold(session)
    return _close(session, caller, claim, "withdrawn", None, version)


def hand_over(session: Session, caller: Caller, record: Record, to: str | None, reason: str, version: int) -> Record:
    """Let a record belong to another authority, or to none; its own claim is granted by that.

    Raise `Invalid` for an authority that the base does not know, 412 when the version is stale, and `Conflict` when the
    record is theirs already.
    """
    _hold(session)
    authority = _authority(session, "authority", to) if to is not None else None
    to_id = authority.id if authority else None
    case = ownership.case_of(session, caller, record)
    ownership.hand_over(session, caller, case, to_id, reason, version)
    if to_id is not None and not _fulfil(session, caller, record, to_id):
        telling.of_a_hand_over(session, caller, case, to_id, reason)
    return record


def hand_over_all(session: Session, caller: Caller, authority: Authority, to: str, reason: str) -> tuple[int, int]:
    """Let all records and cases of an office that ends belong to another one; return how many of each there were.

    What it asked for itself is withdrawn. Raise `Invalid` for an authority that the base does not know or the same,
    `Conflict` when there are more than can be handed over at once.
    """
    _hold(session)
    heir = _authority(session, "to", to)
    if heir.id == authority.id:
        raise Invalid([Fault(location="body", field="to", message="this is the office that ends", value=to)])
    cases = ownership.cases(session, caller, authority.id, AT_ONCE)
    if len(cases) > AT_ONCE:
        _too_many()
    handed = 0
    for case in sorted(cases, key=lambda one: one.id):
        ownership.hand_over(session, caller, case, heir.id, reason)
        handed += case.record_id is not None
    drafts = len(cases) - handed
    for type in TYPES.values():
        rows = records.page(session, type, caller, None, authority.slug, None, AT_ONCE)
        if handed + len(rows) > AT_ONCE:
            _too_many()
        for record in sorted((row[0] for row in rows), key=lambda one: one.id):
            ownership.hand_over(session, caller, ownership.case_of(session, caller, record), heir.id, reason)
            handed += 1
    for claim in repository.open_of(session, authority_id=authority.id):
        _close(session, caller, claim, "withdrawn", f"{authority.name} hands over to {heir.name}", claim.version)
    owned = parties.owners(session, {one.record_id for one in repository.open_of(session, authority_id=heir.id)})
    for record in records.several(session, [id for id, owner in owned.items() if owner == heir.id]).values():
        _fulfil(session, caller, record, heir.id)
    if handed + drafts:
        telling.of_all(session, caller, authority.name, heir.id, handed + drafts, reason)
    detail = {"to": heir.slug, "records": handed, "cases": drafts, "reason": reason}
    access.audit(session, caller, "authority.hand-over", "authority", str(authority.id), detail)
    return handed, drafts


def _too_many() -> NoReturn:
    raise Conflict(f"The office has more than {AT_ONCE} records: hand over some of them one by one first")


def _hold(session: Session) -> None:
    """Be alone among those who decide whose records are."""
    lock(session, "whose records are")


def _authority(session: Session, field: str, name: str) -> Authority:
    try:
        return authorities.find(session, name)
    except NotFound as missing:
        raise Invalid([Fault(location="body", field=field, message=missing.detail, value=name)]) from None


def _fulfil(session: Session, caller: Caller, record: Record, owner: UUID) -> bool:
    """Let the claim of an authority to what it was given stand as granted; tell whether there was one."""
    asked = repository.open_of(session, record_id=record.id, authority_id=owner)
    for claim in asked:
        _close(session, caller, claim, "granted", None, claim.version)
    return bool(asked)


def _close(
    session: Session, caller: Caller, claim: RecordClaim, state: ClaimState, reason: str | None, version: int
) -> RecordClaim:
    """Decide a claim; raise 412 when somebody else was faster, `Conflict` when it is decided already."""
    moment = now()
    values = {"state": state, "reason": reason, "decided_at": moment, "decided_by": caller.id}
    closed = repository.claim(session, claim.id, version, **values)
    session.refresh(claim)
    if not closed and claim.version != version:
        raise stale(version, claim.version)
    if not closed:
        raise Conflict(f"The claim is {claim.state} already")
    _audit(session, caller, claim, state, moment)
    if state != "withdrawn":
        telling.of_a_decision(session, caller, claim)
    return claim


def _audit(session: Session, caller: Caller, claim: RecordClaim, action: str, moment: datetime) -> None:
    detail = {"record": str(claim.record_id), "authority": authorities.slug(session, claim.authority_id)}
    detail |= {"reason": claim.reason} if claim.reason else {}
    access.audit(session, caller, f"claim.{action}", "claim", str(claim.id), detail, moment)
