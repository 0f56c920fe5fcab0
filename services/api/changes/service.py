"""The change feed: rooms hand in public JSON within their own transaction; readers never miss a change.

Numbers are taken last before the commit from one counter row, so they follow the order of commits (rule 2).
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson
from sqlmodel import Session

from services.api.changes import repository
from services.api.kit.moments import now

_HELD = "changes.held"
_PENDING = "changes.pending"
_COMMITTED = "changes.committed"

Key = tuple[str, str]


@dataclass(frozen=True)
class Mark:
    """A place in the feed."""

    epoch: str
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}.{self.seq}"


@dataclass(frozen=True)
class Change:
    """One row of the feed: `body` is the public JSON, none when the record is gone."""

    seq: int
    op: str
    type: str
    id: str
    body: bytes | None


def hold(session: Session) -> None:
    """Let no other transaction publish until this one has ended, and see all that was committed before.

    Call it before anything is read that the rendering depends on: a record rendered from what somebody else changes
    meanwhile would stay stale in the feed. Nobody may wait for it who holds what another publishing write needs.
    """
    if session.info.get(_HELD):
        return
    session.flush()
    repository.lock_numbers(session)
    session.expire_all()  # what was loaded before the wait may have changed meanwhile
    session.info[_HELD] = True


def publish(session: Session, type: str, id: str, body: bytes) -> None:
    """Make a record public, or replace its public state, when this transaction commits."""
    _pending(session)[type, id] = body


def withdraw(session: Session, type: str, id: str) -> None:
    """Take a record out of public view when this transaction commits."""
    _pending(session)[type, id] = None


def _pending(session: Session) -> dict[Key, bytes | None]:
    pending: dict[Key, bytes | None] = session.info.setdefault(_PENDING, {})
    return pending


def number_changes(session: Session) -> None:
    """Write the transaction's public records with their numbers: the last thing before its commit."""
    pending = _pending(session)
    if not pending:
        return
    epoch, head = repository.take_numbers(session, len(pending))
    first = head - len(pending) + 1
    moment = now()
    known = repository.rows(session, pending)
    new = []
    for seq, ((type, id), body) in enumerate(pending.items(), first):
        op = "upsert" if body is not None else "delete"
        if row := known.get((type, id)):
            row.seq, row.op, row.body, row.changed_at = seq, op, body, moment
        else:
            new.append({"type": type, "id": id, "seq": seq, "op": op, "body": body, "changed_at": moment})
    session.flush()
    if new:
        repository.add_rows(session, new)
    pending.clear()
    mark = Mark(epoch, head)
    session.info[_COMMITTED] = mark
    session.info["headers"] = [(b"praxis-seq", str(mark).encode())]


def committed(session: Session) -> Mark | None:
    """Return the mark up to which this transaction's public writes stand, if it made any."""
    return session.info.get(_COMMITTED)


def head(session: Session) -> Mark:
    """Return epoch and head of the feed."""
    return Mark(*repository.state(session))


def page(session: Session, after: int, limit: int) -> tuple[Mark, Sequence[Change]]:
    """Return the head and up to `limit` changes after a number, from one snapshot."""
    return head(session), [
        Change(seq, op, type, id, body) for seq, op, type, id, body in repository.after(session, after, limit)
    ]


def digest(session: Session) -> tuple[Mark, int, str]:
    """Return head, number of public records and the SHA-256 over their `type id seq` lines by type and id."""
    lines = hashlib.sha256()
    count = 0
    for type, id, seq in repository.live(session):
        lines.update(f"{type} {id} {seq}\n".encode())
        count += 1
    return head(session), count, lines.hexdigest()


def public_body(session: Session, type: str, id: str) -> bytes | None:
    """Return the public JSON of one record, none when it is not public."""
    return repository.body(session, type, id)


def bodies_of(session: Session, keys: Iterable[Key]) -> dict[Key, bytes]:
    """Return the public JSON of some records by type and id; those that are not public are left out."""
    return {key: row.body for key, row in repository.rows(session, keys).items() if row.body is not None}


def public_bodies(session: Session, type: str) -> Sequence[tuple[str, bytes]]:
    """Return id and public JSON of every public record of a type, by id."""
    return repository.bodies(session, type)


def stale(session: Session, type: str, current: Mapping[str, bytes]) -> dict[str, bytes | None]:
    """Return what the feed must take up to hold just these records of a type: bodies by id, none for dropped ones."""
    return differing(dict(repository.bodies(session, type)), current)


def differing(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, bytes | None]:
    """Return what makes bodies by id into others: those that are new or differ, and none for those that are gone."""
    gone: dict[str, bytes | None] = dict.fromkeys(sorted(before.keys() - after.keys()))
    return {id: body for id, body in after.items() if before.get(id) != body} | gone


def renew(session: Session, type: str, bodies: Mapping[str, bytes | None]) -> None:
    """Publish records of a type, and withdraw those that have no body."""
    for id, body in bodies.items():
        if body is None:
            withdraw(session, type, id)
        else:
            publish(session, type, id, body)


def bodies_within(session: Session, type: str, start: str) -> dict[str, bytes]:
    """Return the public records of a type whose ids begin in a way, by id, as this transaction will leave them."""
    bodies: dict[str, bytes | None] = dict(repository.bodies_within(session, type, start))
    bodies |= {id: body for (other, id), body in _pending(session).items() if other == type and id.startswith(start)}
    return {id: body for id, body in bodies.items() if body is not None}


def new_epoch(session: Session) -> str:
    """Start a new epoch, after which every follower rebuilds; return its name."""
    epoch = secrets.token_hex(8)
    repository.start_epoch(session, epoch)
    return epoch


def render(record: dict[str, object]) -> bytes:
    """Write a public record as JSON, the same bytes for the same record."""
    return orjson.dumps(record)
