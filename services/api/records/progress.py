"""What happens to public records after their publication, step by step: steps are only ever added."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import Caller
from services.api.changes import service as changes
from services.api.forms.paths import KEY, key_of, unnumbered, value_at
from services.api.forms.types import RecordType, StepKind
from services.api.kit.moments import now
from services.api.kit.schema import first_day
from services.api.records import parties, policy, repository, service
from services.api.records.models import Record, RecordStep
from services.api.records.schemas import StepCreate
from services.web.problems import Conflict, Fault, Forbidden, Invalid

MOST_STEPS = 500
"""Of one record: all of them are in its public record."""
_SHOWN = 100  # rows that a refusal names
_AHEAD = timedelta(hours=14)  # of UTC, where the day begins first: who tells from there tells of today


def listed(session: Session, type: RecordType, name: str, caller: Caller | None) -> Sequence[RecordStep]:
    """Return what happened to a record that the caller sees, the first first; raise `NotFound`."""
    return repository.steps(session, [service.find(session, type, name, caller).id])


def add(session: Session, caller: Caller, type: RecordType, name: str, body: StepCreate) -> RecordStep:
    """Add a step to a public record, and show it there.

    Raise `NotFound` for a record that the caller does not see, `Forbidden` when it is not the caller's to tell of,
    `Conflict` when the record is not public or has steps enough, `Invalid` for a step that its type does not have.
    """
    changes.hold(session)  # from here on nobody else adds a step, or changes what is public
    record = service.find(session, type, name, caller)
    who = policy.parts(caller, parties.of(session, record))
    own = [one for one in type.steps if one.who & who]
    if not own:
        raise Forbidden(f"What happens to this {type.label} is not yours to tell: {_whose(type.steps)}")
    service.require_public(record)
    kind = _kind(type, body)
    if kind not in own:
        raise Forbidden(f"To tell '{body.kind}' of this {type.label} is not yours: {_whose([kind])}")
    _check(session, type, record, kind, body)
    before = repository.steps(session, [record.id])
    if len(before) >= MOST_STEPS:
        raise Conflict(f"The {type.label} has {MOST_STEPS} steps already, which is as many as it can have")
    moment = now()
    number = before[-1].number + 1 if before else 1
    step = RecordStep(record_id=record.id, number=number, at=moment, caller=caller.id, **body.model_dump())
    repository.add(session, step)
    detail = body.model_dump(exclude={"note"}, exclude_none=True) | {"step": number}
    access.audit(session, caller, f"{type.name}.step", type.name, str(record.id), detail, moment)
    service.show(session, [record])
    return step


def _whose(kinds: Sequence[StepKind]) -> str:
    who = sorted({part for one in kinds for part in one.who})
    return f"it is for {' or '.join(who)}" if who else "nothing can be told of it"


def _kind(type: RecordType, body: StepCreate) -> StepKind:
    """Return the kind of step that is meant: one kind may be told of the whole and of the rows of several lists."""
    found = [one for one in type.steps if one.kind == body.kind]
    if not found:
        allowed = list(dict.fromkeys(one.kind for one in type.steps))
        raise Invalid([_fault("kind", f"no kind of step of a {type.label}", body.kind, allowed)])
    block = None if body.path is None else unnumbered(body.path)
    if (kind := next((one for one in found if one.block == block), None)) is not None:
        return kind
    blocks = [one.block for one in found if one.block is not None]
    if not blocks:
        raise Invalid([_fault("path", f"'{body.kind}' is told of the whole {type.label}: leave it out", body.path)])
    message = f"missing: '{body.kind}' is told of a row" if block is None else f"no list of which '{body.kind}' is told"
    raise Invalid([_fault("path", message, body.path, [f"{one}[…]" for one in blocks])])


def _check(session: Session, type: RecordType, record: Record, kind: StepKind, body: StepCreate) -> None:
    """Raise `Invalid` unless the row named is public now, the value one that the kind has, the date not to come."""
    faults = []
    if kind.block is not None and body.path not in (rows := _rows(session, type, record, kind.block)):
        by = "key" if _keyed(type, kind.block) else "number"
        message = f"no row of the public {type.label}, which has {len(rows)} there: name one by its {by}"
        faults.append(_fault("path", message, body.path, rows[:_SHOWN]))
    if kind.values and body.value not in kind.values:
        message = "missing" if body.value is None else f"nothing that can be said of '{kind.kind}'"
        faults.append(_fault("value", message, body.value, list(kind.values)))
    elif not kind.values and body.value is not None:
        faults.append(_fault("value", f"'{kind.kind}' says all: leave it out", body.value))
    if body.date is not None and first_day(body.date) > (now() + _AHEAD).date():
        faults.append(_fault("date", "lies in the future: tell what has happened", body.date))
    if faults:
        raise Invalid(faults)


def _rows(session: Session, type: RecordType, record: Record, block: str) -> list[str]:
    """Return the paths of the rows of a list that everybody sees."""
    content = service.public_content(session, record)
    rows = value_at(content, block)
    if not isinstance(rows, list):
        return []
    if _keyed(type, block):
        return [f"{block}[{KEY}={key_of(row)}]" for row in rows]
    return [f"{block}[{number}]" for number in range(len(rows))]


def _keyed(type: RecordType, block: str) -> bool:
    return block in type.form.keyed_lists


def _fault(field: str, message: str, value: Any = None, allowed: list[str] | None = None) -> Fault:
    return Fault(location="body", field=field, message=message, value=value, allowed=allowed)
