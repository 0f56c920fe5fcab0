"""The api service: the system of record, put together from its rooms."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import Depends, FastAPI, Response
from fastapi_offline import FastAPIOffline
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import Scope

from services.api.access.callers import audit_refusal
from services.api.authorities import endpoints as authorities
from services.api.changes import endpoints as changes
from services.api.changes import service as feed
from services.api.changes.watch import HeadWatcher
from services.api.kit.db import Database
from services.api.practices import endpoints as practices
from services.api.settings import Settings
from services.api.vocabularies import endpoints as vocabularies
from services.api.vocabularies import service as vocabulary_service
from services.web import observe, problems
from services.web.answers import AnswerCache
from services.web.bounds import BoundedBody, RateLimit
from services.web.build import BUILD
from services.web.observe import Metrics
from services.web.parameters import declared_only

ABOUT = """The system of record: good practices of local authorities on migration and development, their authorities,
the vocabularies, and a change feed to mirror all of it. Reading what is public needs no key."""


def open_database(settings: Settings) -> Database:
    """Open the database with the change feed attached."""
    database = Database(settings.database_url, pool_size=settings.pool_size, busy_timeout=settings.busy_timeout)
    database.before_commit.append(feed.number_changes)
    return database


def create_app(settings: Settings) -> FastAPI:
    """Put the service together; its database must have been migrated."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(_publish_vocabularies, database)
        watching = asyncio.create_task(watcher.run())
        yield
        watcher.close()
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        database.close()

    database = open_database(settings)
    watcher = HeadWatcher(database, most_waiters=settings.most_waiters)
    metrics = Metrics()
    app = FastAPIOffline(
        title="Praxis api",
        version="1",
        description=ABOUT,
        lifespan=lifespan,
        dependencies=[Depends(declared_only)],
        openapi_url="/api/openapi.json",
        docs_url="/api/docs",
        redoc_url=None,
        static_url="/api/docs/static",
        swagger_ui_oauth2_redirect_url="/api/docs/oauth2-redirect",
    )
    app.state.database = database
    app.state.watcher = watcher
    app.state.writes = RateLimit(settings.writes_per_minute)
    app.state.refusals = RateLimit(settings.refusals_per_minute)
    for room in (practices, authorities, vocabularies, changes):
        app.include_router(room.router)
    _add_operations(app, metrics)
    problems.install(app)
    _describe_keys(app)
    _answer_for_databases(app)
    _keep_refusals(app)
    app.add_middleware(BoundedBody, most=settings.max_body_bytes)
    observe.install(app, metrics, settings.log_sample)
    app.add_middleware(
        AnswerCache,
        generation=lambda: f"{watcher.mark}.{BUILD}" if watcher.mark else None,
        cacheable=_cacheable,
        max_bytes=settings.answer_cache_bytes,
        on_hit=metrics.cached.inc,
    )
    return app


def _cacheable(scope: Scope) -> bool:
    """Tell whether an answer depends on public records and the address alone."""
    return scope["path"].startswith("/api/v1/") and b"wait=" not in scope["query_string"]


def _publish_vocabularies(database: Database) -> None:
    with database.transaction(write=False) as session:
        stale = vocabulary_service.stale(session)
    if stale:
        with database.transaction() as session:
            vocabulary_service.publish(session)


def _add_operations(app: FastAPI, metrics: Metrics) -> None:
    """Add what operators ask: alive, ready, metrics."""

    @app.get("/api/healthz", tags=["operations"], responses=problems.responses())
    async def alive() -> dict[str, str]:
        """Alive: answers without waiting for anything."""
        return {"status": "ok"}

    @app.get("/api/readyz", tags=["operations"], responses=problems.responses())
    async def ready() -> dict[str, Any]:
        """Can serve: the database answers."""
        watcher: HeadWatcher = app.state.watcher
        if watcher.mark is None:
            raise problems.Unavailable("The database does not answer")
        return {"status": "ok", "epoch": watcher.mark.epoch, "head": watcher.mark.seq}

    @app.get("/api/metrics", tags=["operations"], include_in_schema=False)
    async def counters() -> Response:
        return metrics.page()


def _describe_keys(app: FastAPI) -> None:
    """Say in the OpenAPI document that reads take a key and need none."""
    described = app.openapi

    def openapi() -> dict[str, Any]:
        document = described()
        for operations in document["paths"].values():
            if "security" in operations.get("get", {}):
                operations["get"]["security"] = [{}, {"HTTPBearer": []}]
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document


def _keep_refusals(app: FastAPI) -> None:
    """Audit every write that was refused to a caller with a valid key."""

    @app.exception_handler(problems.Forbidden)
    def on_forbidden(request: Request, error: problems.Forbidden) -> Response:
        audit_refusal(request)
        return problems.answer(request, error)


def _answer_for_databases(app: FastAPI) -> None:
    """Answer 503 while the database is away or locked for too long; other database errors are our own faults."""

    @app.exception_handler(OperationalError)
    async def on_database_away(request: Request, error: OperationalError) -> Response:
        observe.log.error("database unavailable", error=str(error.orig)[:200])
        return problems.problem_response(
            503,
            "The database does not answer",
            request_id=request.scope.get("request_id"),
            headers={"Retry-After": "2"},
        )
