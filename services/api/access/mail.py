"""Letters to people, in the languages of the base: sent over SMTP by a thread of their own, never waited for."""

import queue
import smtplib
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from ipaddress import ip_address
from urllib.parse import quote, unquote, urlsplit

from services.web.observe import log
from services.web.problems import Unavailable

MOST_WAITING = 200
_GOODBYE = 1.0
"""Seconds that letters on their way have to be sent when the process ends."""

Letter = Callable[[], EmailMessage | None]
"""Writes a letter when its turn has come, or finds that there is none to write."""


@dataclass(frozen=True)
class Smtp:
    """How the SMTP server is reached."""

    host: str
    port: int
    tls: bool
    """Encrypted from the first byte (`smtps`); else STARTTLS where the server offers it."""
    user: str | None
    password: str | None
    sender: str
    timeout: float

    @classmethod
    def read(cls, url: str, sender: str, timeout: float) -> "Smtp":
        """Read `smtp://user:password@host:port` or `smtps://…`; raise `ValueError` for anything else."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("an SMTP server is written smtp://user:password@host:port or smtps://user:password@host")
        tls = parts.scheme == "smtps"
        user, password = (unquote(one) if one else None for one in (parts.username, parts.password))
        return cls(parts.hostname, parts.port or (465 if tls else 587), tls, user, password, sender, timeout)

    def send(self, letter: EmailMessage) -> None:
        """Send a letter; a password is shown to the server over an encrypted connection only, or on this machine."""
        context = ssl.create_default_context()
        with (
            smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=context)
            if self.tls
            else smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        ) as server:
            server.ehlo()
            if not self.tls and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            elif not self.tls and self.user and not is_loopback(self.host):
                raise smtplib.SMTPNotSupportedError("the server offers no STARTTLS, which its password needs")
            if self.user:
                server.login(self.user, self.password or "")
            server.send_message(letter)


class Postman:
    """Sends letters one after another, on one thread; what cannot be sent is logged, without what it says."""

    def __init__(self, smtp: Smtp) -> None:
        self.smtp = smtp
        self._letters: queue.Queue[Letter | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="postman", daemon=True)
        self._started = threading.Lock()

    def post(self, letter: Letter) -> None:
        """Take a letter to be written and sent; raise `Unavailable` when too many wait already."""
        with self._started:
            if not self._thread.is_alive():
                self._thread.start()
        try:
            self._letters.put_nowait(letter)
        except queue.Full:
            raise Unavailable("Too many letters wait to be sent", retry_after=30) from None

    def close(self) -> None:
        """Stop after the letters that wait, or a moment."""
        with suppress(queue.Full):
            self._letters.put_nowait(None)
        if self._thread.is_alive():
            self._thread.join(_GOODBYE)

    def _run(self) -> None:
        while (write := self._letters.get()) is not None:
            try:
                letter = write()
                if letter is not None:
                    self.smtp.send(letter)
                    log.info("letter sent")
            except Exception as error:  # whatever it was, the next letter is to go out
                code = getattr(error, "smtp_code", None)
                log.error("letter not sent", host=self.smtp.host, cause=type(error).__name__, code=code)


def letter(kind: str, sender: str, to: str, name: str, token: str, link: str | None, hours: float) -> EmailMessage:
    """Write an invitation or a reset: in each language of the base, with the link or, without one, the token."""
    shown = link.replace("{token}", quote(token, safe="")) if link else token
    lasts = f"{hours:g} h" if hours < 48 else f"{hours / 24:g} d"
    written = EmailMessage()
    written["From"] = sender
    written["To"] = to
    written["Subject"] = _SUBJECT[kind]
    written["Date"] = formatdate()
    written["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].strip(">") or "praxis")
    written["Auto-Submitted"] = "auto-generated"
    paragraphs = "\n\n".join(_SAID[kind])
    written.set_content(f"{name}\n\n{shown}\n\n({lasts})\n\n{paragraphs}\n")
    return written


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


_SUBJECT = {
    "invitation": "Praxis: invitation / invitación / invitation / invito",
    "reset": "Praxis: password / contraseña / mot de passe / password",
}
_SAID = {
    "invitation": (
        "You have been given an account of Praxis. Set your password with what stands above; it works once.",
        "Se le ha abierto una cuenta de Praxis. Elija su contraseña con lo que figura arriba; sirve una sola vez.",
        "Un compte Praxis vous a été ouvert. Choisissez votre mot de passe avec ce qui précède, valable une fois.",
        "Le è stato creato un account Praxis. Scelga la password con quanto riportato sopra; vale una sola volta.",
    ),
    "reset": (
        "Somebody asked for a new password for your account of Praxis. If that was you, set it with what stands above; "
        "it works once. If not, do nothing: your password stays as it is.",
        "Alguien ha pedido una nueva contraseña para su cuenta de Praxis. Si ha sido usted, elíjala con lo que figura "
        "arriba; sirve una sola vez. Si no, no haga nada: su contraseña no cambia.",
        "Quelqu'un a demandé un nouveau mot de passe pour votre compte Praxis. Si c'est vous, choisissez-le avec ce "
        "qui précède, valable une fois. Sinon, ne faites rien : votre mot de passe reste le même.",
        "Qualcuno ha chiesto una nuova password per il suo account Praxis. Se è stato lei, la scelga con quanto "
        "riportato sopra; vale una sola volta. Altrimenti non faccia nulla: la password resta la stessa.",
    ),
}
