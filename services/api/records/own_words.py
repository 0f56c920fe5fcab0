"""Whose words a record may be that tells of another one: of an authority that owns that or is named there, and once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session

from services.api.authorities import service as authorities
from services.api.authorities.models import Authority
from services.api.forms.rules import Content
from services.api.forms.types import OwnWords, RecordType
from services.api.records import parties, repository
from services.api.records.models import Record, RecordRevision
from services.api.records.names import AUTHORITY, Names
from services.api.types import TYPES
from services.web.problems import Fault, Invalid

OF_OTHERS = "it belongs to another authority, and nobody tells anything in the name of another one"


@dataclass(frozen=True)
class Teller:
    """Whose words are checked: the authority that they belong to, none where that is open, and their own record."""

    owner: UUID | None = None
    record: UUID | None = None


NOBODY = Teller()


class Refusal(NamedTuple):
    """Why an authority may not tell of a record: at which path, what is said there, what would be allowed."""

    path: str
    value: str
    message: str
    allowed: list[str] | None = None


def refusals(session: Session, type: RecordType, content: Content, teller: Teller) -> Iterator[Refusal]:
    """Yield what forbids that an authority tells what a content, or any JSON, tells in its words.

    Where either is not in the base, or not named at all, nothing is said here: that is told of in any type.
    """
    if (told := type.own_words) is None:
        return
    said = {one.path: one.name for one in type.form.named(content)}
    if told.of not in said or told.by not in said:
        return
    names = Names(session)
    names.look_up({said[told.of], said[told.by]})
    record, authority = names.target(said[told.of]), names.target(said[told.by])
    if not isinstance(record, Record) or not isinstance(authority, Authority):
        return
    of, by = said[told.of][1], said[told.by][1]
    if teller.owner not in (None, authority.id):
        yield Refusal(told.by, by, OF_OTHERS, [slug] if (slug := authorities.slug(session, teller.owner)) else None)
    part = _taking_part(session, record)
    if authority.id not in part:
        label = said[told.of][0].replace("-", " ")
        message = f"the {label} '{of[:120]}' neither names the authority '{by[:120]}' nor belongs to it"
        slugs = (authorities.slug(session, id) for id in part)
        yield Refusal(told.by, by, message, sorted(slug for slug in slugs if slug))
    if (other := _told(session, type, told, record, authority, teller)) is not None:
        message = f"the authority '{by[:120]}' tells of it already, in the {type.label} '{other.slug}': revise that"
        yield Refusal(told.of, of, message)


def require(session: Session, record: Record, revision: RecordRevision) -> None:
    """Raise `Invalid` when the authority that a revision names may not tell what it tells in its words."""
    type = TYPES[record.type]
    teller = Teller(parties.owners(session, [record.id]).get(record.id), record.id) if type.own_words else NOBODY
    faults = [
        Fault(location="body", field=f"content.{one.path}", message=one.message, value=one.value, allowed=one.allowed)
        for one in refusals(session, type, revision.content, teller)
    ]
    if faults:
        raise Invalid(faults)


def _taking_part(session: Session, record: Record) -> set[UUID]:
    """Return the authorities that a public record names, and the one that it belongs to."""
    named = {one.to_id for one in repository.mentions(session, [record.id]) if one.to_type == AUTHORITY}
    owner = parties.owners(session, [record.id]).get(record.id)
    return named | ({owner} if owner else set())


def _told(
    session: Session, type: RecordType, told: OwnWords, record: Record, authority: Authority, teller: Teller
) -> Record | None:
    """Return another public record of the type in which the authority tells of the record."""
    both = {*repository.naming(session, [record.id])} & {*repository.naming(session, [authority.id])} - {teller.record}
    said = {(one.record_id, one.path): one.to_id for one in repository.mentions(session, both)}
    return next(
        (
            one
            for one in repository.several(session, both)
            if one.type == type.name
            and said.get((one.id, told.of)) == record.id
            and said.get((one.id, told.by)) == authority.id
        ),
        None,
    )
