"""A real SMTP server for tests, which may refuse, take its time, hold an answer back, or hang up."""

import asyncio
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session

from tests.harness.ports import free_port


@dataclass
class Inbox:
    """What arrived at the server, and how it behaves."""

    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    """Of each letter, as the envelope says."""
    port: int = 0
    encrypted: list[bool] = field(default_factory=list)
    refuse: str | None = None
    """What it answers to a letter: `451 later`."""
    refuse_recipient: str | None = None
    """What it answers to a recipient: `550 unknown`."""
    hang_up: bool = False
    """Whether it ends the conversation in the middle of a letter."""
    holds: Literal["recipient", "letter"] | None = None
    """Before which answer it waits to be let go: a letter that is held has been taken."""
    held: threading.Event = field(default_factory=threading.Event)
    """Set once it waits."""
    go: threading.Event = field(default_factory=threading.Event)
    """Lets it go."""

    async def hold(self, where: str) -> None:
        """Wait to be let go, if that is where to wait."""
        if self.holds == where:
            self.held.set()
            await asyncio.to_thread(self.go.wait, 30)

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuse_recipient:
            return self.refuse_recipient
        await self.hold("recipient")
        envelope.rcpt_tos.append(address)
        return "250 known"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        if self.hang_up:
            server.transport.abort()
            return "421 gone"
        if self.refuse:
            return self.refuse
        content = envelope.content
        assert isinstance(content, bytes)
        letter = BytesParser(policy=default).parsebytes(content)
        assert isinstance(letter, EmailMessage)
        self.recipients += envelope.rcpt_tos
        self.encrypted.append(session.ssl is not None)
        self.letters.append(letter)
        await self.hold("letter")
        return "250 taken"


@contextmanager
def serving_mail(inbox: Inbox, **more: Any) -> Iterator[str]:
    """Serve SMTP on a free port of this machine; return host and port."""
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port(), **more)
    inbox.port = controller.port
    controller.start()
    try:
        yield f"127.0.0.1:{controller.port}"
    finally:
        inbox.go.set()
        controller.stop()


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate of this machine's own; return it, and how a server shows it."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *named]
    subprocess.run([*made, "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return cert, context


def text_of(letter: EmailMessage) -> str:
    """Return a letter's text."""
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(letter: EmailMessage) -> str:
    """Return a letter's HTML."""
    part = letter.get_body(("html",))
    assert part is not None
    return str(part.get_content())
