"""HEAD, for every route of a service at once: what GET answers, without the body."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Head:
    """Hands HEAD on as GET, and keeps the body back.

    It stands before everything else, so that nothing behind it needs to know of HEAD: no route, and no layer that keeps
    answers and might keep an empty one.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})

        await self.app({**scope, "method": "GET"}, receive, send_head)
