"""Authorities from a folder: parents first, known by their slugs; what people changed here since stays."""

from collections.abc import Iterator, Sequence

from sqlmodel import Session

from services.api.access.service import OPERATOR
from services.api.authorities import service as authorities
from services.api.authorities.models import Authority
from services.api.authorities.schemas import AuthorityCreate, AuthorityWrite
from services.api.exchange.items import Item, Options
from services.api.exchange.schemas import Outcome
from services.web.problems import PreconditionFailed

Named = Item[AuthorityCreate]


def settle(session: Session, items: Sequence[Named], options: Options, promised: set[str]) -> None:
    """Store what is new or changed, or only tell what would be; `promised` gains the slugs of those accepted."""
    given = {str(item.checked.slug): item for item in items}
    parents = {item.checked.parent for item in items if item.checked.parent}
    found = authorities.find_all(session, given.keys() | parents)
    for item in _parents_first(given):
        slug, parent = str(item.checked.slug), item.checked.parent
        if parent and parent not in found and parent not in promised:
            item.reject("parent", f"There is no authority '{parent}', neither here nor among these", parent)
            continue
        item.outcome = _load(session, found.get(slug), item.checked, options)
        promised.add(slug)
    for item in items:
        if item.outcome == "rejected" and not item.faults:
            item.reject("parent", "an authority cannot belong to itself", item.checked.parent)


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


def _parents_first(given: dict[str, Named]) -> Iterator[Named]:
    """Yield authorities, each after its parent; those that belong to themselves are left out."""
    waiting = dict(given)
    while ready := [slug for slug, item in waiting.items() if item.checked.parent not in waiting]:
        for slug in ready:
            yield waiting.pop(slug)
