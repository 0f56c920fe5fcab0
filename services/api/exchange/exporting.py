"""Writes the practices of the base into files, all of one moment."""

from collections.abc import Iterator

from sqlmodel import Session

from services.api.exchange.entries import Json
from services.api.exchange.shape import canonical, content
from services.api.practices import batches
from services.api.practices.batches import Present


def records(session: Session, *, published: bool) -> Iterator[Json]:
    """Yield every practice as files hold it, by external id: the published ones, or the latest revision of all."""
    return map(record, batches.snapshot(session, published=published))


def record(one: Present) -> Json:
    """Return a practice as files hold it, which an import of it leaves as it is."""
    return {
        "external_id": one.external_id,
        **({"owner": one.owner} if one.owner else {}),
        **({"tier": one.tier} if one.tier else {}),
        "content": canonical(one.revision.content, content()),
        "translations": one.revision.translations,
    }
