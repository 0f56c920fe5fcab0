"""Who is told of what: notices are kept with what they tell, and go out in letters as often as each person wants."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session

from services.api.access import accounts as people
from services.api.access.service import Caller
from services.api.kit.moments import now
from services.api.letters import service as letters
from services.api.notices import repository
from services.api.notices.kinds import DEFAULTS, Kind, Often, due
from services.api.notices.models import Notice

AT_ONCE, DIGEST = "notices", "digest"
"""Kinds of letters."""
GRACE = timedelta(minutes=3)
"""How long a letter waits for more to tell."""


def tell(
    session: Session,
    kind: Kind,
    accounts: Iterable[UUID],
    *,
    title: str,
    path: str,
    text: Mapping[str, str] | str,
    by: Caller | None = None,
) -> None:
    """Tell people of something, in the transaction in which it happens.

    `title` names what it is about, `path` the page of the portal that shows it, and `text` says what happened, by
    language (en, es, fr, it), or as somebody's own words. Whoever did it (`by`, named in the letter) is not told;
    neither are accounts that are deactivated, nor people who never want to hear of this kind.
    """
    moment = now()
    found = people.active(session, {id for id in accounts if by is None or str(id) != by.id})
    wanted = repository.often(session, [one.id for one in found], kind)
    for one in found:
        often = cast(Often, wanted.get(one.id, DEFAULTS[kind]))
        if often == "never":
            continue
        when = due(often, moment, GRACE)
        data: dict[str, Any] = {
            "title": title,
            "path": path,
            "text": text if isinstance(text, str) else dict(text),
            "by": by.name if by else None,
            "standing": people.standing(one),
        }
        repository.add(session, Notice(account_id=one.id, kind=kind, at=moment, due_at=when, data=data))
        # One letter a notice: whichever comes first tells of all that is due, and the others find nothing left to tell.
        letter = AT_ONCE if often == "at-once" else DIGEST
        letters.post(session, letter, one.email, one.language, {"account": str(one.id)}, due=when)
