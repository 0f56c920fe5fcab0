"""Letters that tell people what happened: what came up meanwhile goes into one, in the language of who reads it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from services.api.access import accounts as people
from services.api.access.models import Account
from services.api.kit.moments import now
from services.api.letters import service as letters
from services.api.letters.models import Letter
from services.api.letters.stops import Stopper
from services.api.letters.writers import Block, Later, Link, Quote, Stop, Writer, Written
from services.api.notices import repository, service
from services.api.notices.kinds import due
from services.api.notices.models import Notice
from services.api.notices.service import AT_ONCE, DIGEST

MOST_TOLD = 50
"""Notices that one letter spells out."""
KEPT = timedelta(days=90)
"""How long notices are kept."""
ROOM = "notices"
STOPPER = Stopper(kinds=service.stoppable, stop=service.stop)


@dataclass(frozen=True)
class NoticeRules:
    """What an installation may set."""

    grace: timedelta = timedelta(minutes=3)
    """How long a letter waits for more to tell."""
    most_a_day: int = 10
    """Letters at once that a person gets a day: what comes beyond waits for the next digest."""


def writers(rules: NoticeRules) -> dict[str, Writer]:
    """Return the writers of both kinds of letters."""
    return dict.fromkeys((AT_ONCE, DIGEST), _writer(rules))


def _writer(rules: NoticeRules) -> Writer:
    def write(session: Session, letter: Letter) -> Written | Later | None:
        moment = now()
        (account,) = people.active(session, [UUID(letter.data["account"])]) or (None,)
        if account is None:
            return None
        repository.forget(session, account.id, moment - KEPT)
        letter.to, letter.language = account.email, account.language
        found = _to_tell(session, account, letter, moment)
        if not found:
            return None
        if letter.kind == AT_ONCE and (postponed := _postponed(session, rules, letter, found, moment)) is not None:
            return postponed
        for one in found:
            one.letter_id = letter.id
        return _worded(account, found)

    return write


def _to_tell(session: Session, account: Account, letter: Letter, moment: datetime) -> list[Notice]:
    """Return what there is to tell a person who still has the rights of when it happened."""
    found = repository.to_tell(session, account.id, letter.id, moment)
    for one in found:
        if one.data["standing"] != people.standing(account):
            repository.drop(session, one)
    return [one for one in found if one.data["standing"] == people.standing(account)]


def _postponed(
    session: Session, rules: NoticeRules, letter: Letter, found: Sequence[Notice], moment: datetime
) -> Later | None:
    """Return when a letter is to go out that more may be added to, or of which there were enough today."""
    if (ripe := min(one.at for one in found) + rules.grace) > moment:
        return Later(ripe)
    if letters.sent_today(session, AT_ONCE, letter.to) < rules.most_a_day:
        return None
    letter.kind, morning = DIGEST, due("daily", moment)
    for one in found:
        one.due_at = morning
    return Later(morning)


def _worded(account: Account, found: Sequence[Notice]) -> Written:
    words = _WORDS[account.language]
    blocks: list[Block] = [f"{account.name},"]
    for one in found[:MOST_TOLD]:
        blocks += _told(one, account.language)
    if len(found) > MOST_TOLD:
        blocks.append(words.more(len(found) - MOST_TOLD))
    blocks.append(Link(words.settings, "/account"))
    (first, *others) = found
    subject = words.several(len(found)) if others else f"{_happened(first, account.language)}: {first.data['title']}"
    kinds = sorted({one.kind for one in found})
    return Written(subject, blocks, Stop(ROOM, {"account": str(account.id), "kinds": kinds}))


def _told(one: Notice, language: str) -> list[Block]:
    title, path, by, text = (one.data[name] for name in ("title", "path", "by", "text"))
    if isinstance(text, str):
        return [Link(f"{title} — {by}" if by else title, path), Quote(text)]
    said = f"{text[language]} — {by}" if by else text[language]
    return [Link(f"{title}\n{said}", path)]


def _happened(one: Notice, language: str) -> str:
    text = one.data["text"]
    return "Praxis" if isinstance(text, str) else text[language].partition("\n")[0]


@dataclass(frozen=True)
class _Words:
    several: Callable[[int], str]
    more: Callable[[int], str]
    settings: str


_WORDS: Mapping[str, _Words] = {
    "en": _Words(
        lambda n: f"Praxis: {n} things are new",
        lambda n: f"… and {n} more.",
        "Say what you want to hear of, and how often:",
    ),
    "es": _Words(
        lambda n: f"Praxis: {n} novedades",
        lambda n: f"… y {n} más.",
        "Elija de qué quiere recibir noticias y con qué frecuencia:",
    ),
    "fr": _Words(
        lambda n: f"Praxis : {n} nouveautés",
        lambda n: f"… et {n} de plus.",
        "Choisissez de quoi vous voulez être informé et à quelle fréquence :",
    ),
    "it": _Words(
        lambda n: f"Praxis: {n} novità",
        lambda n: f"… e altre {n}.",
        "Scelga di che cosa vuole essere informato e con quale frequenza:",
    ),
}
