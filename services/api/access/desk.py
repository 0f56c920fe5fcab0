"""What the room works with while the api runs, and the acts that take more than one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from services.api.access import accounts, letters, lockout, passwords, repository, service, sessions, tokens
from services.api.access.models import Account, AccountSession
from services.api.access.rules import Rules
from services.api.access.service import Caller
from services.api.access.sessions import Seen
from services.api.kit.db import Database
from services.api.kit.moments import now
from services.web.bounds import Places, RateLimit
from services.web.observe import log
from services.web.problems import Fault, Invalid, TooManyRequests, Unauthorized

Result = TypeVar("Result")
_WRONG = "E-mail or password is wrong"


@dataclass(frozen=True)
class Opened:
    """A session that was just opened, with its token."""

    session: AccountSession
    account: Account
    token: str


@dataclass
class Desk:
    """Signs people in and lets them set passwords; no connection to the database is held while one is hashed."""

    database: Database
    rules: Rules
    hashing: Places
    """For passwords that are hashed at once, each of which takes 19 MiB."""
    refusals: RateLimit
    """Of wrong attempts by address."""
    sends_letters: bool = False
    """Whether there is a server for letters."""

    async def sign_in(self, email: str, password: str, seen: Seen) -> Opened:
        """Open a session by e-mail and password; raise `Unauthorized`, or `TooManyRequests` while the e-mail is locked.

        What is answered, and after which time, is the same whether there is such an account or not.
        """
        account = await self._proven(email, password, seen)

        def open_session(session: Session) -> Opened:
            lockout.forget(session, email)
            known = accounts.find(session, account.id)
            sessions.hold(session, known)
            if known.password_hash != account.password_hash or known.deactivated_at is not None:
                raise Unauthorized(_WRONG)  # changed while we looked
            return self._open(session, known, seen, "password")

        opened = await self.write(open_session)
        await self._rehash(account, password)
        return opened

    async def exchange(self, code: str, verifier: str | None, seen: Seen) -> Opened:
        """Open a session by a code that was handed over; raise `Invalid` for one that is not good."""
        self.refusals.check("wrong token", seen.address)

        def open_session(session: Session) -> Opened:
            account = tokens.for_session(session, code, verifier)
            return self._open(session, account, seen, "code")

        return await self._counted(open_session, seen)

    async def change_password(self, caller: Caller, present: str, password: str, seen: Seen) -> Opened:
        """Set another password; all sessions end and a new one is opened. Raise `Invalid` for a wrong present one."""
        passwords.check(password, caller.email or "", caller.name)
        try:
            account = await self._proven(caller.email or "", present, seen)
        except Unauthorized:
            raise Invalid([Fault(location="body", field="present_password", message="is not your password")]) from None
        async with self.hashing.place():
            password_hash = await run_in_threadpool(passwords.hash_of, password)

        def change(session: Session) -> Opened:
            lockout.forget(session, account.email)
            known = accounts.find(session, account.id)
            sessions.hold(session, known)
            same = str(known.id) == caller.id and known.password_hash == account.password_hash
            if not same or known.deactivated_at is not None:
                raise Unauthorized("The password was changed meanwhile: sign in again")
            tokens.set_password(session, known, password_hash, "password.change")
            return self._open(session, known, seen, "password")

        return await self.write(change)

    async def redeem(self, token: str, password: str, seen: Seen) -> None:
        """Set a password by a one-time token; raise `Invalid` for a token or password that is not good."""
        self.refusals.check("wrong token", seen.address)
        account = await self._counted(lambda session: tokens.for_password(session, token), seen)
        passwords.check(password, account.email, account.name)
        async with self.hashing.place():
            password_hash = await run_in_threadpool(passwords.hash_of, password)
        await self._counted(lambda session: tokens.redeem(session, token, password_hash), seen)

    def _open(self, session: Session, account: Account, seen: Seen, proof: str) -> Opened:
        opened, token = sessions.open_session(session, account, self.rules, seen, proof)
        return Opened(opened, account, token)

    @property
    def delivery(self) -> Literal["e-mail", "secretariat"]:
        """Who hands over a token by which to set a password."""
        return "e-mail" if self.sends_letters else "secretariat"

    async def ask_for_reset(self, email: str, seen: Seen) -> Literal["e-mail", "secretariat"]:
        """Have a token sent to whoever asks, if there is such an account; return who hands it over."""
        self.refusals.hit("password reset", seen.address)
        await self.write(lambda session: self.invite(session, email))
        return self.delivery

    def invite(self, session: Session, email: str) -> None:
        """Have a token sent to whom an account belongs, if there is one, where there is a server for letters."""
        if self.sends_letters:
            letters.post(session, email)

    async def write(self, act: Callable[[Session], Result]) -> Result:
        """Do an act in a transaction of its own, on a thread."""

        def run() -> Result:
            with self.database.transaction() as session:
                return act(session)

        return await run_in_threadpool(run)

    async def _proven(self, email: str, password: str, seen: Seen) -> Account:
        """Return the active account of an e-mail and its password, or count and tell a wrong attempt."""
        self.refusals.check("wrong password", seen.address)
        async with self.hashing.place():
            account, locks = await self.write(lambda session: self._attempt(session, email, seen))
            kept = account.password_hash if account and account.deactivated_at is None else None
            right = await run_in_threadpool(passwords.verify, kept, password)
        if account is None or not right:
            await self.write(lambda session: _keep_refusal(session, account, seen, locks=locks))
            log.warning("password refused", address=seen.address, locked=locks)
            self.refusals.hit("wrong password", seen.address)
            raise Unauthorized(_WRONG)
        return account

    def _attempt(self, session: Session, email: str, seen: Seen) -> tuple[Account | None, bool]:
        locked, locks = lockout.attempt(session, email, self.rules, now())
        if locked:
            seconds = int(locked.total_seconds()) + 1
            raise TooManyRequests("Too many wrong passwords for this e-mail: wait, or ask for a new one", seconds)
        return repository.account_of(session, email), locks

    async def _rehash(self, account: Account, password: str) -> None:
        kept = account.password_hash
        if kept is None or not passwords.outdated(kept):
            return
        async with self.hashing.place():
            anew = await run_in_threadpool(passwords.hash_of, password)
        await self.write(lambda session: repository.renew_hash(session, account.id, kept, anew))

    async def _counted(self, act: Callable[[Session], Result], seen: Seen) -> Result:
        """Do an act that takes a token, and count a token that is not good."""
        try:
            return await self.write(act)
        except Invalid:
            await self.write(lambda session: _keep_refusal(session, None, seen))
            log.warning("token refused", address=seen.address)
            self.refusals.hit("wrong token", seen.address)
            raise


def _keep_refusal(session: Session, account: Account | None, seen: Seen, *, locks: bool = False) -> None:
    """Leave a trace of an attempt that was refused, in a transaction of its own."""
    target = str(account.id) if account else "unknown"
    service.audit(session, None, "sign-in.refused", "account", target, {"address": seen.address})
    if locks:
        service.audit(session, None, "sign-in.locked", "account", target, {"address": seen.address})
