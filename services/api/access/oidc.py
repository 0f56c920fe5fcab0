"""Sign-in at an issuer: begun in a browser, come back to the same one, matched with an account that is there already.

Nothing that the database holds is enough to go on with a sign-in: the state and the browser's secret are kept as
hashes, and nonce and code verifier are derived from the secret, which the browser alone keeps.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlmodel import Session

from services.api.access import emails, repository, service, sessions, tokens
from services.api.access.desk import Desk, Opened
from services.api.access.issuer import Identity, Issuer, Refused
from services.api.access.models import Account, AccountIdentity, SignInBegun
from services.api.access.sessions import Seen
from services.api.access.tokens import Issued
from services.api.kit.moments import now
from services.web.problems import BadRequest, Fault, Invalid

LASTS = timedelta(minutes=10)
"""How long a person has to sign in at the issuer."""


@dataclass(frozen=True)
class Begun:
    """Where to send a browser, and the secret that it must keep."""

    address: str
    browser: str


@dataclass
class SignInElsewhere:
    """Sign-in at one issuer, for pages that may be returned to."""

    desk: Desk
    issuer: Issuer
    return_to: tuple[str, ...]

    @property
    def secure(self) -> bool:
        """Whether browsers reach us over https."""
        return self.issuer.registration.redirect_uri.startswith("https:")

    async def begin(self, return_to: str | None, challenge: str | None) -> Begun:
        """Begin a sign-in; raise `Invalid` for a page that may not be returned to."""
        if return_to is not None and return_to not in self.return_to:
            message = "not among the pages that may be returned to"
            raise Invalid([Fault(location="query", field="return_to", message=message)])
        state, browser = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        address = await self.issuer.address(state, _derived(browser, "nonce"), _derived(browser, "verifier"))
        row = SignInBegun(
            state_hash=service.hashed(state),
            browser_hash=service.hashed(browser),
            return_to=return_to,
            challenge=challenge,
            expires_at=now() + LASTS,
        )
        await self.desk.write(lambda session: repository.add(session, row))
        return Begun(address, browser)

    async def take(self, state: str, browser: str) -> SignInBegun:
        """Return the sign-in that a browser has begun, which ends here; raise `BadRequest` for another browser's."""
        hashes = service.hashed(state), service.hashed(browser)
        begun = await self.desk.write(lambda session: repository.take_begun(session, *hashes))
        if begun is None or begun.expires_at <= now():
            raise BadRequest("This sign-in was not begun in this browser, or too long ago: begin again")
        return begun

    async def finish(self, begun: SignInBegun, code: str, browser: str, seen: Seen) -> Opened | Issued:
        """Open a session for who the issuer says it is, or make the code that a page exchanges for one.

        Raise `Refused` for whom the base does not know, and `IssuerFailed`.
        """
        identity = await self.issuer.identity(code, _derived(browser, "nonce"), _derived(browser, "verifier"))

        def let_in(session: Session) -> Opened | Issued:
            account = match(session, identity)
            if begun.return_to is not None:
                return tokens.issue_for_session(session, account, begun.challenge)
            opened, token = sessions.open_session(session, account, self.desk.rules, seen, "oidc")
            return Opened(opened, account, token)

        return await self.desk.write(let_in)


def match(session: Session, identity: Identity) -> Account:
    """Return the active account of an identity: known by its subject or, the first time, by its verified e-mail."""
    known = repository.identity(session, identity.issuer, identity.subject)
    if known is not None:
        account = repository.account(session, known.account_id)
    elif not identity.verified or identity.email is None:
        raise Refused("unverified_email", "the issuer does not vouch for the e-mail")
    else:
        account = _of_email(session, identity.email)
    if account is None or account.deactivated_at is not None:
        raise Refused("no_account", "there is no active account of this person")
    if known is None:
        if repository.identity_of(session, account.id, identity.issuer) is not None:
            raise Refused("no_account", "the account is another person's at this issuer")
        row = AccountIdentity(issuer=identity.issuer, subject=identity.subject, account_id=account.id, created_at=now())
        repository.add(session, row)
        detail = {"issuer": identity.issuer}
        service.audit(session, service.caller_of(account), "account.link", "account", str(account.id), detail)
    return account


def _of_email(session: Session, email: str) -> Account | None:
    try:
        return repository.account_of(session, emails.normal(email))
    except ValueError:
        return None


def _derived(browser: str, purpose: str) -> str:
    digest = hmac.digest(browser.encode(), purpose.encode(), sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
