"""What every answer of the portal carries, and which requests it takes at all."""

from fastapi import Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.portal.visitor import SAFE, from_here

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {}"
)
EMBEDS = "/embed/"
STOPS = "/letters/stop/"
"""Below it mail programs post as well: what is done stands in the address, and no cookie counts."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


class Guard:
    """Refuses what another site makes a browser send (403), and adds the security headers.

    Pages below `/embed/` may be shown in a frame of those who are allowed to; all others nowhere.
    """

    def __init__(self, app: ASGIApp, embed_ancestors: str) -> None:
        self.app = app
        own = "" if embed_ancestors.strip() in ("*", "'none'") else "'self' "  # the page that shows how embeds look
        self.embed_ancestors = own + embed_ancestors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        embedded = scope["path"].startswith(EMBEDS)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = POLICY.format(self.embed_ancestors if embedded else "'none'")
                if not embedded:
                    headers["X-Frame-Options"] = "DENY"
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["method"] not in SAFE and (refusal := _refusal(Request(scope))) is not None:
            await refusal(scope, receive, send_guarded)
            return
        await self.app(scope, receive, send_guarded)


def _refusal(request: Request) -> Response | None:
    """Return how to refuse a form, none for a good one."""
    if not from_here(request) and not request.url.path.startswith(STOPS):
        return PlainTextResponse("This form was not sent from a page of this site.", 403)
    _, said = parse_options_header(request.headers.get("content-type"))
    # Read as the form's parser reads it; browsers say nothing here, and other codecs write what is not Unicode.
    if said.get(b"charset", b"utf-8").lower() != b"utf-8":
        return PlainTextResponse("A form is sent in UTF-8.", 415)
    return None
