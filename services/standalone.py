"""All services in one process on embedded engines: `make run`. The URLs are those of the services run apart."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from services.api.app import create_app as create_api
from services.api.settings import Settings as ApiSettings
from services.search.app import create_app as create_search
from services.search.settings import Settings as SearchSettings
from services.web.observe import configure_logging
from services.web.problems import problem_response
from services.web.server import serve


class Standalone:
    """Dispatches by prefix to the apps, each of which serves its full public path, and runs every app's lifespan."""

    def __init__(self, apps: dict[str, FastAPI]) -> None:
        self.apps = apps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._run_lifespans(receive, send)
            return
        path: str = scope["path"]
        app = self.apps.get("/" + path.split("/", 2)[1])
        if app is not None:
            await app(scope, receive, send)
        elif scope["type"] == "http":
            docs = [f"{prefix}/docs" for prefix in self.apps]
            found = JSONResponse({"name": "Praxis", "docs": docs})
            missing = problem_response(404, f"There is nothing at this address; see {', '.join(docs)}")
            await (found if path == "/" else missing)(scope, receive, send)

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


def create_standalone(api_settings: ApiSettings, search_settings: SearchSettings) -> Standalone:
    """Join the services: search reads the api through its HTTP interface, within the process."""
    api = create_api(api_settings)
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(api, raise_app_exceptions=False), base_url="http://api.internal", timeout=60
    )
    search = create_search(search_settings, client)
    return Standalone({"/api": api, "/search": search})


def main() -> None:
    """Serve everything on one port until interrupted."""
    api_settings = ApiSettings()
    configure_logging(api_settings.log_level, api_settings.log_json)
    app = create_standalone(api_settings, SearchSettings())
    serve(app, announce, on_exit=app.apps["/api"].state.watcher.close)


def announce(url: str) -> str:
    """Tell where to begin."""
    return f"Praxis is at {url}\n  read    {url}/api/docs\n  search  {url}/search/docs\nCtrl-C stops it."


if __name__ == "__main__":
    main()
