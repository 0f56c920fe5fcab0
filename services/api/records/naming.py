"""Slugs of records: made of their first published title, and never taken by another record of the type."""

from collections.abc import Sequence

from sqlmodel import Session

from services.api.forms.types import RecordType
from services.api.kit.slugs import reads_as_id, slug_of
from services.api.records import repository
from services.api.records.models import Record


def name_all(session: Session, type: RecordType, records: Sequence[Record], titles: Sequence[str]) -> list[str]:
    """Give each record the slug of its title, with a number behind it when that is taken; return the slugs."""
    slugs = [slug_of(title) for title in titles]
    taken = repository.taken_slugs(session, type.name, set(slugs))
    last: dict[str, int] = {}
    for record, slug in zip(records, slugs, strict=True):
        candidate = slug
        if slug in taken or reads_as_id(slug):
            if slug not in last:
                taken |= repository.numbered_slugs(session, type.name, slug)
            number = last.get(slug, 1) + 1
            while (candidate := f"{slug}-{number}") in taken or reads_as_id(candidate):
                number += 1
            last[slug] = number
        taken.add(candidate)
        record.slug = candidate
    return [str(record.slug) for record in records]
