"""Concepts from a folder, known by their codes; what people changed or deleted here since stays so."""

from collections.abc import Sequence

from sqlmodel import Session

from services.api.access.service import OPERATOR
from services.api.exchange.items import Item, Options
from services.api.thesaurus import service as thesaurus
from services.api.thesaurus.schemas import ConceptCreate
from services.web.problems import Invalid


def settle(session: Session, items: Sequence[Item[ConceptCreate]], options: Options) -> None:
    """Store what is new or changed, or only tell what would be."""
    given = {item.checked.code: item.checked for item in items}
    try:
        taken = thesaurus.take_in(session, OPERATOR, given, keep_edited=True, dry_run=options.dry_run)
    except Invalid as refused:
        for item in items:
            item.faults += refused.errors
        return
    for item in items:
        told = taken[item.checked.code]
        if told.outcome == "refused":
            item.faults += told.faults
        else:
            item.outcome = told.outcome
