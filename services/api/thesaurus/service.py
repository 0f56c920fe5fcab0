"""The thesaurus: concepts that the secretariat edits, published as one record with every write.

Every write holds the feed first, so that no other one comes between what it read and what it writes.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import OPERATOR, Caller
from services.api.changes import service as changes
from services.api.kit.moments import now, rfc3339
from services.api.kit.preconditions import stale
from services.api.thesaurus import network, repository
from services.api.thesaurus.models import ThesaurusConcept
from services.api.thesaurus.network import Content
from services.api.thesaurus.schemas import ConceptWrite, Outcome
from services.web.problems import Conflict, Fault, Invalid, NotFound, PreconditionFailed

NAME = "thesaurus"
MOST_CONCEPTS = 10_000
MOST_BYTES = 10_000_000
"""Bytes of the record in the feed, which every reader takes whole."""
MOST_ROUNDS = 100
"""How often concepts of a file are set aside because of others that were, before the file is refused."""

Rows = Mapping[str, ThesaurusConcept]


@dataclass
class Taken:
    """What became of a concept that was handed in among others."""

    outcome: Outcome
    faults: list[Fault] = field(default_factory=list)


def count(session: Session) -> int:
    """Return how many concepts there are."""
    return repository.count(session)


def contents(session: Session) -> dict[str, Content]:
    """Return what is kept of each concept, by code in order."""
    return _present(_rows(session))


def public(session: Session) -> dict[str, Any]:
    """Return the thesaurus as everybody sees it (`ThesaurusRead`)."""
    return _record(contents(session))


def published(session: Session) -> bytes:
    """Return the thesaurus as the feed has it, which is the same."""
    return changes.public_body(session, "vocabulary", NAME) or changes.render(public(session))


def find(session: Session, code: str) -> ThesaurusConcept:
    """Return a concept; raise `NotFound` for one that is not there, or no more."""
    row = repository.get(session, code)
    if row is None or row.content is None:
        raise NotFound(f"There is no concept '{code}'")
    return row


def shown(session: Session, row: ThesaurusConcept) -> dict[str, Any]:
    """Return a concept as everybody sees it (`ConceptRead`)."""
    content = row.content or {}
    below = network.narrower(contents(session)).get(row.code, [])
    term = _term(row.code, content, below)
    return term | {"version": row.version, "updated_at": rfc3339(row.updated_at)}


def write(session: Session, caller: Caller, code: str, body: ConceptWrite, version: int | None) -> ThesaurusConcept:
    """Replace the concept of that version, or add one where no version is given.

    Concepts that it is newly related to, or is no longer, say so too then. Raise 412 when the concept has another
    version or none, or is there already, and `Invalid` for ties to what is not there or in a circle.
    """
    changes.hold(session)
    rows = _rows(session)
    present = _present(rows)
    if version is None and code in present:
        raise PreconditionFailed(f"There is a concept '{code}' already: send If-Match with its version to replace it")
    if version is not None:
        _check_version(rows, code, version)
    would = network.joined(present, {code: network.content_of(body)})
    if faults := list(network.loose_ends(code, would)):
        raise Invalid(faults)
    if found := network.circle(would):
        raise Invalid([network.circle_fault(found)])
    action = "change" if code in present else "add"
    _store(session, caller, rows, would)
    access.audit(session, caller, f"thesaurus.{action}", "concept", code)
    return find(session, code)


def delete(session: Session, caller: Caller, code: str, version: int) -> None:
    """Delete a concept of that version, and what others say of being related to it.

    Raise 412 when it has another version or is not there, and `Conflict` while concepts fall under it.
    """
    changes.hold(session)
    rows = _rows(session)
    _check_version(rows, code, version)
    present = _present(rows)
    if below := network.narrower(present).get(code):
        named = ", ".join(below[:5]) + (f" and {len(below) - 5} more" if len(below) > 5 else "")
        raise Conflict(f"Concepts fall under '{code}': {named}; take it out of their `broader` first")
    _store(session, caller, rows, network.without(present, code), gone=(code,))
    access.audit(session, caller, "thesaurus.delete", "concept", code)


def take_in(
    session: Session, caller: Caller, given: Mapping[str, ConceptWrite], *, keep_edited: bool, dry_run: bool
) -> dict[str, Taken]:
    """Add or replace concepts, those with faults aside; return what became of each, or with `dry_run` what would.

    With `keep_edited`, what anybody but the command line wrote or deleted here stays as it is, its ties too. Raise
    `Invalid` when there would be too many concepts, or too much hangs on those with faults.
    """
    if not dry_run:
        changes.hold(session)
    rows = _rows(session)
    present = _present(rows)
    incoming = network.joined({}, {code: network.content_of(concept) for code, concept in given.items()})
    taken: dict[str, Taken] = {}
    kept: set[str] = set()
    if keep_edited:
        kept = {code for code, row in rows.items() if row.updated_by != OPERATOR.id}
        for code in kept & incoming.keys():
            same = incoming.pop(code) == present.get(code)
            taken[code] = Taken("unchanged" if same else "edited here and kept")
        incoming = {code: _yielding(code, content, kept, present) for code, content in incoming.items()}
    would = _settle(present, incoming, taken, keep_edited=keep_edited)
    for code in incoming:
        before = present.get(code)
        taken[code] = Taken("added" if before is None else "unchanged" if would[code] == before else "changed")
    _check_count(would)
    if not dry_run:
        _store(session, caller, rows, would)
        written = {code: {"how": one.outcome} for code, one in taken.items() if one.outcome in ("added", "changed")}
        if written:
            access.audit_all(session, caller, "thesaurus.import", "concept", written, now())
    return taken


def _settle(
    present: Mapping[str, Content], incoming: dict[str, Content], taken: dict[str, Taken], *, keep_edited: bool
) -> dict[str, Content]:
    """Return the concepts with the incoming ones; those that cannot be taken in leave `incoming` for `taken`."""
    for _ in range(MOST_ROUNDS):
        would = network.joined(present, incoming)
        refused = {code: faults for code in incoming if (faults := list(network.loose_ends(code, would)))}
        outcome: Outcome = "refused"
        if not refused and (found := network.circle(would)):
            refused = {code: [network.circle_fault(found)] for code in found if code in incoming}
            if keep_edited and len(refused) < len(found):
                outcome = "edited here and kept"
        if not refused:
            return would
        for code, faults in refused.items():
            del incoming[code]
            taken[code] = Taken(outcome, faults if outcome == "refused" else [])
    message = "too many concepts refer to others that cannot be taken in, or fall under each other: mend these first"
    raise Invalid([Fault(location="body", field="broader", message=message)])


def _yielding(code: str, content: Content, kept: Collection[str], present: Mapping[str, Content]) -> Content:
    """Return a content that says of its ties with concepts that are kept what these say, and none to deleted ones."""
    related = {one for one in content["related"] if one not in kept}
    related |= {one for one in kept if one in present and code in present[one]["related"]}
    broader = [one for one in content["broader"] if one not in kept or one in present]
    return content | {"related": sorted(related), "broader": broader}


def _rows(session: Session) -> dict[str, ThesaurusConcept]:
    return {row.code: row for row in repository.every(session)}


def _present(rows: Rows) -> dict[str, Content]:
    return {code: row.content for code, row in rows.items() if row.content is not None}


def _check_version(rows: Rows, code: str, version: int) -> None:
    row = rows.get(code)
    if row is None or row.content is None:
        raise PreconditionFailed(f"There is no concept '{code}', or no more: send `If-None-Match: *` to add it")
    if row.version != version:
        raise stale(version, row.version)


def _check_count(would: Mapping[str, Content]) -> None:
    if len(would) > MOST_CONCEPTS:
        message = f"there would be {len(would)} concepts; at most {MOST_CONCEPTS} are allowed"
        raise Invalid([Fault(location="body", field="concepts", message=message)])


def _store(
    session: Session, caller: Caller, rows: Rows, would: Mapping[str, Content], gone: Collection[str] = ()
) -> None:
    """Write what differs, and publish the whole anew."""
    _check_count(would)
    if would == _present(rows):
        return
    moment, new = now(), []
    for code, content in [*would.items(), *((code, None) for code in gone)]:
        row = rows.get(code)
        if row is None:
            row = ThesaurusConcept(code=code, created_at=moment, updated_at=moment, updated_by=caller.id)
            row.content = content
            new.append(row)
        elif row.content != content:
            row.content, row.version = content, row.version + 1
            row.updated_at, row.updated_by = moment, caller.id
    repository.add(session, new)
    body = changes.render(_record(dict(sorted(would.items()))))
    if len(body) > MOST_BYTES:
        message = f"the whole thesaurus would take {len(body)} bytes; at most {MOST_BYTES} are allowed"
        raise Invalid([Fault(location="body", field="concepts", message=message)])
    changes.publish(session, "vocabulary", NAME, body)


def _record(concepts: Mapping[str, Content]) -> dict[str, Any]:
    below = network.narrower(concepts)
    terms = [_term(code, content, below.get(code, [])) for code, content in concepts.items()]
    return {"type": "vocabulary", "id": NAME, "terms": terms}


def _term(code: str, content: Content, below: list[str]) -> dict[str, Any]:
    return {
        "code": code,
        "labels": content["labels"],
        "alternatives": content["alternatives"],
        "broader": content["broader"],
        "narrower": below,
        "related": content["related"],
    }
