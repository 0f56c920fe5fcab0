"""Request ids, structured logs and Prometheus metrics, as one ASGI layer around a service."""

import logging
import re
import secrets
import sys
import time

import structlog
from fastapi import FastAPI
from fastapi.responses import Response
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.web.problems import problem_response

_SAFE_ID = re.compile(rb"^[A-Za-z0-9._-]{1,64}$")

log = structlog.get_logger("praxis")


def configure_logging(level: str = "INFO", json_lines: bool = True) -> None:
    """Write structured lines to standard error: JSON for machines, or plain text for a terminal."""
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if json_lines
        # The default shows local variables with an exception: callers' keys would be among them.
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )


class Metrics:
    """The counters of one service; `registry` takes the service's own as well."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "praxis_requests_total", "Requests answered", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "praxis_request_seconds", "Time to answer, cached answers excepted", ["route"], registry=self.registry
        )
        self.cached = Counter("praxis_cached_answers_total", "Answers given from the cache", registry=self.registry)

    def page(self) -> Response:
        """Render the counters for Prometheus."""
        return Response(generate_latest(self.registry), media_type="text/plain; version=0.0.4; charset=utf-8")


class Observe:
    """Gives each request an id, counts and times it, logs one in `sample`, and turns a crash into a plain 500.

    Headers that are known only after the response was made, such as those of its transaction, are added from the
    scope's `late_headers`.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, sample: int = 100) -> None:
        self.app = app
        self.metrics = metrics
        self.sample = max(1, sample)
        self._seen = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        request_id = given.decode() if _SAFE_ID.match(given) else secrets.token_hex(8)
        scope["request_id"] = request_id
        started = time.perf_counter()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    *scope.get("late_headers", ()),
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_id)
            except Exception:
                log.exception("request failed", method=scope["method"], path=scope["path"])
                if status:
                    raise
                crash = problem_response(500, f"Something failed here; quote {request_id}", request_id=request_id)
                await crash(scope, receive, send_with_id)
            finally:
                self._count(scope, status, time.perf_counter() - started)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unrouted")
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self.metrics.requests.labels(method, route, str(status)).inc()
        self.metrics.seconds.labels(route).observe(seconds)
        self._seen += 1
        if status == 500 or self._seen % self.sample == 0:
            log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


def install(app: FastAPI, metrics: Metrics, sample: int) -> None:
    """Put the layer around an app."""
    app.add_middleware(Observe, metrics=metrics, sample=sample)
