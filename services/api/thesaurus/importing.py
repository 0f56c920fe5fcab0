"""Concepts of a SKOS file taken in, or tried out, and the report on them."""

from collections import Counter

from sqlmodel import Session

from services.api.access.service import Caller
from services.api.thesaurus import network, service
from services.api.thesaurus.schemas import ImportedConcept, NotKept, ThesaurusReport
from services.api.thesaurus.skos import MOST_NOT_KEPT, File


def take_in(session: Session, caller: Caller, file: File, *, dry_run: bool) -> ThesaurusReport:
    """Add or replace the concepts of a file, or only tell what would be done with each."""
    given = {one.code: one.concept for one in file.concepts if one.concept is not None}
    taken = service.take_in(session, caller, given, keep_edited=False, dry_run=dry_run)
    told = [
        ImportedConcept(code=one.code, uri=one.uri, outcome=taken[one.code].outcome, faults=taken[one.code].faults)
        if one.concept is not None
        else ImportedConcept(code=one.code, uri=one.uri, outcome="refused", faults=one.faults)
        for one in file.concepts
    ]
    accepted = {code: network.content_of(given[code]) for code, one in taken.items() if one.outcome != "refused"}
    together = service.contents(session) | accepted
    return ThesaurusReport(
        written=not dry_run,
        counts=dict(Counter(one.outcome for one in told)),
        concepts=sorted(told, key=lambda one: one.code),
        not_kept=[NotKept(what=what, count=count) for what, count in file.not_kept.most_common(MOST_NOT_KEPT)],
        shared_words=network.shared_words(dict(sorted(together.items())), accepted.keys()),
    )
