"""What is new in followed searches: due ones are asked of the search service over HTTP, as any client would."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import parse_qsl
from uuid import UUID

import httpx
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from services.api.changes import service as changes
from services.api.kit.db import Database
from services.api.kit.moments import moment as read_moment
from services.api.letters import service as letters
from services.api.readers import repository
from services.api.readers.letters import DIGEST
from services.api.readers.models import Every
from services.api.readers.rules import PERIOD
from services.api.records.names import AUTHORITY
from services.api.types import TYPES
from services.web.observe import log

AT_ONCE = 20
"""Searches that are asked one after another before the next are looked for."""
PER_PAGE = 50
MOST_PAGES = 4
SHOWN = 20
"""Records that one letter names; the others are counted."""
SETTLED = timedelta(minutes=10)
"""What was published later than so long ago is told next time: a moment of publication is older than its commit."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(days=1)
"""Until a search that could not be asked is asked again: twice as long each time."""


class NotAsked(Exception):
    """A search service that does not answer, refuses the question, or answers otherwise than it says."""


@dataclass(frozen=True)
class Due:
    """A search to be asked: what was published from `since` on, before `until`, in an index that has come to `mark`.

    Both are whole seconds, as moments of publication are told.
    """

    id: UUID
    question: str
    language: str
    since: datetime
    until: datetime
    mark: str


@dataclass(frozen=True)
class New:
    """A record that is new in a search."""

    title: str
    path: str
    date: str


def take_due(database: Database, moment: datetime) -> Sequence[Due]:
    """Take up searches that are due; each is due again after a while, unless it is asked meanwhile."""
    with database.transaction() as session:
        mark = str(changes.head(session))
        taken = []
        for search in repository.due(session, moment, AT_ONCE):
            since = search.told_until
            until = max(since, (moment - SETTLED).replace(microsecond=0))
            taken.append(Due(search.id, search.question, search.language, since, until, mark))
            search.due_at = moment + min(FIRST_WAIT * 2 ** min(search.attempts, 20), LONGEST_WAIT)
            search.attempts += 1
        return taken


async def ask(client: httpx.AsyncClient, due: Due) -> tuple[Sequence[New], bool]:
    """Return what is new in a search, the newest first, and whether there is more; raise `NotAsked`."""
    pairs = [*parse_qsl(due.question), ("lang", due.language), ("min_seq", due.mark), ("facets", "none")]
    found: list[New] = []
    for page in range(1, MOST_PAGES + 1):
        asked = [*pairs, ("sort", "newest"), ("per_page", str(PER_PAGE)), ("page", str(page))]
        hits = await _hits(client, asked)
        for hit in hits:
            try:
                published = read_moment(hit["published_at"])
                if published < due.since:
                    return found, False
                if published < due.until:
                    found.append(New(str(hit["title"]), _path(hit), published.date().isoformat()))
            except (KeyError, TypeError, ValueError) as error:
                raise NotAsked(f"an answer of another shape ({type(error).__name__})") from None
        if len(hits) < PER_PAGE:
            return found, False
    return found, True


async def _hits(client: httpx.AsyncClient, pairs: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    try:
        answer = await client.get("/search/v1/records", params=httpx.QueryParams(tuple(pairs)))
        if answer.status_code != 200:
            raise NotAsked(f"status {answer.status_code}")
        return cast(list[dict[str, Any]], answer.json()["hits"])
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
        raise NotAsked(type(error).__name__) from None


def _path(hit: dict[str, Any]) -> str:
    plural = "authorities" if hit["type"] == AUTHORITY else TYPES[hit["type"]].plural
    return f"/{plural}/{hit['slug']}"


def tell(session: Session, due: Due, new: Sequence[New], more: bool, moment: datetime) -> None:
    """Post a letter with what is new, if anything is, and look again after the search's period."""
    search = repository.hold_search(session, due.id)
    if search is None or search.told_until != due.since:
        return  # it was stopped, or somebody else has told it
    period = PERIOD[cast(Every, search.every)]
    search.told_until, search.attempts = due.until, 0
    search.due_at = moment + period
    if new:
        shown = [{"title": one.title, "path": one.path, "date": one.date} for one in new[:SHOWN]]
        left = max(len(new) - SHOWN, 0)
        data = {
            "search": str(search.id),
            "since": due.since.date().isoformat(),
            "found": shown,
            "more": f"{left}{'+' if more else ''}" if left or more else "",
        }
        letters.post(session, DIGEST, search.email, search.language, data)


async def look(database: Database, client: httpx.AsyncClient, moment: datetime) -> int:
    """Ask searches that are due, and tell what is new; return how many were taken up."""
    taken = await run_in_threadpool(take_due, database, moment)
    for due in taken:
        try:
            new, more = await ask(client, due)
        except NotAsked as error:
            log.warning("followed search not asked", search=str(due.id), cause=str(error))
            continue
        await run_in_threadpool(_told, database, due, new, more, moment)
    return len(taken)


def _told(database: Database, due: Due, new: Sequence[New], more: bool, moment: datetime) -> None:
    with database.transaction() as session:
        tell(session, due, new, more, moment)
