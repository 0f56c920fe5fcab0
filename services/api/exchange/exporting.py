"""Writes the practices of the base into files, all of one moment."""

from collections.abc import Iterator

from sqlmodel import Session

from services.api.exchange.entries import Json
from services.api.exchange.shape import canonical, content
from services.api.practices import batches
from services.api.practices.models import Practice, PracticeRevision


def records(session: Session, *, published: bool) -> Iterator[Json]:
    """Yield every practice as files hold it, by external id: the published ones, or the latest revision of all."""
    for practice, revision, owner in batches.snapshot(session, published=published):
        yield record(practice, revision, owner)


def record(practice: Practice, revision: PracticeRevision, owner: str | None) -> Json:
    """Return a practice as files hold it; one that came from no file is known by its id."""
    return {
        "external_id": practice.seed or practice.id.urn,
        **({"owner": owner} if owner else {}),
        "content": canonical(revision.content, content()),
        "translations": revision.translations,
    }
