"""The api service: the system of record, put together from its rooms."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache, partial
from typing import Any

import httpx
from fastapi import APIRouter, Depends, FastAPI, Response
from fastapi_offline import FastAPIOffline
from prometheus_client import Gauge
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.types import Scope

from services.api.access import endpoints as access
from services.api.access import oidc_endpoints as oidc
from services.api.access.callers import audit_refusal
from services.api.authorities import endpoints as authorities
from services.api.authorities import service as authority_service
from services.api.changes import endpoints as changes
from services.api.changes import service as feed
from services.api.changes.watch import HeadWatcher
from services.api.claims import endpoints as claims
from services.api.directory import endpoints as directory
from services.api.exchange import downloads
from services.api.exchange import endpoints as exchange
from services.api.exchange.receiving import Receiver
from services.api.forms.types import RecordType
from services.api.kit.db import Database, Limits, schema_version
from services.api.kit.outages import said, unavailable
from services.api.letters import endpoints as letters
from services.api.letters.models import STATES
from services.api.letters.worker import Worker
from services.api.notices import endpoints as notices
from services.api.posting import STOPPERS, open_worker
from services.api.readers import endpoints as readers
from services.api.records import endpoints as records
from services.api.records import forms, publishing, questionnaires, revision_endpoints, steps, titles, workbooks
from services.api.records.of_authority import endpoints as records_of_authorities
from services.api.serving_readers import open_clerk
from services.api.settings import Settings
from services.api.signing_in import open_desk, open_elsewhere
from services.api.submissions import endpoints as submissions
from services.api.submissions import imports as submission_imports
from services.api.thesaurus import endpoints as thesaurus
from services.api.thesaurus.skos import MOST_BYTES
from services.api.types import TYPES
from services.api.vocabularies import endpoints as vocabularies
from services.api.vocabularies import service as vocabulary_service
from services.web import observe, problems
from services.web.answers import AnswerCache
from services.web.bounds import BoundedBody, RateLimit
from services.web.build import BUILD
from services.web.describing import describe_files, operation_id
from services.web.head import Head
from services.web.observe import Metrics
from services.web.parameters import declared_only

ABOUT = """The system of record: good practices of local authorities on migration and development, their authorities,
the vocabularies, and a change feed to mirror all of it. Reading what is public needs no key."""


ROOMS = (
    submission_imports,
    submissions,
    claims,
    exchange,
    questionnaires,
    titles,
    authorities,
    records_of_authorities,
    thesaurus,
    vocabularies,
    changes,
    directory,
    readers,
    access,
    oidc,
    notices,
    letters,
)
"""What has addresses, in the order in which they are looked at, beside the types of records."""


def open_database(settings: Settings) -> Database:
    """Open the database with the change feed attached."""
    limits = Limits(
        pool_size=settings.pool_size,
        pool_overflow=settings.pool_overflow,
        pool_timeout=settings.pool_timeout,
        connect_timeout=settings.connect_timeout,
        busy_timeout=settings.busy_timeout,
        statement_timeout=settings.statement_timeout,
        idle_timeout=settings.idle_timeout,
    )
    database = Database(settings.database_url, limits)
    database.before_commit.append(feed.number_changes)
    return database


def create_app(settings: Settings, search: httpx.AsyncClient | None = None) -> FastAPI:
    """Put the service together; it is ready once its database answers and has been migrated.

    Followed searches are asked by the client given, or else where the settings say.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await watcher.look()
        tasks = [asyncio.create_task(one.run()) for one in (watcher, worker, clerk)]
        yield
        watcher.close()
        worker.close()
        clerk.close()
        for task in tasks:
            with suppress(TimeoutError):  # what hangs is left to the end of the process
                await asyncio.wait_for(task, 1)
        database.close()

    database = open_database(settings)
    watcher = HeadWatcher(database, most_waiters=settings.most_waiters, prepare=prepare)
    worker = open_worker(settings, database)
    desk = open_desk(settings, database)
    clerk = open_clerk(settings, database, search)
    metrics = Metrics()
    app = FastAPIOffline(
        generate_unique_id_function=operation_id,
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
    app.state.public_url = settings.public_url
    app.state.watcher = watcher
    app.state.writes = RateLimit(settings.writes_per_minute)
    app.state.receiver = Receiver(settings.max_import_records)
    app.state.sender = downloads.Sender(settings.max_import_records)
    app.state.desk = desk
    app.state.letters = worker
    app.state.stoppers = STOPPERS
    app.state.clerk = clerk
    app.state.asks = RateLimit(settings.asks_per_place, daily=True)
    app.state.elsewhere = open_elsewhere(settings, desk)
    for room in ROOMS:
        app.include_router(room.router)
    for type in TYPES.values():
        app.include_router(_router_of(type))
    _add_operations(app, metrics, worker)
    problems.install(app)
    _describe_keys(app)
    describe_files(app)
    _answer_for_databases(app)
    _keep_refusals(app)
    larger = {
        "/api/v1/submissions/import": settings.max_workbook_bytes,
        exchange.IMPORTS: settings.max_import_bytes,
        thesaurus.IMPORT: MOST_BYTES,
    }
    app.add_middleware(BoundedBody, most=settings.max_body_bytes, larger=larger)
    observe.install(app, metrics, settings.log_sample)
    app.add_middleware(
        AnswerCache,
        generation=lambda: f"{watcher.mark}.{BUILD}" if watcher.mark else None,
        cacheable=partial(_cacheable, feed=not database.shared),
        max_bytes=settings.answer_cache_bytes,
        on_hit=metrics.cached.inc,
    )
    app.add_middleware(Head)
    return app


@cache
def _router_of(type: RecordType) -> APIRouter:
    """Return the addresses of a type; reading their parameters is most of what a start costs, and is done once."""
    routes = APIRouter()
    routes.include_router(downloads.router(type))
    routes.include_router(workbooks.router(type))
    routes.include_router(steps.router(type))
    routes.include_router(claims.router_of(type))
    routes.include_router(records.router(type))
    routes.include_router(revision_endpoints.router(type))
    return routes


def _cacheable(scope: Scope, feed: bool) -> bool:
    """Tell whether an answer depends on public records and the address alone.

    `feed` tells whether the change feed may be kept: beside other processes an answer kept for a moment would show a
    reader who goes from one to another a head that lies before its cursor, which means a restored base.
    """
    path: str = scope["path"]
    if path.startswith("/api/v1/changes") and not feed:
        return False
    if path.startswith(oidc.router.prefix):
        return False
    return path.startswith("/api/v1/") and b"wait=" not in scope["query_string"]


SCHEMA = "0012"
"""The newest migration, which this version needs; a newer database is one that it is about to be replaced for."""


OF_THIS_VERSION = (vocabulary_service, forms)
"""Rooms whose records in the feed come with the version, not from the base."""


def prepare(database: Database) -> None:
    """Bring the feed in line with this version: its vocabularies and forms, and records that another version rendered.

    Raise 503 while the database has not been migrated.
    """
    with database.transaction(write=False) as session:
        if (found := schema_version(session)) == "none" or found < SCHEMA:
            raise problems.Unavailable(f"The database is at migration {found}, not {SCHEMA}: run `praxis migrate`")
        stale = [room for room in OF_THIS_VERSION if room.stale(session)]
    for room in stale:
        with database.transaction() as session:
            room.publish(session)
    bring_up_to_date(database)


AT_ONCE = 500
"""Records that are rendered anew in one transaction, so that other writers need not wait for all."""


def bring_up_to_date(database: Database) -> None:
    """Publish anew the authorities and records that another version rendered."""
    for room in (authority_service, publishing):
        with database.transaction(write=False) as session:
            left = room.rendered_otherwise(session)
        while left:
            with database.transaction() as session:
                left = room.bring_up_to_date(session, AT_ONCE) == AT_ONCE


def _add_operations(app: FastAPI, metrics: Metrics, worker: Worker) -> None:
    """Add what operators ask: alive, ready, metrics."""
    letters_kept = Gauge("praxis_letters", "Letters in the outbox", ["state"], registry=metrics.registry)

    @app.get("/api/healthz", tags=["operations"], responses=problems.responses())
    async def read_health() -> dict[str, str]:
        """Alive: answers without waiting for anything."""
        return {"status": "ok"}

    @app.get("/api/readyz", tags=["operations"], responses=problems.responses())
    async def read_readiness() -> dict[str, Any]:
        """Can serve: the database answers and has been migrated."""
        watcher: HeadWatcher = app.state.watcher
        if watcher.mark is None or watcher.trouble:
            raise problems.Unavailable(watcher.trouble or "The database does not answer")
        return {"status": "ok", "epoch": watcher.mark.epoch, "head": watcher.mark.seq}

    @app.get("/api/metrics", tags=["operations"], include_in_schema=False)
    async def counters() -> Response:
        for state in STATES:
            letters_kept.labels(state).set(worker.counts.get(state, 0))
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
    """Answer 503 while the database cannot do its part; other database errors are our own faults."""

    @app.exception_handler(SQLAlchemyError)
    async def on_database_error(request: Request, error: SQLAlchemyError) -> Response:
        reason = unavailable(error)
        if reason is None:
            raise error
        observe.log.error("database unavailable", reason=reason, cause=said(error))
        return problems.answer(request, problems.Unavailable(reason, retry_after=2))
