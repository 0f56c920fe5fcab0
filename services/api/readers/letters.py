"""The letters of this room, worded when their turn has come; their links are made then, and kept nowhere."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from services.api.letters.models import Letter
from services.api.letters.stops import Stopper
from services.api.letters.writers import Block, Link, Quote, Stop, Writer, Written
from services.api.readers import addressees, repository, service
from services.api.readers.models import ReaderRequest
from services.api.readers.rules import ASKS_A_DAY, DAY
from services.api.readers.service import CONFIRM, HAND_ON, ROOM
from services.api.readers.wording import say, told
from services.web.problems import NotFound

DIGEST = "reader-digest"
CONFIRM_PAGE, REPORT_PAGE = "/readers/confirm?token=", "/readers/report?token="
SEARCH_PAGE, FOLLOWS_PAGE = "/readers/search?", "/readers/follows"
"""Pages of the portal."""


def _confirm(session: Session, letter: Letter) -> Written | None:
    """Ask a reader to confirm; nothing is sent to who is blocked, has asked too much today or follows nothing."""
    request = repository.request(session, UUID(letter.data["request"]))
    if request is None:
        return None
    borne = repository.asked_before(session, request, request.created_at - DAY) < ASKS_A_DAY
    idle = request.kind == "overview" and not repository.searches(session, request.email)
    if service.blocked(session, request.email) or not borne or idle:
        repository.take_request(session, request.id)
        return None
    asked = _asked(session, request)
    if asked is None:
        return None
    repository.drop_links(session, request.id)  # of an attempt to send it that failed
    page = CONFIRM_PAGE + service.new_link(session, "request", request.id)
    lang, kind = request.language, request.kind
    blocks: list[Block] = [*asked, Link(say(f"{kind}.link", lang), page), say("not-you", lang)]
    return Written(say(f"{kind}.subject", lang), blocks)


def _asked(session: Session, request: ReaderRequest) -> list[Block] | None:
    lang, data = request.language, request.data
    if request.kind == "overview":
        return [say("overview.asked", lang)]
    if request.kind == "search":
        every = say(f"every.{data['every']}", lang)
        return [say("search.asked", lang, every=every, search=told(data["question"], lang))]
    try:
        about = addressees.find(session, data["type"], data["id"])
    except NotFound:
        return None
    asked = say("message.asked", lang, title=about.title)
    return [asked, Quote(data["text"]), say("message.shown", lang)]


def _hand_on(session: Session, letter: Letter) -> Written | None:
    """Hand a message on to one of an office, if it is still there and still theirs to read."""
    message = repository.message(session, UUID(letter.data["message"]))
    if message is None or service.blocked(session, message.email):
        return None
    office = addressees.office(session, message.authority_id)
    if letter.to not in {person.email for person in office.people}:
        return None
    try:
        about = addressees.find(session, message.to_type, str(message.to_id))
    except NotFound:
        return None
    lang = letter.language
    instead = [say(f"office.{letter.data['instead']}", lang)] if letter.data["instead"] else []
    blocks: list[Block] = [
        *instead,
        say("office.wrote", lang, name=message.name, email=message.email),
        Quote(message.text),
        Link(about.title, about.path),
        say("office.answer", lang),
        Link(say("office.report", lang), REPORT_PAGE + service.new_link(session, "report", message.id)),
    ]
    return Written(say("office.subject", lang, title=about.title), blocks)


def _digest(session: Session, letter: Letter) -> Written | None:
    """Tell what is new in a search, unless it is followed no more."""
    search = repository.search(session, UUID(letter.data["search"]))
    if search is None:
        return None
    lang, data = search.language, letter.data
    shown = told(search.question, lang)
    more = [say("digest.more", lang, count=data["more"])] if data["more"] else []
    blocks: list[Block] = [
        say("digest.new", lang, search=shown, date=data["since"]),
        *(Link(f"{one['title']} ({one['date']})", one["path"]) for one in data["found"]),
        *more,
        Link(say("digest.all", lang), SEARCH_PAGE + search.question),
        Link(say("digest.mine", lang), FOLLOWS_PAGE),
    ]
    return Written(say("digest.subject", lang, search=shown), blocks, Stop(ROOM, {"search": str(search.id)}))


def _stop(session: Session, data: dict[str, Any], everything: bool) -> None:
    """Stop a followed search, or all that its address follows."""
    service.stop(session, UUID(data["search"]), everything=everything)


STOPPER = Stopper(kinds=lambda data: ["followed-search"], stop=_stop)
UNREMEMBERED = (CONFIRM, DIGEST)
"""Letters to readers, who are known by what they ask for alone."""
WRITERS: dict[str, Writer] = {CONFIRM: _confirm, HAND_ON: _hand_on, DIGEST: _digest}
