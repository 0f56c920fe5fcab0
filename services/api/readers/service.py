"""Readers without an account: what is asked in the name of an address, and what comes of it once that is confirmed.

Whatever is asked is taken in the same way, whoever asks: what is known of an address shows in letters to it alone.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session

from services.api.access import service as access
from services.api.access.service import Caller, hashed
from services.api.authorities import service as authorities
from services.api.kit.db import lock
from services.api.kit.moments import now, rfc3339
from services.api.kit.paging import Position
from services.api.letters import service as letters
from services.api.readers import addressees, repository
from services.api.readers.addressees import About
from services.api.readers.models import (
    BlockedReader,
    Every,
    FollowedSearch,
    Kind,
    Purpose,
    ReaderLink,
    ReaderMessage,
    ReaderRequest,
)
from services.api.readers.rules import DAY, LASTS, MESSAGES_A_DAY, MOST_FOLLOWED, PERIOD, Rules
from services.api.readers.schemas import FollowCreate, MessageCreate, OverviewCreate
from services.web.problems import Conflict, Fault, Invalid, NotFound, TooManyRequests

Json = dict[str, Any]
CONFIRM, HAND_ON = "reader-confirm", "reader-message"
"""Kinds of letters: to a reader who is to confirm something, and to an office that was written to."""
ROOM = "readers"
_MARK: dict[Purpose, str] = {"request": "q", "report": "p"}


def addressee(session: Session, type: str, id_or_slug: str) -> Json:
    """Return a public record or an authority with the office behind it (`AddresseeRead`); raise `NotFound`."""
    about = addressees.find(session, type, id_or_slug)
    office = authorities.get(session, about.authority_id) if about.authority_id else None
    named = {"slug": office.slug, "name": office.name, "website": office.website} if office else None
    return about.shown() | {"office": named}


def ask_for_message(session: Session, body: MessageCreate) -> None:
    """Take a message that is to be handed on; raise `Invalid` when it is about nothing public."""
    try:
        about = addressees.find(session, body.to.type, body.to.id)
    except NotFound as missing:
        raise Invalid([Fault(location="body", field="to", message=missing.detail, value=body.to.id)]) from None
    data = {"type": about.type, "id": str(about.id), "name": body.name, "text": body.text}
    _ask(session, "message", body.email, body.language, data)


def ask_to_follow(session: Session, body: FollowCreate) -> None:
    """Take a search that is to be followed."""
    _ask(session, "search", body.email, body.language, {"question": body.question, "every": body.every})


def ask_for_overview(session: Session, body: OverviewCreate) -> None:
    """Take that somebody wants to see what an address follows."""
    _ask(session, "overview", body.email, body.language, {})


def _ask(session: Session, kind: Kind, email: str, language: str, data: Json) -> None:
    moment = now()
    request = ReaderRequest(kind=kind, email=email, language=language, data=data, created_at=moment)
    repository.add(session, request)
    letters.post(session, CONFIRM, email, language, {"request": str(request.id)})
    access.audit(session, None, f"reader.{kind}.ask", "reader_request", str(request.id), at=moment)


def new_link(session: Session, purpose: Purpose, target_id: UUID) -> str:
    """Return a new token for a link in a letter."""
    token = f"praxis_{_MARK[purpose]}_{secrets.token_urlsafe(32)}"
    repository.add(session, ReaderLink(secret_hash=hashed(token), purpose=purpose, target_id=target_id))
    return token


def read(session: Session, token: str) -> Json:
    """Return what a link in a letter is about (`RequestRead`); raise `Invalid` for one that is not good."""
    request = _request(session, token)
    shown: Json = {"kind": request.kind, "email": request.email}
    if request.kind == "message":
        about = _about(session, request.data["type"], request.data["id"])
        if about is None:
            raise no_good()
        return shown | {"to": about.shown(), "name": request.data["name"], "text": request.data["text"]}
    if request.kind == "overview":
        return shown | {"follows": [_followed(one) for one in repository.searches(session, request.email)]}
    return shown | request.data


def confirm(session: Session, token: str) -> Kind:
    """Let happen what a link in a letter is about, once; raise `Invalid` for one that is not good.

    Raise `TooManyRequests` when the office has got as many messages today as it is to get: the link stays good.
    """
    request = _request(session, token)
    kind = cast(Kind, request.kind)
    act = {"message": _hand_on, "search": _follow}.get(kind)
    if act is None or not repository.take_request(session, request.id):
        raise no_good()
    act(session, request, now())
    return kind


def _hand_on(session: Session, request: ReaderRequest, moment: datetime) -> None:
    about = _about(session, request.data["type"], request.data["id"])
    if about is None:
        raise no_good()
    office = addressees.office(session, about.authority_id)
    if not office.people:
        raise Conflict("There is nobody yet who could read it: write another time")
    to = None if office.instead else about.authority_id
    lock(session, f"messages to {to}")
    if repository.messages_to(session, to, moment - DAY) >= MESSAGES_A_DAY:
        raise TooManyRequests("This office has got as many messages today as it takes: try again tomorrow", 3600 * 6)
    message = ReaderMessage(
        email=request.email,
        name=request.data["name"],
        language=request.language,
        to_type=about.type,
        to_id=about.id,
        authority_id=to,
        text=request.data["text"],
        sent_at=moment,
    )
    repository.add(session, message)
    for person in office.people:
        data = {"message": str(message.id), "instead": office.instead}
        letters.post(session, HAND_ON, person.email, person.language, data, reply_to=request.email)
    detail = {"to": f"{about.type} {about.id}", "people": len(office.people)}
    access.audit(session, None, "reader.message.send", "reader_message", str(message.id), detail, moment)


def _follow(session: Session, request: ReaderRequest, moment: datetime) -> None:
    question, every = str(request.data["question"]), cast(Every, request.data["every"])
    lock(session, f"followed by {hashed(request.email)}")
    followed = repository.searches(session, request.email)
    for one in followed:
        if one.question == question:  # asked for again: as often as it says now, in the language that it is asked in
            one.every, one.language = every, request.language
            access.audit(session, None, "reader.search.follow", "followed_search", str(one.id), at=moment)
            return
    if len(followed) >= MOST_FOLLOWED:
        raise Conflict(f"An address follows at most {MOST_FOLLOWED} searches: stop one of them first")
    search = FollowedSearch(
        email=request.email,
        language=request.language,
        question=question,
        every=every,
        created_at=moment,
        told_until=moment.replace(microsecond=0),
        due_at=moment + PERIOD[every],
    )
    repository.add(session, search)
    access.audit(session, None, "reader.search.follow", "followed_search", str(search.id), at=moment)


def stop_by_list(session: Session, token: str, search_id: UUID | None) -> None:
    """Stop a search, or all, that the address of a list follows; raise `Invalid` for a token that is not good.

    One that is followed no more, or is somebody else's, is left as it is.
    """
    request = _request(session, token)
    if request.kind != "overview":
        raise no_good()
    for one in repository.searches(session, request.email):
        if search_id in (None, one.id):
            stop(session, one.id)
    if not repository.searches(session, request.email):
        repository.take_request(session, request.id)  # nothing is left of the address


def stop(session: Session, search_id: UUID, *, everything: bool = False) -> None:
    """Stop following a search, or all that its address follows; one that is followed no more is left as it is."""
    search = repository.search(session, search_id)
    for one in repository.searches(session, search.email) if search and everything else [search]:
        if one is not None and repository.drop_search(session, one.id):
            access.audit(session, None, "reader.search.stop", "followed_search", str(one.id))


def report(session: Session, token: str) -> None:
    """Bring a message before the secretariat, by a link of whoever got it; raise `Invalid` for one that is not good."""
    link = repository.link(session, hashed(token), "report")
    if link is None:
        raise no_good()
    repository.report(session, link.target_id, now())
    access.audit(session, None, "reader.message.report", "reader_message", str(link.target_id))


def reported(session: Session, after: Position[datetime] | None, limit: int) -> Sequence[ReaderMessage]:
    """Return up to `limit + 1` reported messages, the oldest report first, after a position."""
    return repository.reported(session, after, limit)


def reported_shown(session: Session, message: ReaderMessage) -> Json:
    """Return a reported message as the secretariat sees it (`ReportedRead`)."""
    about = _about(session, message.to_type, str(message.to_id))
    assert message.reported_at is not None  # noqa: S101 - it is asked for by that
    return {
        "id": str(message.id),
        "to": about.shown() if about else None,
        "name": message.name,
        "email": message.email,
        "language": message.language,
        "text": message.text,
        "sent_at": rfc3339(message.sent_at),
        "reported_at": rfc3339(message.reported_at),
    }


def dismiss(session: Session, caller: Caller, id: UUID) -> None:
    """Decide that a reported message is none to act on, and forget it; raise `NotFound`."""
    _decide(session, caller, id, "reader.message.dismiss", lambda message: None)


def block(session: Session, caller: Caller, id: UUID) -> None:
    """Send nothing any more in the name of a reported message's address, and forget all of it; raise `NotFound`."""

    def shut_out(message: ReaderMessage) -> None:
        email_hash = hashed(message.email)
        if not repository.is_blocked(session, email_hash):
            repository.add(session, BlockedReader(email_hash=email_hash, at=now(), caller=caller.id))
        repository.drop_all(session, message.email)

    _decide(session, caller, id, "reader.message.block", shut_out)


def _decide(session: Session, caller: Caller, id: UUID, action: str, act: Callable[[ReaderMessage], None]) -> None:
    message = repository.message(session, id)
    if message is None or not repository.drop_message(session, id):
        raise NotFound("There is no such message any more: it was decided on, or kept long enough")
    act(message)
    access.audit(session, caller, action, "reader_message", str(id))


def blocked(session: Session, email: str) -> bool:
    """Tell whether an address is blocked."""
    return repository.is_blocked(session, hashed(email))


def forget(session: Session, rules: Rules, moment: datetime) -> None:
    """Delete what nobody confirmed in time, and messages that were kept long enough."""
    repository.forget(session, moment - LASTS, moment - rules.kept)


def no_good() -> Invalid:
    """Return the answer to a link that leads nowhere any more."""
    return Invalid([Fault(location="body", field="token", message="unknown, used or expired: ask for another one")])


def _request(session: Session, token: str) -> ReaderRequest:
    link = repository.link(session, hashed(token), "request")
    request = repository.request(session, link.target_id) if link else None
    if request is None or request.created_at + LASTS <= now() or blocked(session, request.email):
        raise no_good()
    return request


def _about(session: Session, type: str, id: str) -> About | None:
    try:
        return addressees.find(session, type, id)
    except NotFound:
        return None


def _followed(search: FollowedSearch) -> Json:
    return {
        "id": str(search.id),
        "question": search.question,
        "every": search.every,
        "created_at": rfc3339(search.created_at),
    }
