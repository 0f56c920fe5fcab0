"""Sends what waits in the outbox, one letter after another; several processes may do so at once."""

import asyncio
import random
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from services.api.kit.db import Database
from services.api.kit.moments import now
from services.api.kit.outages import said
from services.api.letters import rendering, repository, stops
from services.api.letters.models import Letter, RefusedAddress
from services.api.letters.service import POSTED
from services.api.letters.smtp import NotSent, Smtp
from services.api.letters.writers import Later, Writer
from services.web.observe import log

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
"""What lies between the first two attempts, and how much at most between later ones; each is four times the last."""
GIVEN_UP = timedelta(days=3)
"""How long after it was due a letter is tried."""
KEPT, STOPS_KEPT = timedelta(days=30), timedelta(days=400)
"""How long the outbox remembers letters that are off, and how long a token stops letters."""
_WRITING = timedelta(seconds=30)
_HOUR = timedelta(hours=1)
COUNTED_EVERY = timedelta(seconds=10)


@dataclass(frozen=True)
class Taken:
    """A letter that was taken up, in words and with whom it goes to."""

    id: UUID
    attempt: int
    to: str
    message: EmailMessage
    until: datetime
    """From then on somebody else may take it up."""


class Worker:
    """Words and sends letters as they fall due, without ever losing one.

    A letter is taken up by putting off its next attempt, in a transaction of its own: a process that ends meanwhile
    leaves it to be taken up again. It goes out twice only if that happens between the server's answer and the commit
    that follows, and then with the same Message-ID. Without a server (`smtp`) it only forgets what is old.
    Of kinds that are `unremembered` the outbox forgets the address as soon as a letter is off.
    """

    def __init__(
        self,
        database: Database,
        smtp: Smtp | None,
        public_url: str,
        writers: Mapping[str, Writer],
        unremembered: Collection[str] = (),
        *,
        poll: float = 1.0,
    ) -> None:
        self._database = database
        self.smtp = smtp
        self._public_url = public_url
        self.writers = dict(writers)
        self._unremembered = frozenset(unremembered)
        self._poll = poll
        self._tidied: datetime | None = None
        self._counted: datetime | None = None
        self.counts: dict[str, int] = {}
        """How many letters the outbox holds, by state, as counted a moment ago."""
        self._closing = False
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        database.after_commit.append(self._on_commit)

    async def run(self) -> None:
        """Send what falls due until closed; an outage of the database is waited for."""
        self._loop = asyncio.get_running_loop()
        while not self._closing:
            self._woken.clear()
            try:
                busy = await self.step()
            except SQLAlchemyError as error:
                log.warning("letters wait for the database", cause=said(error))
                busy = False
            except Exception as error:  # whatever it was, letters are to go on
                log.error("letters were held up", cause=type(error).__name__)
                busy = False
            if not busy and not self._closing:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), self._poll)

    def close(self) -> None:
        """End `run` after the letter that is being sent."""
        self._closing = True
        self._woken.set()

    async def wake(self) -> None:
        """Look for letters now."""
        self._woken.set()

    async def send_due(self) -> None:
        """Send all that is due now, and return."""
        while await self.step():
            pass

    async def step(self) -> bool:
        """Send one letter, if one is due, and tell whether there was one."""
        if self._tidied is None or now() - self._tidied > _HOUR:
            await asyncio.to_thread(self._tidy)
            self._tidied = now()
        if self._counted is None or now() - self._counted > COUNTED_EVERY:
            self.counts = await asyncio.to_thread(self._count)
            self._counted = now()
        if self.smtp is None:
            return False
        claimed = await asyncio.to_thread(self._take, self.smtp)
        if claimed is None:
            return False
        id, attempt, until = claimed
        try:
            taken = await asyncio.to_thread(self._write, self.smtp, id, attempt, until)
        except SQLAlchemyError:
            raise
        except Exception as error:  # a letter that cannot be worded is tried again: others are not to wait for it
            log.error("letter not worded", letter=str(id), cause=type(error).__name__)
            await asyncio.to_thread(self._settle, id, attempt, NotSent(type(error).__name__))
            return True
        if taken is None or now() + timedelta(seconds=self.smtp.timeout) > taken.until:
            return True
        refusal = None
        try:
            await self.smtp.send(taken.message, taken.to)
        except NotSent as fault:
            refusal = fault
        except Exception as error:  # an address that cannot be written, say: it holds up no other letter
            log.error("letter not sent", letter=str(id), cause=type(error).__name__)
            refusal = NotSent(type(error).__name__)
        await asyncio.to_thread(self._settle, id, attempt, refusal)
        return True

    def _take(self, smtp: Smtp) -> tuple[UUID, int, datetime] | None:
        moment = now()
        with self._database.transaction(write=False) as session:
            if not repository.is_due(session, moment):  # which mostly holds, and holds up no writer
                return None
        until = moment + timedelta(seconds=2 * smtp.timeout) + _WRITING
        with self._database.transaction() as session:
            taken = repository.take(session, moment, until)
        return (*taken, until) if taken else None

    def _write(self, smtp: Smtp, id: UUID, attempt: int, until: datetime) -> Taken | None:
        """Word a letter, or note that there is nothing to send."""
        with self._database.transaction() as session:
            letter = repository.letter(session, id, attempt)
            if letter is None:
                return None
            if now() > letter.due_at + GIVEN_UP:
                self._off(letter, "failed", letter.last_code)
                log.error("letter given up", code=letter.last_code, letter=str(id), kind=letter.kind)
                return None
            written = self.writers[letter.kind](session, letter)
            if isinstance(written, Later):
                letter.due_at = letter.next_at = written.due
                return None
            if written is None or repository.refused(session, [letter.to]):
                self._off(letter, "dropped", "refused before" if written else None)
                return None
            token = stops.issue(session, written.stop) if written.stop else None
            message = rendering.message(letter, written, smtp.sender, self._public_url, token)
            return Taken(id, attempt, letter.to, message, until)

    def _settle(self, id: UUID, attempt: int, fault: NotSent | None) -> None:
        """Keep what became of an attempt, unless another process has made a later one."""
        with self._database.transaction() as session:
            letter = repository.letter(session, id, attempt)
            if letter is not None:
                self._keep(session, letter, fault)

    def _keep(self, session: Session, letter: Letter, fault: NotSent | None) -> None:
        told = {"letter": str(letter.id), "kind": letter.kind, "attempt": letter.attempts}
        if fault is None:
            self._off(letter, "sent", "250")
            log.info("letter sent", **told)
        elif fault.for_good:
            if fault.no_such_address and letter.kind not in self._unremembered:
                session.merge(RefusedAddress(address=letter.to, at=now(), code=fault.code))
            self._off(letter, "bounced", fault.code)
            log.error("letter bounced", code=fault.code, **told)
        else:
            letter.next_at, letter.last_code = now() + pause(letter.attempts), fault.code
            log.warning("letter not sent", code=fault.code, **told)

    def _off(self, letter: Letter, state: str, code: str | None) -> None:
        """Note that a letter is off; what it was to say is forgotten, and whom it was for if it was never sent."""
        letter.state, letter.last_code, letter.next_at = state, code, now()
        letter.data, letter.reply_to = {}, None
        if state == "dropped" or letter.kind in self._unremembered:
            letter.to = ""

    def _tidy(self) -> None:
        moment = now()
        with self._database.transaction() as session:
            repository.forget(session, moment - KEPT, moment - STOPS_KEPT)

    def _count(self) -> dict[str, int]:
        with self._database.transaction(write=False) as session:
            return repository.counts(session)

    def _on_commit(self, session: Session) -> None:
        if session.info.get(POSTED) and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)


def pause(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: more each time, and never just as long as others wait."""
    mean = min(FIRST_PAUSE * float(4 ** min(attempts - 1, 9)), LONGEST_PAUSE)
    return mean * random.uniform(0.75, 1.25)  # noqa: S311 - it hides nothing
