"""The metrics: what Prometheus scrapes at /metrics (App document 6.5)."""

from __future__ import annotations

from time import perf_counter

from fastapi import APIRouter, Request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

router = APIRouter()

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNCOUNTED = frozenset({"/health/live", "/health/ready", "/health/startup", "/metrics"})
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60)
"""Seconds; they reach beyond the longest deadline, so that a timeout is told from a slow success."""


# --8<-- [start:define]
class Metrics:
    """One registry of its own, so that a second app in the process (a test, a reload) does not clash."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        # RED: rate and errors are both in the counter, duration is the histogram.
        self.requests = Counter(
            "http_requests_total", "Requests answered.", ["method", "route", "status"], registry=registry
        )
        self.duration = Histogram(
            "http_request_duration_seconds", "Time to answer.", ["method", "route"], buckets=BUCKETS, registry=registry
        )
        # USE: how full, how much waits, what is broken.
        self.in_flight = Gauge("http_requests_in_flight", "Requests being worked on.", registry=registry)
        self.memory_working_set = Gauge(
            "memory_working_set_bytes", "Memory of the container that cannot be reclaimed.", registry=registry
        )
        self.memory_limit = Gauge(
            "memory_limit_bytes", "Memory the container may use; +Inf without a limit.", registry=registry
        )
        self.connection_up = Gauge("connection_up", "1 while the dependency answers.", ["name"], registry=registry)
        self.self_check = Gauge("self_check_ok", "1 while the app finds its state sound.", ["name"], registry=registry)


# --8<-- [end:define]


# --8<-- [start:record]
class Record:
    """Counts every request by its route's template: a path that a caller invents makes no new series."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count and time the request; one that raised counts as 500, even if its answer had begun."""
        if scope["type"] != "http" or scope["path"] in UNCOUNTED:
            return await self._app(scope, receive, send)
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        begun = perf_counter()
        try:
            with self._metrics.in_flight.track_inprogress():
                await self._app(scope, receive, watched)
        except BaseException:
            status = 500
            raise
        finally:
            method = scope["method"] if scope["method"] in METHODS else "OTHER"
            route = getattr(scope.get("route"), "path", "unmatched")
            self._metrics.requests.labels(method, route, str(status)).inc()
            self._metrics.duration.labels(method, route).observe(perf_counter() - begun)


# --8<-- [end:record]


# --8<-- [start:endpoint]
@router.get("/metrics")
async def endpoint(request: Request) -> Response:
    """Everything in the text format of Prometheus; the state of the connections is as fresh as in `ready`."""
    await request.app.state.health.results()
    return Response(generate_latest(request.app.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)


# --8<-- [end:endpoint]
