"""The search service: a projection of the api's public records that answers faceted questions."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI, Request, Response
from fastapi_offline import FastAPIOffline
from prometheus_client import Gauge
from starlette.types import Scope

from services.search import endpoints, shown
from services.search.engines.base import EngineUnavailable, type_and_id
from services.search.labels import Labels
from services.search.node import Node
from services.search.parameters import with_values
from services.search.schemas import AliveRead, ReadyRead
from services.search.settings import Settings
from services.web import observe, problems
from services.web.answers import keep_answers
from services.web.describing import operation_id
from services.web.observe import Metrics

ABOUT = """Finds records by words and facets, in every language that they exist in. It holds nothing of its own: it
follows the api's public change feed. No key is needed."""

MOST_REFUSED_SHOWN = 100


def create_app(settings: Settings, client: httpx.AsyncClient | None = None) -> FastAPI:
    """Put the service together; it reads the feed with the client given, or else with one of its own."""
    node, metrics = Node(settings), Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await node.start(client if client is not None else await stack.enter_async_context(httpx.AsyncClient()))
            stack.push_async_callback(node.stop)
            yield

    app = FastAPIOffline(
        generate_unique_id_function=operation_id,
        title="Praxis search",
        version="1",
        description=ABOUT,
        lifespan=lifespan,
        openapi_url="/search/openapi.json",
        docs_url="/search/docs",
        redoc_url=None,
        static_url="/search/docs/static",
        swagger_ui_oauth2_redirect_url="/search/docs/oauth2-redirect",
    )
    app.state.node = node
    app.include_router(endpoints.router)
    _add_operations(app, node, metrics)
    problems.install(app)
    _describe(app, node)
    _gauge(node, metrics)
    app.add_exception_handler(EngineUnavailable, _on_engine_away)
    observe.install(app, metrics, settings.log_sample)
    keep_answers(app, node.generation, _cacheable, settings.answer_cache_bytes, metrics.cached.inc)
    return app


def _cacheable(scope: Scope) -> bool:
    path: str = scope["path"]
    return path.startswith("/search/v1/")


def _add_operations(app: FastAPI, node: Node, metrics: Metrics) -> None:
    """Add what operators ask: alive, ready, metrics."""

    @app.get("/search/healthz", tags=["operations"], response_model=AliveRead, responses=problems.responses())
    async def read_health() -> dict[str, str]:
        """Alive: answers without waiting for anything."""
        return {"status": "ok"}

    @app.get("/search/readyz", tags=["operations"], response_model=ReadyRead, responses=problems.responses())
    async def read_readiness() -> dict[str, Any]:
        """Can serve: there is an index to answer from; and what keeps it from being up to date."""
        upkeep = node.upkeep
        if (absence := node.absence) is not None:
            reasons = [reason for reason in (upkeep.rebuilding, upkeep.trouble) if reason and reason != absence]
            raise problems.Unavailable("; ".join([absence, *reasons]))
        refused = [(*type_and_id(key), reason) for key, reason in [*upkeep.refused.items()][:MOST_REFUSED_SHOWN]]
        return {
            "status": "ok",
            "index": shown.index(node.engine.generation(), node.engine.name),
            "head": upkeep.head,
            "rebuilding": upkeep.rebuilding,
            "troubles": [trouble for trouble in (upkeep.trouble, node.engine.lack) if trouble],
            "refused": [{"type": type, "id": id, "reason": reason} for type, id, reason in refused],
        }

    @app.get("/search/metrics", tags=["operations"], include_in_schema=False)
    async def counters() -> Response:
        return metrics.page()


def _gauge(node: Node, metrics: Metrics) -> None:
    """Let Prometheus see how far the index is."""

    def gauge(name: str, help: str, read: Callable[[], float]) -> None:
        Gauge(name, help, registry=metrics.registry).set_function(lambda: read() if node.running else 0)

    gauge("praxis_search_seq", "Number of the last change applied", lambda: node.engine.generation().seq)
    gauge("praxis_search_head", "Last number of the feed seen", lambda: node.upkeep.head or 0)
    gauge("praxis_search_answering", "Whether there is an index to answer from", lambda: node.absence is None)
    gauge("praxis_search_following", "Whether the feed can be followed", lambda: node.upkeep.trouble is None)
    gauge("praxis_search_rebuilding", "Whether an index is being built", lambda: bool(node.upkeep.rebuilding))
    gauge("praxis_search_rebuilds", "Indexes built and swapped in since the start", lambda: node.upkeep.rebuilds)
    gauge("praxis_search_refused", "Records that could not be indexed", lambda: len(node.upkeep.refused))
    gauge("praxis_search_busy", "Searches running or waiting for a thread", lambda: node.searchers.busy)


def _describe(app: FastAPI, node: Node) -> None:
    """Let OpenAPI list the facet values that the index knows, once it does."""
    plain = app.openapi
    made: tuple[Labels | None, dict[str, Any]] = (None, {})

    def openapi() -> dict[str, Any]:
        nonlocal made
        labels = node.labels
        if labels is not made[0]:
            made = (labels, with_values(plain(), labels))
        return made[1]

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document


async def _on_engine_away(request: Request, error: Exception) -> Response:
    return problems.problem_response(
        503,
        "The search engine does not answer",
        request_id=request.scope.get("request_id"),
        headers={"Retry-After": "2"},
    )
