"""Who is told of what: notices are kept with what they tell, and go out in letters as often as each person wants."""

from collections.abc import Iterable, Mapping
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session

from services.api.access import accounts as people
from services.api.access import service as access
from services.api.access.models import Account
from services.api.access.service import Caller
from services.api.kit.moments import now
from services.api.letters import service as letters
from services.api.notices import repository
from services.api.notices.kinds import DEFAULTS, KINDS, Kind, Often, due
from services.api.notices.models import Notice, NoticeSetting

AT_ONCE, DIGEST = "notices", "digest"
"""Kinds of letters."""


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
    language (en, es, fr, it), in short on its first line, or as somebody's own words. Whoever did it (`by`, named in
    the letter) is not told; neither are accounts that are deactivated, nor people who never want to hear of this kind.
    """
    moment = now()
    found = people.active(session, {id for id in accounts if by is None or str(id) != by.id})
    wanted = _wanted(session, found)
    for one in found:
        often = wanted[one.id][kind]
        if often == "never":
            continue
        data: dict[str, Any] = {
            "title": title,
            "path": path,
            "text": text if isinstance(text, str) else dict(text),
            "by": by.name if by else None,
            "standing": people.standing(one),
        }
        when = due(often, moment)
        repository.add(session, Notice(account_id=one.id, kind=kind, at=moment, due_at=when, data=data))
        # One letter a notice: whichever comes first tells of all that is due, and the others find nothing left to tell.
        letter = AT_ONCE if often == "at-once" else DIGEST
        letters.post(session, letter, one.email, one.language, {"account": str(one.id)}, due=when)


def settings(session: Session, caller: Caller) -> dict[Kind, Often]:
    """Return how often a person is told of each kind."""
    account = people.find(session, UUID(caller.id))
    return _wanted(session, [account])[account.id]


def set_all(session: Session, caller: Caller, wanted: Mapping[Kind, Often]) -> dict[Kind, Often]:
    """Keep how often a person wants to be told of each kind; what is not named is told by default."""
    _set(session, people.find(session, UUID(caller.id)), DEFAULTS | dict(wanted))
    access.audit(session, caller, "notices.set", "account", caller.id, {"often": dict(wanted)})
    return settings(session, caller)


def stop(session: Session, data: Mapping[str, Any], everything: bool) -> None:
    """Tell a person no more of the kinds that a letter told of, or of anything."""
    account = people.find(session, UUID(data["account"]))
    kinds = list(KINDS if everything else stoppable(data))
    _set(session, account, _wanted(session, [account])[account.id] | dict.fromkeys(kinds, "never"))
    access.audit(session, None, "notices.stop", "account", str(account.id), {"kinds": kinds})


def stoppable(data: Mapping[str, Any]) -> list[Kind]:
    """Return the kinds that a letter told of."""
    return [kind for kind in KINDS if kind in data["kinds"]]


def forget_untold(session: Session) -> None:
    """Tell nobody what was not told yet: a restored base's people have heard of it, or are not to from here."""
    repository.forget_all_untold(session)


def _set(session: Session, account: Account, wanted: Mapping[Kind, Often]) -> None:
    repository.forget_settings(session, account.id)
    for kind, often in wanted.items():
        if often != DEFAULTS[kind]:
            repository.add(session, NoticeSetting(account_id=account.id, kind=kind, often=often))
    repository.forget_untold(session, account.id, [kind for kind, often in wanted.items() if often == "never"])


def _wanted(session: Session, accounts: Iterable[Account]) -> dict[UUID, dict[Kind, Often]]:
    """Return how often people are told of each kind, by account."""
    found = {one.id: dict(DEFAULTS) for one in accounts}
    for said in repository.settings(session, list(found)):
        if said.kind in KINDS:  # a kind that an older version knew is no more
            found[said.account_id][said.kind] = cast(Often, said.often)
    return found
