"""The SMTP server that takes letters: how it is reached, and what its answers mean for a letter."""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from aiosmtplib import SMTP
from aiosmtplib.errors import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

_GOODBYE = 1.0
"""Seconds that the server has for the end of a conversation, once the letter is in its hands."""


class NotSent(Exception):
    """A letter that the server did not take; `code` says why, in few characters and without addresses."""

    def __init__(self, code: str, *, for_good: bool = False, no_such_address: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.for_good = for_good
        """Whether the server will never take this letter."""
        self.no_such_address = no_such_address
        """Whether it will take none to this address."""


@dataclass(frozen=True)
class Smtp:
    """How the SMTP server is reached."""

    host: str
    port: int
    tls: bool
    """Encrypted from the first byte (`smtps`), else by STARTTLS."""
    user: str | None
    password: str | None
    sender: str
    """Who letters come from: `Praxis <praxis@example.org>`."""
    timeout: float
    """Seconds that sending a letter may take, all in all."""

    @classmethod
    def read(cls, url: str, sender: str, timeout: float) -> "Smtp":
        """Read `smtp://user:password@host:port` or `smtps://…`; raise `ValueError` for anything else."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("an SMTP server is written smtp://user:password@host:port or smtps://user:password@host")
        tls = parts.scheme == "smtps"
        user, password = (unquote(one) if one else None for one in (parts.username, parts.password))
        return cls(parts.hostname, parts.port or (465 if tls else 587), tls, user, password, sender, timeout)

    @property
    def address(self) -> str:
        """The sender's bare address."""
        return parseaddr(self.sender)[1]

    async def send(self, letter: EmailMessage, to: str) -> None:
        """Hand a letter to the server, over an encrypted connection unless it is on this machine.

        Raise `NotSent` when the server does not take it within `timeout` seconds.
        """
        encrypted = None if is_loopback(self.host) else True
        client = SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.tls,
            start_tls=False if self.tls else encrypted,
            tls_context=ssl.create_default_context(),
            timeout=self.timeout,
        )
        try:
            async with asyncio.timeout(self.timeout):
                await client.connect()
                await client.sendmail(self.address, [to], letter.as_bytes())
        except SMTPRecipientsRefused as refused:
            code = refused.recipients[0].code
            raise NotSent(str(code), for_good=code >= 500, no_such_address=code >= 500) from None
        except SMTPDataError as refused:
            gone = refused.message.startswith(("5.1.", "5.2."))
            raise NotSent(str(refused.code), for_good=refused.code >= 500, no_such_address=gone) from None
        except SMTPResponseException as refused:  # of the connection, the password or the sender: not of this letter
            raise NotSent(str(refused.code)) from None
        except (SMTPException, OSError, TimeoutError) as fault:
            raise NotSent(type(fault).__name__) from None
        finally:
            with suppress(SMTPException, OSError, TimeoutError):
                async with asyncio.timeout(_GOODBYE):
                    await client.quit()
            client.close()


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
