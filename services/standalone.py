"""All services in one process on embedded engines: `make run`. The URLs are those of the services run apart."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, cast

import httpx
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from services.api.app import create_app as create_api
from services.api.settings import Settings as ApiSettings
from services.portal.app import create_app as create_portal
from services.portal.settings import Settings as PortalSettings
from services.search.app import create_app as create_search
from services.search.settings import Settings as SearchSettings
from services.web.observe import configure_logging
from services.web.server import serve


class Standalone:
    """Dispatches by prefix to the apps, each of which serves its full public path, and runs every app's lifespan.

    What no prefix claims goes to the app of the prefix `/`.
    """

    def __init__(self, apps: dict[str, FastAPI]) -> None:
        self.apps = apps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._run_lifespans(receive, send)
            return
        path: str = scope["path"]
        await self.apps.get("/" + path.split("/", 2)[1], self.apps["/"])(scope, receive, send)

    async def _run_lifespans(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with self._started():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": f"{type(error).__name__}: {error}"})
            raise
        await send({"type": "lifespan.shutdown.complete"})

    @asynccontextmanager
    async def _started(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for app in self.apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield


def create_standalone(
    api_settings: ApiSettings, search_settings: SearchSettings, portal_settings: PortalSettings
) -> Standalone:
    """Join the services: search and portal ask the others through their HTTP interfaces, within the process."""
    later: dict[str, FastAPI] = {}

    async def ask_search(scope: Scope, receive: Receive, send: Send) -> None:
        await later["search"](scope, receive, send)

    api = create_api(api_settings, _client(ask_search))
    later["search"] = search = create_search(search_settings, _client(api))
    # The api believes the portal, as it would behind a gateway, where a visitor comes from.
    portal = create_portal(portal_settings, _client(_behind_proxy(api)), _client(search))
    return Standalone({"/api": api, "/search": search, "/": portal})


def _behind_proxy(app: FastAPI) -> ASGIApp:
    trusting: Any = ProxyHeadersMiddleware(cast(Any, app), "127.0.0.1")  # typed by uvicorn's own ideas of ASGI
    return cast(ASGIApp, trusting)


def _client(app: ASGIApp) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://praxis.internal", timeout=60)


def main() -> None:
    """Serve everything on one port until interrupted."""
    api_settings = ApiSettings()
    configure_logging(api_settings.log_level, api_settings.log_json)
    search_settings = SearchSettings()
    app = create_standalone(api_settings, search_settings, PortalSettings())
    serve(app, partial(announce, search_settings), on_exit=app.apps["/api"].state.watcher.close)


def announce(search_settings: SearchSettings, url: str) -> str:
    """Tell where to begin, and how records are found."""
    embedder = search_settings.embedder
    found = f"by words and by meaning ({embedder})"
    if embedder == "none":
        found = "by words; by meaning too after `make embedder EMBEDDER=e5`, with PRAXIS_SEARCH_EMBEDDER=e5"
    lines = (f"Praxis is at {url}", f"  read    {url}/api/docs", f"  search  {url}/search/docs", f"  finds   {found}")
    return "\n".join([*lines, "Ctrl-C stops it."])


if __name__ == "__main__":
    main()
