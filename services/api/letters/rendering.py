"""A letter as it goes out: text and HTML of the same words, the headers that mail programs read, and how to stop it."""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from services.api.kit.moments import now
from services.api.letters.models import Letter
from services.api.letters.writers import Block, Link, Quote, Written

STOP_PAGE = "/letters/stop/{token}"
"""Where a letter leads those who want no more of its kind: a page, to which mail programs post as well (RFC 8058)."""
_LONGEST_SUBJECT = 200
_STOP = {
    "en": "You get this letter because of your settings in Praxis. To get no more letters of this kind:",
    "es": "Recibe esta carta por sus ajustes en Praxis. Para no recibir más cartas de este tipo:",
    "fr": "Vous recevez cette lettre en raison de vos réglages dans Praxis. Pour ne plus en recevoir de ce type :",
    "it": "Riceve questa lettera per le sue impostazioni in Praxis. Per non riceverne più di questo tipo:",
}


def message(letter: Letter, written: Written, sender: str, public_url: str, stop: str | None) -> EmailMessage:
    """Put a letter together; `public_url` begins every address in it, and `stop` is the token that stops it."""
    root = public_url.rstrip("/")
    blocks = list(written.blocks)
    found = EmailMessage(policy=SMTP)
    found["From"] = sender
    found["To"] = letter.to
    if letter.reply_to:
        found["Reply-To"] = letter.reply_to
    found["Subject"] = _on_one_line(written.subject)
    found["Date"] = format_datetime(now())
    found["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2].strip('> ')}>"
    found["Auto-Submitted"] = "auto-generated"
    if stop is not None:
        path = STOP_PAGE.format(token=stop)
        found["List-Unsubscribe"] = f"<{root}{path}>"
        found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        blocks.append(Link(_STOP[letter.language], path))
    found.set_content(_text(blocks, root), cte="quoted-printable")
    html = _html(blocks, root, letter.language, str(found["Subject"]))
    found.add_alternative(html, subtype="html", cte="quoted-printable")
    found["Content-Language"] = letter.language  # setting the content takes away what was said of it before
    return found


def _on_one_line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_SUBJECT else text[: _LONGEST_SUBJECT - 1] + "…"


def _text(blocks: list[Block], root: str) -> str:
    parts = []
    for block in blocks:
        if isinstance(block, Link):
            parts.append(f"{block.label}\n{root}{block.path}")
        elif isinstance(block, Quote):
            parts.append("\n".join(f"> {line}" for line in block.text.splitlines()))
        else:
            parts.append(block)
    return "\n\n".join(parts) + f"\n\n--\nPraxis\n{root}/\n"


def _html(blocks: list[Block], root: str, language: str, title: str) -> str:
    parts = []
    for block in blocks:
        if isinstance(block, Link):
            address = escape(root + block.path)
            parts.append(f'<p>{_lines(block.label)}<br><a href="{address}">{address}</a></p>')
        elif isinstance(block, Quote):
            parts.append(f"<blockquote>{_lines(block.text)}</blockquote>")
        else:
            parts.append(f"<p>{_lines(block)}</p>")
    home = escape(f"{root}/")
    parts.append(f'<p>Praxis<br><a href="{home}">{home}</a></p>')
    head = f'<meta charset="utf-8"><title>{escape(title)}</title>'
    return (
        f'<!doctype html>\n<html lang="{language}"><head>{head}</head><body>\n'
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")
