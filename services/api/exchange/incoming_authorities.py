"""Authorities from a folder: each after those that it names, by their slugs; what people changed here since stays."""

from collections.abc import Iterator, Sequence

from sqlmodel import Session

from services.api.access.service import OPERATOR
from services.api.authorities import service as authorities
from services.api.authorities.models import Authority
from services.api.authorities.schemas import AuthorityCreate, AuthorityWrite
from services.api.exchange.items import Item, Options
from services.api.exchange.schemas import Outcome
from services.web.problems import Invalid, PreconditionFailed

Named = Item[AuthorityCreate]


def settle(session: Session, items: Sequence[Named], options: Options, promised: set[str]) -> None:
    """Store what is new or changed, or only tell what would be; `promised` gains the slugs of those accepted."""
    given = {str(item.checked.slug): item for item in items}
    named = {name for item in items for name in _named(item.checked).values()}
    found = authorities.find_all(session, given.keys() | named)
    for item in _in_order(given):
        slug, missing = str(item.checked.slug), False
        for field, name in _named(item.checked).items():
            if name not in found and name not in promised:
                item.reject(field, f"There is no authority '{name}', neither here nor among these", name)
                missing = True
        if not missing:
            try:
                item.outcome = _load(session, found.get(slug), item.checked, options)
            except Invalid as refusal:
                item.faults += refusal.errors
                continue
            promised.add(slug)
    for item in items:
        if item.outcome == "rejected" and not item.faults:
            for field, name in _named(item.checked).items():
                item.reject(field, "these name each other in a circle", name)


def _load(session: Session, found: Authority | None, record: AuthorityCreate, options: Options) -> Outcome:
    body = AuthorityWrite(**{name: getattr(record, name) for name in AuthorityWrite.model_fields})
    if found is None:
        if not options.dry_run:
            authorities.create(session, OPERATOR, record)
        return "added"
    if authorities.written(session, found) == body:
        return "unchanged"
    if found.updated_by != OPERATOR.id:
        return "edited here and kept"
    if not options.dry_run:
        try:
            authorities.update(session, OPERATOR, found, body, found.version)
        except PreconditionFailed:
            return "edited here and kept"
    return "changed"


def _named(record: AuthorityWrite) -> dict[str, str]:
    """Return the other authorities that one names, by field."""
    both = {"parent": record.parent, "successor": record.successor}
    return {field: name for field, name in both.items() if name is not None}


def _in_order(given: dict[str, Named]) -> Iterator[Named]:
    """Yield authorities, each after those that it names; those from which they lead back are left out."""
    waiting = dict(given)
    while ready := [slug for slug, item in waiting.items() if waiting.keys().isdisjoint(_named(item.checked).values())]:
        for slug in ready:
            yield waiting.pop(slug)
