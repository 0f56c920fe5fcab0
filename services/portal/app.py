"""The portal: the web site for people, a client of the public HTTP interfaces and nothing else."""

import mimetypes
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from services.portal import guard
from services.portal.page import Page, SignInFirst, url
from services.portal.pages import TEMPLATE_GLOBALS, routers
from services.portal.reference import Reference
from services.portal.settings import Settings
from services.portal.templating import STATIC
from services.portal.upstream import Refused
from services.portal.workbooks import Workbooks
from services.web import observe
from services.web.bounds import BoundedBody
from services.web.head import Head
from services.web.observe import Metrics
from services.web.problems import Problem

UNLISTED = ("/contribute", "/desk", "/embed/", "/write", "/follow", "/readers")
"""Pages that no search engine is to list."""
FOREVER = "public, max-age=31536000, immutable"


class Kept(StaticFiles):
    """Files that browsers keep for good: their addresses change with what is in them."""

    async def get_response(self, path: str, scope: Any) -> Response:
        """Return a file."""
        answer = await super().get_response(path, scope)
        if scope["query_string"]:
            answer.headers["Cache-Control"] = FOREVER
        return answer


class BoundedForm(BoundedBody):
    """Refuses forms and files that are too large or too slow, with a page."""

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, status: int, detail: str) -> None:
        page = _page(Request(scope))
        said = page.gettext("What you sent is too large to be taken in at once: send it in parts.")
        answer = page.html("error.html", status, refusal=Refused(status, said if status == 413 else detail))
        answer.headers["Connection"] = "close"
        await answer(scope, receive, send)


def create_app(
    settings: Settings, api: httpx.AsyncClient | None = None, search: httpx.AsyncClient | None = None
) -> FastAPI:
    """Put the portal together; it asks the services with the clients given, or else with its own."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for name, given, base in (("api", api, settings.api_url), ("search", search, settings.search_url)):
                client = given or await stack.enter_async_context(
                    httpx.AsyncClient(base_url=base, timeout=settings.upstream_seconds)
                )
                setattr(app.state, name, client)
            yield

    app = FastAPI(title="Praxis portal", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    app.state.settings = settings
    app.state.reference = Reference()
    app.state.template_globals = TEMPLATE_GLOBALS
    app.state.workbooks = Workbooks()
    for router in routers():
        app.include_router(router)
    mimetypes.add_type("text/javascript", ".js")
    app.mount("/static", Kept(directory=STATIC), name="static")
    _add_operations(app, metrics)
    app.add_exception_handler(Refused, _on_refusal)
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(SignInFirst, _on_stranger)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_malformed)
    app.add_middleware(BoundedForm, most=settings.upload_bytes)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(guard.Guard, embed_ancestors=settings.embed_ancestors)
    observe.install(app, metrics, settings.log_sample)
    app.add_middleware(Head)
    return app


def _add_operations(app: FastAPI, metrics: Metrics) -> None:
    @app.get("/portal/healthz", include_in_schema=False)
    async def alive() -> dict[str, str]:
        """Alive: answers without waiting for anything."""
        return {"status": "ok"}

    @app.get("/portal/readyz", include_in_schema=False)
    async def ready(request: Request) -> Response:
        """Can serve: both services can."""
        troubles = []
        for client, path in ((request.app.state.api, "/api/readyz"), (request.app.state.search, "/search/readyz")):
            try:
                if not (await client.get(path)).is_success:
                    troubles.append(f"{path} is not ready")
            except httpx.HTTPError:
                troubles.append(f"{path} does not answer")
        return JSONResponse(
            {"status": "unavailable" if troubles else "ok", "troubles": troubles}, 503 if troubles else 200
        )

    @app.get("/portal/metrics", include_in_schema=False)
    async def counters() -> Response:
        return metrics.page()

    @app.get("/robots.txt", include_in_schema=False)
    async def robots() -> Response:
        return PlainTextResponse(
            "User-agent: *\nDisallow: /contribute\nDisallow: /desk\nDisallow: /embed/\nDisallow: /letters/\n"
            "Disallow: /readers/\nDisallow: /write\nDisallow: /follow\n"
        )


def _page(request: Request) -> Page:
    page: Page = getattr(request.state, "page", None) or Page(request)
    return page


async def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # noqa: S101 - it is registered for nothing else
    if error.status == 401:
        return await _on_stranger(request, error)
    template = "embed/error.html" if request.url.path.startswith(guard.EMBEDS) else "error.html"
    answer = _page(request).html(template, error.status, refusal=error)
    seconds = error.headers.get("retry-after", "")
    if seconds.isascii() and seconds.isdigit():
        answer.headers["Retry-After"] = seconds
    return answer


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101
    return await _on_refusal(request, Refused(error.status, error.detail, headers=error.headers))


async def _on_stranger(request: Request, error: Exception) -> Response:
    page = _page(request)
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    said = {"next": back if request.method == "GET" else None, "said": "ended" if page.token_ended else None}
    return page.redirect(url("/sign-in", said))


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    return await _on_refusal(request, Refused(error.status_code, str(error.detail)))


async def _on_malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    faults = [{"field": str(one["loc"][-1]), "message": str(one["msg"])} for one in error.errors()[:20]]
    return await _on_refusal(request, Refused(422, "A value in the address or the form is not as expected", faults))
